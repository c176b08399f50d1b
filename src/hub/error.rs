//! Why a hub cannot start or go on.

use crate::incident::{Notice, Trouble};
use crate::journal::JournalError;

/// Why a hub cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// The journal cannot be opened or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The socket for other processes, or the door for alerts, cannot be opened.
    #[error("cannot listen at {place}: {cause}")]
    Listen {
        /// Where.
        place: String,
        /// Why.
        cause: std::io::Error,
    },
}

impl From<HubError> for Notice {
    fn from(error: HubError) -> Self {
        match error {
            HubError::Journal(error) => error.into(),
            HubError::Listen { .. } => Self::new(Trouble::Failed, error.to_string())
                .hint("choose another data directory or address, or end what listens there"),
        }
    }
}
