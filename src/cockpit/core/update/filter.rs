//! Filtering a list as it is typed.

use super::super::effect::Effect;
use super::super::filter::{Filter, Scope};
use super::super::model::{Field, Filtering, Model, Overlay, Pane};

/// Begins to filter the list that has the keys.
pub(super) fn begin(model: &mut Model) -> Vec<Effect> {
    if !model.overlays.is_empty() {
        return Vec::new();
    }
    let pane = model.focus;
    let before = of(model, pane).map(|filter| filter.text().to_owned()).unwrap_or_default();
    let field = Field::line(&before);
    model.overlays.push(Overlay::Filter(Box::new(Filtering { pane, field, before })));
    Vec::new()
}

/// The text changed: the list obeys at once.
pub(super) fn changed(model: &mut Model) {
    let Some(Overlay::Filter(filtering)) = model.overlays.last() else { return };
    let (pane, text) = (filtering.pane, filtering.field.text());
    set(model, pane, &text);
}

/// Stops filtering; the filter is again what it was.
pub(super) fn cancel(model: &mut Model) {
    let Some(Overlay::Filter(filtering)) = model.overlays.pop() else { return };
    set(model, filtering.pane, &filtering.before);
}

/// Removes the filter of the list that has the keys; `false` if there is none.
pub(super) fn clear(model: &mut Model) -> bool {
    let pane = model.focus;
    match of(model, pane) {
        Some(filter) if !filter.text().is_empty() => {
            set(model, pane, "");
            true
        }
        _ => false,
    }
}

/// Narrows a list to what passes a filter.
pub(super) fn set(model: &mut Model, pane: Pane, text: &str) {
    let scope = match pane {
        Pane::Incidents => Scope::Incidents,
        Pane::Exchange => Scope::Exchange,
        Pane::Timeline => Scope::Timeline,
        Pane::Decisions => Scope::Decisions,
    };
    if let Some(filter) = of(model, pane) {
        *filter = Filter::read(text, scope);
    }
    let shown = model.at_incident.selected();
    if let Some(watched) = shown.and_then(|id| model.incidents.get_mut(&id)) {
        match pane {
            Pane::Exchange => watched.narrow_turns(),
            Pane::Timeline => watched.narrow_entries(&model.deliveries),
            Pane::Incidents | Pane::Decisions => {}
        }
    }
}

fn of(model: &mut Model, pane: Pane) -> Option<&mut Filter> {
    match pane {
        Pane::Incidents => Some(&mut model.at_incident.filter),
        Pane::Decisions => Some(&mut model.at_decision.filter),
        Pane::Exchange | Pane::Timeline => {
            let watched = model.incidents.get_mut(&model.at_incident.selected()?)?;
            Some(match pane {
                Pane::Exchange => &mut watched.at_turn.filter,
                _ => &mut watched.at_entry.filter,
            })
        }
    }
}
