//! The scrub bar: how far a recording was played, and where people were asked or something went wrong.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::ink::{Row, ours};
use super::lens::Lens;
use super::moment::minute;
use crate::cockpit::core::{Marked, Model, Replaying};
use crate::cockpit::theme::Role;

/// Fewest columns in which a bar says anything.
const LEAST: usize = 10;

/// Draws the bar of the recording that plays; nothing if this is live.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, lens: &Lens<'_>) {
    let Some(replaying) = model.replaying else { return };
    let percent = replaying.played * 100 / replaying.frames.max(1);
    let end = format!(" {percent:>3} % {}", minute(model.now, lens.zone));
    let end = Row::of(Role::Muted, ours(end)).gap(1);
    let width = usize::from(area.width).saturating_sub(end.width() + 2);
    if width < LEAST {
        return;
    }
    let row = Row::new().gap(1).join(bar(&replaying, model, width));
    lens.row(frame, area, row.with_end(end, area.width.into()));
}

fn bar(replaying: &Replaying, model: &Model, width: usize) -> Row {
    let column = |played: usize| (played * (width - 1)).div_ceil(replaying.frames.max(1));
    let head = column(replaying.played).min(width - 1);
    let mut cells: Vec<(Role, &'static str)> = (0..width)
        .map(|at| if at < head { (Role::Text, "━") } else { (Role::Faint, "─") })
        .collect();
    // Where both are in one column, the question to people is the one to find.
    for (wanted, look) in
        [(Marked::Trouble, (Role::Failed, "✗")), (Marked::Decision, (Role::Pending, "◆"))]
    {
        for mark in model.marks.iter().filter(|mark| mark.what == wanted) {
            if let Some(cell) = cells.get_mut(column(mark.played).min(width - 1)) {
                *cell = look;
            }
        }
    }
    if let Some(cell) = cells.get_mut(head) {
        *cell = match cell {
            (_, "━" | "─") => (Role::Focus, "●"),
            (_, mark) => (Role::Focus, *mark),
        };
    }
    cells.into_iter().fold(Row::new(), |row, (role, glyph)| row.put(role, glyph))
}
