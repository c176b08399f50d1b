//! The lines of a panel that can be marked and gone to.

use super::layout::Pane;
use super::measured::LineId;
use super::panel::{Panel, Side};
use super::suspects::suspects;
use super::watched::Watched;
use super::whole::Model;
use crate::incident::{Body, Handoff};

/// The lines that can be marked and gone to, in the order in which the panel shows them.
pub fn stops(panel: &Panel, model: &Model) -> Vec<LineId> {
    let Some(watched) = model.current() else { return Vec::new() };
    match &panel.shows {
        Side::Hypotheses => of_hypotheses(watched),
        Side::Charts => of_charts(watched),
        Side::Handoffs => {
            let handoffs = handoffs(model, watched);
            handoffs.flat_map(|it| it.entries.iter().map(|id| LineId::Entry(*id))).collect()
        }
        Side::Links { links, .. } => links.clone(),
    }
}

/// The handoffs of an incident, oldest first.
pub fn handoffs<'a>(model: &'a Model, watched: &Watched) -> impl Iterator<Item = &'a Handoff> {
    let incident = watched.incident.id;
    model.handoffs.values().filter(move |handoff| handoff.incident == incident)
}

/// The latest finding of each hypothesis, and what it rests on.
fn of_hypotheses(watched: &Watched) -> Vec<LineId> {
    let mut stops = Vec::new();
    for suspect in suspects(watched) {
        let Some(latest) = suspect.findings.last() else { continue };
        stops.push(LineId::Entry(*latest));
        let refs = watched.timeline.get(*latest).map(|entry| entry.refs.as_slice());
        let known = refs.unwrap_or_default().iter().filter_map(|id| watched.timeline.get(*id));
        stops.extend(known.map(|entry| LineId::Entry(entry.id)));
    }
    stops
}

/// The actions, in the order of the timeline.
fn of_charts(watched: &Watched) -> Vec<LineId> {
    let actions = watched.timeline.entries().filter(|entry| matches!(entry.body, Body::Action(_)));
    actions.map(|entry| LineId::Entry(entry.id)).collect()
}

/// The pane in which a line stands.
pub fn pane_of(line: LineId) -> Pane {
    match line {
        LineId::Incident(_) => Pane::Incidents,
        LineId::Turn(_) => Pane::Exchange,
        LineId::Entry(_) => Pane::Timeline,
        LineId::Decision(_) => Pane::Decisions,
    }
}
