//! The decision card: exactly what would run, what it means, who decides, and how far the gesture is.
//!
//! ```text
//! ╭ ◆ Decision · action · high risk ──────────────────────────────── ──── 12:04 left ╮
//! │ ▸ primary@eu1 asks, 3m 10s ago                                                    │
//! │ Roll the configuration of checkout back to revision 41                            │
//! │ Will run, exactly ─────────────────────────────────────────────────────────────── │
//! │ ┃ rollback  checkout/config  in production  through world                         │
//! │ ┃ revision  41                                                                    │
//! │ Preview    -pool_size = 4 …                                                       │
//! │ …                                                                                 │
//! ├───────────────────────────────────────────────────────────────────────────────────┤
//! │ ● armed · a y approves exactly this, once                                         │
//! ╰───────────────────────────────────────────────────────────────────────────────────╯
//! ```

use ratatui::Frame;
use ratatui::layout::Rect;

use super::decisions::deadline;
use super::edited::edited;
use super::gesture;
use super::ink::{Row, ours};
use super::lens::{Hears, Lens, Surround};
use super::proposal::{Known, sheet};
use super::{face, json};
use crate::cockpit::core::{Card, Measured, Model};
use crate::cockpit::theme::Role;
use crate::incident::{Canonical, Decision};

/// Draws an opened proposal and says how long its text is.
pub(super) fn draw(
    frame: &mut Frame<'_>,
    area: Rect,
    model: &Model,
    lens: &Lens<'_>,
    card: &Card,
) -> Measured {
    let Some(decision) = model.decisions.get(card.proposal) else { return Measured::default() };
    let surround = surround(model, lens, decision);
    let inner = surround.draw_over(frame, area, lens);
    let bar = gesture::rows(model, lens, card, decision, inner.width.into());
    let height = u16::try_from(bar.len() + 1).unwrap_or(u16::MAX).min(inner.height);
    let body = Rect { height: inner.height - height, ..inner };
    let foot = Rect { y: body.bottom(), height, ..inner };
    let width = usize::from(body.width);
    let mut rows = super::written::rows(card, width);
    rows.extend(if card.raw {
        raw(decision, edited(decision, card, model), width)
    } else {
        sheet(decision, card, &Known { model, pen: lens.pen(model), width })
    });
    let measured = scrolled(frame, body, lens, rows, card.scroll);
    let more = usize::from(measured.rows.saturating_sub(card.scroll.saturating_add(measured.fit)));
    let end = match more {
        0 => Row::new(),
        more => Row::of(Role::Text, ours(format!(" ↓ {more} more rows"))),
    };
    let rule = "─".repeat(width.saturating_sub(end.width()));
    let mut rows = vec![Row::of(Role::Faint, ours(rule)).join(end)];
    rows.extend(bar);
    lens.rows(frame, foot, rows);
    measured
}

fn surround(model: &Model, lens: &Lens<'_>, decision: &Decision) -> Surround {
    let proposal = &decision.proposal;
    let face = face::decision(&decision.state);
    let title = face
        .shape()
        .put(Role::Title, " Decision")
        .put(Role::Muted, ours(format!(" · {} · ", proposal.ask.word())))
        .join(face::risk(proposal.risk).row());
    let end = if !decision.state.is_open() {
        Row::of(face.role, face.word)
    } else if decision.is_past(model.now) {
        Row::of(Role::Refused, "○ expired, not denied")
    } else {
        deadline(decision, &lens.pen(model))
    };
    Surround::new(title, Hears::Keys).end(end)
}

fn raw(decision: &Decision, edited: Option<&Canonical>, width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(args) = edited {
        let note = "! a person put these arguments in place of those proposed:";
        rows.push(Row::of(Role::Human, note));
        rows.extend(json::json(&args.to_value(), width, usize::MAX));
        rows.push(Row::of(Role::Muted, "this was proposed:"));
    }
    rows.extend(match serde_json::to_value(&decision.proposal) {
        Ok(value) => json::json(&value, width, usize::MAX),
        Err(_) => vec![Row::of(Role::Failed, "✗ the proposal cannot be written as JSON")],
    });
    rows
}

/// Draws rows from a scroll position on, and says how many there are and fit.
pub(super) fn scrolled(
    frame: &mut Frame<'_>,
    area: Rect,
    lens: &Lens<'_>,
    rows: Vec<Row>,
    scroll: u16,
) -> Measured {
    let count = u16::try_from(rows.len()).unwrap_or(u16::MAX);
    let scroll = scroll.min(count.saturating_sub(area.height));
    lens.rows(frame, area, rows.into_iter().skip(scroll.into()).collect());
    Measured { rows: count, fit: area.height }
}
