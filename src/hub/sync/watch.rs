//! The watch: the items of one tracker that are worth reading, and how far each was read.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::shelf::Shelf;
use crate::incident::{EntryId, IncidentId};
use crate::journal::{History, JournalError};
use crate::trackers::{Cursor, ItemId, ItemStatus, Native};

/// After how long an item is read from its beginning again, to see what was changed or removed.
const WHOLE_EVERY: Duration = Duration::from_mins(5);

/// How long the items of an incident that is over are still read.
const AFTERCARE: Duration = Duration::from_hours(24);

/// One item that is read.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) incident: IncidentId,
    /// What stands there; `None` before the journal was asked.
    pub(super) shelf: Option<Shelf>,
    /// Where reading goes on.
    pub(super) from: Cursor,
    /// When it is read from its beginning again.
    pub(super) whole_at: Timestamp,
    /// Whether the list said that it changed.
    pub(super) changed: bool,
    /// Whether the list says when it changes, so that it is read only then.
    pub(super) tells_changes: bool,
    /// Where the list says that it stands.
    pub(super) status: Option<ItemStatus>,
    /// Where it was said to stand when that was last told.
    pub(super) told: Option<ItemStatus>,
    /// Whether its own entries tell when it is opened and closed.
    pub(super) tells_status: bool,
    /// How often in a row it was not there at all.
    pub(super) absences: u8,
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
    fn new(incident: IncidentId) -> Self {
        Self {
            incident,
            shelf: None,
            from: Cursor::default(),
            whole_at: Timestamp::MIN,
            changed: true,
            tells_changes: false,
            status: None,
            told: None,
            tells_status: false,
            absences: 0,
            pieces: BTreeMap::new(),
        }
    }

    /// Whether the next reading begins at the beginning.
    pub(super) fn is_whole_due(&self, now: Timestamp) -> bool {
        now >= self.whole_at
    }

    /// Whether there is a reason to read it now.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        self.is_whole_due(now) || self.changed || !self.tells_changes
    }

    /// Takes note that it was read.
    pub(super) fn was_read(&mut self, to: Cursor, whole_at: Option<Timestamp>) {
        (self.from, self.changed, self.absences) = (to, false, 0);
        if let Some(at) = whole_at {
            self.whole_at = at.checked_add(WHOLE_EVERY).unwrap_or(Timestamp::MAX);
        }
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
}

impl Watch {
    pub(super) fn new() -> Self {
        Self { items: BTreeMap::new(), gone: BTreeSet::new(), since: Timestamp::MIN }
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
                self.items.insert(item, Watched::new(link.incident));
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
        self.items.entry(item.clone()).or_insert_with(|| Watched::new(incident))
    }
}

fn is_worth(history: &History, incident: IncidentId, now: Timestamp) -> Result<bool, JournalError> {
    let Some(incident) = history.incident(incident)? else { return Ok(false) };
    let until = incident.latest.checked_add(AFTERCARE).unwrap_or(Timestamp::MAX);
    Ok(!incident.status.is_over() || now < until)
}
