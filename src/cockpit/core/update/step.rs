//! One step within a list, in the rows that the view measured: where the window comes to stand.

use super::super::model::{Anchor, Flow, LOWEST, Line, Place, PlacedLine, Seen};
use super::listing::Listing;

/// How far to move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    /// So many lines, negative towards older ones.
    By(isize),
    /// To the first line.
    First,
    /// To the last line.
    Last,
    /// Half of the window, towards older lines if negative.
    Page(isize),
    /// So many rows of the window, with the selected line where it is if it stays in sight.
    Window(isize),
}

impl Move {
    fn is_forward(self) -> bool {
        matches!(self, Self::Last | Self::By(1..) | Self::Page(1..) | Self::Window(1..))
    }
}

/// Moves a place within its list, as far as the screen shows it.
pub(super) fn apply<K: Line>(
    place: &mut Place<K>,
    list: &(impl Listing<K> + ?Sized),
    by: Move,
    seen: &Seen,
) {
    let Some(last) = list.len().checked_sub(1) else { return };
    let present = place.anchor.and_then(|anchor| Some((list.position(anchor.id)?, anchor)));
    let begins = matches!(place.flow, Flow::Still) || last == 0;
    let steps = Steps { list, seen, last };
    let (to, above) = match present {
        Some((from, anchor)) => steps.go(from, anchor, by),
        // Nothing is selected yet: the first step selects, it does not pass over.
        None if begins => (0, 0),
        None => match list.id_at(last) {
            Some(id) => steps.go(last, Anchor { id, above: LOWEST }, by),
            None => return,
        },
    };
    if let Some(id) = list.id_at(to) {
        place.anchor = Some(Anchor { id, above });
    }
    if present.is_none() && begins {
        return;
    }
    let forward = by.is_forward();
    place.flow = match place.flow {
        Flow::Still => Flow::Still,
        frozen @ Flow::Frozen { .. } => frozen,
        Flow::Following if forward => Flow::Following,
        _ if forward && to == last => Flow::Following,
        Flow::Following => Flow::Detached { unseen: 0 },
        detached @ Flow::Detached { .. } => detached,
    };
}

/// A frame was drawn: the selected line is anchored where it really stands.
pub(super) fn settle<K: Line>(place: &mut Place<K>, seen: &Seen) {
    let Some(anchor) = &mut place.anchor else { return };
    if place.flow == Flow::Following {
        return;
    }
    if let Some(line) = seen.find(anchor.id.line()) {
        anchor.above = line.top;
    }
}

/// A position and the rows above it.
type Stands = (usize, isize);

struct Steps<'a, L: ?Sized> {
    list: &'a L,
    seen: &'a Seen,
    last: usize,
}

impl<L: ?Sized> Steps<'_, L> {
    fn go<K: Line>(&self, from: usize, anchor: Anchor<K>, by: Move) -> Stands
    where
        L: Listing<K>,
    {
        match by {
            Move::First => (0, 0),
            Move::Last => (self.last, LOWEST),
            Move::By(by) => {
                let to = from.saturating_add_signed(by).min(self.last);
                if to == from { (from, anchor.above) } else { (to, self.beside(to, by)) }
            }
            Move::Page(by) => self.page(from, anchor, by),
            Move::Window(by) => self.window(from, anchor, by),
        }
    }

    /// Where a line stands if it can be seen whole, else at the edge from which it comes.
    fn beside<K: Line>(&self, to: usize, by: isize) -> isize
    where
        L: Listing<K>,
    {
        let line = self.list.id_at(to).and_then(|id| self.seen.find(id.line()));
        match line.filter(|line| self.seen.is_whole(line)) {
            Some(line) => line.top,
            None if by > 0 => LOWEST,
            None => 0,
        }
    }

    /// The line at the edge comes to the middle; a line longer than the window is read on first.
    fn page<K: Line>(&self, from: usize, anchor: Anchor<K>, by: isize) -> Stands
    where
        L: Listing<K>,
    {
        let half = (self.seen.height() / 2).max(1);
        let own = self.seen.find(anchor.id.line());
        if by > 0 {
            if let Some(own) = own.filter(|own| own.bottom() > self.seen.height()) {
                return (from, own.top - half);
            }
            let lowest = self.position(self.seen.lines.last()).unwrap_or(from);
            let to = lowest.max(from.saturating_add(1)).min(self.last);
            return (to, self.beside(to, by).min(half));
        }
        if let Some(own) = own.filter(|own| own.top < 0) {
            return (from, (own.top + half).min(0));
        }
        let highest = self.position(self.seen.lines.first()).unwrap_or(from);
        let to = highest.min(from.saturating_sub(1));
        (to, half)
    }

    /// The window moves by rows; a selected line that would leave it is left at the edge.
    fn window<K: Line>(&self, from: usize, anchor: Anchor<K>, by: isize) -> Stands
    where
        L: Listing<K>,
    {
        let height = self.seen.height();
        let own = self.seen.find(anchor.id.line());
        let (top, rows) = own.map_or((anchor.above, 1), |line| (line.top, line.rows));
        let moved = top.saturating_sub(by);
        let bottom = moved.saturating_add_unsigned(rows);
        let tall = rows.cast_signed() > height;
        let whole = |line: &&PlacedLine| line.top - by >= 0 && line.bottom() - by <= height;
        let leaves = match by {
            1.. => bottom <= 0 || (moved < 0 && !tall),
            _ => moved >= height || (bottom > height && !tall),
        };
        if !leaves {
            return (from, moved);
        }
        let next = match by {
            1.. => self.seen.lines.iter().find(whole),
            _ => self.seen.lines.iter().rev().find(whole),
        };
        match self.position(next).zip(next) {
            Some((to, line)) => (to, line.top - by),
            None if by > 0 => ((from + 1).min(self.last), 0),
            None => (from.saturating_sub(1), LOWEST),
        }
    }

    fn position<K: Line>(&self, line: Option<&PlacedLine>) -> Option<usize>
    where
        L: Listing<K>,
    {
        self.list.named(line?.id)
    }
}
