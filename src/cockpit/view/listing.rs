//! What every pane has: a list that stands somewhere, a title with its key, and what is new in it.

use super::ink::{Row, named, ours};
use super::lens::{Hears, Lens};
use super::list::{Lines, Stand};
use crate::cockpit::core::{Action, Context, Flow, Model, Pane, Place, Zoom};
use crate::cockpit::theme::Role;

/// A list with where it stands.
pub(super) struct Listing<L> {
    pub(super) lines: L,
    pub(super) stand: Option<Stand>,
    pub(super) selected: Option<usize>,
}

impl<L: Lines> Listing<L> {
    /// A list with its selected position, the rows above it, and its last position.
    pub(super) fn new(
        lines: L,
        at: Option<(usize, isize)>,
        last: Option<usize>,
        flow: &Flow,
    ) -> Self {
        let selected = at.map(|(at, _)| at);
        let stand = match (flow, at) {
            (Flow::Following, _) | (_, None) => last.map(Stand::at_end),
            (_, Some((at, above))) => Some(Stand { at, above }),
        };
        Self { lines, stand, selected: selected.or(last) }
    }
}

/// How many lines of a list are shown: all, or those that there were when it was frozen.
pub(super) fn shown<K>(place: &Place<K>, count: usize) -> usize {
    match place.flow {
        Flow::Frozen { shown, .. } => shown.min(count),
        Flow::Still | Flow::Following | Flow::Detached { .. } => count,
    }
}

/// What arrived below while the person reads further up, or while the pane stands still.
pub(super) fn unseen<K>(place: &Place<K>) -> Row {
    let filter = match place.filter.text() {
        "" => Row::new(),
        filter => {
            let wrong = if place.filter.mistakes().is_empty() { "" } else { "! " };
            Row::of(Role::Found, ours(format!(" {wrong}/{} ", named(filter)))).gap(1)
        }
    };
    filter.join(match place.flow {
        Flow::Still => Row::new(),
        Flow::Following => Row::of(Role::Muted, "follows"),
        Flow::Detached { unseen: 0 } => Row::of(Role::Muted, "reading"),
        Flow::Detached { unseen } => Row::of(Role::Badge, ours(format!(" ↓ {unseen} new "))),
        Flow::Frozen { missed: 0, .. } => Row::of(Role::Badge, " ‖ held still "),
        Flow::Frozen { missed, .. } => {
            Row::of(Role::Badge, ours(format!(" ‖ held still · {missed} new ")))
        }
    })
}

/// Whether a pane hears the keys.
pub(super) fn hears(model: &Model, pane: Pane) -> Hears {
    if model.focus == pane && model.overlays.is_empty() { Hears::Keys } else { Hears::Nothing }
}

/// The number and name of a pane.
pub(super) fn titled(lens: &Lens<'_>, model: &Model, pane: Pane) -> Row {
    let (focus, name) = match pane {
        Pane::Incidents => (Action::FocusIncidents, "Incidents"),
        Pane::Exchange => (Action::FocusExchange, "Exchange"),
        Pane::Timeline => (Action::FocusTimeline, "Timeline"),
        Pane::Decisions => (Action::FocusDecisions, "Decisions"),
    };
    let hears = hears(model, pane) == Hears::Keys;
    let mut row = Row::new();
    if let Some(key) = lens.key(focus, Context::Anywhere) {
        row = row.put(if hears { Role::Key } else { Role::Muted }, key).gap(1);
    }
    row = row.put(if hears { Role::Focus } else { Role::Title }, name);
    if model.layout.zoom == Zoom::On { row.put(Role::Muted, " · zoomed") } else { row }
}
