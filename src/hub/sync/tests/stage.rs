//! The stage of the tests: a hub with an incident, its item on a board, and the board's reader.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::mpsc;

use super::board::{Board, now};
use crate::hub::delivery::Outbox;
use crate::hub::sync::reader::Reader;
use crate::hub::sync::source::{Addresses, Alerts, Source};
use crate::hub::sync::trouble::Trouble;
use crate::hub::sync::{Accounts, Known};
use crate::hub::{Hub, Plan, Route};
use crate::incident::{
    Actor, Alert, Body, DecisionState, Decisions, Digest, Entry, IncidentId, Kind, Notice, Policy,
    Principal, Proof, ProposalId, Risk, Severity,
};
use crate::journal::Journal;
use crate::settings::Clock;
use crate::trackers::Tracker;
use crate::wire::{Command, Delivery, FeedEvent, Gates, Link, Reply, TrackerStanding, samples};

/// A hub, the boards that it writes to, and a reader of each.
pub(super) struct Stage {
    dir: TempDir,
    pub(super) clock: Clock,
    pub(super) hub: Hub,
    pub(super) journal: Journal,
    pub(super) boards: Vec<Board>,
    pub(super) readers: Vec<Reader>,
    deliveries: mpsc::Sender<Delivery>,
    pub(super) agent: Link,
    pub(super) ada: Link,
    pub(super) incident: IncidentId,
}

pub(super) fn principal(text: &str) -> Principal {
    let actor: Actor = text.parse().unwrap();
    Principal { actor, proof: Proof::LocalUser, roles: Vec::new() }
}

fn alert(key: &str) -> Alert {
    Alert {
        title: "too many errors".into(),
        severity: Severity::Sev2,
        service: "checkout".into(),
        dedup_key: key.to_owned(),
        firing: true,
        labels: std::collections::BTreeMap::new(),
    }
}

/// Ada with two accounts and Grace with one may decide; Linus is known and may not.
fn accounts() -> Accounts {
    let mut accounts = Accounts::default();
    let mut add = |id: &str, actor: &str, approves| {
        let actor: Actor = actor.parse().unwrap();
        for board in ["board", "tickets"] {
            accounts.add(board, id, Known { actor: actor.clone(), roles: Vec::new(), approves });
        }
    };
    add("1", "human:ada", true);
    add("11", "human:ada", true);
    add("2", "human:grace", true);
    add("3", "human:linus", false);
    accounts
}

impl Stage {
    /// A stage with one board that carries verdicts, on which the incident has item 1.
    pub(super) async fn set() -> Self {
        Self::with(|_| {}).await
    }

    /// The same, with the board made to order.
    pub(super) async fn with(change: impl FnOnce(&mut Board)) -> Self {
        let clock = Clock::held_at(now());
        let mut board = Board::new("board", &clock);
        change(&mut board);
        Self::on(clock, vec![board]).await
    }

    /// A stage with these boards.
    pub(super) async fn on(clock: Clock, boards: Vec<Board>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (hub, journal, deliveries) = open(&dir, &clock, &boards).await;
        let monitor = hub.link(principal("system:alertmanager"));
        let command = Command::OpenIncident { alert: alert("k1"), text: "firing".into() };
        let Ok(Reply::Opened { incident, .. }) = monitor.ask(command).await else { panic!() };
        let agent = hub.link(principal("agent:primary@test"));
        let ada = hub.link(principal("human:ada"));
        let readers = readers(&boards, &journal, &clock, &hub);
        let mut stage =
            Self { dir, clock, hub, journal, boards, readers, deliveries, agent, ada, incident };
        stage.deliver().await;
        stage
    }

    /// Ends the hub and starts another one on the same journal, with readers that know nothing.
    pub(super) async fn restart(mut self) -> Self {
        self.readers.clear();
        self.hub.stop().await;
        drop((self.agent, self.ada, self.journal));
        let (hub, journal, deliveries) = open(&self.dir, &self.clock, &self.boards).await;
        let agent = hub.link(principal("agent:primary@test"));
        let ada = hub.link(principal("human:ada"));
        let readers = readers(&self.boards, &journal, &self.clock, &hub);
        Self { hub, journal, readers, deliveries, agent, ada, ..self }
    }

    /// The same as if its trackers were taken out of the settings.
    pub(super) fn without_readers(self) -> Self {
        Self { readers: Vec::new(), ..self }
    }

    pub(super) fn board(&self) -> &Board {
        &self.boards[0]
    }

    /// Pays everything that is owed.
    pub(super) async fn deliver(&mut self) {
        let tracker = |board: &Board| -> Arc<dyn Tracker> { Arc::new(board.clone()) };
        let route = Route {
            journal: self.journal.clone(),
            trackers: self.boards.iter().map(tracker).collect(),
            clock: self.clock.clone(),
            told: self.deliveries.clone(),
            seed: 1,
        };
        Outbox::new(route).drive().await;
    }

    /// Lets every reader read once.
    pub(super) async fn read(&mut self) {
        self.try_read().await.unwrap();
    }

    pub(super) async fn try_read(&mut self) -> Result<(), Trouble> {
        for reader in &mut self.readers {
            reader.round().await?;
        }
        Ok(())
    }

    /// Lets every reader read everything from the beginning, twice, so that removals are believed.
    pub(super) async fn read_all(&mut self) {
        for _ in 0..2 {
            self.clock.advance(Duration::from_secs(301));
            self.read().await;
        }
    }

    /// The entries of a kind, oldest first, as the journal has them.
    pub(super) fn entries(&self, kind: Kind) -> Vec<Entry> {
        let page = self.journal.entries(None, None, 10_000).unwrap();
        page.entries.into_iter().filter(|entry| entry.body.kind() == kind).collect()
    }

    /// The texts of the comments.
    pub(super) fn comments(&self) -> Vec<String> {
        let text = |entry: Entry| entry.text.for_storage().to_owned();
        self.entries(Kind::Comment).into_iter().map(text).collect()
    }

    /// Asks people for a rollback at a risk.
    pub(super) async fn propose(&self, risk: Risk) -> (ProposalId, Digest) {
        self.propose_on(self.incident, risk).await
    }

    pub(super) async fn propose_on(
        &self,
        incident: IncidentId,
        risk: Risk,
    ) -> (ProposalId, Digest) {
        let request = samples::request(incident, risk);
        let reply = self.agent.ask(Command::Propose { request: Box::new(request) }).await;
        let Ok(Reply::Proposed { proposal, digest }) = reply else { panic!("{reply:?}") };
        (proposal, digest)
    }

    /// Claims, while the readers look at what the hub asks them to look at.
    pub(super) async fn claim(&mut self, of: (ProposalId, Digest)) -> Result<Reply, Notice> {
        self.claim_meanwhile(of, || {}).await
    }

    /// Claims, and lets something happen before the readers look.
    pub(super) async fn claim_meanwhile(
        &mut self,
        of: (ProposalId, Digest),
        meanwhile: impl FnOnce(),
    ) -> Result<Reply, Notice> {
        let Self { agent, readers, .. } = self;
        let mut claimed = pin!(agent.ask(Command::Claim { proposal: of.0, digest: of.1 }));
        let mut meanwhile = Some(meanwhile);
        loop {
            tokio::select! {
                biased;
                answer = &mut claimed => return answer,
                () = tokio::task::yield_now() => {}
            }
            for reader in readers.iter_mut().filter(|reader| !reader.looks.is_empty()) {
                if let Some(meanwhile) = meanwhile.take() {
                    meanwhile();
                }
                reader.look_out_now().await;
            }
        }
    }

    pub(super) async fn events(&self) -> Vec<FeedEvent> {
        let feed = self.ada.follow().await.unwrap();
        feed.backlog.iter().map(|frame| frame.event.clone()).collect()
    }

    /// Where a decision stands, by what everybody is told.
    pub(super) async fn state(&self, id: ProposalId) -> DecisionState {
        let events = self.events().await;
        let entries = events.iter().filter_map(|event| match event {
            FeedEvent::EntryArrived { entry } => Some(&**entry),
            _ => None,
        });
        Decisions::fold(entries).get(id).unwrap().state.clone()
    }

    /// How the trackers were said to stand, in order.
    pub(super) async fn standings(&self) -> Vec<TrackerStanding> {
        let events = self.events().await.into_iter();
        events
            .filter_map(|event| match event {
                FeedEvent::TrackerMoved { tracker } => Some(tracker),
                _ => None,
            })
            .collect()
    }

    /// Another incident, with an item of its own.
    pub(super) async fn another_incident(&mut self) -> IncidentId {
        let monitor = self.hub.link(principal("system:alertmanager"));
        let command = Command::OpenIncident { alert: alert("k2"), text: "firing".into() };
        let Ok(Reply::Opened { incident, .. }) = monitor.ask(command).await else { panic!() };
        self.deliver().await;
        incident
    }
}

/// Whether nothing is written there, and its items belong to the incidents whose items they name.
fn is_only_read(board: &Board) -> bool {
    board.name() == "tickets"
}

async fn open(
    dir: &TempDir,
    clock: &Clock,
    boards: &[Board],
) -> (Hub, Journal, mpsc::Sender<Delivery>) {
    let journal = Journal::open(dir.path()).unwrap();
    let (told, deliveries) = mpsc::channel(64);
    let written = boards.iter().filter(|board| !is_only_read(board));
    let trackers = written.map(|board| board.name().to_owned()).collect();
    let plan = Plan {
        journal: journal.clone(),
        clock: clock.clone(),
        policy: Policy::default(),
        gates: Gates { trackers, ..Gates::default() },
        deliveries,
        seed: None,
    };
    (Hub::start(plan).await.unwrap(), journal, told)
}

fn readers(boards: &[Board], journal: &Journal, clock: &Clock, hub: &Hub) -> Vec<Reader> {
    let (accounts, addresses) = (Arc::new(accounts()), Addresses::default());
    let source = |board: &Board| {
        let opens = board.name() == "pager";
        let young = if board.chosen { Alerts::Chosen } else { Alerts::Young };
        let alerts = if opens { young } else { Alerts::None };
        let joins = is_only_read(board);
        Source { tracker: Arc::new(board.clone()), alerts, joins, verdicts: !opens }
    };
    let sources: Vec<Source> = boards.iter().map(source).collect();
    let reader = |source: &Source| {
        let known = (journal.history().clone(), clock.clone(), hub.witness());
        let shared = (Arc::clone(&accounts), Arc::clone(&addresses));
        Reader::new(source.clone(), known, shared, 1).beside(&sources)
    };
    sources.iter().map(reader).collect()
}

/// Whether an entry says this of somebody else's text.
pub(super) fn is_comment_by(entry: &Entry, actor: &str) -> bool {
    matches!(entry.body, Body::Comment) && entry.actor.to_string() == actor
}
