//! What people do in a running sandbox, as it is said to its door.

use serde::{Deserialize, Serialize};

use super::fault::FaultLine;
use super::vendor::Vendor;

/// Something that somebody does in the sandbox.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SandboxAct {
    /// Lists what a look-alike holds.
    Items {
        /// Which.
        vendor: Vendor,
    },
    /// Writes a comment, as somebody types it into the tracker's own page.
    Comment {
        /// In which look-alike.
        vendor: Vendor,
        /// On which item, by the name that people know it by.
        item: String,
        /// Who writes it.
        login: String,
        /// What it says.
        text: String,
    },
    /// Writes a comment, as somebody answers the mail that told of the item.
    Mail {
        /// In which look-alike.
        vendor: Vendor,
        /// On which item, by the name that people know it by.
        item: String,
        /// Whose mail it is.
        login: String,
        /// What it says.
        text: String,
    },
    /// Changes a comment.
    Edit {
        /// Its number in the sandbox.
        note: u64,
        /// Who changes it.
        login: String,
        /// What it says from now on.
        text: String,
    },
    /// Removes a comment.
    Remove {
        /// Its number in the sandbox.
        note: u64,
        /// Who removes it.
        login: String,
    },
    /// Moves an item to a state, in the tracker's own word for it.
    Move {
        /// In which look-alike.
        vendor: Vendor,
        /// Which item.
        item: String,
        /// Who moves it.
        login: String,
        /// Where to.
        state: String,
    },
    /// Lets something go wrong.
    Fault {
        /// In which look-alike.
        vendor: Vendor,
        /// What, and how often.
        line: FaultLine,
    },
    /// Lets nothing go wrong any more.
    Mend {
        /// In which look-alike.
        vendor: Vendor,
    },
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "done", rename_all = "kebab-case")]
pub enum SandboxDone {
    /// What there is.
    Items {
        /// The items, oldest first.
        items: Vec<SandboxItem>,
    },
    /// A comment stands there.
    Written {
        /// Its number in the sandbox.
        note: u64,
    },
    /// It is done.
    Done,
    /// It is not done.
    Refused {
        /// Why not.
        why: String,
    },
}

/// An item, as the sandbox lists it for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxItem {
    /// Which look-alike holds it.
    pub vendor: Vendor,
    /// What that tracker calls it.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Where it stands, in the tracker's own word.
    pub state: String,
    /// Its notes, oldest first.
    pub notes: Vec<SandboxNote>,
}

/// A note, as the sandbox lists it for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxNote {
    /// Its number in the sandbox, by which it is edited and removed.
    pub number: u64,
    /// The login of whoever wrote it.
    pub by: String,
    /// What it says.
    pub text: String,
    /// Whether only the team sees it.
    pub is_internal: bool,
}
