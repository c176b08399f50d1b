//! Commands: what a cockpit, an agent, or the command line asks of a hub, and what the hub answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::incident::{
    Alert, Ask, Basis, Body, Digest, EntryId, ExchangeEvent, HandoffContext, HandoffId,
    HandoffStep, Hit, IncidentId, Precedent, ProposalId, Query, Remedy, Risk, Settlement, Stage,
    Untrusted, Verdict,
};

/// What can be asked of a hub; who asks is known from the link, never from the command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "command", rename_all = "kebab-case")]
pub enum Command {
    /// Opens an incident for an alert, or adds the alert to the open one with the same key.
    OpenIncident {
        /// The alert.
        alert: Alert,
        /// The alert in words.
        text: Untrusted,
    },
    /// Records an entry in the asker's name: finding, evidence, comment, status, resolution.
    Post {
        /// What to record.
        draft: Draft,
    },
    /// Asks people.
    Propose {
        /// What to ask.
        request: Box<Request>,
    },
    /// Answers a proposal; people only.
    Decide {
        /// The answer.
        verdict: Verdict,
    },
    /// Waits until a decision is settled, at the latest by its expiry; a caller that gives up waiting
    /// changes nothing.
    AwaitDecision {
        /// The decision.
        proposal: ProposalId,
    },
    /// Takes a proposal back; its proposer only.
    Withdraw {
        /// The decision.
        proposal: ProposalId,
        /// Why.
        reason: Untrusted,
    },
    /// Claims the one permission to run what was approved, before running it; while everything is
    /// halted, the answer waits until it is released.
    Claim {
        /// The decision.
        proposal: ProposalId,
        /// What is about to run.
        digest: Digest,
    },
    /// Says how carrying it out went.
    Report {
        /// The decision.
        proposal: ProposalId,
        /// The step.
        stage: Stage,
        /// The step in words.
        text: Untrusted,
    },
    /// Offers a handoff, and asks people for it if policy says so.
    OfferHandoff {
        /// The incident.
        incident: IncidentId,
        /// The receiver.
        to: String,
        /// What moves.
        context: Box<HandoffContext>,
    },
    /// Records a further step of a handoff.
    StepHandoff {
        /// The handoff.
        handoff: HandoffId,
        /// The step.
        step: HandoffStep,
        /// The step in words.
        text: Untrusted,
    },
    /// Tells what happened on the direct channel; never waits for anything.
    Observe {
        /// What happened.
        event: Box<ExchangeEvent>,
    },
    /// Searches the entries of all incidents.
    Search {
        /// The question.
        query: Query,
    },
    /// Owes a tracker again what it refused; people only.
    Redeliver {
        /// The entry.
        entry: EntryId,
        /// The configured name of the tracker.
        tracker: String,
    },
    /// Gives up what is owed to a tracker, which is an entry of its own; people only.
    GiveUp {
        /// The entry.
        entry: EntryId,
        /// The configured name of the tracker.
        tracker: String,
        /// Why.
        reason: Untrusted,
    },
    /// Asks what became of the same action, or of actions on the same resource, before.
    LastTime {
        /// The decision that is about to be made.
        proposal: ProposalId,
    },
    /// Parks every dispatch, or releases them again; people only.
    Halt {
        /// Whether to park.
        halted: bool,
        /// Why.
        reason: Untrusted,
    },
}

/// An entry before the hub gives it id, author, and time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Draft {
    /// The incident it belongs to.
    pub incident: IncidentId,
    /// What it says, for machines.
    pub body: Body,
    /// What it says, for people.
    pub text: Untrusted,
    /// The entries it rests on or answers.
    #[serde(default)]
    pub refs: Vec<EntryId>,
    /// The asker's own key: a second draft with the same key is the same entry.
    #[serde(default)]
    pub key: Option<String>,
}

/// A proposal before policy says what it takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Request {
    /// The incident it belongs to.
    pub incident: IncidentId,
    /// What is asked.
    pub ask: Ask,
    /// The request in one line.
    pub title: Untrusted,
    /// Why.
    pub rationale: Untrusted,
    /// The entries it rests on.
    pub evidence: Vec<EntryId>,
    /// What the agent says about the risk.
    pub claimed_risk: Risk,
    /// The proposal that it replaces, if any.
    pub supersedes: Option<ProposalId>,
}

/// What a hub answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "reply", rename_all = "kebab-case")]
pub enum Reply {
    /// It is recorded: committed to disk.
    Recorded {
        /// The entry.
        entry: EntryId,
    },
    /// The incident is open.
    Opened {
        /// The incident.
        incident: IncidentId,
        /// Whether it was open before.
        known: bool,
    },
    /// People are asked.
    Proposed {
        /// The decision.
        proposal: ProposalId,
        /// What a verdict binds to.
        digest: Digest,
    },
    /// Policy lets it run without asking; claim it like an approved one.
    Allowed {
        /// The decision.
        proposal: ProposalId,
        /// What may be claimed.
        digest: Digest,
        /// Why nobody is asked.
        basis: Basis,
    },
    /// The verdict is recorded.
    Decided {
        /// The entry that carries it.
        entry: EntryId,
        /// The settlement that follows, if one does.
        settled: Option<Settlement>,
        /// How many more people are needed.
        missing: usize,
    },
    /// The decision is settled.
    Settled {
        /// How.
        settlement: Settlement,
    },
    /// The claim holds: run exactly this, once.
    Claimed {
        /// What to run.
        remedy: Box<Remedy>,
    },
    /// The handoff is offered.
    Offered {
        /// The handoff.
        handoff: HandoffId,
        /// The decision that it waits for, unless policy lets it go ahead.
        proposal: Option<ProposalId>,
    },
    /// What was found, newest first.
    Found {
        /// The entries.
        hits: Vec<Hit>,
    },
    /// What became of it before: the likest first, then the newest.
    Remembered {
        /// The earlier decisions.
        precedents: Vec<Precedent>,
    },
    /// It is seen; nothing to say.
    Seen,
}
