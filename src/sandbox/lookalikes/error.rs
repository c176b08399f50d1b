//! What can go wrong with the sandbox.

use crate::incident::{Notice, Trouble};

/// Why the look-alikes could not start, or why an act in the sandbox was not done.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// A listener could not be bound on the loopback interface.
    #[error("listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The HTTP client could not be built.
    #[error("build the sandbox's HTTP client: {0}")]
    Client(String),
    /// It does not run any more; start it again.
    #[error("reach the sandbox: {0}")]
    Away(String),
    /// What was named is not there; name another.
    #[error("find {0}")]
    Missing(String),
}

impl SandboxError {
    /// What it is about, for whoever asked over the door.
    pub(super) fn what(&self) -> String {
        match self {
            Self::Missing(what) => what.clone(),
            Self::Listen { .. } | Self::Client(_) | Self::Away(_) => self.to_string(),
        }
    }
}

impl From<SandboxError> for Notice {
    fn from(error: SandboxError) -> Self {
        let (trouble, hint) = match &error {
            SandboxError::Listen { .. } => (Trouble::Failed, "choose another --port"),
            SandboxError::Client(_) => (Trouble::Failed, "please report this with the log"),
            SandboxError::Away(_) => (Trouble::Unreachable, "start it: wheelhouse sandbox"),
            SandboxError::Missing(_) => {
                (Trouble::NotFound, "`wheelhouse sandbox items` lists what is there")
            }
        };
        Self::new(trouble, format!("failed to {error}")).hint(hint)
    }
}
