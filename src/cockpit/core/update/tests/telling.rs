//! Telling: what was done is told apart from what is wrong, and no more is said than is known.

use crate::cockpit::core::fixture::Desk;
use crate::cockpit::core::{Action, Message, Tone};
use crate::incident::{Notice, Risk, Trouble};

/// What is told last, and how.
fn told(desk: &Desk) -> (Tone, &str) {
    let banner = desk.model.banners.last().unwrap();
    (banner.tone, &banner.notice.what)
}

#[test]
fn what_was_done_is_told_apart_from_what_is_wrong() {
    let mut desk = Desk::live();
    desk.press(Action::Sort);
    assert_eq!(told(&desk), (Tone::Done, "what waits for people first"));
    desk.tell(Message::Mentioned(Notice::new(Trouble::Usage, "opened https://x.example")));
    assert_eq!(told(&desk), (Tone::Done, "opened https://x.example"));
    desk.press(Action::FocusTimeline);
    desk.press(Action::Bookmark);
    assert_eq!(told(&desk), (Tone::Done, "marked: the palette lists it"));
    desk.press(Action::OpenCard);
    assert_eq!(told(&desk), (Tone::Trouble, "no proposal waits for a person"));
}

#[test]
fn an_act_taken_back_is_something_done_and_one_still_held_a_warning() {
    let mut desk = Desk::reading(Risk::Medium);
    desk.chord(Action::Approve);
    desk.press(Action::Quit);
    assert_eq!(told(&desk).0, Tone::Trouble);
    desk.press(Action::Recall);
    assert_eq!(told(&desk), (Tone::Done, "taken back: approve rollback checkout-config"));
}

#[test]
fn a_text_that_went_to_a_terminal_is_not_said_to_be_copied() {
    let mut desk = Desk::live();
    desk.tell(Message::Copied { to: "the terminal's clipboard by OSC 52" });
    assert_eq!(told(&desk), (Tone::Done, "sent to the terminal's clipboard by OSC 52"));
}
