//! The list: the rows round a selected line, laid out outwards from it, so that a frame costs what
//! is seen and never what there is.

use super::ink::Row;
use crate::cockpit::core::{LOWEST, LineId, PlacedLine, Seen};

/// A list of lines of any height.
pub(super) trait Lines {
    /// The position after this one, if a line is shown there.
    fn after(&self, position: usize) -> Option<usize>;
    /// The position before this one, if a line is shown there.
    fn before(&self, position: usize) -> Option<usize>;
    /// The rows of the line at a position.
    fn rows(&self, position: usize) -> Vec<Row>;
    /// The name of the line at a position.
    fn id(&self, position: usize) -> Option<LineId>;
}

/// Where the window stands in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stand {
    /// The selected position.
    pub(super) at: usize,
    /// How many rows are shown above it, if so many exist and it is still seen whole; negative if so
    /// many of its own rows are scrolled out.
    pub(super) above: isize,
}

impl Stand {
    /// The last line at the lower edge.
    pub(super) fn at_end(at: usize) -> Self {
        Self { at, above: LOWEST }
    }
}

/// One row in the window, with the line that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed {
    /// The position of its line.
    pub(super) position: usize,
    /// Which row of its line it is.
    pub(super) part: usize,
    /// How many rows its line has.
    pub(super) of: usize,
    pub(super) row: Row,
}

/// Fills a window of `height` rows.
pub(super) fn window(lines: &impl Lines, stand: Stand, height: usize) -> Vec<Placed> {
    let mut own = placed(lines, stand.at);
    let free = height.saturating_sub(own.len());
    let mut above = usize::try_from(stand.above).unwrap_or(0).min(free);
    let skip = stand.above.min(0).unsigned_abs().min(own.len().saturating_sub(1));
    let mut upper = Upper { lines, rows: Vec::new(), top: stand.at };
    above = upper.reach(above);
    let mut scrolled: Vec<Placed> = own.drain(..skip).collect();
    let mut lower = own;
    let mut bottom = stand.at;
    while lower.len() + above < height {
        let Some(position) = lines.after(bottom) else { break };
        lower.extend(placed(lines, position));
        bottom = position;
    }
    // The end of the list came before the lower edge: what stands above moves down to it.
    let room = height.saturating_sub(lower.len() + above);
    let back = scrolled.split_off(scrolled.len().saturating_sub(room));
    above = upper.reach(above + room - back.len());
    let mut rows: Vec<Placed> = upper.rows.into_iter().take(above).rev().collect();
    rows.extend(back);
    rows.extend(lower);
    rows.truncate(height);
    rows
}

/// The rows above the selected line, the lowest first; whole lines, as far as they were reached.
struct Upper<'a, L> {
    lines: &'a L,
    rows: Vec<Placed>,
    top: usize,
}

impl<L: Lines> Upper<'_, L> {
    /// Makes sure that so many rows are there, or as many as exist; says how many of them are.
    fn reach(&mut self, wanted: usize) -> usize {
        while self.rows.len() < wanted {
            let Some(position) = self.lines.before(self.top) else { break };
            self.rows.extend(placed(self.lines, position).into_iter().rev());
            self.top = position;
        }
        wanted.min(self.rows.len())
    }
}

fn placed(lines: &impl Lines, position: usize) -> Vec<Placed> {
    let rows = lines.rows(position);
    let of = rows.len();
    let place = |(part, row)| Placed { position, part, of, row };
    rows.into_iter().enumerate().map(place).collect()
}

/// What a filled window shows, for whoever moves in it.
pub(super) fn seen(lines: &impl Lines, window: &[Placed], fit: usize) -> Seen {
    let mut seen: Vec<PlacedLine> = Vec::new();
    let mut last = None;
    for (row, placed) in window.iter().enumerate() {
        if last == Some(placed.position) {
            continue;
        }
        last = Some(placed.position);
        let top = row.cast_signed() - placed.part.cast_signed();
        let line = lines.id(placed.position).map(|id| PlacedLine { id, top, rows: placed.of });
        seen.extend(line);
    }
    Seen { fit, lines: seen }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::cockpit::theme::Role;

    /// Lines of two rows each, that count how often they are asked for.
    struct Pairs {
        count: usize,
        asked: Cell<usize>,
    }

    impl Lines for Pairs {
        fn after(&self, position: usize) -> Option<usize> {
            (position + 1 < self.count).then_some(position + 1)
        }

        fn before(&self, position: usize) -> Option<usize> {
            position.checked_sub(1)
        }

        fn rows(&self, _: usize) -> Vec<Row> {
            self.asked.set(self.asked.get() + 1);
            vec![Row::of(Role::Text, "head"), Row::of(Role::Text, "text")]
        }

        fn id(&self, position: usize) -> Option<LineId> {
            Some(LineId::Turn(position))
        }
    }

    fn shown(count: usize, stand: Stand, height: usize) -> Vec<usize> {
        let lines = Pairs { count, asked: Cell::new(0) };
        window(&lines, stand, height).iter().map(|placed| placed.position).collect()
    }

    #[test]
    fn the_selected_line_stays_where_it_was() {
        assert_eq!(shown(9, Stand { at: 4, above: 2 }, 6), [3, 3, 4, 4, 5, 5]);
        assert_eq!(shown(9, Stand { at: 4, above: 1 }, 5), [3, 4, 4, 5, 5]);
        assert_eq!(shown(9, Stand { at: 4, above: 0 }, 5), [4, 4, 5, 5, 6]);
    }

    #[test]
    fn the_end_stands_at_the_lower_edge() {
        assert_eq!(shown(9, Stand::at_end(8), 5), [6, 7, 7, 8, 8]);
        assert_eq!(shown(2, Stand::at_end(1), 9), [0, 0, 1, 1]);
        assert_eq!(shown(9, Stand { at: 8, above: 1 }, 5), [6, 7, 7, 8, 8]);
    }

    #[test]
    fn the_selected_line_is_whole_when_too_many_rows_are_wanted_above_it() {
        assert_eq!(shown(9, Stand { at: 4, above: 7 }, 5), [2, 3, 3, 4, 4]);
    }

    #[test]
    fn a_line_is_scrolled_within_and_its_last_row_stays() {
        assert_eq!(shown(9, Stand { at: 4, above: -1 }, 5), [4, 5, 5, 6, 6]);
        assert_eq!(shown(9, Stand { at: 4, above: -9 }, 3), [4, 5, 5]);
        assert_eq!(shown(3, Stand { at: 2, above: -1 }, 3), [1, 2, 2]);
    }

    #[test]
    fn what_is_seen_says_where_each_line_begins() {
        let lines = Pairs { count: 9, asked: Cell::new(0) };
        let rows = window(&lines, Stand { at: 4, above: 1 }, 4);
        let seen = seen(&lines, &rows, 4);
        let tops: Vec<_> = seen.lines.iter().map(|line| (line.id, line.top, line.rows)).collect();
        let expected = [(3, -1, 2), (4, 1, 2), (5, 3, 2)];
        assert_eq!(tops, expected.map(|(at, top, rows)| (LineId::Turn(at), top, rows)));
    }

    #[test]
    fn a_million_lines_cost_what_is_seen() {
        let lines = Pairs { count: 1_000_000, asked: Cell::new(0) };
        let _rows = window(&lines, Stand::at_end(999_999), 60);
        assert!(lines.asked.get() <= 31, "{}", lines.asked.get());
    }
}
