//! What arrives: it shows, and takes nothing from the person.

use crate::cockpit::core::fixture::{
    Desk, actor, alert, comment, entry, entry_id, incident, ms, proposal, remedy,
};
use crate::cockpit::core::{
    Action, Connection, Context, Effect, Flow, Input, Message, Pane, Progress,
};
use crate::incident::{Body, ExchangeEvent, Exchanged, Notice, Risk, RunId, Trouble};
use crate::wire::{Delivery, DeliveryStage, FeedEvent, Frame};

#[test]
fn a_new_proposal_opens_nothing_and_moves_neither_focus_nor_selection() {
    let mut desk = Desk::live();
    desk.press(Action::FocusDecisions);
    desk.arrives(proposal(2, remedy(), Risk::Medium));
    desk.press(Action::SelectNext);
    let before = (desk.model.focus, desk.model.at_decision.clone(), desk.model.context());
    desk.arrives(proposal(3, remedy(), Risk::Critical));
    assert!(desk.model.overlays.is_empty());
    assert_eq!((desk.model.focus, desk.model.at_decision.clone(), desk.model.context()), before);
    assert_eq!(desk.model.waiting(), 2);
}

#[test]
fn a_new_proposal_takes_no_key_from_a_comment() {
    let mut desk = Desk::live();
    desk.press(Action::Comment);
    desk.types("ay");
    desk.arrives(proposal(2, remedy(), Risk::Medium));
    desk.types("ay");
    assert_eq!(desk.model.context(), Context::Composer);
    desk.wait(1000);
    desk.press(Action::Send);
    desk.wait(6000);
    let text = format!("{:?}", desk.sent());
    assert!(text.contains("ayay") && !text.contains("Approve"), "{text}");
}

#[test]
fn a_proposal_calls_only_a_person_who_looks_elsewhere() {
    let mut desk = Desk::live();
    let notifies =
        |effects: &[Effect]| effects.iter().any(|effect| matches!(effect, Effect::Notify { .. }));
    assert!(!notifies(&desk.arrives(proposal(2, remedy(), Risk::Medium))));
    desk.input(Input::FocusLost);
    assert!(notifies(&desk.arrives(proposal(3, remedy(), Risk::Medium))));
}

#[test]
fn the_title_and_the_tab_say_that_somebody_waits() {
    let mut desk = Desk::live();
    let effects = desk.arrives(proposal(2, remedy(), Risk::Medium));
    assert!(effects.contains(&Effect::SetProgress(Progress::Waiting)));
    let title = "(1) checkout answers with errors - wheelhouse".to_owned();
    assert!(effects.contains(&Effect::SetTitle(title)), "{effects:?}");
}

#[test]
fn a_frame_told_twice_counts_once() {
    let mut desk = Desk::live();
    desk.arrives(comment(2, "human:bo", "I look at it"));
    let again = |seq, entry| {
        let event = FeedEvent::EntryArrived { entry: Box::new(entry) };
        Message::Framed(std::sync::Arc::new(Frame { run: None, seq, at: ms(20_000), event }))
    };
    desk.tell(Message::LinkUp);
    desk.tell(again(1, alert()));
    desk.tell(again(2, comment(2, "human:bo", "I look at it")));
    assert_eq!(desk.model.current().unwrap().timeline.len(), 2);
    assert_eq!(desk.model.missed, 0);
    desk.tell(again(5, comment(3, "human:bo", "found it")));
    assert_eq!(desk.model.missed, 2);
}

#[test]
fn another_run_of_the_hub_counts_from_one_again() {
    let mut desk = Desk::live();
    desk.arrives(comment(2, "human:bo", "I look at it"));
    desk.tell(Message::LinkUp);
    let event = FeedEvent::EntryArrived { entry: Box::new(comment(3, "human:bo", "restarted")) };
    desk.tell(Message::Framed(std::sync::Arc::new(Frame {
        run: None,
        seq: 1,
        at: ms(99_000),
        event,
    })));
    assert_eq!(desk.model.current().unwrap().timeline.len(), 3);
    assert_eq!(desk.model.missed, 0);
}

#[test]
fn a_run_taken_up_again_where_the_hub_no_longer_remembers_its_beginning_is_the_same_run() {
    let mut desk = Desk::live();
    let run = Some(RunId::from_parts(ms(0), 1));
    let said = |seq: u64| {
        let what = Exchanged::Said { by: actor("agent:primary@demo"), text: "hm".into() };
        let event = ExchangeEvent { incident: incident(), at: ms(0), what };
        let event = FeedEvent::ExchangeMoved { event: Box::new(event) };
        Message::Framed(std::sync::Arc::new(Frame { run, seq, at: ms(20_000), event }))
    };
    let turns = |desk: &Desk| desk.model.current().unwrap().exchange.turns().len();
    (1..=6).for_each(|seq| drop(desk.tell(said(seq))));
    desk.tell(Message::LinkUp);
    let event = FeedEvent::FramesMissed { count: 3 };
    let missed = Frame { run, seq: 3, at: ms(20_000), event };
    desk.tell(Message::Framed(std::sync::Arc::new(missed)));
    (4..=7).for_each(|seq| drop(desk.tell(said(seq))));
    assert_eq!((turns(&desk), desk.model.missed), (7, 0));
    desk.tell(Message::LinkUp);
    let event = FeedEvent::FramesMissed { count: 9 };
    let missed = Frame { run, seq: 9, at: ms(20_000), event };
    desk.tell(Message::Framed(std::sync::Arc::new(missed)));
    assert_eq!(desk.model.missed, 2, "of the nine, seven were folded");
}

#[test]
fn entries_before_their_alert_wait_for_it() {
    let mut desk = Desk::empty();
    desk.arrives(comment(2, "human:bo", "something is wrong"));
    assert!(desk.model.incidents.is_empty());
    desk.arrives(alert());
    let watched = desk.model.current().expect("the incident is shown");
    assert_eq!((watched.timeline.len(), watched.incident.entries), (2, 2));
}

#[test]
fn a_broken_link_says_since_when_and_keeps_what_is_known() {
    let mut desk = Desk::asked(Risk::Medium);
    let why = Notice::new(Trouble::Unreachable, "the hub has ended");
    desk.tell(Message::LinkLost { why: why.clone(), retry_at: Some(ms(21_000)) });
    desk.wait(5000);
    desk.tell(Message::LinkLost { why, retry_at: Some(ms(30_000)) });
    let Connection::Lost { since, retry_at, .. } = &desk.model.connection else { panic!() };
    assert_eq!((*since, *retry_at), (ms(20_000), Some(ms(30_000))));
    assert_eq!(desk.model.progress, Progress::Broken);
    assert_eq!(desk.model.waiting(), 1);
    desk.tell(Message::CaughtUp);
    assert!(desk.model.connection.is_live());
}

#[test]
fn a_late_entry_takes_its_place_and_the_selection_stays_on_its_entry() {
    let mut desk = Desk::live();
    for n in [10, 20, 30] {
        desk.arrives(comment(n, "human:bo", "note"));
    }
    desk.press(Action::FocusTimeline);
    desk.press(Action::SelectPrevious);
    let place = |desk: &Desk| desk.model.current().unwrap().at_entry.clone();
    assert_eq!(place(&desk).selected(), Some(entry_id(20)));
    desk.arrives(comment(5, "human:bo", "late"));
    desk.arrives(comment(40, "human:bo", "new"));
    let place = place(&desk);
    assert_eq!(place.selected(), Some(entry_id(20)));
    assert_eq!(place.flow, Flow::Detached { unseen: 2 });
}

#[test]
fn what_is_owed_is_counted_with_its_age() {
    let mut desk = Desk::live();
    let moved = |stage| {
        let (entry, tracker) = (entry_id(1), "local".to_owned());
        FeedEvent::DeliveryMoved { delivery: Delivery { entry, tracker, stage } }
    };
    desk.hub(moved(DeliveryStage::Owed { retry_at: None, why: None }));
    desk.wait(4000);
    desk.hub(moved(DeliveryStage::Sending { text: None }));
    let owed = desk.model.deliveries.owed().expect("one is owed");
    assert_eq!((owed.count, owed.oldest), (1, ms(20_000)));
    desk.hub(moved(DeliveryStage::Written { remote: "7".to_owned() }));
    assert_eq!(desk.model.deliveries.owed(), None);
}

#[test]
fn an_exchange_moves_along_only_while_it_is_followed() {
    let mut desk = Desk::live();
    let said = |n: i64| {
        let what = Exchanged::Said { by: actor("agent:primary@demo"), text: "thinking".into() };
        let event = ExchangeEvent { incident: incident(), at: ms(n), what };
        FeedEvent::ExchangeMoved { event: Box::new(event) }
    };
    for n in 0..5 {
        desk.hub(said(n));
    }
    desk.press(Action::FocusExchange);
    let place = |desk: &Desk| desk.model.current().unwrap().at_turn.clone();
    assert_eq!(place(&desk).selected(), Some(4));
    desk.press(Action::SelectPrevious);
    desk.hub(said(9));
    assert_eq!((place(&desk).selected(), place(&desk).unseen()), (Some(3), 1));
    desk.press(Action::SelectLast);
    desk.hub(said(10));
    assert_eq!((place(&desk).selected(), place(&desk).flow), (Some(6), Flow::Following));
}

#[test]
fn an_idle_cockpit_asks_for_no_wake_up() {
    let mut desk = Desk::empty();
    let effects = desk.wait(1000);
    assert_eq!(effects, []);
    desk.arrives(alert());
    let status =
        crate::incident::Status::Incident { to: crate::incident::IncidentStatus::Resolved };
    desk.arrives(entry(2, "agent:primary@demo", Body::Status(status), "resolved"));
    desk.wait(120_000);
    assert_eq!(desk.wait(120_000), []);
    assert_eq!(desk.model.focus, Pane::Exchange);
}
