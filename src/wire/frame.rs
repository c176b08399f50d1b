//! The feed: what a hub streams to cockpits and agents, in one order.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::incident::{Actor, Digest, Entry, EntryId, ExchangeEvent, Part, RunId};

/// One thing that a hub tells whoever follows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Frame {
    /// The run of the hub that sent it; absent in what was told before runs had names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// Counts the frames of one run of a hub from 1, without gaps.
    pub seq: u64,
    /// When the hub sent it.
    pub at: Timestamp,
    /// What it tells.
    pub event: FeedEvent,
}

/// What a hub can tell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "tells", rename_all = "kebab-case")]
pub enum FeedEvent {
    /// An entry was recorded; never dropped.
    EntryArrived {
        /// The entry.
        entry: Box<Entry>,
    },
    /// Something happened on the direct channel.
    ExchangeMoved {
        /// What.
        event: Box<ExchangeEvent>,
    },
    /// An entry came closer to a tracker, or was held up.
    DeliveryMoved {
        /// What moved.
        delivery: Delivery,
    },
    /// A tracker can be read differently than before.
    TrackerMoved {
        /// How it stands now.
        tracker: TrackerStanding,
    },
    /// Which gates are armed and who can be reached.
    GatesChanged {
        /// The gates.
        gates: Gates,
    },
    /// Frames were left out because the follower was too slow; the journal still has the entries.
    FramesMissed {
        /// How many.
        count: u64,
    },
}

/// What an entry still has to go through on its way to one tracker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Delivery {
    /// The entry.
    pub entry: EntryId,
    /// The configured name of the tracker.
    pub tracker: String,
    /// How far it is.
    pub stage: DeliveryStage,
}

/// One text of an entry as a tracker was to get it, by which it is recognised there: whoever looks for it may
/// write texts in another way by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Posted {
    /// Which text of the entry it is; `1/1` if it has only this one.
    pub part: Part,
    /// What it says.
    pub version: Digest,
}

/// How far an entry is on its way to one tracker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "stage", rename_all = "kebab-case")]
pub enum DeliveryStage {
    /// Recorded here, not yet there.
    Owed {
        /// When it is tried again, if it was tried before.
        retry_at: Option<Timestamp>,
        /// Why it is not there yet, if it was tried before.
        why: Option<String>,
    },
    /// Committed to being sent; the first byte may have left.
    Sending {
        /// What is sent; `None` in what was recorded before this was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<Posted>,
    },
    /// Sent, and whether it arrived is not known; read back before it is sent again.
    Ambiguous {
        /// When it is read back.
        settle_at: Timestamp,
    },
    /// It stands there.
    Written {
        /// The tracker's own id of it.
        remote: String,
    },
    /// The tracker refuses it; a person must look.
    Parked {
        /// What the tracker said.
        why: String,
    },
    /// A person gave it up: it will not stand there.
    Dropped {
        /// Why.
        why: String,
    },
}

impl DeliveryStage {
    /// Whether nothing is left to do, by a machine or by a person.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Written { .. } | Self::Dropped { .. })
    }

    /// The word shown on screens.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Owed { .. } => "owed",
            Self::Sending { .. } => "sending",
            Self::Ambiguous { .. } => "settling",
            Self::Written { .. } => "written",
            Self::Parked { .. } => "parked",
            Self::Dropped { .. } => "dropped",
        }
    }
}

/// How a tracker stands, as far as reading it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TrackerStanding {
    /// The configured name of the tracker.
    pub name: String,
    /// Whether it can be read.
    pub reach: Reach,
    /// By how many seconds its clock is ahead of the hub's, if that is worth a word.
    pub skew_s: Option<i64>,
    /// What would surprise people: who cannot decide there and why, what cannot be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

/// Whether a tracker can be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "reach", rename_all = "kebab-case")]
pub enum Reach {
    /// What is shown of it is what it holds.
    Current {
        /// Since when.
        since: Timestamp,
    },
    /// It answers, and more slowly than it changes: what is shown of it is old.
    Lagging {
        /// Since when.
        since: Timestamp,
        /// Why.
        why: String,
    },
    /// It cannot be read; what is shown of it is old.
    Unreachable {
        /// Since when.
        since: Timestamp,
        /// Why.
        why: String,
    },
}

impl Reach {
    /// The word shown on screens.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Current { .. } => "current",
            Self::Lagging { .. } => "lagging",
            Self::Unreachable { .. } => "unreachable",
        }
    }

    /// Since when it stands like this.
    pub fn since(&self) -> Timestamp {
        match self {
            Self::Current { since }
            | Self::Lagging { since, .. }
            | Self::Unreachable { since, .. } => *since,
        }
    }
}

/// What a hub says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gates {
    /// The hub's own name.
    pub hub: String,
    /// Whether every dispatch is parked.
    pub halted: bool,
    /// The people who could answer a proposal now.
    pub people: Vec<Actor>,
    /// The trackers that entries are written to, with what they are: `local`, `sandbox`, …
    pub trackers: Vec<String>,
    /// The partners that can be called.
    pub partners: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_from_before_runs_had_names_is_still_read() {
        let line =
            r#"{"seq":3,"at":"2026-11-20T14:00:00Z","event":{"tells":"frames-missed","count":1}}"#;
        let frame: Frame = serde_json::from_str(line).unwrap();
        assert_eq!(frame.run, None);
        assert_eq!(serde_json::to_string(&frame).unwrap(), line);
    }
}
