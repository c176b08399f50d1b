//! Moving within lists and texts: by id, so that nothing that arrives moves what is read.

use super::super::action::Action;
use super::super::effect::Effect;
use super::super::model::{Flow, Model, Overlay, Pane, Place, Seen, Sight};
use super::listing::{self, AllEntries, AllTurns, Listing};
use super::step::{Move, apply, settle};
use super::{feed, owed, palette, panel, redirect, search, tell};
use crate::incident::EntryId;

/// Somebody moves in what has the keys.
pub(super) fn moved(model: &mut Model, action: Action) -> Vec<Effect> {
    if !model.overlays.is_empty() {
        moved_over(model, action);
        return Vec::new();
    }
    let by = match action {
        Action::SelectNext => Move::By(1),
        Action::SelectPrevious => Move::By(-1),
        Action::SelectFirst => Move::First,
        Action::SelectLast => Move::Last,
        Action::PageDown => Move::Page(1),
        Action::PageUp => Move::Page(-1),
        Action::ScrollDown => Move::Window(1),
        Action::ScrollUp => Move::Window(-1),
        Action::ScrollLeft => {
            model.across = model.across.saturating_sub(8);
            return Vec::new();
        }
        Action::ScrollRight => {
            model.across = model.across.saturating_add(8).min(400);
            return Vec::new();
        }
        Action::Follow => return follow(model),
        _ => return pause(model),
    };
    go(model, model.focus, by);
    Vec::new()
}

/// Scrolls a pane by the wheel, wherever the keys go.
pub(super) fn wheel(model: &mut Model, pane: Pane, by: isize) {
    go(model, pane, Move::Window(by));
}

fn go(model: &mut Model, pane: Pane, by: Move) {
    let seen = seen(model, pane);
    match pane {
        Pane::Incidents => {
            let list = listing::incidents(model);
            apply(&mut model.at_incident, &list, by, &seen);
        }
        Pane::Decisions => {
            let list = listing::decisions(model);
            apply(&mut model.at_decision, &list, by, &seen);
        }
        Pane::Timeline => with_timeline(model, |place, list| apply(place, list, by, &seen)),
        Pane::Exchange => with_exchange(model, |place, list| apply(place, list, by, &seen)),
    }
}

/// What the screen shows of a list; before the first frame, how much room it has.
fn seen(model: &Model, pane: Pane) -> Seen {
    let measured = model.sight.panes.get(&pane).cloned();
    measured.unwrap_or_else(|| Seen { fit: listing::page(model, pane), lines: Vec::new() })
}

/// A frame was drawn: whatever is selected is anchored where it really stands.
pub(super) fn drawn(model: &mut Model, sight: &Sight) {
    for (pane, seen) in &sight.panes {
        match pane {
            Pane::Incidents => settle(&mut model.at_incident, seen),
            Pane::Decisions => settle(&mut model.at_decision, seen),
            Pane::Timeline | Pane::Exchange => {
                let shown = model.at_incident.selected();
                let Some(watched) = shown.and_then(|id| model.incidents.get_mut(&id)) else {
                    continue;
                };
                match pane {
                    Pane::Timeline => settle(&mut watched.at_entry, seen),
                    _ => settle(&mut watched.at_turn, seen),
                }
            }
        }
    }
}

fn with_timeline(
    model: &mut Model,
    change: impl FnOnce(&mut Place<EntryId>, &dyn Listing<EntryId>),
) {
    let Some(id) = model.at_incident.selected() else { return };
    let Some(watched) = model.incidents.get_mut(&id) else { return };
    let mut place = watched.at_entry.clone();
    let shown = listing::seen(place.flow, watched.timeline.len());
    if place.filter.is_empty() {
        change(&mut place, &AllEntries { watched, shown });
    } else {
        let early = |id: &EntryId| watched.timeline.position(*id).is_some_and(|at| at < shown);
        let count = place.narrowed.partition_point(early);
        let ids = place.narrowed.get(..count).unwrap_or_default().to_vec();
        change(&mut place, &ids);
    }
    watched.at_entry = place;
}

fn with_exchange(model: &mut Model, change: impl FnOnce(&mut Place<usize>, &dyn Listing<usize>)) {
    let Some(id) = model.at_incident.selected() else { return };
    let Some(watched) = model.incidents.get_mut(&id) else { return };
    let mut place = watched.at_turn.clone();
    let shown = listing::seen(place.flow, watched.exchange.turns().len());
    if place.filter.is_empty() {
        change(&mut place, &AllTurns { shown });
    } else {
        let ids: Vec<_> = place.narrowed.iter().copied().take_while(|turn| *turn < shown).collect();
        change(&mut place, &ids);
    }
    watched.at_turn = place;
}

/// Follows the newest line, or stops following.
fn follow(model: &mut Model) -> Vec<Effect> {
    let Some(flow) = flow_of(model) else {
        return tell::refuse(model, "nothing streams here that could be followed");
    };
    if flow == Flow::Following {
        set_flow(model, Flow::Detached { unseen: 0 });
    } else {
        set_flow(model, Flow::Following);
        go(model, model.focus, Move::Last);
    }
    Vec::new()
}

/// Holds the pane still while the stream goes on, or lets it go on.
fn pause(model: &mut Model) -> Vec<Effect> {
    let flow = flow_of(model);
    let count = model.current().map_or(0, |watched| match model.focus {
        Pane::Exchange => watched.exchange.turns().len(),
        _ => watched.timeline.len(),
    });
    match flow {
        None => return tell::refuse(model, "nothing streams here that could be held"),
        Some(Flow::Frozen { missed: 0, .. }) => {
            set_flow(model, Flow::Following);
            go(model, model.focus, Move::Last);
        }
        Some(Flow::Frozen { missed, .. }) => set_flow(model, Flow::Detached { unseen: missed }),
        Some(_) => {
            let since = model.now;
            set_flow(model, Flow::Frozen { since, shown: count, missed: 0 });
        }
    }
    Vec::new()
}

fn flow_of(model: &Model) -> Option<Flow> {
    let watched = model.current().filter(|_| feed::streams(model.focus))?;
    Some(if model.focus == Pane::Exchange { watched.at_turn.flow } else { watched.at_entry.flow })
}

fn set_flow(model: &mut Model, flow: Flow) {
    let Some(id) = model.at_incident.selected() else { return };
    let Some(watched) = model.incidents.get_mut(&id) else { return };
    match model.focus {
        Pane::Exchange => watched.at_turn.flow = flow,
        Pane::Timeline => watched.at_entry.flow = flow,
        Pane::Incidents | Pane::Decisions => {}
    }
}

/// Sorts the incidents another way and says how.
pub(super) fn sort(model: &mut Model) -> Vec<Effect> {
    model.sorting = model.sorting.next();
    let word = model.sorting.word();
    tell::confirm(model, word)
}

/// Moves in what lies over the panes.
fn moved_over(model: &mut Model, action: Action) {
    let lines: i32 = match action {
        Action::SelectNext | Action::ScrollDown => 1,
        Action::SelectPrevious | Action::ScrollUp => -1,
        Action::PageDown => i32::from(model.measured.fit.max(2) / 2),
        Action::PageUp => -i32::from(model.measured.fit.max(2) / 2),
        Action::SelectFirst => -i32::from(u16::MAX),
        Action::SelectLast => i32::from(u16::MAX),
        _ => return,
    };
    let furthest = model.measured.rows.saturating_sub(model.measured.fit);
    let scrolled = |scroll: u16| {
        let to = (i32::from(scroll) + lines).clamp(0, i32::from(furthest));
        u16::try_from(to).unwrap_or(0)
    };
    let by = isize::try_from(lines.signum()).unwrap_or(0);
    match model.overlays.last_mut() {
        Some(Overlay::Card(card)) => card.scroll = scrolled(card.scroll),
        Some(Overlay::Opened(opened)) => opened.scroll = scrolled(opened.scroll),
        Some(Overlay::Help(help)) => help.scroll = scrolled(help.scroll),
        Some(Overlay::Redirect(redirecting)) => redirect::mark(redirecting, by),
        Some(Overlay::Panel(_)) => panel::mark(model, lines),
        Some(Overlay::Outbox(_)) => owed::mark(model, lines),
        Some(Overlay::Search(searching)) => search::mark(searching, by),
        Some(Overlay::Palette(palette)) => palette::mark(palette, by),
        Some(Overlay::Composer(_) | Overlay::Filter(_)) | None => {}
    }
}
