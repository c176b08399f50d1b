//! The one order of all entries, kept as light rows over the entries themselves.

use std::ops::Range;

use jiff::Timestamp;

use super::copies::{Admitted, Copies, Moved};
use crate::incident::{Entry, EntryId};

/// All entries of an incident from all trackers, each once, in order of writing.
///
/// The order is by the time an entry was written, then by its id. It is total and does not depend
/// on the order of arrival. Ids are believed: whoever makes entries out of a tracker's texts
/// checks first that the account behind the text may speak for the id in it.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    copies: Copies,
    rows: Vec<Row>,
    arrivals: Vec<usize>,
}

/// Where an entry stands; rows move, entries do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    at: Timestamp,
    id: EntryId,
    slot: usize,
}

/// What became of an entry that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It stands at the end.
    Last,
    /// It was written before others that were there already, and stands at this position.
    Late(usize),
    /// It is a copy of a known entry and added a place where that stands, or an earlier sighting.
    Copy,
    /// It was known already.
    Known,
}

/// How much of a timeline somebody has been told; starts at nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Cursor(usize);

impl Timeline {
    /// A timeline without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in an entry; cheap for the newest one and for a known one.
    pub fn insert(&mut self, entry: Entry) -> Arrival {
        let (slot, arrival) = match self.copies.admit(entry) {
            Admitted::Known => return Arrival::Known,
            Admitted::Joined(slot, moved) => {
                self.arrivals.push(slot);
                if moved == Moved::Yes {
                    self.take_in(self.row(slot).into_iter().collect());
                    self.drop_stale();
                }
                return Arrival::Copy;
            }
            Admitted::New(slot) => (slot, Arrival::Last),
        };
        self.arrivals.push(slot);
        let Some(row) = self.row(slot) else { return arrival };
        if self.rows.last().is_none_or(|last| *last < row) {
            self.rows.push(row);
            return arrival;
        }
        let position = self.rows.partition_point(|other| *other < row);
        self.rows.insert(position, row);
        Arrival::Late(position)
    }

    /// Takes in many entries at once; sorted ones, and several sorted lists in a row, are cheapest.
    pub fn extend(&mut self, entries: impl IntoIterator<Item = Entry>) {
        let entries = entries.into_iter();
        self.copies.reserve(entries.size_hint().0);
        let mut fresh = Vec::with_capacity(entries.size_hint().0);
        let mut moved = Vec::new();
        for entry in entries {
            match self.copies.admit(entry) {
                Admitted::New(slot) => {
                    self.arrivals.push(slot);
                    fresh.extend(self.row(slot));
                }
                Admitted::Joined(slot, how) => {
                    self.arrivals.push(slot);
                    moved.extend((how == Moved::Yes).then_some(slot));
                }
                Admitted::Known => {}
            }
        }
        let stale = !moved.is_empty();
        fresh.extend(moved.into_iter().filter_map(|slot| self.row(slot)));
        self.take_in(fresh);
        if stale {
            self.drop_stale();
        }
    }

    /// All entries in order.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.rows.iter().filter_map(|row| self.copies.in_slot(row.slot))
    }

    /// The entries at some positions, without looking at any other; positions beyond the end are
    /// left out.
    pub fn window(&self, positions: Range<usize>) -> impl DoubleEndedIterator<Item = &Entry> {
        let end = positions.end.min(self.rows.len());
        let rows = self.rows.get(positions.start.min(end)..end).unwrap_or_default();
        rows.iter().filter_map(|row| self.copies.in_slot(row.slot))
    }

    /// The entry with an id, its own or that of a copy.
    pub fn get(&self, id: EntryId) -> Option<&Entry> {
        self.copies.with_id(id)
    }

    /// The other ids under which copies of an entry arrived: rows that it takes the place of.
    pub fn aliases(&self, id: EntryId) -> &[EntryId] {
        self.copies.aliases(id)
    }

    /// Where the entry with an id stands, counted from 0.
    pub fn position(&self, id: EntryId) -> Option<usize> {
        let entry = self.get(id)?;
        self.rows.binary_search_by_key(&(entry.at, entry.id), |row| (row.at, row.id)).ok()
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The entries that arrived or gained a copy since the cursor, in order of arrival.
    ///
    /// Late ones are among them, wherever they stand. An entry is told again when a copy added
    /// something to it; it then takes the place of its [`aliases`](Self::aliases).
    pub fn since(&self, cursor: Cursor) -> impl Iterator<Item = &Entry> {
        let told = cursor.0.min(self.arrivals.len());
        let slots = self.arrivals.get(told..).unwrap_or_default();
        slots.iter().filter_map(|slot| self.copies.in_slot(*slot))
    }

    /// The cursor of somebody who has been told everything.
    pub fn cursor(&self) -> Cursor {
        Cursor(self.arrivals.len())
    }

    fn row(&self, slot: usize) -> Option<Row> {
        self.copies.in_slot(slot).map(|entry| Row { at: entry.at, id: entry.id, slot })
    }

    /// Merges rows into the order; a stable sort finds the sorted stretches and merges those.
    fn take_in(&mut self, mut fresh: Vec<Row>) {
        fresh.sort();
        let in_order = self.rows.last().zip(fresh.first()).is_none_or(|(last, first)| last < first);
        self.rows.append(&mut fresh);
        if !in_order {
            self.rows.sort();
        }
    }

    /// Drops the rows of entries that turned out to be copies or to have been written at another
    /// time.
    fn drop_stale(&mut self) {
        let copies = &self.copies;
        self.rows.retain(|row| {
            copies.in_slot(row.slot).is_some_and(|entry| (entry.at, entry.id) == (row.at, row.id))
        });
        self.rows.dedup();
    }
}

impl FromIterator<Entry> for Timeline {
    fn from_iter<I: IntoIterator<Item = Entry>>(entries: I) -> Self {
        let mut timeline = Self::new();
        timeline.extend(entries);
        timeline
    }
}
