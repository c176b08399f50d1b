//! A table in as many columns as there is room for: wide cells give way.

use super::ink::{Row, ours};
use crate::cockpit::theme::Role;

/// Blanks between two columns.
const GAP: usize = 2;

/// A table being read, row by row.
#[derive(Default)]
pub(super) struct Table {
    rows: Vec<Vec<Row>>,
    row: Vec<Row>,
}

impl Table {
    /// Adds a cell to the row that is being read.
    pub(super) fn cell(&mut self, cell: Row) {
        self.row.push(cell);
    }

    /// The row that is being read is whole.
    pub(super) fn end_row(&mut self) {
        self.rows.push(std::mem::take(&mut self.row));
    }

    /// The table within a width, the first row as its head.
    pub(super) fn rows(self, width: usize) -> Vec<Row> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let wide = |at: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(at));
            cells.map(Row::width).max().unwrap_or(0)
        };
        let mut widths: Vec<usize> = (0..columns).map(wide).collect();
        let free = width.saturating_sub(GAP * columns.saturating_sub(1));
        // The widest column gives way, cell by cell, until all of them fit.
        while widths.iter().sum::<usize>() > free {
            let Some(widest) = widths.iter_mut().max().filter(|widest| **widest > 3) else { break };
            *widest -= 1;
        }
        let mut rows = Vec::new();
        for (at, cells) in self.rows.into_iter().enumerate() {
            rows.push(line(cells, &widths).fit(width));
            if at == 0 {
                let rules = widths.iter().map(|wide| "─".repeat(*wide)).collect::<Vec<_>>();
                rows.push(Row::of(Role::Faint, ours(rules.join("  "))).fit(width));
            }
        }
        rows
    }
}

fn line(cells: Vec<Row>, widths: &[usize]) -> Row {
    let mut row = Row::new();
    let mut edge = 0;
    for (cell, wide) in cells.into_iter().zip(widths) {
        row = row.to(edge).join(cell.fit(*wide));
        edge += wide + GAP;
    }
    row
}
