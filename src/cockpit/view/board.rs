//! The board of hypotheses: where each stands, how it came there, and what it rests on.
//!
//! ```text
//! ↗ strengthened  bad-rollout  88 %   15 → 39 → 88
//!   A configuration rollout shrank the connection pool
//!   14:05:10 ▸ primary@demo  finding A configuration rollout shrank the …
//!     14:02:09 ◂ telemetry@demo  evidence Pool size fell from 64 to 4 …
//! ```

use super::face;
use super::flow::{flow, hang};
use super::ink::{Row, named, ours};
use super::page::{Page, Stop};
use crate::cockpit::core::{Suspect, suspects};
use crate::cockpit::theme::Role;

/// The board as rows.
pub(super) fn rows(page: &Page<'_>) -> Vec<Stop> {
    let suspects = suspects(page.watched);
    if suspects.is_empty() {
        let what = "No hypothesis yet: they appear here with the first findings of an agent.";
        return vec![Stop::none(Row::of(Role::Muted, what))];
    }
    suspects.iter().flat_map(|suspect| one(suspect, page)).collect()
}

fn one(suspect: &Suspect, page: &Page<'_>) -> Vec<Stop> {
    let standing = face::standing(suspect.standing);
    let mut head = standing.row().to(16).put(Role::Code, named(&suspect.name)).gap(2);
    if let Some(percent) = suspect.percent {
        head = head.put(standing.role, ours(format!("{percent} %")));
    }
    if suspect.course.len() > 1 {
        let course = suspect.course.iter().map(u8::to_string).collect::<Vec<_>>().join(" → ");
        head = head.gap(3).put(Role::Muted, ours(course));
    }
    let mut rows = vec![Stop::none(head.fit(page.width))];
    let indent = Row::new().gap(2);
    let claim = flow(Role::Text, suspect.claim.block(), page.width.saturating_sub(2));
    rows.extend(hang(claim, &indent, &indent).into_iter().map(Stop::none));
    let latest = suspect.findings.last().and_then(|id| page.watched.timeline.get(*id));
    if let Some(finding) = latest {
        rows.push(Stop::to(Row::new().gap(2).join(page.entry(finding)).fit(page.width)));
        for id in &finding.refs {
            if let Some(entry) = page.watched.timeline.get(*id) {
                rows.push(Stop::to(Row::new().gap(4).join(page.entry(entry)).fit(page.width)));
            }
        }
    }
    rows.push(Stop::none(Row::new()));
    rows
}
