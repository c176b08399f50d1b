//! A sheet: labelled facts under one another, the labels in one column and the values in the next.

use super::flow::{hang, wrap};
use super::ink::{Row, Words};
use crate::cockpit::theme::Role;

/// Columns of the labels, with the blank after them.
pub(super) const LABELS: usize = 11;

/// Labelled facts, growing downwards.
pub(super) struct Sheet {
    width: usize,
    rows: Vec<Row>,
}

impl Sheet {
    /// An empty sheet.
    pub(super) fn new(width: usize) -> Self {
        Self { width, rows: Vec::new() }
    }

    /// The rows.
    pub(super) fn rows(self) -> Vec<Row> {
        self.rows
    }

    /// The columns of a value.
    pub(super) fn room(&self) -> usize {
        self.width.saturating_sub(LABELS).max(8)
    }

    /// Leaves a row empty, but never two.
    pub(super) fn blank(&mut self) {
        if self.rows.last().is_some_and(|row| !row.runs.is_empty()) {
            self.rows.push(Row::new());
        }
    }

    /// A row across the sheet, wrapped.
    pub(super) fn across(&mut self, row: Row) {
        self.rows.extend(wrap(row, self.width));
    }

    /// Rows as they are.
    pub(super) fn as_is(&mut self, rows: Vec<Row>) {
        self.rows.extend(rows);
    }

    /// A label with one value, wrapped beside it.
    pub(super) fn field(&mut self, label: &'static str, value: Row) {
        let rows = wrap(value, self.room());
        self.block(label, rows);
    }

    /// A label with rows beside it that are wrapped already.
    pub(super) fn block(&mut self, label: &'static str, rows: Vec<Row>) {
        let first = Row::of(Role::Muted, label).to(LABELS);
        self.rows.extend(hang(rows, &first, &Row::new().gap(LABELS)));
    }

    /// A heading of a part of the sheet, with a note and a rule to the right edge.
    pub(super) fn part(&mut self, role: Role, heading: impl Into<Words>, note: Row) {
        let row = Row::of(role, heading).gap(1).join(note).gap(1);
        let rule = "─".repeat(self.width.saturating_sub(row.width()));
        self.rows.push(row.put(Role::Faint, super::ink::ours(rule)).fit(self.width));
    }
}
