//! What is odd about when and how an entry came: late, from a clock that runs ahead, or changed in its
//! tracker after it was first seen.

use jiff::SignedDuration;

use super::ink::{Row, ours};
use super::moment::span;
use super::pen::Pen;
use crate::cockpit::core::{Watched, is_late};
use crate::cockpit::theme::Role;
use crate::incident::{Body, Change, Entry};

/// An entry written this long after it was seen comes from a clock that runs ahead.
const SKEW: SignedDuration = SignedDuration::from_secs(5);

/// The notes below an entry, one row each.
pub(super) fn changes(entry: &Entry, watched: &Watched, pen: &Pen<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    if is_late(entry) {
        let late = Row::of(Role::Warn, "late").put(Role::Muted, "  written ");
        let late = late.put(Role::Muted, pen.clock(entry.at)).put(Role::Muted, " · seen ");
        rows.push(late.put(Role::Muted, pen.clock(entry.first_seen)));
    }
    let ahead = entry.at.duration_since(entry.first_seen);
    if ahead >= SKEW {
        let by = format!("  its clock runs {} ahead of ours", span(ahead));
        rows.push(Row::of(Role::Warn, "skew").put(Role::Muted, ours(by)));
    }
    let corrections = watched.links.corrections_of(entry.id).iter();
    let known = corrections.filter_map(|id| watched.timeline.get(*id));
    rows.extend(known.filter_map(|correction| note(correction, pen)));
    rows
}

fn note(correction: &Entry, pen: &Pen<'_>) -> Option<Row> {
    let Body::Correction(about) = &correction.body else { return None };
    let (word, origin) = match &about.change {
        Change::EditedUpstream { origin } => ("edited upstream", Some(origin)),
        Change::RemovedUpstream { origin } => ("removed upstream", Some(origin)),
        Change::Amended => ("put right", None),
    };
    let mut row = Row::of(Role::Warn, word);
    if let Some(origin) = origin {
        row = row.put(Role::Muted, " in ").put(Role::Text, pen.tracker(&origin.tracker));
    }
    let row = row.put(Role::Muted, " at ").put(Role::Muted, pen.clock(correction.at));
    Some(row.put(Role::Muted, " · above is what was seen first"))
}
