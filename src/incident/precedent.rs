//! Precedents: what became of the same action, or of actions on the same resource, before.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Actor, Ask, Decision, DecisionState, IncidentId, ProposalId, Settlement, Untrusted};

/// An earlier decision about the same action or the same resource, with how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Precedent {
    /// The decision.
    pub proposal: ProposalId,
    /// Its incident.
    pub incident: IncidentId,
    /// The title of its incident.
    pub incident_title: Untrusted,
    /// When it was asked.
    pub at: Timestamp,
    /// What it has in common.
    pub alike: Alike,
    /// What would have run.
    pub verb: String,
    /// On what.
    pub resource: String,
    /// How far it came: the word of its state.
    pub outcome: String,
    /// The people who settled it.
    pub by: Vec<Actor>,
    /// Why people refused or redirected it, or what was measured after it ran.
    pub reason: Option<Untrusted>,
}

/// What an earlier decision has in common with one.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Alike {
    /// The same action on the same resource.
    Both,
    /// Another action on the same resource.
    Resource,
    /// The same action on another resource.
    Action,
}

impl Precedent {
    /// An earlier decision as a precedent of a later one; `None` if they have nothing in common.
    pub fn of(earlier: &Decision, later: &Decision, title: &Untrusted) -> Option<Self> {
        let (Ask::Action(old), Ask::Action(new)) = (&earlier.proposal.ask, &later.proposal.ask)
        else {
            return None;
        };
        if earlier.id == later.id {
            return None;
        }
        let alike = match (old.verb == new.verb, old.target == new.target) {
            (true, true) => Alike::Both,
            (false, true) => Alike::Resource,
            (true, false) => Alike::Action,
            (false, false) => return None,
        };
        let (by, reason) = settled(earlier);
        Some(Self {
            proposal: earlier.id,
            incident: earlier.incident,
            incident_title: title.clone(),
            at: earlier.opened,
            alike,
            verb: old.verb.clone(),
            resource: old.target.resource.clone(),
            outcome: earlier.state.word().to_owned(),
            by,
            reason,
        })
    }
}

/// Who settled a decision, and why if they gave a reason.
fn settled(decision: &Decision) -> (Vec<Actor>, Option<Untrusted>) {
    match &decision.settlement {
        Some(Settlement::Approved { by, .. }) => (by.clone(), None),
        Some(Settlement::Denied { by, reason }) => (vec![by.clone()], Some(reason.clone())),
        Some(Settlement::Redirected { by, redirect }) => (vec![by.clone()], Some(redirect.words())),
        Some(Settlement::Answered { by, text }) => (vec![by.clone()], Some(text.clone())),
        Some(Settlement::Withdrawn { reason }) => (Vec::new(), Some(reason.clone())),
        Some(Settlement::Superseded { .. } | Settlement::Expired) | None => {
            let denied = match &decision.state {
                DecisionState::Denied { reason } => Some(reason.clone()),
                _ => None,
            };
            (Vec::new(), denied)
        }
    }
}
