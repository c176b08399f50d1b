//! The watch: the items of one tracker that are worth reading, and how far each was read.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::shelf::{Found, Shelf};
use super::trouble::Trouble;
use crate::incident::{EntryId, IncidentId};
use crate::journal::{History, JournalError};
use crate::trackers::{Cursor, ItemId, ItemStatus, Native};

/// After how long an item is read from its beginning again, to see what was changed or removed.
const WHOLE_EVERY: Duration = Duration::from_mins(5);

/// After how long it is at least, if something hints that something was changed or removed.
const HURRIED: Duration = Duration::from_secs(30);

/// How long before it was linked an item may have been opened.
const BEFORE_LINKED: Duration = Duration::from_hours(1);

/// How far two searches for what the list leaves out overlap.
const OVERLAP: Duration = Duration::from_mins(5);

/// How often an item that was never found is looked for from when it was linked on.
const MOST_SOUGHT: u8 = 3;

/// How long an item that cannot be read is left alone first; each time it is twice as long.
const PAUSE: Duration = Duration::from_secs(15);

/// How long the items of an incident that is over are still read.
const AFTERCARE: Duration = Duration::from_hours(24);

/// How often it is recorded how far the list was read: to read some of it again does no harm.
const RECORDED_EVERY: Duration = Duration::from_mins(5);

/// What shows an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shown {
    /// A search for what the list leaves out.
    BySearch,
    /// The list, which shows it again when it changes.
    ByList,
}

/// One item that is read.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) incident: IncidentId,
    /// What stands there; `None` before the journal was asked.
    pub(super) shelf: Option<Shelf>,
    /// Where reading goes on.
    pub(super) from: Cursor,
    /// When it is read from its beginning again.
    whole_at: Timestamp,
    /// When it was last read from its beginning to its end.
    whole: Timestamp,
    /// Where a reading from the beginning goes on that did not come to its end, and what it found so far.
    pub(super) begun: Option<(Cursor, Found)>,
    /// How often in a row it could not be read, and until when it is left alone because of it.
    failures: u32,
    again_at: Timestamp,
    /// How much of other items had been seen when it first read as empty, if it does now.
    pub(super) empty_at: Option<u64>,
    /// Whether the list said that it changed.
    pub(super) changed: bool,
    /// Whether the list says when it changes, so that it is read only then.
    pub(super) tells_changes: bool,
    /// Where the list says that it stands, since when as far as is known.
    pub(super) status: Option<(ItemStatus, Timestamp)>,
    /// When it was linked.
    linked: Timestamp,
    /// What showed it, if anything ever did, and how often it was looked for elsewhere than in the list.
    shown: Option<Shown>,
    sought: u8,
    /// Whether its own entries tell when it is opened and closed.
    pub(super) tells_status: bool,
    /// Its endings that the delivery made there, each with the entry that says that it is over.
    pub(super) endings: BTreeMap<String, EntryId>,
    /// How often in a row it was not there at all.
    pub(super) absences: u8,
    /// Why a verdict in it does not count yet, found by the reading that goes on now.
    pub(super) unvouched: Option<Trouble>,
    /// Parts of texts whose other parts have not come.
    pub(super) pieces: BTreeMap<(String, EntryId), Pieces>,
}

/// Parts of one text by somebody else.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    pub(super) found: BTreeMap<u16, Native>,
    /// In how many whole readings they were not all there.
    pub(super) readings: u8,
}

impl Watched {
    fn new(incident: IncidentId, linked: Timestamp) -> Self {
        Self {
            incident,
            linked,
            shown: None,
            sought: 0,
            shelf: None,
            from: Cursor::default(),
            whole_at: Timestamp::MIN,
            whole: Timestamp::MIN,
            begun: None,
            failures: 0,
            again_at: Timestamp::MIN,
            empty_at: None,
            changed: true,
            tells_changes: false,
            status: None,
            tells_status: false,
            endings: BTreeMap::new(),
            absences: 0,
            unvouched: None,
            pieces: BTreeMap::new(),
        }
    }

    /// Takes note of what shows it.
    pub(super) fn was_shown(&mut self, by: Shown) {
        self.shown = self.shown.max(Some(by));
    }

    /// Whether the list ever showed it.
    fn is_listed(&self) -> bool {
        self.shown == Some(Shown::ByList)
    }

    /// Whether the next reading begins at the beginning.
    pub(super) fn is_whole_due(&self, now: Timestamp) -> bool {
        now >= self.whole_at
    }

    /// Whether there is a reason to read it now.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        let has_reason = self.is_whole_due(now) || self.changed || !self.tells_changes;
        has_reason && now >= self.again_at
    }

    /// How often in a row it could not be read.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// Takes note that it was read.
    pub(super) fn was_read(&mut self, to: Cursor, whole_at: Option<Timestamp>) {
        (self.from, self.changed, self.absences) = (to, false, 0);
        if let Some(at) = whole_at {
            (self.whole, self.whole_at) = (at, later(at, WHOLE_EVERY));
        }
    }

    /// Has it read from its beginning next, because something in it was passed by.
    pub(super) fn read_again(&mut self) {
        self.whole_at = Timestamp::MIN;
    }

    /// Takes note of how a reading of it ended; `paused` if it is left alone because of it.
    pub(super) fn ended(&mut self, failed: bool, paused: Option<Timestamp>) {
        self.failures = if failed { self.failures.saturating_add(1) } else { 0 };
        if let Some(now) = paused {
            let doubled = 2_u32.saturating_pow(self.failures.saturating_sub(1));
            self.again_at = later(now, PAUSE.saturating_mul(doubled).min(WHOLE_EVERY));
        }
    }

    /// Has it read from its beginning soon, and no sooner than `lag` after that was done last.
    pub(super) fn hurry(&mut self, lag: Duration) {
        self.whole_at = self.whole_at.min(later(self.whole, lag.max(HURRIED)));
    }
}

fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// How far the list was read.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) from: Cursor,
    /// How far it was read when that was recorded last, and when; `None` if it is to be recorded again.
    pub(super) recorded: Cursor,
    pub(super) recorded_at: Option<Timestamp>,
    /// When the tracker was first read, by this hub or one before it.
    pub(super) began: Timestamp,
    /// Whether that is now.
    pub(super) is_first: bool,
}

impl Listed {
    /// Whether how far it was read has to be recorded.
    pub(super) fn is_due(&self, now: Timestamp, next: &Cursor) -> bool {
        let is_old = self.recorded_at.is_none_or(|at| now >= later(at, RECORDED_EVERY));
        self.is_first || (is_old && self.recorded != *next)
    }
}

/// The items of one tracker that are read.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) items: BTreeMap<ItemId, Watched>,
    /// Items that are there no more; they are not asked for again.
    pub(super) gone: BTreeSet<ItemId>,
    /// Links of this moment and later were not asked for yet.
    since: Timestamp,
    /// When items that the list does not show were last looked for, and when they are again.
    sought: Option<Timestamp>,
    seek_at: Timestamp,
}

impl Watch {
    pub(super) fn new() -> Self {
        let (items, gone) = (BTreeMap::new(), BTreeSet::new());
        Self { items, gone, since: Timestamp::MIN, sought: None, seek_at: Timestamp::MIN }
    }

    /// Takes in what was linked since, and lets go of what has long been over.
    pub(super) fn refresh(
        &mut self,
        history: &History,
        tracker: &str,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        for link in history.linked_since(tracker, self.since)? {
            self.since = self.since.max(link.at);
            let item = ItemId::from(link.item);
            let known = self.items.contains_key(&item) || self.gone.contains(&item);
            if !known && is_worth(history, link.incident, now)? {
                self.items.insert(item, Watched::new(link.incident, link.at));
            }
        }
        let mut over = Vec::new();
        for (item, watched) in &self.items {
            if !is_worth(history, watched.incident, now)? {
                over.push(item.clone());
            }
        }
        over.iter().for_each(|item| drop(self.items.remove(item)));
        Ok(())
    }

    /// The item, watched from now on if it was not.
    pub(super) fn of(&mut self, item: &ItemId, incident: IncidentId) -> &mut Watched {
        self.gone.remove(item);
        self.items.entry(item.clone()).or_insert_with(|| Watched::new(incident, self.since))
    }
}

impl Watch {
    /// The incident of a watched item that the list never showed.
    pub(super) fn unlisted(&self, item: &ItemId) -> Option<IncidentId> {
        self.items.get(item).filter(|it| !it.is_listed()).map(|it| it.incident)
    }

    /// Since when to look for the items that the list does not show, if it is time to: at once for one that is
    /// new, and otherwise as rarely as everything is read again.
    pub(super) fn sought_since(&self, now: Timestamp) -> Option<Timestamp> {
        let unlisted = || self.items.values().filter(|it| !it.is_listed());
        if now < self.seek_at && unlisted().all(|it| it.sought > 0) {
            return None;
        }
        let since = |it: &Watched| match self.sought {
            Some(sought) if it.shown.is_some() || it.sought >= MOST_SOUGHT => {
                earlier(sought, OVERLAP)
            }
            _ => earlier(it.linked, BEFORE_LINKED),
        };
        unlisted().map(since).min()
    }

    /// Takes note that they could not be looked for.
    pub(super) fn was_sought_in_vain(&mut self, now: Timestamp) {
        for it in self.items.values_mut().filter(|it| !it.is_listed()) {
            it.sought = it.sought.max(1);
        }
        self.seek_at = later(now, HURRIED);
    }

    /// Takes note that they were looked for; one that was not found may only be late by `lag`.
    pub(super) fn was_sought(&mut self, now: Timestamp, lag: Duration) {
        let mut rest = WHOLE_EVERY;
        for it in self.items.values_mut().filter(|it| !it.is_listed()) {
            it.sought = it.sought.saturating_add(1);
            if it.shown.is_none() && it.sought < MOST_SOUGHT {
                rest = rest.min(lag.max(HURRIED));
            }
        }
        (self.sought, self.seek_at) = (Some(now), later(now, rest));
    }
}

fn earlier(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}

fn is_worth(history: &History, incident: IncidentId, now: Timestamp) -> Result<bool, JournalError> {
    let Some(incident) = history.incident(incident)? else { return Ok(false) };
    Ok(!incident.status.is_over() || now < later(incident.latest, AFTERCARE))
}
