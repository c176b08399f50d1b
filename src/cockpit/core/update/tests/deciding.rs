//! Deciding: two acts, never fast, never by accident, bound to what was seen.

use crate::cockpit::core::fixture::{
    Desk, actor, comment, entry, entry_id, ms, proposal, proposal_id, remedy,
};
use crate::cockpit::core::{Action, Closed, Context, Input, Key, Overlay, Step};
use crate::incident::{
    Answer, Body, Canonical, Digest, Finding, Hypothesis, Redirect, Risk, Settlement, Standing,
    Status, Verdict,
};
use crate::wire::Command;

fn verdicts(desk: &Desk) -> Vec<Verdict> {
    let sent = desk.sent().into_iter().filter_map(|command| match command {
        Command::Decide { verdict } => Some(verdict.clone()),
        _ => None,
    });
    sent.collect()
}

fn doubt(n: u8) -> crate::incident::Entry {
    let hypothesis =
        Hypothesis { name: "pool".to_owned(), claim: "pool".into(), standing: Standing::RuledOut };
    let finding = Finding { hypothesis: Some(hypothesis), confidence_percent: None };
    entry(n, "agent:partner@demo", Body::Finding(finding), "it is not the pool")
}

fn settled(n: u8, to: Settlement) -> crate::incident::Entry {
    let status = Status::Decision { proposal: entry_id(2).into(), to };
    entry(n, "system:wheelhouse", Body::Status(status), "settled")
}

#[test]
fn a_calm_chord_on_the_open_card_approves_what_the_card_shows() {
    let mut desk = Desk::reading(Risk::Medium);
    desk.chord(Action::Approve);
    assert_eq!(verdicts(&desk), [], "it can still be taken back");
    desk.wait(5000);
    let verdicts = verdicts(&desk);
    assert_eq!(verdicts.len(), 1);
    assert_eq!(verdicts[0].answer, Answer::Approve);
    assert_eq!(verdicts[0].digest, remedy().digest());
}

#[test]
fn no_chord_decides_without_an_open_card() {
    let mut desk = Desk::asked(Risk::Medium);
    desk.wait(5000);
    desk.chord(Action::Approve);
    desk.wait(10_000);
    assert!(desk.model.acts.is_empty());
}

#[test]
fn opening_a_card_and_the_chord_in_one_breath_does_nothing() {
    let mut desk = Desk::asked(Risk::Medium);
    desk.wait(5000);
    desk.press(Action::OpenCard);
    desk.draws();
    desk.at += 120;
    desk.chord(Action::Approve);
    assert!(desk.model.acts.is_empty());
    assert!(desk.refused().starts_with("too soon"), "{}", desk.refused());
    desk.wait(1000);
    desk.chord(Action::Approve);
    assert_eq!(desk.model.acts.len(), 1);
}

/// Attack 18: whenever the chord comes, before the card, with it, or after it, only the quiet makes it count.
#[test]
fn at_no_moment_around_the_opening_does_a_chord_count_before_the_quiet_is_over() {
    for moment in 0..800 {
        let mut desk = Desk::asked(Risk::Medium);
        desk.wait(5000);
        let ahead = 400 - moment;
        if ahead > 0 {
            // Typed ahead: the chord is over, or half over, when the card appears.
            desk.chord(Action::Approve);
            desk.at += ahead;
        }
        desk.press(Action::OpenCard);
        desk.draws();
        desk.at += moment;
        desk.chord(Action::Approve);
        desk.wait(5000);
        assert_eq!(verdicts(&desk).len(), usize::from(moment >= 400), "{moment} ms");
    }
}

#[test]
fn a_card_that_was_never_drawn_cannot_be_approved() {
    let mut desk = Desk::asked(Risk::Medium);
    desk.press(Action::OpenCard);
    desk.wait(5000);
    desk.chord(Action::Approve);
    assert!(desk.model.acts.is_empty());
}

#[test]
fn a_key_just_before_the_chord_makes_it_count_for_nothing() {
    let mut desk = Desk::reading(Risk::Medium);
    desk.key(Key::Char('z'));
    desk.at += 399;
    desk.chord(Action::Approve);
    assert!(desk.model.acts.is_empty());
}

#[test]
fn an_arrival_on_this_card_begins_the_quiet_anew() {
    let mut desk = Desk::reading(Risk::Medium);
    desk.arrives(comment(3, "human:bo", "wait"));
    desk.draws();
    desk.wait(399);
    desk.chord(Action::Approve);
    assert!(desk.model.acts.is_empty());
    assert!(desk.refused().starts_with("too soon"));
}

#[test]
fn an_arrival_elsewhere_leaves_the_card_alone() {
    let mut desk = Desk::reading(Risk::Medium);
    desk.arrives(comment(3, "agent:primary@demo", "still measuring"));
    desk.arrives(proposal(4, remedy(), Risk::Low));
    desk.chord(Action::Approve);
    assert_eq!(desk.model.acts.len(), 1);
}

#[test]
fn escape_closes_and_decides_nothing_and_return_does_nothing() {
    let mut desk = Desk::reading(Risk::Medium);
    desk.press(Action::Open);
    assert!(matches!(desk.top(), Overlay::Card(_)));
    desk.press(Action::Close);
    assert!(desk.model.overlays.is_empty());
    desk.wait(10_000);
    assert!(desk.model.acts.is_empty());
    assert!(desk.model.decisions.get(proposal_id(2)).unwrap().state.is_open());
}

#[test]
fn a_grave_action_wants_the_name_of_its_target_typed() {
    let mut desk = Desk::reading(Risk::High);
    desk.chord(Action::Approve);
    assert_eq!(desk.model.context(), Context::Target);
    desk.draws();
    desk.types("checkout");
    desk.wait(1000);
    desk.press(Action::Confirm);
    assert!(desk.refused().contains("not the name"), "{}", desk.refused());
    desk.types("-config");
    desk.wait(1000);
    desk.press(Action::Confirm);
    desk.wait(5000);
    assert_eq!(verdicts(&desk)[0].typed_target.as_deref(), Some("checkout-config"));
}

#[test]
fn confirming_in_the_breath_of_the_last_letter_is_too_soon() {
    let mut desk = Desk::reading(Risk::High);
    desk.chord(Action::Approve);
    desk.draws();
    desk.types("checkout-config");
    desk.at += 90;
    desk.press(Action::Confirm);
    assert!(desk.model.acts.is_empty());
}

#[test]
fn the_name_cannot_be_pasted_with_brackets_or_without() {
    let mut desk = Desk::reading(Risk::High);
    desk.chord(Action::Approve);
    desk.draws();
    desk.pastes("checkout-config");
    let typed = |desk: &Desk| match &desk.card().step {
        Step::Typing { field, .. } => field.text(),
        step => panic!("{step:?}"),
    };
    assert_eq!(typed(&desk), "");
    desk.wait(1000);
    for sign in "checkout-config".chars() {
        desk.at += 2;
        desk.key(Key::Char(sign));
        assert!(typed(&desk).len() < 3);
    }
    desk.wait(1000);
    desk.press(Action::Confirm);
    assert!(desk.model.acts.is_empty());
}

#[test]
fn letters_of_one_burst_are_called_pasted_however_many_they_are() {
    for count in 3..=15 {
        let mut desk = Desk::reading(Risk::High);
        desk.chord(Action::Approve);
        desk.draws();
        for sign in "checkout-config".chars().take(count) {
            desk.at += 1;
            desk.key(Key::Char(sign));
        }
        assert!(desk.refused().starts_with("that was pasted"), "{count}: {}", desk.refused());
        desk.types("checkout-config");
        let Step::Typing { field, .. } = &desk.card().step else { panic!() };
        assert_eq!(field.text(), "checkout-config", "{count}");
    }
}

#[test]
fn a_fast_typist_is_not_taken_for_a_paste() {
    let mut desk = Desk::reading(Risk::High);
    desk.chord(Action::Approve);
    for sign in "checkout-config".chars() {
        desk.at += 30;
        desk.key(Key::Char(sign));
    }
    let Step::Typing { field, .. } = &desk.card().step else { panic!() };
    assert_eq!(field.text(), "checkout-config");
}

#[test]
fn what_arrived_since_is_shown_and_asked_again_and_then_acknowledged() {
    let mut desk = Desk::asked(Risk::Medium);
    desk.arrives(doubt(3));
    desk.press(Action::OpenCard);
    desk.draws();
    desk.wait(1000);
    desk.chord(Action::Approve);
    assert!(matches!(desk.card().step, Step::AskedAgain { .. }));
    assert!(desk.model.acts.is_empty());
    desk.chord(Action::Approve);
    assert!(desk.model.acts.is_empty(), "the second chord needs its own quiet");
    desk.draws();
    desk.wait(1000);
    desk.chord(Action::Approve);
    desk.wait(5000);
    assert_eq!(verdicts(&desk)[0].acknowledged, [entry_id(3)]);
}

#[test]
fn what_arrives_while_it_is_asked_again_is_asked_about_too() {
    let mut desk = Desk::asked(Risk::Medium);
    desk.arrives(doubt(3));
    desk.press(Action::OpenCard);
    desk.draws();
    desk.wait(1000);
    desk.chord(Action::Approve);
    desk.draws();
    desk.arrives(comment(4, "human:bo", "stop"));
    desk.draws();
    desk.wait(1000);
    desk.chord(Action::Approve);
    assert!(desk.model.acts.is_empty());
    desk.draws();
    desk.wait(1000);
    desk.chord(Action::Approve);
    desk.wait(5000);
    assert_eq!(verdicts(&desk)[0].acknowledged, [entry_id(3), entry_id(4)]);
}

#[test]
fn what_arrives_within_the_recall_window_takes_the_approval_back() {
    let mut desk = Desk::reading(Risk::Medium);
    desk.chord(Action::Approve);
    desk.wait(2000);
    desk.arrives(doubt(3));
    desk.wait(10_000);
    assert_eq!(verdicts(&desk), []);
    let told = &desk.model.banners[0].notice.what;
    assert!(told.contains("something arrived that its card did not show"), "{told}");
}

#[test]
fn a_decision_settled_by_somebody_else_says_so_and_takes_no_answer() {
    let mut desk = Desk::reading(Risk::Medium);
    let by = actor("human:bo");
    desk.arrives(settled(3, Settlement::Denied { by, reason: "no".into() }));
    assert_eq!(desk.card().over, Some(Closed::Settled));
    desk.draws();
    desk.wait(1000);
    for action in [Action::Approve, Action::TakeOver] {
        desk.chord(action);
        desk.wait(1000);
    }
    for action in [Action::Deny, Action::Respond, Action::Defer] {
        desk.press(action);
    }
    assert!(desk.model.acts.is_empty());
    assert!(matches!(desk.top(), Overlay::Card(_)));
}

#[test]
fn letters_typed_on_while_the_decision_is_settled_never_become_commands() {
    let mut desk = Desk::reading(Risk::High);
    desk.chord(Action::Approve);
    desk.draws();
    desk.types("check");
    let by = actor("human:bo");
    desk.arrives(settled(3, Settlement::Denied { by, reason: "no".into() }));
    assert_eq!(desk.model.context(), Context::Target);
    desk.types("out-config");
    desk.wait(1000);
    desk.press(Action::Confirm);
    assert!(desk.refused().contains("settled"), "{}", desk.refused());
}

#[test]
fn silence_expires_the_card_before_the_eyes() {
    let mut desk = Desk::reading(Risk::Medium);
    desk.at = 899_999;
    desk.wait(1);
    assert_eq!(desk.card().over, Some(Closed::Expired));
    desk.wait(1000);
    desk.chord(Action::Approve);
    assert!(desk.refused().contains("nobody approved or denied"), "{}", desk.refused());
}

#[test]
fn a_card_that_shows_something_else_than_is_proposed_is_refused() {
    let mut desk = Desk::reading(Risk::Medium);
    let Some(Overlay::Card(card)) = desk.model.overlays.last_mut() else { panic!() };
    card.seen = Digest::of("proposal", &[b"something else"]);
    desk.wait(1000);
    desk.chord(Action::Approve);
    assert!(desk.refused().contains("has changed"), "{}", desk.refused());
    assert!(desk.model.acts.is_empty());
}

#[test]
fn denying_wants_a_reason() {
    let mut desk = Desk::reading(Risk::Medium);
    desk.press(Action::Deny);
    desk.wait(1000);
    desk.press(Action::Send);
    let Overlay::Composer(composer) = desk.top() else { panic!() };
    assert_eq!(composer.refused.as_deref(), Some("say why: the agent reads it"));
    desk.press(Action::FocusNext);
    desk.wait(1000);
    desk.press(Action::Send);
    desk.wait(5000);
    let reason = crate::cockpit::core::QUICK_REASONS[0].into();
    assert_eq!(verdicts(&desk)[0].answer, Answer::Deny { reason });
}

#[test]
fn a_quick_reason_leaves_a_text_of_ones_own_below_it() {
    let mut desk = Desk::reading(Risk::Medium);
    desk.press(Action::Deny);
    desk.types("freeze until noon");
    desk.press(Action::FocusNext);
    desk.press(Action::FocusNext);
    let Overlay::Composer(composer) = desk.top() else { panic!() };
    let second = crate::cockpit::core::QUICK_REASONS[1];
    assert_eq!(composer.field.text(), format!("{second}\nfreeze until noon"));
}

#[test]
fn what_was_written_outlives_an_arrival_and_is_asked_about_again() {
    let mut desk = Desk::reading(Risk::Medium);
    desk.chord(Action::EditAndApprove);
    let Some(Overlay::Composer(composer)) = desk.model.overlays.last_mut() else { panic!() };
    composer.field.replace(r#"{"to": "r40"}"#);
    desk.wait(1000);
    desk.press(Action::Send);
    desk.arrives(doubt(3));
    for _ in 0..2 {
        assert!(desk.model.acts.is_empty());
        desk.draws();
        desk.wait(1000);
        desk.chord(Action::Approve);
    }
    desk.wait(5000);
    assert!(matches!(verdicts(&desk)[0].answer, Answer::EditAndApprove { .. }));
    assert_eq!(verdicts(&desk)[0].acknowledged, [entry_id(3)]);
}

#[test]
fn a_card_of_another_incident_brings_its_incident_along() {
    let mut desk = Desk::asked(Risk::Medium);
    let mut other =
        entry(9, "system:alertmanager", crate::cockpit::core::fixture::alert().body, "");
    other.incident = entry_id(9).into();
    desk.arrives(other);
    desk.press(Action::FocusIncidents);
    desk.press(Action::SelectFirst);
    assert_ne!(desk.model.at_incident.selected(), Some(entry_id(1).into()));
    desk.press(Action::OpenCard);
    assert_eq!(desk.model.at_incident.selected(), Some(entry_id(1).into()));
    assert_eq!(desk.model.at_decision.selected(), Some(proposal_id(2)));
}

#[test]
fn edited_arguments_are_shown_and_asked_for_before_they_are_approved() {
    let mut desk = Desk::reading(Risk::Medium);
    desk.chord(Action::EditAndApprove);
    let Some(Overlay::Composer(composer)) = desk.model.overlays.last_mut() else { panic!() };
    composer.field.replace(r#"{"to": "r40"}"#);
    desk.wait(1000);
    desk.press(Action::Send);
    assert!(desk.model.acts.is_empty());
    assert!(matches!(desk.card().step, Step::AskedAgain { .. }));
    desk.draws();
    desk.wait(1000);
    desk.chord(Action::Approve);
    desk.wait(5000);
    let args = Canonical::parse(r#"{"to":"r40"}"#).unwrap();
    assert_eq!(verdicts(&desk)[0].answer, Answer::EditAndApprove { args });
}

#[test]
fn arguments_that_are_not_json_are_refused_in_the_composer() {
    let mut desk = Desk::reading(Risk::Medium);
    desk.chord(Action::EditAndApprove);
    desk.types("x");
    desk.wait(1000);
    desk.press(Action::Send);
    let Overlay::Composer(composer) = desk.top() else { panic!() };
    assert!(composer.refused.as_ref().unwrap().contains("canonical JSON"));
}

#[test]
fn taking_over_is_a_chord_and_a_redirect() {
    let mut desk = Desk::reading(Risk::Medium);
    desk.chord(Action::TakeOver);
    desk.wait(5000);
    assert_eq!(verdicts(&desk)[0].answer, Answer::Redirect { redirect: Redirect::TakeOver });
}

#[test]
fn a_screen_on_which_it_cannot_be_read_decides_nothing() {
    let mut desk = Desk::reading(Risk::Medium);
    desk.input(Input::Resize { columns: 59, rows: 40 });
    desk.wait(1000);
    desk.chord(Action::Approve);
    assert!(desk.refused().contains("60×16"));
    assert!(desk.model.acts.is_empty());
}

#[test]
fn the_proposer_and_whoever_approved_already_are_told_so() {
    let mut desk = Desk::reading(Risk::Medium);
    desk.model.me = actor("agent:primary@demo");
    desk.chord(Action::Approve);
    assert!(desk.refused().contains("does not approve it"));
}

#[test]
fn nothing_slides_under_the_cursor_while_a_card_is_open() {
    let mut desk = Desk::asked(Risk::Medium);
    desk.arrives(proposal(3, remedy(), Risk::Medium));
    desk.press(Action::OpenCard);
    desk.press(Action::OpenCard);
    assert_eq!(desk.model.overlays.len(), 1);
    assert_eq!(desk.card().proposal, proposal_id(2));
    let banner = desk.model.banners.last().unwrap();
    assert!(banner.notice.what.contains("close it first"), "{}", banner.notice.what);
}

#[test]
fn a_card_that_is_settled_gives_way_to_the_next_one_that_waits() {
    let mut desk = Desk::reading(Risk::Medium);
    let (by, digest) = (vec![actor("human:bo")], remedy().digest());
    desk.arrives(settled(4, Settlement::Approved { by, digest, args: None }));
    desk.press(Action::OpenCard);
    assert_eq!(desk.card().proposal, proposal_id(2), "nothing else waits");
    desk.arrives(proposal(3, remedy(), Risk::Medium));
    desk.press(Action::OpenCard);
    assert_eq!(desk.model.overlays.len(), 1);
    assert_eq!(desk.card().proposal, proposal_id(3));
    desk.draws();
    desk.chord(Action::Approve);
    assert!(desk.refused().starts_with("too soon"), "{}", desk.refused());
    desk.wait(1000);
    desk.chord(Action::Approve);
    desk.wait(5000);
    assert_eq!(verdicts(&desk)[0].proposal, proposal_id(3));
}

#[test]
fn a_decision_put_off_gives_way_to_the_next() {
    let mut desk = Desk::reading(Risk::Medium);
    desk.arrives(proposal(3, remedy(), Risk::Medium));
    desk.press(Action::Defer);
    desk.wait(5000);
    let verdict = verdicts(&desk)[0].clone();
    let Answer::Defer { until } = verdict.answer else { panic!() };
    assert!(until > ms(desk.at));
    desk.arrives(entry(4, "human:ada", Body::Verdict(verdict), "later"));
    desk.press(Action::Close);
    desk.press(Action::OpenCard);
    assert_eq!(desk.card().proposal, proposal_id(3));
}
