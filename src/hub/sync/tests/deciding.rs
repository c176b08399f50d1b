//! A person who has never heard of Wheelhouse decides by typing into the tracker.

use std::time::Duration;

use super::board::{Board, person};
use super::stage::Stage;
use crate::incident::{Ask, DecisionState, Kind, Risk};
use crate::trackers::AccountKind;
use crate::wire::{Command, Draft, Reply, Request};

fn ada() -> crate::trackers::Account {
    person("1", "Ada L.")
}

/// Types a text as somebody, and has it read.
async fn typed(stage: &mut Stage, by: &crate::trackers::Account, text: &str) -> String {
    let remote = stage.board().post("1", by, text);
    stage.read().await;
    remote
}

#[tokio::test]
async fn who_types_approve_in_the_tracker_lets_it_run_once() {
    let mut stage = Stage::set().await;
    let asked = stage.propose(Risk::Medium).await;
    stage.deliver().await;
    typed(&mut stage, &ada(), &format!("/approve {}\nLooks right.", asked.0)).await;
    assert!(matches!(stage.state(asked.0).await, DecisionState::Approved { .. }));
    let verdict = stage.entries(Kind::Verdict).remove(0);
    assert_eq!(verdict.actor.to_string(), "human:ada");
    assert_eq!(verdict.origins[0].tracker, "board");
    assert!(stage.comments().is_empty(), "it is one entry: the verdict");
    assert!(stage.claim(asked).await.is_ok());
    assert!(stage.claim(asked).await.is_err());
    stage.deliver().await;
    let texts = stage.board().texts("1");
    assert!(texts.iter().any(|text| text.starts_with("Approved by human:ada")), "{texts:?}");
}

#[tokio::test]
async fn every_answer_can_be_typed() {
    for (text, state) in [
        ("/deny ID not at this hour", "denied"),
        ("/respond ID which region?", "open"),
        ("/defer ID 15m", "open"),
    ] {
        let mut stage = Stage::set().await;
        let (id, _) = stage.propose(Risk::Medium).await;
        typed(&mut stage, &ada(), &text.replace("ID", &id.to_string())).await;
        assert_eq!(stage.state(id).await.word(), state, "{text}");
        assert_eq!(stage.entries(Kind::Verdict).len(), 1, "{text}");
    }
}

#[tokio::test]
async fn a_question_is_answered_where_it_stands() {
    let mut stage = Stage::set().await;
    let request = Request {
        incident: stage.incident,
        ask: Ask::Question { question: "Which region?".into() },
        title: "Which region?".into(),
        rationale: String::new().into(),
        evidence: Vec::new(),
        claimed_risk: Risk::Medium,
        supersedes: None,
    };
    let reply = stage.agent.ask(Command::Propose { request: Box::new(request) }).await;
    let Ok(Reply::Proposed { proposal, .. }) = reply else { panic!("{reply:?}") };
    typed(&mut stage, &ada(), &format!("/respond {proposal} eu-1")).await;
    assert_eq!(stage.state(proposal).await, DecisionState::Answered { text: "eu-1".into() });
}

#[tokio::test]
async fn what_is_dangerous_takes_the_name_of_the_target_there_too() {
    let mut stage = Stage::set().await;
    let (id, _) = stage.propose(Risk::High).await;
    stage.deliver().await;
    let texts = stage.board().texts("1");
    assert!(texts[0].contains(&format!("/approve {id} on checkout-config")), "{texts:?}");
    typed(&mut stage, &ada(), &format!("/approve {id}")).await;
    assert!(stage.state(id).await.is_open());
    typed(&mut stage, &ada(), &format!("/approve {id} on checkout")).await;
    assert!(stage.state(id).await.is_open());
    stage.deliver().await;
    let told = stage.board().texts("1");
    assert!(told.iter().any(|text| text.contains("must be typed")), "they are told why: {told:?}");
    stage.clock.advance(Duration::from_secs(1));
    typed(&mut stage, &ada(), &format!("/approve {id} on checkout-config")).await;
    assert!(matches!(stage.state(id).await, DecisionState::Approved { .. }));
}

// Attack 44.
#[tokio::test]
async fn two_accounts_of_one_person_are_one_person() {
    let mut stage = Stage::set().await;
    let (id, _) = stage.propose(Risk::Critical).await;
    stage.deliver().await;
    let text = format!("/approve {id} on checkout-config");
    typed(&mut stage, &ada(), &text).await;
    stage.deliver().await;
    typed(&mut stage, &person("11", "ada-at-home"), &text).await;
    assert!(stage.state(id).await.is_open());
    stage.deliver().await;
    stage.clock.advance(Duration::from_secs(1));
    typed(&mut stage, &person("2", "Grace"), &text).await;
    assert!(matches!(stage.state(id).await, DecisionState::Approved { .. }));
}

#[tokio::test]
async fn what_was_not_there_to_be_seen_must_be_seen_first() {
    let mut stage = Stage::set().await;
    let (id, _) = stage.propose(Risk::Medium).await;
    stage.deliver().await;
    stage.clock.advance(Duration::from_secs(1));
    let draft = Draft {
        incident: stage.incident,
        body: crate::incident::Body::Comment,
        text: "wait, it recovers by itself".into(),
        refs: Vec::new(),
        key: None,
    };
    stage.ada.ask(Command::Post { draft }).await.unwrap();
    typed(&mut stage, &person("2", "Grace"), &format!("/approve {id}")).await;
    assert!(stage.state(id).await.is_open(), "what Ada wrote does not stand there yet");
    stage.deliver().await;
    stage.clock.advance(Duration::from_secs(1));
    typed(&mut stage, &person("2", "Grace"), &format!("/approve {id}")).await;
    assert!(matches!(stage.state(id).await, DecisionState::Approved { .. }));
}

#[tokio::test]
async fn somebody_who_may_decide_is_told_why_a_line_does_not_count() {
    let mut stage = Stage::set().await;
    let (id, _) = stage.propose(Risk::Medium).await;
    let short = &id.to_string()[..12];
    typed(&mut stage, &ada(), &format!("/approve {short}")).await;
    stage.deliver().await;
    let told = stage.board().texts("1");
    assert!(told.iter().any(|text| text.contains("the full 26 characters")), "{told:?}");
    assert!(stage.state(id).await.is_open());
}

/// 39: the first line decides or nothing does, and whoever typed it below is told how to.
#[tokio::test]
async fn a_command_below_other_words_is_a_comment_and_its_author_is_told_so() {
    let mut stage = Stage::set().await;
    let asked = stage.propose(Risk::Medium).await;
    let text = format!("Looks right.\n/approve {}", asked.0);
    typed(&mut stage, &ada(), &text).await;
    assert!(stage.state(asked.0).await.is_open());
    assert!(stage.entries(Kind::Verdict).is_empty());
    assert!(stage.comments().contains(&text));
    assert!(stage.claim(asked).await.is_err());
    stage.deliver().await;
    let told = stage.board().texts("1");
    let hint = "in line 2: something stands above it: type it in the first line of a new comment";
    assert!(told.iter().any(|text| text.contains(hint)), "{told:?}");
}

#[tokio::test]
async fn a_command_typed_at_two_places_decides_once() {
    let mut stage = Stage::set().await;
    let asked = stage.propose(Risk::Medium).await;
    stage.board().post("1", &ada(), &format!("/approve {}", asked.0));
    stage.board().post("1", &person("2", "Grace"), &format!("/deny {} no", asked.0));
    stage.read().await;
    assert!(matches!(stage.state(asked.0).await, DecisionState::Approved { .. }));
    stage.deliver().await;
    let told = stage.board().texts("1");
    let loser =
        "What human:grace typed decides nothing: the decision is approved already by human:ada";
    assert!(told.iter().any(|text| text.starts_with(loser)), "{told:?}");
}

#[tokio::test]
async fn a_hub_that_was_away_takes_what_was_typed_in_the_meantime() {
    let mut stage = Stage::set().await;
    let asked = stage.propose(Risk::Medium).await;
    stage.deliver().await;
    stage.board().post("1", &ada(), &format!("/approve {}", asked.0));
    let mut stage = stage.restart().await;
    stage.read().await;
    assert!(matches!(stage.state(asked.0).await, DecisionState::Approved { .. }));
    let mut stage = stage.restart().await;
    stage.read().await;
    assert_eq!(stage.entries(Kind::Verdict).len(), 1);
    assert!(stage.claim(asked).await.is_ok());
}

#[tokio::test]
async fn a_tracker_that_proves_no_author_carries_no_verdict() {
    // Attack 43: a note under any name that the key's holder likes.
    let mut stage = Stage::with(|board: &mut Board| board.proves_author = false).await;
    let (id, _) = stage.propose(Risk::Medium).await;
    typed(&mut stage, &ada(), &format!("/approve {id}")).await;
    assert!(stage.state(id).await.is_open());
    assert!(stage.entries(Kind::Verdict).is_empty());
    stage.readers[0].turn().await;
    let standing = stage.standings().await.pop().unwrap();
    assert!(standing.remarks[0].contains("does not prove"), "{:?}", standing.remarks);
}

#[tokio::test]
async fn an_app_that_writes_for_a_person_is_no_person() {
    // Attack 42.
    let mut stage = Stage::set().await;
    let (id, _) = stage.propose(Risk::Medium).await;
    let app = crate::trackers::Account { kind: AccountKind::Bot, ..ada() };
    typed(&mut stage, &app, &format!("/approve {id}")).await;
    assert!(stage.state(id).await.is_open());
}

#[tokio::test]
async fn an_approver_whom_the_tracker_does_not_call_a_person_is_told_so() {
    for kind in [AccountKind::Unknown, AccountKind::Service] {
        let mut stage = Stage::set().await;
        let (id, _) = stage.propose(Risk::Medium).await;
        let somebody = crate::trackers::Account { kind, ..ada() };
        typed(&mut stage, &somebody, &format!("/approve {id}")).await;
        assert!(stage.state(id).await.is_open());
        assert!(stage.entries(Kind::Verdict).is_empty());
        let told = stage.comments();
        let why = "What human:ada typed decides nothing: the tracker does not say that a person";
        assert!(told.iter().any(|text| text.starts_with(why)), "{told:?}");
        assert!(!told.iter().any(|text| text.contains("Agent attempted")), "{told:?}");
    }
}
