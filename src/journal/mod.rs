//! The local append-only memory: entries seen, entries owed, and the search index.
//!
//! A [`Journal`] records; its interface knows no change and no removal, and triggers in the database
//! refuse both. It answers only after the commit has reached the disk. A [`History`] reads, beside the
//! hub that writes, in the same process or in another. What is owed to trackers is append-only too: the
//! latest row for an entry and a tracker is how far it is.
//!
//! One directory has one journal, and one process that writes it.

mod append;
mod connect;
mod directory;
mod error;
mod history;
mod integrity;
mod outbox;
mod places;
mod record;
mod schema;
mod search;
#[cfg(test)]
mod tests;
mod words;
mod write;
mod writer;

pub use append::Journal;
pub use error::JournalError;
pub use history::{Cursor, History, Page};
pub use outbox::{Owed, Unpaid};
pub use places::Linked;
pub use record::{Appended, Claimed, Record};
