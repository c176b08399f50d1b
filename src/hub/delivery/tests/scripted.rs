//! A tracker that does what a script says, and the stage on which a delivery plays.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::{Notify, mpsc};

use crate::hub::delivery::outbox::Outbox;
use crate::hub::delivery::{Route, text};
use crate::incident::{Alert, Body, Entry, EntryId, IncidentId, Severity};
use crate::journal::{Journal, Record};
use crate::settings::{Clock, Visibility};
use crate::trackers::{
    Access, Account, AccountKind, Answer, Appended, Capabilities, Carrier, Cursor, Item, ItemId,
    ItemStatus, Native, NativeKind, NewItem, Opened, Page, Probe, Tracker, TrackerError,
};
use crate::wire::{Delivery, DeliveryStage};

/// How long the scripted tracker needs to settle.
pub(super) const SETTLE: Duration = Duration::from_secs(30);

/// What the scripted tracker can do.
const CAPABILITIES: Capabilities = Capabilities {
    max_chars: 10_000,
    carrier: Carrier::Comment,
    links: false,
    proves_author: true,
    tells_openings: true,
    settle: SETTLE,
};

/// What happens to one write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is stored, and the answer comes back.
    Stored,
    /// The connection breaks before the server has it.
    LostBefore,
    /// The server has it and the answer is lost.
    LostAfter,
    /// The client gives up; the server stores it this much later.
    Late(Duration),
    /// It is stored, and lists show it this much later.
    Lagging(Duration),
    /// It is stored and the answer is lost, and lists show it this much later.
    LostAndLagging(Duration),
    /// It is taken without an id.
    Accepted,
    /// The server does not answer at all; nothing left.
    Down,
    /// The server asks to wait this long.
    Throttled(Duration),
    /// The server does not want it.
    Rejected,
    /// Something in between answers with a page of its own.
    Senseless,
    /// The server has it, and the answer never comes.
    Silent,
}

/// What the tracker holds, and what will happen to it.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// When lists show it, in which item, and what.
    rows: Vec<(Timestamp, Option<ItemId>, Native)>,
    pub(super) script: VecDeque<Fate>,
    /// How many of the next reads fail.
    pub(super) failing_reads: u32,
    /// What every read fails with, as long as it is there.
    pub(super) unreadable: Option<TrackerError>,
    /// What every write waits for before its fate, as long as it is there.
    pub(super) gate: Option<Arc<Notify>>,
    /// Until when nothing answers.
    pub(super) down_until: Option<Timestamp>,
    pub(super) writes: u32,
    /// How many of the next closings of the item fail.
    pub(super) failing_closings: u32,
    /// How often the item was closed.
    pub(super) closed: u32,
    in_flight: u32,
    most_in_flight: u32,
    /// How often our secret changed, each time to that of another account.
    pub(super) logins: u64,
}

/// A write that is under way until it is answered or given up.
struct Flight(Arc<Mutex<Held>>);

impl Drop for Flight {
    fn drop(&mut self) {
        self.0.lock().unwrap().in_flight -= 1;
    }
}

/// A tracker that follows its script, and stores what comes after its end.
#[derive(Debug, Clone)]
pub(super) struct Scripted {
    clock: Clock,
    pub(super) held: Arc<Mutex<Held>>,
}

pub(super) fn account(id: &str) -> Account {
    Account { id: id.to_owned(), kind: AccountKind::Bot, name: "primary".into() }
}

impl Scripted {
    /// Plans the fates of the next writes.
    pub(super) fn plan(&self, fates: impl IntoIterator<Item = Fate>) {
        self.held.lock().unwrap().script.extend(fates);
    }

    /// The texts in the one item that anybody could see now, oldest first.
    pub(super) fn texts(&self) -> Vec<String> {
        let (held, now) = (self.held.lock().unwrap(), self.clock.now());
        let seen = held.rows.iter().filter(|(from, item, _)| *from <= now && item.is_some());
        seen.map(|(_, _, native)| native.text.for_storage().to_owned()).collect()
    }

    /// How many items are open.
    pub(super) fn items(&self) -> usize {
        self.held.lock().unwrap().rows.iter().filter(|(_, item, _)| item.is_none()).count()
    }

    /// How many writes were under way at the same time.
    pub(super) fn most_in_flight(&self) -> u32 {
        self.held.lock().unwrap().most_in_flight
    }

    /// Writes as somebody else.
    pub(super) fn squat(&self, item: &str, text: &str, author: &str) {
        let from = self.clock.now();
        self.hold(Some(item.to_owned().into()), text, (from, from), account(author));
    }

    /// Keeps a text from when it was stored, and shows it from when lists do.
    fn hold(
        &self,
        item: Option<ItemId>,
        text: &str,
        (stored, from): (Timestamp, Timestamp),
        author: Account,
    ) -> String {
        let mut held = self.held.lock().unwrap();
        let remote = (held.rows.len() + 1).to_string();
        let native = Native {
            remote: remote.clone(),
            kind: NativeKind::Text,
            author,
            created: stored,
            updated: None,
            text: text.into(),
            visibility: Visibility::Internal,
            url: None,
            raw: Value::Null,
        };
        held.rows.push((from, item, native));
        remote
    }

    /// The account behind our secret.
    fn own(&self) -> Account {
        account(&(7 + self.held.lock().unwrap().logins).to_string())
    }

    fn fate(&self) -> Fate {
        let mut held = self.held.lock().unwrap();
        held.writes += 1;
        held.in_flight += 1;
        held.most_in_flight = held.most_in_flight.max(held.in_flight);
        match held.down_until {
            Some(until) if self.clock.now() < until => Fate::Down,
            _ => held.script.pop_front().unwrap_or(Fate::Stored),
        }
    }

    async fn write(&self, item: Option<ItemId>, text: &str) -> Result<Appended, TrackerError> {
        let fate = self.fate();
        let _flight = Flight(Arc::clone(&self.held));
        tokio::task::yield_now().await;
        let gate = self.held.lock().unwrap().gate.clone();
        if let Some(gate) = gate {
            gate.notified().await;
        }
        let outcome = self.suffer(fate, item.as_ref(), text);
        if fate == Fate::Silent {
            std::future::pending::<()>().await;
        }
        outcome
    }

    fn suffer(
        &self,
        fate: Fate,
        item: Option<&ItemId>,
        text: &str,
    ) -> Result<Appended, TrackerError> {
        let now = self.clock.now();
        let at = |later| now.checked_add(later).unwrap();
        let keep = |stored, from| self.hold(item.cloned(), text, (stored, from), self.own());
        let hold = |later| keep(at(later), at(later));
        let unknown = || Ok(Appended::Unknown { why: "connection reset".to_owned() });
        match fate {
            Fate::Stored => Ok(Appended::Stored { remote: hold(Duration::ZERO) }),
            Fate::Lagging(lag) => Ok(Appended::Stored { remote: keep(now, at(lag)) }),
            Fate::LostBefore => unknown(),
            Fate::LostAfter | Fate::Silent => {
                hold(Duration::ZERO);
                unknown()
            }
            Fate::Late(later) => {
                hold(later);
                unknown()
            }
            Fate::LostAndLagging(lag) => {
                keep(now, at(lag));
                unknown()
            }
            Fate::Accepted => {
                hold(Duration::ZERO);
                Ok(Appended::Accepted)
            }
            Fate::Down => Err(TrackerError::Unreachable { why: "connection refused".to_owned() }),
            Fate::Throttled(wait) => Err(TrackerError::Throttled { retry_after: Some(wait) }),
            Fate::Senseless => Err(TrackerError::Broken { why: "no JSON".to_owned() }),
            Fate::Rejected => Ok(Appended::Rejected { why: "comments are locked".to_owned() }),
        }
    }

    /// Lists in pages of three, so that a reader that stops at the first page is found out.
    fn list(&self, of: Option<&ItemId>, from: &Cursor) -> Result<Page<Native>, TrackerError> {
        let (mut held, now) = (self.held.lock().unwrap(), self.clock.now());
        if held.failing_reads > 0 {
            held.failing_reads -= 1;
            return Err(TrackerError::Unreachable { why: "connection refused".to_owned() });
        }
        if let Some(error) = &held.unreadable {
            return Err(error.clone());
        }
        let from: usize = from.as_str().parse().unwrap_or(0);
        let seen =
            |row: &&(Timestamp, Option<ItemId>, Native)| row.0 <= now && row.1.as_ref() == of;
        let all: Vec<_> = held.rows.iter().filter(seen).map(|row| row.2.clone()).collect();
        let found: Vec<_> = all.iter().skip(from).take(3).cloned().collect();
        let next = from + found.len();
        Ok(Page {
            found,
            next: next.to_string().into(),
            complete: next >= all.len(),
            unread: Vec::new(),
        })
    }
}

impl Tracker for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    fn logins(&self) -> u64 {
        self.held.lock().unwrap().logins
    }

    fn probe(&self) -> Answer<'_, Probe> {
        let account = self.own();
        let probe = Probe { access: Access::Write, ..Probe::of(account) };
        Box::pin(async { Ok(probe) })
    }

    fn incidents<'a>(&'a self, from: &'a Cursor) -> Answer<'a, Page<Item>> {
        let item = |native: Native| Item {
            id: native.remote.into(),
            title: "".into(),
            text: native.text,
            author: native.author,
            status: ItemStatus::Open,
            created: native.created,
            updated: None,
            url: None,
            raw: Value::Null,
        };
        Box::pin(async move {
            let Page { found, next, complete, unread } = self.list(None, from)?;
            Ok(Page { found: found.into_iter().map(item).collect(), next, complete, unread })
        })
    }

    fn entries<'a>(&'a self, item: &'a ItemId, from: &'a Cursor) -> Answer<'a, Page<Native>> {
        Box::pin(async move { self.list(Some(item), from) })
    }

    fn open<'a>(&'a self, item: &'a NewItem) -> Answer<'a, Opened> {
        Box::pin(async move {
            Ok(match self.write(None, &item.text).await? {
                Appended::Stored { remote } => Opened::Stored { item: remote.into() },
                Appended::Accepted => Opened::Unknown { why: "no id".to_owned() },
                Appended::Rejected { why } => Opened::Rejected { why },
                Appended::Unknown { why } => Opened::Unknown { why },
            })
        })
    }

    fn append<'a>(&'a self, item: &'a ItemId, text: &'a str) -> Answer<'a, Appended> {
        Box::pin(self.write(Some(item.clone()), text))
    }

    fn set_status<'a>(&'a self, _: &'a ItemId, _: ItemStatus) -> Answer<'a, ()> {
        let mut held = self.held.lock().unwrap();
        let fails = held.failing_closings > 0;
        held.failing_closings = held.failing_closings.saturating_sub(1);
        held.closed += u32::from(!fails);
        let down = || TrackerError::Unreachable { why: "connection refused".to_owned() };
        Box::pin(async move { if fails { Err(down()) } else { Ok(()) } })
    }

    fn relate<'a>(&'a self, _: &'a ItemId, _: &'a str, _: &'a str) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}

/// A journal, a clock that is moved by hand, and the scripted tracker.
pub(super) struct Stage {
    pub(super) dir: tempfile::TempDir,
    pub(super) journal: Journal,
    pub(super) clock: Clock,
    pub(super) tracker: Scripted,
    pub(super) told: Vec<Delivery>,
}

impl Stage {
    pub(super) fn set() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path()).unwrap();
        let clock = Clock::held_at(Timestamp::from_second(1_800_000_000).unwrap());
        let tracker = Scripted { clock: clock.clone(), held: Arc::default() };
        Self { dir, journal, clock, tracker, told: Vec::new() }
    }

    /// A stage on which the alert stands in the tracker already.
    pub(super) async fn opened() -> Self {
        let mut stage = Self::set();
        stage.owe([alert()]).await;
        stage.drive().await;
        stage.told.clear();
        stage
    }

    pub(super) async fn owe(&self, entries: impl IntoIterator<Item = Entry>) {
        let owed = |entry| Record::owed(entry, &["scripted".to_owned()]);
        self.journal.append(entries.into_iter().map(owed).collect()).await.unwrap();
    }

    pub(super) fn outbox(&self) -> (Outbox, mpsc::Receiver<Delivery>) {
        let (told, stages) = mpsc::channel(100_000);
        let route = Route {
            journal: self.journal.clone(),
            trackers: vec![Arc::new(self.tracker.clone())],
            clock: self.clock.clone(),
            told,
            seed: 7,
        };
        (Outbox::new(route), stages)
    }

    /// Starts a delivery and drives it until nothing is left to do.
    pub(super) async fn drive(&mut self) {
        let (mut outbox, mut stages) = self.outbox();
        outbox.drive().await;
        while let Ok(stage) = stages.try_recv() {
            self.told.push(stage);
        }
    }

    /// The stages that were told of an entry.
    pub(super) fn told_of(&self, entry: EntryId) -> Vec<&'static str> {
        let of = self.told.iter().filter(|told| told.entry == entry);
        of.map(|told| told.stage.word()).collect()
    }

    /// Records that an entry is this far.
    pub(super) async fn record(&self, entry: EntryId, stage: DeliveryStage) {
        let delivery = Delivery { entry, tracker: "scripted".to_owned(), stage };
        let record = Record::Delivery { delivery, at: self.clock.now() };
        self.journal.append(vec![record]).await.unwrap();
    }

    /// The words of all stages of an entry, by the journal.
    pub(super) fn stages_of(&self, entry: EntryId) -> Vec<&'static str> {
        let stages = self.journal.stages(entry, "scripted").unwrap();
        stages.iter().map(|owed| owed.delivery.stage.word()).collect()
    }

    /// How far an entry is, by the journal.
    pub(super) fn stage_of(&self, entry: EntryId) -> DeliveryStage {
        self.journal.deliveries(entry).unwrap()[0].delivery.stage.clone()
    }
}

/// The text that the scripted tracker gets of an entry.
pub(super) fn written(entry: &Entry) -> String {
    text::parts(entry, CAPABILITIES).unwrap().remove(0)
}

/// The entry with this number on the one incident.
pub(super) fn comment(number: u128) -> Entry {
    let at = Timestamp::from_second(1_800_000_000).unwrap();
    Entry {
        id: EntryId::from_parts(at, number),
        incident: IncidentId::from(EntryId::from_parts(at, 1)),
        actor: "agent:primary@eu1".parse().unwrap(),
        at,
        first_seen: at,
        body: Body::Comment,
        text: format!("finding {number}").into(),
        refs: Vec::new(),
        origins: Vec::new(),
    }
}

/// The alert that opens the incident.
pub(super) fn alert() -> Entry {
    let alert = Alert {
        title: "checkout fails for one in five".into(),
        severity: Severity::Sev2,
        service: "checkout".into(),
        dedup_key: "checkout-errors".to_owned(),
        firing: true,
        labels: std::collections::BTreeMap::new(),
    };
    Entry { body: Body::Alert(alert), text: "error rate 21 %".into(), ..comment(1) }
}
