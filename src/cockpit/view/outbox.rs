//! The outbox: how each tracker stands, and what it is still owed and since when; one debt is marked.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;

use super::face;
use super::flow::{at_most, wrap};
use super::ink::{Row, named, ours};
use super::lens::{Hears, Lens, Surround};
use super::moment::whole;
use super::page::Stop;
use super::panel::listed;
use super::pen::Pen;
use crate::cockpit::core::{Model, Outbox, Unpaid};
use crate::cockpit::theme::Role;
use crate::incident::Entry;
use crate::wire::{DeliveryStage, Reach, TrackerStanding};

/// Columns before the text of a row.
const INDENT: usize = 4;

/// Draws the outbox.
pub(super) fn draw(
    frame: &mut Frame<'_>,
    area: Rect,
    model: &Model,
    lens: &Lens<'_>,
    outbox: &Outbox,
) {
    let unpaid = model.deliveries.unpaid();
    let title = Row::of(Role::Focus, "Outbox").put(Role::Muted, " · what trackers are still owed");
    let end = match unpaid.len() {
        0 => Row::of(Role::Ok, "✓ all written"),
        count => Row::of(Role::Owed, ours(format!("↑ {count} owed"))),
    };
    let inner = Surround::new(title, Hears::Keys).end(end).draw_over(frame, area, lens);
    let width = usize::from(inner.width);
    let pen = lens.pen(model);
    let mut rows: Vec<Stop> = trackers(model, width).into_iter().map(Stop::none).collect();
    for one in &unpaid {
        let mut block = owed(one, model, &pen, width).into_iter();
        rows.extend(block.next().map(Stop::to));
        rows.extend(block.map(Stop::none));
    }
    listed(frame, inner, lens, rows, outbox.position(&unpaid));
}

/// How the trackers stand, one row each and what people should know below.
fn trackers(model: &Model, width: usize) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for tracker in model.deliveries.trackers() {
        rows.extend(wrap(standing(tracker, model.now), width));
        for remark in &tracker.remarks {
            let row = Row::new().gap(2).put(Role::Warn, "! ").put(Role::Text, named(remark));
            rows.extend(wrap(row, width));
        }
    }
    if !rows.is_empty() {
        rows.push(Row::new());
    }
    rows
}

fn standing(tracker: &TrackerStanding, now: Timestamp) -> Row {
    let (glyph, role, why) = match &tracker.reach {
        Reach::Current { .. } => ("✓", Role::Ok, None),
        Reach::Lagging { why, .. } => ("↯", Role::Warn, Some(why)),
        Reach::Unreachable { why, .. } => ("✗", Role::Failed, Some(why)),
    };
    let mut row = Row::of(role, glyph).gap(1).put(Role::Title, named(&tracker.name)).gap(1);
    row = row.put(role, tracker.reach.word());
    if let Some(why) = why {
        let since = whole(now.duration_since(tracker.reach.since()));
        row = row.put(Role::Muted, ours(format!(" for {since} · "))).put(Role::Text, named(why));
    }
    match tracker.skew_s {
        Some(ahead @ 0..) => row.put(Role::Warn, ours(format!(" · its clock is {ahead} s ahead"))),
        Some(behind) => {
            row.put(Role::Warn, ours(format!(" · its clock is {} s behind", behind.unsigned_abs())))
        }
        None => row,
    }
}

/// What one tracker is owed: how far it is, since when, why, and the entry itself.
fn owed(one: &Unpaid<'_>, model: &Model, pen: &Pen<'_>, width: usize) -> Vec<Row> {
    let face = face::delivery(one.stage);
    let since = whole(model.now.duration_since(one.since));
    let head = Row::of(face.role, face.glyph)
        .gap(1)
        .put(Role::Title, named(one.tracker))
        .gap(1)
        .put(face.role, ours(face.word.to_string()))
        .put(Role::Muted, ours(format!(" for {since} · ")))
        .put(Role::Muted, ours(one.entry.to_string()));
    let mut rows = vec![head.fit(width)];
    rows.extend(why(one.stage, pen).into_iter().flat_map(|row| wrap(row, width)));
    if let Some(entry) = entry(model, one) {
        let said = Row::new().gap(INDENT).join(pen.actor(&entry.actor)).gap(2);
        let said = said.put(Role::Muted, entry.body.kind().word()).gap(2);
        rows.extend(at_most(vec![said.put(Role::Text, entry.text.gist()).fit(width)], 1, width));
    }
    rows
}

fn why(stage: &DeliveryStage, pen: &Pen<'_>) -> Option<Row> {
    let row = Row::new().gap(INDENT);
    match stage {
        DeliveryStage::Owed { retry_at, why } => {
            let row = match retry_at {
                Some(at) => row.put(Role::Muted, "tried again ").put(Role::Muted, pen.clock(*at)),
                None => row.put(Role::Muted, "waits for its turn"),
            };
            Some(match why {
                Some(why) => row.put(Role::Muted, " · ").put(Role::Text, named(why)),
                None => row,
            })
        }
        DeliveryStage::Ambiguous { settle_at } => {
            let row = row.put(Role::Muted, "may have arrived; read back until ");
            Some(row.put(Role::Muted, pen.clock(*settle_at)))
        }
        DeliveryStage::Parked { why } | DeliveryStage::Dropped { why } => {
            Some(row.put(Role::Failed, named(why)))
        }
        DeliveryStage::Sending { .. } | DeliveryStage::Written { .. } => None,
    }
}

fn entry<'a>(model: &'a Model, one: &Unpaid<'_>) -> Option<&'a Entry> {
    model.incidents.values().find_map(|watched| watched.timeline.get(one.entry))
}
