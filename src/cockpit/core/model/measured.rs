//! What the view found out while drawing: how long texts are, and which lines stand where.

use crate::incident::{EntryId, IncidentId, ProposalId};

/// How long the text of the uppermost overlay is; the core scrolls within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Measured {
    /// How many rows the text of the uppermost overlay has when wrapped; 0 if nothing scrolls there.
    pub rows: u16,
    /// How many of them fit at once.
    pub fit: u16,
}

/// The lines of one list that stand on the screen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen {
    /// How many rows the list has room for.
    pub fit: usize,
    /// The lines, from above to below.
    pub lines: Vec<PlacedLine>,
}

/// Where one line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlacedLine {
    /// Which line.
    pub id: LineId,
    /// How many rows its first row stands below the upper edge; negative when that is above it.
    pub top: isize,
    /// How many rows it has.
    pub rows: usize,
}

/// Names a line of any list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineId {
    /// An incident.
    Incident(IncidentId),
    /// A turn of the exchange, by its position.
    Turn(usize),
    /// An entry of the timeline.
    Entry(EntryId),
    /// A decision.
    Decision(ProposalId),
}

/// What names a line of one list.
pub trait Line: Copy + PartialEq {
    /// The name of the line among those of all lists.
    fn line(self) -> LineId;
}

impl Line for IncidentId {
    fn line(self) -> LineId {
        LineId::Incident(self)
    }
}

impl Line for usize {
    fn line(self) -> LineId {
        LineId::Turn(self)
    }
}

impl Line for EntryId {
    fn line(self) -> LineId {
        LineId::Entry(self)
    }
}

impl Line for ProposalId {
    fn line(self) -> LineId {
        LineId::Decision(self)
    }
}

impl PlacedLine {
    /// The first row below it.
    pub fn bottom(&self) -> isize {
        self.top.saturating_add_unsigned(self.rows)
    }
}

impl Seen {
    /// The line of that name, if it stands on the screen.
    pub fn find(&self, id: LineId) -> Option<&PlacedLine> {
        self.lines.iter().find(|line| line.id == id)
    }

    /// The line that stands at a row of the list.
    pub fn at_row(&self, row: usize) -> Option<&PlacedLine> {
        let row = isize::try_from(row).ok()?;
        self.lines.iter().find(|line| line.top <= row && row < line.bottom())
    }

    /// Whether all of a line can be seen.
    pub fn is_whole(&self, line: &PlacedLine) -> bool {
        line.top >= 0 && line.bottom() <= self.height()
    }

    /// The rows that the list has room for, as a distance.
    pub fn height(&self) -> isize {
        isize::try_from(self.fit).unwrap_or(isize::MAX)
    }
}
