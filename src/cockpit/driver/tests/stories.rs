//! What a person does, from the key to the hub and back to the screen.

use super::bench::{Step, arrives, run, run_beside, run_with};
use crate::cockpit::core::fixture::{alert, comment, proposal, remedy};
use crate::cockpit::driver::Left;
use crate::incident::{Answer, Risk};
use crate::wire::Command;

fn answers(asked: &[Command]) -> Vec<&Answer> {
    let verdicts = asked.iter().filter_map(|command| match command {
        Command::Decide { verdict } => Some(&verdict.answer),
        _ => None,
    });
    verdicts.collect()
}

#[tokio::test]
async fn a_proposal_is_read_and_approved_with_the_keys_of_the_keymap() {
    let entries = vec![alert(), proposal(2, remedy(), Risk::Medium)];
    let steps = vec![
        Step::Keys("d"),
        Step::Waits(1000),
        Step::Keys("a y"),
        Step::Waits(5000),
        Step::Waits(0),
    ];
    let after = run(entries, steps).await;
    assert_eq!(answers(&after.hub.asked()), [&Answer::Approve]);
    assert!(after.screen().contains("journaled"), "{}", after.screen());
}

#[tokio::test]
async fn the_name_of_a_grave_target_is_typed_and_confirmed() {
    let entries = vec![alert(), proposal(2, remedy(), Risk::High)];
    let steps = vec![
        Step::Keys("d"),
        Step::Waits(1000),
        Step::Keys("a y"),
        Step::Types("checkout-config"),
        Step::Waits(1000),
        Step::Keys("ctrl-y"),
        Step::Waits(5000),
    ];
    let after = run(entries, steps).await;
    assert_eq!(answers(&after.hub.asked()), [&Answer::Approve]);
}

#[tokio::test]
async fn a_proposal_that_arrives_under_the_fingers_is_not_answered() {
    let steps = vec![
        Step::Keys("j k"),
        Step::Tells(vec![arrives(proposal(2, remedy(), Risk::Medium))]),
        Step::Keys("a y enter y a y"),
        Step::Waits(60_000),
    ];
    let after = run(vec![alert()], steps).await;
    assert!(answers(&after.hub.asked()).is_empty());
    assert!(after.screen().contains("Roll the configuration back"), "{}", after.screen());
}

#[tokio::test]
async fn a_denial_reaches_the_hub_with_its_reason() {
    let entries = vec![alert(), proposal(2, remedy(), Risk::Medium)];
    let steps = vec![
        Step::Keys("d"),
        Step::Waits(1000),
        Step::Keys("n"),
        Step::Types("too risky at noon"),
        Step::Waits(100),
        Step::Keys("ctrl-s"),
        Step::Waits(5000),
    ];
    let after = run(entries, steps).await;
    let reason = "too risky at noon".into();
    assert_eq!(answers(&after.hub.asked()), [&Answer::Deny { reason }]);
}

#[tokio::test]
async fn an_answer_taken_back_never_reaches_the_hub() {
    let entries = vec![alert(), proposal(2, remedy(), Risk::Medium)];
    let steps = vec![
        Step::Keys("d"),
        Step::Waits(1000),
        Step::Keys("a y"),
        Step::Waits(3000),
        Step::Keys("u"),
        Step::Waits(60_000),
    ];
    let after = run(entries, steps).await;
    assert!(after.hub.asked().is_empty());
}

#[tokio::test]
async fn a_draft_survives_the_cockpit() {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().to_owned();
    let steps = vec![Step::Keys("c"), Step::Types("half a thought")];
    let keep = |settings: super::super::CockpitSettings| super::super::CockpitSettings {
        state: Some(state.clone()),
        ..settings
    };
    run_with(vec![alert()], steps, keep).await;
    let after = run_with(vec![alert()], vec![Step::Keys("c")], keep).await;
    assert!(after.screen().contains("half a thought"), "{}", after.screen());
}

#[tokio::test]
async fn a_disk_that_takes_nothing_is_told_and_the_screen_lives() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let state = file.path().join("below a file");
    let keep = |settings: super::super::CockpitSettings| super::super::CockpitSettings {
        state: Some(state),
        ..settings
    };
    let steps = vec![Step::Keys("c"), Step::Types("still here"), Step::Waits(100)];
    let after = run_with(vec![alert()], steps, keep).await;
    let screen = after.screen();
    assert!(screen.contains("could not be kept on disk"), "{screen}");
    assert!(screen.contains("still here"), "{screen}");
}

#[tokio::test]
async fn a_person_who_looks_elsewhere_is_called_for_what_they_chose() {
    use crate::cockpit::core::Occasion;
    let called = async |occasions: Vec<Occasion>| {
        let choose = |settings: super::super::CockpitSettings| super::super::CockpitSettings {
            occasions,
            ..settings
        };
        let news = arrives(proposal(2, remedy(), Risk::Medium));
        let steps = vec![Step::LooksAway, Step::Tells(vec![news]), Step::Resizes(160, 45)];
        let after = run_with(vec![alert()], steps, choose).await;
        after.surface.done.iter().any(|done| done.starts_with("notify action waits for a person"))
    };
    assert!(called(vec![Occasion::Decision]).await);
    assert!(!called(vec![Occasion::Failure]).await);
}

#[cfg(unix)]
#[tokio::test]
async fn the_editor_has_the_terminal_and_gives_its_text_back() {
    let edit = |settings: super::super::CockpitSettings| super::super::CockpitSettings {
        editor: Some("printf ' and more' >>".to_owned()),
        ..settings
    };
    let steps = vec![Step::Keys("c"), Step::Types("one"), Step::Keys("ctrl-e")];
    let after = run_with(vec![alert()], steps, edit).await;
    assert!(after.screen().contains("one and more"), "{}", after.screen());
    let mut taken = after.surface.done.clone();
    taken.retain(|done| done == "leave" || done == "retake");
    assert_eq!(taken, ["leave", "retake"]);
    assert_eq!(after.let_go, 1);
}

#[cfg(unix)]
#[tokio::test]
async fn what_the_hub_tells_while_the_editor_is_open_is_taken_and_not_drawn() {
    let directory = tempfile::tempdir().unwrap();
    let fifo = directory.path().join("go");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status().unwrap();
    assert!(made.success());
    // The editor ends when somebody writes into the pipe; the hub does so once its news was taken.
    let editor = format!("cat {} >>", fifo.display());
    let edit = |settings: super::super::CockpitSettings| super::super::CockpitSettings {
        editor: Some(editor),
        ..settings
    };
    let news = arrives(comment(2, "human:bo", "told meanwhile"));
    let steps = vec![Step::Keys("c"), Step::Types("one"), Step::Keys("ctrl-e"), Step::Waits(0)];
    let after = run_beside(vec![alert()], steps, edit, move |hub| async move {
        let told = tokio::task::spawn_blocking(move || {
            // Opening waits until the editor has opened the other end.
            let mut pipe = std::fs::File::options().write(true).open(fifo)?;
            hub.tell(news);
            std::io::Write::write_all(&mut pipe, b" two")
        });
        told.await.unwrap().unwrap();
    })
    .await;
    let screen = after.screen();
    assert!(screen.contains("one two") && screen.contains("told meanwhile"), "{screen}");
    let retaken = after.surface.done.iter().position(|done| done == "retake").unwrap();
    assert!(after.surface.done[retaken..].iter().all(|done| done != "leave"));
}

#[tokio::test]
async fn quitting_with_an_answer_on_its_way_takes_two_keys() {
    let entries = vec![alert(), proposal(2, remedy(), Risk::Medium)];
    let mut steps = vec![
        Step::Keys("d"),
        Step::Waits(1000),
        Step::Keys("a y"),
        Step::Waits(500),
        Step::Keys("esc q"),
        Step::Waits(500),
    ];
    let after = run(entries.clone(), steps).await;
    assert_eq!(after.left, Left::WithoutHands);
    steps = vec![Step::Keys("d"), Step::Waits(1000), Step::Keys("a y"), Step::Keys("esc q q")];
    let after = run(entries, steps).await;
    assert_eq!(after.left, Left::ByPerson);
    assert!(after.hub.asked().is_empty());
}

#[tokio::test]
async fn another_size_of_the_terminal_is_another_layout() {
    let steps = vec![Step::Resizes(80, 24)];
    let after = run(vec![alert(), comment(2, "human:bo", "hello")], steps).await;
    assert_eq!(after.screen().lines().count(), 24);
    assert!(after.screen().contains("hello"), "{}", after.screen());
}
