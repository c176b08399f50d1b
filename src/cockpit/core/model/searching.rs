//! Looking for something: in one list as it is typed, or in the history of all incidents.

use crate::incident::{EntryId, Hit, Notice};

use super::acts::AskId;
use super::field::Field;
use super::layout::Pane;

/// A search of the history being typed, with what it found.
#[derive(Debug, Clone)]
pub struct Searching {
    /// What is looked for.
    pub field: Field,
    /// What came of it.
    pub found: Found,
    /// The hit that is marked.
    pub marked: Option<EntryId>,
}

/// What came of a search.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// Nothing was asked yet.
    Nothing,
    /// The hub was asked; what it answers to anything else is ignored.
    Asked {
        /// The latest question.
        ask: AskId,
        /// What the question before it found, shown until the answer comes.
        before: Vec<Hit>,
    },
    /// The hub answered.
    Hits(Vec<Hit>),
    /// The hub could not answer.
    Failed(Notice),
}

impl Found {
    /// The hits to show.
    pub fn hits(&self) -> &[Hit] {
        match self {
            Self::Asked { before, .. } => before,
            Self::Hits(hits) => hits,
            Self::Nothing | Self::Failed(_) => &[],
        }
    }
}

/// A filter being typed; the list already obeys it.
#[derive(Debug, Clone)]
pub struct Filtering {
    /// The list.
    pub pane: Pane,
    /// The filter.
    pub field: Field,
    /// What the filter was before, for when this is cancelled.
    pub before: String,
}
