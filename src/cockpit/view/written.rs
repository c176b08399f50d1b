//! Why a person forces alone what takes two, above what they force.

use super::flow::{flow, hang};
use super::ink::Row;
use super::sheet::Sheet;
use crate::cockpit::core::{Card, Step};
use crate::cockpit::theme::Role;
use crate::incident::Answer;

/// The rows above an opened proposal; none unless somebody is about to force it.
pub(super) fn rows(card: &Card, width: usize) -> Vec<Row> {
    let (Step::AskedAgain { answer } | Step::Typing { answer, .. }) = &card.step else {
        return Vec::new();
    };
    let Answer::BreakGlass { reason } = answer else { return Vec::new() };
    let mut sheet = Sheet::new(width);
    let note = Row::of(Role::Warn, "you force alone what takes two people; everybody is told");
    sheet.part(Role::Severity1, " BREAK GLASS ", note);
    let bar = Row::of(Role::Failed, "┃ ");
    let text = flow(Role::Text, reason.block(), width.saturating_sub(2));
    sheet.as_is(hang(text, &bar, &bar));
    sheet.blank();
    sheet.rows()
}
