//! The step: what happens to one entry next, committed before and after.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;

use super::lane::Job;
use super::post::{OPENING, Place, Post, Sent};
use super::texts::Texts;
use crate::hub::pace::Pace;
use crate::incident::{Entry, Origin};
use crate::journal::{Appended, Journal, JournalError, Record};
use crate::settings::Clock;
use crate::trackers::TrackerError;
use crate::wire::{Delivery, DeliveryStage};

/// How often an entry is sent and lost before a person must look.
const MOST_LOSSES: u32 = 8;

/// How often in a row an answer makes no sense before a person must look: about half an hour of whatever
/// stands in between and answers everything itself.
const MOST_SENSELESS: u32 = 30;

/// What every step works with.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) journal: Journal,
    pub(super) clock: Clock,
    pub(super) told: mpsc::Sender<Delivery>,
    pub(super) posts: BTreeMap<String, Post>,
    pub(super) pace: Pace,
}

/// An entry on its way to its place.
struct Errand<'a> {
    post: &'a Post,
    entry: Entry,
    place: Place,
    texts: Texts,
}

/// What people find it by: the comment, or the item that it opened.
fn named(origin: Origin) -> String {
    if origin.remote == OPENING { origin.item } else { origin.remote }
}

/// What keeps an entry from going a step further.
enum Hindrance {
    Journal(JournalError),
    /// A person gave it up.
    Dropped(DeliveryStage),
    /// It can never arrive as it is; a person must look.
    Never(String),
    /// Where it goes is not open yet.
    NoItem,
}

impl From<JournalError> for Hindrance {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl Errand<'_> {
    /// The first part that does not stand there, counted from 0.
    fn missing(&self, found: &[Origin]) -> Option<usize> {
        self.texts.missing(|part| self.here(found).any(|it| self.texts.is(part, it.version)))
    }

    /// Where the first part stands, or else any.
    fn first(&self, found: &[Origin]) -> Option<Origin> {
        let first = self.here(found).find(|origin| self.texts.is(0, origin.version));
        first.or_else(|| self.here(found).next()).cloned()
    }

    /// Its copies in this tracker, as far as the journal knows, and those that were found.
    fn here<'a>(&'a self, found: &'a [Origin]) -> impl Iterator<Item = &'a Origin> {
        let all = self.entry.origins.iter().chain(found);
        all.filter(|origin| origin.tracker == self.post.name())
    }

    fn copied(&self, found: &[Origin]) -> Vec<Record> {
        let copied =
            |origin: &Origin| Record::Copied { entry: self.entry.id, origin: origin.clone() };
        found.iter().map(copied).collect()
    }
}

impl Desk {
    /// Takes an entry one step further; whatever fails, the job that comes back says what is due when.
    pub(super) async fn step(&self, job: Job) -> Job {
        let errand = match self.errand(&job) {
            Ok(errand) => errand,
            Err(Hindrance::Journal(error)) => return self.put_off(job, &error),
            Err(Hindrance::Dropped(stage)) => return Job { stage, ..job },
            Err(Hindrance::Never(why)) => return self.park(job, why).await,
            Err(Hindrance::NoItem) => {
                let why = "its incident has no item there yet".to_owned();
                let wait = self.pace.wait(job.failures, None);
                return self.owe(job, wait, why, Vec::new()).await;
            }
        };
        match job.stage {
            DeliveryStage::Owed { .. } => match errand.missing(&[]) {
                Some(part) => self.send(job, &errand, part).await,
                None => self.finish(job, &errand, Vec::new()).await,
            },
            DeliveryStage::Ambiguous { settle_at } => self.read_back(job, &errand, settle_at).await,
            // The hub ended while it was being sent.
            DeliveryStage::Sending { .. } => self.doubt(job, errand.post).await,
            DeliveryStage::Written { .. }
            | DeliveryStage::Parked { .. }
            | DeliveryStage::Dropped { .. } => job,
        }
    }

    fn errand(&self, job: &Job) -> Result<Errand<'_>, Hindrance> {
        let stage = self.journal.stage(job.entry, &job.tracker)?;
        if let Some(stage @ DeliveryStage::Dropped { .. }) = stage {
            return Err(Hindrance::Dropped(stage));
        }
        let (entry, post) = (self.journal.entry(job.entry)?, self.posts.get(&job.tracker));
        let (Some(entry), Some(post)) = (entry, post) else {
            let why = "the entry or the tracker is not known here".to_owned();
            return Err(Hindrance::Never(why));
        };
        let item = self.journal.item(job.incident, &job.tracker)?;
        let place = Place::of(&entry, item).ok_or(Hindrance::NoItem)?;
        let posted = self.journal.posted(job.entry, &job.tracker)?;
        let texts = post.texts(&entry, posted).map_err(Hindrance::Never)?;
        Ok(Errand { post, entry, place, texts })
    }

    async fn send(&self, job: Job, errand: &Errand<'_>, part: usize) -> Job {
        let Some(text) = errand.texts.get(part) else { return job };
        // Committed before the first byte leaves: a crash from here on is read back, never repeated.
        let sending = DeliveryStage::Sending { text: errand.texts.posted(part) };
        let job = match self.commit(&job, sending, Vec::new()).await {
            Ok(stage @ DeliveryStage::Sending { .. }) => Job { stage, ..job },
            Ok(stage) => return Job { stage, ..job },
            Err(error) => return self.put_off(job, &error),
        };
        match errand.post.send(&errand.entry, text, &errand.place).await {
            Ok(Sent::Stored(origin)) => self.arrived(job, errand, vec![origin]).await,
            Ok(Sent::Unclear { why }) => {
                tracing::debug!(entry = %job.entry, ?why, "whether it arrived is not known");
                self.doubt(job, errand.post).await
            }
            Ok(Sent::Rejected { why }) => self.park(job, why).await,
            Err(error) => {
                let job = after(job, &error);
                if lasts(&job, &error) {
                    return self.park(job, error.to_string()).await;
                }
                let wait = self.pace.wait(job.failures, error.retry_after());
                self.owe(job, wait, error.to_string(), Vec::new()).await
            }
        }
    }

    /// Looks whether it arrived. Presence counts at once, absence only after the settling time.
    async fn read_back(&self, job: Job, errand: &Errand<'_>, settle_at: Timestamp) -> Job {
        // Taken before the question: what settles while the tracker answers was not asked about.
        let settled = self.clock.now() >= settle_at;
        let found = match errand.post.find(&errand.entry, &errand.texts, &errand.place).await {
            Ok(found) => found,
            Err(error) => return self.unreadable(after(job, &error), settled, &error).await,
        };
        let missing = errand.missing(&found);
        let is_there = missing.is_none_or(|part| errand.texts.is_sent_before(part));
        if is_there {
            return self.arrived(job, errand, found).await;
        }
        if !settled {
            let due = self.after(self.pace.wait(job.failures, None)).min(settle_at);
            return Job { due, failures: job.failures + 1, ..job };
        }
        if job.losses + 1 >= MOST_LOSSES {
            let why = format!("it was sent {MOST_LOSSES} times and never arrived");
            return self.park(job, why).await;
        }
        let job = Job { losses: job.losses + 1, failures: 0, ..job };
        let also = self.told_by(errand, &found);
        self.owe(job, Duration::ZERO, "it did not arrive".to_owned(), also).await
    }

    /// Nothing is sent again on the word of a tracker that could not be read. What does not pass by itself
    /// is for a person, and holds up nobody else.
    async fn unreadable(&self, job: Job, settled: bool, error: &TrackerError) -> Job {
        tracing::warn!(entry = %job.entry, %error, "failed to read back whether it arrived");
        if settled && lasts(&job, error) {
            let why = format!("it may have arrived, and nobody can read whether it did: {error}");
            return self.park(job, why).await;
        }
        let due = self.after(self.pace.wait(job.failures, error.retry_after()));
        Job { due, failures: job.failures + 1, ..job }
    }

    /// Some of it stands there: what is missing comes next, or what follows from it.
    async fn arrived(&self, job: Job, errand: &Errand<'_>, found: Vec<Origin>) -> Job {
        let Some(missing) = errand.missing(&found) else {
            return self.finish(job, errand, found).await;
        };
        let of = errand.texts.len();
        let why = Some(format!("{missing} of {of} parts stand there"));
        let stage = DeliveryStage::Owed { retry_at: None, why };
        match self.commit(&job, stage, self.told_by(errand, &found)).await {
            Ok(stage) => {
                let due = self.clock.now();
                Job { stage, due, failures: 0, losses: 0, ..job }
            }
            Err(error) => self.unrecorded(job, errand.post, &error),
        }
    }

    /// All of it stands there: does to the item what it says of it, then it is written.
    async fn finish(&self, job: Job, errand: &Errand<'_>, found: Vec<Origin>) -> Job {
        let also = self.told_by(errand, &found);
        let Some(first) = errand.first(&found) else { return job };
        let done = match &errand.place {
            Place::Item(item) => errand.post.follow_up(&errand.entry, item).await,
            Place::New => Ok(()),
        };
        let (job, stage) = match done {
            Ok(()) => (job, DeliveryStage::Written { remote: named(first) }),
            Err(error) => {
                let job = after(job, &error);
                if !lasts(&job, &error) {
                    let wait = self.pace.wait(job.failures, error.retry_after());
                    let why = format!("it stands there, and its item is not changed yet: {error}");
                    return self.owe(job, wait, why, also).await;
                }
                let why = format!("it stands there, but its item cannot be changed: {error}");
                (job, DeliveryStage::Parked { why })
            }
        };
        match self.commit(&job, stage, also).await {
            Ok(stage) => Job { stage, ..job },
            Err(error) => self.unrecorded(job, errand.post, &error),
        }
    }

    /// It stands there and that could not be recorded: reading back will find it again.
    fn unrecorded(&self, job: Job, post: &Post, error: &JournalError) -> Job {
        let settle_at = self.after(post.settle());
        self.put_off(Job { stage: DeliveryStage::Ambiguous { settle_at }, ..job }, error)
    }

    /// What is to be recorded because copies were found.
    fn told_by(&self, errand: &Errand<'_>, found: &[Origin]) -> Vec<Record> {
        let mut records = errand.copied(found);
        if let (Place::New, Some(first)) = (&errand.place, found.first()) {
            let (incident, tracker) = (errand.entry.incident, first.tracker.clone());
            let (item, at) = (first.item.clone(), self.clock.now());
            records.push(Record::Linked { incident, tracker, item, at });
        }
        records
    }

    async fn doubt(&self, job: Job, post: &Post) -> Job {
        let settle_at = self.after(post.settle());
        let stage = DeliveryStage::Ambiguous { settle_at };
        let recorded = self.commit(&job, stage.clone(), Vec::new()).await;
        let due = self.after(self.pace.wait(0, None)).min(settle_at);
        let job = Job { stage, due, failures: 1, ..job };
        match recorded {
            Ok(stage) => Job { stage, ..job },
            Err(error) => self.put_off(job, &error),
        }
    }

    async fn owe(&self, job: Job, wait: Duration, why: String, also: Vec<Record>) -> Job {
        let due = self.after(wait);
        let stage = DeliveryStage::Owed { retry_at: Some(due), why: Some(why) };
        let recorded = self.commit(&job, stage.clone(), also).await;
        let job = Job { stage, due, failures: job.failures + 1, ..job };
        match recorded {
            Ok(stage) => Job { stage, ..job },
            Err(error) => self.put_off(job, &error),
        }
    }

    async fn park(&self, job: Job, why: String) -> Job {
        let stage = DeliveryStage::Parked { why };
        match self.commit(&job, stage, Vec::new()).await {
            Ok(stage) => Job { stage, ..job },
            Err(error) => self.put_off(job, &error),
        }
    }

    /// Waits for the journal; without it nothing may leave.
    fn put_off(&self, job: Job, error: &JournalError) -> Job {
        tracing::error!(entry = %job.entry, %error, "failed to record a stage of its delivery");
        let due = self.after(self.pace.wait(job.failures, None));
        Job { due, failures: job.failures + 1, ..job }
    }

    /// Records a stage, then tells it, and says which one holds: a person may have given it up meanwhile.
    async fn commit(
        &self,
        job: &Job,
        stage: DeliveryStage,
        also: Vec<Record>,
    ) -> Result<DeliveryStage, JournalError> {
        let (tracker, held) = (job.tracker.clone(), stage.clone());
        let delivery = Delivery { entry: job.entry, tracker, stage };
        let at = self.clock.now();
        let mut records = vec![Record::Delivery { delivery: delivery.clone(), at }];
        records.extend(also);
        let recorded = self.journal.append(records).await?;
        if let Some(Appended::Known(_)) = recorded.first() {
            let why = "a person gave it up".to_owned();
            return Ok(DeliveryStage::Dropped { why });
        }
        if self.told.send(delivery).await.is_err() {
            tracing::debug!("nobody follows the delivery any more");
        }
        Ok(held)
    }

    fn after(&self, wait: Duration) -> Timestamp {
        self.clock.now().checked_add(wait).unwrap_or(Timestamp::MAX)
    }
}

/// Counts the answers that make no sense.
fn after(job: Job, error: &TrackerError) -> Job {
    let senseless = match error {
        TrackerError::Broken { .. } => job.senseless + 1,
        _ => 0,
    };
    Job { senseless, ..job }
}

/// Whether a trouble does not pass by itself. A page that greets people is no answer of the tracker and goes
/// away again; only one that stays is for a person.
fn lasts(job: &Job, error: &TrackerError) -> bool {
    match error {
        TrackerError::Broken { .. } => job.senseless >= MOST_SENSELESS,
        _ => !error.is_passing(),
    }
}
