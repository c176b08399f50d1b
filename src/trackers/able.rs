//! What a tracker can do, and what it says when it is asked who we are.

use std::time::Duration;

use jiff::SignedDuration;

use super::Account;
use crate::incident::{Notice, Untrusted};

/// What a tracker can do, so that nobody has to ask which one it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// The longest text that it takes, in characters.
    pub max_chars: usize,
    /// What carries the machine part of an entry.
    pub carrier: Carrier,
    /// Whether links between items can be written.
    pub links: bool,
    /// Whether what it tells about an author is evidence of which person it was.
    pub proves_author: bool,
    /// Whether its lists always tell what an item was opened with, so that nothing there means that it was
    /// taken out.
    pub tells_openings: bool,
    /// How long after a write with an unknown outcome a read surely shows it: the client's time-out,
    /// the server's longest work, and the lag of its lists together.
    pub settle: Duration,
}

/// What carries the machine part of an entry; the last line carries its id everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Carrier {
    /// The last line alone.
    Trailer,
    /// Also a hidden Markdown comment as first line, which comes back as it was written.
    Comment,
    /// Also a property beside the text. The connector takes it from the hidden first line when it
    /// writes, and puts it back there when it reads, so that nobody else sees a difference.
    Property,
}

impl Carrier {
    /// Whether a text goes in, and comes back, with a hidden first line.
    pub fn hides_details(self) -> bool {
        match self {
            Self::Trailer => false,
            Self::Comment | Self::Property => true,
        }
    }
}

/// What a tracker says when it is asked who we are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The account behind our token.
    pub account: Account,
    /// What that account may do.
    pub access: Access,
    /// What the tracker calls that part of it which is read, if the settings name it by an id alone.
    pub reads: Option<Untrusted>,
    /// By how much the tracker's clock is ahead of ours, if it tells the time.
    pub skew: Option<SignedDuration>,
    /// What would surprise people later: who can read what is written, what can not be read.
    pub traps: Vec<Notice>,
    /// Whether none of its items can be read yet, where that may mean that they are hidden from us.
    pub is_empty: bool,
    /// Whether it says of itself that it is a look-alike for training and tests.
    pub is_sandbox: bool,
}

impl Probe {
    /// What is known of an account about which the tracker says nothing else.
    pub(crate) fn of(account: Account) -> Self {
        let (access, reads, skew) = (Access::Unknown, None, None);
        Self { account, access, reads, skew, traps: Vec::new(), is_empty: false, is_sandbox: false }
    }
}

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// The tracker does not say.
    Unknown,
    /// Only read.
    Read,
    /// Read and write.
    Write,
}

impl Access {
    /// The words shown.
    pub fn words(self) -> &'static str {
        match self {
            Self::Unknown => "may do what the tracker does not tell",
            Self::Read => "may read only",
            Self::Write => "may read and write",
        }
    }
}
