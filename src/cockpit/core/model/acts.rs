//! What the person sent, and how far it truly is.

use std::time::Duration;

use jiff::Timestamp;

use crate::incident::{EntryId, IncidentId, Notice, ProposalId};
use crate::wire::Command;

/// How long a command can be taken back before it leaves the cockpit.
pub const RECALL: Duration = Duration::from_secs(5);

/// Names a question to the hub, so that its answer finds back; counts from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct AskId(pub u64);

/// One act of the person on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    /// Its name.
    pub ask: AskId,
    /// The act in our own words, such as `approve rollback checkout-pool`.
    pub what: String,
    /// The incident that it belongs to, if it belongs to one.
    pub incident: Option<IncidentId>,
    /// The proposal that it answers, if it answers one.
    pub proposal: Option<ProposalId>,
    /// When the person sent it, on the wall clock.
    pub at: Timestamp,
    /// What leaves, or left.
    pub command: Box<Command>,
    /// How far it is.
    pub stage: ActStage,
}

/// How far an act of the person is. What follows `Journaled` — owed, written — is in
/// [`Deliveries`](super::Deliveries).
#[derive(Debug, Clone, PartialEq)]
pub enum ActStage {
    /// It has not left; `u` takes it back.
    Held {
        /// When it leaves, on the wall clock.
        until: Timestamp,
    },
    /// It left; the hub has not answered.
    Sent {
        /// When, on the wall clock.
        at: Timestamp,
    },
    /// The hub recorded it on disk.
    Journaled {
        /// The entry that carries it, if it made one.
        entry: Option<EntryId>,
        /// What the hub said of it, such as `1 more approver needed`.
        note: Option<String>,
    },
    /// The hub refused it, or did not answer; nothing may be assumed to have happened.
    Refused(Notice),
    /// It was taken back before it left, by the person or because what was seen changed.
    Recalled {
        /// Why, if not by the person.
        why: Option<String>,
    },
}

impl ActStage {
    /// The word shown on screens.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Held { .. } => "held",
            Self::Sent { .. } => "sent",
            Self::Journaled { .. } => "journaled",
            Self::Refused(_) => "refused",
            Self::Recalled { .. } => "recalled",
        }
    }

    /// Whether nothing more will happen to it here.
    pub fn is_over(&self) -> bool {
        match self {
            Self::Held { .. } | Self::Sent { .. } => false,
            Self::Journaled { .. } | Self::Refused(_) | Self::Recalled { .. } => true,
        }
    }
}
