//! The answers as they are typed on the command line.

use jiff::Timestamp;

use super::{moment, typed};
use crate::incident::{Answer, Canonical, Notice, Redirect, Trouble};

/// What to answer.
#[derive(Debug, Clone, clap::Subcommand)]
pub(super) enum AnswerArgs {
    /// Let it run, exactly as shown or with other arguments
    Approve {
        /// Let it run with these arguments instead, as JSON
        #[arg(long, value_name = "JSON")]
        args: Option<String>,

        /// Force it alone where two people are needed; this is loud
        #[arg(long, requires = "reason", conflicts_with = "args")]
        break_glass: bool,

        /// Why it cannot wait for the others
        #[arg(long, value_name = "TEXT", requires = "break_glass")]
        reason: Option<String>,
    },
    /// Do not let it run; the reason reaches the agent
    Deny {
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Answer in words
    Respond {
        /// The words; `-` reads them from the standard input
        text: String,
    },
    /// Have it done differently
    #[command(group = clap::ArgGroup::new("how").required(true))]
    Redirect {
        /// By another partner
        #[arg(long, value_name = "PARTNER", group = "how")]
        to: Option<String>,

        /// With a narrower question
        #[arg(long, value_name = "TEXT", group = "how")]
        question: Option<String>,

        /// Under a further constraint
        #[arg(long, value_name = "TEXT", group = "how")]
        constraint: Option<String>,

        /// By yourself
        #[arg(long, group = "how")]
        take_over: bool,
    },
    /// Decide later
    Defer {
        /// When to be asked again: a moment (2026-11-20T14:00:00Z), or how far away (15m)
        #[arg(long, value_name = "WHEN")]
        until: String,
    },
}

impl AnswerArgs {
    /// The answer.
    ///
    /// # Errors
    /// The arguments are no JSON, the moment is none, or the standard input cannot be read.
    pub(super) async fn read(self, now: Timestamp) -> Result<Answer, Notice> {
        Ok(match self {
            Self::Approve { args: Some(json), .. } => {
                Answer::EditAndApprove { args: canonical(&json)? }
            }
            Self::Approve { break_glass: true, reason, .. } => {
                Answer::BreakGlass { reason: reason.unwrap_or_default().into() }
            }
            Self::Approve { .. } => Answer::Approve,
            Self::Deny { reason } => Answer::Deny { reason: reason.into() },
            Self::Respond { text } => Answer::Respond { text: typed::text(text).await?.into() },
            Self::Redirect { to, question, constraint, take_over: _ } => {
                let redirect = match (to, question, constraint) {
                    (Some(to), _, _) => Redirect::Partner { to },
                    (_, Some(question), _) => Redirect::Narrow { question: question.into() },
                    (_, _, Some(constraint)) => {
                        Redirect::Constrain { constraint: constraint.into() }
                    }
                    (None, None, None) => Redirect::TakeOver,
                };
                Answer::Redirect { redirect }
            }
            Self::Defer { until } => Answer::Defer { until: moment::after(&until, now)? },
        })
    }
}

fn canonical(json: &str) -> Result<Canonical, Notice> {
    Canonical::parse(json).map_err(|error| {
        Notice::new(Trouble::Usage, "these arguments cannot be approved")
            .detail(error.to_string())
            .hint("start from the arguments on the card: `wheelhouse decisions ID --json`")
    })
}
