//! The hub as its principals meet it: over links, on a real journal, under a clock moved by hand.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tokio::sync::mpsc;

use super::{Hub, Plan};
use crate::incident::{
    Actor, Alert, Answer, Body, DecisionState, Decisions, Digest, Entry, HandoffContext,
    HandoffState, HandoffStep, Hit, IncidentId, Notice, PAYLOAD_VERSION, Policy, Principal, Proof,
    ProposalId, Query, Redirect, Risk, Settlement, Severity, Stage, Trouble, Verdict, handoffs,
    samples::remedy,
};
use crate::journal::Journal;
use crate::settings::Clock;
use crate::wire::{Command, Delivery, Draft, FeedEvent, Frame, Gates, Link, Reply, samples};

fn principal(text: &str) -> Principal {
    let actor: Actor = text.parse().unwrap();
    Principal { actor, proof: Proof::LocalUser, roles: Vec::new() }
}

/// A hub with an incident, an agent, and two people.
struct House {
    dir: TempDir,
    clock: Clock,
    hub: Hub,
    _deliveries: mpsc::Sender<Delivery>,
    agent: Link,
    ada: Link,
    grace: Link,
    incident: IncidentId,
}

impl House {
    async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::held_at(Timestamp::from_second(1_800_000_000).unwrap());
        let (hub, deliveries) = hub_on(&dir, &clock).await;
        let agent = hub.link(principal("agent:primary@test"));
        let alert = Alert {
            title: "too many errors".into(),
            severity: Severity::Sev2,
            service: "checkout".into(),
            dedup_key: "k1".to_owned(),
            firing: true,
            labels: std::collections::BTreeMap::new(),
        };
        let monitor = hub.link(principal("system:alertmanager"));
        let opened = monitor
            .ask(Command::OpenIncident { alert: alert.clone(), text: "firing".into() })
            .await;
        let Ok(Reply::Opened { incident, known: false }) = opened else { panic!("{opened:?}") };
        let again = monitor.ask(Command::OpenIncident { alert, text: "still firing".into() }).await;
        assert_eq!(again, Ok(Reply::Opened { incident, known: true }));
        let (ada, grace) = (hub.link(principal("human:ada")), hub.link(principal("human:grace")));
        Self { dir, clock, hub, _deliveries: deliveries, agent, ada, grace, incident }
    }

    async fn reopen(self) -> Self {
        let Self { dir, clock, hub, incident, .. } = self;
        hub.stop().await;
        let (hub, deliveries) = hub_on(&dir, &clock).await;
        let agent = hub.link(principal("agent:primary@test"));
        let (ada, grace) = (hub.link(principal("human:ada")), hub.link(principal("human:grace")));
        Self { dir, clock, hub, _deliveries: deliveries, agent, ada, grace, incident }
    }

    async fn propose(&self, risk: Risk) -> (ProposalId, Digest) {
        let request = samples::request(self.incident, risk);
        let reply = self.agent.ask(Command::Propose { request: Box::new(request) }).await;
        let Ok(Reply::Proposed { proposal, digest }) = reply else { panic!("{reply:?}") };
        (proposal, digest)
    }

    async fn decide(
        by: &Link,
        (proposal, digest): (ProposalId, Digest),
        answer: Answer,
    ) -> Result<Reply, Notice> {
        let typed_target = Some("checkout-config".to_owned());
        let acknowledged = Vec::new();
        let verdict = Verdict { proposal, digest, answer, acknowledged, typed_target };
        by.ask(Command::Decide { verdict }).await
    }

    async fn claim(&self, (proposal, digest): (ProposalId, Digest)) -> Result<Reply, Notice> {
        self.agent.ask(Command::Claim { proposal, digest }).await
    }

    /// Waits until an entry whose text begins like this is told.
    async fn wait_for(&self, beginning: &str) {
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
    async fn decisions(&self) -> Decisions {
        let feed = self.ada.follow().await.unwrap();
        Decisions::fold(entries_of(&feed.backlog))
    }

    async fn state(&self, id: ProposalId) -> DecisionState {
        self.decisions().await.get(id).unwrap().state.clone()
    }
}

fn entries_of(frames: &[Arc<Frame>]) -> impl Iterator<Item = &Entry> {
    frames.iter().filter_map(|frame| match &frame.event {
        FeedEvent::EntryArrived { entry } => Some(&**entry),
        _ => None,
    })
}

async fn hub_on(dir: &TempDir, clock: &Clock) -> (Hub, mpsc::Sender<Delivery>) {
    let journal = Journal::open(dir.path()).unwrap();
    let (told, deliveries) = mpsc::channel(8);
    let plan = Plan {
        journal,
        clock: clock.clone(),
        policy: Policy::default(),
        gates: Gates::default(),
        deliveries,
        seed: None,
    };
    (Hub::start(plan).await.unwrap(), told)
}

fn context(incident: IncidentId) -> HandoffContext {
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

fn trouble(result: Result<Reply, Notice>) -> Trouble {
    result.unwrap_err().trouble
}

#[tokio::test]
async fn what_a_person_approved_is_claimed_once_and_by_its_proposer_alone() {
    let house = House::open().await;
    let asked = house.propose(Risk::High).await;
    assert_eq!(trouble(house.claim(asked).await), Trouble::Conflict, "not approved yet");
    House::decide(&house.ada, asked, Answer::Approve).await.unwrap();
    let other = house.hub.link(principal("agent:other@test"));
    let (proposal, digest) = asked;
    let stolen = other.ask(Command::Claim { proposal, digest }).await;
    assert_eq!(trouble(stolen), Trouble::NotAllowed);
    let wrong = (proposal, Digest::of("proposal", &[b"else"]));
    assert_eq!(trouble(house.claim(wrong).await), Trouble::Conflict);
    let Ok(Reply::Claimed { remedy: run }) = house.claim(asked).await else { panic!() };
    assert_eq!(*run, remedy());
    assert_eq!(trouble(house.claim(asked).await), Trouble::Conflict, "single use");
    assert_eq!(house.state(proposal).await, DecisionState::Dispatching);
}

/// 35: the clock is set by three days or by a minute, or the machine slept.
#[tokio::test]
async fn an_approval_from_before_the_clock_jumped_is_none() {
    for seconds in [3 * 86_400, -3 * 86_400, 61, -61] {
        let house = House::open().await;
        let (approved, open) = (house.propose(Risk::Medium).await, house.propose(Risk::High).await);
        House::decide(&house.ada, approved, Answer::Approve).await.unwrap();
        house.clock.jump(SignedDuration::from_secs(seconds));
        assert_eq!(trouble(house.claim(approved).await), Trouble::Conflict, "{seconds} s");
        assert_eq!(house.state(approved.0).await, DecisionState::Superseded, "{seconds} s");
        let waits = house.state(open.0).await.is_open();
        assert_eq!(waits, seconds > 0, "after a jump back nothing waits longer than was said");
    }
    let house = House::open().await;
    let asked = house.propose(Risk::Medium).await;
    House::decide(&house.ada, asked, Answer::Approve).await.unwrap();
    house.clock.advance(Duration::from_secs(61));
    assert!(house.claim(asked).await.is_ok(), "time that passes is no jump");
}

#[tokio::test]
async fn of_many_claims_at_once_exactly_one_holds() {
    let house = House::open().await;
    let asked = house.propose(Risk::Medium).await;
    House::decide(&house.ada, asked, Answer::Approve).await.unwrap();
    let mut claims = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let (link, (proposal, digest)) = (house.agent.clone(), asked);
        claims.spawn(async move { link.ask(Command::Claim { proposal, digest }).await.is_ok() });
    }
    let won = claims.join_all().await.into_iter().filter(|won| *won).count();
    assert_eq!(won, 1);
}

#[tokio::test]
async fn agents_cannot_decide_by_any_command() {
    let house = House::open().await;
    let asked = house.propose(Risk::Medium).await;
    let decided = House::decide(&house.agent, asked, Answer::Approve).await;
    assert_eq!(trouble(decided), Trouble::NotAllowed);
    let forged = Verdict {
        proposal: asked.0,
        digest: asked.1,
        answer: Answer::Approve,
        acknowledged: Vec::new(),
        typed_target: None,
    };
    let to = Settlement::Approved { by: Vec::new(), digest: asked.1, args: None };
    let settled = crate::incident::Status::Decision { proposal: asked.0, to };
    for body in [Body::Verdict(forged), Body::Status(settled)] {
        let (incident, refs) = (house.incident, Vec::new());
        let draft = Draft { incident, body, text: "approved".into(), refs, key: None };
        let posted = house.agent.ask(Command::Post { draft }).await;
        assert_eq!(trouble(posted), Trouble::NotAllowed);
    }
    let halted = Command::Halt { halted: false, reason: "go on".into() };
    assert_eq!(trouble(house.agent.ask(halted).await), Trouble::NotAllowed);
    assert_eq!(house.state(asked.0).await, DecisionState::Open);
}

#[tokio::test]
async fn the_first_valid_verdict_wins_and_the_loser_is_told_who_decided() {
    let house = House::open().await;
    let asked = house.propose(Risk::Medium).await;
    House::decide(&house.ada, asked, Answer::Deny { reason: "no".into() }).await.unwrap();
    let late = House::decide(&house.grace, asked, Answer::Approve).await.unwrap_err();
    assert_eq!(late.trouble, Trouble::Conflict);
    assert!(late.what.contains("denied already by human:ada"), "{}", late.what);
}

#[tokio::test]
async fn silence_expires_and_whoever_waits_is_told() {
    let house = House::open().await;
    let asked = house.propose(Risk::High).await;
    let waiting = house.agent.clone();
    let proposal = asked.0;
    let settled =
        tokio::spawn(async move { waiting.ask(Command::AwaitDecision { proposal }).await });
    // A proposal after the clock moved makes the hub look at the clock again.
    house.clock.advance(Duration::from_secs(901));
    let house = house.reopen().await;
    drop(settled.await.unwrap().unwrap_err());
    let (link, id) = (house.agent.clone(), proposal);
    let reply = link.ask(Command::AwaitDecision { proposal: id }).await;
    assert_eq!(reply, Ok(Reply::Settled { settlement: Settlement::Expired }));
    assert_eq!(house.state(proposal).await, DecisionState::Expired);
}

#[tokio::test]
async fn others_are_called_once_to_what_nobody_answered() {
    let house = House::open().await;
    let (proposal, _) = house.propose(Risk::High).await;
    house.clock.advance(Duration::from_secs(301));
    let house = house.reopen().await;
    house.wait_for("Nobody has answered").await;
    // Another start of the hub after the deadline does not call again.
    let house = house.reopen().await;
    let reply = house.ada.ask(Command::Search { query: Query::default() }).await;
    let Ok(Reply::Found { hits }) = reply else { panic!("{reply:?}") };
    let is_call = |hit: &&Hit| {
        let says = hit.entry.text.for_storage().starts_with("Nobody has answered");
        says && hit.entry.refs == [proposal.into()]
    };
    assert_eq!(hits.iter().filter(is_call).count(), 1);
    assert_eq!(house.state(proposal).await, DecisionState::Open, "a call decides nothing");
}

#[tokio::test]
async fn a_halt_parks_claims_and_a_release_lets_them_go_on() {
    let house = House::open().await;
    let asked = house.propose(Risk::Medium).await;
    House::decide(&house.ada, asked, Answer::Approve).await.unwrap();
    let halt = |halted| Command::Halt { halted, reason: "looking".into() };
    house.ada.ask(halt(true)).await.unwrap();
    let (link, (proposal, digest)) = (house.agent.clone(), asked);
    let claim = tokio::spawn(async move { link.ask(Command::Claim { proposal, digest }).await });
    // The channel is alive while claims are parked.
    let found = house.agent.ask(Command::Search { query: Query::default() }).await;
    assert!(matches!(found, Ok(Reply::Found { .. })));
    assert!(!matches!(house.state(asked.0).await, DecisionState::Dispatching));
    house.grace.ask(halt(false)).await.unwrap();
    assert!(matches!(claim.await.unwrap(), Ok(Reply::Claimed { .. })));
}

#[tokio::test]
async fn a_claim_without_an_outcome_is_unknown_after_a_restart_and_never_claimed_again() {
    let house = House::open().await;
    let asked = house.propose(Risk::Medium).await;
    House::decide(&house.ada, asked, Answer::Approve).await.unwrap();
    house.claim(asked).await.unwrap();
    let house = house.reopen().await;
    assert_eq!(house.state(asked.0).await, DecisionState::Unknown);
    assert_eq!(trouble(house.claim(asked).await), Trouble::Conflict);
    let stage = Stage::Executed { ok: true, output: "late".into() };
    let late = Command::Report { proposal: asked.0, stage, text: "late".into() };
    house.agent.ask(late).await.unwrap();
    assert_eq!(house.state(asked.0).await, DecisionState::Unknown, "a late report changes nothing");
}

#[tokio::test]
async fn a_person_redirects_a_handoff_before_it_begins() {
    let house = House::open().await;
    let offer = Command::OfferHandoff {
        incident: house.incident,
        to: "telemetry".to_owned(),
        context: Box::new(context(house.incident)),
    };
    let Ok(Reply::Offered { handoff, proposal: Some(proposal) }) = house.agent.ask(offer).await
    else {
        panic!()
    };
    let digest = house.decisions().await.get(proposal).unwrap().proposal.digest;
    let to = Redirect::Partner { to: "changes".to_owned() };
    let answer = Answer::Redirect { redirect: to };
    House::decide(&house.ada, (proposal, digest), answer).await.unwrap();
    let feed = house.ada.follow().await.unwrap();
    let known = handoffs(entries_of(&feed.backlog));
    let redirected = &known[&handoff];
    assert_eq!((redirected.to.as_str(), redirected.state), ("changes", HandoffState::Redirected));
    // Only people redirect; the agent that offered it goes on with the new receiver.
    let step = HandoffStep::TakenOver;
    let taken = Command::StepHandoff { handoff, step, text: "mine".into() };
    assert_eq!(trouble(house.agent.ask(taken).await), Trouble::NotAllowed);
    let step = HandoffStep::Accepted;
    let accepted = Command::StepHandoff { handoff, step, text: "changes has it".into() };
    house.agent.ask(accepted).await.unwrap();
}

#[tokio::test]
async fn a_handoff_that_would_go_round_in_a_circle_is_refused() {
    let house = House::open().await;
    let mut context = context(house.incident);
    context.path = vec!["changes".to_owned()];
    let (incident, context) = (house.incident, Box::new(context));
    let offer = Command::OfferHandoff { incident, to: "changes".to_owned(), context };
    assert_eq!(trouble(house.agent.ask(offer).await), Trouble::Conflict);
}

#[tokio::test]
async fn the_same_key_is_the_same_entry() {
    let house = House::open().await;
    let draft = || Draft {
        incident: house.incident,
        body: Body::Comment,
        text: "looking".into(),
        refs: Vec::new(),
        key: Some("once".to_owned()),
    };
    let first = house.agent.ask(Command::Post { draft: draft() }).await.unwrap();
    let second = house.agent.ask(Command::Post { draft: draft() }).await.unwrap();
    assert_eq!(first, second);
}

#[tokio::test]
async fn people_and_agents_find_the_same_through_the_same_query() {
    let house = House::open().await;
    let asked = house.propose(Risk::Medium).await;
    let answer = Answer::Deny { reason: "the replica lags".into() };
    House::decide(&house.ada, asked, answer).await.unwrap();
    let query = Query { text: "replica lags".to_owned(), ..Query::default() };
    let search = || Command::Search { query: query.clone() };
    let by_person = house.ada.ask(search()).await.unwrap();
    let by_agent = house.agent.ask(search()).await.unwrap();
    assert_eq!(by_person, by_agent);
    let Reply::Found { hits } = by_person else { panic!() };
    assert!(!hits.is_empty());
}

#[tokio::test]
async fn what_became_of_the_same_before_is_remembered_with_who_overrode_it_and_why() {
    let house = House::open().await;
    let first = house.propose(Risk::Medium).await;
    let answer = Answer::Deny { reason: "the replica lags".into() };
    House::decide(&house.ada, first, answer).await.unwrap();
    let (again, _) = house.propose(Risk::Medium).await;
    let reply = house.grace.ask(Command::LastTime { proposal: again }).await.unwrap();
    let Reply::Remembered { precedents } = reply else { panic!() };
    let [told] = precedents.as_slice() else { panic!("{precedents:?}") };
    assert_eq!((told.proposal, told.outcome.as_str()), (first.0, "denied"));
    assert_eq!(told.by, ["human:ada".parse().unwrap()]);
    assert_eq!(told.reason, Some("the replica lags".into()));
}
