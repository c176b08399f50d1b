//! Help: every key of the live keymap that works where the person was, then everywhere else.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::card::scrolled;
use super::flow::hang;
use super::ink::{Row, columns, named, ours};
use super::lens::{Hears, Lens, Surround};
use crate::cockpit::core::{Context, Help, KeyRow, Measured};
use crate::cockpit::theme::Role;
use crate::incident::Safe;

/// Columns of one key table at least; more tables stand beside each other.
const TABLE: usize = 56;

/// Draws the help and says how long it is.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, lens: &Lens<'_>, help: Help) -> Measured {
    let title = Row::of(Role::Focus, "Keys").put(Role::Muted, " · as they are bound now");
    let inner = Surround::new(title, Hears::Keys).draw_over(frame, area, lens);
    let width = usize::from(inner.width);
    let count = (width / TABLE).clamp(1, 3);
    let rows =
        spread(tables(lens, help.context, (width / count).saturating_sub(2)), count, width / count);
    scrolled(frame, inner, lens, rows, help.scroll)
}

/// One table for each context, the person's own first.
fn tables(lens: &Lens<'_>, own: Context, width: usize) -> Vec<Vec<Row>> {
    let rest = Context::ALL.into_iter().filter(|context| *context != own);
    let contexts = std::iter::once(own).chain(rest);
    let rows = |context| lens.keys.iter().filter(move |row: &&KeyRow| row.context == context);
    contexts
        .filter(|context| rows(*context).next().is_some())
        .map(|context| table(context, own, rows(context), width))
        .collect()
}

fn table<'a>(
    context: Context,
    own: Context,
    keys: impl Iterator<Item = &'a KeyRow>,
    width: usize,
) -> Vec<Row> {
    let name = match context {
        Context::Anywhere => "anywhere".to_owned(),
        other => format!("in {}", other.name()),
    };
    let role = if context == own { Role::Focus } else { Role::Title };
    let row = Row::of(role, ours(name));
    let rule = "─".repeat(width.saturating_sub(row.width() + 1));
    let mut rows = vec![row.gap(1).put(Role::Faint, ours(rule))];
    for key in keys {
        rows.extend(binding(key, width));
    }
    rows.push(Row::new());
    rows
}

fn binding(key: &KeyRow, width: usize) -> Vec<Row> {
    const COLUMN: usize = 20;
    let keys = Safe::join(key.keys.iter().map(|key| named(key)), "  ");
    let column = COLUMN.max(columns(&keys) + 2).min(width / 2);
    let first = Row::of(Role::Key, keys).fit(column.saturating_sub(1)).to(column);
    let text = super::flow::flow(Role::Text, key.action.describe(), width.saturating_sub(column));
    hang(text, &first, &Row::new().gap(column))
}

/// Puts tables beside each other in columns of about the same height, in reading order.
fn spread(tables: Vec<Vec<Row>>, count: usize, width: usize) -> Vec<Row> {
    let total: usize = tables.iter().map(Vec::len).sum();
    let fair = total.div_ceil(count);
    let mut columns: Vec<Vec<Row>> = vec![Vec::new()];
    for table in tables {
        let full = columns
            .last()
            .is_some_and(|column| !column.is_empty() && column.len() + table.len() / 2 > fair);
        if full && columns.len() < count {
            columns.push(Vec::new());
        }
        if let Some(column) = columns.last_mut() {
            column.extend(table);
        }
    }
    let height = columns.iter().map(Vec::len).max().unwrap_or(0);
    let mut rows = vec![Row::new(); height];
    for (at, column) in columns.into_iter().enumerate() {
        for (row, cell) in rows.iter_mut().zip(column) {
            *row = std::mem::take(row).to(at * width).join(cell);
        }
    }
    rows
}
