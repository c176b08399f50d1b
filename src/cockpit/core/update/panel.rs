//! The panels: opening one, marking a line in it, and going to that line.

use std::collections::BTreeSet;

use super::super::effect::Effect;
use super::super::model::{Model, Overlay, Pane, Panel, Side, stops};
use super::{jump, tell};

/// Opens a panel, or closes it if it is open; another panel gives way.
pub(super) fn toggle(model: &mut Model, shows: Side) -> Vec<Effect> {
    if model.current().is_none() {
        return tell::refuse(model, "no incident is shown");
    }
    let open = match model.overlays.last() {
        Some(Overlay::Panel(panel)) => Some(panel.shows == shows),
        _ => None,
    };
    if open.is_some() {
        model.overlays.pop();
    }
    if open != Some(true) {
        model.overlays.push(Overlay::Panel(Box::new(Panel::new(shows))));
    }
    Vec::new()
}

/// The next side from which the incident can be seen.
pub(super) fn next(model: &mut Model, by: isize) -> Vec<Effect> {
    let sides = [Side::Hypotheses, Side::Charts, Side::Handoffs];
    if let Some(Overlay::Panel(panel)) = model.overlays.last_mut()
        && let Some(at) = sides.iter().position(|side| *side == panel.shows)
    {
        let step = by.rem_euclid(sides.len().cast_signed()).cast_unsigned();
        let next = sides.into_iter().cycle().nth(at + step);
        **panel = Panel::new(next.unwrap_or(Side::Hypotheses));
    }
    Vec::new()
}

/// Marks another line.
pub(super) fn mark(model: &mut Model, lines: i32) {
    let Some(Overlay::Panel(panel)) = model.overlays.last() else { return };
    let last = stops(panel, model).len().saturating_sub(1);
    let to = i64::try_from(panel.marked).unwrap_or(0) + i64::from(lines);
    let to = usize::try_from(to.max(0)).unwrap_or(0).min(last);
    if let Some(Overlay::Panel(panel)) = model.overlays.last_mut() {
        panel.marked = to;
    }
}

/// Goes to the marked line.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Panel(panel)) = model.overlays.last() else { return Vec::new() };
    let marked = stops(panel, model).get(panel.marked).copied();
    match (marked, model.at_incident.selected()) {
        (Some(line), Some(incident)) => jump::go(model, incident, line),
        _ => Vec::new(),
    }
}

/// Side all of the selected line, or its beginning again.
pub(super) fn unfold(model: &mut Model) -> Vec<Effect> {
    let (focus, shown) = (model.focus, model.at_incident.selected());
    let Some(watched) = shown.and_then(|id| model.incidents.get_mut(&id)) else {
        return Vec::new();
    };
    match focus {
        Pane::Timeline => fold(&mut watched.unfolded, watched.at_entry.selected()),
        Pane::Exchange => fold(&mut watched.unfolded_turns, watched.at_turn.selected()),
        Pane::Incidents | Pane::Decisions => {}
    }
    Vec::new()
}

fn fold<K: Ord + Copy>(unfolded: &mut BTreeSet<K>, selected: Option<K>) {
    let Some(line) = selected else { return };
    let was_folded = unfolded.insert(line);
    if !was_folded {
        unfolded.remove(&line);
    }
}
