//! The loud acts: forcing alone what takes two people, and parking everything.

use crate::cockpit::core::fixture::{Desk, actor, entry, entry_id, proposal_id};
use crate::cockpit::core::{Action, Context, Message, Overlay, Step};
use crate::incident::{Answer, Body, Risk, Settlement, Status, Verdict};
use crate::wire::{Command, Reply};

fn verdicts(desk: &Desk) -> Vec<Verdict> {
    let sent = desk.sent().into_iter().filter_map(|command| match command {
        Command::Decide { verdict } => Some(verdict.clone()),
        _ => None,
    });
    sent.collect()
}

fn types_the_target(desk: &mut Desk) {
    assert_eq!(desk.model.context(), Context::Target);
    desk.draws();
    desk.types("checkout-config");
    desk.wait(1000);
    desk.press(Action::Confirm);
    desk.wait(5000);
}

fn approves(desk: &mut Desk) {
    desk.draws();
    desk.wait(1000);
    desk.chord(Action::Approve);
}

#[test]
fn one_person_forces_a_critical_action_with_a_reason_a_chord_and_the_targets_name() {
    let mut desk = Desk::reading(Risk::Critical);
    desk.chord(Action::BreakGlass);
    desk.press(Action::Send);
    let Overlay::Composer(composer) = desk.top() else { panic!() };
    assert!(composer.refused.is_some(), "a reason is required");
    desk.types("nobody else is awake");
    desk.wait(1000);
    desk.press(Action::Send);
    assert!(desk.card().step.forces());
    assert!(desk.model.acts.is_empty());
    approves(&mut desk);
    types_the_target(&mut desk);
    let verdict = &verdicts(&desk)[0];
    let reason = "nobody else is awake".into();
    assert_eq!(verdict.answer, Answer::BreakGlass { reason });
    assert_eq!(verdict.typed_target.as_deref(), Some("checkout-config"));
}

#[test]
fn where_one_person_is_enough_there_is_no_glass_to_break() {
    let mut desk = Desk::reading(Risk::High);
    desk.chord(Action::BreakGlass);
    assert!(desk.refused().contains("no glass to break"), "{}", desk.refused());
}

#[test]
fn breaking_the_glass_in_haste_does_nothing() {
    let mut desk = Desk::reading(Risk::Critical);
    desk.last_key = Some(desk.at - 50);
    desk.chord(Action::BreakGlass);
    assert!(desk.refused().starts_with("too soon"), "{}", desk.refused());
}

#[test]
fn a_critical_action_waits_for_a_second_person_who_may_not_be_the_first() {
    let mut desk = Desk::reading(Risk::Critical);
    desk.chord(Action::Approve);
    types_the_target(&mut desk);
    let verdict = verdicts(&desk)[0].clone();
    assert_eq!(verdict.answer, Answer::Approve);
    desk.arrives(entry(3, "human:ada", Body::Verdict(verdict), "approves"));
    let ask = desk.model.acts[0].ask;
    let recorded = Reply::Decided { entry: entry_id(3), settled: None, missing: 1 };
    desk.tell(Message::Answered { ask, result: Ok(Box::new(recorded)) });
    assert_eq!(desk.model.decisions.get(proposal_id(2)).unwrap().approvers(), [actor("human:ada")]);
    approves(&mut desk);
    assert!(desk.refused().contains("another person is needed"), "{}", desk.refused());
    desk.wait(1000);
    desk.chord(Action::BreakGlass);
    assert!(matches!(desk.top(), Overlay::Composer(_)), "the first may still force it");
}

#[test]
fn two_people_do_not_edit() {
    let mut desk = Desk::reading(Risk::Critical);
    desk.chord(Action::EditAndApprove);
    assert!(desk.refused().contains("two people"), "{}", desk.refused());
}

#[test]
fn a_step_of_reading_forces_nothing() {
    assert!(!Step::Reading.forces());
    assert!(!Step::AskedAgain { answer: Answer::Approve }.forces());
}

fn halted(desk: &mut Desk, n: u8, halted: bool) {
    let body = Body::Status(Status::Dispatch { halted });
    desk.arrives(entry(n, "human:bo", body, "HALT: nothing is dispatched. Wrong cluster."));
}

#[test]
fn a_halt_says_who_and_what_is_parked() {
    let mut desk = Desk::asked(Risk::Medium);
    halted(&mut desk, 3, true);
    assert!(desk.model.is_halted());
    assert_eq!(desk.model.parking.as_ref().unwrap().by, actor("human:bo"));
    assert_eq!(desk.model.parked().count(), 0);
    let to = Settlement::Approved {
        by: vec![actor("human:bo")],
        digest: desk.model.decisions.get(proposal_id(2)).unwrap().proposal.digest,
        args: None,
    };
    let settled = Status::Decision { proposal: entry_id(2).into(), to };
    desk.arrives(entry(4, "system:wheelhouse", Body::Status(settled), "approved"));
    assert_eq!(desk.model.parked().count(), 1);
    assert_eq!(desk.model.arrangement().bar.height, 2);
    halted(&mut desk, 5, false);
    assert_eq!(desk.model.parked().count(), 0);
    assert_eq!(desk.model.arrangement().bar.height, 0);
}

#[test]
fn parking_and_letting_go_are_two_gestures_and_neither_turns_into_the_other() {
    let mut desk = Desk::live();
    desk.chord(Action::Resume);
    assert!(desk.model.overlays.is_empty(), "nothing is parked");
    halted(&mut desk, 2, true);
    desk.chord(Action::Halt);
    assert!(desk.model.overlays.is_empty(), "it is parked already");
    desk.chord(Action::Resume);
    desk.types("it was the right cluster");
    desk.at += 100;
    desk.press(Action::Send);
    let Overlay::Composer(composer) = desk.top() else { panic!() };
    assert!(composer.refused.as_ref().unwrap().starts_with("too soon"));
    desk.wait(1000);
    desk.press(Action::Send);
    desk.wait(5000);
    let sent = desk.sent();
    assert!(matches!(sent[..], [Command::Halt { halted: false, .. }]), "{sent:?}");
}
