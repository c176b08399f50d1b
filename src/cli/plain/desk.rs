//! The desk: what is known, which numbers stand for what, and what is being asked of the person.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::choice::Choice;
use crate::cockpit::core::{Model, Pace, Screen};
use crate::incident::{Actor, Answer, Decision, Digest, EntryId, IncidentId, ProposalId};

/// The two times that a surface lives by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    /// The person's.
    pub(super) wall: Timestamp,
    /// The hub's.
    pub(super) hub: Timestamp,
}

/// What is known and what is being asked.
pub(super) struct Desk {
    /// Everything that is known, folded as in the cockpit.
    pub(super) model: Model,
    /// The zone in which times are written.
    pub(super) zone: TimeZone,
    /// The incident that commands without a number are about.
    pub(super) current: Option<IncidentId>,
    /// The incidents as they were listed last: their numbers.
    pub(super) listed: Vec<IncidentId>,
    /// What trackers were owed when that was listed last: the numbers of it.
    pub(super) debts: Vec<(EntryId, String)>,
    /// What the person recorded, whose way to the trackers is told.
    pub(super) own: BTreeSet<EntryId>,
    /// What is being asked.
    pub(super) step: Step,
    /// When it was asked, or the last line came that did not answer it, on the wall clock.
    pub(super) asked_at: Timestamp,
    /// The decisions in the order in which they came: their numbers, for good.
    pub(super) numbers: Vec<ProposalId>,
    /// Where each decision stood when it was told last.
    pub(super) told: BTreeMap<ProposalId, (&'static str, usize)>,
    /// Whether what comes is news.
    pub(super) is_live: bool,
    /// Why the hub was lost, if that was told and it is not back.
    pub(super) lost: Option<String>,
    /// Whether everything was halted when that was told last.
    pub(super) was_halted: bool,
    /// How the recording played when that was told last.
    pub(super) paced: Option<Pace>,
}

/// What is being asked of the person.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    /// Nothing: a command may come.
    Idle,
    /// Which of these answers.
    Choosing(Card, Vec<Choice>),
    /// What the chosen answer still needs.
    Writing(Card, Choice),
    /// The name of the target.
    Target(Card, Answer),
    /// The word that sends it.
    Confirming(Act),
    /// Why everything shall stop, or go on.
    Halting,
}

/// A decision as it was shown: what an answer binds to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Card {
    pub(super) id: ProposalId,
    pub(super) digest: Digest,
    /// What had arrived after the proposal, and was named on the card.
    pub(super) seen: Vec<EntryId>,
}

/// What is sent once its word is typed.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Act {
    Answer { card: Card, answer: Answer, typed_target: Option<String> },
    Comment { incident: IncidentId, text: String },
    Halt { halted: bool, reason: String },
    GiveUp { entry: EntryId, tracker: String, reason: String },
}

impl Act {
    /// The word that sends it.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Answer { answer, .. } => answer.word(),
            Self::Comment { .. } => "send",
            Self::Halt { halted: true, .. } => "halt",
            Self::Halt { halted: false, .. } => "resume",
            Self::GiveUp { .. } => "drop",
        }
    }
}

impl Desk {
    /// A desk that has heard nothing.
    pub(super) fn new(me: Actor, wall: Timestamp, zone: TimeZone) -> Self {
        Self {
            // The model is asked for what it knows, never for where it would stand on a screen.
            model: Model::new(wall, Screen { columns: 80, rows: 24 }, me),
            zone,
            current: None,
            listed: Vec::new(),
            debts: Vec::new(),
            own: BTreeSet::new(),
            step: Step::Idle,
            asked_at: wall,
            numbers: Vec::new(),
            told: BTreeMap::new(),
            is_live: false,
            lost: None,
            was_halted: false,
            paced: None,
        }
    }

    /// The number of a decision.
    pub(super) fn number(&self, id: ProposalId) -> Option<usize> {
        self.numbers.iter().position(|known| *known == id).map(|place| place + 1)
    }

    /// The decision of that number.
    pub(super) fn numbered(&self, number: usize) -> Option<&Decision> {
        let id = self.numbers.get(number.checked_sub(1)?)?;
        self.model.decisions.get(*id)
    }
}

impl Step {
    /// The card that is being answered.
    pub(super) fn card(&self) -> Option<&Card> {
        match self {
            Self::Choosing(card, _)
            | Self::Writing(card, _)
            | Self::Target(card, _)
            | Self::Confirming(Act::Answer { card, .. }) => Some(card),
            Self::Confirming(_) | Self::Halting | Self::Idle => None,
        }
    }
}
