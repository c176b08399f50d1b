//! The connector: ServiceNow as one user of ours sees it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::HeaderName;
use serde_json::{Value, json};

use super::authors::Authors;
use super::journal::{lines, written};
use super::reading::{self, Seen, is_sys_id};
use super::rule::{Held, Moved, moved_by_rule};
use super::setup::{ServicenowAuth, ServicenowSetup};
use crate::incident::{Notice, Trouble};
use crate::settings::Visibility;
use crate::trackers::lenient::{self, lacking, skew, text};
use crate::trackers::transport::{Auth, Limits, Reply, Request, Setup, Transport, Written};
use crate::trackers::{
    Access, Account, Answer, Appended, Capabilities, Carrier, Cursor, Item, ItemId, ItemStatus,
    Native, NewItem, Opened, Page, Probe, Tracker, TrackerError,
};

/// The longest text, in characters; a journal itself takes far more than anybody reads.
const MAX_CHARS: usize = 32_000;
/// How long an unknown outcome takes to settle.
const SETTLE: Duration = Duration::from_secs(150);
/// How many rows a page has.
const PAGE: usize = 200;
/// What is asked of an incident.
const FIELDS: &str = "sys_id,number,short_description,description,state,active,sys_created_by,\
                      sys_created_on,sys_updated_on,sys_mod_count,correlation_id";

/// ServiceNow under one user.
#[derive(Debug)]
pub struct ServicenowTracker {
    name: String,
    setup: ServicenowSetup,
    transport: Transport,
    authors: Authors,
    /// What a business rule may have moved.
    moved: Moved,
    /// Whether the audit may not be read.
    without_audit: AtomicBool,
}

impl ServicenowTracker {
    /// Makes a connector; nothing is sent yet.
    ///
    /// # Errors
    /// The address makes no sense.
    pub fn new(name: &str, setup: ServicenowSetup) -> Result<Self, TrackerError> {
        let auth = match setup.auth.clone() {
            ServicenowAuth::Password(secret) => Auth::Basic { user: setup.user.clone(), secret },
            ServicenowAuth::Bearer(secret) => Auth::Bearer(secret),
            ServicenowAuth::Key(secret) => {
                Auth::Header { name: HeaderName::from_static("x-sn-apikey"), secret }
            }
        };
        let transport = Transport::new(Setup {
            base: format!("{}/api/now/table", setup.url.trim_end_matches('/')),
            auth,
            headers: vec![("accept", "application/json".to_owned())],
            limits: Limits::default(),
            clock: setup.clock.clone(),
        })?;
        Ok(Self {
            name: name.to_owned(),
            setup,
            transport,
            authors: Authors::default(),
            moved: Moved::default(),
            without_audit: AtomicBool::new(false),
        })
    }

    /// Reads rows of a table, in an order, from a time on.
    async fn rows(
        &self,
        (table, conditions): (&str, Vec<String>),
        (seen, order): (&Seen, &str),
    ) -> Result<Reply, TrackerError> {
        let mut query = conditions;
        if !seen.since.is_empty() {
            query.push(format!("{order}>={}", seen.since));
        }
        query.extend([format!("ORDERBY{order}"), "ORDERBYsys_id".to_owned()]);
        let mut request = Request::get(&[table])
            .query("sysparm_query", query.join("^"))
            .query("sysparm_limit", PAGE.to_string())
            .query("sysparm_offset", seen.offset.to_string())
            .query("sysparm_exclude_reference_link", "true");
        if table == "incident" {
            request = request.query("sysparm_fields", FIELDS);
        }
        self.transport.read(&request).await
    }

    /// Asks for the users behind the names of rows, unless that was asked for a moment ago; a name that
    /// nobody may look up stands for itself.
    async fn authors(&self, rows: &[Value]) -> Result<(), TrackerError> {
        let unknown = self.authors.unknown(rows, self.setup.clock.now());
        if unknown.is_empty() {
            return Ok(());
        }
        let fields = "sys_id,user_name,name,sys_created_on,internal_integration_user,\
                      web_service_access_only";
        let request = Request::get(&["sys_user"])
            .query("sysparm_query", format!("user_nameIN{}", unknown.join(",")))
            .query("sysparm_fields", fields)
            .query("sysparm_limit", PAGE.to_string());
        match self.transport.read(&request).await {
            Ok(reply) => {
                let now = self.setup.clock.now();
                self.authors.learn(lenient::list(&reply.json, "/result"), now);
                Ok(())
            }
            // Many may read incidents and not users.
            Err(TrackerError::Refused { .. } | TrackerError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn author(&self, row: &Value) -> Account {
        self.authors.of(row, self.setup.clock.now())
    }

    async fn probed(&self) -> Result<Probe, TrackerError> {
        let now = self.setup.clock.now();
        let request = Request::get(&["incident"])
            .query("sysparm_query", "ORDERBYDESCsys_updated_on")
            .query("sysparm_fields", FIELDS)
            .query("sysparm_limit", "1");
        let reply = self.transport.read(&request).await?;
        let own = json!({ "sys_created_by": self.setup.user });
        self.authors(std::slice::from_ref(&own)).await?;
        let mut traps = Vec::new();
        if let Some(id) = text(&reply.json, "/result/0/sys_id") {
            let item = ItemId::from(id.to_owned());
            let journal = self.journal(&item, &Seen::default()).await?;
            let is_empty = lenient::list(&journal.json, "/result").is_empty();
            if is_empty && !self.shown(&item).await?.is_empty() {
                traps.push(hidden());
            }
        }
        if self.setup.visibility == Visibility::Public {
            traps.push(seen_by_callers());
        }
        let account = self.author(&own);
        Ok(Probe { account, access: Access::Unknown, skew: skew(reply.date, now), traps })
    }

    async fn listed(&self, from: &Cursor, filter: Vec<String>) -> Result<Page<Item>, TrackerError> {
        let seen = Seen::of(from)?;
        let reply = self.rows(("incident", filter), (&seen, "sys_updated_on")).await?;
        let rows = lenient::list(&reply.json, "/result");
        self.authors(rows).await?;
        let young = rows.iter();
        let young = young.filter(|row| reading::is_young(row, "/sys_updated_on", &seen.since));
        let base = self.setup.url.trim_end_matches('/');
        let found =
            lenient::understood(young.map(|row| reading::item(row, self.author(row), base)));
        Ok(paged(&seen, found, (rows, "/sys_updated_on"), reply.more))
    }

    async fn journal(&self, item: &ItemId, seen: &Seen) -> Result<Reply, TrackerError> {
        if !is_sys_id(item.as_str()) {
            return Err(TrackerError::NotFound { what: "incident with such an id".to_owned() });
        }
        let conditions = vec![
            format!("element_id={item}"),
            "name=incident".to_owned(),
            "elementINwork_notes,comments".to_owned(),
        ];
        self.rows(("sys_journal_field", conditions), (seen, "sys_created_on")).await
    }

    async fn noted(&self, item: &ItemId, from: &Cursor) -> Result<Page<Native>, TrackerError> {
        let seen = Seen::of(from)?;
        let reply = self.journal(item, &seen).await?;
        let rows = lenient::list(&reply.json, "/result");
        let mut page = if rows.is_empty() && seen == Seen::default() {
            Page { found: self.shown(item).await?, next: Cursor::default(), complete: true }
        } else {
            self.authors(rows).await?;
            let found = rows.iter().filter_map(|row| reading::native(row, item, self.author(row)));
            paged(&seen, found.collect(), (rows, "/sys_created_on"), reply.more)
        };
        if page.complete {
            page.found.extend(self.moves(item, &seen.since).await?);
        }
        Ok(page)
    }

    /// Who opened and closed it since a time. Many may not read the audit: then the list alone tells where
    /// it stands, and nobody is asked again.
    async fn moves(&self, item: &ItemId, since: &str) -> Result<Vec<Native>, TrackerError> {
        if self.without_audit.load(Ordering::Relaxed) {
            return Ok(Vec::new());
        }
        let conditions = vec![
            format!("documentkey={item}"),
            "tablename=incident".to_owned(),
            "fieldname=state".to_owned(),
        ];
        let from = Seen { since: since.to_owned(), offset: 0 };
        let reply = match self.rows(("sys_audit", conditions), (&from, "sys_created_on")).await {
            Err(TrackerError::Refused { .. } | TrackerError::NotFound { .. }) => {
                self.without_audit.store(true, Ordering::Relaxed);
                return Ok(Vec::new());
            }
            reply => reply?,
        };
        let rows = lenient::list(&reply.json, "/result");
        self.authors(rows).await?;
        Ok(rows.iter().filter_map(|row| reading::moved(row, item, self.author(row))).collect())
    }

    /// What the record itself shows of its journals, oldest first.
    async fn shown(&self, item: &ItemId) -> Result<Vec<Native>, TrackerError> {
        let request = Request::get(&["incident", item.as_str()])
            .query("sysparm_fields", "work_notes,comments")
            .query("sysparm_display_value", "all");
        let reply = self.transport.read(&request).await?;
        let mut found = Vec::new();
        for element in ["work_notes", "comments"] {
            let place = format!("/result/{element}/display_value");
            let read = lines(lenient::text_or_empty(&reply.json, &place));
            found.extend(read.iter().filter_map(|line| reading::shown(line, element)));
        }
        found.sort_by_key(|native| native.created);
        Ok(found)
    }

    /// An empty journal is no proof that nothing was written if the record shows something.
    async fn found(&self, item: &ItemId, words: &str) -> Result<Vec<Native>, TrackerError> {
        let (mut found, mut from) = (Vec::new(), Cursor::default());
        loop {
            let seen = Seen::of(&from)?;
            let reply = self.journal(item, &seen).await?;
            let rows = lenient::list(&reply.json, "/result");
            if rows.is_empty() && seen == Seen::default() && !self.shown(item).await?.is_empty() {
                let why = "it hides its journal: nobody can tell what was written".to_owned();
                return Err(TrackerError::Refused { why });
            }
            self.authors(rows).await?;
            let natives =
                rows.iter().filter_map(|row| reading::native(row, item, self.author(row)));
            found.extend(natives.filter(|native| native.text.for_storage().contains(words)));
            let page = paged::<Native>(&seen, Vec::new(), (rows, "/sys_created_on"), reply.more);
            if page.complete {
                found.sort_by(|a, b| a.remote.cmp(&b.remote));
                found.dedup_by(|a, b| a.remote == b.remote);
                self.undo_rule(item, words, &found).await?;
                return Ok(found);
            }
            from = page.next;
        }
    }

    async fn record(&self, item: &ItemId) -> Result<Value, TrackerError> {
        if !is_sys_id(item.as_str()) {
            return Err(TrackerError::NotFound { what: "incident with such an id".to_owned() });
        }
        let request = Request::get(&["incident", item.as_str()]).query("sysparm_fields", FIELDS);
        let reply = self.transport.read(&request).await?;
        reply.json.pointer("/result").cloned().ok_or_else(|| lacking("the incident"))
    }

    async fn write(&self, item: &ItemId, body: Value) -> Result<Written, TrackerError> {
        let request = Request::patch(&["incident", item.as_str()], body);
        self.transport.write(item.as_str(), &request.query("sysparm_fields", FIELDS)).await
    }

    /// Writes into the journal, and undoes what a business rule made of the state because of it.
    async fn appended(&self, item: &ItemId, text: &str) -> Result<Appended, TrackerError> {
        let held = self.record(item).await?;
        let held = Held { before: held, text: text.to_owned() };
        match self.write(item, noting(text, self.setup.visibility)).await? {
            Written::Stored(reply) => {
                if let Some(after) = reply.json.pointer("/result")
                    && moved_by_rule(&held.before, after).is_some()
                {
                    // Also for the case that it fails now: reading back looks again.
                    self.moved.remember(item, held);
                    if let Err(error) = self.put_back(item, after).await {
                        tracing::debug!(%error, "a rule moved the state, and it stays for now");
                    }
                }
                // Its answer shows neither the text nor an id.
                Ok(Appended::Accepted)
            }
            Written::Unknown { why } => {
                self.moved.remember(item, held);
                Ok(Appended::Unknown { why })
            }
            Written::Rejected { why, .. } => Ok(Appended::Rejected { why }),
        }
    }

    /// Undoes what a rule made of the state, once what we wrote is found to stand there.
    async fn undo_rule(
        &self,
        item: &ItemId,
        words: &str,
        found: &[Native],
    ) -> Result<(), TrackerError> {
        let is_sought = self.moved.held(item).is_some_and(|held| held.text.contains(words));
        let is_ours = |native: &Native| {
            let by = lenient::text_or_empty(&native.raw, "/sys_created_by");
            by.eq_ignore_ascii_case(&self.setup.user)
        };
        if !is_sought || !found.iter().any(is_ours) {
            return Ok(());
        }
        let now = self.record(item).await?;
        self.put_back(item, &now).await
    }

    /// Puts the state back to where it stood before we wrote, if nothing else was written since.
    ///
    /// # Errors
    /// Whether it stands there is not known: to be asked again, which changes nothing that is right.
    async fn put_back(&self, item: &ItemId, now: &Value) -> Result<(), TrackerError> {
        let state = self.moved.held(item).and_then(|held| moved_by_rule(&held.before, now));
        let written = match state {
            Some(state) => Some(self.write(item, json!({ "state": state })).await),
            None => None,
        };
        match written {
            Some(Ok(Written::Unknown { why })) => return Err(TrackerError::Unreachable { why }),
            Some(Err(error)) if error.is_passing() => return Err(error),
            Some(Ok(Written::Rejected { why, .. })) => {
                tracing::warn!(why, "a rule moved the state, and it stays there");
            }
            Some(Err(error)) => {
                tracing::warn!(%error, "a rule moved the state, and it stays there");
            }
            None | Some(Ok(Written::Stored(_))) => {}
        }
        self.moved.forget(item);
        Ok(())
    }

    async fn opened(&self, new: &NewItem) -> Result<Opened, TrackerError> {
        let request = Request::post(&["incident"], opening(new)).query("sysparm_fields", FIELDS);
        let written = self.transport.write("incident", &request).await?;
        Ok(written.opened(|json| Some(text(json, "/result/sys_id")?.to_owned().into())))
    }

    async fn moved(&self, item: &ItemId, status: ItemStatus) -> Result<(), TrackerError> {
        let held = self.record(item).await?;
        let held = reading::item(&held, reading::named(""), "")?;
        if held.status == status {
            return Ok(());
        }
        let body = match status {
            ItemStatus::Open => json!({ "state": "2" }),
            ItemStatus::Closed => closing(&self.setup),
        };
        self.write(item, body).await?.done().map(drop)
    }
}

/// A page and where to go on; whether there is more is never guessed from how many rows there are,
/// because those that may not be seen are taken out after they are counted.
fn paged<T>(seen: &Seen, found: Vec<T>, (rows, field): (&[Value], &str), more: bool) -> Page<T> {
    let last = reading::last(rows, field);
    if more {
        let step = if rows.is_empty() { PAGE } else { rows.len() };
        return Page { found, next: seen.after(step, last), complete: false };
    }
    Page { found, next: seen.later(last), complete: true }
}

fn hidden() -> Notice {
    let what = "ServiceNow hides the rows of its journal from this user";
    Notice::new(Trouble::NotAllowed, what)
        .hint("let the user read sys_journal_field; until then nobody can tell what was written")
}

fn seen_by_callers() -> Notice {
    let what = "entries are written as additional comments, which whoever called can read";
    Notice::new(Trouble::NotAllowed, what).hint("write visibility = \"internal\" to change that")
}

/// A line for a journal.
pub(super) fn noting(text: &str, visibility: Visibility) -> Value {
    match visibility {
        Visibility::Internal => json!({ "work_notes": text }),
        Visibility::Public => json!({ "comments": text }),
    }
}

/// A new incident, which is found again by our id even where its text is not searched.
pub(super) fn opening(new: &NewItem) -> Value {
    let mut body = json!({ "short_description": new.title, "description": new.text });
    if let (Some(id), Some(body)) = (new.id(), body.as_object_mut()) {
        body.insert("correlation_id".to_owned(), json!(id.to_string()));
        body.insert("correlation_display".to_owned(), json!("wheelhouse"));
    }
    body
}

/// The end of an incident.
pub(super) fn closing(setup: &ServicenowSetup) -> Value {
    let mut body = json!({ "state": setup.closed_state });
    if let (Some(code), Some(body)) = (&setup.close_code, body.as_object_mut()) {
        body.insert("close_code".to_owned(), json!(code));
        let notes = "Closed by Wheelhouse; the last entry says why.";
        body.insert("close_notes".to_owned(), json!(notes));
    }
    body
}

impl Tracker for ServicenowTracker {
    fn name(&self) -> &str {
        &self.name
    }

    fn realm(&self) -> String {
        format!("servicenow {}", self.setup.url.trim_end_matches('/'))
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            max_chars: MAX_CHARS,
            carrier: Carrier::Trailer,
            links: false,
            proves_author: true,
            tells_openings: true,
            settle: SETTLE,
        }
    }

    fn probe(&self) -> Answer<'_, Probe> {
        Box::pin(self.probed())
    }

    fn incidents<'a>(&'a self, from: &'a Cursor) -> Answer<'a, Page<Item>> {
        Box::pin(self.listed(from, self.setup.filter.iter().cloned().collect()))
    }

    fn items_since(&self, since: Timestamp) -> Cursor {
        Seen { since: written(since), offset: 0 }.cursor()
    }

    fn all_items<'a>(&'a self, from: &'a Cursor) -> Answer<'a, Page<Item>> {
        Box::pin(self.listed(from, Vec::new()))
    }

    fn entries<'a>(&'a self, item: &'a ItemId, from: &'a Cursor) -> Answer<'a, Page<Native>> {
        Box::pin(self.noted(item, from))
    }

    fn find<'a>(&'a self, item: &'a ItemId, words: &'a str) -> Answer<'a, Vec<Native>> {
        Box::pin(self.found(item, words))
    }

    fn open<'a>(&'a self, item: &'a NewItem) -> Answer<'a, Opened> {
        Box::pin(self.opened(item))
    }

    fn append<'a>(&'a self, item: &'a ItemId, text: &'a str) -> Answer<'a, Appended> {
        Box::pin(self.appended(item, text))
    }

    fn set_status<'a>(&'a self, item: &'a ItemId, status: ItemStatus) -> Answer<'a, ()> {
        Box::pin(self.moved(item, status))
    }

    fn relate<'a>(&'a self, _: &'a ItemId, _: &'a str, _: &'a str) -> Answer<'a, ()> {
        Box::pin(async {
            let why = "an incident of ServiceNow has no place for a link".to_owned();
            Err(TrackerError::Refused { why })
        })
    }
}
