//! Reading issues, their comments, and what happened to them otherwise.

use std::sync::atomic::Ordering;

use serde_json::Value;

use super::connector::GithubTracker;
use super::place::{self, EntriesPlace, IssuesPlace};
use super::read;
use super::repository::Repository;
use crate::settings::Visibility;
use crate::trackers::transport::{Reply, Request};
use crate::trackers::{Item, ItemId, Native, Page, Probe, TrackerError};

/// How many things a page has; the most that GitHub gives.
const PAGE: usize = 100;

/// How many comments' reactions one reading asks for: each costs a request, and all that they hold is signs.
const MOST_REACTED: u32 = 50;

impl GithubTracker {
    pub(super) async fn asked_who_we_are(&self) -> Result<Probe, TrackerError> {
        let account = self.own().await?.clone();
        let reply = self.transport.read(&Request::get(&self.path(&[]))).await?;
        let repository = Repository::read(&reply.json);
        let skew = reply.date.map(|there| there.duration_since(self.clock.now()));
        let traps = repository.traps(self.visibility, &self.labels);
        // Rights can hide issues alone: one page of them shows whether they do.
        self.read_items(IssuesPlace::default(), &self.labels).await?;
        let access = repository.access;
        Ok(Probe { access, skew, traps, ..Probe::of(account) })
    }

    /// Issues in the order of their changes. Each page begins at the moment of the last issue before: an
    /// issue that changes meanwhile moves to the end, and page numbers would skip another for it.
    pub(super) async fn read_items(
        &self,
        mut place: IssuesPlace,
        labels: &[String],
    ) -> Result<Page<Item>, TrackerError> {
        let mut request = Request::get(&self.path(&["issues"]))
            .query("state", "all")
            .query("sort", "updated")
            .query("direction", "asc")
            .query("per_page", PAGE.to_string())
            .query("page", (place.pages + 1).to_string());
        if let Some(since) = place.since {
            request = request.query("since", since.to_string());
        }
        if !labels.is_empty() {
            request = request.query("labels", labels.join(","));
        }
        let reply = self.transport.read(&request).await?;
        let rows = rows(&reply.json)?;
        match rows.last().and_then(read::changed) {
            Some(last) if place.since.is_none_or(|since| last > since) => {
                place = IssuesPlace { since: Some(last), pages: 0 };
            }
            Some(_) if rows.len() >= PAGE => place.pages += 1,
            Some(_) | None => place.pages = 0,
        }
        let complete = rows.len() < PAGE;
        Ok(Page {
            found: rows.iter().filter_map(read::item).collect(),
            next: place::write(&place)?,
            complete,
        })
    }

    pub(super) async fn read_entries(
        &self,
        item: &ItemId,
        place: EntriesPlace,
    ) -> Result<Page<Native>, TrackerError> {
        let visibility = self.known().await?.visibility;
        if place.past_comments {
            self.read_events(item, place, visibility).await
        } else {
            let (mut found, rows, mut place) = self.read_comments(item, place, visibility).await?;
            found.extend(self.read_reacted(&rows, &mut place, visibility).await?);
            Ok(Page { found, next: place::write(&place)?, complete: false })
        }
    }

    fn comments_request(
        &self,
        item: &ItemId,
        place: &EntriesPlace,
    ) -> Result<Request, TrackerError> {
        let path = self.issue(item, &["comments"])?;
        let request = Request::get(&path)
            .query("per_page", PAGE.to_string())
            .query("page", (place.comment_pages + 1).to_string())
            // The repository was asked for just now: a redirect means that the issue was transferred.
            .of_one_thing();
        Ok(match place.since {
            Some(since) => request.query("since", since.to_string()),
            None => request,
        })
    }

    /// One page of comments, as they are understood and as they came, and where to go on.
    async fn read_comments(
        &self,
        item: &ItemId,
        mut place: EntriesPlace,
        visibility: Visibility,
    ) -> Result<(Vec<Native>, Vec<Value>, EntriesPlace), TrackerError> {
        let request = self.comments_request(item, &place)?;
        let reply = self.transport.read(&request).await?;
        let rows = rows(&reply.json)?;
        place.began = place.began.or(reply.date);
        place.newest = place.newest.max(rows.iter().filter_map(read::changed).max());
        place.past_comments = !has_more(&reply, rows);
        place.comment_pages += 1;
        let found = rows.iter().filter_map(|raw| read::comment(raw, visibility)).collect();
        Ok((found, rows.to_vec(), place))
    }

    /// The reactions to comments, of so many comments in one reading.
    async fn read_reacted(
        &self,
        comments: &[Value],
        place: &mut EntriesPlace,
        visibility: Visibility,
    ) -> Result<Vec<Native>, TrackerError> {
        let mut found = Vec::new();
        for raw in comments.iter().filter(|raw| read::reactions(raw) > 0) {
            let Some(id) = raw.get("id").and_then(Value::as_u64) else { continue };
            if place.reacted >= MOST_REACTED {
                tracing::debug!(MOST_REACTED, "there are more reactions than are asked for");
                break;
            }
            place.reacted += 1;
            let id = id.to_string();
            let path = self.path(&["issues", "comments", &id, "reactions"]);
            found.extend(self.read_reactions(&path, (Some(&id), visibility)).await?);
        }
        Ok(found)
    }

    /// Looks through the comments alone: nothing else that happens to an issue holds a text of ours, and no
    /// reaction does.
    pub(super) async fn found(
        &self,
        item: &ItemId,
        words: &str,
    ) -> Result<Vec<Native>, TrackerError> {
        let (mut found, mut place) = (Vec::new(), EntriesPlace::default());
        let visibility = self.known().await?.visibility;
        while !place.past_comments {
            let (page, _, next) = self.read_comments(item, place, visibility).await?;
            place = next;
            found.extend(page.into_iter().filter(|it| it.text.for_storage().contains(words)));
        }
        Ok(found)
    }

    async fn read_reactions(
        &self,
        path: &[&str],
        (to, visibility): (Option<&str>, Visibility),
    ) -> Result<Vec<Native>, TrackerError> {
        let request = Request::get(path).query("per_page", PAGE.to_string());
        let reply = match self.transport.read(&request).await {
            // What it was to is gone, or a server of one's own has none.
            Err(TrackerError::NotFound { .. }) => return Ok(Vec::new()),
            reply => reply?,
        };
        let rows = rows(&reply.json)?.iter();
        Ok(rows.filter_map(|raw| read::reaction(raw, to, visibility)).collect())
    }

    async fn read_events(
        &self,
        item: &ItemId,
        mut place: EntriesPlace,
        visibility: Visibility,
    ) -> Result<Page<Native>, TrackerError> {
        let path = self.issue(item, &["timeline"])?;
        let request = Request::get(&path)
            .query("per_page", PAGE.to_string())
            .query("page", (place.full_pages + 1).to_string())
            .of_one_thing();
        let reply = self.transport.read(&request).await?;
        let events = rows(&reply.json)?;
        let mut found: Vec<Native> =
            events.iter().filter_map(|raw| read::event(raw, visibility)).collect();
        let complete = !has_more(&reply, events);
        if complete {
            found.extend(self.read_suggestions(item, visibility).await?);
            // Nothing tells that somebody reacted to the issue itself: only a whole reading looks.
            if place.since.is_none() {
                let path = self.issue(item, &["reactions"])?;
                found.extend(self.read_reactions(&path, (None, visibility)).await?);
            }
            place = place.next_reading();
        } else {
            place.full_pages += 1;
        }
        Ok(Page { found, next: place::write(&place)?, complete })
    }

    /// GitHub's own suggestions; most repositories do not have them.
    async fn read_suggestions(
        &self,
        item: &ItemId,
        visibility: Visibility,
    ) -> Result<Vec<Native>, TrackerError> {
        if self.without_suggestions.load(Ordering::Relaxed) {
            return Ok(Vec::new());
        }
        let path = self.issue(item, &["suggestions"])?;
        let request = Request::get(&path).query("state", "all").query("per_page", PAGE.to_string());
        match self.transport.read(&request).await {
            Ok(reply) => {
                let rows = rows(&reply.json)?.iter();
                Ok(rows.filter_map(|raw| read::suggestion(raw, visibility)).collect())
            }
            Err(TrackerError::NotFound { .. } | TrackerError::Refused { .. }) => {
                self.without_suggestions.store(true, Ordering::Relaxed);
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }
}

/// Whether there is another page. A full one that has not changed is not sent again, and then nothing tells
/// that there is one behind it now: it is asked for.
fn has_more(reply: &Reply, rows: &[Value]) -> bool {
    reply.more || rows.len() >= PAGE
}

/// The list that an answer is.
fn rows(json: &Value) -> Result<&[Value], TrackerError> {
    json.as_array().map(Vec::as_slice).ok_or_else(|| TrackerError::Broken {
        why: "it answers with something that is no list".to_owned(),
    })
}
