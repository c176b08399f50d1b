//! Writing, redirecting and searching: nothing typed is lost, nothing pasted acts.

use crate::cockpit::core::fixture::{Desk, alert, comment, entry, entry_id, incident, proposal};
use crate::cockpit::core::{
    Action, AskId, Choice, Context, DraftKey, Effect, Found, Message, Overlay, Pane,
};
use crate::incident::{
    Answer, Ask, Body, Handed, HandoffContext, HandoffStep, Hit, PAYLOAD_VERSION, Redirect, Risk,
    Severity,
};
use crate::wire::{Command, FeedEvent, Gates, Reply};

pub(super) fn context() -> HandoffContext {
    HandoffContext {
        version: PAYLOAD_VERSION,
        incident: incident(),
        title: "checkout answers with errors".into(),
        summary: "errors".into(),
        severity: Severity::Sev2,
        resources: Vec::new(),
        evidence: Vec::new(),
        tried: Vec::new(),
        open_questions: Vec::new(),
        question: "why?".into(),
        constraints: Vec::new(),
        path: Vec::new(),
        return_to: "demo".to_owned(),
    }
}

pub(super) fn with_partners(desk: &mut Desk) {
    let partners = vec!["telemetry".to_owned(), "database".to_owned()];
    desk.hub(FeedEvent::GatesChanged { gates: Gates { partners, ..Gates::default() } });
}

#[test]
fn every_change_of_a_text_is_kept_and_found_again() {
    let mut desk = Desk::live();
    desk.press(Action::Comment);
    desk.types("hi");
    let key = DraftKey::Comment(incident());
    assert!(desk.effects.contains(&Effect::SaveDraft { key, text: "hi".to_owned() }));
    desk.press(Action::Cancel);
    assert!(desk.model.overlays.is_empty());
    desk.press(Action::Comment);
    let Overlay::Composer(composer) = desk.top() else { panic!() };
    assert_eq!(composer.field.text(), "hi");
}

#[test]
fn a_draft_of_the_last_run_does_not_replace_a_newer_one() {
    let mut desk = Desk::live();
    desk.press(Action::Comment);
    desk.types("new");
    let key = DraftKey::Comment(incident());
    desk.tell(Message::DraftsRestored(vec![
        (key, "old".to_owned()),
        (DraftKey::Halt, "stop".to_owned()),
    ]));
    assert_eq!(desk.model.drafts[&key], "new");
    assert_eq!(desk.model.drafts[&DraftKey::Halt], "stop");
}

#[test]
fn a_draft_key_survives_its_name() {
    let keys = [DraftKey::Comment(incident()), DraftKey::Deny(entry_id(2).into()), DraftKey::Halt];
    for key in keys {
        assert_eq!(key.to_string().parse(), Ok(key));
    }
}

#[test]
fn a_comment_taken_back_is_a_draft_again() {
    let mut desk = Desk::live();
    desk.press(Action::Comment);
    desk.types("wait");
    desk.wait(1000);
    desk.press(Action::Send);
    assert!(desk.model.drafts.is_empty());
    desk.press(Action::Recall);
    assert_eq!(desk.model.drafts[&DraftKey::Comment(incident())], "wait");
    desk.wait(60_000);
    assert!(desk.sent().is_empty());
}

#[test]
fn a_paste_is_text_in_a_composer_and_nothing_elsewhere() {
    let mut desk = Desk::asked(Risk::Medium);
    desk.pastes("q\u{3}ay\r\n");
    assert!(desk.model.overlays.is_empty() && desk.model.acts.is_empty());
    desk.press(Action::Comment);
    desk.pastes("one\r\ntwo\u{1b}[2J");
    let Overlay::Composer(composer) = desk.top() else { panic!() };
    assert_eq!(composer.field.text(), "one\ntwo[2J");
    assert!(desk.model.banners.last().unwrap().notice.what.contains("1 hidden"));
}

#[test]
fn a_send_key_that_came_with_a_paste_sends_nothing() {
    let mut desk = Desk::live();
    desk.press(Action::Comment);
    desk.pastes("forged");
    desk.at += 1;
    desk.press(Action::Send);
    assert!(desk.model.acts.is_empty());
    assert_eq!(desk.model.context(), Context::Composer);
}

#[test]
fn the_editor_gives_its_text_back_and_an_error_keeps_the_draft() {
    let mut desk = Desk::live();
    desk.press(Action::Comment);
    desk.types("a");
    let effects = desk.press(Action::OpenEditor);
    assert!(effects.contains(&Effect::OpenEditor { text: "a".to_owned() }));
    let error = crate::incident::Notice::new(crate::incident::Trouble::Failed, "editor ended");
    desk.tell(Message::EditorReturned(Err(error)));
    assert_eq!(desk.model.drafts[&DraftKey::Comment(incident())], "a");
    desk.tell(Message::EditorReturned(Ok("a\nb\n".to_owned())));
    assert_eq!(desk.model.drafts[&DraftKey::Comment(incident())], "a\nb");
}

#[test]
fn a_handoff_is_redirected_to_another_partner() {
    let mut desk = Desk::live();
    with_partners(&mut desk);
    let handoff = entry_id(9).into();
    let ask = Ask::Handoff { handoff, to: "telemetry".to_owned(), context: Box::new(context()) };
    desk.arrives(proposal(2, ask, Risk::Medium));
    desk.press(Action::OpenCard);
    desk.draws();
    desk.press(Action::Redirect);
    let Overlay::Redirect(redirecting) = desk.top() else { panic!() };
    assert_eq!(redirecting.choices[0], Choice::Partner("database".to_owned()));
    assert_eq!(redirecting.choices.len(), 4);
    desk.wait(1000);
    desk.press(Action::Send);
    desk.wait(5000);
    let Some(Command::Decide { verdict }) = desk.sent().pop() else { panic!() };
    let redirect = Redirect::Partner { to: "database".to_owned() };
    assert_eq!(verdict.answer, Answer::Redirect { redirect });
}

#[test]
fn an_action_has_no_partner_to_go_to() {
    let mut desk = Desk::reading(Risk::Medium);
    with_partners(&mut desk);
    desk.press(Action::Redirect);
    let Overlay::Redirect(redirecting) = desk.top() else { panic!() };
    assert_eq!(redirecting.choices, [Choice::Narrow, Choice::Constrain, Choice::TakeOver]);
}

#[test]
fn a_handoff_under_way_gets_a_further_constraint() {
    let mut desk = Desk::live();
    with_partners(&mut desk);
    let offered = HandoffStep::Offered { to: "telemetry".to_owned(), context: Box::new(context()) };
    let handed = Handed { handoff: entry_id(2).into(), step: offered };
    desk.arrives(entry(2, "agent:primary@demo", Body::Handoff(handed), "please look"));
    desk.press(Action::FocusExchange);
    desk.press(Action::Redirect);
    desk.press(Action::SelectPrevious);
    desk.press(Action::SelectPrevious);
    desk.wait(1000);
    desk.press(Action::Send);
    assert!(desk.model.acts.is_empty(), "a constraint needs words");
    desk.types("read only");
    desk.wait(1000);
    desk.press(Action::Send);
    desk.wait(5000);
    let Some(Command::StepHandoff { step, .. }) = desk.sent().pop() else { panic!() };
    let HandoffStep::Redirected { to, context } = step else { panic!() };
    assert_eq!((to.as_str(), context.constraints.len()), ("telemetry", 1));
}

#[test]
fn only_the_answer_to_the_latest_search_counts() {
    let mut desk = Desk::live();
    desk.arrives(comment(2, "human:bo", "pool"));
    desk.press(Action::Search);
    desk.types("po");
    let hits = |entry| vec![Hit { entry, incident_title: "x".into() }];
    let answer = |desk: &mut Desk, ask, entry| {
        let reply = Reply::Found { hits: hits(entry) };
        desk.tell(Message::Answered { ask: AskId(ask), result: Ok(Box::new(reply)) });
    };
    answer(&mut desk, 1, alert());
    let Overlay::Search(searching) = desk.top() else { panic!() };
    assert!(matches!(searching.found, Found::Asked { .. }));
    answer(&mut desk, 2, comment(2, "human:bo", "pool"));
    let Overlay::Search(searching) = desk.top() else { panic!() };
    assert_eq!(searching.marked, Some(entry_id(2)));
    desk.press(Action::Open);
    assert!(desk.model.overlays.is_empty());
    assert_eq!(desk.model.focus, Pane::Timeline);
    assert_eq!(desk.model.current().unwrap().at_entry.selected(), Some(entry_id(2)));
}
