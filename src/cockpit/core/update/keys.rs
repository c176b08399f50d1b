//! What came from the terminal: who it belongs to.

use jiff::Timestamp;

use super::super::effect::Effect;
use super::super::input::{Input, Reading};
use super::super::keys::{Key, KeyStroke};
use super::super::model::{Model, Overlay, Screen, Step};
use super::{actions, card, compose, filter, mention, mouse, palette, redirect, search, tell};

/// What is said of a paste where nobody writes.
const NO_PASTE: &str = "a paste goes only where a text is written";

/// Something came from the terminal and the keymap read it.
pub(super) fn pressed(model: &mut Model, at: Timestamp, reading: Reading) -> Vec<Effect> {
    model.wall = model.wall.max(at);
    let is_stroke = !matches!(reading, Reading::Passed(_));
    if is_stroke {
        model.pending.clear();
        model.pending_since = None;
        card::forget_refusal(model);
    }
    match reading {
        Reading::Asked { action, gesture } => actions::asked(model, action, gesture),
        Reading::Waiting(continuations) => {
            model.pending = continuations;
            model.pending_since = Some(at);
            Vec::new()
        }
        Reading::Abandoned => Vec::new(),
        Reading::Typed(stroke) => typed(model, stroke),
        Reading::Passed(input) => passed(model, input),
    }
}

/// A stroke without a binding belongs to the text that is being typed, or to nobody.
fn typed(model: &mut Model, stroke: KeyStroke) -> Vec<Effect> {
    let wall = model.wall;
    match model.overlays.last_mut() {
        Some(Overlay::Card(card)) => {
            if let Step::Typing { .. } = card.step {
                card::typed(card, stroke, wall);
            }
            Vec::new()
        }
        Some(Overlay::Composer(_)) => written(model, stroke),
        Some(Overlay::Palette(palette)) => {
            if palette.field.press(stroke) {
                palette::find(palette);
            }
            Vec::new()
        }
        Some(Overlay::Redirect(_)) => redirect::typed(model, stroke),
        Some(Overlay::Search(searching)) => {
            if !searching.field.press(stroke) {
                return Vec::new();
            }
            search::changed(model)
        }
        Some(Overlay::Filter(filtering)) => {
            if filtering.field.press(stroke) {
                filter::changed(model);
            }
            Vec::new()
        }
        Some(Overlay::Opened(_) | Overlay::Panel(_) | Overlay::Help(_) | Overlay::Outbox(_))
        | None => Vec::new(),
    }
}

/// A stroke into a text that will be sent.
fn written(model: &mut Model, stroke: KeyStroke) -> Vec<Effect> {
    if stroke.key() == Key::Enter && mention::accept(model) {
        return compose::kept(model);
    }
    let Some(Overlay::Composer(composer)) = model.overlays.last_mut() else { return Vec::new() };
    if composer.field.press(stroke) {
        composer.brought_back = None;
        return compose::changed(model);
    }
    // The cursor may have moved away from whoever was being named.
    mention::look(model);
    Vec::new()
}

fn passed(model: &mut Model, input: Input) -> Vec<Effect> {
    match input {
        Input::Paste { text, dropped } => pasted(model, &text, dropped),
        Input::Resize { columns, rows } => {
            model.screen = Screen { columns, rows };
            Vec::new()
        }
        Input::FocusGained => {
            model.attended = true;
            Vec::new()
        }
        Input::FocusLost => {
            model.attended = false;
            Vec::new()
        }
        Input::Mouse(mouse) => mouse::moved(model, mouse),
        Input::Key(stroke) => typed(model, stroke),
    }
}

/// A paste is text, never an action; where no text is written it is nothing.
fn pasted(model: &mut Model, text: &str, dropped: usize) -> Vec<Effect> {
    model.pending.clear();
    model.pending_since = None;
    let (left_out, mut effects) = match model.overlays.last_mut() {
        Some(Overlay::Composer(composer)) => (composer.field.paste(text), compose::changed(model)),
        Some(Overlay::Palette(palette)) => {
            let left_out = palette.field.paste(text);
            palette::find(palette);
            (left_out, Vec::new())
        }
        Some(Overlay::Redirect(_)) => redirect::pasted(model, text),
        Some(Overlay::Search(searching)) => (searching.field.paste(text), search::changed(model)),
        Some(Overlay::Filter(filtering)) => {
            let left_out = filtering.field.paste(text);
            filter::changed(model);
            (left_out, Vec::new())
        }
        Some(Overlay::Card(card)) => {
            if card::pasted(card) {
                return Vec::new();
            }
            return tell::refuse(model, NO_PASTE);
        }
        Some(Overlay::Opened(_) | Overlay::Panel(_) | Overlay::Help(_) | Overlay::Outbox(_))
        | None => {
            return tell::refuse(model, NO_PASTE);
        }
    };
    if left_out > 0 || dropped > 0 {
        effects.extend(tell::left_out(model, left_out, dropped));
    }
    effects
}
