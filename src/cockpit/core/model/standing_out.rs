//! What makes an entry stand out among the others.

use jiff::SignedDuration;

use crate::incident::{Body, Entry, HandoffStep, Helped, Stage, Status};

/// An entry that was seen this much later than it was written is late.
const LATE: SignedDuration = SignedDuration::from_secs(60);

/// Whether an entry was seen long after it was written.
pub fn is_late(entry: &Entry) -> bool {
    entry.first_seen.duration_since(entry.at) >= LATE
}

/// Whether an entry tells of something that failed.
pub fn is_error(entry: &Entry) -> bool {
    match &entry.body {
        Body::Action(action) => matches!(
            action.stage,
            Stage::Executed { ok: false, .. }
                | Stage::Lost { .. }
                | Stage::Verified { helped: Helped::No, .. }
        ),
        Body::Alert(alert) => alert.firing,
        Body::Handoff(handed) => {
            matches!(handed.step, HandoffStep::Failed { .. } | HandoffStep::Declined { .. })
        }
        _ => false,
    }
}

/// Whether an entry belongs to a decision.
pub fn is_decision(entry: &Entry) -> bool {
    matches!(
        entry.body,
        Body::Proposal(_) | Body::Verdict(_) | Body::Status(Status::Decision { .. })
    )
}
