//! A hub with an incident, an agent, and two people, under a clock moved by hand.

use std::sync::Arc;

use jiff::Timestamp;
use tempfile::TempDir;
use tokio::sync::mpsc;

use crate::hub::{Hub, Plan};
use crate::incident::{
    Actor, Alert, Answer, Body, DecisionState, Decisions, Digest, Entry, Handoff, HandoffContext,
    HandoffId, HandoffStep, IncidentId, Notice, PAYLOAD_VERSION, Policy, Principal, Proof,
    ProposalId, Risk, Severity, Trouble, Verdict, handoffs,
};
use crate::journal::Journal;
use crate::settings::Clock;
use crate::wire::{Command, Delivery, Draft, FeedEvent, Frame, Gates, Link, Reply, samples};

pub(super) fn principal(text: &str) -> Principal {
    let actor: Actor = text.parse().unwrap();
    Principal { actor, proof: Proof::LocalUser, roles: Vec::new() }
}

/// A hub with an incident, an agent, and two people.
pub(super) struct House {
    pub(super) dir: TempDir,
    pub(super) policy: Policy,
    pub(super) clock: Clock,
    pub(super) hub: Hub,
    _deliveries: mpsc::Sender<Delivery>,
    pub(super) agent: Link,
    pub(super) ada: Link,
    pub(super) grace: Link,
    pub(super) incident: IncidentId,
}

impl House {
    pub(super) async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::held_at(Timestamp::from_second(1_800_000_000).unwrap());
        let policy = Policy::default();
        let (hub, deliveries) = hub_on(&dir, &clock, &policy).await;
        let agent = hub.link(principal("agent:primary@test"));
        let alert = alert(true);
        let monitor = hub.link(principal("system:alertmanager"));
        let opened = monitor
            .ask(Command::OpenIncident { alert: alert.clone(), text: "firing".into() })
            .await;
        let Ok(Reply::Opened { incident, known: false }) = opened else { panic!("{opened:?}") };
        let again = monitor.ask(Command::OpenIncident { alert, text: "still firing".into() }).await;
        assert_eq!(again, Ok(Reply::Opened { incident, known: true }));
        let (ada, grace) = (hub.link(principal("human:ada")), hub.link(principal("human:grace")));
        Self { dir, policy, clock, hub, _deliveries: deliveries, agent, ada, grace, incident }
    }

    pub(super) async fn reopen(self) -> Self {
        let Self { dir, policy, clock, hub, incident, .. } = self;
        hub.stop().await;
        let (hub, deliveries) = hub_on(&dir, &clock, &policy).await;
        let agent = hub.link(principal("agent:primary@test"));
        let (ada, grace) = (hub.link(principal("human:ada")), hub.link(principal("human:grace")));
        Self { dir, policy, clock, hub, _deliveries: deliveries, agent, ada, grace, incident }
    }

    /// The monitor tells of the alert again.
    pub(super) async fn alerts(&self, alert: Alert) -> Result<Reply, Notice> {
        let monitor = self.hub.link(principal("system:alertmanager"));
        monitor.ask(Command::OpenIncident { alert, text: "told".into() }).await
    }

    /// Offers a handoff and returns it with the decision that it waits for.
    pub(super) async fn offer(&self, to: &str) -> (HandoffId, ProposalId) {
        let (incident, to) = (self.incident, to.to_owned());
        let context = Box::new(context(incident));
        let reply = self.agent.ask(Command::OfferHandoff { incident, to, context }).await;
        let Ok(Reply::Offered { handoff, proposal: Some(proposal) }) = reply else {
            panic!("{reply:?}")
        };
        (handoff, proposal)
    }

    pub(super) async fn step(
        by: &Link,
        handoff: HandoffId,
        step: HandoffStep,
    ) -> Result<Reply, Notice> {
        by.ask(Command::StepHandoff { handoff, step, text: "so it is".into() }).await
    }

    pub(super) async fn handoff(&self, id: HandoffId) -> Handoff {
        let feed = self.ada.follow().await.unwrap();
        handoffs(entries_of(&feed.backlog)).remove(&id).unwrap()
    }

    pub(super) async fn post(&self, by: &Link, body: Body) -> Result<Reply, Notice> {
        let (incident, refs) = (self.incident, Vec::new());
        let draft = Draft { incident, body, text: "so it is".into(), refs, key: None };
        by.ask(Command::Post { draft }).await
    }

    pub(super) async fn propose(&self, risk: Risk) -> (ProposalId, Digest) {
        let request = samples::request(self.incident, risk);
        let reply = self.agent.ask(Command::Propose { request: Box::new(request) }).await;
        let Ok(Reply::Proposed { proposal, digest }) = reply else { panic!("{reply:?}") };
        (proposal, digest)
    }

    pub(super) async fn decide(
        by: &Link,
        (proposal, digest): (ProposalId, Digest),
        answer: Answer,
    ) -> Result<Reply, Notice> {
        let typed_target = Some("checkout-config".to_owned());
        let acknowledged = Vec::new();
        let verdict = Verdict { proposal, digest, answer, acknowledged, typed_target };
        by.ask(Command::Decide { verdict }).await
    }

    pub(super) async fn claim(
        &self,
        (proposal, digest): (ProposalId, Digest),
    ) -> Result<Reply, Notice> {
        self.agent.ask(Command::Claim { proposal, digest }).await
    }

    /// Waits until an entry whose text begins like this is told.
    pub(super) async fn wait_for(&self, beginning: &str) {
        let mut feed = self.ada.follow().await.unwrap();
        let told = |frames: &[Arc<Frame>]| {
            entries_of(frames).any(|entry| entry.text.for_storage().starts_with(beginning))
        };
        if told(&feed.backlog) {
            return;
        }
        while !told(&[feed.live.recv().await.unwrap()]) {}
    }

    /// What everybody who follows folds out of the feed.
    pub(super) async fn decisions(&self) -> Decisions {
        let feed = self.ada.follow().await.unwrap();
        Decisions::fold(entries_of(&feed.backlog))
    }

    pub(super) async fn state(&self, id: ProposalId) -> DecisionState {
        self.decisions().await.get(id).unwrap().state.clone()
    }
}

pub(super) fn entries_of(frames: &[Arc<Frame>]) -> impl Iterator<Item = &Entry> {
    frames.iter().filter_map(|frame| match &frame.event {
        FeedEvent::EntryArrived { entry } => Some(&**entry),
        _ => None,
    })
}

pub(super) fn alert(firing: bool) -> Alert {
    Alert {
        title: "too many errors".into(),
        severity: Severity::Sev2,
        service: "checkout".into(),
        dedup_key: "k1".to_owned(),
        firing,
        labels: std::collections::BTreeMap::new(),
    }
}

async fn hub_on(dir: &TempDir, clock: &Clock, policy: &Policy) -> (Hub, mpsc::Sender<Delivery>) {
    let journal = Journal::open(dir.path()).unwrap();
    let (told, deliveries) = mpsc::channel(8);
    let plan = Plan {
        journal,
        clock: clock.clone(),
        policy: policy.clone(),
        gates: Gates::default(),
        deliveries,
        seed: None,
    };
    (Hub::start(plan).await.unwrap(), told)
}

pub(super) fn context(incident: IncidentId) -> HandoffContext {
    HandoffContext {
        version: PAYLOAD_VERSION,
        incident,
        title: "too many errors".into(),
        summary: String::new().into(),
        severity: Severity::Sev2,
        resources: Vec::new(),
        evidence: Vec::new(),
        tried: Vec::new(),
        open_questions: Vec::new(),
        question: "what changed?".into(),
        constraints: Vec::new(),
        path: Vec::new(),
        return_to: "agent:primary@test".to_owned(),
    }
}

pub(super) fn trouble(result: Result<Reply, Notice>) -> Trouble {
    result.unwrap_err().trouble
}
