//! Reading issues and their messages.

use serde_json::Value;

use super::connector::{RoundupTracker, list};
use super::read;
use crate::trackers::transport::Request;
use crate::trackers::{Cursor, Item, ItemId, Native, Page, Probe, TrackerError};

/// How many things a page has.
const PAGE: usize = 100;

impl RoundupTracker {
    pub(super) async fn asked_who_we_are(&self) -> Result<Probe, TrackerError> {
        let account = self.own().await?.clone();
        let reply = self.transport.read(&list("issue", "title").query("@page_size", "1")).await?;
        let skew = reply.date.map(|there| there.duration_since(self.clock.now()));
        let is_sandbox = self.transport.is_sandbox();
        Ok(Probe { skew, is_sandbox, ..Probe::of(account) })
    }

    pub(super) async fn read_items(&self, from: &Cursor) -> Result<Page<Item>, TrackerError> {
        let page: usize = match from.as_str() {
            "" => 1,
            text => text.parse().map_err(|_| unread("the place where reading goes on"))?,
        };
        let statuses = self.statuses().await?;
        let request = list("issue", "title,status,creator,creation,activity,messages")
            .query("@sort", "id")
            .query("@page_size", PAGE.to_string())
            .query("@page_index", page.to_string());
        let reply = self.transport.read(&request).await?;
        let rows = read::collection(&reply.json);
        let first = |raw: &Value| read::messages(raw).first().copied();
        let texts = self.read_messages(&rows.iter().filter_map(first).collect::<Vec<_>>()).await?;
        let text_of = |raw: &Value| {
            let id = first(raw)?.to_string();
            texts.iter().find(|text| read::word(text, "id").as_ref() == Some(&id))
        };
        let found = rows.iter().filter_map(|raw| read::item(raw, text_of(raw), statuses)).collect();
        let complete = rows.len() < PAGE;
        // Any issue may change at any time: the next reading begins at the first one again.
        let next = if complete { String::new() } else { (page + 1).to_string() };
        Ok(Page { found, next: next.into(), complete, unread: Vec::new() })
    }

    pub(super) async fn read_entries(
        &self,
        item: &ItemId,
        from: &Cursor,
    ) -> Result<Page<Native>, TrackerError> {
        let after: usize = match from.as_str() {
            "" => 0,
            text => text.parse().map_err(|_| unread("the place where reading goes on"))?,
        };
        let (issue, _) = self.read_issue(item).await?;
        // The first is the issue's own text. All of them are read every time: a message is linked after
        // it was written, so a higher number says nothing.
        let ids: Vec<u64> = read::messages(&issue).into_iter().skip(1 + after).collect();
        let some = ids.get(..PAGE.min(ids.len())).unwrap_or_default();
        let texts = self.read_messages(some).await?;
        let complete = some.len() == ids.len();
        let next = if complete { String::new() } else { (after + some.len()).to_string() };
        let found = texts.iter().filter_map(read::message).collect();
        Ok(Page { found, next: next.into(), complete, unread: Vec::new() })
    }

    async fn read_messages(&self, ids: &[u64]) -> Result<Vec<Value>, TrackerError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let request = list("msg", "content,creator,creation,activity").query("@sort", "id");
        let request = ids.iter().fold(request, |request, id| request.query("id", id.to_string()));
        let reply = self.transport.read(&request).await?;
        Ok(read::collection(&reply.json).to_vec())
    }

    /// An issue and its version.
    pub(super) async fn read_issue(&self, item: &ItemId) -> Result<(Value, String), TrackerError> {
        let request = Request::get(&["rest", "data", "issue", item.as_str()])
            .query("@verbose", "0")
            .query("@protected", "true");
        let reply = self.transport.read(&request).await?;
        let etag = reply.etag.ok_or_else(|| unread("the version of an issue"))?;
        let issue = reply.json.pointer("/data/attributes");
        Ok((issue.cloned().ok_or_else(|| unread("an issue"))?, etag))
    }
}

fn unread(what: &str) -> TrackerError {
    TrackerError::Broken { why: format!("{what} cannot be read") }
}
