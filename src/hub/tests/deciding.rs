//! Deciding at a hub: who may, once, and what is checked again before anything runs.

use std::time::Duration;

use jiff::SignedDuration;

use super::house::{House, principal, trouble};
use crate::incident::{
    Answer, Body, DecisionState, Digest, Effect, Finding, Hit, Hypothesis, Mode, Query, Risk, Rule,
    Settlement, Stage, Standing, Status, Trouble, Verdict, samples::remedy,
};
use crate::wire::{Command, Draft, Reply, samples};

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

/// 34: the same action, asked for again, is another question.
#[tokio::test]
async fn an_approval_is_none_for_a_later_proposal_of_the_same() {
    let house = House::open().await;
    let (first, second) = (house.propose(Risk::Medium).await, house.propose(Risk::Medium).await);
    assert!(first.0 != second.0 && first.1 == second.1, "they differ in nothing but their ids");
    House::decide(&house.ada, first, Answer::Approve).await.unwrap();
    assert_eq!(house.state(second.0).await, DecisionState::Open);
    assert_eq!(trouble(house.claim(second).await), Trouble::Conflict);
    assert!(house.claim(first).await.is_ok());
    assert_eq!(house.state(second.0).await, DecisionState::Open);
    assert_eq!(trouble(house.claim(second).await), Trouble::Conflict);
}

/// 35: by one second on either side.
#[tokio::test]
async fn what_was_approved_in_time_is_not_claimed_after_it() {
    for (seconds, is_claimed) in [(99, true), (101, false)] {
        let house = House::open().await;
        let asked = house.propose(Risk::Medium).await;
        house.clock.advance(Duration::from_secs(1700));
        House::decide(&house.ada, asked, Answer::Approve).await.unwrap();
        house.clock.advance(Duration::from_secs(seconds));
        match house.claim(asked).await {
            Ok(Reply::Claimed { .. }) => assert!(is_claimed, "{seconds} s"),
            Ok(other) => panic!("{other:?}"),
            Err(notice) => {
                assert!(!is_claimed, "{seconds} s: {notice:?}");
                assert_eq!(notice.trouble, Trouble::Conflict);
                assert!(notice.what.contains("past its time"), "{}", notice.what);
            }
        }
    }
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
        let state = house.state(open.0).await;
        let is_void = state == DecisionState::Superseded;
        assert_eq!(is_void, seconds < 0, "after a jump back nothing waits longer than was said");
        // After three days its own time is over, whenever the hub comes to notice it.
        assert!(state.is_open() || seconds != 61, "{state:?}");
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
    let settled = Status::Decision { proposal: asked.0, to };
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
    let unknown = settled.await.unwrap().unwrap_err();
    assert!(unknown.what.contains("before it said"), "{}", unknown.what);
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
async fn a_release_claims_nothing_for_those_who_have_given_up_waiting() {
    let house = House::open().await;
    let asked = house.propose(Risk::Medium).await;
    House::decide(&house.ada, asked, Answer::Approve).await.unwrap();
    let halt = |halted| Command::Halt { halted, reason: "looking".into() };
    house.ada.ask(halt(true)).await.unwrap();
    let gave_up = tokio::time::timeout(Duration::from_millis(50), house.claim(asked)).await;
    assert!(gave_up.is_err());
    house.ada.ask(halt(false)).await.unwrap();
    assert!(matches!(house.state(asked.0).await, DecisionState::Approved { .. }));
    assert!(house.claim(asked).await.is_ok(), "the permission is still there");
}

#[tokio::test]
async fn a_halt_outlives_the_hub() {
    let house = House::open().await;
    let halt = Command::Halt { halted: true, reason: "wrong cluster".into() };
    house.ada.ask(halt).await.unwrap();
    let house = house.reopen().await;
    assert!(house.decisions().await.is_halted());
}

/// What came after the approval is news to whoever gave it: it does not run on what they saw.
#[tokio::test]
async fn what_contradicts_an_approved_action_before_it_is_claimed_voids_it() {
    let house = House::open().await;
    let asked = house.propose(Risk::Medium).await;
    House::decide(&house.ada, asked, Answer::Approve).await.unwrap();
    house.alerts(super::house::alert(true)).await.unwrap();
    let hypothesis =
        Hypothesis { name: "pool".to_owned(), claim: "pool".into(), standing: Standing::RuledOut };
    let finding = Finding { hypothesis: Some(hypothesis), confidence_percent: None };
    house.post(&house.agent, Body::Finding(finding)).await.unwrap();
    let refused = house.claim(asked).await.unwrap_err();
    assert!(refused.what.starts_with("1 entries came after"), "{}", refused.what);
    assert_eq!(house.state(asked.0).await, DecisionState::Superseded);
}

#[tokio::test]
async fn what_policy_forbids_by_now_does_not_run_on_an_old_approval() {
    let mut house = House::open().await;
    let asked = house.propose(Risk::Medium).await;
    House::decide(&house.ada, asked, Answer::Approve).await.unwrap();
    house.policy.mode = Mode::ReadOnly;
    let mut house = house.reopen().await;
    assert_eq!(trouble(house.claim(asked).await), Trouble::NotAllowed);
    house.policy.mode = Mode::Autonomous;
    house.policy.rules = vec![Rule {
        name: "freeze".to_owned(),
        text: "nothing is rolled back today".to_owned(),
        verb: None,
        resource: None,
        environment: None,
        effect: Effect::Deny,
    }];
    let mut house = house.reopen().await;
    assert_eq!(trouble(house.claim(asked).await), Trouble::NotAllowed);
    house.policy.rules.clear();
    let house = house.reopen().await;
    assert!(house.claim(asked).await.is_ok());
}

#[tokio::test]
async fn an_agent_that_calls_its_action_harmless_is_not_let_through() {
    let house = House::open().await;
    let request = Box::new(samples::request(house.incident, Risk::Read));
    let reply = house.agent.ask(Command::Propose { request }).await;
    assert!(matches!(reply, Ok(Reply::Proposed { .. })), "{reply:?}");
}

#[tokio::test]
async fn nothing_is_reported_of_what_was_never_claimed() {
    let house = House::open().await;
    let (proposal, digest) = house.propose(Risk::Medium).await;
    let stage = Stage::Executed { ok: true, output: "done".into() };
    let report = || Command::Report { proposal, stage: stage.clone(), text: "done".into() };
    assert_eq!(trouble(house.agent.ask(report()).await), Trouble::Conflict);
    House::decide(&house.ada, (proposal, digest), Answer::Approve).await.unwrap();
    assert_eq!(trouble(house.agent.ask(report()).await), Trouble::Conflict);
    house.claim((proposal, digest)).await.unwrap();
    assert!(house.agent.ask(report()).await.is_ok());
}

#[tokio::test]
async fn a_proposal_that_is_asked_anew_takes_the_place_of_the_old_one() {
    let house = House::open().await;
    let (old, digest) = house.propose(Risk::Medium).await;
    let again = || {
        let request = samples::request(house.incident, Risk::Medium);
        let request = Box::new(crate::wire::Request { supersedes: Some(old), ..request });
        Command::Propose { request }
    };
    let other = house.hub.link(principal("agent:other@test"));
    assert_eq!(trouble(other.ask(again()).await), Trouble::NotAllowed);
    let Ok(Reply::Proposed { proposal: new, .. }) = house.agent.ask(again()).await else {
        panic!()
    };
    assert_eq!(house.state(old).await, DecisionState::Superseded);
    assert_eq!(house.state(new).await, DecisionState::Open);
    let late = House::decide(&house.ada, (old, digest), Answer::Approve).await;
    assert_eq!(trouble(late), Trouble::Conflict);
}

#[tokio::test]
async fn a_decision_that_was_put_off_calls_others_when_its_time_comes_again() {
    let house = House::open().await;
    let asked = house.propose(Risk::High).await;
    let until = house.clock.now() + Duration::from_mins(10);
    House::decide(&house.ada, asked, Answer::Defer { until }).await.unwrap();
    house.clock.advance(Duration::from_secs(601));
    let house = house.reopen().await;
    house.wait_for("Nobody has answered").await;
}

#[tokio::test]
async fn nobody_calls_a_recovery_measured_that_no_decision_has_measured() {
    let house = House::open().await;
    let resolution = |by, verified| {
        Body::Resolution(crate::incident::Resolution { cause: "r42".into(), by, verified })
    };
    let asked = house.propose(Risk::Medium).await;
    for by in [None, Some(asked.0)] {
        let claimed = house.post(&house.agent, resolution(by, true)).await;
        assert_eq!(trouble(claimed), Trouble::Conflict);
    }
    assert!(house.post(&house.agent, resolution(None, false)).await.is_ok());
}
