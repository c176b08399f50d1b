//! The handoff: moving a part of an investigation to another agent deployment, and back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{EntryId, IncidentId, Severity, Untrusted};

/// Most deployments that one handoff may pass through.
pub const MOST_HOPS: usize = 5;

/// The version of the payload that this build writes.
pub const PAYLOAD_VERSION: u32 = 1;

/// What moves with a handoff; the published payload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HandoffContext {
    /// The version of this shape.
    pub version: u32,
    /// The sender's incident.
    pub incident: IncidentId,
    /// The incident in one line.
    pub title: Untrusted,
    /// What is known so far.
    pub summary: Untrusted,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about: services, databases, hosts.
    pub resources: Vec<Untrusted>,
    /// What is known, each with where it can be read.
    pub evidence: Vec<EvidenceLink>,
    /// What was tried, with its outcome.
    pub tried: Vec<Untrusted>,
    /// What nobody knows yet.
    pub open_questions: Vec<Untrusted>,
    /// What the receiver is asked to find out.
    pub question: Untrusted,
    /// What the receiver must keep to.
    pub constraints: Vec<Untrusted>,
    /// The deployments that it passed through, sender first.
    pub path: Vec<String>,
    /// Where the result goes.
    pub return_to: String,
}

/// A piece of evidence that moves with a handoff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceLink {
    /// The sender's entry.
    pub entry: EntryId,
    /// Digest of its text.
    pub digest: super::Digest,
    /// What it says.
    pub excerpt: Untrusted,
    /// Where it stands in a tracker, if it does.
    pub link: Option<Untrusted>,
}

/// Why a handoff may not be sent on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HopError {
    /// The receiver had it before.
    #[error("{to} had this investigation before: {path}")]
    Loop {
        /// The receiver.
        to: String,
        /// The way so far.
        path: String,
    },
    /// It passed through too many deployments.
    #[error("the investigation passed through {MOST_HOPS} deployments already: {path}")]
    TooFar {
        /// The way so far.
        path: String,
    },
}

impl HandoffContext {
    /// Adds the sending deployment to the way, refusing loops and more than [`MOST_HOPS`] hops.
    pub fn hop(mut self, from: &str, to: &str) -> Result<Self, HopError> {
        self.path.push(from.to_owned());
        self.may_go(to)?;
        Ok(self)
    }

    /// Refuses a receiver that had it before, and any after [`MOST_HOPS`] hops.
    pub fn may_go(&self, to: &str) -> Result<(), HopError> {
        let path = || self.path.join(" → ");
        if self.path.iter().any(|hop| hop == to) {
            return Err(HopError::Loop { to: to.to_owned(), path: path() });
        }
        if self.path.len() > MOST_HOPS {
            return Err(HopError::TooFar { path: path() });
        }
        Ok(())
    }
}

/// What comes back from a handoff.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HandoffResult {
    /// The answer.
    pub conclusion: Untrusted,
    /// What was found, most telling first.
    pub findings: Vec<Untrusted>,
    /// What the receiver would do.
    pub recommended: Vec<Untrusted>,
    /// How sure it is, in percent.
    pub confidence_percent: u8,
    /// Where its own record stands.
    pub link: Option<Untrusted>,
}

/// A step of a handoff; each is one entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum HandoffStep {
    /// An agent offers it.
    Offered {
        /// The receiver.
        to: String,
        /// What moves.
        context: Box<HandoffContext>,
    },
    /// A person lets it go ahead.
    Approved,
    /// A person sends it elsewhere, or changes what is asked.
    Redirected {
        /// The receiver from now on.
        to: String,
        /// What moves from now on.
        context: Box<HandoffContext>,
    },
    /// A person takes the investigation over.
    TakenOver,
    /// A person refuses it.
    Refused {
        /// Why.
        reason: Untrusted,
    },
    /// The receiver has it.
    Accepted,
    /// The receiver does not want it.
    Declined {
        /// Why.
        reason: Untrusted,
    },
    /// The receiver says what it is doing.
    Working {
        /// What.
        note: Untrusted,
    },
    /// The result is back.
    Returned {
        /// The result.
        result: Box<HandoffResult>,
    },
    /// It broke off.
    Failed {
        /// Why.
        reason: Untrusted,
    },
    /// Nobody answered in time.
    Expired,
    /// The sender takes it back from a receiver that it was redirected away from.
    Withdrawn {
        /// The receiver that loses it.
        from: String,
    },
}

/// Where a handoff stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names are those of the steps that lead there")]
pub enum HandoffState {
    Offered,
    Approved,
    Redirected,
    TakenOver,
    Refused,
    Accepted,
    Declined,
    Working,
    Returned,
    Failed,
    Expired,
}

impl HandoffState {
    /// Whether nothing can follow.
    pub fn is_over(self) -> bool {
        matches!(
            self,
            Self::TakenOver
                | Self::Refused
                | Self::Declined
                | Self::Returned
                | Self::Failed
                | Self::Expired
        )
    }

    /// The word shown on screens.
    pub fn word(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Approved => "approved",
            Self::Redirected => "redirected",
            Self::TakenOver => "taken over",
            Self::Refused => "refused",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Working => "working",
            Self::Returned => "returned",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }

    /// The state after a step, or `None` if the step cannot follow this state.
    pub(super) fn after(self, step: &HandoffStep) -> Option<Self> {
        use HandoffStep as Step;
        let waiting = matches!(self, Self::Offered | Self::Approved | Self::Redirected);
        let running = matches!(self, Self::Accepted | Self::Working);
        match step {
            Step::Offered { .. } => None,
            Step::Approved => (self == Self::Offered).then_some(Self::Approved),
            Step::Redirected { .. } => (!self.is_over()).then_some(Self::Redirected),
            Step::TakenOver => (!self.is_over()).then_some(Self::TakenOver),
            Step::Refused { .. } => waiting.then_some(Self::Refused),
            Step::Accepted => waiting.then_some(Self::Accepted),
            Step::Declined { .. } => waiting.then_some(Self::Declined),
            Step::Working { .. } => running.then_some(Self::Working),
            Step::Returned { .. } => running.then_some(Self::Returned),
            Step::Failed { .. } => (!self.is_over()).then_some(Self::Failed),
            Step::Expired => waiting.then_some(Self::Expired),
            Step::Withdrawn { .. } => (!self.is_over()).then_some(self),
        }
    }
}
