//! The trouble that ends a reading early: of one item, or of everything in a tracker.

use crate::incident::{self, Notice};
use crate::journal::JournalError;
use crate::trackers::{ItemId, TrackerError};

/// Why a reading broke off.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error(transparent)]
    Tracker(#[from] TrackerError),
    /// Whoever stands behind it must be known before anybody's word counts here.
    #[error(
        "{sibling}, another connection to the same place, does not say who we are there: {error}"
    )]
    Sibling { sibling: String, error: TrackerError },
    #[error("item {item} cannot be read: {error}")]
    Item { item: ItemId, error: TrackerError },
    #[error(
        "item {item} reads as empty, and {expected} entries should stand there: look at what the token may see"
    )]
    Empty { item: ItemId, expected: usize },
    /// A list may only be late; until that is known, no verdict on it counts.
    #[error(
        "item {item} does not show a proposal of ours that somebody answers: it is looked for again"
    )]
    Doubtful { item: ItemId },
    #[error(
        "item {item} holds a verdict that does not count yet, because how it came about cannot be asked: {error}"
    )]
    Unvouched { item: ItemId, error: TrackerError },
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("{0}")]
    Hub(#[from] Notice),
}

impl Trouble {
    /// What a tracker says when one of its items is read: it may be about that item alone.
    pub(super) fn reading(item: &ItemId, error: TrackerError) -> Self {
        match error {
            TrackerError::NotFound { .. }
            | TrackerError::Refused { .. }
            | TrackerError::Broken { .. } => Self::Item { item: item.clone(), error },
            TrackerError::Unreachable { .. }
            | TrackerError::Throttled { .. }
            | TrackerError::Unauthorized { .. } => Self::Tracker(error),
        }
    }

    /// Whether other items can be read all the same.
    pub(super) fn is_of_item(&self) -> bool {
        match self {
            Self::Item { .. }
            | Self::Empty { .. }
            | Self::Doubtful { .. }
            | Self::Unvouched { .. } => true,
            // Something that the hub does not take stands in one item; only its end is everybody's.
            Self::Hub(notice) => notice.trouble != incident::Trouble::Unreachable,
            Self::Tracker(_) | Self::Sibling { .. } | Self::Journal(_) => false,
        }
    }

    /// Whether an item is left alone for a while because of it. Where somebody waits for a verdict to count,
    /// it is not.
    pub(super) fn pauses(&self) -> bool {
        self.is_of_item() && !matches!(self, Self::Unvouched { .. })
    }
}
