//! The mouse: it points, scrolls, marks text and moves splitters, and never decides.

use std::time::Duration;

use jiff::SignedDuration;
use ratatui::layout::Position;

use super::super::effect::Effect;
use super::super::input::{Mouse, MouseAct};
use super::super::model::{
    Anchor, Clicked, Flow, Marking, Model, Overlay, Pane, Place, Pointing, SeenLine, Shows,
};
use super::{layout, open, owed, select};

/// How many lines one turn of the wheel moves.
const WHEEL: isize = 3;

/// Two clicks within this time open what is clicked.
const TWICE: Duration = Duration::from_millis(400);

/// Something happened with the mouse.
pub(super) fn moved(model: &mut Model, mouse: Mouse) -> Vec<Effect> {
    match mouse.act {
        MouseAct::Pressed => pressed(model, mouse),
        MouseAct::Dragged => dragged(model, mouse),
        MouseAct::Released => released(model),
        MouseAct::WheelUp => turned(model, mouse, -WHEEL),
        MouseAct::WheelDown => turned(model, mouse, WHEEL),
    }
}

fn pressed(model: &mut Model, mouse: Mouse) -> Vec<Effect> {
    let at = Position::new(mouse.column, mouse.row);
    let shown = model.arrangement();
    model.pointing = None;
    if model.overlays.is_empty() {
        if let Some((pane, _)) = shown.pane_at(mouse.column, mouse.row) {
            layout::focus(model, pane);
        }
        if let Some(splitter) = shown.splitter_at(mouse.column, mouse.row) {
            model.pointing = Some(Pointing::Splitter(splitter));
            return Vec::new();
        }
    }
    let area = model.sight.areas.iter().copied().find(|area| area.contains(at));
    model.pointing = area.map(|area| Pointing::Text(Marking { area, from: at, to: at }));
    Vec::new()
}

fn dragged(model: &mut Model, mouse: Mouse) -> Vec<Effect> {
    let shown = model.arrangement();
    match &mut model.pointing {
        Some(Pointing::Splitter(splitter)) => {
            model.layout.drag(*splitter, (mouse.column, mouse.row), &shown);
        }
        Some(Pointing::Text(marking)) => {
            let area = marking.area;
            marking.to = Position {
                x: mouse.column.clamp(area.x, area.right().saturating_sub(1)),
                y: mouse.row.clamp(area.y, area.bottom().saturating_sub(1)),
            };
        }
        None => {}
    }
    Vec::new()
}

fn released(model: &mut Model) -> Vec<Effect> {
    match model.pointing.take() {
        Some(Pointing::Splitter(_)) => vec![Effect::SaveLayout(model.layout.clone())],
        Some(Pointing::Text(marking)) if marking.is_empty() => click(model, marking.from),
        Some(Pointing::Text(_)) => {
            let marked = model.sight.marked.take().filter(|text| !text.trim().is_empty());
            marked.map(Effect::Copy).into_iter().collect()
        }
        None => Vec::new(),
    }
}

/// Selects the line that stood there when the screen was drawn; a second click opens it.
fn click(model: &mut Model, at: Position) -> Vec<Effect> {
    if !model.overlays.is_empty() {
        return Vec::new();
    }
    let lines = &model.sight.lines;
    let Some(line) = lines.iter().find(|line| line.area.contains(at)).copied() else {
        return Vec::new();
    };
    let top = lines.iter().filter(|it| it.pane == line.pane).map(|it| it.area.y).min();
    let above = line.area.y.saturating_sub(top.unwrap_or(line.area.y));
    select_line(model, line, isize::try_from(above).unwrap_or(0));
    let twice = SignedDuration::try_from(TWICE).unwrap_or_default();
    let wall = model.wall;
    let again = model.clicked.take().is_some_and(|before| {
        before.shows == line.shows && wall.duration_since(before.at) <= twice
    });
    if again {
        return open::selected(model);
    }
    model.clicked = Some(Clicked { shows: line.shows, at: wall });
    Vec::new()
}

fn select_line(model: &mut Model, line: SeenLine, above: isize) {
    let current = model.at_incident.selected();
    match line.shows {
        Shows::Incident(id) => model.at_incident.anchor = Some(Anchor { id, above }),
        Shows::Decision(id) => model.at_decision.anchor = Some(Anchor { id, above }),
        Shows::Entry(id) => {
            let Some(watched) = current.and_then(|it| model.incidents.get_mut(&it)) else { return };
            let newest = watched.timeline.entries().next_back().map(|entry| entry.id);
            stand(&mut watched.at_entry, Anchor { id, above }, newest);
        }
        Shows::Turn(id) => {
            let Some(watched) = current.and_then(|it| model.incidents.get_mut(&it)) else { return };
            let newest = watched.exchange.turns().len().checked_sub(1);
            stand(&mut watched.at_turn, Anchor { id, above }, newest);
        }
    }
}

/// Stands on a line of a stream; whoever clicks an older one does not follow any more.
fn stand<K: Copy + PartialEq>(place: &mut Place<K>, anchor: Anchor<K>, newest: Option<K>) {
    if place.flow == Flow::Following && newest != Some(anchor.id) {
        place.flow = Flow::Detached { unseen: 0 };
    }
    place.anchor = Some(anchor);
}

fn turned(model: &mut Model, mouse: Mouse, by: isize) -> Vec<Effect> {
    let furthest = model.measured.rows.saturating_sub(model.measured.fit);
    let lines = i16::try_from(by).unwrap_or(0);
    let scrolled = |scroll: u16| scroll.saturating_add_signed(lines).min(furthest);
    match model.overlays.last_mut() {
        Some(Overlay::Card(card)) => card.scroll = scrolled(card.scroll),
        Some(Overlay::Opened(opened)) => opened.scroll = scrolled(opened.scroll),
        Some(Overlay::Help(help)) => help.scroll = scrolled(help.scroll),
        Some(Overlay::Outbox(_)) => owed::mark(model, i32::from(lines)),
        Some(_) => {}
        None => {
            let pane: Option<(Pane, _)> = model.arrangement().pane_at(mouse.column, mouse.row);
            if let Some((pane, _)) = pane {
                select::wheel(model, pane, by);
            }
        }
    }
    Vec::new()
}
