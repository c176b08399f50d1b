//! Why an investigation cannot go on.

use super::knowledge::UnknownName;
use super::runbook::RunbookError;
use crate::incident::Notice;

/// Why an investigation cannot go on; the incident then needs a person.
#[derive(Debug, thiserror::Error)]
pub enum PrimaryError {
    /// The hub refused or is gone.
    #[error("{0}")]
    Hub(Notice),
    /// A runbook cannot be used.
    #[error(transparent)]
    Runbook(#[from] RunbookError),
    /// A runbook names a value that is not known at that point.
    #[error(transparent)]
    Unknown(#[from] UnknownName),
    /// A request of our own failed.
    #[error("{what}: {cause}")]
    Request {
        /// What was requested.
        what: String,
        /// Why it failed, without addresses or secrets.
        cause: String,
    },
    /// The hub answered something else than what was asked.
    #[error("the hub gave an answer that does not fit {0}")]
    OddReply(&'static str),
}

impl From<Notice> for PrimaryError {
    fn from(notice: Notice) -> Self {
        Self::Hub(notice)
    }
}
