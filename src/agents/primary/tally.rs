//! The tally of a verification: what its windows have shown so far, and when that is enough to say.

use crate::incident::Helped;

/// How many windows in a row without the value, or without any value, end a verification.
const ENOUGH: u32 = 3;

/// How many windows a value that comes and goes is given beyond those in which it must hold.
const MOST_SPARE: u32 = 12;

/// What one window showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Window {
    /// The value was as expected.
    Held,
    /// It was not.
    Missed,
    /// Nothing could be measured, which says nothing about the value.
    Blind,
}

/// What the windows have shown so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tally {
    /// In how many windows in a row the value must hold.
    needed: u32,
    held: u32,
    missed: u32,
    blind: u32,
    /// How many windows there were.
    windows: u32,
    /// Whether the value was ever seen not to be as expected.
    ever_missed: bool,
}

impl Tally {
    /// Begins a tally of a value that must hold for `needed` windows in a row.
    pub(super) fn of(needed: u32) -> Self {
        let needed = needed.max(1);
        Self { needed, held: 0, missed: 0, blind: 0, windows: 0, ever_missed: false }
    }

    /// Counts one more window.
    pub(super) fn count(&mut self, window: Window) {
        self.windows = self.windows.saturating_add(1);
        self.ever_missed |= window == Window::Missed;
        (self.held, self.missed, self.blind) = match window {
            Window::Held => (self.held.saturating_add(1), 0, 0),
            Window::Missed => (0, self.missed.saturating_add(1), 0),
            // A gap in what was seen is not holding on, and it is not a miss either.
            Window::Blind => (0, self.missed, self.blind.saturating_add(1)),
        };
    }

    /// What can be said; `None` while more windows are needed.
    pub(super) fn says(&self) -> Option<Helped> {
        if self.held >= self.needed {
            return Some(Helped::Yes);
        }
        if self.missed >= ENOUGH {
            return Some(Helped::No);
        }
        if self.blind >= ENOUGH {
            return Some(Helped::Unknown);
        }
        let is_over = self.windows >= self.needed.saturating_add(MOST_SPARE);
        is_over.then_some(if self.ever_missed { Helped::No } else { Helped::Unknown })
    }
}

#[cfg(test)]
mod tests {
    use super::Window::{Blind, Held, Missed};
    use super::*;

    fn after(needed: u32, windows: &[Window]) -> Option<Helped> {
        let mut tally = Tally::of(needed);
        for window in windows {
            assert_eq!(tally.says(), None, "it went on after it was clear: {windows:?}");
            tally.count(*window);
        }
        tally.says()
    }

    #[test]
    fn a_value_that_held_long_enough_helped_and_three_misses_did_not() {
        assert_eq!(after(2, &[Missed, Held, Held]), Some(Helped::Yes));
        assert_eq!(after(2, &[Held, Missed, Missed, Missed]), Some(Helped::No));
        assert_eq!(after(0, &[Held]), Some(Helped::Yes), "one window is the least");
    }

    #[test]
    fn what_could_not_be_measured_is_unknown_and_counts_for_neither_side() {
        assert_eq!(after(3, &[Held, Blind, Blind, Blind]), Some(Helped::Unknown));
        assert_eq!(after(2, &[Held, Blind, Held]), None, "a gap is not holding on");
        assert_eq!(after(2, &[Missed, Missed, Blind]), None, "nor is it a miss");
    }

    #[test]
    fn a_value_that_comes_and_goes_is_not_watched_for_ever() {
        let flapping: Vec<Window> = [Held, Missed].into_iter().cycle().take(14).collect();
        assert_eq!(after(2, &flapping), Some(Helped::No));
        let patchy: Vec<Window> = [Held, Blind].into_iter().cycle().take(14).collect();
        assert_eq!(after(2, &patchy), Some(Helped::Unknown));
    }
}
