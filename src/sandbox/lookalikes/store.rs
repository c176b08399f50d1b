//! The one memory that all servers of the sandbox share.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::ask::Asked;
use super::cast::Tokens;
use super::fault::Faults;
use super::happening::{Happening, What};
use super::item::{Act, Item, Link, Move, Note, SeenBy};
use super::vendor::Vendor;

/// How many requests are remembered.
const REMEMBERED: usize = 4096;

/// The memory, shared; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Memory(Arc<Mutex<Store>>);

impl Memory {
    /// A memory of nothing but accounts.
    pub(super) fn new(tokens: Tokens, faults: Faults, most_rows: usize) -> Self {
        Self(Arc::new(Mutex::new(Store {
            tokens,
            faults,
            most_rows,
            items: Vec::new(),
            notes: 0,
            asked: VecDeque::new(),
            happened: Vec::new(),
        })))
    }

    /// Does something with all of it, while nobody else does.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut Store) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Everything that the sandbox knows.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) tokens: Tokens,
    pub(super) faults: Faults,
    /// Where the lists of PagerDuty end.
    pub(super) most_rows: usize,
    items: Vec<Item>,
    notes: u64,
    asked: VecDeque<Asked>,
    happened: Vec<Happening>,
}

/// Which item of which tracker.
pub(super) type Place = (Vendor, u64);

/// An item that is about to be opened.
#[derive(Debug)]
pub(super) struct NewItem {
    pub(super) title: String,
    pub(super) body: Value,
    pub(super) state: String,
    pub(super) fields: BTreeMap<String, Value>,
}

/// A note that is about to be written.
#[derive(Debug)]
pub(super) struct NewNote {
    pub(super) body: Value,
    pub(super) seen_by: SeenBy,
    pub(super) properties: BTreeMap<String, Value>,
}

impl Store {
    /// The items of a tracker, oldest first.
    pub(super) fn items(&self, vendor: Vendor) -> impl DoubleEndedIterator<Item = &Item> {
        self.items.iter().filter(move |item| item.vendor == vendor)
    }

    /// One item.
    pub(super) fn item(&self, (vendor, number): Place) -> Option<&Item> {
        self.items.iter().find(|item| item.vendor == vendor && item.number == number)
    }

    fn item_mut(&mut self, (vendor, number): Place) -> Option<&mut Item> {
        self.items.iter_mut().find(|item| item.vendor == vendor && item.number == number)
    }

    /// Opens an item and says its number.
    pub(super) fn open(&mut self, vendor: Vendor, act: Act, new: NewItem) -> u64 {
        let number = self.items(vendor).count() as u64 + 1;
        let NewItem { title, body, state, fields } = new;
        let (author, created, updated) = (act.by, act.at, act.at);
        let (notes, moves, links) = (Vec::new(), Vec::new(), Vec::new());
        let item = Item {
            vendor,
            number,
            title,
            body,
            author,
            state,
            created,
            updated,
            changes: 0,
            fields,
            notes,
            moves,
            links,
        };
        self.items.push(item);
        self.tell(What::Opened, (vendor, number), None, act);
        number
    }

    /// Writes a note; `None` if there is no such item.
    pub(super) fn note(&mut self, place: Place, act: Act, new: NewNote) -> Option<Note> {
        let number = self.notes + 1;
        let item = self.item_mut(place)?;
        let NewNote { body, seen_by, properties } = new;
        let (author, created, updated) = (act.by, act.at, act.at);
        let (editor, way) = (None, act.way);
        let note =
            Note { number, author, created, updated, editor, way, body, seen_by, properties };
        item.notes.push(note.clone());
        item.updated = act.at;
        item.changes += 1;
        self.notes = number;
        self.tell(What::Noted, place, Some(note.clone()), act);
        Some(note)
    }

    /// Moves an item to another state; nothing happens if it is there already.
    pub(super) fn move_to(&mut self, place: Place, act: Act, state: &str) -> Option<()> {
        let item = self.item_mut(place)?;
        if item.state == state {
            return Some(());
        }
        let from = std::mem::replace(&mut item.state, state.to_owned());
        let number = item.moves.len() as u64 + 1;
        let moved = Move { number, by: act.by, at: act.at, from, to: state.to_owned() };
        item.moves.push(moved);
        item.updated = act.at;
        item.changes += 1;
        self.tell(What::Moved, place, None, act);
        Some(())
    }

    /// Counts everything that one request changed as one change.
    pub(super) fn settle_changes(&mut self, place: Place, before: Option<u64>) {
        if let (Some(item), Some(before)) = (self.item_mut(place), before) {
            item.changes = item.changes.min(before + 1);
        }
    }

    /// Sets what else the tracker keeps of an item.
    pub(super) fn set(&mut self, place: Place, field: &str, value: Value) -> Option<()> {
        self.item_mut(place)?.fields.insert(field.to_owned(), value);
        Some(())
    }

    /// Links an item; a link with the same global id is replaced. Says its number and whether it is new.
    pub(super) fn link(
        &mut self,
        place: Place,
        global_id: &str,
        (title, url): (&str, &str),
    ) -> Option<(u64, bool)> {
        let item = self.item_mut(place)?;
        if let Some(link) = item.links.iter_mut().find(|link| link.global_id == global_id) {
            (link.title, link.url) = (title.to_owned(), url.to_owned());
            return Some((link.number, false));
        }
        let number = item.links.len() as u64 + 1;
        let (title, url) = (title.to_owned(), url.to_owned());
        item.links.push(Link { number, global_id: global_id.to_owned(), title, url });
        Some((number, true))
    }

    /// A note of a tracker, by its number.
    pub(super) fn note_of(&self, vendor: Vendor, number: u64) -> Option<&Note> {
        self.items(vendor).flat_map(|item| &item.notes).find(|note| note.number == number)
    }

    /// Which tracker holds a note.
    pub(super) fn vendor_of(&self, note: u64) -> Option<Vendor> {
        let holds = |item: &&Item| item.notes.iter().any(|held| held.number == note);
        self.items.iter().find(holds).map(|item| item.vendor)
    }

    /// Changes a note, as a person with enough rights can.
    pub(super) fn edit(&mut self, note: u64, act: Act, body: Value) -> Option<()> {
        let item = self.items.iter_mut().find(|it| it.notes.iter().any(|n| n.number == note))?;
        let found = item.notes.iter_mut().find(|found| found.number == note)?;
        (found.body, found.updated, found.editor) = (body, act.at, Some(act.by));
        let (changed, place) = (found.clone(), (item.vendor, item.number));
        self.tell(What::Edited, place, Some(changed), act);
        Some(())
    }

    /// Removes a note, as a person with enough rights can.
    pub(super) fn remove(&mut self, note: u64, act: Act) -> Option<()> {
        let item = self.items.iter_mut().find(|it| it.notes.iter().any(|n| n.number == note))?;
        let at = item.notes.iter().position(|found| found.number == note)?;
        let (gone, place) = (item.notes.remove(at), (item.vendor, item.number));
        self.tell(What::Removed, place, Some(gone), act);
        Some(())
    }

    /// The number of the note that was written last, 0 if there is none.
    pub(super) fn latest_note(&self, vendor: Vendor) -> u64 {
        let notes = self.items(vendor).flat_map(|item| &item.notes);
        notes.map(|note| note.number).max().unwrap_or_default()
    }

    /// Remembers a request, and forgets the oldest when there are too many.
    pub(super) fn remember(&mut self, asked: Asked) {
        if self.asked.len() == REMEMBERED {
            self.asked.pop_front();
        }
        self.asked.push_back(asked);
    }

    /// The requests that are remembered, oldest first.
    pub(super) fn asked(&self, vendor: Vendor) -> Vec<Asked> {
        self.asked.iter().filter(|asked| asked.vendor == vendor).cloned().collect()
    }

    /// How many requests of a tracker are remembered.
    pub(super) fn count(&self, vendor: Vendor) -> usize {
        self.asked.iter().filter(|asked| asked.vendor == vendor).count()
    }

    /// What happened since this was last asked.
    pub(super) fn take_happened(&mut self) -> Vec<Happening> {
        std::mem::take(&mut self.happened)
    }

    fn tell(&mut self, what: What, (vendor, number): Place, note: Option<Note>, act: Act) {
        if let Some(item) = self.item((vendor, number)).cloned() {
            // The notes of the item are told one by one.
            let item = Item { notes: Vec::new(), ..item };
            self.happened.push(Happening { what, item, note, by: act.by, at: act.at });
        }
    }
}
