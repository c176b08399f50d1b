//! The append-only log of what was changed in the world, by whom and when.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;
use tokio::fs::OpenOptions;
use tokio::io::AsyncWriteExt;

use super::WorldError;
use super::config::Difference;

/// The name of the log below the world's directory.
pub(super) const CHANGES: &str = "changes.ndjson";

/// What kind of change it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ChangeKind {
    Deploy,
    Rollout,
    Rollback,
    Scale,
    Restart,
}

/// Who made a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Author {
    /// The pipeline that rolls out what was merged.
    ReleasePipeline,
    /// Whoever holds the admin token.
    Admin,
}

/// One line of the log.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Change {
    pub(super) ts: Timestamp,
    pub(super) kind: ChangeKind,
    pub(super) target: &'static str,
    pub(super) actor: Author,
    /// The revision in force afterwards.
    pub(super) revision: String,
    pub(super) summary: String,
    pub(super) diff: Vec<Difference>,
}

/// Appends to the log.
#[derive(Debug)]
pub(super) struct ChangeLog {
    path: PathBuf,
}

impl ChangeLog {
    /// Takes the log of a fresh world in `dir`; refuses one that an earlier world has begun.
    pub(super) async fn begin(dir: &Path) -> Result<Self, WorldError> {
        let path = dir.join(CHANGES);
        let begun = tokio::fs::try_exists(&path).await.map_err(WorldError::files(&path))?;
        if begun { Err(WorldError::Occupied(dir.to_owned())) } else { Ok(Self { path }) }
    }

    /// Appends one change; it is with the operating system when this returns.
    pub(super) async fn append(&self, change: &Change) -> Result<(), WorldError> {
        let failed = |source| WorldError::Files { path: self.path.clone(), source };
        let line = serde_json::to_string(change).map_err(|e| failed(e.into()))? + "\n";
        let mut log =
            OpenOptions::new().create(true).append(true).open(&self.path).await.map_err(failed)?;
        log.write_all(line.as_bytes()).await.map_err(failed)?;
        log.flush().await.map_err(failed)
    }
}
