//! Whether the file of the journal is whole.

use super::history::text;
use super::{History, JournalError};

impl History {
    /// Reads the whole file and compares what must agree; a large journal takes seconds.
    pub fn check(&self) -> Result<(), JournalError> {
        self.read(|db| {
            let mut question = db.prepare("PRAGMA quick_check(1)")?;
            let mut rows = question.query([])?;
            let found = rows.next()?.map(|row| text(row, 0).map(str::to_owned)).transpose()?;
            match found.as_deref() {
                Some("ok") | None => Ok(()),
                Some(cause) => Err(JournalError::Corrupt { cause: cause.to_owned() }),
            }
        })
    }
}
