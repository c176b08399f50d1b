//! The outbox: takes what is owed out of the journal and drives the lanes.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use super::doubt;
use super::lane::{Job, Lanes};
use super::post::Post;
use super::step::Desk;
use crate::hub::pace::Pace;
use crate::incident::{EntryId, IncidentId};
use crate::journal::{Journal, JournalError, Owed, Record};
use crate::settings::Clock;
use crate::trackers::Tracker;
use crate::wire::{Delivery, DeliveryStage};

/// How long nothing is looked at, at most, whatever the lanes say.
const LONGEST_REST: Duration = Duration::from_mins(1);

/// Where deliveries come from and go to.
#[derive(Debug)]
pub struct Route {
    /// Where it is recorded what is owed, and how far it is.
    pub journal: Journal,
    /// What is delivered to.
    pub trackers: Vec<Arc<dyn Tracker>>,
    /// What time it is.
    pub clock: Clock,
    /// Where every stage is told, after it is recorded.
    pub told: mpsc::Sender<Delivery>,
    /// Spreads the waits; the same seed waits the same.
    pub seed: u64,
}

/// A running delivery; it ends when dropped. What was under way then is read back at the next start.
#[derive(Debug)]
pub struct Delivering {
    end: CancellationToken,
    task: Option<JoinHandle<()>>,
}

impl Delivering {
    /// Starts on what the journal says is owed; the journal itself wakes it when more is.
    pub fn start(route: Route) -> Self {
        let end = CancellationToken::new();
        let outbox = Outbox::new(route);
        let task = tokio::spawn(outbox.run(end.clone()));
        Self { end, task: Some(task) }
    }

    /// Ends it and waits until no step is under way.
    pub async fn end(mut self) {
        self.end.cancel();
        if let Some(task) = self.task.take()
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the delivery ended with a panic");
        }
    }
}

impl Drop for Delivering {
    fn drop(&mut self) {
        self.end.cancel();
    }
}

/// What waits, what is under way, and how far the journal was read.
pub(in crate::hub) struct Outbox {
    desk: Arc<Desk>,
    lanes: Lanes,
    under_way: JoinSet<Job>,
    /// The last row of the journal's outbox that was read; `None` before the first reading.
    read_to: Option<i64>,
}

impl Outbox {
    pub(in crate::hub) fn new(route: Route) -> Self {
        let Route { journal, trackers, clock, told, seed } = route;
        let post = |tracker: Arc<dyn Tracker>| (tracker.name().to_owned(), Post::new(tracker));
        let posts = trackers.into_iter().map(post).collect();
        let desk = Desk { journal, posts, clock, told, pace: Pace::seeded(seed) };
        let (lanes, under_way) = (Lanes::default(), JoinSet::new());
        Self { desk: Arc::new(desk), lanes, under_way, read_to: None }
    }

    async fn run(mut self, end: CancellationToken) {
        let desk = Arc::clone(&self.desk);
        loop {
            if let Err(error) = self.take().await {
                tracing::error!(%error, "failed to read what is owed");
            }
            self.begin();
            let rest = self.rest();
            tokio::select! {
                () = end.cancelled() => break,
                Some(done) = self.under_way.join_next() => self.end_step(done),
                () = desk.journal.owing().notified() => {}
                () = desk.clock.sleep(rest) => {}
            }
        }
        // A write that is cut off here is one whose outcome is not known; the next start reads it back.
        self.under_way.shutdown().await;
    }

    /// Takes what is newly owed out of the journal.
    pub(super) async fn take(&mut self) -> Result<(), JournalError> {
        let journal = self.desk.journal.clone();
        // Read first: a row that comes in between is read twice, and none is missed.
        let read_to = journal.outbox_end()?;
        let owed = match self.read_to {
            None => journal.owed()?,
            Some(seq) => journal.owed_since(seq)?,
        };
        let mut without_item = BTreeSet::new();
        for owed in owed {
            let Owed { incident, delivery, .. } = owed;
            if !self.desk.posts.contains_key(&delivery.tracker) {
                continue;
            }
            // Also of one that is known: its item may have found no opener when it came.
            if journal.item(incident, &delivery.tracker)?.is_none() {
                without_item.insert((incident, delivery.tracker.clone()));
            }
            if !self.lanes.has(delivery.entry, &delivery.tracker) {
                let job = self.job(incident, delivery)?;
                self.lanes.add(job);
            }
        }
        self.open_items(without_item).await?;
        // Last of all: whatever failed above is read again.
        self.read_to = Some(read_to);
        Ok(())
    }

    /// Owes a tracker the entry that opens an incident, if another entry of it is owed and has nowhere to
    /// go.
    async fn open_items(
        &mut self,
        without_item: BTreeSet<(IncidentId, String)>,
    ) -> Result<(), JournalError> {
        for (incident, tracker) in without_item {
            let entry = incident.into();
            let recorded = || self.desk.journal.entry(entry);
            if self.lanes.has(entry, &tracker) || recorded()?.is_none() {
                continue;
            }
            if self.desk.journal.stage(entry, &tracker)?.is_some() {
                // It is parked or given up: a person must look, or has looked, and no later entry changes
                // that.
                continue;
            }
            let stage = DeliveryStage::Owed { retry_at: None, why: None };
            let delivery = Delivery { entry, tracker, stage };
            let record = Record::Delivery { delivery: delivery.clone(), at: self.desk.clock.now() };
            self.desk.journal.append(vec![record]).await?;
            let job = self.job(incident, delivery)?;
            self.lanes.add(job);
        }
        Ok(())
    }

    /// An entry on its way; one that is owed again although it may have arrived is looked for first.
    fn job(&self, incident: IncidentId, delivery: Delivery) -> Result<Job, JournalError> {
        let Delivery { entry, tracker, mut stage } = delivery;
        if let (DeliveryStage::Owed { retry_at: None, why: None }, Some(post)) =
            (&stage, self.desk.posts.get(&tracker))
        {
            let stages = self.desk.journal.stages(entry, &tracker)?;
            if let Some(settle_at) = doubt::settles_at(&stages, post.settle()) {
                stage = DeliveryStage::Ambiguous { settle_at };
            }
        }
        let due = match &stage {
            DeliveryStage::Owed { retry_at, .. } => retry_at.unwrap_or(Timestamp::MIN),
            // What an earlier run doubted is looked for at once; absence still waits to be believed.
            DeliveryStage::Ambiguous { .. }
            | DeliveryStage::Sending { .. }
            | DeliveryStage::Written { .. }
            | DeliveryStage::Parked { .. }
            | DeliveryStage::Dropped { .. } => Timestamp::MIN,
        };
        let (failures, losses, senseless) = (0, 0, 0);
        Ok(Job { entry, incident, tracker, stage, due, failures, losses, senseless })
    }

    /// Begins every step that is due.
    pub(super) fn begin(&mut self) {
        for job in self.lanes.begin(self.desk.clock.now()) {
            let desk = Arc::clone(&self.desk);
            self.under_way.spawn(async move { desk.step(job).await });
        }
    }

    fn end_step(&mut self, done: Result<Job, tokio::task::JoinError>) {
        match done {
            Ok(job) if job.is_over() => {
                let (entry, incident, tracker) = (job.entry, job.incident, job.tracker.clone());
                self.lanes.end(job);
                if let Err(error) = self.owed_again(entry, incident, tracker) {
                    tracing::error!(%error, "failed to read whether it is owed again");
                    self.read_to = None;
                }
            }
            Ok(job) => self.lanes.end(job),
            // Its lane stays shut until the next start, which reads back what is under way.
            Err(error) => tracing::error!(%error, "a step of the delivery ended with a panic"),
        }
    }

    /// Takes what a person had tried again before its last step ended here: it was known then, and passed
    /// over.
    fn owed_again(
        &mut self,
        entry: EntryId,
        incident: IncidentId,
        tracker: String,
    ) -> Result<(), JournalError> {
        let stage = self.desk.journal.stage(entry, &tracker)?;
        if let Some(stage @ DeliveryStage::Owed { .. }) = stage {
            let job = self.job(incident, Delivery { entry, tracker, stage })?;
            self.lanes.add(job);
        }
        Ok(())
    }

    /// How long nothing is due.
    fn rest(&self) -> Duration {
        let until = |due: Timestamp| due.duration_since(self.desk.clock.now());
        let rest = self.lanes.next_due().map(until);
        let rest = rest.map(|rest| Duration::try_from(rest).unwrap_or(Duration::ZERO));
        rest.map_or(LONGEST_REST, |rest| rest.min(LONGEST_REST))
    }

    /// Begins what is due, and lets the steps that are under way go on for a moment.
    #[cfg(test)]
    pub(super) async fn begin_and_end_some(&mut self) {
        self.begin();
        tokio::task::yield_now().await;
        while let Some(done) = self.under_way.try_join_next() {
            self.end_step(done);
        }
    }

    /// Drives everything to its end on a clock that is moved by hand.
    #[cfg(test)]
    pub(in crate::hub) async fn drive(&mut self) {
        loop {
            self.take().await.unwrap();
            self.begin();
            if let Some(done) = self.under_way.join_next().await {
                self.end_step(done);
            } else if self.lanes.next_due().is_some() {
                self.desk.clock.advance(self.rest());
            } else {
                return;
            }
        }
    }
}
