//! *Last time* on a card: what became of the same before, and who overrode it and why.

use super::face::who;
use super::flow::wrap;
use super::ink::{Row, named, ours};
use super::moment::date;
use super::pen::Pen;
use super::sheet::Sheet;
use crate::cockpit::core::Before;
use crate::cockpit::theme::Role;
use crate::incident::{Alike, Precedent};

/// Puts what became of the same before onto a sheet.
pub(super) fn last_time(sheet: &mut Sheet, before: &Before, pen: &Pen<'_>) {
    let row = match before {
        Before::Unasked => return,
        Before::Asked(_) => Row::of(Role::Muted, "⋯ looking into the history"),
        Before::Failed(notice) => {
            Row::of(Role::Warn, "? not known: ").put(Role::Muted, named(&notice.what))
        }
        Before::Known(precedents) if precedents.is_empty() => {
            Row::of(Role::Muted, "never before, as far as this hub remembers")
        }
        Before::Known(precedents) => {
            let room = sheet.room();
            let rows = precedents.iter().flat_map(|precedent| one(precedent, pen, room)).collect();
            return sheet.block("Last time", rows);
        }
    };
    sheet.field("Last time", row);
}

fn one(precedent: &Precedent, pen: &Pen<'_>, width: usize) -> Vec<Row> {
    let outcome = precedent.outcome.as_str();
    let (glyph, role) = match outcome {
        "verified" => ("✓ ", Role::Ok),
        "denied" => ("✗ ", Role::Refused),
        "did not help" | "failed" => ("✗ ", Role::Failed),
        "redirected" => ("↷ ", Role::Human),
        _ => ("○ ", Role::Muted),
    };
    let same = match precedent.alike {
        Alike::Both => "the same, ",
        Alike::Resource => "same target, ",
        Alike::Action => "same action, ",
    };
    let mut row = Row::of(role, glyph)
        .put(role, named(outcome))
        .put(Role::Muted, "  ")
        .put(Role::Muted, same)
        .put(Role::Text, named(&precedent.verb))
        .gap(1)
        .put(Role::Code, named(&precedent.resource));
    for (at, person) in precedent.by.iter().enumerate() {
        row = row.put(Role::Muted, if at == 0 { " · by " } else { ", " });
        row = row.put(Role::Human, who(person));
    }
    let mut rows = wrap(row, width);
    if let Some(reason) = &precedent.reason {
        let row = Row::new().gap(2).put(Role::Muted, "because ").put(Role::Text, reason.gist());
        rows.push(row.fit(width));
    }
    let place = Row::new().gap(2).put(Role::Muted, ours(date(precedent.at, pen.zone)));
    let place = place.put(Role::Muted, " in ").put(Role::Muted, precedent.incident_title.line());
    rows.push(place.fit(width));
    rows
}
