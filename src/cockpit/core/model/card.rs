//! The opened proposal: what the person saw, and how far the gesture of deciding is.

use jiff::Timestamp;

use super::acts::AskId;
use super::field::Field;
use crate::incident::{Answer, Decision, Digest, EntryId, Notice, Precedent, ProposalId};

/// An opened proposal.
#[derive(Debug, Clone)]
pub struct Card {
    /// The proposal.
    pub proposal: ProposalId,
    /// The digest that the card shows; a verdict binds to this and nothing else.
    pub seen: Digest,
    /// When it was last opened, drawn anew, or changed by an arrival, on the wall clock; none until
    /// it was drawn. The chord counts only after a time of quiet from here.
    pub stirred: Option<Timestamp>,
    /// Entries that arrived after the proposal and stood on the card when it was last drawn.
    pub news: Vec<EntryId>,
    /// Entries that the person was shown when asked again.
    pub acknowledged: Vec<EntryId>,
    /// How far the gesture is.
    pub step: Step,
    /// Why nothing can be decided here any more, if so; the step stays, so that no key that is
    /// being typed changes its meaning.
    pub over: Option<Closed>,
    /// Why the last gesture did nothing, if it did nothing; goes with the next key.
    pub refused: Option<Notice>,
    /// What became of the same before.
    pub before: Before,
    /// Whether the exact JSON is shown instead of the readable form.
    pub raw: bool,
    /// How many rows the text is scrolled down.
    pub scroll: u16,
}

/// What became of the same action, or of actions on the same resource, before.
#[derive(Debug, Clone, PartialEq)]
pub enum Before {
    /// Nobody asks: this is a recording.
    Unasked,
    /// The hub was asked.
    Asked(AskId),
    /// The hub answered.
    Known(Vec<Precedent>),
    /// The hub could not answer.
    Failed(Notice),
}

/// How far the gesture of deciding is.
#[derive(Debug, Clone)]
pub enum Step {
    /// The person reads; nothing is preselected.
    Reading,
    /// Asked again: entries arrived since the proposal, or the arguments were edited. The card shows
    /// them, and the same chord means them.
    AskedAgain {
        /// What the chord would answer.
        answer: Answer,
    },
    /// The target's name must be typed before it is confirmed.
    Typing {
        /// What confirming would answer.
        answer: Answer,
        /// What is typed so far.
        field: Box<Field>,
        /// When the latest keys came, at most two, on the wall clock.
        strokes: Vec<Timestamp>,
    },
}

impl Step {
    /// Whether one person is about to force alone what takes two.
    pub fn forces(&self) -> bool {
        match self {
            Self::Reading => false,
            Self::AskedAgain { answer } | Self::Typing { answer, .. } => {
                matches!(answer, Answer::BreakGlass { .. })
            }
        }
    }
}

/// Why nothing can be decided any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// It is settled; the decision says how and the timeline by whom.
    Settled,
    /// Its time has passed; nobody approved or denied it.
    Expired,
    /// What is proposed is not what this card shows.
    Changed,
}

impl Card {
    /// Opens a decision as it stands now.
    pub fn new(decision: &Decision) -> Self {
        Self {
            proposal: decision.id,
            seen: decision.proposal.digest,
            stirred: None,
            news: decision.stale_by.clone(),
            acknowledged: Vec::new(),
            step: Step::Reading,
            over: None,
            refused: None,
            before: Before::Unasked,
            raw: false,
            scroll: 0,
        }
    }
}
