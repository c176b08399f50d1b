//! What an investigation does without: an answer that never comes, a value that nothing tells.

use std::collections::BTreeMap;

use super::fixture::Scene;
use super::investigation::{Investigation, Outcome};
use crate::incident::{Body, Exchanged, IncidentStatus, Settlement, Status};
use crate::settings::Clock;
use crate::wire::Command;

const BOOK: &str = r#"
    name = "test"
    match = {}
    act_at = 0.5
    [measures.errors]
    text = "share"
    url = "http://127.0.0.1/"
    part = "a"
    whole = "b"
    window_s = 1
    [recovered]
    measure = "errors"
    expect = { below = 0.1 }
    [[check]]
    name = "logs"
    look = { command = ["echo", "pool exhausted"] }
    [[ask]]
    name = "changes"
    partner = "nobody"
    tool = "find_changes"
    question = "What changed around {onset}?"
    arguments = { around = "{onset}" }
    keep = [{ name = "previous", at = "/previous" }]
    [[hypothesis]]
    name = "rollout"
    claim = "A rollout shrank the pool"
    prior = 0.4
    evidence = [{ of = "logs", matches = "exhausted", shows = "the pool is empty", yes = 3.0 }]
    [hypothesis.remedy]
    verb = "rollback"
    title = "Roll back to {previous}"
    target = { system = "s", resource = "r", environment = "e" }
    url = "http://127.0.0.1/"
    args = { to = "{previous}" }
    risk = "low"
    effects = { reversible = true, blast_radius = "all", downtime_s = 0 }
    verify = { measure = "errors", expect = { below = 0.1 }, after_s = 1, hold_s = 1 }
"#;

#[tokio::test]
async fn a_remedy_that_cannot_be_made_exact_is_not_proposed() {
    let clock = Clock::held_at("2026-01-01T02:00:00Z".parse().unwrap());
    let (means, played) = Scene { clock, ..Scene::new() }.play(BOOK, BTreeMap::new());

    let outcome = Investigation::new(means).unwrap().run().await.unwrap();
    let played = played.await.unwrap();

    assert_eq!(outcome, Outcome::NeedsPerson);
    assert!(played.proposed().is_empty());
    let mut asked_around = Vec::new();
    let mut said = String::new();
    for what in played.exchange() {
        match what {
            Exchanged::CallStarted { arguments, .. } => {
                asked_around.push(arguments["around"].clone());
            }
            Exchanged::Said { text, .. } => said.push_str(text.for_storage()),
            _ => {}
        }
    }
    assert_eq!(asked_around, ["2026-01-01T02:00:00Z"], "until it is measured, the alert's moment");
    assert!(said.contains("No remedy for rollout: nothing is known as `previous` yet"), "{said}");
    let last = played.commands.iter().rev().find_map(|command| match command {
        Command::Post { draft } => Some(&draft.body),
        _ => None,
    });
    let needs_person = Body::Status(Status::Incident { to: IncidentStatus::NeedsPerson });
    assert_eq!(last, Some(&needs_person));
}

/// A cause that is likelier than the one of the runbook, and has no remedy.
const HOPELESS: &str = r#"
    [[hypothesis]]
    name = "provider"
    claim = "The provider is down"
    prior = 0.99
    evidence = []
"#;

#[tokio::test]
async fn a_likelier_cause_without_a_remedy_does_not_hide_one_that_has_one() {
    let book = BOOK.replace("{previous}", "r41") + HOPELESS;
    let scene = Scene { settles: |_| Settlement::Expired, ..Scene::new() };
    let (means, played) = scene.play(&book, BTreeMap::new());

    let outcome = Investigation::new(means).unwrap().run().await.unwrap();

    assert_eq!(outcome, Outcome::Unanswered);
    assert_eq!(played.await.unwrap().proposed(), ["Roll back to r41"]);
}
