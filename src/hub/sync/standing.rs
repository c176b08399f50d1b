//! The standing of one tracker: whether it can be read, since when, and what people should know.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::trouble::Trouble;
use crate::hub::pace::Pace;
use crate::trackers::{ItemId, TrackerError};
use crate::wire::{Reach, TrackerStanding};

/// How long a tracker that can be read is left alone.
const EVERY: Duration = Duration::from_secs(15);

/// How far two clocks may be apart before it is worth a word.
const SKEW: SignedDuration = SignedDuration::from_secs(5);

/// What was told of a tracker, and how often in a row it could not be read.
#[derive(Debug)]
pub(super) struct Standing {
    told: Option<TrackerStanding>,
    failures: u32,
    pub(super) skew: Option<SignedDuration>,
    pub(super) remarks: Vec<String>,
    /// Items that are not read to their end in one round.
    pub(super) long: BTreeSet<ItemId>,
    pace: Pace,
}

impl Standing {
    pub(super) fn new(seed: u64) -> Self {
        let (told, skew, remarks, long) = (None, None, Vec::new(), BTreeSet::new());
        Self { told, failures: 0, skew, remarks, long, pace: Pace::seeded(seed) }
    }

    /// How long to wait after a round; an item that cannot be read makes no other one wait.
    pub(super) fn rest(&mut self, round: &Result<(), Trouble>) -> Duration {
        let trouble = round.as_ref().err().filter(|trouble| !trouble.is_of_item());
        let Some(trouble) = trouble else {
            self.failures = 0;
            return EVERY;
        };
        let asked = match trouble {
            Trouble::Tracker(error) | Trouble::Sibling { error, .. } => error.retry_after(),
            Trouble::Item { .. }
            | Trouble::Empty { .. }
            | Trouble::Doubtful { .. }
            | Trouble::Unvouched { .. }
            | Trouble::Journal(_)
            | Trouble::Hub(_) => None,
        };
        let wait = self.pace.wait(self.failures, asked);
        self.failures = self.failures.saturating_add(1);
        wait.max(EVERY)
    }

    /// What is to be told after a round, if anything changed.
    pub(super) fn after(
        &mut self,
        name: &str,
        round: &Result<(), Trouble>,
        now: Timestamp,
    ) -> Option<TrackerStanding> {
        let reach = self.reach(round, now);
        let skew = self.skew.filter(|skew| skew.abs() > SKEW);
        let (skew_s, mut remarks) = (skew.map(|skew| skew.as_secs()), self.remarks.clone());
        let long =
            |item: &ItemId| format!("item {item} is so long that one round does not read it");
        remarks.extend(self.long.iter().map(long));
        let standing = TrackerStanding { name: name.to_owned(), reach, skew_s, remarks };
        if self.told.as_ref() == Some(&standing) {
            return None;
        }
        self.told = Some(standing.clone());
        Some(standing)
    }

    /// The same trouble as before goes on since when it began, whatever its words are now.
    fn reach(&self, round: &Result<(), Trouble>, now: Timestamp) -> Reach {
        let why = || round.as_ref().err().map(ToString::to_string).unwrap_or_default();
        let reach = match round {
            Ok(()) => Reach::Current { since: now },
            Err(Trouble::Tracker(TrackerError::Throttled { .. })) => {
                Reach::Lagging { since: now, why: why() }
            }
            Err(trouble) if trouble.is_of_item() => Reach::Lagging { since: now, why: why() },
            Err(_) => Reach::Unreachable { since: now, why: why() },
        };
        match self.told.as_ref().map(|told| &told.reach) {
            Some(before) if before.word() == reach.word() => before.clone(),
            _ => reach,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn down() -> Result<(), Trouble> {
        Err(Trouble::Tracker(TrackerError::Unreachable { why: "connection refused".to_owned() }))
    }

    #[test]
    fn a_change_is_told_once_with_when_it_began() {
        let mut standing = Standing::new(1);
        let at = |s| Timestamp::from_second(s).unwrap();
        let current = standing.after("t", &Ok(()), at(1)).unwrap();
        assert_eq!(current.reach, Reach::Current { since: at(1) });
        assert_eq!(standing.after("t", &Ok(()), at(2)), None);
        let told = standing.after("t", &down(), at(3)).unwrap();
        assert_eq!((told.reach.word(), told.reach.since()), ("unreachable", at(3)));
        assert_eq!(standing.after("t", &down(), at(4)), None);
        standing.skew = Some(SignedDuration::from_secs(-90));
        let told = standing.after("t", &Ok(()), at(5)).unwrap();
        assert_eq!((told.reach, told.skew_s), (Reach::Current { since: at(5) }, Some(-90)));
    }

    #[test]
    fn failures_lengthen_the_wait_and_the_tracker_is_heeded() {
        let mut standing = Standing::new(1);
        assert_eq!(standing.rest(&Ok(())), EVERY);
        let waits: Vec<_> = (0..8).map(|_| standing.rest(&down())).collect();
        assert!(waits.last() > waits.first(), "{waits:?}");
        let wait = Duration::from_mins(10);
        let throttled = Err(Trouble::Tracker(TrackerError::Throttled { retry_after: Some(wait) }));
        assert_eq!(standing.rest(&throttled), wait);
        let empty = Err(Trouble::Empty { item: "1".to_owned().into(), expected: 2 });
        assert_eq!(standing.rest(&empty), EVERY, "other items are not");
        assert_eq!(standing.rest(&Ok(())), EVERY);
    }
}
