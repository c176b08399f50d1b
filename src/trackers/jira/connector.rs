//! The connector: Jira Cloud as one account of ours sees it.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::reading::{self, Noted, Searched};
use super::setup::{JiraAuth, JiraSetup};
use super::statuses::Statuses;
use super::{document, hidden, rights};
use crate::incident::{Digest, Notice, Trouble};
use crate::settings::Visibility;
use crate::trackers::lenient::{self, lacking, list, number, skew, text};
use crate::trackers::transport::{Auth, Limits, Request, Setup, Transport};
use crate::trackers::{
    Access, Answer, Appended, Capabilities, Carrier, Cursor, Item, ItemId, ItemStatus, Native,
    NewItem, Opened, Page, Probe, Signing, Tracker, TrackerError,
};

/// The longest text, in characters: somewhat below the limit of a comment, which is 32,767.
const MAX_CHARS: usize = 30_000;
/// How long an unknown outcome takes to settle; a new issue is found only once it is indexed.
const SETTLE: Duration = Duration::from_secs(150);
/// How many rows a page has.
const PAGE: usize = 100;
/// The longest id of a link.
const LONGEST_GLOBAL_ID: usize = 255;
/// How many comments a later reading takes in again, in case some before them were removed.
const AGAIN: usize = 50;
/// What is asked of an issue.
const FIELDS: [&str; 7] =
    ["summary", "description", "status", "creator", "reporter", "created", "updated"];

/// Jira under one account.
#[derive(Debug)]
pub struct JiraTracker {
    name: String,
    setup: JiraSetup,
    transport: Transport,
    statuses: Statuses,
    /// Where people find its pages, once it was asked.
    pages: OnceCell<String>,
}

impl JiraTracker {
    /// Makes a connector; nothing is sent yet.
    ///
    /// # Errors
    /// The address makes no sense, or the key of the project is none.
    pub fn new(name: &str, setup: JiraSetup) -> Result<Self, TrackerError> {
        let is_key = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if setup.project.is_empty() || !setup.project.chars().all(is_key) {
            let why = "the key of its project must be letters and digits".to_owned();
            return Err(TrackerError::Refused { why });
        }
        let auth = match setup.auth.clone() {
            JiraAuth::Basic { email, token } => Auth::Basic { user: email, secret: token },
            JiraAuth::Bearer(token) => Auth::Bearer(token),
        };
        let transport = Transport::new(Setup {
            base: format!("{}/rest/api/3", setup.url.trim_end_matches('/')),
            auth,
            headers: vec![("accept", "application/json".to_owned())],
            limits: Limits::default(),
            clock: setup.clock.clone(),
        })?;
        let (statuses, pages) = (Statuses::default(), OnceCell::new());
        Ok(Self { name: name.to_owned(), setup, transport, statuses, pages })
    }

    fn filter(&self) -> Option<&str> {
        self.setup.filter.as_deref()
    }

    /// Where people find its pages: at the gateway for scoped tokens there are none.
    async fn pages(&self) -> Result<&str, TrackerError> {
        let asked = async || match self.transport.read(&Request::get(&["serverInfo"])).await {
            Ok(reply) => Ok(text(&reply.json, "/baseUrl").map(str::to_owned)),
            Err(error) if error.is_passing() => Err(error),
            Err(error) => {
                tracing::debug!(%error, "it does not say where its pages are");
                Ok(None)
            }
        };
        let pages = self.pages.get_or_try_init(async || {
            let told = asked().await?.filter(|url| url.starts_with("http"));
            let url = told.unwrap_or_else(|| self.setup.url.clone());
            Ok::<_, TrackerError>(url.trim_end_matches('/').to_owned())
        });
        Ok(pages.await?)
    }

    async fn probed(&self) -> Result<Probe, TrackerError> {
        let now = self.setup.clock.now();
        let own = self.transport.read(&Request::get(&["myself"])).await?;
        let account = reading::account(&own.json).ok_or_else(|| lacking("our account"))?;
        self.pages().await?;
        // One real page shows whether the project may be seen.
        let request = searching((&self.setup.project, self.filter()), &Searched::default(), now);
        let page = self.transport.read(&request).await?;
        let is_empty = list(&page.json, "/issues").is_empty();
        let (access, mut traps) = self.rights().await?;
        if self.setup.visibility == Visibility::Public {
            let what = "entries are written as public comments, which customers can read";
            let hint = "write visibility = \"internal\" to change that";
            traps.push(Notice::new(Trouble::NotAllowed, what).hint(hint));
        }
        let skew = skew(own.date, now);
        let is_sandbox = self.transport.is_sandbox();
        Ok(Probe { access, skew, traps, is_empty, is_sandbox, ..Probe::of(account) })
    }

    /// What we may do; a token may lack the right to ask.
    async fn rights(&self) -> Result<(Access, Vec<Notice>), TrackerError> {
        match self.transport.read(&rights::asking(&self.setup.project)).await {
            Ok(reply) => Ok(rights::read(&reply.json)),
            Err(error) if error.is_passing() => Err(error),
            Err(_) => Ok((Access::Unknown, Vec::new())),
        }
    }

    async fn listed(
        &self,
        from: &Cursor,
        filter: Option<&str>,
    ) -> Result<Page<Item>, TrackerError> {
        let (searched, now) = (Searched::of(from)?, self.setup.clock.now());
        let pages = self.pages().await?;
        let request = searching((&self.setup.project, filter), &searched, now);
        let reply = self.transport.read(&request).await?;
        let began = searched.began.unwrap_or(now);
        let issues = list(&reply.json, "/issues").iter();
        let found = lenient::understood(issues.map(|issue| reading::item(issue, pages)));
        let token = text(&reply.json, "/nextPageToken").filter(|token| !token.is_empty());
        Ok(Page {
            found,
            next: searched.next(began, token),
            complete: token.is_none(),
            unread: Vec::new(),
        })
    }

    async fn noted(&self, item: &ItemId, from: &Cursor) -> Result<Page<Native>, TrackerError> {
        let mut noted = Noted::of(from)?;
        let page = format!("{}/browse/{item}", self.pages().await?);
        let path = ["issue", item.as_str(), "comment"];
        let comments = |from| rows(&path, from).query("orderBy", "created");
        let mut reply = self.transport.read(&comments(noted.comments)).await?;
        if number(&reply.json, "/total").is_some_and(|total| total < noted.comments) {
            // So many were removed that the place where reading goes on is behind the end.
            noted.comments = 0;
            reply = self.transport.read(&comments(0)).await?;
        }
        let comments = self.with_properties(list(&reply.json, "/comments")).await?;
        let read = comments.iter().map(|comment| reading::comment(comment, &page));
        let mut found = lenient::understood(read);
        noted.comments += comments.len();
        let total = number(&reply.json, "/total").unwrap_or(noted.comments);
        if noted.comments < total && !comments.is_empty() {
            return Ok(Page { found, next: noted.cursor(), complete: false, unread: Vec::new() });
        }
        noted.comments = noted.comments.saturating_sub(AGAIN);
        let complete = self.changed(item, &mut noted, &mut found).await?;
        found.sort_by(|a, b| (a.created, &a.remote).cmp(&(b.created, &b.remote)));
        Ok(Page { found, next: noted.cursor(), complete, unread: Vec::new() })
    }

    /// Reads one page of changes, and says whether it was the last.
    async fn changed(
        &self,
        item: &ItemId,
        noted: &mut Noted,
        found: &mut Vec<Native>,
    ) -> Result<bool, TrackerError> {
        let request = rows(&["issue", item.as_str(), "changelog"], noted.changes);
        let reply = self.transport.read(&request).await?;
        let changes = list(&reply.json, "/values");
        self.statuses_of(changes).await?;
        let read = changes.iter().filter_map(|change| reading::change(change, &self.statuses));
        found.extend(read);
        noted.changes += changes.len();
        let total = number(&reply.json, "/total").unwrap_or(noted.changes);
        Ok(changes.is_empty() || noted.changes >= total)
    }

    /// Asks what states mean, if changes name one of which that is not known.
    async fn statuses_of(&self, changes: &[Value]) -> Result<(), TrackerError> {
        let now = self.setup.clock.now();
        if !self.statuses.are_unknown(changes, now) {
            return Ok(());
        }
        match self.transport.read(&Request::get(&["status"])).await {
            Ok(reply) => self.statuses.learn(list(&reply.json, ""), changes),
            Err(error) if error.is_passing() => return Err(error),
            // A token may lack the right to this alone: then the usual names must do.
            Err(error) => {
                tracing::debug!(%error, "what the states of issues mean cannot be read");
                self.statuses.cannot_be_read(now);
            }
        }
        Ok(())
    }

    /// The comments with their properties, for those that may be ours; all in one question.
    async fn with_properties(&self, comments: &[Value]) -> Result<Vec<Value>, TrackerError> {
        let is_ours = |comment: &&Value| {
            comment
                .pointer("/body")
                .is_some_and(|body| document::text_of(body).contains("[wheelhouse "))
        };
        let id = |comment: &Value| text(comment, "/id")?.parse::<u64>().ok();
        let ids: Vec<u64> = comments.iter().filter(is_ours).filter_map(id).collect();
        if ids.is_empty() {
            return Ok(comments.to_vec());
        }
        let request = Request::post(&["comment", "list"], json!({ "ids": ids }));
        let request = request.query("expand", "properties").query("maxResults", PAGE.to_string());
        let reply = self.transport.read(&request).await?;
        let expanded = list(&reply.json, "/values");
        let with = |comment: &Value| {
            let mut comment = comment.clone();
            let same = expanded.iter().find(|it| text(it, "/id") == text(&comment, "/id"));
            let properties = same.and_then(|same| same.get("properties")).cloned();
            if let (Some(properties), Some(comment)) = (properties, comment.as_object_mut()) {
                comment.insert("properties".to_owned(), properties);
            }
            comment
        };
        Ok(comments.iter().map(with).collect())
    }

    async fn moved(&self, item: &ItemId, status: ItemStatus) -> Result<(), TrackerError> {
        let request = Request::get(&["issue", item.as_str()]).query("fields", FIELDS.join(","));
        let held = self.transport.read(&request).await?;
        if reading::item(&held.json, "")?.status == status {
            return Ok(());
        }
        let request = Request::get(&["issue", item.as_str(), "transitions"]);
        let ways = self.transport.read(&request).await?;
        let leads = |way: &&Value| {
            let is_done = text(way, "/to/statusCategory/key") == Some("done");
            is_done == (status == ItemStatus::Closed)
        };
        let way = list(&ways.json, "/transitions").iter().find(leads);
        let id = way.and_then(|way| text(way, "/id")).ok_or_else(|| {
            let why = "its workflow has no way there for this account".to_owned();
            TrackerError::Refused { why }
        })?;
        self.transport.write(item.as_str(), &moving(item, id)).await?.done().map(drop)
    }
}

/// A page of a list.
fn rows(path: &[&str], from: usize) -> Request {
    let request = Request::get(path).query("startAt", from.to_string());
    request.query("maxResults", PAGE.to_string())
}

/// Searches the issues of a project, those that changed least recently first.
///
/// The age is told in minutes: a date would be read in the time zone of the account.
pub(super) fn searching(
    (project, filter): (&str, Option<&str>),
    searched: &Searched,
    now: Timestamp,
) -> Request {
    let mut jql = format!("project = \"{project}\"");
    if let Some(filter) = filter {
        jql = format!("{jql} AND ({filter})");
    }
    if let Some(since) = searched.since {
        let age = now.duration_since(since).as_secs().max(0) / 60 + 1;
        jql = format!("{jql} AND updated >= \"-{age}m\"");
    }
    let mut body = json!({
        "jql": format!("{jql} ORDER BY updated ASC"), "fields": FIELDS, "maxResults": PAGE,
        "properties": [hidden::PROPERTY],
    });
    if let Some(body) = body.as_object_mut().filter(|_| !searched.token.is_empty()) {
        body.insert("nextPageToken".to_owned(), json!(searched.token));
    }
    Request::post(&["search", "jql"], body)
}

/// Opens an issue.
pub(super) fn opening(new: &NewItem, setup: &JiraSetup) -> Request {
    let (line, rest) = hidden::split(&new.text);
    let fields = json!({
        "project": { "key": setup.project }, "issuetype": { "name": setup.issue_type },
        "summary": new.title.replace('\n', " "), "description": document::of_text(rest),
    });
    let properties = hidden::properties(line, false);
    Request::post(&["issue"], json!({ "fields": fields, "properties": properties }))
}

/// Adds a comment.
pub(super) fn noting(item: &ItemId, text: &str, visibility: Visibility) -> Request {
    let (line, rest) = hidden::split(text);
    let properties = hidden::properties(line, visibility == Visibility::Internal);
    let body = json!({ "body": document::of_text(rest), "properties": properties });
    Request::post(&["issue", item.as_str(), "comment"], body)
}

/// Takes an issue along a way of its workflow.
pub(super) fn moving(item: &ItemId, transition: &str) -> Request {
    let body = json!({ "transition": { "id": transition } });
    Request::post(&["issue", item.as_str(), "transitions"], body)
}

/// Links an issue; the same address is linked once, however often it is asked.
pub(super) fn linking(item: &ItemId, title: &str, url: &str) -> Request {
    let object = json!({ "title": title, "url": url });
    let named = format!("wheelhouse:{url}");
    let id = match named.chars().count() {
        ..=LONGEST_GLOBAL_ID => named,
        _ => format!("wheelhouse:{}", Digest::of("link", &[url.as_bytes()])),
    };
    let body = json!({ "globalId": id, "object": object });
    Request::post(&["issue", item.as_str(), "remotelink"], body)
}

impl Tracker for JiraTracker {
    fn name(&self) -> &str {
        &self.name
    }

    /// The identifier stays the same when a delivery is tried again.
    fn signing(&self) -> Option<Signing> {
        Some(Signing {
            header: "x-hub-signature",
            prefix: "sha256=",
            delivery: Some("x-atlassian-webhook-identifier"),
        })
    }

    /// Accounts of Atlassian are the same on all of its sites.
    fn realm(&self) -> String {
        "atlassian".to_owned()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            max_chars: MAX_CHARS,
            carrier: Carrier::Property,
            links: true,
            proves_author: true,
            tells_openings: true,
            settle: SETTLE,
        }
    }

    fn logins(&self) -> u64 {
        self.transport.logins()
    }

    fn probe(&self) -> Answer<'_, Probe> {
        Box::pin(self.probed())
    }

    fn incidents<'a>(&'a self, from: &'a Cursor) -> Answer<'a, Page<Item>> {
        Box::pin(self.listed(from, self.filter()))
    }

    fn items_since(&self, since: Timestamp) -> Cursor {
        Searched { since: Some(since), ..Searched::default() }.cursor()
    }

    fn all_items<'a>(&'a self, from: &'a Cursor) -> Answer<'a, Page<Item>> {
        Box::pin(self.listed(from, None))
    }

    fn entries<'a>(&'a self, item: &'a ItemId, from: &'a Cursor) -> Answer<'a, Page<Native>> {
        Box::pin(self.noted(item, from))
    }

    fn open<'a>(&'a self, item: &'a NewItem) -> Answer<'a, Opened> {
        Box::pin(async move {
            let written = self.transport.write("issue", &opening(item, &self.setup)).await?;
            Ok(written.opened(|json| Some(lenient::text(json, "/key")?.to_owned().into())))
        })
    }

    fn append<'a>(&'a self, item: &'a ItemId, text: &'a str) -> Answer<'a, Appended> {
        Box::pin(async move {
            let request = noting(item, text, self.setup.visibility);
            let written = self.transport.write(item.as_str(), &request).await?;
            Ok(written.appended(|json| Some(lenient::text(json, "/id")?.to_owned())))
        })
    }

    fn set_status<'a>(&'a self, item: &'a ItemId, status: ItemStatus) -> Answer<'a, ()> {
        Box::pin(self.moved(item, status))
    }

    fn relate<'a>(&'a self, item: &'a ItemId, title: &'a str, url: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let request = linking(item, title, url);
            self.transport.write(item.as_str(), &request).await?.done().map(drop)
        })
    }
}
