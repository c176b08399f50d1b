//! What happened in the sandbox, for the webhooks that tell it.

use jiff::Timestamp;

use super::item::{Item, Note, Who};

/// Something that a tracker tells its webhooks.
#[derive(Debug, Clone)]
pub(super) struct Happening {
    pub(super) what: What,
    /// The item as it stands afterwards, without its notes.
    pub(super) item: Item,
    /// The note that it is about.
    pub(super) note: Option<Note>,
    pub(super) by: Who,
    pub(super) at: Timestamp,
}

/// What happened to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Opened,
    Moved,
    Noted,
    Edited,
    Removed,
}
