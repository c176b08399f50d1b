//! The verdict: what a person answers to a proposal, and how the arbiter settles it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Actor, Canonical, Digest, EntryId, ProposalId, Untrusted};

/// A person's answer, bound to what the person saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// The proposal it answers.
    pub proposal: ProposalId,
    /// The digest that the person saw.
    pub digest: Digest,
    /// The answer.
    pub answer: Answer,
    /// The entries that arrived after the proposal and that the person saw before answering.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acknowledged: Vec<EntryId>,
    /// The target's name as the person typed it, where that is required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typed_target: Option<String>,
}

/// What a person can answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum Answer {
    /// Do exactly this.
    Approve,
    /// One person forces what would need two; loud, and with a reason.
    BreakGlass {
        /// Why it cannot wait.
        reason: Untrusted,
    },
    /// Do this with other arguments.
    EditAndApprove {
        /// The arguments that shall be used.
        args: Canonical,
    },
    /// Do not do it.
    Deny {
        /// Why; it reaches the agent.
        reason: Untrusted,
    },
    /// An answer in words, without a decision.
    Respond {
        /// The words.
        text: Untrusted,
    },
    /// Do it differently.
    Redirect {
        /// How.
        redirect: Redirect,
    },
    /// Not now.
    Defer {
        /// When to ask again.
        until: Timestamp,
    },
}

impl Answer {
    /// The word shown on screens and typed on the command line.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::BreakGlass { .. } => "break-glass",
            Self::EditAndApprove { .. } => "edit-and-approve",
            Self::Deny { .. } => "deny",
            Self::Respond { .. } => "respond",
            Self::Redirect { .. } => "redirect",
            Self::Defer { .. } => "defer",
        }
    }

    /// Whether something would run because of it.
    pub fn lets_run(&self) -> bool {
        matches!(self, Self::Approve | Self::BreakGlass { .. } | Self::EditAndApprove { .. })
    }
}

/// How a person wants it done differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "how", rename_all = "kebab-case")]
pub enum Redirect {
    /// Another partner shall have it.
    Partner {
        /// Its name.
        to: String,
    },
    /// A narrower question.
    Narrow {
        /// The question.
        question: Untrusted,
    },
    /// A further constraint.
    Constrain {
        /// The constraint.
        constraint: Untrusted,
    },
    /// The person does it.
    TakeOver,
}

impl Redirect {
    /// How, in words.
    pub fn words(&self) -> Untrusted {
        match self {
            Self::Partner { to } => format!("sent to {to} instead").into(),
            Self::Narrow { question } => question.clone(),
            Self::Constrain { constraint } => constraint.clone(),
            Self::TakeOver => "taken over".into(),
        }
    }
}

/// How the arbiter settled a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "settled", rename_all = "kebab-case")]
pub enum Settlement {
    /// It may run once, as bound by the digest.
    Approved {
        /// Who approved, in order.
        by: Vec<Actor>,
        /// What may run: the proposal's own digest, or that of the edited arguments.
        digest: Digest,
        /// The edited arguments, if they were edited.
        args: Option<Canonical>,
    },
    /// It shall not run.
    Denied {
        /// Who denied.
        by: Actor,
        /// Why.
        reason: Untrusted,
    },
    /// It shall be done differently.
    Redirected {
        /// Who redirected.
        by: Actor,
        /// How.
        redirect: Redirect,
    },
    /// A question was answered.
    Answered {
        /// Who answered.
        by: Actor,
        /// The answer.
        text: Untrusted,
    },
    /// Nobody answered in time; this is not a denial.
    Expired,
    /// The agent took it back.
    Withdrawn {
        /// Why.
        reason: Untrusted,
    },
    /// Something it rests on changed, or another proposal took its place.
    Superseded {
        /// The proposal that took its place, if any.
        by: Option<ProposalId>,
        /// What changed.
        why: Untrusted,
    },
}

/// A step of carrying out an approved action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "stage", rename_all = "kebab-case")]
pub enum Stage {
    /// The one permission was claimed; written before the call.
    Claimed {
        /// What was claimed.
        digest: Digest,
    },
    /// The call came back.
    Executed {
        /// Whether the executor says that it worked.
        ok: bool,
        /// What the executor says.
        output: Untrusted,
    },
    /// The claim was followed by a crash: whether it ran is not known, and no machine tries again.
    Lost {
        /// What is known.
        detail: Untrusted,
    },
    /// The effect was measured.
    Verified {
        /// Whether it helped.
        helped: Helped,
        /// What was measured.
        measured: Untrusted,
    },
}

/// Whether an action helped, as measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Helped {
    /// The verification query says so.
    Yes,
    /// The verification query says otherwise.
    No,
    /// It could not be measured.
    Unknown,
}
