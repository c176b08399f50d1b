//! Lanes: what waits for each item, and when its next step is due.

use std::collections::{BTreeMap, HashSet, VecDeque};

use jiff::Timestamp;

use crate::incident::{EntryId, IncidentId};
use crate::wire::DeliveryStage;

/// One entry on its way to one tracker.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Job {
    pub(super) entry: EntryId,
    pub(super) incident: IncidentId,
    pub(super) tracker: String,
    /// How far it is.
    pub(super) stage: DeliveryStage,
    /// When its next step is due.
    pub(super) due: Timestamp,
    /// How often in a row it failed to get any further.
    pub(super) failures: u32,
    /// How often it was sent and did not arrive.
    pub(super) losses: u32,
    /// How often in a row the answer of the tracker made no sense.
    pub(super) senseless: u32,
}

impl Job {
    /// Whether it opens the item that the other entries of its incident go into.
    pub(super) fn is_opener(&self) -> bool {
        IncidentId::from(self.entry) == self.incident
    }

    /// Whether nothing is left to do.
    pub(super) fn is_over(&self) -> bool {
        self.stage.is_over() || matches!(self.stage, DeliveryStage::Parked { .. })
    }

    fn lane(&self) -> (String, IncidentId) {
        (self.tracker.clone(), self.incident)
    }

    fn name(&self) -> (EntryId, String) {
        (self.entry, self.tracker.clone())
    }
}

/// Everything that waits, by tracker and incident.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    lanes: BTreeMap<(String, IncidentId), Lane>,
    known: HashSet<(EntryId, String)>,
}

#[derive(Debug, Default)]
struct Lane {
    waiting: VecDeque<Job>,
    under_way: bool,
}

impl Lanes {
    /// Whether an entry is on its way to a tracker.
    pub(super) fn has(&self, entry: EntryId, tracker: &str) -> bool {
        self.known.contains(&(entry, tracker.to_owned()))
    }

    /// Puts a job at the end of its lane, or in front if it opens the item; one that is known stays
    /// where it is.
    pub(super) fn add(&mut self, job: Job) {
        if !self.known.insert(job.name()) {
            return;
        }
        let lane = self.lanes.entry(job.lane()).or_default();
        if job.is_opener() { lane.waiting.push_front(job) } else { lane.waiting.push_back(job) }
    }

    /// Takes the job out of every lane whose next step is due.
    pub(super) fn begin(&mut self, now: Timestamp) -> Vec<Job> {
        let due = |lane: &&mut Lane| {
            !lane.under_way && lane.waiting.front().is_some_and(|job| job.due <= now)
        };
        let lanes = self.lanes.values_mut().filter(due);
        lanes
            .filter_map(|lane| {
                lane.under_way = true;
                lane.waiting.pop_front()
            })
            .collect()
    }

    /// When the next step of any lane is due.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        let waiting = self.lanes.values().filter(|lane| !lane.under_way);
        waiting.filter_map(|lane| lane.waiting.front().map(|job| job.due)).min()
    }

    /// Puts a job back after a step, or lets it go when nothing is left to do.
    pub(super) fn end(&mut self, job: Job) {
        let key = job.lane();
        let Some(lane) = self.lanes.get_mut(&key) else { return };
        lane.under_way = false;
        if job.is_over() {
            self.known.remove(&job.name());
        } else {
            // An opener that came in the meantime goes first: nothing arrives without it.
            let behind = usize::from(lane.waiting.front().is_some_and(Job::is_opener));
            lane.waiting.insert(behind, job);
        }
        if lane.waiting.is_empty() {
            self.lanes.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(number: u128, due_s: i64) -> Job {
        Job {
            entry: EntryId::from_parts(Timestamp::UNIX_EPOCH, number),
            incident: EntryId::from_parts(Timestamp::UNIX_EPOCH, 1).into(),
            tracker: "local".to_owned(),
            stage: DeliveryStage::Owed { retry_at: None, why: None },
            due: Timestamp::from_second(due_s).unwrap(),
            failures: 0,
            losses: 0,
            senseless: 0,
        }
    }

    #[test]
    fn one_job_of_a_lane_is_under_way_at_a_time() {
        let mut lanes = Lanes::default();
        lanes.add(job(2, 0));
        lanes.add(job(3, 0));
        lanes.add(Job { incident: job(9, 0).entry.into(), ..job(9, 0) });
        let now = Timestamp::UNIX_EPOCH;
        let begun = lanes.begin(now);
        assert_eq!(begun, [job(2, 0), Job { incident: job(9, 0).entry.into(), ..job(9, 0) }]);
        assert!(lanes.begin(now).is_empty());
        let written = DeliveryStage::Written { remote: "41".to_owned() };
        lanes.end(Job { stage: written, ..job(2, 0) });
        assert_eq!(lanes.begin(now), [job(3, 0)]);
    }

    #[test]
    fn a_job_that_waits_holds_its_lane() {
        let mut lanes = Lanes::default();
        lanes.add(job(2, 0));
        lanes.add(job(3, 0));
        lanes.begin(Timestamp::UNIX_EPOCH);
        lanes.end(job(2, 7));
        assert!(lanes.begin(Timestamp::UNIX_EPOCH).is_empty());
        assert_eq!(lanes.next_due(), Some(job(2, 7).due));
        assert!(lanes.has(job(3, 0).entry, "local"));
    }

    #[test]
    fn what_opens_the_item_goes_first() {
        let mut lanes = Lanes::default();
        lanes.add(job(2, 0));
        lanes.begin(Timestamp::UNIX_EPOCH);
        lanes.add(job(1, 0));
        lanes.end(job(2, 0));
        assert_eq!(lanes.begin(Timestamp::UNIX_EPOCH), [job(1, 0)]);
    }
}
