//! The exchange pane: the live conversation between the agents of one incident.

use super::call::{self, Manner, Raw};
use super::face;
use super::flow::Length;
use super::ink::{Row, named, ours};
use super::lens::{Lens, Surround};
use super::list::Lines;
use super::listing::{Listing, titled, unseen};
use crate::cockpit::core::{LineId, Model, Pane, Watched};
use crate::cockpit::theme::Role;
use crate::incident::{Handoff, Turn};

/// The turns of one incident as lines of a list.
pub(super) struct Turns<'a> {
    watched: &'a Watched,
    shown: usize,
    manner: Manner<'a>,
}

impl<'a> Turns<'a> {
    pub(super) fn new(
        model: &'a Model,
        lens: &Lens<'a>,
        watched: &'a Watched,
        width: usize,
    ) -> Self {
        let place = &watched.at_turn;
        let mut shown = super::listing::shown(place, watched.exchange.turns().len());
        if !place.filter.is_empty() {
            shown = place.narrowed.partition_point(|turn| *turn < shown);
        }
        let raw = if model.raw { Raw::Json } else { Raw::Words };
        let length = Length::Short;
        let manner = Manner { pen: lens.pen(model), length, raw, width, watched };
        Self { watched, shown, manner }
    }

    /// The turn at a position: among all, or among those that the filter shows.
    fn turn(&self, position: usize) -> Option<usize> {
        let place = &self.watched.at_turn;
        if place.filter.is_empty() {
            return (position < self.shown).then_some(position);
        }
        place.narrowed.get(position).copied()
    }

    fn position(&self, turn: usize) -> Option<usize> {
        let place = &self.watched.at_turn;
        if place.filter.is_empty() {
            return (turn < self.shown).then_some(turn);
        }
        place.narrowed.binary_search(&turn).ok()
    }
}

impl Lines for Turns<'_> {
    fn after(&self, position: usize) -> Option<usize> {
        (position + 1 < self.shown).then_some(position + 1)
    }

    fn before(&self, position: usize) -> Option<usize> {
        position.min(self.shown).checked_sub(1)
    }

    fn id(&self, position: usize) -> Option<LineId> {
        self.turn(position).map(LineId::Turn)
    }

    fn rows(&self, position: usize) -> Vec<Row> {
        let exchange = &self.watched.exchange;
        let Some(at) = self.turn(position) else { return Vec::new() };
        let whole = self.watched.unfolded_turns.contains(&at);
        let length = if whole { Length::Whole } else { Length::Short };
        let manner = Manner { length, ..self.manner };
        let mut rows = match exchange.turns().get(at) {
            None => return Vec::new(),
            Some(said @ Turn::Said { .. }) => call::said(at, said, &manner),
            Some(Turn::Called(id)) => match exchange.call(*id) {
                Some(known) => call::call(known, &manner),
                None => return Vec::new(),
            },
        };
        rows.push(Row::new());
        rows
    }
}

/// What the pane shows for the current incident.
pub(super) fn listing<'a>(
    model: &'a Model,
    lens: &Lens<'a>,
    width: usize,
) -> Option<Listing<Turns<'a>>> {
    let watched = model.current()?;
    let turns = Turns::new(model, lens, watched, width);
    let anchor = watched.at_turn.anchor;
    let at = anchor.and_then(|anchor| Some((turns.position(anchor.id)?, anchor.above)));
    let last = turns.shown.checked_sub(1);
    Some(Listing::new(turns, at, last, &watched.at_turn.flow))
}

/// The frame of the pane: who speaks with whom, and what was missed.
pub(super) fn surround(model: &Model, lens: &Lens<'_>) -> Surround {
    let mut title = titled(lens, model, Pane::Exchange);
    let mut end = Row::new();
    if let Some(watched) = model.current() {
        if let Some(call) = watched.exchange.in_flight().last() {
            title = title
                .put(Role::Muted, " · ")
                .put(Role::Primary, named(&call.from.handle()))
                .put(Role::Muted, " ⇄ ")
                .put(Role::Partner, named(&call.to));
        }
        let under_way = |handoff: &&Handoff| {
            handoff.incident == watched.incident.id && !handoff.state.is_over()
        };
        if let Some(handoff) = model.handoffs.values().rev().find(under_way) {
            title = title
                .put(Role::Muted, " · ")
                .join(face::handoff(handoff.state).row())
                .gap(1)
                .put(Role::Partner, named(&handoff.to));
        }
        let missed = watched.exchange.missed();
        if missed > 0 {
            end = end.put(Role::Warn, ours(format!("? {missed} events of calls not seen  ")));
        }
        end = end.join(unseen(&watched.at_turn));
    }
    Surround::new(title, super::listing::hears(model, Pane::Exchange)).end(end)
}
