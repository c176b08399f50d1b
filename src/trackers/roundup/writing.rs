//! Writing: messages are added and linked, and of an issue only its status is changed.

use std::time::Duration;

use serde_json::{Value, json};

use super::connector::RoundupTracker;
use super::read;
use crate::trackers::tracker::name_once;
use crate::trackers::transport::{Request, Written};
use crate::trackers::{Appended, ItemId, ItemStatus, NewItem, Opened, TrackerError};

/// How often a change is tried when others change the same issue.
const TRIES: u32 = 5;

impl RoundupTracker {
    /// Writes a message that belongs to nothing yet.
    async fn write_message(&self, text: &str) -> Result<Written, TrackerError> {
        let body = json!({ "content": text, "author": self.own().await?.id });
        self.transport.write("msg", &Request::post(&["rest", "data", "msg"], body)).await
    }

    pub(super) async fn opened(&self, new: &NewItem) -> Result<Opened, TrackerError> {
        let message = match self.write_message(&new.text).await?.appended(id) {
            Appended::Stored { remote } => remote,
            Appended::Accepted => return Ok(Opened::Unknown { why: "it has no id".to_owned() }),
            Appended::Rejected { why } => return Ok(Opened::Rejected { why }),
            Appended::Unknown { why } => return Ok(Opened::Unknown { why }),
        };
        let body = json!({ "title": new.title, "messages": [message] });
        let request = Request::post(&["rest", "data", "issue"], body);
        let written = self.transport.write("new", &request).await?;
        Ok(written.opened(|json| id(json).map(ItemId::from)))
    }

    pub(super) async fn appended(
        &self,
        item: &ItemId,
        text: &str,
    ) -> Result<Appended, TrackerError> {
        // An issue that is not there is told before anything is written.
        self.read_issue(item).await?;
        let remote = match self.write_message(text).await?.appended(id) {
            Appended::Stored { remote } => remote,
            other => return Ok(other),
        };
        let body = json!({ "@op": "add", "messages": [remote] });
        Ok(self.change(item, body).await?.appended(|_| Some(remote)))
    }

    /// Changes an issue in its latest version, again if somebody else was faster.
    async fn change(&self, item: &ItemId, body: Value) -> Result<Written, TrackerError> {
        let path = ["rest", "data", "issue", item.as_str()];
        for _ in 1..TRIES {
            let (_, etag) = self.read_issue(item).await?;
            let request = Request::patch(&path, body.clone()).header("if-match", etag);
            match self.transport.write(item.as_str(), &request).await {
                // Somebody else was faster (412), or is at it (409).
                Ok(Written::Rejected { status: 412, .. })
                | Err(TrackerError::Throttled { retry_after: Some(Duration::ZERO) }) => {}
                written => return written,
            }
        }
        Err(TrackerError::Throttled { retry_after: None })
    }

    pub(super) async fn stands(
        &self,
        item: &ItemId,
        status: ItemStatus,
    ) -> Result<(), TrackerError> {
        let (issue, _) = self.read_issue(item).await?;
        let statuses = self.statuses().await?;
        let now = read::word(&issue, "status").unwrap_or_default();
        if statuses.status(&now) == status {
            return Ok(());
        }
        let id = statuses.id(status).ok_or_else(|| {
            let why = format!("it has no status that means {}", status.word());
            TrackerError::Refused { why }
        })?;
        self.change(item, json!({ "status": id })).await?.done()?;
        Ok(())
    }

    pub(super) async fn related(
        &self,
        item: &ItemId,
        title: &str,
        url: &str,
    ) -> Result<(), TrackerError> {
        let title = title.replace(['\n', '\r'], " ");
        let text = format!("Related: {title} {url}");
        name_once(self, (self.own().await?, item), (&text, url)).await
    }
}

fn id(json: &Value) -> Option<String> {
    Some(json.pointer("/data/id")?.as_str()?.to_owned())
}
