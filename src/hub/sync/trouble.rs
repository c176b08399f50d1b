//! The trouble that ends a round of reading early.

use crate::incident::Notice;
use crate::journal::JournalError;
use crate::trackers::{ItemId, TrackerError};

/// Why a round broke off.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error(transparent)]
    Tracker(#[from] TrackerError),
    /// Whoever stands behind it must be known before anybody's word counts here.
    #[error(
        "{sibling}, another connection to the same place, does not say who we are there: {error}"
    )]
    Sibling { sibling: String, error: TrackerError },
    #[error(
        "item {item} reads as empty, and {expected} entries should stand there: look at what the token may see"
    )]
    Empty { item: ItemId, expected: usize },
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("{0}")]
    Hub(#[from] Notice),
}
