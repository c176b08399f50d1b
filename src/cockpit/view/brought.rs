//! What a call brought: the evidence that was kept of it, and the findings that rest on that.
//!
//! ```text
//!          │ ≡ evidence metric ▁▁▂▇██ 0 → 0.46, at most 0.67
//!          │ ↳ finding pool-exhausted ↗ strengthened 70 %
//! ```

use super::entry::bearing;
use super::ink::Row;
use super::spark::spark;
use crate::cockpit::core::Watched;
use crate::cockpit::theme::Role;
use crate::incident::{Body, Call, EntryId};

/// Most findings told below one call.
const MOST: usize = 4;

/// The rows below an answer.
pub(super) fn brought(call: &Call, watched: &Watched, room: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut findings: Vec<EntryId> = Vec::new();
    for id in watched.links.of_call(call.id) {
        let Some(entry) = watched.timeline.get(*id) else { continue };
        let Body::Evidence(evidence) = &entry.body else { continue };
        let row = Row::of(Role::Muted, "≡ evidence ").put(Role::Muted, evidence.source.word());
        let row = row.gap(1);
        let left = room.saturating_sub(row.width());
        rows.push(row.join(spark(&evidence.series, left)).fit(room));
        findings.extend(watched.links.resting_on(*id));
    }
    findings.sort_unstable();
    findings.dedup();
    let known = findings.iter().filter_map(|id| watched.timeline.get(*id));
    let told = known.filter_map(|entry| match &entry.body {
        Body::Finding(finding) => Some(Row::of(Role::Muted, "↳ finding ").join(bearing(finding))),
        _ => None,
    });
    rows.extend(told.take(MOST).map(|row| row.fit(room)));
    rows
}
