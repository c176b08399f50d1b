//! Keeping: what a person wrote is there again when it was taken back, or never left.

use super::writing::{context, with_partners};
use crate::cockpit::core::fixture::{Desk, entry, entry_id, proposal_id};
use crate::cockpit::core::{Action, Choice, DraftKey, Effect, Message, Overlay, Pane, Zoom};
use crate::incident::{Body, Handed, HandoffStep, Risk};

const EDITED: &str = "{\n  \"to\": \"r40\"\n}";

fn edits() -> Desk {
    let mut desk = Desk::reading(Risk::Medium);
    desk.chord(Action::EditAndApprove);
    desk.tell(Message::EditorReturned(Ok(EDITED.to_owned())));
    desk.wait(1000);
    desk.press(Action::Send);
    desk.draws();
    desk.wait(1000);
    desk
}

/// What the composer begins with when the arguments are edited again.
fn edited_again(desk: &mut Desk) -> String {
    desk.draws();
    desk.wait(1000);
    desk.chord(Action::EditAndApprove);
    let Overlay::Composer(composer) = desk.top() else { panic!() };
    composer.field.text()
}

/// The layout that was kept last, as the next start finds it.
fn started_anew(desk: &Desk) -> Desk {
    let kept = desk.effects.iter().rev().find_map(|effect| match effect {
        Effect::SaveLayout(layout) => Some(layout.clone()),
        _ => None,
    });
    let mut anew = Desk::empty();
    anew.model.lay_out(kept.unwrap());
    anew
}

#[test]
fn the_pane_that_has_the_whole_screen_has_it_after_the_next_start() {
    let mut desk = Desk::live();
    desk.press(Action::FocusTimeline);
    desk.press(Action::Zoom);
    assert_eq!(started_anew(&desk).model.focus, Pane::Timeline);
    desk.press(Action::FocusNext);
    let anew = started_anew(&desk);
    assert_eq!((anew.model.focus, anew.model.layout.zoom), (Pane::Decisions, Zoom::On));
    desk.press(Action::Close);
    assert_eq!(started_anew(&desk).model.layout.zoom, Zoom::Off);
    assert_eq!(started_anew(&desk).model.focus, Pane::Exchange);
}

#[test]
fn edited_arguments_taken_back_are_there_again() {
    let mut desk = edits();
    desk.chord(Action::Approve);
    assert!(desk.model.drafts.is_empty(), "they are on their way");
    desk.press(Action::Recall);
    assert_eq!(edited_again(&mut desk), EDITED);
}

#[test]
fn edited_arguments_outlive_a_card_that_is_closed_before_they_are_approved() {
    let mut desk = edits();
    desk.press(Action::Close);
    desk.press(Action::OpenCard);
    assert_eq!(edited_again(&mut desk), EDITED);
}

#[test]
fn a_redirect_taken_back_keeps_its_words() {
    let mut desk = Desk::reading(Risk::Medium);
    desk.press(Action::Redirect);
    desk.types("one pod");
    desk.wait(1000);
    desk.press(Action::Send);
    assert!(desk.model.drafts.is_empty(), "they are on their way");
    desk.press(Action::Recall);
    desk.press(Action::Redirect);
    let Overlay::Redirect(redirecting) = desk.top() else { panic!() };
    assert_eq!(redirecting.field.text(), "one pod");
    assert!(desk.model.drafts.contains_key(&redirecting.of.draft_key()));
    let key = DraftKey::Redirect(proposal_id(2).into());
    assert_eq!(redirecting.of.draft_key(), key);
    assert_eq!(key.to_string().parse(), Ok(key));
}

#[test]
fn the_words_of_a_handoff_redirected_and_taken_back_stand_on_the_screen_at_once() {
    let mut desk = Desk::live();
    with_partners(&mut desk);
    let offered = HandoffStep::Offered { to: "telemetry".to_owned(), context: Box::new(context()) };
    let handed = Handed { handoff: entry_id(2).into(), step: offered };
    desk.arrives(entry(2, "agent:primary@demo", Body::Handoff(handed), "please look"));
    desk.press(Action::Redirect);
    for marks in [Action::SelectNext, Action::SelectNext] {
        desk.press(marks);
    }
    desk.types("read only");
    desk.press(Action::Cancel);
    desk.press(Action::Redirect);
    let Overlay::Redirect(redirecting) = desk.top() else { panic!() };
    assert_eq!(redirecting.choice(), Some(&Choice::Narrow));
    desk.press(Action::SelectNext);
    desk.wait(1000);
    desk.press(Action::Send);
    assert!(desk.model.drafts.is_empty() && desk.model.overlays.is_empty());
    desk.press(Action::Recall);
    let words: Vec<_> = desk.model.drafts.values().collect();
    assert_eq!(words, ["read only"]);
}
