//! Sending: held for a while, then on its way, with its true stage.

use crate::cockpit::core::fixture::{Desk, actor, entry, entry_id, proposal, proposal_id, remedy};
use crate::cockpit::core::{Act, ActStage, Action, AskId, Effect, Message, Pace, Replaying};
use crate::incident::{Body, Notice, Risk, Settlement, Status, Trouble};
use crate::wire::{Command, Reply};

fn approving() -> Desk {
    let mut desk = Desk::reading(Risk::Medium);
    desk.chord(Action::Approve);
    desk
}

fn act(desk: &Desk) -> &Act {
    desk.model.acts.last().expect("something was sent")
}

#[test]
fn an_act_is_held_then_sent_then_journaled() {
    let mut desk = approving();
    assert!(matches!(act(&desk).stage, ActStage::Held { .. }));
    desk.wait(4999);
    assert!(desk.sent().is_empty());
    desk.wait(1);
    assert!(matches!(act(&desk).stage, ActStage::Sent { .. }));
    assert_eq!(desk.sent().len(), 1);
    let reply = Reply::Decided { entry: entry_id(9), settled: None, missing: 1 };
    let ask = act(&desk).ask;
    desk.tell(Message::Answered { ask, result: Ok(Box::new(reply)) });
    let note = Some("1 more approver needed".to_owned());
    assert_eq!(act(&desk).stage, ActStage::Journaled { entry: Some(entry_id(9)), note });
}

#[test]
fn words_on_anything_but_a_question_are_called_a_remark() {
    let mut desk = Desk::reading(Risk::Medium);
    desk.press(Action::Respond);
    desk.types("why now?");
    desk.wait(1000);
    desk.press(Action::Send);
    assert_eq!(act(&desk).what, "remark on rollback checkout-config");
}

#[test]
fn the_wake_up_is_asked_for_when_the_hold_ends() {
    let mut desk = approving();
    let woken: Vec<_> = (0..5)
        .flat_map(|_| desk.wait(1000))
        .filter(|it| matches!(it, Effect::Send { .. }))
        .collect();
    assert_eq!(woken.len(), 1);
}

#[test]
fn an_act_taken_back_never_leaves() {
    let mut desk = approving();
    desk.press(Action::Recall);
    desk.wait(60_000);
    assert_eq!(act(&desk).stage, ActStage::Recalled { why: None });
    assert!(desk.sent().is_empty());
    desk.draws();
    desk.wait(1000);
    desk.chord(Action::Approve);
    assert_eq!(desk.model.acts.len(), 2, "it can be decided again");
}

#[test]
fn what_has_left_cannot_be_taken_back() {
    let mut desk = approving();
    desk.wait(5000);
    desk.press(Action::Recall);
    assert!(matches!(act(&desk).stage, ActStage::Sent { .. }));
}

#[test]
fn one_proposal_takes_one_answer_at_a_time() {
    let mut desk = approving();
    desk.wait(1000);
    desk.chord(Action::Approve);
    assert_eq!(desk.model.acts.len(), 1);
    assert!(desk.refused().contains("take it back first"));
}

#[test]
fn a_late_or_unknown_answer_is_ignored() {
    let mut desk = approving();
    let before = format!("{:?}", desk.model.acts);
    let answers = [act(&desk).ask, AskId(999)];
    for ask in answers {
        desk.tell(Message::Answered { ask, result: Ok(Box::new(Reply::Seen)) });
    }
    assert_eq!(format!("{:?}", desk.model.acts), before);
}

#[test]
fn a_refusal_is_shown_and_nothing_is_assumed() {
    let mut desk = approving();
    desk.wait(5000);
    let notice = Notice::new(Trouble::Conflict, "the decision is denied already");
    let ask = act(&desk).ask;
    desk.tell(Message::Answered { ask, result: Err(notice.clone()) });
    assert_eq!(act(&desk).stage, ActStage::Refused(notice));
    assert!(desk.model.banners[0].notice.what.contains("denied already"));
}

#[test]
fn a_decision_settled_within_the_hold_takes_the_answer_back() {
    let mut desk = approving();
    let to = Settlement::Denied { by: actor("human:bo"), reason: "no".into() };
    let status = Status::Decision { proposal: proposal_id(2), to };
    desk.arrives(entry(3, "system:wheelhouse", Body::Status(status), "denied"));
    desk.wait(10_000);
    assert!(desk.sent().is_empty());
    assert!(matches!(&act(&desk).stage, ActStage::Recalled { why: Some(_) }));
}

#[test]
fn leaving_while_something_is_held_asks_first_and_then_sends_nothing() {
    let mut desk = approving();
    assert!(!desk.press(Action::Quit).contains(&Effect::Quit));
    assert!(desk.press(Action::Quit).contains(&Effect::Quit));
    assert!(desk.sent().is_empty());
    assert!(matches!(act(&desk).stage, ActStage::Recalled { .. }));
}

#[test]
fn a_recording_sends_nothing() {
    let mut desk = Desk::live();
    let replaying = Replaying {
        pace: Pace::Playing,
        speed: 1,
        played: 0,
        frames: 10,
        began: crate::cockpit::core::fixture::start(),
    };
    desk.tell(Message::Replayed(replaying));
    desk.arrives(proposal(2, remedy(), Risk::Medium));
    desk.press(Action::OpenCard);
    desk.draws();
    desk.wait(1000);
    desk.chord(Action::Approve);
    desk.press(Action::Deny);
    desk.press(Action::Comment);
    desk.chord(Action::Halt);
    desk.wait(10_000);
    assert!(desk.model.acts.is_empty() && desk.sent().is_empty());
}

#[test]
fn parking_leaves_at_once_and_releasing_can_be_taken_back() {
    let mut desk = Desk::live();
    desk.chord(Action::Halt);
    desk.types("too much at once");
    desk.wait(1000);
    desk.press(Action::Send);
    let reason = "too much at once".into();
    assert_eq!(desk.sent(), [&Command::Halt { halted: true, reason }]);
    let halted = Body::Status(Status::Dispatch { halted: true });
    desk.arrives(entry(2, "human:ada", halted, "halted"));
    desk.chord(Action::Resume);
    desk.types("all is well");
    desk.wait(1000);
    desk.press(Action::Send);
    assert_eq!(desk.sent().len(), 1);
    desk.wait(5000);
    assert_eq!(desk.sent().len(), 2);
}
