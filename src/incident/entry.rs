//! The entry: one immutable record on an incident, and everything it can say.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Actor, Digest, EntryId, HandoffId, HandoffStep, IncidentId, IncidentStatus, Proposal,
    ProposalId, Settlement, Severity, Stage, Untrusted, Verdict,
};

/// One immutable record on an incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// Names the entry everywhere; minted before it is first sent.
    pub id: EntryId,
    /// The incident it belongs to.
    pub incident: IncidentId,
    /// Who wrote it, as established by the hub or the tracker.
    pub actor: Actor,
    /// When its author wrote it.
    pub at: Timestamp,
    /// When this hub first saw it.
    pub first_seen: Timestamp,
    /// What it says, for machines.
    pub body: Body,
    /// What it says, for people.
    pub text: Untrusted,
    /// The entries it rests on or answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refs: Vec<EntryId>,
    /// Where copies of it stand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<Origin>,
}

impl Entry {
    /// The trackers in which it stands more than once, with how often. The parts of a long text are no
    /// copies of one another: each has words of its own.
    pub fn doubled(&self) -> BTreeMap<&str, usize> {
        let mut copies: BTreeMap<(&str, Digest), usize> = BTreeMap::new();
        // Hardly any entry stands anywhere twice, and this is asked with every frame.
        for origin in self.origins.iter().filter(|_| self.origins.len() > 1) {
            *copies.entry((&origin.tracker, origin.version)).or_default() += 1;
        }
        let mut doubled = BTreeMap::new();
        for ((tracker, _), count) in copies.into_iter().filter(|(_, count)| *count > 1) {
            let most: &mut usize = doubled.entry(tracker).or_default();
            *most = count.max(*most);
        }
        doubled
    }
}

/// One place where a copy of an entry stands.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Origin {
    /// The configured name of the tracker.
    pub tracker: String,
    /// The tracker's own id of the item.
    pub item: String,
    /// The tracker's own id of the comment or note.
    pub remote: String,
    /// Digest of the text as first seen there.
    pub version: Digest,
}

/// What an entry says, for machines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Body {
    /// Something was measured to be wrong, or right again.
    Alert(Alert),
    /// What an agent or a person found out.
    Finding(Finding),
    /// What a finding rests on.
    Evidence(Evidence),
    /// A step of carrying out an action.
    Action(Action),
    /// A request to a person.
    Proposal(Box<Proposal>),
    /// A person's answer to a proposal.
    Verdict(Verdict),
    /// Free text.
    Comment,
    /// A step of a handoff.
    Handoff(Handed),
    /// A change of where the incident, or a decision, stands.
    Status(Status),
    /// How the incident ended.
    Resolution(Resolution),
    /// Something about an earlier entry changed.
    Correction(Correction),
}

/// The kinds of entry, as trailers and filters name them.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each is documented where its body is")]
pub enum Kind {
    Alert,
    Finding,
    Evidence,
    Action,
    Proposal,
    Verdict,
    Comment,
    Handoff,
    Status,
    Resolution,
    Correction,
}

impl Kind {
    /// Every kind, in the order in which an incident usually meets them.
    pub const ALL: [Self; 11] = [
        Self::Alert,
        Self::Finding,
        Self::Evidence,
        Self::Action,
        Self::Proposal,
        Self::Verdict,
        Self::Comment,
        Self::Handoff,
        Self::Status,
        Self::Resolution,
        Self::Correction,
    ];

    /// The word used in trailers, filters, and on screens.
    pub fn word(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Finding => "finding",
            Self::Evidence => "evidence",
            Self::Action => "action",
            Self::Proposal => "proposal",
            Self::Verdict => "verdict",
            Self::Comment => "comment",
            Self::Handoff => "handoff",
            Self::Status => "status",
            Self::Resolution => "resolution",
            Self::Correction => "correction",
        }
    }

    /// The kind that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

impl Body {
    /// The kind of entry this is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Alert(_) => Kind::Alert,
            Self::Finding(_) => Kind::Finding,
            Self::Evidence(_) => Kind::Evidence,
            Self::Action(_) => Kind::Action,
            Self::Proposal(_) => Kind::Proposal,
            Self::Verdict(_) => Kind::Verdict,
            Self::Comment => Kind::Comment,
            Self::Handoff(_) => Kind::Handoff,
            Self::Status(_) => Kind::Status,
            Self::Resolution(_) => Kind::Resolution,
            Self::Correction(_) => Kind::Correction,
        }
    }
}

/// Something that was measured to be wrong, or right again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Alert {
    /// What is wrong, in one line.
    pub title: Untrusted,
    /// How bad it is.
    pub severity: Severity,
    /// What it is wrong with.
    pub service: Untrusted,
    /// The sender's key for one continuing problem.
    pub dedup_key: String,
    /// Whether it is still wrong.
    pub firing: bool,
    /// The labels of the alert, sorted by name.
    pub labels: std::collections::BTreeMap<String, Untrusted>,
}

/// What was found out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The hypothesis it bears on, if any.
    pub hypothesis: Option<Hypothesis>,
    /// How sure its author is, in percent.
    pub confidence_percent: Option<u8>,
}

/// A possible cause and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hypothesis {
    /// A stable short name, such as `pool-exhausted`.
    pub name: String,
    /// What it claims, in one sentence.
    pub claim: Untrusted,
    /// Where it stands after this finding.
    pub standing: Standing,
}

/// Where a hypothesis stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Nothing speaks for or against it yet.
    Open,
    /// Evidence speaks for it.
    Strengthened,
    /// Evidence speaks against it.
    Weakened,
    /// It cannot be the cause.
    RuledOut,
    /// Its remedy was measured to work.
    Confirmed,
}

impl Standing {
    /// The word shown on screens.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Strengthened => "strengthened",
            Self::Weakened => "weakened",
            Self::RuledOut => "ruled out",
            Self::Confirmed => "confirmed",
        }
    }
}

/// What a finding rests on: a pointer into somebody's telemetry, with an excerpt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// What it points into.
    pub source: EvidenceSource,
    /// Where exactly: a file and line, a trace id, a query with its window, a link.
    pub reference: Untrusted,
    /// The call on the direct channel that brought it, if any.
    pub call: Option<super::CallId>,
    /// What the series measures, in a few words: series of the same words are one curve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measures: Option<Untrusted>,
    /// A measured series, if the evidence is one; at most 120 values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub series: Vec<Sample>,
}

/// What a piece of evidence points into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceSource {
    /// Log lines.
    Log,
    /// Trace spans.
    Trace,
    /// A metric.
    Metric,
    /// A change to configuration or code.
    Change,
    /// The output of a command or a request.
    Check,
    /// A page somewhere.
    Link,
}

impl EvidenceSource {
    /// The word shown on screens.
    pub fn word(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Trace => "trace",
            Self::Metric => "metric",
            Self::Change => "change",
            Self::Check => "check",
            Self::Link => "link",
        }
    }
}

/// One measured value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sample {
    /// When it was measured.
    pub at: Timestamp,
    /// The value, in the unit that the evidence names.
    pub value: f64,
}

/// A step of carrying out what a decision allows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Action {
    /// The decision that allows it.
    pub proposal: ProposalId,
    /// The step.
    pub stage: Stage,
}

/// A step of a handoff.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Handed {
    /// The handoff; the id of the entry that offered it.
    pub handoff: HandoffId,
    /// The step.
    pub step: HandoffStep,
}

/// A change of where something stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "of", rename_all = "kebab-case")]
pub enum Status {
    /// Of the incident itself.
    Incident {
        /// Where it stands now.
        to: IncidentStatus,
    },
    /// Of a decision: the arbiter's word on how it ended.
    Decision {
        /// The decision.
        proposal: ProposalId,
        /// How it ended.
        to: Settlement,
    },
    /// Of its items: where the incident is kept, in which trackers.
    Items {
        /// All of them.
        at: Vec<ItemLink>,
    },
    /// Of every dispatch: halted by a person, or released again.
    Dispatch {
        /// Whether nothing may run.
        halted: bool,
    },
}

/// One item of an incident, as people find it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ItemLink {
    /// The configured name of the tracker.
    pub tracker: String,
    /// The tracker's own id of the item.
    pub item: String,
    /// Where people see it, if the tracker says; shown and written, never fetched.
    pub url: Option<Untrusted>,
}

/// How an incident ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Resolution {
    /// The cause, in one sentence.
    pub cause: Untrusted,
    /// The decision whose action ended it, if one did.
    pub by: Option<ProposalId>,
    /// Whether the recovery was measured, not assumed.
    pub verified: bool,
}

/// Something about an earlier entry changed; the entry itself stays as it was first seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Correction {
    /// The entry that it is about.
    pub of: EntryId,
    /// What changed.
    pub change: Change,
}

/// What changed about an earlier entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum Change {
    /// A copy was edited in a tracker after it was first seen.
    EditedUpstream {
        /// Which copy, with the digest of the new text.
        origin: Origin,
    },
    /// A copy was removed from a tracker after it was first seen.
    RemovedUpstream {
        /// Which copy.
        origin: Origin,
    },
    /// Its author takes it back or puts it right; the text says how.
    Amended,
}
