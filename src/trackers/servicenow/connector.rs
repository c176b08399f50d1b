//! The connector: ServiceNow as one user of ours sees it.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::audit::Audit;
use super::journal::written;
use super::probing::probe;
use super::reading::{self, AUDIT, Seen, folded, is_sys_id};
use super::rule::{Held, Moved, moved_by_rule, moved_unseen};
use super::setup::ServicenowSetup;
use super::tables::{Tables, paged};
use crate::incident::{EntryId, decode};
use crate::settings::Visibility;
use crate::trackers::lenient::{self, text};
use crate::trackers::transport::Written;
use crate::trackers::{
    Answer, Appended, Capabilities, Carrier, Cursor, Item, ItemId, ItemStatus, Native, NewItem,
    Opened, Page, Probe, Tracker, TrackerError,
};

/// The longest text, in characters; a journal itself takes far more than anybody reads.
const MAX_CHARS: usize = 32_000;
/// How long an unknown outcome takes to settle.
const SETTLE: Duration = Duration::from_secs(150);
/// ServiceNow under one user.
#[derive(Debug)]
pub struct ServicenowTracker {
    name: String,
    tables: Tables,
    /// What a business rule may have moved.
    moved: Moved,
    audit: Audit,
}

impl ServicenowTracker {
    /// Makes a connector; nothing is sent yet.
    ///
    /// # Errors
    /// The address makes no sense.
    pub fn new(name: &str, setup: ServicenowSetup) -> Result<Self, TrackerError> {
        Ok(Self {
            name: name.to_owned(),
            tables: Tables::new(setup)?,
            moved: Moved::default(),
            audit: Audit::default(),
        })
    }

    async fn listed(&self, from: &Cursor, filter: Vec<String>) -> Result<Page<Item>, TrackerError> {
        let seen = Seen::of(from)?;
        let reply = self.tables.rows(("incident", filter), (&seen, "sys_updated_on")).await?;
        let rows = lenient::list(&reply.json, "/result");
        self.tables.meet(rows).await?;
        let young = rows.iter();
        let young = young.filter(|row| reading::is_young(row, "/sys_updated_on", &seen.since));
        let base = self.tables.setup.url.trim_end_matches('/');
        let found =
            lenient::understood(young.map(|row| reading::item(row, self.tables.author(row), base)));
        Ok(paged(&seen, found, (rows, "/sys_updated_on"), reply.more))
    }

    /// Reads the journal of an incident, and on its last page what became of the state since the reading
    /// began; `known` are the ids that were read before, in a reading of the whole incident.
    async fn noted(
        &self,
        (item, from): (&ItemId, &Cursor),
        known: &BTreeSet<String>,
    ) -> Result<Page<Native>, TrackerError> {
        let seen = Seen::of(from)?;
        let reply = self.tables.journal(item, &seen).await?;
        let rows = lenient::list(&reply.json, "/result");
        let is_hidden = rows.is_empty() && seen == Seen::default();
        let mut page = if is_hidden {
            let found = self.tables.shown(item).await?;
            // The same lines under other ids are no other lines.
            if !found.is_empty() && known.iter().any(|remote| is_sys_id(remote)) {
                return Err(hides());
            }
            Page { found, next: Cursor::default(), complete: true, unread: Vec::new() }
        } else {
            self.tables.meet(rows).await?;
            let found =
                rows.iter().filter_map(|row| reading::native(row, item, self.tables.author(row)));
            paged(&seen, found.collect(), (rows, "/sys_created_on"), reply.more)
        };
        if page.complete {
            page.found.extend(self.moves(item, seen.beginning()).await?);
            // Nobody removes a line of the audit, nor one that only the text of a journal showed.
            page.unread.push(AUDIT);
            if !is_hidden {
                page.unread.extend(reading::SHOWN);
            }
        }
        Ok(page)
    }

    /// Who moved, opened and closed it since a time.
    async fn moves(&self, item: &ItemId, since: &str) -> Result<Vec<Native>, TrackerError> {
        let rows = self.audit.states(&self.tables, (item, since)).await?;
        self.tables.meet(&rows).await?;
        let moved = |row| reading::moved(row, item, self.tables.author(row));
        let moves = rows.iter().filter_map(moved).collect();
        Ok(reading::without_put_back(moves, &self.tables.setup.user))
    }

    /// Reads every text that contains the words; where they are the id of an entry, delivery asks what became
    /// of it, and what writing it began is finished.
    ///
    /// An empty journal is no proof that nothing was written if the record shows something.
    async fn found(&self, item: &ItemId, words: &str) -> Result<Vec<Native>, TrackerError> {
        let (mut found, mut from) = (Vec::new(), Cursor::default());
        loop {
            let seen = Seen::of(&from)?;
            let reply = self.tables.journal(item, &seen).await?;
            let rows = lenient::list(&reply.json, "/result");
            if rows.is_empty()
                && seen == Seen::default()
                && !self.tables.shown(item).await?.is_empty()
            {
                return Err(hides());
            }
            self.tables.meet(rows).await?;
            let natives =
                rows.iter().filter_map(|row| reading::native(row, item, self.tables.author(row)));
            found.extend(natives.filter(|native| native.text.for_storage().contains(words)));
            let page = paged::<Native>(&seen, Vec::new(), (rows, "/sys_created_on"), reply.more);
            if page.complete {
                found.sort_by(|a, b| a.remote.cmp(&b.remote));
                found.dedup_by(|a, b| a.remote == b.remote);
                if let Ok(entry) = words.parse() {
                    self.undo_rule(item, entry, &found).await?;
                }
                return Ok(found);
            }
            from = page.next;
        }
    }

    /// Writes into the journal, and undoes what a business rule made of the state because of it.
    async fn appended(&self, item: &ItemId, text: &str) -> Result<Appended, TrackerError> {
        let held = self.tables.record(item).await?;
        let held = Held { before: held, text: text.to_owned() };
        self.moved.settle(item);
        match self.tables.write(item, noting(text, self.tables.setup.visibility)).await? {
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

    /// Undoes what a rule made of the state, once the entry that we wrote is found to stand there.
    ///
    /// A person may write under our account too, and name the entry: what they did to the state stays.
    async fn undo_rule(
        &self,
        item: &ItemId,
        entry: EntryId,
        found: &[Native],
    ) -> Result<(), TrackerError> {
        let is_ours = |native: &&Native| {
            let by = lenient::text_or_empty(&native.raw, "/sys_created_by");
            let copied = decode(&native.text).map(|decoded| decoded.trailer.id);
            folded(by) == folded(&self.tables.setup.user) && copied == Some(entry)
        };
        let ours: Vec<&Native> = found.iter().filter(is_ours).collect();
        if let Some(held) = self.moved.held(item)
            && ours.iter().any(|native| held.is(native.text.for_storage()))
        {
            let now = self.tables.record(item).await?;
            return self.put_back(item, &now).await;
        }
        let Some(note) = ours.first().filter(|_| !self.moved.is_settled(item)) else {
            return Ok(());
        };
        match self.undo_unseen(item, note).await {
            Err(error) if error.is_passing() => return Err(error),
            Err(error) => tracing::debug!(%error, "nobody knows whether a rule moved the state"),
            Ok(()) => {}
        }
        self.moved.settle(item);
        Ok(())
    }

    /// Undoes what a rule made of the state when an earlier process of ours wrote a note and ended before it
    /// could do so itself.
    async fn undo_unseen(&self, item: &ItemId, note: &Native) -> Result<(), TrackerError> {
        let since = lenient::text_or_empty(&note.raw, "/sys_created_on");
        let states = self.audit.states(&self.tables, (item, since)).await?;
        if states.is_empty() {
            return Ok(());
        }
        let now = self.tables.record(item).await?;
        match moved_unseen(&note.raw, &states, &now) {
            Some(state) => self.restore(item, state).await,
            None => Ok(()),
        }
    }

    /// Puts the state back to where it stood before we wrote, if nothing else was written since.
    ///
    /// # Errors
    /// Whether it stands there is not known: to be asked again, which changes nothing that is right.
    async fn put_back(&self, item: &ItemId, now: &Value) -> Result<(), TrackerError> {
        if let Some(state) = self.moved.held(item).and_then(|held| moved_by_rule(&held.before, now))
        {
            self.restore(item, state).await?;
        }
        self.moved.forget(item);
        Ok(())
    }

    /// Writes a state that stood there before.
    ///
    /// # Errors
    /// As of [`Self::put_back`].
    async fn restore(&self, item: &ItemId, state: String) -> Result<(), TrackerError> {
        match self.tables.write(item, json!({ "state": state })).await {
            Ok(Written::Unknown { why }) => return Err(TrackerError::Unreachable { why }),
            Err(error) if error.is_passing() => return Err(error),
            Ok(Written::Rejected { why, .. }) => {
                tracing::warn!(why, "a rule moved the state, and it stays there");
            }
            Err(error) => {
                tracing::warn!(%error, "a rule moved the state, and it stays there");
            }
            Ok(Written::Stored(_)) => {}
        }
        Ok(())
    }

    async fn opened(&self, new: &NewItem) -> Result<Opened, TrackerError> {
        let written = self.tables.add(opening(new)).await?;
        Ok(written.opened(|json| Some(text(json, "/result/sys_id")?.to_owned().into())))
    }

    async fn moved(&self, item: &ItemId, status: ItemStatus) -> Result<(), TrackerError> {
        let held = self.tables.record(item).await?;
        let held = reading::item(&held, reading::named(""), "")?;
        if held.status == status {
            return Ok(());
        }
        let body = match status {
            ItemStatus::Open => json!({ "state": "2" }),
            ItemStatus::Closed => closing(&self.tables.setup),
        };
        self.tables.write(item, body).await?.done().map(drop)
    }
}

fn hides() -> TrackerError {
    let why = "it hides its journal: nobody can tell what was written".to_owned();
    TrackerError::Refused { why }
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

/// The end of an incident. Most instances let nobody end one without notes and a code; which codes there
/// are, only the instance knows.
pub(super) fn closing(setup: &ServicenowSetup) -> Value {
    let notes = "Closed by Wheelhouse; the last entry says why.";
    let mut body = json!({ "state": setup.closed_state, "close_notes": notes });
    if let (Some(code), Some(body)) = (&setup.close_code, body.as_object_mut()) {
        body.insert("close_code".to_owned(), json!(code));
    }
    body
}

impl Tracker for ServicenowTracker {
    fn name(&self) -> &str {
        &self.name
    }

    fn realm(&self) -> String {
        format!("servicenow {}", self.tables.setup.url.trim_end_matches('/'))
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

    fn logins(&self) -> u64 {
        self.tables.logins()
    }

    fn probe(&self) -> Answer<'_, Probe> {
        Box::pin(probe(&self.tables))
    }

    fn incidents<'a>(&'a self, from: &'a Cursor) -> Answer<'a, Page<Item>> {
        Box::pin(self.listed(from, self.tables.setup.filter.iter().cloned().collect()))
    }

    fn items_since(&self, since: Timestamp) -> Cursor {
        Seen { since: written(since), ..Seen::default() }.cursor()
    }

    fn all_items<'a>(&'a self, from: &'a Cursor) -> Answer<'a, Page<Item>> {
        Box::pin(self.listed(from, Vec::new()))
    }

    fn entries<'a>(&'a self, item: &'a ItemId, from: &'a Cursor) -> Answer<'a, Page<Native>> {
        Box::pin(async move { self.noted((item, from), &BTreeSet::new()).await })
    }

    fn entries_again<'a>(
        &'a self,
        item: &'a ItemId,
        from: &'a Cursor,
        known: &'a BTreeSet<String>,
    ) -> Answer<'a, Page<Native>> {
        Box::pin(self.noted((item, from), known))
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
