//! What the mouse is about to do while its button is down.

use jiff::Timestamp;
use ratatui::layout::{Position, Rect};

use super::layout::Splitter;
use super::sight::Shows;

/// What the mouse is about to do while its button is down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pointing {
    /// Mark text, or click if it is let go where it was pressed.
    Text(Marking),
    /// Make a pane larger or smaller.
    Splitter(Splitter),
}

/// Text being marked from one cell to another, within an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marking {
    /// What it does not leave.
    pub area: Rect,
    /// Where the button went down.
    pub from: Position,
    /// Where the mouse is now.
    pub to: Position,
}

/// A click that a second one may follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clicked {
    /// What was clicked.
    pub shows: Shows,
    /// When, on the wall clock.
    pub at: Timestamp,
}

impl Marking {
    /// Whether anything is marked.
    pub fn is_empty(&self) -> bool {
        self.from == self.to
    }

    /// The marked cells of each row, from the top: the row, its first column, and one past its last.
    pub fn rows(&self) -> impl Iterator<Item = (u16, u16, u16)> {
        let key = |at: &Position| (at.y, at.x);
        let (from, to) = if key(&self.from) <= key(&self.to) {
            (self.from, self.to)
        } else {
            (self.to, self.from)
        };
        let area = self.area;
        let none = self.is_empty();
        (from.y..=to.y).filter(move |_| !none).map(move |row| {
            let first = if row == from.y { from.x } else { area.x };
            let end = if row == to.y { to.x.saturating_add(1) } else { area.right() };
            (row, first.max(area.x), end.min(area.right()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marking_backwards_marks_the_same_and_stays_within_its_area() {
        let area = Rect::new(10, 5, 20, 10);
        let at = |x, y| Position { x, y };
        let one = Marking { area, from: at(12, 6), to: at(15, 8) };
        let rows: Vec<_> = one.rows().collect();
        assert_eq!(rows, [(6, 12, 30), (7, 10, 30), (8, 10, 16)]);
        let other = Marking { from: one.to, to: one.from, ..one };
        assert_eq!(other.rows().collect::<Vec<_>>(), rows);
        assert_eq!(Marking { to: one.from, ..one }.rows().count(), 0);
    }
}
