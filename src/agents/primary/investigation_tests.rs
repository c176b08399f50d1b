//! What an investigation does without: an answer that never comes, a value that nothing tells.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::caller::Switchboard;
use super::case::Means;
use super::investigation::{Investigation, Outcome};
use super::pen::Pen;
use super::runbook::Runbook;
use crate::incident::{
    Alert, Body, EntryId, Exchanged, IncidentId, IncidentStatus, Principal, Proof, Severity, Status,
};
use crate::settings::Clock;
use crate::wire::{Asked, Command, Link, Reply};

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

/// Takes every command as a hub would, records what is posted, and keeps all of it.
async fn record(mut asks: mpsc::Receiver<Asked>) -> Vec<Command> {
    let mut commands = Vec::new();
    while let Some(asked) = asks.recv().await {
        let Asked::Command { command, reply, .. } = asked else { continue };
        let entry = EntryId::from_parts(jiff::Timestamp::UNIX_EPOCH, commands.len() as u128);
        // Nobody waits for the answer to what is only observed.
        drop(reply.send(Ok(Reply::Recorded { entry })));
        commands.push(*command);
    }
    commands
}

#[tokio::test]
async fn a_remedy_that_cannot_be_made_exact_is_not_proposed() {
    let clock = Clock::held_at("2026-01-01T02:00:00Z".parse().unwrap());
    let (asks, asked) = mpsc::channel(64);
    let hub = tokio::spawn(record(asked));
    let actor = "agent:primary@test".parse().unwrap();
    let link = Link::new(Principal { actor, proof: Proof::Token, roles: Vec::new() }, asks);
    let alert = Alert {
        title: "errors".into(),
        severity: Severity::Sev1,
        service: "checkout".into(),
        dedup_key: "checkout".into(),
        firing: true,
        labels: BTreeMap::new(),
    };
    let means = Means {
        pen: Pen { link, clock: clock.clone(), incident: IncidentId::from_parts(clock.now(), 1) },
        book: Arc::new(Runbook::read("test", BOOK).unwrap()),
        alert,
        values: BTreeMap::new(),
        switchboard: Arc::new(Switchboard::new(BTreeMap::new(), Some(1))),
        tool_token: None,
    };

    let outcome = Investigation::new(means).unwrap().run().await.unwrap();
    let commands = hub.await.unwrap();

    assert_eq!(outcome, Outcome::NeedsPerson);
    assert!(!commands.iter().any(|command| matches!(command, Command::Propose { .. })));
    let observed = commands.iter().filter_map(|command| match command {
        Command::Observe { event } => Some(&event.what),
        _ => None,
    });
    let mut asked_around = Vec::new();
    let mut said = String::new();
    for what in observed {
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
    let last = commands.iter().rev().find_map(|command| match command {
        Command::Post { draft } => Some(&draft.body),
        _ => None,
    });
    let needs_person = Body::Status(Status::Incident { to: IncidentStatus::NeedsPerson });
    assert_eq!(last, Some(&needs_person));
}
