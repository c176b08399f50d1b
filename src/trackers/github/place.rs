//! Where reading goes on, as GitHub needs it: a moment, and a page.

use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::trackers::{Cursor, TrackerError};

/// How long before the last reading the next one begins: GitHub's moments are whole seconds, and its
/// machines do not agree about them.
const OVERLAP: SignedDuration = SignedDuration::from_secs(2);

/// Where reading issues goes on: with those that changed at this moment or later.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct IssuesPlace {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<Timestamp>,
    /// How many pages of this one moment were read.
    #[serde(default)]
    pub(super) pages: u32,
}

/// Where reading the entries of an issue goes on: comments first, then what happened otherwise.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct EntriesPlace {
    /// Comments are read that changed at this moment or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<Timestamp>,
    /// When this reading began, by GitHub's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) began: Option<Timestamp>,
    /// The newest change of a comment that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) newest: Option<Timestamp>,
    /// How many pages of comments were read in this reading.
    #[serde(default)]
    pub(super) comment_pages: u32,
    /// Whether the comments of this reading are done.
    #[serde(default)]
    pub(super) past_comments: bool,
    /// How many comments' reactions were asked for in this reading.
    #[serde(default)]
    pub(super) reacted: u32,
    /// How many pages of what happened otherwise are full and need not be read again.
    #[serde(default)]
    pub(super) full_pages: u32,
}

impl EntriesPlace {
    /// Where the next reading begins, after this one is done.
    pub(super) fn next_reading(self) -> Self {
        // Whatever changed after the reading began is read again; so is what another clock might hide.
        let from = match (self.began, self.newest) {
            (Some(began), Some(newest)) => Some(began.min(newest)),
            (_, newest) => newest,
        };
        let from = from.map(|from| from.checked_sub(OVERLAP).unwrap_or(from));
        let (since, newest) = (from.or(self.since), self.newest);
        Self { since, newest, full_pages: self.full_pages, ..Self::default() }
    }
}

/// Reads a cursor of ours.
pub(super) fn read<T: DeserializeOwned + Default>(cursor: &Cursor) -> Result<T, TrackerError> {
    if cursor.as_str().is_empty() {
        return Ok(T::default());
    }
    serde_json::from_str(cursor.as_str()).map_err(|error| TrackerError::Broken {
        why: format!("the place where reading goes on is none: {error}"),
    })
}

/// Writes a cursor of ours.
pub(super) fn write<T: Serialize>(place: &T) -> Result<Cursor, TrackerError> {
    serde_json::to_string(place)
        .map(Cursor::from)
        .map_err(|error| TrackerError::Broken { why: error.to_string() })
}
