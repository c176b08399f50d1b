//! What rests on what within one incident: kept as entries arrive, so that nothing is searched for.

use std::collections::BTreeMap;

use super::standing_out::{is_decision, is_error};
use crate::incident::{ActorKind, Body, CallId, Change, Entry, EntryId};

/// The links between the entries of one incident, and from calls to what they brought.
#[derive(Debug, Clone, Default)]
pub struct Links {
    by_call: BTreeMap<CallId, Vec<EntryId>>,
    resting: BTreeMap<EntryId, Vec<EntryId>>,
    corrected: BTreeMap<EntryId, Vec<EntryId>>,
    findings: Vec<EntryId>,
    measured: Vec<EntryId>,
    ticks: BTreeMap<Tick, Vec<EntryId>>,
}

/// Most entries of one kind that are marked beside the timeline.
const MOST_TICKS: usize = 128;

/// Why an entry is marked beside the timeline; the graver one is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tick {
    /// The latest search found it.
    Hit,
    /// A person wrote it.
    Human,
    /// It belongs to a decision.
    Decision,
    /// It tells of something that failed.
    Error,
}

/// What became of an entry in its trackers after it was first seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Upstream {
    /// It was edited in a tracker.
    pub edited: bool,
    /// It was removed from a tracker.
    pub removed: bool,
    /// Its author put it right.
    pub amended: bool,
}

impl Links {
    /// Takes note of an entry that arrived.
    pub(in super::super) fn take(&mut self, entry: &Entry) {
        let id = entry.id;
        if let Some(tick) = tick(entry) {
            self.ticks.entry(tick).or_default().push(id);
        }
        for other in &entry.refs {
            self.resting.entry(*other).or_default().push(id);
        }
        match &entry.body {
            Body::Evidence(evidence) => {
                if let Some(call) = evidence.call {
                    self.by_call.entry(call).or_default().push(id);
                }
                if !evidence.series.is_empty() {
                    self.measured.push(id);
                }
            }
            Body::Finding(_) => self.findings.push(id),
            Body::Correction(correction) => {
                self.corrected.entry(correction.of).or_default().push(id);
            }
            _ => {}
        }
    }

    /// The evidence that a call brought, in order of arrival.
    pub fn of_call(&self, call: CallId) -> &[EntryId] {
        self.by_call.get(&call).map_or(&[], Vec::as_slice)
    }

    /// The entries that rest on an entry or answer it, in order of arrival.
    pub fn resting_on(&self, id: EntryId) -> &[EntryId] {
        self.resting.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The corrections of an entry, in order of arrival.
    pub fn corrections_of(&self, id: EntryId) -> &[EntryId] {
        self.corrected.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The entries that stand out, by why; of very many only some, spread evenly, so that drawing them
    /// costs the same however long the timeline is.
    pub(super) fn ticks(&self) -> impl Iterator<Item = (EntryId, Tick)> {
        self.ticks.iter().flat_map(|(tick, ids)| {
            let step = ids.len().div_ceil(MOST_TICKS).max(1);
            ids.iter().step_by(step).map(|id| (*id, *tick))
        })
    }

    /// The findings, in order of arrival.
    pub fn findings(&self) -> &[EntryId] {
        &self.findings
    }

    /// The pieces of evidence that carry a measured series, in order of arrival.
    pub fn measured(&self) -> &[EntryId] {
        &self.measured
    }
}

fn tick(entry: &Entry) -> Option<Tick> {
    if is_error(entry) {
        Some(Tick::Error)
    } else if is_decision(entry) {
        Some(Tick::Decision)
    } else {
        (entry.actor.kind() == ActorKind::Human).then_some(Tick::Human)
    }
}

impl Upstream {
    /// Adds what a correction says.
    pub(super) fn and(mut self, change: &Change) -> Self {
        match change {
            Change::EditedUpstream { .. } => self.edited = true,
            Change::RemovedUpstream { .. } => self.removed = true,
            Change::Amended => self.amended = true,
        }
        self
    }
}
