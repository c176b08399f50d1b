//! Opening what is selected, closing it again, and taking its text along.

use super::super::action::Context;
use super::super::effect::Effect;
use super::super::model::{Help, Looks, Model, Opened, Overlay, Pane, Shown, Step, Zoom};
use super::{card, filter, layout, mention, panel, search, tell};
use crate::incident::{Body, EntryId, Outcome, ProposalId, Turn};

/// Opens what is selected.
pub(super) fn selected(model: &mut Model) -> Vec<Effect> {
    match model.overlays.last() {
        Some(Overlay::Search(_)) => return search::open(model),
        Some(Overlay::Panel(_)) => return panel::open(model),
        Some(Overlay::Filter(_)) => {
            model.overlays.pop();
            return Vec::new();
        }
        // Nothing is preselected on a card, and return does nothing there.
        Some(_) => return Vec::new(),
        None => {}
    }
    match model.focus {
        Pane::Incidents => open_incident(model),
        Pane::Decisions => match model.at_decision.selected() {
            Some(id) => card::open(model, id),
            None => tell::refuse(model, "no decision is selected"),
        },
        Pane::Timeline => open_entry(model),
        Pane::Exchange => open_turn(model),
    }
}

/// Opens the proposal that waits longest for a person and was not put off.
pub(super) fn longest_waiting(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let waits = model.decisions.open_ones().filter(|decision| !decision.is_past(now));
    let deferred = |until: Option<jiff::Timestamp>| until.is_some_and(|until| until > now);
    let first = waits.min_by_key(|decision| (deferred(decision.deferred_until), decision.id));
    match first.map(|decision| decision.id) {
        Some(id) => card::open(model, id),
        None => tell::refuse(model, "no proposal waits for a person"),
    }
}

/// Opens what waits for a person in the selected incident, or else its exchange.
fn open_incident(model: &mut Model) -> Vec<Effect> {
    let (now, shown) = (model.now, model.at_incident.selected());
    let waits = model.decisions.iter().find(|decision| {
        let here = Some(decision.incident) == shown;
        here && decision.state.is_open() && !decision.is_past(now)
    });
    if let Some(id) = waits.map(|decision| decision.id) {
        return card::open(model, id);
    }
    model.focus = Pane::Exchange;
    Vec::new()
}

fn open_entry(model: &mut Model) -> Vec<Effect> {
    let Some(watched) = model.current() else { return Vec::new() };
    let Some(id) = watched.at_entry.selected() else { return Vec::new() };
    let Some(entry) = watched.timeline.get(id) else { return Vec::new() };
    match &entry.body {
        Body::Proposal(_) if model.decisions.get(id.into()).is_some() => {
            card::open(model, ProposalId::from(id))
        }
        _ => show(model, Shown::Entry(id)),
    }
}

fn open_turn(model: &mut Model) -> Vec<Effect> {
    let Some(watched) = model.current() else { return Vec::new() };
    let Some(position) = watched.at_turn.selected() else { return Vec::new() };
    match watched.exchange.turns().get(position) {
        Some(Turn::Called(call)) => show(model, Shown::Call(*call)),
        Some(Turn::Said { .. }) => show(model, Shown::Said(position)),
        None => Vec::new(),
    }
}

fn show(model: &mut Model, shown: Shown) -> Vec<Effect> {
    model.overlays.push(Overlay::Opened(Opened { shown, raw: false, scroll: 0 }));
    Vec::new()
}

/// Shows the keys that work here, or closes them again.
pub(super) fn help(model: &mut Model) -> Vec<Effect> {
    if model.context() != Context::Help {
        let context = model.contexts().first().copied().unwrap_or_else(|| model.context());
        model.overlays.push(Overlay::Help(Help { context, scroll: 0 }));
    }
    Vec::new()
}

/// Closes the uppermost thing and decides nothing; a text that was begun stays as a draft.
pub(super) fn close(model: &mut Model) -> Vec<Effect> {
    match model.overlays.last_mut() {
        Some(Overlay::Card(open)) if matches!(open.step, Step::Typing { .. }) => {
            card::cancel(open);
        }
        Some(Overlay::Filter(_)) => filter::cancel(model),
        Some(Overlay::Composer(composer)) if composer.looks == Looks::Preview => {
            composer.looks = Looks::Source;
        }
        Some(Overlay::Composer(composer)) if composer.mentioning.is_some() => {
            mention::leave(model);
        }
        Some(_) => {
            model.overlays.pop();
        }
        None => return close_nothing(model),
    }
    Vec::new()
}

/// Nothing lies over the panes: what goes is a banner, then a filter, then the zoom.
fn close_nothing(model: &mut Model) -> Vec<Effect> {
    let is_zoomed = model.layout.zoom == Zoom::On;
    if tell::close_one(model) || filter::clear(model) || !is_zoomed {
        return Vec::new();
    }
    layout::zoom(model)
}

/// Shows the raw JSON, or the text again.
pub(super) fn raw(model: &mut Model) -> Vec<Effect> {
    match model.overlays.last_mut() {
        Some(Overlay::Card(card)) => {
            card.raw = !card.raw;
            card.scroll = 0;
            card.stirred = None;
        }
        Some(Overlay::Opened(opened)) => {
            opened.raw = !opened.raw;
            opened.scroll = 0;
        }
        Some(_) => {}
        None => model.raw = !model.raw,
    }
    Vec::new()
}

/// Takes the text of what is selected along, with everything hidden in it made visible.
pub(super) fn copy(model: &mut Model) -> Vec<Effect> {
    let text = match model.overlays.last() {
        Some(Overlay::Card(card)) => Some(card.proposal.to_string()),
        Some(Overlay::Opened(opened)) => shown_text(model, opened.shown),
        Some(_) => None,
        None => match model.focus {
            Pane::Incidents => model.at_incident.selected().map(|id| id.to_string()),
            Pane::Decisions => model.at_decision.selected().map(|id| id.to_string()),
            Pane::Timeline => {
                let id = model.current().and_then(|watched| watched.at_entry.selected());
                id.and_then(|id| entry_text(model, id))
            }
            Pane::Exchange => {
                let turn = model.current().and_then(|watched| watched.at_turn.selected());
                turn.and_then(|turn| turn_text(model, turn))
            }
        },
    };
    match text {
        Some(text) => vec![Effect::Copy(text)],
        None => tell::refuse(model, "nothing is selected that could be copied"),
    }
}

fn shown_text(model: &Model, shown: Shown) -> Option<String> {
    match shown {
        Shown::Entry(id) => entry_text(model, id),
        Shown::Said(turn) => turn_text(model, turn),
        Shown::Call(call) => {
            let call = model.current()?.exchange.call(call)?;
            let mut text = format!("{} → {}\n{}", call.from, call.to, call.question.block());
            if let Some((_, Outcome::Answered { text: answer, .. })) = &call.ended {
                text = format!("{text}\n\n{}", answer.block());
            }
            Some(text)
        }
    }
}

fn entry_text(model: &Model, id: EntryId) -> Option<String> {
    let entry = model.current()?.timeline.get(id)?;
    Some(format!("{} {} {}\n{}", entry.id, entry.at, entry.actor, entry.text.block()))
}

fn turn_text(model: &Model, turn: usize) -> Option<String> {
    match model.current()?.exchange.turns().get(turn)? {
        Turn::Said { by, text, .. } => Some(format!("{by}\n{}", text.block())),
        Turn::Called(call) => shown_text(model, Shown::Call(*call)),
    }
}
