//! Where a person is in a list: anchored to what is selected, never to a row.

use jiff::Timestamp;

use super::super::filter::Filter;

/// Where a person is in one list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<K> {
    /// What is selected, and where it stands.
    pub anchor: Option<Anchor<K>>,
    /// How the list moves when something arrives.
    pub flow: Flow,
    /// Which lines are shown.
    pub filter: Filter,
    /// The lines that the filter lets through, in the order of the list; kept by the core while lines
    /// of a stream come and change, and empty without a filter.
    pub narrowed: Vec<K>,
}

/// The selected line and how far below the upper edge it stands.
///
/// The view puts the line with this id where it was and fills in the others round it, so that
/// lines inserted above or below move nothing that is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor<K> {
    /// The selected line.
    pub id: K,
    /// How many rows its first row stands below the upper edge, if so many rows are there; negative
    /// when its beginning is scrolled out, [`LOWEST`] when it stands at the lower edge.
    pub above: isize,
}

/// As low as a line can stand and still be seen whole.
pub const LOWEST: isize = isize::MAX;

/// How a list moves when something arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Nothing that arrives moves the list.
    Still,
    /// The newest line is selected and stays at the lower edge.
    Following,
    /// The person reads further up; new lines are counted.
    Detached {
        /// How many arrived since.
        unseen: usize,
    },
    /// The pane stands still while the stream goes on; nothing newer is drawn.
    Frozen {
        /// When it was frozen, on the hub's clock.
        since: Timestamp,
        /// How many lines, from the oldest, are drawn.
        shown: usize,
        /// How many arrived since.
        missed: usize,
    },
}

impl<K> Default for Place<K> {
    fn default() -> Self {
        Self {
            anchor: None,
            flow: Flow::Following,
            filter: Filter::default(),
            narrowed: Vec::new(),
        }
    }
}

impl<K: Copy + PartialEq> Place<K> {
    /// A place in a list that nothing moves.
    pub fn still() -> Self {
        Self { anchor: None, flow: Flow::Still, filter: Filter::default(), narrowed: Vec::new() }
    }

    /// The id of the selected line.
    pub fn selected(&self) -> Option<K> {
        self.anchor.map(|anchor| anchor.id)
    }

    /// Whether this line is selected.
    pub fn is_selected(&self, id: K) -> bool {
        self.selected() == Some(id)
    }

    /// How many lines arrived that the person has not come to yet.
    pub fn unseen(&self) -> usize {
        match self.flow {
            Flow::Still | Flow::Following => 0,
            Flow::Detached { unseen } => unseen,
            Flow::Frozen { missed, .. } => missed,
        }
    }
}
