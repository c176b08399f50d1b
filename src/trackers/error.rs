//! Why a tracker could not do it, named by what the caller can do.

use std::time::Duration;

use crate::incident::{Notice, Trouble};

/// Why a tracker could not do what was asked; after any of these, nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrackerError {
    /// It does not answer; try again later.
    #[error("the tracker does not answer: {why}")]
    Unreachable {
        /// What happened.
        why: String,
    },
    /// It wants to be left alone for a while; try again then.
    #[error("the tracker asks to wait")]
    Throttled {
        /// How long at least, if it says.
        retry_after: Option<Duration>,
    },
    /// It does not accept who asks; give the connector another token.
    #[error("the tracker does not accept the token: {why}")]
    Unauthorized {
        /// What it says.
        why: String,
    },
    /// What was named is not there, or may not be seen.
    #[error("the tracker has no {what}")]
    NotFound {
        /// What was named.
        what: String,
    },
    /// It refuses; a person must look.
    #[error("the tracker refuses: {why}")]
    Refused {
        /// What it says.
        why: String,
    },
    /// Its answer makes no sense; report it.
    #[error("the answer of the tracker makes no sense: {why}")]
    Broken {
        /// What does not fit.
        why: String,
    },
}

impl TrackerError {
    /// Whether the same request can succeed later without anybody doing anything.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Throttled { .. } => true,
            Self::Unauthorized { .. }
            | Self::NotFound { .. }
            | Self::Refused { .. }
            | Self::Broken { .. } => false,
        }
    }

    /// How long the tracker asks to wait, if it says.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Throttled { retry_after } => *retry_after,
            Self::Unreachable { .. }
            | Self::Unauthorized { .. }
            | Self::NotFound { .. }
            | Self::Refused { .. }
            | Self::Broken { .. } => None,
        }
    }
}

impl From<TrackerError> for Notice {
    fn from(error: TrackerError) -> Self {
        let (trouble, hint) = match &error {
            TrackerError::Unreachable { .. } | TrackerError::Throttled { .. } => {
                (Trouble::Unreachable, "nothing is lost; it is tried again")
            }
            TrackerError::Unauthorized { .. } => {
                (Trouble::NotAllowed, "renew the tracker's token in the settings")
            }
            TrackerError::NotFound { .. } => {
                (Trouble::NotFound, "look whether the token may see it, and whether it was moved")
            }
            TrackerError::Refused { .. } => {
                (Trouble::Failed, "read what the tracker says, put it right, and retry")
            }
            TrackerError::Broken { .. } => (Trouble::Failed, "please report this with the log"),
        };
        Self::new(trouble, error.to_string()).hint(hint)
    }
}
