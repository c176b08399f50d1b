//! What the person wrote before approving: their own arguments beside the agent's, or why they force it.

use serde_json::Value;
use similar::TextDiff;

use super::ask;
use super::flow::{flow, hang};
use super::ink::Row;
use super::sheet::Sheet;
use crate::cockpit::core::{Card, Step};
use crate::cockpit::theme::Role;
use crate::incident::{Answer, Ask, Canonical, Decision, Untrusted};

/// Lines round a change that are shown with it: all there can be.
const WHOLE: usize = 100_000;

/// The rows above an opened proposal; none unless something was written.
pub(super) fn rows(card: &Card, decision: &Decision, width: usize) -> Vec<Row> {
    let (Step::AskedAgain { answer } | Step::Typing { answer, .. }) = &card.step else {
        return Vec::new();
    };
    let mut sheet = Sheet::new(width);
    match (answer, &decision.proposal.ask) {
        (Answer::EditAndApprove { args }, Ask::Action(remedy)) => {
            let note = Row::of(Role::Muted, "this is what will run, instead of what was proposed");
            sheet.part(Role::Human, "Your arguments", note);
            sheet.as_is(compared(&remedy.args, args, width));
            sheet.blank();
        }
        (Answer::BreakGlass { reason }, _) => {
            let note =
                Row::of(Role::Warn, "you force alone what takes two people; everybody is told");
            sheet.part(Role::Severity1, " BREAK GLASS ", note);
            let bar = Row::of(Role::Failed, "┃ ");
            let text = flow(Role::Text, reason.block(), width.saturating_sub(2));
            sheet.as_is(hang(text, &bar, &bar));
            sheet.blank();
        }
        _ => {}
    }
    sheet.rows()
}

/// The old and the new arguments, line by line.
fn compared(old: &Canonical, new: &Canonical, width: usize) -> Vec<Row> {
    let (old, new) = (lines(old), lines(new));
    if old == new {
        return vec![Row::of(Role::Muted, "○ nothing was changed")];
    }
    let changes = TextDiff::from_lines(&old, &new);
    let text = changes.unified_diff().context_radius(WHOLE).to_string();
    // The line that says which lines are compared says nothing here: all of them are.
    let text = text.split_once('\n').map_or(text.as_str(), |(_, rest)| rest);
    ask::diff(&Untrusted::from(text), width)
}

fn lines(args: &Canonical) -> String {
    let value: Value = args.to_value();
    let pretty = serde_json::to_string_pretty(&value);
    pretty.map_or_else(
        |_| args.as_str().to_owned(),
        |mut text| {
            text.push('\n');
            text
        },
    )
}
