//! What a person sent, in words: what it does, and until when where it only puts something off.

use super::ink::{Row, named};
use super::lens::Lens;
use crate::cockpit::core::Act;
use crate::cockpit::theme::Role;
use crate::incident::{Answer, Ask, Decision, Verdict};
use crate::wire::Command;

/// An act in words.
pub(super) fn words(act: &Act, role: Role, lens: &Lens<'_>) -> Row {
    let row = Row::of(role, named(&act.what));
    match answer(act) {
        Some(Answer::Defer { until }) => {
            row.put(role, " until ").put(role, super::moment::clock(*until, lens.zone))
        }
        _ => row,
    }
}

/// Whether words on a proposal answer it: a question alone is answered in words, all else stays open.
pub(super) fn is_answered_in_words(decision: &Decision) -> bool {
    matches!(decision.proposal.ask, Ask::Question { .. })
}

/// Whether an act leaves what it is about open: it puts it off, or only remarks on it.
pub(super) fn leaves_open(act: &Act, decision: &Decision) -> bool {
    match answer(act) {
        Some(Answer::Defer { .. }) => true,
        Some(Answer::Respond { .. }) => !is_answered_in_words(decision),
        _ => false,
    }
}

/// What an act answers to a proposal, if it answers one.
pub(super) fn answer(act: &Act) -> Option<&Answer> {
    match &*act.command {
        Command::Decide { verdict: Verdict { answer, .. } } => Some(answer),
        _ => None,
    }
}
