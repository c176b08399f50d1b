//! The search of the history: one question over all incidents, newest answer first.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::flow::{at_most, flow, hang};
use super::ink::{Row, named, ours};
use super::lens::{Hears, Lens, Surround};
use super::moment::date;
use super::pen::Pen;
use crate::cockpit::core::{Found, Model, Searching};
use crate::cockpit::theme::Role;
use crate::incident::Hit;

/// Rows of one hit with the blank below it.
const HIT_ROWS: usize = 4;

/// Draws the search.
pub(super) fn draw(
    frame: &mut Frame<'_>,
    area: Rect,
    model: &Model,
    lens: &Lens<'_>,
    searching: &Searching,
) {
    let title = Row::of(Role::Focus, "Search").put(Role::Muted, " · the history of all incidents");
    let inner =
        Surround::new(title, Hears::Keys).end(state(searching)).draw_over(frame, area, lens);
    let mut rows = inner.rows();
    if let Some(line) = rows.next() {
        lens.row(frame, Rect { width: 2.min(line.width), ..line }, Row::of(Role::Key, "❯"));
        let field =
            Rect { x: line.x + 2.min(line.width), width: line.width.saturating_sub(2), ..line };
        super::composer::field(frame, field, lens, &searching.field);
    }
    let list =
        Rect { y: inner.y + 2.min(inner.height), height: inner.height.saturating_sub(2), ..inner };
    if let Found::Failed(notice) = &searching.found {
        let row = Row::of(Role::Failed, "✗ ").put(Role::Failed, named(&notice.what));
        return lens.rows(frame, list, super::flow::wrap(row, list.width.into()));
    }
    hits(frame, list, model, lens, searching);
}

fn state(searching: &Searching) -> Row {
    match &searching.found {
        Found::Nothing => Row::new(),
        Found::Asked { .. } => Row::of(Role::Muted, "⋯ searching"),
        Found::Hits(hits) if hits.is_empty() => Row::of(Role::Muted, "nothing found"),
        Found::Hits(hits) => Row::of(Role::Muted, ours(format!("{} found", hits.len()))),
        Found::Failed(_) => Row::of(Role::Failed, "✗ failed"),
    }
}

fn hits(frame: &mut Frame<'_>, area: Rect, model: &Model, lens: &Lens<'_>, searching: &Searching) {
    let hits = searching.found.hits();
    if hits.is_empty() && searching.found == Found::Nothing {
        let rows = [
            "Words that must all occur; an ending * matches any ending, \"…\" an exact phrase.",
            "Agents ask the same history the same way.",
        ];
        return lens.rows(frame, area, rows.map(|row| Row::of(Role::Muted, row)).into());
    }
    let fit = (usize::from(area.height) / HIT_ROWS).max(1);
    let marked = hits.iter().position(|hit| Some(hit.entry.id) == searching.marked).unwrap_or(0);
    let first = marked.saturating_sub(fit - 1);
    let mut y = area.y;
    for (at, hit) in hits.iter().enumerate().skip(first).take(fit) {
        let rows = hit_rows(hit, &lens.pen(model), area.width.into());
        let height = u16::try_from(HIT_ROWS).unwrap_or(4);
        let place = Rect { y, height, ..area }.intersection(area);
        lens.rows(frame, place, rows);
        if at == marked && place.height > 0 {
            let head = Rect { height: 1, ..place };
            lens.select(frame, head);
            let bar = Rect { x: head.x.saturating_sub(1), width: 1, ..head };
            lens.row(frame, bar, Row::of(Role::Focus, "▌"));
        }
        y = y.saturating_add(height);
    }
}

fn hit_rows(hit: &Hit, pen: &Pen<'_>, width: usize) -> Vec<Row> {
    let entry = &hit.entry;
    let head = Row::of(Role::Muted, ours(date(entry.at, pen.zone)))
        .gap(2)
        .join(pen.actor(&entry.actor))
        .gap(2)
        .put(Role::Muted, entry.body.kind().word())
        .gap(2)
        .put(Role::Title, hit.incident_title.line());
    let text = at_most(flow(Role::Text, entry.text.block(), width.saturating_sub(2)), 2, width);
    let indent = Row::new().gap(2);
    [vec![head.fit(width)], hang(text, &indent, &indent)].concat()
}
