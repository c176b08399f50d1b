//! Minting entries: ids that grow with time, the hub's own moment, and the author it established.

use jiff::Timestamp;

use crate::incident::{Actor, Body, Entry, EntryId, IncidentId, RunId, Untrusted};
use crate::settings::Clock;

/// Gives ids, times, and authors to what a hub records.
#[derive(Debug)]
pub(super) struct Mint {
    clock: Clock,
    random: fastrand::Rng,
    last: Option<(i64, u128)>,
}

/// The random part of a ULID, in bits.
const RANDOM_BITS: u32 = 80;

/// The name of a run that begins; it takes nothing out of the ids that its mint will give.
pub(super) fn run_id(clock: &Clock, seed: Option<u64>) -> RunId {
    let mut random = seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
    RunId::from_parts(clock.now(), random.u128(..) >> (u128::BITS - RANDOM_BITS))
}

impl Mint {
    /// A mint; the same seed and times give the same ids.
    ///
    /// When it begins counts too: people know ids by their endings, which two runs must not share.
    pub(super) fn new(clock: Clock, seed: Option<u64>) -> Self {
        let begun = clock.now().as_millisecond().cast_unsigned();
        let seeded = |seed: u64| fastrand::Rng::with_seed(seed ^ begun);
        let random = seed.map_or_else(fastrand::Rng::new, seeded);
        Self { clock, random, last: None }
    }

    /// The present.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// By how much the clock has jumped.
    pub(super) fn slip(&self) -> jiff::SignedDuration {
        self.clock.slip()
    }

    /// The next id; ids of the same millisecond still grow, so that they sort as they were minted.
    pub(super) fn entry_id(&mut self) -> EntryId {
        let (at, random) = self.next();
        EntryId::from_parts(at, random)
    }

    fn next(&mut self) -> (Timestamp, u128) {
        let now = self.clock.now();
        let fresh = self.random.u128(..) >> (u128::BITS - RANDOM_BITS + 1);
        let (ms, random) = match self.last {
            // The clock may stand still or go back: stay in the last millisecond and count up.
            Some((ms, random)) if now.as_millisecond() <= ms => (ms, random + 1),
            _ => (now.as_millisecond(), fresh),
        };
        self.last = Some((ms, random));
        (Timestamp::from_millisecond(ms).unwrap_or(now), random)
    }

    /// An entry of this moment.
    pub(super) fn entry(
        &mut self,
        incident: IncidentId,
        by: &Actor,
        body: Body,
        text: Untrusted,
    ) -> Entry {
        let id = self.entry_id();
        let at = self.now();
        let (actor, refs, origins) = (by.clone(), Vec::new(), Vec::new());
        Entry { id, incident, actor, at, first_seen: at, body, text, refs, origins }
    }

    /// The entry that opens an incident: the incident takes its id.
    pub(super) fn opening(&mut self, by: &Actor, body: Body, text: Untrusted) -> Entry {
        let id = self.entry_id();
        let mut entry = self.entry(id.into(), by, body, text);
        entry.id = id;
        entry
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_of_one_seed_share_no_ending() {
        let at = |second| Clock::held_at(Timestamp::from_second(second).unwrap());
        let id = |second| Mint::new(at(second), Some(1)).entry_id();
        assert_eq!(id(7).short(), id(7).short());
        assert_ne!(id(7).short(), id(8).short());
    }

    #[test]
    fn ids_grow_even_while_the_clock_stands_still() {
        let mut mint = Mint::new(Clock::held_at(Timestamp::UNIX_EPOCH), Some(1));
        let ids: Vec<EntryId> = (0..1000).map(|_| mint.entry_id()).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
