//! One incident as it is watched: what is known of it, and where the person is in it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::connection::Deliveries;
use super::links::{Links, Tick, Upstream};
use super::place::Place;
use super::traits;
use crate::incident::{Body, Entry, EntryId, Exchange, Incident, Timeline, Turn};

/// One incident with its timeline and its exchange.
#[derive(Debug, Clone)]
pub struct Watched {
    /// The incident at a glance.
    pub incident: Incident,
    /// Since when it is over, if it is.
    pub over_since: Option<Timestamp>,
    /// Its entries.
    pub timeline: Timeline,
    /// Its conversation on the direct channel.
    pub exchange: Exchange,
    /// What rests on what.
    pub links: Links,
    /// What the latest search found in it.
    pub hits: Vec<EntryId>,
    /// The entries that are shown whole.
    pub unfolded: BTreeSet<EntryId>,
    /// The turns that are shown whole.
    pub unfolded_turns: BTreeSet<usize>,
    /// Where the person is in the timeline.
    pub at_entry: Place<EntryId>,
    /// Where the person is in the exchange; turns are only ever added, so that the position of a
    /// turn in [`Exchange::turns`] is its id.
    pub at_turn: Place<usize>,
}

impl Watched {
    /// Begins to watch an incident.
    pub fn new(incident: Incident) -> Self {
        Self {
            incident,
            over_since: None,
            timeline: Timeline::default(),
            exchange: Exchange::default(),
            links: Links::default(),
            hits: Vec::new(),
            unfolded: BTreeSet::new(),
            unfolded_turns: BTreeSet::new(),
            at_entry: Place::default(),
            at_turn: Place::default(),
        }
    }

    /// How long it has lasted so far, or lasted until it was over.
    pub fn lasted(&self, now: Timestamp) -> SignedDuration {
        self.over_since.unwrap_or(now).duration_since(self.incident.opened)
    }

    /// Takes a further entry into the incident at a glance.
    pub(in super::super) fn glance(&mut self, entry: &Entry) {
        self.incident.apply(entry);
        // What is written afterwards makes it no longer.
        let since = self.over_since.unwrap_or(entry.at);
        self.over_since = self.incident.status.is_over().then_some(since);
    }

    /// The entries that stand out, and why.
    pub fn ticks(&self) -> impl Iterator<Item = (EntryId, Tick)> {
        let hits = self.hits.iter().map(|id| (*id, Tick::Hit));
        self.links.ticks().chain(hits)
    }

    /// What became of an entry in its trackers after it was first seen.
    pub fn upstream(&self, id: EntryId) -> Upstream {
        let corrections = self.links.corrections_of(id).iter();
        let known = corrections.filter_map(|id| self.timeline.get(*id));
        known.fold(Upstream::default(), |upstream, entry| match &entry.body {
            Body::Correction(correction) => upstream.and(&correction.change),
            _ => upstream,
        })
    }

    /// Whether the filter of the timeline shows an entry.
    pub fn shows(&self, entry: &Entry, deliveries: &Deliveries) -> bool {
        let filter = &self.at_entry.filter;
        let traits = || traits::of_entry(entry, self.upstream(entry.id), deliveries);
        filter.is_empty() || filter.passes(&traits())
    }

    /// Finds anew which entries the filter shows.
    pub(in super::super) fn narrow_entries(&mut self, deliveries: &Deliveries) {
        self.at_entry.narrowed = if self.at_entry.filter.is_empty() {
            Vec::new()
        } else {
            let shown = self.timeline.entries().filter(|entry| self.shows(entry, deliveries));
            shown.map(|entry| entry.id).collect()
        };
    }

    /// Finds anew whether the filter shows one entry that came or changed.
    pub(in super::super) fn narrow_entry(&mut self, id: EntryId, deliveries: &Deliveries) {
        if self.at_entry.filter.is_empty() {
            return;
        }
        let Some(entry) = self.timeline.get(id) else { return };
        let (id, shown) = (entry.id, self.shows(entry, deliveries));
        let place = self.timeline.position(id);
        let narrowed = &mut self.at_entry.narrowed;
        let at = narrowed.partition_point(|known| self.timeline.position(*known) < place);
        match (narrowed.get(at) == Some(&id), shown) {
            (false, true) => narrowed.insert(at, id),
            (true, false) => {
                narrowed.remove(at);
            }
            _ => {}
        }
    }

    /// Finds anew which turns the filter shows.
    pub(in super::super) fn narrow_turns(&mut self) {
        let filter = &self.at_turn.filter;
        if filter.is_empty() {
            self.at_turn.narrowed.clear();
            return;
        }
        let passes = |turn: &Turn| {
            let call = match turn {
                Turn::Called(call) => self.exchange.call(*call),
                Turn::Said { .. } => None,
            };
            filter.passes(&traits::of_turn(turn, call))
        };
        let turns = self.exchange.turns().iter().enumerate();
        let shown = turns.filter(|(_, turn)| passes(turn)).map(|(position, _)| position);
        self.at_turn.narrowed = shown.collect();
    }
}
