//! The bar of a halt: who parked everything and why, what waits, and which keys let it run again.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::ink::{Row, named, ours};
use super::lens::Lens;
use super::moment::span;
use crate::cockpit::core::{Action, Context, Model};
use crate::cockpit::theme::Role;
use crate::incident::Ask;

/// Draws the bar, if there is one.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, lens: &Lens<'_>) {
    if area.height > 0 {
        lens.rows(frame, area, vec![who(model, lens), parked(model)]);
    }
}

/// Who parked everything, and how it goes on.
fn who(model: &Model, lens: &Lens<'_>) -> Row {
    let mut row = Row::new().gap(1).put(Role::Severity1, " ■ HALTED ").gap(1);
    if let Some(key) = lens.key(Action::Resume, Context::Anywhere) {
        row = row.put(Role::Key, key).put(Role::Muted, " lets it run again");
    }
    let Some(parking) = &model.parking else { return row };
    let since = span(model.now.duration_since(parking.at));
    row.put(Role::Muted, " · ")
        .put(Role::Human, named(&parking.by.to_string()))
        .put(Role::Muted, ours(format!(", {since} ago: ")))
        .put(Role::Text, parking.text.gist())
}

/// What was approved and waits.
fn parked(model: &Model) -> Row {
    let mut row = Row::new().gap(1);
    for (at, decision) in model.parked().enumerate() {
        let gap = if at == 0 { "‖ parked: " } else { " · " };
        let what = match &decision.proposal.ask {
            Ask::Action(remedy) => format!("{} {}", remedy.verb, remedy.target.resource),
            ask @ (Ask::Handoff { .. } | Ask::Question { .. } | Ask::Close { .. }) => {
                ask.word().to_owned()
            }
        };
        row = row.put(Role::Pending, gap).put(Role::Text, named(&what));
    }
    if row.width() > 1 {
        return row;
    }
    row.put(Role::Muted, "‖ nothing is parked yet: what is approved from now on waits here")
}
