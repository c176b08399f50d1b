//! The proposal: what an agent asks of a person, bound by a digest to what would really run.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Actor, Canonical, Digest, EntryId, HandoffContext, HandoffId, ProposalId, Untrusted};

/// How dangerous an action is; higher is worse.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// Changes nothing.
    Read,
    /// Changes something trivial to undo.
    Low,
    /// Changes production in a way that is undone easily.
    Medium,
    /// Changes production in a way that people may feel.
    High,
    /// May lose data or take production down.
    Critical,
}

impl Risk {
    /// The word shown on screens and in settings.
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// A request to a person, immutable once made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Proposal {
    /// What is asked.
    pub ask: Ask,
    /// The request in one line, in the agent's words.
    pub title: Untrusted,
    /// Why, in the agent's words; never part of what is approved.
    pub rationale: Untrusted,
    /// The entries it rests on.
    pub evidence: Vec<EntryId>,
    /// What a verdict binds to; see [`Ask::digest`].
    pub digest: Digest,
    /// What the agent says about the risk.
    pub claimed_risk: Risk,
    /// The higher of what the agent says and what policy says.
    pub risk: Risk,
    /// Why policy asks a person.
    pub basis: Basis,
    /// What it takes to approve it.
    pub required: Required,
    /// When a second person is called, if nobody has answered.
    pub respond_by: Timestamp,
    /// From when it can no longer be approved.
    pub expires: Timestamp,
    /// The proposal that it replaces, if any.
    pub supersedes: Option<ProposalId>,
}

/// What is asked of a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "ask", rename_all = "kebab-case")]
pub enum Ask {
    /// May this run?
    Action(Box<Remedy>),
    /// May this part of the investigation move to another deployment?
    Handoff {
        /// The handoff that waits for the answer.
        handoff: HandoffId,
        /// The partner that would receive it.
        to: String,
        /// What would be sent.
        context: Box<HandoffContext>,
    },
    /// A question that only a person can answer.
    Question {
        /// The question.
        question: Untrusted,
    },
    /// May the incident be closed?
    Close {
        /// What the closing note would say.
        summary: Untrusted,
    },
}

impl Ask {
    /// The word shown on screens.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Action(_) => "action",
            Self::Handoff { .. } => "handoff",
            Self::Question { .. } => "question",
            Self::Close { .. } => "close",
        }
    }

    /// What a verdict binds to: for an action the verb, target, arguments, and tool schema; for a
    /// handoff the receiver and everything sent; else the text.
    pub fn digest(&self) -> Digest {
        match self {
            Self::Action(remedy) => remedy.digest(),
            Self::Handoff { to, context, .. } => {
                // Plain names, texts, and lists: serialising them cannot fail.
                let context = serde_json::to_vec(context).unwrap_or_default();
                Digest::of("handoff", &[to.as_bytes(), &context])
            }
            Self::Question { question } => {
                Digest::of("question", &[question.for_storage().as_bytes()])
            }
            Self::Close { summary } => Digest::of("close", &[summary.for_storage().as_bytes()]),
        }
    }

    /// What somebody types to show that they read it: the resource of an action, the receiver of a
    /// handoff.
    pub fn target_name(&self) -> Option<&str> {
        match self {
            Self::Action(remedy) => Some(&remedy.target.resource),
            Self::Handoff { to, .. } => Some(to),
            Self::Question { .. } | Self::Close { .. } => None,
        }
    }
}

/// An action on production, exactly as it would run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Remedy {
    /// What is done, such as `rollback`.
    pub verb: String,
    /// What it is done to.
    pub target: Target,
    /// The arguments, as the bytes that will be sent.
    pub args: Canonical,
    /// Digest of the schema of the tool that will run it.
    pub tool_schema: Digest,
    /// What it would do, as found out beforehand.
    pub preview: Preview,
    /// What it means for users and for the way back.
    pub effects: Effects,
    /// How to undo it.
    pub rollback: Option<Untrusted>,
    /// How it will be measured whether it helped.
    pub verify: Verification,
}

impl Remedy {
    /// Binds verb, target, arguments, and tool schema; a change to any of them is another digest.
    pub fn digest(&self) -> Digest {
        let Target { system, resource, environment } = &self.target;
        let parts = [
            self.verb.as_bytes(),
            system.as_bytes(),
            resource.as_bytes(),
            environment.as_bytes(),
            self.args.as_str().as_bytes(),
            &self.tool_schema.bytes(),
        ];
        Digest::of("proposal", &parts)
    }
}

/// What an action is done to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// The system that carries it out.
    pub system: String,
    /// The thing that changes.
    pub resource: String,
    /// Where it stands, such as `production`.
    pub environment: String,
}

/// What an action would do, as found out before asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "preview", rename_all = "kebab-case")]
pub enum Preview {
    /// A unified difference of what would change.
    Diff {
        /// The difference.
        text: Untrusted,
    },
    /// The output of a rehearsal that changed nothing.
    DryRun {
        /// The output.
        text: Untrusted,
    },
    /// What the affected resources look like now.
    Query {
        /// The answer.
        text: Untrusted,
    },
    /// Nothing could be found out beforehand, and why.
    Unavailable {
        /// The reason.
        reason: Untrusted,
    },
}

/// What an action means for users and for the way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Effects {
    /// Whether it can be undone.
    pub reversible: bool,
    /// Who or what feels it.
    pub blast_radius: Untrusted,
    /// How long users are without the service, in seconds; 0 is none.
    pub downtime_s: u32,
}

/// How it is measured whether an action helped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verification {
    /// The query whose value is measured.
    pub query: String,
    /// What the value must be.
    pub expect: Expectation,
    /// How long after the action the measuring begins, in seconds.
    pub after_s: u32,
    /// How long the value must hold, in seconds.
    pub hold_s: u32,
}

/// What a measured value must be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Expectation {
    /// Below this.
    Below(f64),
    /// Above this.
    Above(f64),
}

impl Expectation {
    /// Whether a measured value is as expected; a value that is not a number never is.
    pub fn holds(self, value: f64) -> bool {
        match self {
            Self::Below(limit) => value < limit,
            Self::Above(limit) => value > limit,
        }
    }
}

impl std::fmt::Display for Expectation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Below(limit) => write!(f, "below {limit}"),
            Self::Above(limit) => write!(f, "above {limit}"),
        }
    }
}

/// The rule of the policy that applies, and its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Basis {
    /// The name of the rule.
    pub rule: String,
    /// What it says.
    pub text: String,
}

/// What it takes to approve a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Required {
    /// How many different people.
    pub approvers: u8,
    /// A role that every one of them must have; empty means any person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Who may not be among them: the proposer, and whoever redirected it to this form.
    pub not: Vec<Actor>,
    /// Whether they type the target's name.
    pub typed_target: bool,
    /// Whether one person may force it with a reason.
    pub break_glass: bool,
}
