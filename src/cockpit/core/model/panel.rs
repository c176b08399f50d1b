//! A panel over the panes that shows the incident from one side, with a line marked in it.

use super::measured::LineId;

/// A panel over the panes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panel {
    /// What it shows.
    pub shows: Side,
    /// Which of its lines is marked, counted from the first.
    pub marked: usize,
}

/// What a panel shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// The hypotheses, each with its findings and what they rest on.
    Hypotheses,
    /// The measured series, with the actions marked on the time axis.
    Charts,
    /// Who has the investigation, and how it went from one to the next.
    Handoffs,
    /// Where a line leads.
    Links {
        /// From where.
        from: LineId,
        /// Where to.
        links: Vec<LineId>,
    },
}

impl Panel {
    /// A panel with its first line marked.
    pub fn new(shows: Side) -> Self {
        Self { shows, marked: 0 }
    }
}
