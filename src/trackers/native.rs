//! What trackers hold, in words that fit them all; the tracker's own JSON is kept beside it.

use std::fmt;

use jiff::Timestamp;
use serde_json::Value;

use crate::incident::{EntryId, Untrusted, decode};
use crate::settings::Visibility;

/// The tracker's own id of an item: an issue number, an incident id, a key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId(String);

impl ItemId {
    /// The id as the tracker writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for ItemId {
    fn from(id: String) -> Self {
        Self(id)
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where reading goes on; only the tracker that made it understands it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Cursor(String);

impl Cursor {
    /// The cursor's own text, to store it; empty at the beginning.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Cursor {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// Some of what a tracker holds, the oldest of each kind first.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// What it holds.
    pub found: Vec<T>,
    /// Where to go on, now or later.
    pub next: Cursor,
    /// Whether there was nothing more when it was read.
    pub complete: bool,
    /// How the ids begin of which not all were asked for: none of those that do not come is missing.
    pub unread: Vec<&'static str>,
}

/// What kind of being a tracker says stands behind an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountKind {
    /// A person.
    Human,
    /// An app, an agent, or an integration.
    Bot,
    /// The tracker itself or a monitoring system.
    Service,
    /// The tracker does not say.
    Unknown,
}

impl AccountKind {
    /// The word stored and shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Bot => "bot",
            Self::Service => "service",
            Self::Unknown => "unknown",
        }
    }

    /// The kind that a word names; other words are unknown.
    pub fn from_word(word: &str) -> Self {
        let kinds = [Self::Human, Self::Bot, Self::Service];
        kinds.into_iter().find(|kind| kind.word() == word).unwrap_or(Self::Unknown)
    }
}

/// An account, as a tracker knows it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Account {
    /// The tracker's immutable id of it; the only part that identifies.
    pub id: String,
    /// What stands behind it.
    pub kind: AccountKind,
    /// The name that it shows.
    pub name: Untrusted,
}

/// What a tracker calls an incident.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its id.
    pub id: ItemId,
    /// Its title.
    pub title: Untrusted,
    /// What was written when it was opened.
    pub text: Untrusted,
    /// Who opened it.
    pub author: Account,
    /// Where it stands.
    pub status: ItemStatus,
    /// When it was opened.
    pub created: Timestamp,
    /// When anything about it last changed, if the tracker says; its entries count.
    pub updated: Option<Timestamp>,
    /// Where people see it; shown only, never fetched.
    pub url: Option<Untrusted>,
    /// What the tracker really said.
    pub raw: Value,
}

/// Where an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ItemStatus {
    /// Somebody must still do something.
    Open,
    /// It is over.
    Closed,
}

impl ItemStatus {
    /// The word stored and shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

/// An item that is about to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewItem {
    /// Its title.
    pub title: String,
    /// Its first text, with our id in it.
    pub text: String,
}

impl NewItem {
    /// The id in its text.
    pub fn id(&self) -> Option<EntryId> {
        decode(&self.text.as_str().into()).map(|found| found.trailer.id)
    }
}

/// What a native entry is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum NativeKind {
    /// A comment or a note, which alone can carry an entry of ours or a command.
    Text,
    /// Somebody opened or closed the item.
    Status(ItemStatus),
    /// Somebody changed where the item stands, and neither opened nor closed it: acknowledged, on hold.
    Moved,
    /// Somebody reacted to an entry, or to the item itself.
    Reaction {
        /// The tracker's id of the entry; `None` for the item.
        to: Option<String>,
    },
    /// The tracker's own way for an agent to propose and a person to answer.
    Suggestion,
    /// Somebody removed an entry, and the tracker tells.
    Removal,
    /// Anything else that the tracker tells: a label, an assignment, a link.
    Other,
}

/// An entry as a tracker holds it: a comment, a note, or what the tracker noted itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Native {
    /// The tracker's id of it, which no other entry of the item has.
    pub remote: String,
    /// What it is.
    pub kind: NativeKind,
    /// Who wrote or did it, by the tracker's word.
    pub author: Account,
    /// When it was written.
    pub created: Timestamp,
    /// When it was last changed, if the tracker says and it was.
    pub updated: Option<Timestamp>,
    /// What it says now; for everything but a text, a few words for people.
    pub text: Untrusted,
    /// Who can see it.
    pub visibility: Visibility,
    /// Where people see it; shown only, never fetched.
    pub url: Option<Untrusted>,
    /// What the tracker really said.
    pub raw: Value,
}

/// What a tracker says of how a text came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Vouched {
    /// Its author wrote it there, as it stands, as far as the tracker can tell.
    FirstHand,
    /// It was changed since it was written.
    Edited {
        /// Who did, if the tracker says: a name to show, which proves nothing.
        by: Option<Untrusted>,
    },
    /// It came by e-mail, which proves only that somebody held a mail to answer.
    Mailed,
    /// The tracker does not say, and will not when it is asked again.
    Unsaid {
        /// Why not.
        why: String,
    },
}

impl Vouched {
    /// What an entry says by itself.
    pub fn by(native: &Native) -> Self {
        match native.updated {
            Some(_) => Self::Edited { by: None },
            None => Self::FirstHand,
        }
    }
}

/// How an append ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// It stands there.
    Stored {
        /// The tracker's id of it.
        remote: String,
    },
    /// It was taken, without saying where it stands.
    Accepted,
    /// It was not taken and never will be; a person must look.
    Rejected {
        /// What the tracker said.
        why: String,
    },
    /// Whether it arrived is not known.
    Unknown {
        /// What happened.
        why: String,
    },
}

/// How opening an item ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// It is open.
    Stored {
        /// Its id.
        item: ItemId,
    },
    /// It was not opened and never will be; a person must look.
    Rejected {
        /// What the tracker said.
        why: String,
    },
    /// Whether it was opened is not known.
    Unknown {
        /// What happened.
        why: String,
    },
}
