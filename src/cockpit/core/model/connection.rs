//! The connection to the hub, and what is still owed to trackers.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::incident::{EntryId, Notice};
use crate::wire::{Delivery, DeliveryStage, TrackerStanding};

/// How the cockpit stands with its hub.
#[derive(Debug, Clone, PartialEq)]
pub enum Connection {
    /// Nothing came yet.
    Connecting {
        /// Since when, on the wall clock.
        since: Timestamp,
    },
    /// The feed flows.
    Live {
        /// How old the latest frame was when it came.
        lag: SignedDuration,
    },
    /// The feed broke off; what is shown may be old.
    Lost {
        /// Since when, on the wall clock.
        since: Timestamp,
        /// Why.
        why: Notice,
        /// When the next attempt begins, on the wall clock.
        retry_at: Option<Timestamp>,
    },
}

impl Connection {
    /// Whether what is shown is what the hub knows.
    pub fn is_live(&self) -> bool {
        matches!(self, Self::Live { .. })
    }
}

/// How far every entry is on its way to every tracker.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Deliveries {
    known: BTreeMap<EntryId, BTreeMap<String, DeliveryStage>>,
    unpaid: BTreeMap<(EntryId, String), Timestamp>,
    trackers: BTreeMap<String, TrackerStanding>,
}

/// One copy of an entry that does not stand where it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unpaid<'a> {
    /// The entry.
    pub entry: EntryId,
    /// The tracker.
    pub tracker: &'a str,
    /// How far it is.
    pub stage: &'a DeliveryStage,
    /// When it was first owed, on the hub's clock.
    pub since: Timestamp,
}

/// What is still owed to trackers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owed {
    /// How many copies of entries are not written yet.
    pub count: usize,
    /// When the oldest of them was first owed, on the hub's clock.
    pub oldest: Timestamp,
    /// How many of them a tracker refuses; a person must look.
    pub parked: usize,
}

/// How far one entry is, all trackers taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It stands everywhere it should.
    Written,
    /// At least one tracker does not have it yet.
    Owed,
    /// At least one tracker refuses it.
    Parked,
}

impl Deliveries {
    /// Takes note of a move.
    pub fn apply(&mut self, delivery: &Delivery, at: Timestamp) {
        let key = (delivery.entry, delivery.tracker.clone());
        if delivery.stage.is_over() {
            self.unpaid.remove(&key);
        } else {
            self.unpaid.entry(key).or_insert(at);
        }
        let stages = self.known.entry(delivery.entry).or_default();
        stages.insert(delivery.tracker.clone(), delivery.stage.clone());
    }

    /// Takes note of how a tracker stands.
    pub fn stand(&mut self, tracker: &TrackerStanding) {
        self.trackers.insert(tracker.name.clone(), tracker.clone());
    }

    /// How the trackers stand, by name.
    pub fn trackers(&self) -> impl Iterator<Item = &TrackerStanding> {
        self.trackers.values()
    }

    /// Every copy that is not written and not given up, with when it was first owed, oldest first.
    pub fn unpaid(&self) -> Vec<Unpaid<'_>> {
        let unpaid = self.unpaid.iter().filter_map(|((entry, tracker), since)| {
            let stage = self.known.get(entry)?.get(tracker)?;
            Some(Unpaid { entry: *entry, tracker, stage, since: *since })
        });
        let mut unpaid: Vec<_> = unpaid.collect();
        unpaid.sort_by_key(|row| (row.since, row.entry));
        unpaid
    }

    /// The stages of one entry, by the name of the tracker.
    pub fn of(&self, entry: EntryId) -> impl Iterator<Item = (&str, &DeliveryStage)> {
        let stages = self.known.get(&entry).into_iter().flatten();
        stages.map(|(tracker, stage)| (tracker.as_str(), stage))
    }

    /// How far one entry is; none if it is owed to nobody.
    pub fn standing(&self, entry: EntryId) -> Option<Standing> {
        let stages = self.of(entry).map(|(_, stage)| match stage {
            DeliveryStage::Written { .. } | DeliveryStage::Dropped { .. } => Standing::Written,
            DeliveryStage::Parked { .. } => Standing::Parked,
            DeliveryStage::Owed { .. }
            | DeliveryStage::Sending { .. }
            | DeliveryStage::Ambiguous { .. } => Standing::Owed,
        });
        stages.max()
    }

    /// What is still owed; none if nothing is.
    pub fn owed(&self) -> Option<Owed> {
        let oldest = *self.unpaid.values().min()?;
        let is_parked = |(entry, tracker): &&(EntryId, String)| {
            let stage = self.known.get(entry).and_then(|stages| stages.get(tracker));
            matches!(stage, Some(DeliveryStage::Parked { .. }))
        };
        let parked = self.unpaid.keys().filter(is_parked).count();
        Some(Owed { count: self.unpaid.len(), oldest, parked })
    }
}
