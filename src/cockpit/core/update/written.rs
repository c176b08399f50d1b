//! Answers that are written before they are given: reasons, words, other arguments.

use super::super::effect::Effect;
use super::super::input::Gesture;
use super::super::model::{Model, Purpose};
use super::card::{self, conflict, refuse, usage};
use super::{arguments, drafts};
use crate::incident::{Ask, Digest, ProposalId};

/// Asks for the reason of a denial.
pub(super) fn deny(model: &mut Model) -> Vec<Effect> {
    write(model, |proposal, seen| Purpose::Deny { proposal, seen })
}

/// Asks for an answer in words.
pub(super) fn respond(model: &mut Model) -> Vec<Effect> {
    write(model, |proposal, seen| Purpose::Respond { proposal, seen })
}

fn write(model: &mut Model, purpose: impl FnOnce(ProposalId, Digest) -> Purpose) -> Vec<Effect> {
    if let Err(why) = card::may_answer(model) {
        return refuse(model, why);
    }
    begin(model, purpose, "")
}

/// Asks why one person alone shall force what takes two.
pub(super) fn break_glass(model: &mut Model, gesture: Gesture) -> Vec<Effect> {
    let may = card::may_answer(model).and_then(|()| {
        let Some(decision) = card::shown(model) else { return Err(usage("no card is open")) };
        if !decision.proposal.required.break_glass {
            return Err(usage(
                "there is no glass to break: policy does not let one person force this",
            ));
        }
        card::may_be_approver(decision, &model.me)?;
        card::is_calm(model, gesture)
    });
    match may {
        Ok(()) => begin(model, |proposal, seen| Purpose::BreakGlass { proposal, seen }, ""),
        Err(why) => refuse(model, why),
    }
}

/// Lets the person change the arguments; the changed ones are shown and asked for again.
pub(super) fn edit(model: &mut Model, gesture: Gesture) -> Vec<Effect> {
    if let Err(why) = card::may_approve(model, gesture) {
        return refuse(model, why);
    }
    let Some(decision) = card::shown(model) else { return Vec::new() };
    let Ask::Action(remedy) = &decision.proposal.ask else {
        return refuse(model, usage("only an action has arguments that can be edited"));
    };
    if decision.proposal.required.approvers > 1 {
        let why = "two people must approve the same arguments: deny it and say what to change";
        return refuse(model, conflict(why));
    }
    let text = arguments::text(&remedy.args);
    begin(model, |proposal, seen| Purpose::Edit { proposal, seen }, &text)
}

fn begin(
    model: &mut Model,
    purpose: impl FnOnce(ProposalId, Digest) -> Purpose,
    text: &str,
) -> Vec<Effect> {
    let Some(card) = model.card() else { return Vec::new() };
    let purpose = purpose(card.proposal, card.seen);
    drafts::open(model, purpose, text)
}
