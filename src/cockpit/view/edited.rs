//! Which arguments run: those that were proposed, or those that a person put in their place.

use crate::cockpit::core::{ActStage, Card, Model, Step};
use crate::incident::{Answer, Canonical, Decision, DecisionState, Settlement};

/// The arguments that run, or ran, in place of those proposed; none unless a person edited them.
///
/// The arbiter's word counts most, then what this person is asked about, then what they sent.
pub(super) fn edited<'a>(
    decision: &'a Decision,
    card: &'a Card,
    model: &'a Model,
) -> Option<&'a Canonical> {
    match &decision.settlement {
        Some(Settlement::Approved { args, .. }) => return args.as_ref(),
        Some(_) => return None,
        None => {}
    }
    let asked = match &card.step {
        Step::AskedAgain { answer } | Step::Typing { answer, .. } => Some(answer),
        Step::Reading => None,
    };
    let under_way = model.sent_about(decision.id).filter(|act| match act.stage {
        ActStage::Held { .. } | ActStage::Sent { .. } | ActStage::Journaled { .. } => true,
        ActStage::Refused(_) | ActStage::Recalled { .. } => false,
    });
    match asked.or_else(|| under_way.and_then(super::act::answer))? {
        Answer::EditAndApprove { args } => Some(args),
        _ => None,
    }
}

/// How the part about what runs begins: a card of what is past does not speak of the future.
pub(super) fn heading(state: &DecisionState) -> &'static str {
    use DecisionState as S;
    match state {
        S::Open | S::Approved { .. } => "Will run, exactly",
        S::Dispatching => "Runs now, exactly",
        S::Executed { .. } | S::Verified { .. } => "Ran, exactly",
        S::Unknown => "May have run, exactly",
        S::Denied { .. }
        | S::Redirected { .. }
        | S::Answered { .. }
        | S::Expired
        | S::Withdrawn
        | S::Superseded => "Was proposed, and did not run",
    }
}
