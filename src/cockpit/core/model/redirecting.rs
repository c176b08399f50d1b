//! Choosing where a piece of work goes instead.

use crate::incident::{Digest, HandoffId, ProposalId};

use super::compose::DraftKey;
use super::field::Field;

/// A redirect being chosen.
#[derive(Debug, Clone)]
pub struct Redirecting {
    /// What is redirected.
    pub of: Redirected,
    /// What can be chosen, in the order shown.
    pub choices: Vec<Choice>,
    /// Which of them is marked, counted from the first.
    pub marked: usize,
    /// The narrower question or the further constraint; used by those two choices alone.
    pub field: Field,
    /// Why it could not be sent, if it could not.
    pub refused: Option<String>,
}

/// What is redirected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redirected {
    /// A proposal, instead of approving or denying it.
    Proposal {
        /// Which.
        proposal: ProposalId,
        /// The digest that its card showed.
        seen: Digest,
    },
    /// A handoff that is on its way or being worked on.
    Handoff(HandoffId),
}

impl Redirected {
    /// What an unfinished text about it is kept under.
    pub fn draft_key(self) -> DraftKey {
        DraftKey::Redirect(match self {
            Self::Proposal { proposal, .. } => proposal.into(),
            Self::Handoff(handoff) => handoff.into(),
        })
    }
}

/// One way to do it differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Another partner shall have it.
    Partner(String),
    /// A narrower question, written in the field.
    Narrow,
    /// A further constraint, written in the field.
    Constrain,
    /// The person does it.
    TakeOver,
}

impl Choice {
    /// Whether the field belongs to it.
    pub fn takes_text(&self) -> bool {
        matches!(self, Self::Narrow | Self::Constrain)
    }
}

impl Redirecting {
    /// The marked choice.
    pub fn choice(&self) -> Option<&Choice> {
        self.choices.get(self.marked)
    }
}
