//! What trackers are still owed: a debt is marked, tried again, or given up with a reason.

use crate::cockpit::core::fixture::{Desk, comment, entry_id};
use crate::cockpit::core::{Action, Context, DraftKey, Overlay};
use crate::wire::{Command, Delivery, DeliveryStage, FeedEvent};

/// A desk on which two trackers refuse an entry each, with the outbox open.
fn owing() -> Desk {
    let mut desk = Desk::live();
    for (n, tracker) in [(2, "jira"), (3, "github")] {
        desk.arrives(comment(n, "human:ada", "the pool is small"));
        let stage = DeliveryStage::Parked { why: "403".to_owned() };
        let delivery = Delivery { entry: entry_id(n), tracker: tracker.to_owned(), stage };
        desk.hub(FeedEvent::DeliveryMoved { delivery });
        desk.wait(1000);
    }
    desk.press(Action::Outbox);
    desk
}

#[test]
fn what_is_marked_is_tried_again_at_once() {
    let mut desk = owing();
    assert_eq!(desk.model.context(), Context::Outbox);
    desk.press(Action::SelectNext);
    desk.press(Action::Redeliver);
    let again = Command::Redeliver { entry: entry_id(3), tracker: "github".to_owned() };
    assert_eq!(desk.sent(), [&again]);
}

#[test]
fn a_debt_is_given_up_only_with_a_reason() {
    let mut desk = owing();
    desk.press(Action::GiveUp);
    desk.wait(1000);
    desk.press(Action::Send);
    let Overlay::Composer(composer) = desk.top() else { panic!() };
    assert!(composer.refused.is_some());
    desk.types("closed there");
    assert_eq!(desk.model.drafts[&DraftKey::GiveUp(entry_id(2))], "closed there");
    desk.wait(1000);
    desk.press(Action::Send);
    assert!(desk.sent().is_empty(), "it can be taken back");
    desk.wait(5000);
    let (entry, tracker) = (entry_id(2), "jira".to_owned());
    let reason = "closed there".into();
    assert_eq!(desk.sent(), [&Command::GiveUp { entry, tracker, reason }]);
}

#[test]
fn the_mark_stays_on_its_debt_when_another_is_paid() {
    let mut desk = owing();
    desk.press(Action::SelectNext);
    let stage = DeliveryStage::Written { remote: "7".to_owned() };
    let delivery = Delivery { entry: entry_id(2), tracker: "jira".to_owned(), stage };
    desk.hub(FeedEvent::DeliveryMoved { delivery });
    desk.press(Action::Redeliver);
    let [Command::Redeliver { entry, .. }] = desk.sent()[..] else { panic!() };
    assert_eq!(*entry, entry_id(3));
}

#[test]
fn an_empty_outbox_has_nothing_to_do() {
    let mut desk = Desk::live();
    desk.press(Action::Outbox);
    desk.press(Action::Redeliver);
    desk.press(Action::GiveUp);
    assert!(desk.sent().is_empty());
    assert!(matches!(desk.top(), Overlay::Outbox(_)));
}
