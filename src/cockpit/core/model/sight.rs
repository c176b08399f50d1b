//! What stood on the screen when it was drawn last, so that a click means what was seen.

use std::collections::BTreeMap;

use ratatui::layout::Rect;

use crate::incident::{EntryId, IncidentId, ProposalId};

use super::layout::Pane;
use super::measured::{Measured, Seen};

/// What the view found out while drawing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sight {
    /// What the uppermost overlay measures.
    pub measured: Measured,
    /// Where text can be marked: the inside of every pane, or of what lies over them.
    pub areas: Vec<Rect>,
    /// The lines of the panes, from the top.
    pub lines: Vec<SeenLine>,
    /// What each list shows, as far as the core moves in it.
    pub panes: BTreeMap<Pane, Seen>,
    /// The text that is marked with the mouse.
    pub marked: Option<String>,
}

/// One line of a list as it stood on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenLine {
    /// In which pane.
    pub pane: Pane,
    /// Its rows.
    pub area: Rect,
    /// What it shows.
    pub shows: Shows,
}

/// What a line of a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// An incident.
    Incident(IncidentId),
    /// A decision.
    Decision(ProposalId),
    /// An entry.
    Entry(EntryId),
    /// A turn of the exchange, by its position.
    Turn(usize),
}
