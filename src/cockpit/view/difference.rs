//! Differences: added and removed lines told apart by sign and role, and old arguments beside new ones.

use serde_json::Value;
use similar::TextDiff;

use super::flow::flow;
use super::ink::{Row, ours};
use crate::cockpit::theme::Role;
use crate::incident::{Canonical, Manner, Untrusted};

/// Lines round a change that are shown with it: all there can be.
const WHOLE: usize = 100_000;

/// How much a difference adds and removes, in words.
pub(super) fn counted(text: &Untrusted) -> Row {
    let shown = text.show(&Manner::EXACT);
    let count = |sign: &str, header: &str| {
        let lines = shown.lines().filter(|line| line.starts_with(sign));
        lines.filter(|line| !line.starts_with(header)).count()
    };
    let (added, removed) = (count("+", "+++"), count("-", "---"));
    Row::of(Role::Added, ours(format!("+{added} added")))
        .gap(2)
        .put(Role::Removed, ours(format!("-{removed} removed")))
}

/// A unified difference, added and removed lines told apart by sign and role.
pub(super) fn diff(text: &Untrusted, width: usize) -> Vec<Row> {
    let shown = text.show(&Manner::EXACT);
    let mut rows = Vec::new();
    for line in shown.lines() {
        let role = match line.as_bytes() {
            [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] | [b'@', ..] => Role::Muted,
            [b'+', ..] => Role::Added,
            [b'-', ..] => Role::Removed,
            _ => Role::Text,
        };
        rows.extend(flow(role, ours(line.to_owned()), width));
    }
    rows
}

/// The old and the new arguments, line by line.
pub(super) fn compared(old: &Canonical, new: &Canonical, width: usize) -> Vec<Row> {
    let (old, new) = (lines(old), lines(new));
    if old == new {
        return vec![Row::of(Role::Muted, "○ nothing was changed")];
    }
    let changes = TextDiff::from_lines(&old, &new);
    let text = changes.unified_diff().context_radius(WHOLE).to_string();
    // The line that says which lines are compared says nothing here: all of them are.
    let text = text.split_once('\n').map_or(text.as_str(), |(_, rest)| rest);
    diff(&Untrusted::from(text), width)
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
