//! The mouse: a click means what was seen, a drag copies it, and nothing is ever decided.

use ratatui::layout::Rect;

use crate::cockpit::core::fixture::{Desk, comment, entry_id, ms, proposal_id};
use crate::cockpit::core::{
    Action, Effect, Flow, Input, Message, Mouse, MouseAct, Overlay, Pane, Pointing, SeenLine,
    Shows, Sight,
};
use crate::incident::Risk;

fn mouse(desk: &mut Desk, act: MouseAct, (column, row): (u16, u16)) -> Vec<Effect> {
    desk.input(Input::Mouse(Mouse { act, column, row }))
}

fn clicks(desk: &mut Desk, at: (u16, u16)) {
    mouse(desk, MouseAct::Pressed, at);
    mouse(desk, MouseAct::Released, at);
}

/// The screen as it was drawn: these lines in the timeline, two rows each, from its third row on.
fn drawn(desk: &mut Desk, ids: &[u8]) -> (u16, u16) {
    let area = desk.model.arrangement().pane(Pane::Timeline).unwrap();
    let (x, y) = (area.x + 2, area.y + 2);
    let rows = (0_u16..).zip(ids);
    let line = |(at, id): (u16, &u8)| SeenLine {
        pane: Pane::Timeline,
        area: Rect::new(x, y + 2 * at, area.width - 4, 2),
        shows: Shows::Entry(entry_id(*id)),
    };
    let sight = Sight {
        areas: vec![Rect::new(x, y, area.width - 4, area.height - 4)],
        lines: rows.map(line).collect(),
        ..Sight::default()
    };
    desk.tell(Message::Drawn { at: ms(desk.at), sight });
    (x, y)
}

fn selected(desk: &Desk) -> Option<crate::incident::EntryId> {
    desk.model.current().unwrap().at_entry.selected()
}

#[test]
fn a_click_selects_the_line_that_was_seen_whatever_arrived_since() {
    let mut desk = Desk::live();
    desk.arrives(comment(3, "human:bo", "three"));
    desk.arrives(comment(4, "human:bo", "four"));
    let (x, y) = drawn(&mut desk, &[1, 3, 4]);
    desk.arrives(comment(2, "human:bo", "late"));
    clicks(&mut desk, (x + 4, y + 3));
    assert_eq!(desk.model.focus, Pane::Timeline);
    assert_eq!(selected(&desk), Some(entry_id(3)));
    let place = &desk.model.current().unwrap().at_entry;
    assert!(matches!(place.flow, Flow::Detached { .. }), "an older line is not followed");
    assert_eq!(place.anchor.unwrap().above, 2, "two rows stand above it");
}

#[test]
fn two_clicks_open_and_a_slow_second_one_does_not() {
    let mut desk = Desk::live();
    desk.arrives(comment(3, "human:bo", "three"));
    let (x, y) = drawn(&mut desk, &[1, 3]);
    clicks(&mut desk, (x, y));
    desk.wait(600);
    clicks(&mut desk, (x, y));
    assert!(desk.model.overlays.is_empty());
    desk.wait(200);
    clicks(&mut desk, (x, y));
    assert!(matches!(desk.top(), Overlay::Opened(_)));
}

#[test]
fn a_drag_copies_the_text_that_stood_under_it() {
    let mut desk = Desk::live();
    let (x, y) = drawn(&mut desk, &[1]);
    mouse(&mut desk, MouseAct::Pressed, (x, y));
    mouse(&mut desk, MouseAct::Dragged, (x + 900, y + 1));
    let Some(Pointing::Text(marking)) = desk.model.pointing else { panic!() };
    assert!(marking.area.contains(marking.to), "it stays within its pane");
    let sight = Sight { marked: Some("5xx ratio is 0.4".to_owned()), ..desk.model.sight.clone() };
    desk.tell(Message::Drawn { at: ms(desk.at), sight });
    let effects = mouse(&mut desk, MouseAct::Released, (x + 900, y + 1));
    assert_eq!(effects[0], Effect::Copy("5xx ratio is 0.4".to_owned()));
    assert_eq!(selected(&desk), Some(entry_id(1)), "and selects nothing");
}

#[test]
fn a_splitter_is_dragged_and_where_it_stands_is_kept() {
    let mut desk = Desk::live();
    let edge = desk.model.arrangement().pane(Pane::Exchange).unwrap().x;
    mouse(&mut desk, MouseAct::Pressed, (edge, 20));
    mouse(&mut desk, MouseAct::Dragged, (80, 20));
    let effects = mouse(&mut desk, MouseAct::Released, (80, 20));
    assert!(matches!(effects[0], Effect::SaveLayout(_)));
    assert_eq!(desk.model.arrangement().pane(Pane::Exchange).unwrap().x, 80);
}

#[test]
fn no_click_decides_or_reaches_through_a_card() {
    let mut desk = Desk::reading(Risk::Medium);
    let (x, y) = drawn(&mut desk, &[1]);
    for column in (0..160).step_by(7) {
        for row in 0..45 {
            clicks(&mut desk, (column, row));
            clicks(&mut desk, (column, row));
        }
    }
    clicks(&mut desk, (x, y));
    desk.wait(10_000);
    assert_eq!(desk.card().proposal, proposal_id(2));
    assert!(desk.model.acts.is_empty() && desk.sent().is_empty());
    assert_eq!(desk.model.overlays.len(), 1);
    desk.press(Action::Close);
    assert!(desk.model.overlays.is_empty());
}
