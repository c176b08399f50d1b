//! The journal: the one way to record.

use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::Notify;

use super::record::{Noted, Row};
use super::writer::Writer;
use super::{Appended, Claimed, History, JournalError, Record, connect, directory};
use crate::incident::{Digest, ProposalId};

/// The local append-only memory; cheap to clone, every clone records in the same place.
///
/// Dropping the last clone waits until everything that was taken is committed.
#[derive(Debug, Clone)]
pub struct Journal(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    history: History,
    writer: Writer,
}

impl Journal {
    /// Opens the journal of a directory for recording, making both if they are missing.
    ///
    /// A second opener is refused with the process id of the first, until that one has ended in whatever
    /// way.
    pub fn open(dir: &Path) -> Result<Self, JournalError> {
        let lock = directory::lock(dir)?;
        let path = directory::database(dir);
        let connection = connect::writer(&path)?;
        let history = History::at(path.clone())?;
        let writer = Writer::start(path, connection, lock)?;
        Ok(Self(Arc::new(Inner { history, writer })))
    }

    /// Opens the journal of a directory for reading only, whether or not a hub runs there.
    pub fn open_readonly(dir: &Path) -> Result<History, JournalError> {
        let path = directory::database(dir);
        if !path.exists() {
            return Err(JournalError::Missing { dir: dir.to_owned() });
        }
        History::at(path)
    }

    /// What was recorded.
    pub fn history(&self) -> &History {
        &self.0.history
    }

    /// Wakes whoever delivers, after something new is owed to a tracker; a wake-up that nobody waited for
    /// is kept.
    pub fn owing(&self) -> &Notify {
        self.0.writer.owing()
    }

    /// Records all of it or nothing, and answers after the commit has reached the disk: one answer for
    /// each record, in order.
    ///
    /// An entry whose key or id is known is not recorded again; an id that is known with other content
    /// fails the whole call with [`JournalError::OtherContent`].
    pub async fn append(&self, records: Vec<Record>) -> Result<Vec<Appended>, JournalError> {
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let rows = records.into_iter().map(Row::of).collect::<Result<_, _>>()?;
        let noted = self.0.writer.call(rows).await?;
        let appended = |noted| match noted {
            Noted::New => Appended::New,
            Noted::Known(entry) | Noted::Taken { entry, .. } => Appended::Known(entry),
        };
        Ok(noted.into_iter().map(appended).collect())
    }

    /// Claims the one permission to run what was approved, by recording the entry that says so; of all
    /// claims of one proposal exactly one is won, and only that one's entry is recorded.
    pub async fn claim(
        &self,
        proposal: ProposalId,
        digest: Digest,
        record: Record,
    ) -> Result<Claimed, JournalError> {
        let noted = self.0.writer.call(vec![Row::claim(proposal, digest, record)?]).await?;
        match noted.into_iter().next() {
            Some(Noted::New) => Ok(Claimed::Won),
            Some(Noted::Taken { at, .. }) => Ok(Claimed::Taken { at }),
            Some(Noted::Known(entry)) => Err(JournalError::OtherContent { entry }),
            None => Err(JournalError::Ended),
        }
    }
}

/// Whoever may record may read.
impl Deref for Journal {
    type Target = History;

    fn deref(&self) -> &History {
        self.history()
    }
}
