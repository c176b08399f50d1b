//! What a handoff does when people are faster, and that the receiver gets what they let go ahead.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::case::Case;
use super::fixture::{Meddling, Played, Scene};
use super::handing::Handed;
use super::runbook::Part;
use crate::agents::telemetry::{Offer, Source, TelemetryServer};
use crate::incident::{Exchanged, Handoff, HandoffState, HandoffStep};
use crate::partner::{Access, Doorway, Endpoint, Serving, Token, serve_http};
use crate::settings::Clock;
use crate::wire::Command;

const BOOK: &str = r#"
    name = "test"
    match = {}
    [measures.errors]
    text = "share"
    url = "http://127.0.0.1/"
    part = "a"
    whole = "b"
    window_s = 1
    [recovered]
    measure = "errors"
    expect = { below = 0.1 }
    [[handoff]]
    name = "changes"
    to = "first"
    question = "What changed?"
    [[hypothesis]]
    name = "rollout"
    claim = "A rollout shrank the pool"
    prior = 0.1
    evidence = []
"#;

/// How long a test waits; only a failing test ever waits it out.
const DEADLINE: Duration = Duration::from_secs(20);

/// A partner that knows the changes and answers.
async fn specialist() -> (Endpoint, Serving, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let now = Clock::real().now();
    let change = json!({
        "time": now.to_string(), "actor": "ci", "kind": "config", "revision": "42",
        "summary": "pool size 20 to 2",
    });
    fs::write(folder.path().join("changes.ndjson"), format!("{change}\n")).unwrap();
    partner(folder).await
}

/// A partner that sees what lies in a folder.
async fn partner(folder: tempfile::TempDir) -> (Endpoint, Serving, tempfile::TempDir) {
    let sources = vec![Source::Folder(folder.path().to_owned())];
    let server = TelemetryServer::new(sources, [Offer::Changes].into(), Clock::real());
    let door = Doorway::on(0, Access::Bearer(Token::new("t").unwrap()));
    let serving = serve_http(move || server.clone(), door).await.unwrap();
    (Endpoint::Http { url: serving.url(), token: Token::new("t") }, serving, folder)
}

/// A partner that takes calls and never answers.
async fn silence() -> (Endpoint, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    (Endpoint::Http { url, token: None }, listener)
}

/// Hands the part of the runbook off.
async fn handed(scene: Scene, partners: BTreeMap<String, Endpoint>) -> (Handed, Played) {
    let (means, played) = scene.play(BOOK, partners);
    let part: Part = means.book.handoffs[0].clone();
    let mut case = Case::new(means).unwrap();
    let handed = tokio::time::timeout(DEADLINE, case.hand_off(&part)).await.unwrap().unwrap();
    drop(case);
    (handed, played.await.unwrap())
}

fn to_second(handoff: &Handoff) -> HandoffStep {
    let mut context = handoff.context.clone();
    context.question = "Which change of the pool?".into();
    HandoffStep::Redirected { to: "second".to_owned(), context: Box::new(context) }
}

fn is_accepted(step: &HandoffStep) -> bool {
    matches!(step, HandoffStep::Accepted)
}

fn is_returned(step: &HandoffStep) -> bool {
    matches!(step, HandoffStep::Returned { .. })
}

/// Whom it called, and with which payload.
fn calls(played: &Played) -> Vec<(&str, &Value)> {
    let calls = played.exchange().filter_map(|what| match what {
        Exchanged::CallStarted { to, arguments, .. } => Some((to.as_str(), arguments)),
        _ => None,
    });
    calls.collect()
}

/// Whom it took the handoff back from.
fn withdrawn(played: &Played) -> Vec<&str> {
    let steps = played.commands.iter().filter_map(|command| match command {
        Command::StepHandoff { step: HandoffStep::Withdrawn { from }, .. } => Some(from.as_str()),
        _ => None,
    });
    steps.collect()
}

#[tokio::test]
async fn the_receiver_gets_what_the_hub_recorded_with_the_way_so_far() {
    let (handed, played) = handed(Scene::new(), BTreeMap::new()).await;
    assert_eq!(handed, Handed::Nothing);
    let calls = calls(&played);
    let [("first", arguments)] = calls.as_slice() else { panic!("{calls:?}") };
    assert_eq!(arguments["context"]["path"], json!(["primary@test"]));
    let recorded = serde_json::to_value(&played.handoff().context).unwrap();
    for (name, value) in recorded.as_object().unwrap() {
        assert_eq!(&arguments["context"][name], value, "{name}");
    }
}

#[tokio::test]
async fn a_redirection_reaches_an_agent_whose_receiver_keeps_silent_however_much_else_is_told() {
    for is_noisy in [false, true] {
        let (endpoint, _listener) = silence().await;
        let (specialist, serving, _folder) = specialist().await;
        let partners = [("first".to_owned(), endpoint), ("second".to_owned(), specialist)];
        let mut scene = Scene { is_noisy, ..Scene::new() };
        let meddling = Meddling { at: is_accepted, before: false, step: to_second };
        scene.meddlings.push_back(meddling);
        let (handed, played) = handed(scene, partners.into()).await;
        assert_eq!(handed, Handed::Returned);
        assert_eq!(withdrawn(&played), ["first"]);
        let last = calls(&played).pop().unwrap();
        assert_eq!((last.0, &last.1["question"]), ("second", &json!("Which change of the pool?")));
        assert_eq!(played.handoff().state, HandoffState::Returned);
        serving.stop().await.unwrap();
    }
}

#[tokio::test]
async fn a_redirection_goes_before_a_failure_that_comes_with_it() {
    let (specialist, serving, _folder) = specialist().await;
    // Nobody is called first: that fails at once, and what is told and what fails are there together.
    for _ in 0..8 {
        let mut scene = Scene::new();
        scene.meddlings.push_back(Meddling { at: is_accepted, before: false, step: to_second });
        let partners = [("second".to_owned(), specialist.clone())];
        let (handed, played) = handed(scene, partners.into()).await;
        assert_eq!((handed, withdrawn(&played)), (Handed::Returned, vec!["first"]));
    }
    serving.stop().await.unwrap();
}

#[tokio::test]
async fn an_answer_that_comes_just_after_a_redirection_is_not_taken_for_the_new_receivers() {
    let (specialist, serving, _folder) = specialist().await;
    let partners = ["first", "second"].map(|name| (name.to_owned(), specialist.clone()));
    let mut scene = Scene::new();
    scene.meddlings.push_back(Meddling { at: is_returned, before: true, step: to_second });
    let (handed, played) = handed(scene, partners.into()).await;
    assert_eq!(handed, Handed::Returned);
    assert_eq!(withdrawn(&played), ["first"]);
    let called: Vec<&str> = calls(&played).into_iter().map(|(to, _)| to).collect();
    assert_eq!(called, ["first", "second"]);
    let handoff = played.handoff();
    assert_eq!((handoff.to.as_str(), handoff.state), ("second", HandoffState::Returned));
    serving.stop().await.unwrap();
}

#[tokio::test]
async fn whoever_takes_over_while_an_answer_is_on_its_way_has_it() {
    let (specialist, serving, _folder) = specialist().await;
    for (at, before) in
        [(is_returned as fn(&_) -> _, true), (is_accepted, true), (is_accepted, false)]
    {
        let partners = [("first".to_owned(), specialist.clone())];
        let mut scene = Scene::new();
        let step = |_: &Handoff| HandoffStep::TakenOver;
        scene.meddlings.push_back(Meddling { at, before, step });
        let (handed, played) = handed(scene, partners.into()).await;
        assert_eq!(handed, Handed::TakenOver);
        assert_eq!(played.handoff().state, HandoffState::TakenOver);
    }
    serving.stop().await.unwrap();
}

#[tokio::test]
async fn a_handoff_that_would_go_round_in_a_circle_is_done_without() {
    let round = BOOK.replace("\"first\"", "\"primary@test\"");
    let (means, played) = Scene::new().play(&round, BTreeMap::new());
    let part = means.book.handoffs[0].clone();
    let mut case = Case::new(means).unwrap();
    assert_eq!(case.hand_off(&part).await.unwrap(), Handed::Nothing);
    drop(case);
    assert!(calls(&played.await.unwrap()).is_empty());
}

/// Who was meant may still know: what somebody else does not see rules nothing out.
#[tokio::test]
async fn somebody_else_who_finds_nothing_is_no_evidence_against_anything() {
    let (specialist, serving, _folder) = specialist().await;
    let (blind, seeing_nothing, _empty) = partner(tempfile::tempdir().unwrap()).await;
    let partners = [("first".to_owned(), specialist), ("second".to_owned(), blind)];
    let mut scene = Scene::new();
    scene.meddlings.push_back(Meddling { at: is_accepted, before: true, step: to_second });
    let (means, played) = scene.play(BOOK, partners.into());
    let part = means.book.handoffs[0].clone();
    let mut case = Case::new(means).unwrap();
    assert_eq!(case.hand_off(&part).await.unwrap(), Handed::Elsewhere);
    assert!(case.known.answer("changes").is_none());
    assert_eq!(case.hand_off(&part).await.unwrap(), Handed::Returned);
    assert!(case.known.answer("changes").is_some());
    drop(case);
    let called = played.await.unwrap();
    let called: Vec<&str> = calls(&called).into_iter().map(|(to, _)| to).collect();
    assert_eq!(called, ["second", "first"]);
    serving.stop().await.unwrap();
    seeing_nothing.stop().await.unwrap();
}
