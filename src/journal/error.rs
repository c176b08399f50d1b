//! Why the journal could not do it, named by what the caller can do.

use std::path::PathBuf;

use rusqlite::ErrorCode;

use crate::incident::{EntryId, Notice, ProposalId, Trouble};

/// Why the journal could not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// Another hub writes in this directory.
    #[error("the journal in {} is written by {}", dir.display(), process(*pid))]
    InUse {
        /// The directory.
        dir: PathBuf,
        /// The process that holds it, if its lock says so.
        pid: Option<u32>,
    },
    /// Others can write where the journal would stand.
    #[error("others can write to {} (mode {mode:o})", path.display())]
    NotPrivate {
        /// The directory.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Nothing was ever recorded there.
    #[error("there is no journal in {}", dir.display())]
    Missing {
        /// The directory.
        dir: PathBuf,
    },
    /// A newer build wrote it.
    #[error("the journal has version {found}, this build knows {known}")]
    Newer {
        /// The version found.
        found: u32,
        /// The newest version that this build knows.
        known: u32,
    },
    /// The storage does not keep the promises that the journal makes.
    #[error("the journal cannot run with {setting} = {found}")]
    Unsafe {
        /// What is not as it must be.
        setting: &'static str,
        /// What it is.
        found: String,
    },
    /// An entry with this id is recorded already, and says something else; nothing was replaced.
    #[error("entry {entry} is recorded already and says something else")]
    OtherContent {
        /// The entry.
        entry: EntryId,
    },
    /// The record does not say that it claims this.
    #[error("the record is not the claim of {proposal}")]
    NotAClaim {
        /// What was to be claimed.
        proposal: ProposalId,
    },
    /// What was to be recorded, or what was recorded, cannot be read back.
    #[error("{what} cannot be read back: {cause}")]
    Unreadable {
        /// Which record.
        what: String,
        /// Why.
        cause: String,
    },
    /// The record breaks a rule of the journal, such as naming an entry that is not recorded.
    #[error("the journal refuses the record: {cause}")]
    Refused {
        /// Which rule.
        cause: String,
    },
    /// The disk is full; nothing was recorded.
    #[error("the disk of the journal is full: {cause}")]
    DiskFull {
        /// What the database says.
        cause: String,
    },
    /// The disk does not obey; nothing was recorded.
    #[error("the disk of the journal fails: {cause}")]
    DiskFailed {
        /// What the system says.
        cause: String,
    },
    /// The file is damaged; nothing is recorded any more.
    #[error("the journal is damaged: {cause}")]
    Corrupt {
        /// What the database says.
        cause: String,
    },
    /// Another process holds the database.
    #[error("the journal is busy: {cause}")]
    Busy {
        /// What the database says.
        cause: String,
    },
    /// The journal has ended.
    #[error("the journal has ended")]
    Ended,
}

fn process(pid: Option<u32>) -> String {
    pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}

impl JournalError {
    /// Whether the storage itself is in trouble, so that no further record may be acknowledged on the
    /// same connection.
    pub(super) fn is_storage(&self) -> bool {
        match self {
            Self::DiskFull { .. }
            | Self::DiskFailed { .. }
            | Self::Corrupt { .. }
            | Self::Busy { .. } => true,
            Self::InUse { .. }
            | Self::NotPrivate { .. }
            | Self::Missing { .. }
            | Self::Newer { .. }
            | Self::Unsafe { .. }
            | Self::OtherContent { .. }
            | Self::NotAClaim { .. }
            | Self::Unreadable { .. }
            | Self::Refused { .. }
            | Self::Ended => false,
        }
    }

    pub(super) fn unreadable(what: impl Into<String>, cause: &serde_json::Error) -> Self {
        Self::Unreadable { what: what.into(), cause: cause.to_string() }
    }

    fn hint(&self) -> &'static str {
        match self {
            Self::InUse { .. } => "use the hub that runs, or another --data-dir",
            Self::NotPrivate { .. } => "make it yours alone: chmod 700",
            Self::Missing { .. } => "start a hub there first, or name another --data-dir",
            Self::Newer { .. } => "install the newer wheelhouse; this one changed nothing",
            Self::Unsafe { .. } => "put the data directory on a local disk",
            Self::OtherContent { .. } => "record a correction; entries are never replaced",
            Self::NotAClaim { .. } | Self::Unreadable { .. } | Self::Refused { .. } => {
                "please report this with the log"
            }
            Self::DiskFull { .. } => "free some space; recording goes on by itself",
            Self::DiskFailed { .. } => "look at the system's log; recording is tried again",
            Self::Corrupt { .. } => {
                "keep a copy of the directory, then start with a new one; trackers have the entries"
            }
            Self::Busy { .. } => "end the other program that holds journal.sqlite3 open",
            Self::Ended => "start the hub again; everything that was recorded is kept",
        }
    }
}

impl From<rusqlite::Error> for JournalError {
    fn from(error: rusqlite::Error) -> Self {
        let cause = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull { cause },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt { cause },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { cause },
            Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig) => Self::Refused { cause },
            Some(_) => Self::DiskFailed { cause },
            None => Self::Unreadable { what: "a row".to_owned(), cause },
        }
    }
}

impl From<std::io::Error> for JournalError {
    fn from(error: std::io::Error) -> Self {
        let cause = error.to_string();
        match error.kind() {
            std::io::ErrorKind::StorageFull => Self::DiskFull { cause },
            _ => Self::DiskFailed { cause },
        }
    }
}

impl From<JournalError> for Notice {
    fn from(error: JournalError) -> Self {
        let trouble = match &error {
            JournalError::InUse { .. }
            | JournalError::OtherContent { .. }
            | JournalError::Busy { .. } => Trouble::Conflict,
            JournalError::Missing { .. } => Trouble::NotFound,
            JournalError::NotPrivate { .. } => Trouble::NotAllowed,
            _ => Trouble::Failed,
        };
        Self::new(trouble, error.to_string()).hint(error.hint())
    }
}
