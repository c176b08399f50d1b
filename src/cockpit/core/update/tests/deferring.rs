//! Putting off: a decision comes back while it can still be answered.

use crate::cockpit::core::fixture::{Desk, ms};
use crate::cockpit::core::{ActStage, Action};
use crate::incident::{Answer, Risk};
use crate::wire::Command;

/// Until when the person put it off, if they did, in milliseconds since the beginning.
fn put_off(desk: &Desk) -> Option<i64> {
    let act = desk.model.acts.last()?;
    assert!(matches!(act.stage, ActStage::Held { .. }));
    let Command::Decide { verdict } = &*act.command else { panic!() };
    let Answer::Defer { until } = verdict.answer else { panic!() };
    Some(until.duration_since(ms(0)).as_millis().try_into().unwrap())
}

/// Puts a proposal off that expires at 900 s.
fn defers_at(millis: i64) -> Desk {
    let mut desk = Desk::reading(Risk::Medium);
    desk.wait(millis - desk.at);
    desk.press(Action::Defer);
    desk
}

#[test]
fn a_decision_comes_back_before_it_expires() {
    assert_eq!(put_off(&defers_at(100_000)), Some(500_000));
    assert_eq!(put_off(&defers_at(700_000)), Some(800_000));
    assert_eq!(put_off(&defers_at(840_000)), Some(870_000));
}

#[test]
fn what_expires_within_a_minute_is_not_put_off() {
    let desk = defers_at(841_000);
    assert_eq!(put_off(&desk), None);
    assert!(desk.refused().starts_with("it expires within a minute"), "{}", desk.refused());
}
