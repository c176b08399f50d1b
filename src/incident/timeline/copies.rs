//! Which entries are copies of one another, and what remains of them together.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::mem;

use foldhash::quality::RandomState as Folding;
use jiff::Timestamp;

use crate::incident::{Body, Change, Entry, EntryId, Origin};

/// Every entry once, in order of arrival, found by any of its ids and origins.
#[derive(Debug, Clone, Default)]
pub(super) struct Copies {
    slots: Vec<Slot>,
    by_id: HashMap<EntryId, usize, Folding>,
    /// By the hash of a place; what stands in the slot says whether it is the same place.
    by_origin: HashMap<u64, usize, Folding>,
    places: RandomState,
}

/// Where an entry is kept.
#[derive(Debug, Clone)]
enum Slot {
    Here(Box<Kept>),
    /// It turned out to be a copy of what is kept in an earlier slot.
    Joined(usize),
}

/// What became of an entry that arrived.
pub(super) enum Admitted {
    /// It is new.
    New(usize),
    /// It is a copy, and told something new: an origin, or an earlier sighting.
    Joined(usize, Moved),
    /// It is a copy and told nothing new.
    Known,
}

/// Whether what is kept may stand elsewhere in the order than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moved {
    Yes,
    No,
}

impl Copies {
    /// Takes in an entry.
    pub(super) fn admit(&mut self, entry: Entry) -> Admitted {
        let fresh = self.slots.len();
        let mut found: Vec<usize> = Vec::new();
        let mut note = |slot: usize| {
            if !found.contains(&slot) {
                found.push(slot);
            }
        };
        match *self.by_id.entry(entry.id).or_insert(fresh) {
            slot if slot == fresh => {}
            slot => note(live(&self.slots, slot)),
        }
        for origin in own_origins(&entry) {
            let hash = self.places.hash_one(place(origin));
            let slot = *self.by_origin.entry(hash).or_insert(fresh);
            let slot = live(&self.slots, slot);
            if slot != fresh && stands_at(&self.slots, slot, origin) {
                note(slot);
            }
        }
        let Some(slot) = found.iter().min().copied() else {
            self.slots.push(Slot::Here(Box::new(Kept::new(entry))));
            return Admitted::New(fresh);
        };
        self.index(&entry, fresh, slot);
        let mut arrived = Kept::new(entry);
        let moved = if found.len() > 1 { Moved::Yes } else { Moved::No };
        for other in found.into_iter().filter(|other| *other != slot) {
            let Some(other) = self.slots.get_mut(other) else { continue };
            if let Slot::Here(other) = mem::replace(other, Slot::Joined(slot)) {
                arrived.join(*other);
            }
        }
        let Some(Slot::Here(kept)) = self.slots.get_mut(slot) else { return Admitted::Known };
        match kept.join(arrived) {
            Joined::First => Admitted::Joined(slot, Moved::Yes),
            Joined::Later { told: true } => Admitted::Joined(slot, moved),
            Joined::Later { told: false } if moved == Moved::Yes => Admitted::Joined(slot, moved),
            Joined::Later { told: false } => Admitted::Known,
        }
    }

    /// Lets what was just found under the fresh slot be found under the one that it joins.
    fn index(&mut self, entry: &Entry, fresh: usize, slot: usize) {
        let settle = |found: Option<&mut usize>| {
            if let Some(found) = found.filter(|found| **found == fresh) {
                *found = slot;
            }
        };
        settle(self.by_id.get_mut(&entry.id));
        for origin in own_origins(entry) {
            settle(self.by_origin.get_mut(&self.places.hash_one(place(origin))));
        }
    }

    /// The entry in a slot, unless it turned out to be a copy of an earlier one.
    pub(super) fn in_slot(&self, slot: usize) -> Option<&Entry> {
        kept(&self.slots, slot).map(|kept| &kept.entry)
    }

    /// The entry with an id, its own or that of a copy.
    pub(super) fn with_id(&self, id: EntryId) -> Option<&Entry> {
        self.in_slot(live(&self.slots, *self.by_id.get(&id)?))
    }

    /// The ids under which copies of an entry arrived, other than its own.
    pub(super) fn aliases(&self, id: EntryId) -> &[EntryId] {
        let slot = self.by_id.get(&id).map(|slot| live(&self.slots, *slot));
        slot.and_then(|slot| kept(&self.slots, slot))
            .map_or(&[][..], |kept| kept.aliases.as_slice())
    }

    pub(super) fn reserve(&mut self, more: usize) {
        self.slots.reserve(more);
        self.by_id.reserve(more);
        self.by_origin.reserve(more);
    }
}

/// Where the entry of a slot is kept now; always an earlier slot, so this ends.
fn live(slots: &[Slot], mut slot: usize) -> usize {
    while let Some(Slot::Joined(earlier)) = slots.get(slot) {
        slot = *earlier;
    }
    slot
}

fn kept(slots: &[Slot], slot: usize) -> Option<&Kept> {
    match slots.get(slot)? {
        Slot::Here(kept) => Some(kept),
        Slot::Joined(_) => None,
    }
}

/// Whether what is kept in a slot stands at a place, rather than at another one of the same hash.
fn stands_at(slots: &[Slot], slot: usize, origin: &Origin) -> bool {
    let origins = kept(slots, slot).map_or(&[][..], |kept| kept.entry.origins.as_slice());
    origins.binary_search_by(|known| place(known).cmp(&place(origin))).is_ok()
}

/// One entry with everything that its copies told.
#[derive(Debug, Clone)]
struct Kept {
    /// The entry; its origins stand in the order of their places, each once.
    entry: Entry,
    /// When each of the entry's origins was first seen; empty if all were with the entry.
    seen: Vec<Timestamp>,
    /// The ids of copies that carried another one.
    aliases: Vec<EntryId>,
}

/// What came of joining a copy.
enum Joined {
    /// It was seen before what was kept, and took its place.
    First,
    /// It was seen later; whether it told anything.
    Later { told: bool },
}

impl Kept {
    fn new(entry: Entry) -> Self {
        let mut kept = Self { entry, seen: Vec::new(), aliases: Vec::new() };
        if kept.entry.origins.len() > 1 {
            let at = kept.entry.first_seen;
            for origin in mem::take(&mut kept.entry.origins) {
                kept.sight(origin, at);
            }
            kept.forget_usual_sightings();
        }
        kept
    }

    /// Takes in a copy and says what came of it.
    ///
    /// What is kept in the end does not depend on which of the two came first.
    fn join(&mut self, mut other: Self) -> Joined {
        let is_first = self.sort_key_cmp(&other) == Ordering::Greater;
        if is_first {
            mem::swap(self, &mut other);
        }
        let known = self.aliases.len();
        if other.entry.id != self.entry.id || !other.aliases.is_empty() {
            self.aliases.append(&mut other.aliases);
            self.aliases.push(other.entry.id);
            self.aliases.sort_unstable();
            self.aliases.dedup();
            let id = self.entry.id;
            self.aliases.retain(|alias| *alias != id);
        }
        let mut told = self.aliases.len() != known;
        let mut seen = other.seen.into_iter();
        for origin in other.entry.origins {
            told |= self.sight(origin, seen.next().unwrap_or(other.entry.first_seen));
        }
        self.forget_usual_sightings();
        if is_first { Joined::First } else { Joined::Later { told } }
    }

    /// Keeps of each place the version that was seen there first; says whether this was it.
    fn sight(&mut self, origin: Origin, at: Timestamp) -> bool {
        let origins = &mut self.entry.origins;
        let found = origins.binary_search_by(|known| place(known).cmp(&place(&origin)));
        if self.seen.is_empty() && at != self.entry.first_seen {
            self.seen = vec![self.entry.first_seen; origins.len()];
        }
        let is_explicit = !self.seen.is_empty() || at != self.entry.first_seen;
        match found {
            Err(position) => {
                if is_explicit {
                    self.seen.insert(position, at);
                }
                origins.insert(position, origin);
                true
            }
            Ok(position) => {
                let was = self.seen.get(position).copied().unwrap_or(self.entry.first_seen);
                let Some(known) = origins.get_mut(position) else { return false };
                let is_earlier = (at, &origin.version) < (was, &known.version);
                if is_earlier {
                    *known = origin;
                    if let Some(seen) = self.seen.get_mut(position) {
                        *seen = at;
                    }
                }
                is_earlier
            }
        }
    }

    /// Keeps no times where all are the usual one.
    fn forget_usual_sightings(&mut self) {
        if self.seen.iter().all(|seen| *seen == self.entry.first_seen) {
            self.seen.clear();
        }
    }

    /// Orders copies: the one that was seen first is kept, and a tie is broken by what they say.
    fn sort_key_cmp(&self, other: &Self) -> Ordering {
        let (a, b) = (&self.entry, &other.entry);
        let says_the_same = || {
            (&a.incident, &a.actor, &a.body, &a.refs) == (&b.incident, &b.actor, &b.body, &b.refs)
        };
        let said =
            |e: &Entry| serde_json::to_string(&(&e.incident, &e.actor, &e.body, &e.refs)).ok();
        (a.first_seen, a.at, a.id, &a.text)
            .cmp(&(b.first_seen, b.at, b.id, &b.text))
            .then_with(|| if says_the_same() { Ordering::Equal } else { said(a).cmp(&said(b)) })
    }
}

fn place(origin: &Origin) -> (&str, &str, &str) {
    (&origin.tracker, &origin.item, &origin.remote)
}

/// The origins at which the entry itself stands.
///
/// A correction may list the place that it is about; that does not make it a copy of what stands
/// there.
fn own_origins(entry: &Entry) -> impl Iterator<Item = &Origin> {
    let about = match &entry.body {
        Body::Correction(correction) => match &correction.change {
            Change::EditedUpstream { origin } | Change::RemovedUpstream { origin } => Some(origin),
            Change::Amended => None,
        },
        _ => None,
    };
    let about = about.map(place);
    entry.origins.iter().filter(move |origin| Some(place(origin)) != about)
}
