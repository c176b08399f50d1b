//! One story on each look-alike: asked there, answered there, changed, removed and closed there, all seen here.

use std::collections::BTreeMap;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

use wheelhouse::hub::{
    Accounts, Alerts, Delivering, Hub, Known, Plan, Reading, Route, Source, Syncing,
};
use wheelhouse::incident::{
    Actor, Alert, Ask, Body, Canonical, Change, Digest, Effects, Entry, EntryId, Expectation,
    IncidentId, Policy, Preview, Principal, Proof, ProposalId, Remedy, Risk, Severity, Target,
    Verification,
};
use wheelhouse::journal::Journal;
use wheelhouse::sandbox::lookalikes::{Fault, FaultLine, Sandbox, SandboxPlan, Vendor};
use wheelhouse::settings::{Clock, Visibility};
use wheelhouse::wire::{Command, Feed, FeedEvent, Gates, Link, Reach, Reply, Request};

use super::stage::{VENDORS, entering};

/// How fast the clock runs: what is looked at every five minutes is looked at every three seconds.
const SPEED: f64 = 100.0;

/// How long the whole story may take, in seconds on the wall.
const LONGEST: Duration = Duration::from_secs(100);

/// A hub with everything that runs beside it, on one look-alike.
struct Night {
    vendor: Vendor,
    sandbox: Sandbox,
    journal: Journal,
    agent: Link,
    feed: Feed,
    /// How the tracker was last said to stand.
    reach: Option<Reach>,
    syncing: Syncing,
    delivering: Delivering,
    _hub: Hub,
    _dir: TempDir,
}

fn principal(text: &str) -> Principal {
    let actor: Actor = text.parse().unwrap();
    Principal { actor, proof: Proof::LocalUser, roles: Vec::new() }
}

/// What the agent asks for.
fn remedy() -> Remedy {
    let (system, environment) = ("admin".to_owned(), "production".to_owned());
    Remedy {
        verb: "rollback".to_owned(),
        target: Target { system, resource: "checkout-config".to_owned(), environment },
        args: Canonical::parse(r#"{"to":"r41"}"#).unwrap(),
        tool_schema: Digest::of("tool", &[b"rollback"]),
        preview: Preview::Diff { text: "- 2\n+ 20".into() },
        effects: Effects { reversible: true, blast_radius: "checkout".into(), downtime_s: 0 },
        rollback: None,
        verify: Verification {
            query: "error-ratio".to_owned(),
            expect: Expectation::Below(0.02),
            after_s: 1,
            hold_s: 5,
        },
    }
}

/// The commander may decide, as far as the settings go.
fn accounts(vendor: Vendor) -> Accounts {
    let mut accounts = Accounts::default();
    let commander = Sandbox::accounts().iter().find(|it| it.login == "commander").unwrap();
    let actor = "human:ada".parse().unwrap();
    let known = Known { actor, roles: Vec::new(), approves: true };
    accounts.add(vendor.word(), &commander.id(vendor), known);
    accounts
}

impl Night {
    async fn begin(vendor: Vendor) -> Self {
        let (dir, clock) = (tempfile::tempdir().unwrap(), Clock::at_speed(SPEED));
        let sandbox = Sandbox::start(SandboxPlan::new(1, clock.clone())).await.unwrap();
        let token = sandbox.token(vendor, "wheelhouse").unwrap();
        let whose = (vendor, Visibility::Internal, "wheelhouse");
        let tracker = entering((sandbox.base(vendor), &token), &clock, whose).await;
        let journal = Journal::open(dir.path()).unwrap();
        let (told, deliveries) = mpsc::channel(64);
        let hub = Hub::start(Plan {
            journal: journal.clone(),
            clock: clock.clone(),
            policy: Policy::default(),
            gates: Gates { trackers: vec![vendor.word().to_owned()], ..Gates::default() },
            deliveries,
            seed: None,
        });
        let hub = hub.await.unwrap();
        let delivering = Delivering::start(Route {
            journal: journal.clone(),
            trackers: vec![tracker.clone()],
            clock: clock.clone(),
            told,
            seed: 1,
        });
        let syncing = Syncing::start(Reading {
            sources: vec![Source { tracker, alerts: Alerts::None, joins: false, verdicts: true }],
            accounts: accounts(vendor),
            journal: journal.clone(),
            clock,
            witness: hub.witness(),
            seed: 1,
        });
        let agent = hub.link(principal("agent:primary@eu1"));
        let feed = agent.follow().await.unwrap();
        Self {
            vendor,
            sandbox,
            journal,
            agent,
            feed,
            reach: None,
            syncing,
            delivering,
            _hub: hub,
            _dir: dir,
        }
    }

    /// Waits until something is so; looks again whenever the hub tells something.
    async fn until<T>(&mut self, holds: impl Fn(&Self) -> Option<T>) -> T {
        loop {
            if let Some(found) = holds(self) {
                return found;
            }
            match self.feed.live.recv().await {
                Ok(frame) => {
                    if let FeedEvent::TrackerMoved { tracker } = &frame.event {
                        self.reach = Some(tracker.reach.clone());
                    }
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => panic!("{}: the hub has ended", self.vendor),
            }
        }
    }

    fn entries(&self) -> Vec<Entry> {
        self.journal.entries(None, None, 10_000).unwrap().entries
    }

    /// Waits until everything that is owed stands in the tracker.
    async fn delivered(&mut self) {
        self.until(|night| night.journal.owed().unwrap().is_empty().then_some(())).await;
    }

    /// Opens an incident, which opens an item with the same title; answers with the item's name.
    async fn open(&mut self, title: &str) -> (IncidentId, String) {
        let alert = Alert {
            title: title.into(),
            severity: Severity::Sev2,
            service: "checkout".into(),
            dedup_key: title.to_owned(),
            firing: true,
            labels: BTreeMap::new(),
        };
        let command = Command::OpenIncident { alert, text: "firing".into() };
        let Ok(Reply::Opened { incident, .. }) = self.agent.ask(command).await else { panic!() };
        self.delivered().await;
        let items = self.sandbox.items(self.vendor);
        (incident, items.into_iter().find(|item| item.title == title).unwrap().name)
    }

    async fn propose(&mut self, incident: IncidentId) -> (ProposalId, Digest) {
        let request = Request {
            incident,
            ask: Ask::Action(Box::new(remedy())),
            title: "Roll back".into(),
            rationale: "because".into(),
            evidence: Vec::new(),
            claimed_risk: Risk::Medium,
            supersedes: None,
        };
        let reply = self.agent.ask(Command::Propose { request: Box::new(request) }).await;
        let Ok(Reply::Proposed { proposal, digest }) = reply else { panic!("{reply:?}") };
        self.delivered().await;
        (proposal, digest)
    }

    /// Types something into the tracker's own page, and waits until it is an entry here.
    async fn say(&mut self, item: &str, by: &str, text: &str) -> (u64, Entry) {
        let note = self.sandbox.comment(self.vendor, item, (by, text)).await.unwrap();
        assert!(self.syncing.hint().read(self.vendor.word()));
        let is_it = |entry: &&Entry| entry.text.for_storage().trim_end() == text;
        let entry = self.until(|night| night.entries().iter().find(is_it).cloned()).await;
        (note, entry)
    }

    /// What is told of a copy of an entry that was removed, or changed.
    fn correction(&self, of: EntryId, removed: bool) -> Option<Entry> {
        self.entries().into_iter().find(|entry| {
            let Body::Correction(correction) = &entry.body else { return false };
            let is_removal = matches!(correction.change, Change::RemovedUpstream { .. });
            correction.of == of && is_removal == removed
        })
    }

    async fn corrected(&mut self, of: EntryId, removed: bool) -> Entry {
        self.until(|night| night.correction(of, removed)).await
    }

    /// Moves an item to a state by hand, and waits until it is told who did it.
    async fn moved(
        &mut self,
        item: &str,
        (by, state): (&str, &str),
        (as_whom, says): (&str, &str),
    ) {
        let place = format!(" in {} ", self.vendor.word());
        let is_it = |entry: &&Entry| {
            let text = entry.text.for_storage();
            text.starts_with(as_whom) && text.contains(&place) && text.ends_with(says)
        };
        let told = |night: &Self| night.entries().iter().filter(is_it).count();
        let before = told(self);
        self.sandbox.move_to(self.vendor, item, (by, state)).await.unwrap();
        assert!(self.syncing.hint().read(self.vendor.word()));
        self.until(|night| (told(night) == before + 1).then_some(())).await;
    }

    /// Moves an item on by hand, without opening or closing it; nothing is settled or asked anew by that.
    async fn moved_on(&mut self, item: &str, (state, says): (&str, &str)) {
        let before = self.entries().len();
        self.moved(item, ("on-call", state), ("human:", says)).await;
        let told = self.entries().split_off(before);
        let about: Vec<&Entry> =
            told.iter().filter(|it| it.text.for_storage().ends_with(says)).collect();
        assert_eq!(about.len(), 1, "{}: {told:?}", self.vendor);
        assert!(matches!(about[0].body, Body::Comment), "{told:?}");
        assert_eq!(about[0].actor, Actor::wheelhouse(), "nobody's words are put in their mouth");
    }

    async fn end(self) {
        self.syncing.end().await;
        self.delivering.end().await;
    }
}

/// Somebody answers in the tracker; where it proves who writes, that decides, and what was asked may run.
async fn answered(night: &mut Night, (incident, item): (IncidentId, &str)) {
    let (proposal, digest) = night.propose(incident).await;
    if night.vendor == Vendor::Github {
        mailed(night, item, proposal).await;
    }
    let (_, entry) = night.say(item, "commander", &format!("/approve {proposal}")).await;
    let claimed = night.agent.ask(Command::Claim { proposal, digest }).await;
    if night.vendor == Vendor::Pagerduty {
        assert!(matches!(entry.body, Body::Comment), "{entry:?}");
        assert!(claimed.is_err(), "a note proves nobody's will");
    } else {
        assert!(matches!(entry.body, Body::Verdict(_)), "{}: {entry:?}", night.vendor);
        assert_eq!(entry.actor.to_string(), "human:ada");
        assert!(claimed.is_ok(), "{}: {claimed:?}", night.vendor);
    }
    night.delivered().await;
}

/// Somebody who holds the mail that told of a proposal answers it, and is told that it decides nothing.
async fn mailed(night: &mut Night, item: &str, proposal: ProposalId) {
    let text = format!("/approve {proposal}\n\nSent from somewhere");
    night.sandbox.mail(night.vendor, item, ("commander", &text)).await.unwrap();
    assert!(night.syncing.hint().read(night.vendor.word()));
    let is_told = |entry: &Entry| entry.text.for_storage().contains("it came by e-mail");
    night.until(|night| night.entries().iter().any(is_told).then_some(())).await;
    let entries = night.entries();
    let said = entries.iter().find(|entry| entry.text.for_storage().trim_end() == text).unwrap();
    assert!(matches!(said.body, Body::Comment), "{said:?}");
    night.delivered().await;
}

/// A comment is changed and another one removed; then all of them are removed, and the other item is read
/// all the same.
async fn meddled_with(night: &mut Night, (item, other): (&str, &str)) {
    let (note, said) = night.say(item, "on-call", "I see it in eu-1 too").await;
    night.sandbox.edit(note, ("commander", "I see it nowhere")).await.unwrap();
    let (note, gone) = night.say(item, "on-call", "it gets worse").await;
    let edited = night.corrected(said.id, false).await;
    assert!(edited.text.for_storage().trim_end().ends_with("nowhere"), "{edited:?}");
    assert!(night.entries().iter().any(|entry| entry.text == said.text), "what was first is kept");
    night.sandbox.remove(note, "commander").await.unwrap();
    let (_, last) = night.say(item, "on-call", "all quiet").await;
    night.corrected(gone.id, true).await;

    let held = night.sandbox.items(night.vendor).into_iter().find(|it| it.name == item).unwrap();
    for note in held.notes {
        night.sandbox.remove(note.number, "commander").await.unwrap();
    }
    // Where nothing else stands in the item, nothing is believed before another one shows something.
    let is_told = |night: &Night| {
        let doubts = matches!(night.reach, Some(Reach::Lagging { .. }));
        (doubts || night.correction(last.id, true).is_some()).then_some(())
    };
    night.until(is_told).await;
    night.say(other, "on-call", "and here?").await;
    night.corrected(last.id, true).await;
    night.say(other, "on-call", "still here").await;
    night.say(item, "on-call", "anybody there?").await;
}

async fn story(vendor: Vendor) {
    let mut night = Night::begin(vendor).await;
    let (incident, item) = night.open("checkout fails").await;
    let (_, other) = night.open("disk full").await;
    answered(&mut night, (incident, &item)).await;
    meddled_with(&mut night, (&item, &other)).await;
    let on = match vendor {
        Vendor::Github => None,
        Vendor::Pagerduty => Some(("acknowledged", "acknowledged")),
        Vendor::Servicenow => Some(("3", "state: On Hold")),
        Vendor::Jira => Some(("In Progress", "status: To Do → In Progress")),
    };
    if let Some(on) = on {
        night.moved_on(&other, on).await;
    }
    let (closed, open) = match vendor {
        Vendor::Github => (("closed", "closed"), Some(("open", "reopened"))),
        Vendor::Pagerduty => (("resolved", "resolve by On-call engineer"), None),
        Vendor::Servicenow => (("6", "closed"), Some(("2", "open"))),
        Vendor::Jira => {
            (("Done", "status: In Progress → Done"), Some(("To Do", "status: Done → To Do")))
        }
    };
    night.moved(&other, ("on-call", closed.0), ("human:", closed.1)).await;
    if let Some((open, says)) = open {
        // By hand, under the account whose token the hub has.
        night.moved(&other, ("wheelhouse", open), ("agent:", says)).await;
    }
    night.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_do_in_a_tracker_is_seen_and_decides_where_it_proves_who_they_are() {
    let all = VENDORS.map(|vendor| tokio::spawn(tokio::time::timeout(LONGEST, story(vendor))));
    for (vendor, told) in VENDORS.into_iter().zip(all) {
        assert!(told.await.unwrap().is_ok(), "{vendor}: the story does not end");
    }
}

/// A right is taken away: what stands there is not taken for removed, and nothing stands there twice.
async fn hidden() {
    let mut night = Night::begin(Vendor::Servicenow).await;
    let (_, item) = night.open("checkout fails").await;
    let (_, said) = night.say(&item, "on-call", "I see it in eu-1 too").await;
    night.sandbox.fault(night.vendor, FaultLine::of_reads(Fault::SilentEmpty));
    let is_told = |night: &Night| {
        let is_lagging =
            matches!(&night.reach, Some(Reach::Lagging { why, .. }) if why.contains("hides"));
        let is_gone = night.correction(said.id, true).is_some();
        (is_lagging || is_gone).then_some(is_lagging)
    };
    assert!(night.until(is_told).await, "it was told that somebody removed it");
    night.sandbox.mend(night.vendor);
    night.say(&item, "on-call", "all quiet").await;
    night.until(|night| matches!(night.reach, Some(Reach::Current { .. })).then_some(())).await;
    let entries = night.entries();
    let is_it = |entry: &&Entry| entry.text.for_storage().trim_end() == "I see it in eu-1 too";
    assert_eq!(entries.iter().filter(is_it).count(), 1);
    assert!(!entries.iter().any(|entry| matches!(&entry.body, Body::Correction(_))));
    night.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_is_hidden_all_at_once_is_said_to_lag_and_nothing_is_lost() {
    assert!(tokio::time::timeout(LONGEST, hidden()).await.is_ok(), "the story does not end");
}
