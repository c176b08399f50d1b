//! Writing: issues and comments are added, and of an issue only where it stands is changed.

use serde_json::json;

use super::connector::GithubTracker;
use super::mentions::quiet;
use crate::trackers::tracker::name_once;
use crate::trackers::transport::Request;
use crate::trackers::{Appended, ItemId, ItemStatus, NewItem, Opened, TrackerError};

/// The lock under which issues are opened.
const NEW: &str = "new";

impl GithubTracker {
    pub(super) async fn opened(&self, new: &NewItem) -> Result<Opened, TrackerError> {
        if let Some(why) = self.known().await?.refuses(self.visibility) {
            return Ok(Opened::Rejected { why });
        }
        let mut body = json!({ "title": new.title, "body": quiet(&new.text) });
        if let (false, Some(body)) = (self.labels.is_empty(), body.as_object_mut()) {
            body.insert("labels".to_owned(), json!(self.labels));
        }
        let request = Request::post(&self.path(&["issues"]), body);
        let written = self.transport.write(NEW, &request).await?;
        Ok(written.opened(|json| Some(json.get("number")?.as_u64()?.to_string().into())))
    }

    pub(super) async fn appended(
        &self,
        item: &ItemId,
        text: &str,
    ) -> Result<Appended, TrackerError> {
        if let Some(why) = self.known().await?.refuses(self.visibility) {
            return Ok(Appended::Rejected { why });
        }
        let path = self.issue(item, &["comments"])?;
        let request = Request::post(&path, json!({ "body": quiet(text) }));
        let written = self.transport.write(item.as_str(), &request).await?;
        Ok(written.appended(|json| Some(json.get("id")?.as_u64()?.to_string())))
    }

    pub(super) async fn stands(
        &self,
        item: &ItemId,
        status: ItemStatus,
    ) -> Result<(), TrackerError> {
        let body = match status {
            ItemStatus::Closed => json!({ "state": "closed", "state_reason": "completed" }),
            ItemStatus::Open => json!({ "state": "open", "state_reason": "reopened" }),
        };
        let request = Request::patch(&self.issue(item, &[])?, body);
        self.transport.write(item.as_str(), &request).await?.done()?;
        Ok(())
    }

    /// A comment that names the address: GitHub itself shows it on both sides, and nothing is moved below
    /// anything else, as it would be with its own sub-issues.
    pub(super) async fn related(
        &self,
        item: &ItemId,
        title: &str,
        url: &str,
    ) -> Result<(), TrackerError> {
        // In code marks a title mentions nobody.
        let title = title.replace(['`', '\n', '\r'], " ");
        let text = format!("Related: `{title}` {url}");
        name_once(self, (&self.own().await?, item), (&text, url)).await
    }
}
