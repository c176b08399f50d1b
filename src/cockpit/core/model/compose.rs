//! The composer: a text being written, and what it is for.

use std::fmt;
use std::str::FromStr;

use crate::incident::{Digest, EntryId, IncidentId, ProposalId};

use super::field::Field;
use super::mention::Mentioning;

/// Reasons that a person can take over with one key and then change.
pub const QUICK_REASONS: [&str; 5] = [
    "The evidence does not support this cause.",
    "The blast radius is too large right now.",
    "Try the reversible remedy first.",
    "I am fixing it by hand.",
    "Ask the owner of the target first.",
];

/// A text being written.
#[derive(Debug, Clone)]
pub struct Composer {
    /// What it is for.
    pub purpose: Purpose,
    /// The text.
    pub field: Field,
    /// Which of [`QUICK_REASONS`] was taken over last.
    pub quick: Option<usize>,
    /// What the letters after an `@` may become, while one is typed.
    pub mentioning: Option<Mentioning>,
    /// Which text of before was brought back, counted from the latest, and what stood there first.
    pub brought_back: Option<(usize, String)>,
    /// Whether the text is shown as it is written or as it will be read.
    pub looks: Looks,
    /// Why it could not be sent, if it could not.
    pub refused: Option<String>,
}

/// How a text being written is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Looks {
    /// As it is written, with its cursor.
    #[default]
    Source,
    /// As it will be read.
    Preview,
}

impl Composer {
    /// A composer with a text.
    pub fn new(purpose: Purpose, text: &str) -> Self {
        Self {
            purpose,
            field: Field::page(text),
            quick: None,
            mentioning: None,
            brought_back: None,
            looks: Looks::Source,
            refused: None,
        }
    }
}

/// What a text is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// A comment on an incident.
    Comment(IncidentId),
    /// The reason for denying; required.
    Deny {
        /// The proposal.
        proposal: ProposalId,
        /// The digest that its card showed.
        seen: Digest,
    },
    /// The reason for forcing alone what takes two people; required.
    BreakGlass {
        /// The proposal.
        proposal: ProposalId,
        /// The digest that its card showed.
        seen: Digest,
    },
    /// An answer in words.
    Respond {
        /// The proposal.
        proposal: ProposalId,
        /// The digest that its card showed.
        seen: Digest,
    },
    /// Other arguments, which are approved in place of those proposed.
    Edit {
        /// The proposal.
        proposal: ProposalId,
        /// The digest that its card showed.
        seen: Digest,
    },
    /// The reason for parking every dispatch, or for releasing them.
    Halt {
        /// Whether to park.
        halted: bool,
    },
    /// The reason for giving up what a tracker is owed; required.
    GiveUp {
        /// The entry that is owed.
        entry: EntryId,
        /// The tracker that it is owed to.
        tracker: String,
    },
}

/// Names an unfinished text, so that the next start finds it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DraftKey {
    /// A comment.
    Comment(IncidentId),
    /// A reason for denying.
    Deny(ProposalId),
    /// A reason for forcing something alone.
    BreakGlass(ProposalId),
    /// An answer in words.
    Respond(ProposalId),
    /// Edited arguments.
    Edit(ProposalId),
    /// What shall be different about a proposal or a handoff, by the entry that it began with.
    Redirect(EntryId),
    /// A reason for parking or releasing every dispatch.
    Halt,
    /// A reason for giving up what is owed.
    GiveUp(EntryId),
}

impl Purpose {
    /// What its unfinished text is kept under.
    pub fn draft_key(&self) -> DraftKey {
        match self {
            Self::Comment(incident) => DraftKey::Comment(*incident),
            Self::Deny { proposal, .. } => DraftKey::Deny(*proposal),
            Self::BreakGlass { proposal, .. } => DraftKey::BreakGlass(*proposal),
            Self::Respond { proposal, .. } => DraftKey::Respond(*proposal),
            Self::Edit { proposal, .. } => DraftKey::Edit(*proposal),
            Self::Halt { .. } => DraftKey::Halt,
            Self::GiveUp { entry, .. } => DraftKey::GiveUp(*entry),
        }
    }

    /// The proposal that it answers, if it answers one.
    pub fn proposal(&self) -> Option<ProposalId> {
        match self {
            Self::Deny { proposal, .. }
            | Self::BreakGlass { proposal, .. }
            | Self::Respond { proposal, .. }
            | Self::Edit { proposal, .. } => Some(*proposal),
            Self::Comment(_) | Self::Halt { .. } | Self::GiveUp { .. } => None,
        }
    }
}

/// A text that names no draft.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no draft")]
pub struct DraftKeyError(String);

impl fmt::Display for DraftKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Comment(incident) => write!(f, "comment-{incident}"),
            Self::Deny(proposal) => write!(f, "deny-{proposal}"),
            Self::BreakGlass(proposal) => write!(f, "force-{proposal}"),
            Self::Respond(proposal) => write!(f, "respond-{proposal}"),
            Self::Edit(proposal) => write!(f, "edit-{proposal}"),
            Self::Redirect(entry) => write!(f, "redirect-{entry}"),
            Self::Halt => f.write_str("halt"),
            Self::GiveUp(entry) => write!(f, "drop-{entry}"),
        }
    }
}

impl FromStr for DraftKey {
    type Err = DraftKeyError;

    fn from_str(text: &str) -> Result<Self, DraftKeyError> {
        let fail = || DraftKeyError(text.escape_debug().take(64).collect());
        if text == "halt" {
            return Ok(Self::Halt);
        }
        let (kind, id) = text.split_once('-').ok_or_else(fail)?;
        let proposal = || id.parse().map_err(|_| fail());
        match kind {
            "comment" => id.parse().map(Self::Comment).map_err(|_| fail()),
            "deny" => proposal().map(Self::Deny),
            "force" => proposal().map(Self::BreakGlass),
            "respond" => proposal().map(Self::Respond),
            "edit" => proposal().map(Self::Edit),
            "redirect" => id.parse().map(Self::Redirect).map_err(|_| fail()),
            "drop" => id.parse().map(Self::GiveUp).map_err(|_| fail()),
            _ => Err(fail()),
        }
    }
}
