//! How an investigation that nobody watched ends on the command line.

use super::exit::Exit;
use crate::agents::primary::Outcome;
use crate::incident::{Notice, Trouble};

/// Done only if the incident was resolved and its recovery measured; else why not, and what to do.
pub(super) fn ending(outcome: Outcome) -> Result<Exit, Notice> {
    let (trouble, what, hint) = match outcome {
        Outcome::Resolved => return Ok(Exit::Done),
        Outcome::Unanswered => (
            Trouble::TimedOut,
            "the last proposal expired: nobody answered it, and nobody denied it",
            "answer with `wheelhouse decide`, or in the cockpit, while the agent waits",
        ),
        Outcome::NeedsPerson => (
            Trouble::Failed,
            "the incident is not resolved: the agents have nothing left to try",
            "read why with `wheelhouse timeline`",
        ),
        Outcome::TakenOver => (
            Trouble::Failed,
            "the incident is not resolved: a person took it over",
            "read how far the agents came with `wheelhouse timeline`",
        ),
    };
    Err(Notice::new(trouble, what).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_resolved_and_measured_is_done() {
        let trouble = |outcome| ending(outcome).map_err(|notice| notice.trouble);
        assert_eq!(trouble(Outcome::Resolved), Ok(Exit::Done));
        assert_eq!(trouble(Outcome::Unanswered), Err(Trouble::TimedOut));
        assert_eq!(trouble(Outcome::NeedsPerson), Err(Trouble::Failed));
        assert_eq!(trouble(Outcome::TakenOver), Err(Trouble::Failed));
    }
}
