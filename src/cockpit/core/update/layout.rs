//! Focus, presets, sizes and zoom.

use super::super::effect::Effect;
use super::super::model::{Model, Pane, Preset, Zoom};

/// Gives a pane the keys, unless something lies over the panes.
pub(super) fn focus(model: &mut Model, pane: Pane) -> Vec<Effect> {
    if model.overlays.is_empty() {
        model.focus = pane;
        model.across = 0;
    }
    Vec::new()
}

/// Gives the next pane the keys.
pub(super) fn focus_round(model: &mut Model, by: isize) -> Vec<Effect> {
    let count = Pane::ALL.len();
    let present = Pane::ALL.iter().position(|pane| *pane == model.focus).unwrap_or(0);
    let next = (present + count).saturating_add_signed(by) % count;
    let pane = Pane::ALL.get(next).copied().unwrap_or_default();
    focus(model, pane)
}

/// Gives the focused pane the whole screen, or gives it back.
pub(super) fn zoom(model: &mut Model) -> Vec<Effect> {
    model.layout.zoom = match model.layout.zoom {
        Zoom::Off => Zoom::On,
        Zoom::On => Zoom::Off,
    };
    model.layout.zoomed = model.focus;
    keep(model)
}

/// Lays the panes out for one kind of work.
pub(super) fn preset(model: &mut Model, preset: Preset) -> Vec<Effect> {
    model.layout.preset = preset;
    model.layout.zoom = Zoom::Off;
    keep(model)
}

/// Makes the focused pane larger or smaller.
pub(super) fn grow(model: &mut Model, by: i16) -> Vec<Effect> {
    model.layout.grow(model.focus, by);
    keep(model)
}

/// Remembers which pane has the whole screen, however it came to have it.
pub(super) fn remember_zoomed(model: &mut Model) -> Vec<Effect> {
    if model.layout.zoom == Zoom::Off || model.layout.zoomed == model.focus {
        return Vec::new();
    }
    model.layout.zoomed = model.focus;
    keep(model)
}

fn keep(model: &Model) -> Vec<Effect> {
    vec![Effect::SaveLayout(model.layout.clone())]
}
