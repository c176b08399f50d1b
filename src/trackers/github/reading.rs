//! Reading issues, their comments, and what happened to them otherwise.

use jiff::SignedDuration;
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

/// How many pages of signs and of suggestions one reading asks for, of each thing that has them.
const MOST_PAGES: usize = 10;

/// After how long it is asked again whether there are suggestions, where there were none.
const ASKED_AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// What is read of one thing: all of it, as far as it was asked for.
struct Part<T> {
    found: Vec<T>,
    /// Whether there is more that was not asked for.
    more: bool,
}

/// How many comments' reactions one reading asks for: each costs a request, and all that they hold is signs.
const MOST_REACTED: u32 = 50;

impl GithubTracker {
    pub(super) async fn asked_who_we_are(&self) -> Result<Probe, TrackerError> {
        let account = self.own().await?;
        let reply = self.transport.read(&Request::get(&self.path(&[]))).await?;
        let repository = Repository::read(&reply.json);
        let skew = reply.date.map(|there| there.duration_since(self.clock.now()));
        let traps = repository.traps(self.visibility, &self.labels);
        // Rights can hide issues alone: one page of them shows whether they do.
        self.read_items(IssuesPlace::default(), &self.labels).await?;
        let access = self.access(&repository);
        let is_sandbox = self.transport.is_sandbox();
        Ok(Probe { access, skew, traps, is_sandbox, ..Probe::of(account) })
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
            unread: Vec::new(),
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
            let reacted = self.read_reacted(&rows, &mut place, visibility).await?;
            found.extend(reacted.found);
            let unread = if reacted.more { vec![read::REACTION] } else { Vec::new() };
            Ok(Page { found, next: place::write(&place)?, complete: false, unread })
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
    ) -> Result<Part<Native>, TrackerError> {
        let (mut found, mut more) = (Vec::new(), false);
        for raw in comments.iter().filter(|raw| read::reactions(raw) > 0) {
            let Some(id) = raw.get("id").and_then(Value::as_u64) else { continue };
            if place.reacted >= MOST_REACTED {
                tracing::debug!(MOST_REACTED, "there are more reactions than are asked for");
                more = true;
                break;
            }
            place.reacted += 1;
            let id = id.to_string();
            let path = self.path(&["issues", "comments", &id, "reactions"]);
            let read = self.read_reactions(&path, (Some(&id), visibility)).await?;
            found.extend(read.found);
            more |= read.more;
        }
        Ok(Part { found, more })
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
    ) -> Result<Part<Native>, TrackerError> {
        let read = match self.read_rows(&Request::get(path)).await {
            // What it was to is gone, or a server of one's own has none.
            Err(TrackerError::NotFound { .. }) => Part { found: Vec::new(), more: false },
            read => read?,
        };
        let rows = read.found.iter();
        let found = rows.filter_map(|raw| read::reaction(raw, to, visibility)).collect();
        Ok(Part { found, more: read.more })
    }

    /// The rows of a list, from all of its pages but endless ones.
    async fn read_rows(&self, request: &Request) -> Result<Part<Value>, TrackerError> {
        let mut found = Vec::new();
        for page in 1..=MOST_PAGES {
            let request = request.clone().query("per_page", PAGE.to_string());
            let reply = self.transport.read(&request.query("page", page.to_string())).await?;
            let rows = rows(&reply.json)?;
            found.extend_from_slice(rows);
            if !has_more(&reply, rows) {
                return Ok(Part { found, more: false });
            }
        }
        Ok(Part { found, more: true })
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
        let (complete, mut unread) = (!has_more(&reply, events), Vec::new());
        if complete {
            let suggested = self.read_suggestions(item, visibility).await?;
            found.extend(suggested.found);
            unread.extend(suggested.more.then_some(read::SUGGESTION));
            // Nothing tells that somebody reacted to the issue itself: only a whole reading looks.
            if place.since.is_none() {
                let path = self.issue(item, &["reactions"])?;
                let reacted = self.read_reactions(&path, (None, visibility)).await?;
                found.extend(reacted.found);
                unread.extend(reacted.more.then_some(read::REACTION));
            }
            place = place.next_reading();
        } else {
            place.full_pages += 1;
        }
        Ok(Page { found, next: place::write(&place)?, complete, unread })
    }

    /// GitHub's own suggestions; most repositories do not have them, and some have them for a while.
    async fn read_suggestions(
        &self,
        item: &ItemId,
        visibility: Visibility,
    ) -> Result<Part<Native>, TrackerError> {
        let (now, none) = (self.clock.now(), || Part { found: Vec::new(), more: true });
        let refused = *self.suggestions_refused.lock().await;
        if refused.is_some_and(|at| now.duration_since(at).abs() < ASKED_AGAIN) {
            return Ok(none());
        }
        let path = self.issue(item, &["suggestions"])?;
        let read = match self.read_rows(&Request::get(&path).query("state", "all")).await {
            Err(TrackerError::NotFound { .. } | TrackerError::Refused { .. }) => {
                *self.suggestions_refused.lock().await = Some(now);
                return Ok(none());
            }
            read => read?,
        };
        let rows = read.found.iter();
        let found = rows.filter_map(|raw| read::suggestion(raw, visibility)).collect();
        Ok(Part { found, more: read.more })
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
