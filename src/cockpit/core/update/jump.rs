//! Going from a line to what it rests on, and back the same way.

use super::super::effect::Effect;
use super::super::filter::Filter;
use super::super::model::{
    Anchor, Flow, LineId, Model, Overlay, Pane, Panel, Shown, Side, Spot, links_of, pane_of,
    turn_of,
};
use super::tell;
use crate::incident::{IncidentId, ProposalId};

/// Goes to what the selected line rests on, or lets the person choose where more than one leads.
pub(super) fn follow(model: &mut Model) -> Vec<Effect> {
    let Some((incident, from)) = looked_at(model) else {
        return tell::refuse(model, "nothing is selected that could lead anywhere");
    };
    let decision = match from {
        LineId::Decision(id) => model.decisions.get(id),
        _ => None,
    };
    let Some(watched) = model.incidents.get(&incident) else { return Vec::new() };
    let links = links_of(watched, from, decision);
    match links.as_slice() {
        [] => tell::refuse(model, "this rests on nothing that is known here"),
        [only] => go(model, incident, *only),
        _ => {
            model.at_incident.anchor = Some(Anchor { id: incident, above: 0 });
            let panel = Panel::new(Side::Links { from, links });
            model.overlays.push(Overlay::Panel(Box::new(panel)));
            Vec::new()
        }
    }
}

/// What the person looks at: the card, what is opened, or the selected line.
fn looked_at(model: &Model) -> Option<(IncidentId, LineId)> {
    let current = model.at_incident.selected();
    let about = |id: ProposalId| Some((model.decisions.get(id)?.incident, LineId::Decision(id)));
    match model.overlays.last() {
        Some(Overlay::Card(card)) => about(card.proposal),
        Some(Overlay::Opened(opened)) => {
            let line = match opened.shown {
                Shown::Entry(id) => LineId::Entry(id),
                Shown::Said(turn) => LineId::Turn(turn),
                Shown::Call(call) => LineId::Turn(turn_of(model.current()?, call)?),
            };
            Some((current?, line))
        }
        Some(_) => None,
        None => match selected(model)? {
            LineId::Decision(id) => about(id),
            line => Some((current?, line)),
        },
    }
}

fn selected(model: &Model) -> Option<LineId> {
    Some(match model.focus {
        Pane::Incidents => LineId::Incident(model.at_incident.selected()?),
        Pane::Decisions => LineId::Decision(model.at_decision.selected()?),
        Pane::Exchange => LineId::Turn(model.current()?.at_turn.selected()?),
        Pane::Timeline => LineId::Entry(model.current()?.at_entry.selected()?),
    })
}

fn here(model: &Model) -> Option<Spot> {
    let incident = model.at_incident.selected()?;
    Some(Spot { incident, pane: model.focus, line: selected(model)? })
}

/// Goes to a line; the way back is remembered.
pub(super) fn go(model: &mut Model, incident: IncidentId, line: LineId) -> Vec<Effect> {
    if let Some(here) = here(model) {
        model.trail.leave(here);
    }
    arrive(model, Spot { incident, pane: pane_of(line), line });
    Vec::new()
}

/// Goes to the place before this one.
pub(super) fn back(model: &mut Model) -> Vec<Effect> {
    let here = here(model);
    match model.trail.back(here) {
        Some(spot) => arrive(model, spot),
        None => return tell::refuse(model, "there is no place before this one"),
    }
    Vec::new()
}

/// Goes to where the way back led from.
pub(super) fn forward(model: &mut Model) -> Vec<Effect> {
    let here = here(model);
    match model.trail.forward(here) {
        Some(spot) => arrive(model, spot),
        None => return tell::refuse(model, "there is no place after this one"),
    }
    Vec::new()
}

/// Goes to the last place, and with the next stroke here again.
pub(super) fn last(model: &mut Model) -> Vec<Effect> {
    let here = here(model);
    match model.trail.swap(here) {
        Some(spot) => arrive(model, spot),
        None => return tell::refuse(model, "there is no place before this one"),
    }
    Vec::new()
}

fn arrive(model: &mut Model, spot: Spot) {
    model.overlays.clear();
    model.focus = spot.pane;
    model.at_incident.anchor = Some(Anchor { id: spot.incident, above: 0 });
    let middle = isize::try_from(super::listing::page(model, spot.pane) / 3).unwrap_or(0);
    let Some(watched) = model.incidents.get_mut(&spot.incident) else { return };
    match spot.line {
        LineId::Entry(id) => {
            // A filter never hides where the person wants to go.
            if !watched.at_entry.narrowed.contains(&id) {
                watched.at_entry.filter = Filter::default();
                watched.at_entry.narrowed.clear();
            }
            watched.at_entry.anchor = Some(Anchor { id, above: middle });
            watched.at_entry.flow = Flow::Detached { unseen: 0 };
        }
        LineId::Turn(id) => {
            if !watched.at_turn.narrowed.contains(&id) {
                watched.at_turn.filter = Filter::default();
                watched.at_turn.narrowed.clear();
            }
            watched.at_turn.anchor = Some(Anchor { id, above: middle });
            watched.at_turn.flow = Flow::Detached { unseen: 0 };
        }
        LineId::Decision(id) => model.at_decision.anchor = Some(Anchor { id, above: 0 }),
        LineId::Incident(_) => {}
    }
}
