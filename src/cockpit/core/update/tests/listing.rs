//! Moving in lists: what is read stays where it is.

use crate::cockpit::core::fixture::{Desk, comment, entry_id, proposal, proposal_id, remedy};
use crate::cockpit::core::{
    Action, Effect, Flow, Input, LOWEST, LineId, Message, Mouse, MouseAct, Pane, PlacedLine,
    Preset, Seen, Sight, Zoom,
};
use crate::incident::Risk;

fn with_entries(count: u8) -> Desk {
    let mut desk = Desk::live();
    for n in 2..=count {
        desk.arrives(comment(n, "human:bo", if n % 2 == 0 { "even" } else { "odd" }));
    }
    desk.press(Action::FocusTimeline);
    desk
}

fn selected(desk: &Desk) -> Option<u8> {
    let id = desk.model.current()?.at_entry.selected()?;
    (1..=u8::MAX).find(|n| entry_id(*n) == id)
}

fn flow(desk: &Desk) -> Flow {
    desk.model.current().unwrap().at_entry.flow
}

#[test]
fn the_timeline_is_followed_only_at_its_end() {
    let mut desk = with_entries(100);
    assert_eq!((selected(&desk), flow(&desk)), (Some(100), Flow::Following));
    desk.press(Action::PageUp);
    assert!(matches!(flow(&desk), Flow::Detached { unseen: 0 }));
    let read = selected(&desk);
    desk.arrives(comment(101, "human:bo", "new"));
    assert_eq!((selected(&desk), flow(&desk)), (read, Flow::Detached { unseen: 1 }));
    desk.press(Action::SelectLast);
    assert_eq!((selected(&desk), flow(&desk)), (Some(101), Flow::Following));
}

#[test]
fn scrolling_moves_the_window_and_keeps_the_selection_while_it_can() {
    let mut desk = with_entries(100);
    shows(&mut desk, 90..=99, 0);
    desk.press(Action::SelectPrevious);
    desk.press(Action::SelectPrevious);
    assert_eq!(stands(&desk), (Some(98), 24));
    shows(&mut desk, 90..=99, 0);
    desk.press(Action::ScrollDown);
    assert_eq!(stands(&desk), (Some(98), 23));
    desk.press(Action::SelectPrevious);
    assert_eq!(stands(&desk), (Some(97), 21));
}

/// The screen shows these entries, three rows each, the first of them scrolled up by `cut` rows.
fn shows(desk: &mut Desk, entries: std::ops::RangeInclusive<u8>, cut: isize) {
    let line = |(at, n): (usize, u8)| PlacedLine {
        id: LineId::Entry(entry_id(n)),
        top: (at * 3).cast_signed() - cut,
        rows: 3,
    };
    let lines = entries.enumerate().map(line).collect();
    let panes = [(Pane::Timeline, Seen { fit: 30, lines })].into();
    let sight = Sight { panes, ..Sight::default() };
    desk.tell(Message::Drawn { at: desk.model.wall, sight });
}

fn stands(desk: &Desk) -> (Option<u8>, isize) {
    (selected(desk), desk.model.current().unwrap().at_entry.anchor.unwrap().above)
}

#[test]
fn the_selection_goes_to_the_next_line_however_many_rows_it_has() {
    let mut desk = with_entries(100);
    desk.press(Action::SelectFirst);
    shows(&mut desk, 1..=10, 0);
    for n in 2..=10 {
        desk.press(Action::SelectNext);
        assert_eq!(stands(&desk), (Some(n), isize::from(n - 1) * 3));
    }
    desk.press(Action::SelectNext);
    assert_eq!(stands(&desk), (Some(11), LOWEST), "the lower edge brings the next one in");
    shows(&mut desk, 2..=11, 0);
    assert_eq!(stands(&desk), (Some(11), 27));
    desk.press(Action::SelectPrevious);
    assert_eq!(stands(&desk), (Some(10), 24), "nothing sticks at the lower edge");
}

#[test]
fn a_page_brings_what_stands_at_the_edge_to_the_middle() {
    let mut desk = with_entries(100);
    desk.press(Action::SelectFirst);
    shows(&mut desk, 1..=10, 0);
    desk.press(Action::PageDown);
    assert_eq!(stands(&desk), (Some(10), 15));
    shows(&mut desk, 5..=15, 0);
    desk.press(Action::PageUp);
    assert_eq!(stands(&desk), (Some(5), 15));
}

#[test]
fn a_line_longer_than_the_window_is_read_on_by_the_page() {
    let mut desk = with_entries(3);
    desk.press(Action::SelectFirst);
    let line = PlacedLine { id: LineId::Entry(entry_id(1)), top: 0, rows: 70 };
    let seen = Seen { fit: 30, lines: vec![line] };
    let sight = Sight { panes: [(Pane::Timeline, seen)].into(), ..Sight::default() };
    desk.tell(Message::Drawn { at: desk.model.wall, sight });
    desk.press(Action::PageDown);
    assert_eq!(stands(&desk), (Some(1), -15));
}

#[test]
fn a_pane_held_still_draws_nothing_newer() {
    let mut desk = with_entries(10);
    desk.press(Action::Pause);
    desk.arrives(comment(20, "human:bo", "new"));
    desk.press(Action::SelectLast);
    assert_eq!(selected(&desk), Some(10));
    assert!(matches!(flow(&desk), Flow::Frozen { shown: 10, missed: 1, .. }));
    desk.press(Action::Pause);
    assert_eq!(flow(&desk), Flow::Detached { unseen: 1 });
}

#[test]
fn a_filter_narrows_the_list_as_it_is_typed_and_escape_brings_it_back() {
    let mut desk = with_entries(10);
    desk.press(Action::Filter);
    desk.types("odd");
    desk.press(Action::Open);
    desk.press(Action::SelectFirst);
    assert_eq!(selected(&desk), Some(3));
    desk.press(Action::SelectNext);
    assert_eq!(selected(&desk), Some(5));
    desk.press(Action::Filter);
    desk.types("x");
    desk.press(Action::Cancel);
    assert_eq!(desk.model.current().unwrap().at_entry.filter.text(), "odd");
    desk.press(Action::Close);
    assert_eq!(desk.model.current().unwrap().at_entry.filter.text(), "");
}

#[test]
fn a_decision_stays_selected_when_the_inbox_is_reordered() {
    let mut desk = Desk::asked(Risk::Medium);
    desk.arrives(proposal(3, remedy(), Risk::Medium));
    desk.press(Action::FocusDecisions);
    desk.press(Action::SelectNext);
    assert_eq!(desk.model.at_decision.selected(), Some(proposal_id(2)));
    let to = crate::incident::Settlement::Expired;
    let status = crate::incident::Status::Decision { proposal: proposal_id(2), to };
    let body = crate::incident::Body::Status(status);
    desk.arrives(crate::cockpit::core::fixture::entry(4, "system:wheelhouse", body, "expired"));
    assert_eq!(desk.model.listed_decisions()[0].id, proposal_id(3));
    assert_eq!(desk.model.at_decision.selected(), Some(proposal_id(2)));
}

#[test]
fn the_wheel_scrolls_what_it_is_over_and_focuses_nothing() {
    let mut desk = with_entries(100);
    desk.press(Action::FocusIncidents);
    let area = desk.model.arrangement().pane(Pane::Timeline).unwrap();
    let wheel = Mouse { act: MouseAct::WheelUp, column: area.x + 2, row: area.y + 2 };
    desk.input(Input::Mouse(wheel));
    assert_eq!(desk.model.focus, Pane::Incidents);
    assert!(matches!(flow(&desk), Flow::Detached { .. }));
    let click = Mouse { act: MouseAct::Pressed, ..wheel };
    desk.input(Input::Mouse(click));
    assert_eq!(desk.model.focus, Pane::Timeline);
}

#[test]
fn sizes_belong_to_their_preset_and_are_kept() {
    let mut desk = Desk::live();
    let before = desk.model.layout.current();
    desk.press(Action::SplitGrow);
    desk.press(Action::PresetReview);
    desk.press(Action::Zoom);
    let kept = desk.effects.iter().rev().find_map(|effect| match effect {
        Effect::SaveLayout(layout) => Some(layout.clone()),
        _ => None,
    });
    let kept = kept.expect("the layout is kept");
    assert_eq!((kept.preset, kept.zoom), (Preset::Review, Zoom::On));
    assert_ne!(kept.sizes[&Preset::Watch], before);
}

#[test]
fn help_knows_where_the_person_was() {
    let mut desk = Desk::reading(Risk::Medium);
    desk.press(Action::Help);
    let crate::cockpit::core::Overlay::Help(help) = desk.top() else { panic!() };
    assert_eq!(help.context, crate::cockpit::core::Context::Card);
    desk.press(Action::Close);
    assert_eq!(desk.card().proposal, proposal_id(2));
}
