//! The connector: PagerDuty as one account of ours sees it.

use std::time::Duration;

use serde_json::{Value, json};

use super::paging::{Rows, backward, end_of, forward, pages};
use super::reading::{self, Seen};
use super::setup::{PagerdutyAuth, PagerdutySetup};
use crate::incident::{Notice, Trouble, Untrusted};
use crate::settings::Clock;
use crate::trackers::lenient::{self, lacking, skew, text};
use crate::trackers::transport::{Auth, Limits, Reply, Request, Setup, Transport, Written};
use crate::trackers::{
    Access, Account, Answer, Appended, Capabilities, Carrier, Cursor, Item, ItemId, ItemStatus,
    Native, NewItem, Opened, Page, Probe, Signing, Tracker, TrackerError,
};

/// The longest note, in characters; the real limit is not documented.
const MAX_CHARS: usize = 4000;
/// How long an unknown outcome takes to settle; its lists are not documented to read their own writes.
const SETTLE: Duration = Duration::from_secs(150);
/// How many pages of a list one reading takes in before it says that there is more.
const MOST_PAGES: usize = 20;
/// How many pages of the account's log: every incident in them is asked for by itself.
const LOG_PAGES: usize = 1;

/// PagerDuty under one account.
#[derive(Debug)]
pub struct PagerdutyTracker {
    name: String,
    url: String,
    from: String,
    service: String,
    is_record: bool,
    clock: Clock,
    transport: Transport,
}

impl PagerdutyTracker {
    /// Makes a connector; nothing is sent yet.
    ///
    /// # Errors
    /// The address makes no sense.
    pub fn new(name: &str, setup: PagerdutySetup) -> Result<Self, TrackerError> {
        let PagerdutySetup { url, auth, from, service, is_record, clock } = setup;
        let url = url.trim_end_matches('/').to_owned();
        let transport = Transport::new(Setup {
            base: url.clone(),
            auth: match auth {
                PagerdutyAuth::Key(secret) => Auth::Token(secret),
                PagerdutyAuth::Bearer(secret) => Auth::Bearer(secret),
            },
            headers: vec![
                ("accept", "application/vnd.pagerduty+json;version=2".to_owned()),
                ("from", from.clone()),
            ],
            limits: Limits::default(),
            clock: clock.clone(),
        })?;
        Ok(Self { name: name.to_owned(), url, from, service, is_record, clock, transport })
    }

    /// Who we are: the user of a personal key, or whoever `From` names under a general-access key.
    async fn own(&self) -> Result<(Account, Reply, Vec<Notice>), TrackerError> {
        match self.transport.read(&Request::get(&["users", "me"])).await {
            Ok(reply) => {
                let account = reading::account(&reply.json, "/user")?;
                let kept_out = self.is_record.then(|| kept_out(role(&reply))).flatten();
                Ok((account, reply, kept_out.into_iter().collect()))
            }
            Err(TrackerError::Refused { .. }) => {
                let request = Request::get(&["users"]).query("query", &self.from);
                let reply = self.transport.read(&request).await?;
                let is_ours = |user: &&Value| text(user, "/email") == Some(&self.from);
                let user = lenient::list(&reply.json, "/users").iter().find(is_ours);
                let user = user.ok_or_else(|| TrackerError::NotFound {
                    what: "user with the address that `from` names".to_owned(),
                })?;
                let account = reading::account(user, "")?;
                Ok((account, reply, vec![general_access()]))
            }
            Err(error) => Err(error),
        }
    }

    async fn probed(&self) -> Result<Probe, TrackerError> {
        let now = self.clock.now();
        let (account, reply, mut traps) = self.own().await?;
        let reads = match self.transport.read(&Request::get(&["services", &self.service])).await {
            Ok(reply) => text(&reply.json, "/service/name").map(Untrusted::from),
            // A list of incidents is as empty for a service that is not there as for a quiet one.
            Err(TrackerError::NotFound { .. }) => {
                let what = "service with the id that `service` names".to_owned();
                return Err(TrackerError::NotFound { what });
            }
            // Not every key that may read incidents may read services.
            Err(TrackerError::Refused { .. }) => {
                traps.push(unseen());
                None
            }
            Err(error) => return Err(error),
        };
        // One real page shows whether its incidents may be seen.
        self.transport.read(&self.listing().query("limit", "1")).await?;
        let access = if is_reader(role(&reply)) { Access::Read } else { Access::Unknown };
        let skew = skew(reply.date, now);
        let is_sandbox = self.transport.is_sandbox();
        Ok(Probe { access, reads, skew, traps, is_sandbox, ..Probe::of(account) })
    }

    fn listing(&self) -> Request {
        Request::get(&["incidents"])
            .query("service_ids[]", &self.service)
            .query("include[]", "first_trigger_log_entries")
            .query("sort_by", "created_at:asc")
    }

    async fn listed(&self, from: &Cursor) -> Result<Page<Item>, TrackerError> {
        let seen = Seen::of(from)?;
        if seen.since.is_none() {
            return self.all_incidents(seen).await;
        }
        self.changed_incidents(seen).await
    }

    async fn pages(
        &self,
        request: &Request,
        (list, seen): (&str, Seen),
        most: usize,
    ) -> Result<Rows, TrackerError> {
        pages(&self.transport, request, (list, seen), (most, self.clock.now())).await
    }

    /// All of them can be listed at once, but not with a beginning: what comes after the last row that such
    /// a list tells is listed in parts that have one.
    async fn all_incidents(&self, seen: Seen) -> Result<Page<Item>, TrackerError> {
        let request = match seen.window {
            None => self.listing().query("date_range", "all"),
            Some(from) => {
                let until = end_of(from).to_string();
                self.listing().query("since", from.to_string()).query("until", until)
            }
        };
        let rows = self.pages(&request, ("/incidents", seen), MOST_PAGES).await?;
        let found = lenient::understood(rows.found.iter().map(reading::item));
        Ok(seen.page(found, forward(&rows, seen.window), rows.began))
    }

    /// Incidents cannot be listed by when they changed; the log of the account can.
    async fn changed_incidents(&self, seen: Seen) -> Result<Page<Item>, TrackerError> {
        let request = Request::get(&["log_entries"]).query("include[]", "incidents");
        let rows = self.pages(&within(request, seen), ("/log_entries", seen), LOG_PAGES).await?;
        let mut found: Vec<Item> = Vec::new();
        for row in &rows.found {
            let Some(incident) = row.pointer("/incident") else { continue };
            let Some(id) = text(incident, "/id") else { continue };
            let of_service = text(incident, "/service/id").is_none_or(|id| id == self.service);
            if !of_service || found.iter().any(|item| item.id.as_str() == id) {
                continue;
            }
            match self.one(id).await {
                Ok(item) => found.push(item),
                // The log names it, and it was merged or may not be seen: the others are read all the same.
                Err(
                    error @ (TrackerError::NotFound { .. }
                    | TrackerError::Refused { .. }
                    | TrackerError::Broken { .. }),
                ) => tracing::warn!(%error, "left out an incident that cannot be read"),
                Err(error) => return Err(error),
            }
        }
        found.sort_by_key(|item| item.created);
        Ok(seen.page(found, backward(&rows, seen), rows.began))
    }

    /// The incident that was opened under our key, which nobody else has: lists do not tell what was written
    /// into an incident, so the key stands for it.
    async fn under_key(&self, new: &NewItem) -> Result<Vec<Item>, TrackerError> {
        let Some(key) = new.id().map(|id| id.to_string()) else { return Ok(Vec::new()) };
        let request = self.listing().query("date_range", "all").query("incident_key", &key);
        let rows = self.pages(&request, ("/incidents", Seen::default()), MOST_PAGES).await?;
        let mut found = Vec::new();
        for row in rows.found.iter().filter(|row| text(row, "/incident_key") == Some(&key)) {
            let item = reading::item(row)?;
            let is_told = text(row, "/body/details").is_some();
            let text = if is_told { item.text } else { new.text.as_str().into() };
            found.push(Item { text, ..item });
        }
        Ok(found)
    }

    async fn one(&self, id: &str) -> Result<Item, TrackerError> {
        let request = Request::get(&["incidents", id]);
        let request = request.query("include[]", "first_trigger_log_entries");
        let reply = self.transport.read(&request).await?;
        reading::item(reply.json.pointer("/incident").ok_or_else(|| lacking("the incident"))?)
    }

    async fn noted(&self, item: &ItemId, from: &Cursor) -> Result<Page<Native>, TrackerError> {
        let seen = Seen::of(from)?;
        let id = item.as_str();
        let log = within(Request::get(&["incidents", id, "log_entries"]), seen);
        let rows = self.pages(&log, ("/log_entries", seen), MOST_PAGES).await?;
        let mut found: Vec<Native> = rows.found.iter().filter_map(reading::logged).collect();
        if seen.offset == 0 && seen.window.is_none() {
            // Notes have neither pages nor a beginning: it is always all of them.
            let reply = self.transport.read(&Request::get(&["incidents", id, "notes"])).await?;
            let notes = lenient::list(&reply.json, "/notes").iter();
            let notes = lenient::understood(notes.map(reading::note));
            let is_new = |note: &Native| {
                seen.since.is_none_or(|since| note.updated.unwrap_or(note.created) >= since)
            };
            found.extend(notes.into_iter().filter(is_new));
        }
        found.sort_by(|a, b| (a.created, &a.remote).cmp(&(b.created, &b.remote)));
        Ok(seen.page(found, backward(&rows, seen), rows.began))
    }

    async fn opened(&self, new: &NewItem) -> Result<Opened, TrackerError> {
        let written = self.transport.write("incidents", &opening(new, &self.service)).await?;
        if let Written::Rejected { why, .. } = &written
            && why.to_lowercase().contains("already exists")
        {
            // The key is ours alone: whatever stands under it was sent by us.
            return Ok(Opened::Unknown { why: why.clone() });
        }
        Ok(written.opened(|json| Some(text(json, "/incident/id")?.to_owned().into())))
    }

    async fn moved(&self, item: &ItemId, status: ItemStatus) -> Result<(), TrackerError> {
        if self.one(item.as_str()).await?.status == status {
            return Ok(());
        }
        if status == ItemStatus::Open {
            let why = "PagerDuty cannot open a resolved incident again".to_owned();
            return Err(TrackerError::Refused { why });
        }
        self.transport.write(item.as_str(), &closing(item)).await?.done().map(drop)
    }
}

/// The part of a log that a reading has come to; the youngest lines stand first.
fn within(log: Request, seen: Seen) -> Request {
    let log = seen.since.into_iter().fold(log, |log, at| log.query("since", at.to_string()));
    seen.window.into_iter().fold(log, |log, at| log.query("until", at.to_string()))
}

/// What a general-access key means for who says what.
fn general_access() -> Notice {
    let what = "the key is a general-access key: whoever holds it writes under any name";
    Notice::new(Trouble::NotAllowed, what)
        .hint("give wheelhouse a key of its own user, and let no verdict come from here")
}

/// The role of the user whose own key it is; a general-access key has none.
fn role(reply: &Reply) -> &str {
    lenient::text_or_empty(&reply.json, "/user/role")
}

/// Whether a role lets nobody write anything.
fn is_reader(role: &str) -> bool {
    ["read_only_user", "read_only_limited_user"].contains(&role)
}

/// What a role means that keeps its user from writing.
fn kept_out(role: &str) -> Option<Notice> {
    let may_by_team = ["observer", "restricted_access"].contains(&role);
    let what = match role {
        role if is_reader(role) => format!("the role of our user is {role}: it writes nothing"),
        role if may_by_team => {
            format!("the role of our user is {role}: it writes only where a team lets it")
        }
        _ => return None,
    };
    let hint = "give the user the role of a responder, or write roles without \"record\"";
    Some(Notice::new(Trouble::NotAllowed, what).hint(hint))
}

/// What a key means that may not see its service.
fn unseen() -> Notice {
    let what = "PagerDuty does not show the service to this key: a mistyped one reads as empty";
    Notice::new(Trouble::NotAllowed, what)
        .hint("let the key read services, or compare `service` with the address of its page")
}

/// Opens an incident under a key that nobody else has, so that it cannot be opened twice.
pub(super) fn opening(new: &NewItem, service: &str) -> Request {
    let mut incident = json!({
        "type": "incident",
        "title": new.title,
        "service": { "id": service, "type": "service_reference" },
        "body": { "type": "incident_body", "details": new.text },
    });
    if let (Some(key), Some(incident)) = (new.id(), incident.as_object_mut()) {
        incident.insert("incident_key".to_owned(), json!(key.to_string()));
    }
    Request::post(&["incidents"], json!({ "incident": incident }))
}

/// Adds a note.
pub(super) fn noting(item: &ItemId, text: &str) -> Request {
    Request::post(&["incidents", item.as_str(), "notes"], json!({ "note": { "content": text } }))
}

/// Resolves an incident.
pub(super) fn closing(item: &ItemId) -> Request {
    let incident = json!({ "type": "incident_reference", "status": "resolved" });
    Request::put(&["incidents", item.as_str()], json!({ "incident": incident }))
}

impl Tracker for PagerdutyTracker {
    fn name(&self) -> &str {
        &self.name
    }

    fn realm(&self) -> String {
        format!("pagerduty {}", self.url)
    }

    /// Several signatures stand in the header while a secret is exchanged.
    fn signing(&self) -> Option<Signing> {
        Some(Signing { header: "x-pagerduty-signature", prefix: "v1=", delivery: None })
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            max_chars: MAX_CHARS,
            carrier: Carrier::Trailer,
            links: false,
            proves_author: false,
            tells_openings: false,
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
        Box::pin(self.listed(from))
    }

    fn entries<'a>(&'a self, item: &'a ItemId, from: &'a Cursor) -> Answer<'a, Page<Native>> {
        Box::pin(self.noted(item, from))
    }

    fn find_item<'a>(&'a self, new: &'a NewItem) -> Answer<'a, Vec<Item>> {
        Box::pin(self.under_key(new))
    }

    fn open<'a>(&'a self, item: &'a NewItem) -> Answer<'a, Opened> {
        Box::pin(self.opened(item))
    }

    fn append<'a>(&'a self, item: &'a ItemId, text: &'a str) -> Answer<'a, Appended> {
        Box::pin(async move {
            let written = self.transport.write(item.as_str(), &noting(item, text)).await?;
            Ok(written.appended(|json| Some(lenient::text(json, "/note/id")?.to_owned())))
        })
    }

    fn set_status<'a>(&'a self, item: &'a ItemId, status: ItemStatus) -> Answer<'a, ()> {
        Box::pin(self.moved(item, status))
    }

    fn relate<'a>(&'a self, _: &'a ItemId, _: &'a str, _: &'a str) -> Answer<'a, ()> {
        Box::pin(async {
            let why = "PagerDuty has no links between incidents that can be written".to_owned();
            Err(TrackerError::Refused { why })
        })
    }
}
