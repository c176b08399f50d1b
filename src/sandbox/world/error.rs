//! What can go wrong with the world.

use std::io;
use std::path::PathBuf;

/// Why the world could not start, or why an operation on it was not done.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// The directory already holds the telemetry of another run; choose a fresh one.
    #[error("use {0}: an earlier world has left its telemetry there")]
    Occupied(PathBuf),
    /// A file or directory of the world could not be read or written.
    #[error("access {path}: {source}")]
    Files {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A listener could not be bound, or bound again, on the loopback interface.
    #[error("listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The HTTP client could not be built.
    #[error("build the world's HTTP client: {0}")]
    Client(String),
    /// The request names something that is not there or is out of range; correct it.
    #[error("{0}")]
    Refused(String),
    /// A configuration file of the world does not read as one.
    #[error("read configuration {revision}: {source}")]
    Unreadable {
        /// The revision asked for.
        revision: String,
        /// Where it stops making sense.
        source: serde_json::Error,
    },
}

impl WorldError {
    /// Names the path that an input or output error is about.
    pub(super) fn files(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Files { path, source }
    }
}
