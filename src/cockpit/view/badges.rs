//! The badges of an entry: one for each tracker, with how far the copy there is.
//!
//! ```text
//! ↑ servicenow owed  ✓ github jira pagerduty     where there is room
//! ↑ servicenow owed  ✓3                          what is not written keeps its name the longest
//! ↑1 ✓3                                          the head of the entry needs the rest
//! ✓ github ×2 jira  or  ✓2 github ×2  or  ✓2 ×2   a tracker holds a second copy
//! ```

use super::face::{self, Face};
use super::flow::Length;
use super::ink::{Row, named, ours};
use super::pen::Pen;
use crate::cockpit::core::Deliveries;
use crate::cockpit::theme::Role;
use crate::incident::Entry;
use crate::wire::DeliveryStage;

/// Where the copies of an entry stand, as fully as the room allows.
pub(super) fn badges(entry: &Entry, deliveries: &Deliveries, pen: &Pen<'_>, room: usize) -> Row {
    let mut owed: Vec<(Face, &str)> = Vec::new();
    let mut written: Vec<&str> = Vec::new();
    for (tracker, stage) in deliveries.of(entry.id) {
        match stage {
            DeliveryStage::Written { .. } => written.push(tracker),
            _ => owed.push((face::delivery(stage), tracker)),
        }
    }
    for origin in &entry.origins {
        let name = origin.tracker.as_str();
        let is_told = written.contains(&name);
        if !is_told && deliveries.of(entry.id).all(|(tracker, _)| tracker != name) {
            written.push(name);
        }
    }
    let doubled = entry.doubled();
    let names = |row: Row| {
        written.iter().fold(row, |row, it| {
            times(row.gap(1).put(MUTED, pen.tracker(it)), doubled.get(it).copied())
        })
    };
    let count = Row::of(MUTED, ours(format!("✓{}", written.len())));
    let (full, some, short) = if written.is_empty() {
        (Row::new(), Row::new(), Row::new())
    } else {
        let some = doubled.iter().fold(count.clone(), |row, (tracker, copies)| {
            times(row.gap(1).put(MUTED, pen.tracker(tracker)), Some(*copies))
        });
        let short = times(count, doubled.values().max().copied());
        (names(Row::of(MUTED, "✓")), some, short)
    };
    let words = |row: Row, (face, it): &(Face, &str)| {
        let row = row.put(face.role, face.glyph).gap(1).put(face.role, pen.tracker(it));
        row.gap(1).put(face.role, face.word).gap(2)
    };
    let words = owed.iter().fold(Row::new(), words);
    let shapes = shapes(&owed);
    let forms = [
        words.clone().join(full),
        words.clone().join(some),
        words.join(short.clone()),
        shapes.clone().join(short.clone()),
    ];
    let fits = |form: &Row| form.width() <= room;
    forms.into_iter().find(fits).unwrap_or_else(|| shapes.join(short))
}

const MUTED: Role = Role::Muted;

/// How often it stands there, if more than once: nobody can take the second copy back.
fn times(row: Row, copies: Option<usize>) -> Row {
    match copies {
        Some(copies) => row.put(Role::Warn, ours(format!(" ×{copies}"))),
        None => row,
    }
}

/// What is not written as shapes with a count each.
fn shapes(owed: &[(Face, &str)]) -> Row {
    let mut counted: Vec<(Face, usize)> = Vec::new();
    for (face, _) in owed {
        match counted.iter_mut().find(|(known, _)| known.glyph == face.glyph) {
            Some((_, count)) => *count += 1,
            None => counted.push((*face, 1)),
        }
    }
    let shape = |row: Row, (face, count): (Face, usize)| {
        row.put(face.role, ours(format!("{}{count}", face.glyph))).gap(1)
    };
    counted.into_iter().fold(Row::new(), shape)
}

/// What keeps an entry from its trackers, if something does; of what settles by itself only the badge
/// tells, unless the entry is opened.
pub(super) fn troubles(
    entry: &Entry,
    deliveries: &Deliveries,
    pen: &Pen<'_>,
    length: Length,
) -> Vec<Row> {
    let trouble = |(tracker, stage): (&str, &DeliveryStage)| {
        let face = face::delivery(stage);
        let row = Row::of(face.role, pen.tracker(tracker))
            .put(face.role, ours(format!(" {}", face.word)));
        Some(match stage {
            DeliveryStage::Owed { retry_at: Some(at), why } => {
                let row = row.put(Role::Muted, " · tried again ").put(Role::Muted, pen.clock(*at));
                match why {
                    Some(why) => row.put(Role::Muted, " · ").put(Role::Muted, named(why)),
                    None => row,
                }
            }
            DeliveryStage::Parked { why } | DeliveryStage::Dropped { why } => {
                row.put(Role::Muted, " · ").put(Role::Text, named(why))
            }
            DeliveryStage::Ambiguous { settle_at } if length == Length::Whole => row
                .put(Role::Muted, " · may have arrived, read back ")
                .put(Role::Muted, pen.clock(*settle_at)),
            _ => return None,
        })
    };
    deliveries.of(entry.id).filter_map(trouble).collect()
}
