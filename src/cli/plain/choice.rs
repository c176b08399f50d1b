//! What can be answered to a proposal, as a numbered list, and what each answer still asks.

use jiff::Timestamp;

use super::super::moment;
use crate::incident::{
    Answer, Ask, Canonical, Decision, Notice, Redirect, Safe, Trouble, Untrusted,
};

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Choice {
    Approve,
    Edit,
    BreakGlass,
    Deny,
    Respond,
    Partner(String),
    Narrow,
    Constrain,
    TakeOver,
    Defer,
}

impl Choice {
    /// What can be answered to this proposal; what cannot be is not offered.
    pub(super) fn all(decision: &Decision, partners: &[String]) -> Vec<Self> {
        let required = &decision.proposal.required;
        let mut all = Vec::new();
        match &decision.proposal.ask {
            Ask::Question { .. } => all.push(Self::Respond),
            Ask::Action(_) if required.approvers > 1 => all.push(Self::Approve),
            Ask::Action(_) => all.extend([Self::Approve, Self::Edit]),
            Ask::Handoff { .. } | Ask::Close { .. } => all.push(Self::Approve),
        }
        if required.break_glass {
            all.push(Self::BreakGlass);
        }
        all.push(Self::Deny);
        if !matches!(decision.proposal.ask, Ask::Question { .. }) {
            all.push(Self::Respond);
        }
        if let Ask::Handoff { to, .. } = &decision.proposal.ask {
            all.extend(partners.iter().filter(|name| *name != to).cloned().map(Self::Partner));
        }
        all.extend([Self::Narrow, Self::Constrain, Self::TakeOver, Self::Defer]);
        all
    }

    /// Its words in the list.
    pub(super) fn words(&self) -> Safe {
        Safe::constant(match self {
            Self::Approve => "approve exactly what stands above",
            Self::Edit => "change the arguments, then approve",
            Self::BreakGlass => "break glass: approve it alone, for a reason; this is loud",
            Self::Deny => "deny it, for a reason",
            Self::Respond => "answer in words",
            Self::Partner(to) => {
                return Safe::join(
                    [Safe::constant("redirect to"), Untrusted::from(to.as_str()).line()],
                    " ",
                );
            }
            Self::Narrow => "redirect: ask a narrower question",
            Self::Constrain => "redirect: add a constraint",
            Self::TakeOver => "take it over yourself",
            Self::Defer => "decide later",
        })
    }

    /// What it still asks before it can be confirmed.
    pub(super) fn question(&self) -> Option<&'static str> {
        match self {
            Self::Approve | Self::Partner(_) | Self::TakeOver => None,
            Self::Edit => Some("Type the arguments that shall be used, as JSON on one line."),
            Self::BreakGlass => Some("Type why it cannot wait for a second person."),
            Self::Deny => Some("Type the reason; the agent reads it."),
            Self::Respond => Some("Type the answer; the agent reads it."),
            Self::Narrow => Some("Type the narrower question."),
            Self::Constrain => Some("Type the constraint."),
            Self::Defer => Some("Type when to be asked again: 15m, or a moment."),
        }
    }

    /// The answer, from what was typed.
    ///
    /// # Errors
    /// What was typed does not do.
    pub(super) fn answer(&self, typed: &str, now: Timestamp) -> Result<Answer, Notice> {
        let text = typed.trim();
        if self.question().is_some() && text.is_empty() {
            return Err(Notice::new(Trouble::Usage, "nothing was typed"));
        }
        let redirect = |redirect| Answer::Redirect { redirect };
        Ok(match self {
            Self::Approve => Answer::Approve,
            Self::Edit => Answer::EditAndApprove {
                args: Canonical::parse(text).map_err(|error| {
                    Notice::new(Trouble::Usage, "these arguments cannot be approved")
                        .detail(error.to_string())
                })?,
            },
            Self::BreakGlass => Answer::BreakGlass { reason: text.into() },
            Self::Deny => Answer::Deny { reason: text.into() },
            Self::Respond => Answer::Respond { text: text.into() },
            Self::Partner(to) => redirect(Redirect::Partner { to: to.clone() }),
            Self::Narrow => redirect(Redirect::Narrow { question: text.into() }),
            Self::Constrain => redirect(Redirect::Constrain { constraint: text.into() }),
            Self::TakeOver => redirect(Redirect::TakeOver),
            Self::Defer => Answer::Defer { until: moment::after(text, now)? },
        })
    }
}
