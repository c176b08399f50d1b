//! The gutter of the timeline: where in all of it decisions, errors, people, and search hits stand, and
//! which part of it is seen.
//!
//! ```text
//! ✗ an error   ◆ a decision   ● a person   ▪ a hit of the last search   ▐ the part that is seen
//! ```

use ratatui::Frame;
use ratatui::layout::Rect;

use super::ink::Row;
use super::lens::Lens;
use crate::cockpit::core::{LineId, Seen, Tick, Watched};
use crate::cockpit::theme::Role;
use crate::incident::EntryId;

/// Draws the gutter into a column; a timeline that is seen whole needs none.
pub(super) fn draw(
    frame: &mut Frame<'_>,
    area: Rect,
    watched: &Watched,
    seen: &Seen,
    lens: &Lens<'_>,
) {
    let (count, rows) = (watched.timeline.len(), usize::from(area.height));
    let whole = seen.lines.len() >= count && seen.lines.iter().all(|line| seen.is_whole(line));
    if count == 0 || rows == 0 || whole {
        return;
    }
    let row_of = |id: EntryId| watched.timeline.position(id).map(|at| at * rows / count);
    let mut ticks: Vec<Option<Tick>> = vec![None; rows];
    for (id, tick) in watched.ticks() {
        let place = row_of(id).and_then(|row| ticks.get_mut(row));
        if let Some(place) = place {
            // Where several fall together, the gravest is shown.
            *place = (*place).max(Some(tick));
        }
    }
    let shown = |line: Option<&crate::cockpit::core::PlacedLine>| match line?.id {
        LineId::Entry(id) => row_of(id),
        _ => None,
    };
    let (first, last) = (shown(seen.lines.first()), shown(seen.lines.last()));
    for ((at, tick), place) in ticks.into_iter().enumerate().zip(area.rows()) {
        let inside = first.is_some_and(|first| at >= first) && last.is_some_and(|last| at <= last);
        let row = match tick {
            Some(Tick::Error) => Row::of(Role::Failed, "✗"),
            Some(Tick::Decision) => Row::of(Role::Pending, "◆"),
            Some(Tick::Human) => Row::of(Role::Human, "●"),
            Some(Tick::Hit) => Row::of(Role::Found, "▪"),
            None if inside => Row::of(Role::Focus, "▐"),
            None => continue,
        };
        lens.row(frame, place, row);
    }
}
