//! Handoffs at the desk: offering them, asking people for them, and recording every further step.

use super::desk::{Desk, not_found, people_only};
use crate::incident::{
    Actor, Ask, Body, Decision, Entry, Gate, Handed, Handoff, HandoffContext, HandoffId,
    HandoffStep, IncidentId, Notice, Principal, ProposalId, Redirect, Refusal, Risk, Settlement,
    Trouble, Untrusted,
};
use crate::wire::{Reply, Request};

impl Desk {
    /// Records the offer and, unless policy lets it go ahead, the proposal that it waits for.
    pub(super) async fn offer_handoff(
        &mut self,
        by: &Principal,
        incident: IncidentId,
        to: String,
        context: Box<HandoffContext>,
    ) -> Result<Reply, Notice> {
        self.incident(incident)?;
        let from = by.actor.handle();
        let context = Box::new(context.hop(&from, &to).map_err(|error| {
            Notice::new(Trouble::Conflict, error.to_string()).hint("answer it, or ask a person")
        })?);
        let step = HandoffStep::Offered { to: to.clone(), context: context.clone() };
        let mut offer = self.mint.entry(incident, &by.actor, Body::Comment, words(&step));
        // The handoff takes the id of the entry that offers it.
        let handoff = HandoffId::from(offer.id);
        offer.body = Body::Handoff(Handed { handoff, step });

        let ask = Ask::Handoff { handoff, to: to.clone(), context: context.clone() };
        let gate = self.policy.gate(&ask, Risk::Medium, &by.actor, self.mint.now());
        let mut entries = vec![offer];
        let mut proposal = None;
        match gate {
            Gate::Refuse(basis) => {
                return Err(Notice::new(Trouble::NotAllowed, basis.text).hint("ask a person"));
            }
            Gate::Run(_) => entries.push(self.handoff_entry(
                &by.actor,
                handoff,
                incident,
                HandoffStep::Approved,
            )),
            Gate::Ask(asking) => {
                let request = Request {
                    incident,
                    ask,
                    title: format!("Hand a part of the investigation to {to}").into(),
                    rationale: context.question.clone(),
                    evidence: context.evidence.iter().map(|link| link.entry).collect(),
                    claimed_risk: Risk::Medium,
                    supersedes: None,
                };
                let entry = self.proposal_entry(by, request, *asking);
                proposal = Some(ProposalId::from(entry.id));
                entries.push(entry);
            }
        }
        self.record(entries).await?;
        Ok(Reply::Offered { handoff, proposal })
    }

    /// Records a step: people redirect and take over, the agent that offered it says what becomes of it.
    ///
    /// While its decision waits nothing else moves it: what a person wants of it is a verdict.
    pub(super) async fn step_handoff(
        &mut self,
        by: &Principal,
        id: HandoffId,
        step: HandoffStep,
        text: Untrusted,
    ) -> Result<Reply, Notice> {
        let handoff = self.handoffs.get(&id).ok_or_else(|| not_found("handoff", id))?;
        may_step(by, handoff, &step)?;
        let conflict = |what: String| Notice::new(Trouble::Conflict, what);
        let asks = |it: &&Decision| matches!(&it.proposal.ask, Ask::Handoff { handoff, .. } if *handoff == id);
        if let Some(decision) = self.decisions.open_ones().find(asks) {
            let what = format!("handoff {id} waits for the answer to decision {}", decision.id);
            return Err(conflict(what).hint("answer that, or withdraw it"));
        }
        if !handoff.may(&step) {
            let what = format!("handoff {id} is {} already", handoff.state.word());
            return Err(conflict(what).hint("read the timeline"));
        }
        if let HandoffStep::Redirected { to, .. } = &step {
            let checked = handoff.context.may_go(to);
            checked.map_err(|error| Notice::from(Refusal::Hop(error)))?;
        }
        let incident = handoff.incident;
        let mut entry = self.handoff_entry(&by.actor, id, incident, step);
        entry.text = text;
        let entry_id = entry.id;
        self.record(vec![entry]).await?;
        Ok(Reply::Recorded { entry: entry_id })
    }

    /// What the settlement of its decision means for a handoff.
    pub(super) fn handoff_settled(&mut self, id: HandoffId, to: &Settlement) -> Option<Entry> {
        let handoff = self.handoffs.get(&id)?.clone();
        let step = match to {
            Settlement::Approved { .. } => HandoffStep::Approved,
            Settlement::Denied { reason, .. } | Settlement::Withdrawn { reason } => {
                HandoffStep::Refused { reason: reason.clone() }
            }
            Settlement::Superseded { why, .. } => HandoffStep::Refused { reason: why.clone() },
            Settlement::Expired => HandoffStep::Expired,
            Settlement::Answered { .. } => return None,
            Settlement::Redirected { redirect, .. } => {
                redirected(redirect, handoff.to.clone(), handoff.context.clone())
            }
        };
        if !handoff.may(&step) {
            return None;
        }
        Some(self.handoff_entry(&Actor::wheelhouse(), id, handoff.incident, step))
    }

    fn handoff_entry(
        &mut self,
        by: &Actor,
        id: HandoffId,
        incident: IncidentId,
        step: HandoffStep,
    ) -> Entry {
        let text = words(&step);
        let body = Body::Handoff(Handed { handoff: id, step });
        let mut entry = self.mint.entry(incident, by, body, text);
        entry.refs = vec![id.into()];
        entry
    }
}

/// Whether it is for them to record such a step.
fn may_step(by: &Principal, handoff: &Handoff, step: &HandoffStep) -> Result<(), Notice> {
    let id = handoff.id;
    let refuse = |what: String| Err(Notice::new(Trouble::NotAllowed, what));
    match step {
        HandoffStep::Redirected { .. } | HandoffStep::TakenOver => people_only(by),
        // These follow from what people answer, and from nothing else.
        HandoffStep::Offered { .. }
        | HandoffStep::Approved
        | HandoffStep::Refused { .. }
        | HandoffStep::Expired => refuse(format!("nobody says of handoff {id} that it is settled")),
        HandoffStep::Accepted
        | HandoffStep::Declined { .. }
        | HandoffStep::Working { .. }
        | HandoffStep::Returned { .. }
        | HandoffStep::Failed { .. }
        | HandoffStep::Withdrawn { .. } => {
            if by.actor == handoff.from {
                return Ok(());
            }
            refuse(format!("{} did not offer handoff {id}", by.actor))
        }
    }
}

/// What a person's redirection means for who gets what.
fn redirected(redirect: &Redirect, to: String, mut context: HandoffContext) -> HandoffStep {
    let mut receiver = to;
    match redirect {
        Redirect::TakeOver => return HandoffStep::TakenOver,
        Redirect::Partner { to } => receiver.clone_from(to),
        Redirect::Narrow { question } => context.question = question.clone(),
        Redirect::Constrain { constraint } => context.constraints.push(constraint.clone()),
    }
    HandoffStep::Redirected { to: receiver, context: Box::new(context) }
}

fn words(step: &HandoffStep) -> Untrusted {
    match step {
        HandoffStep::Offered { to, context } => {
            format!("Offers to {to}: {}", context.question.for_storage())
        }
        HandoffStep::Approved => "The handoff may go ahead".to_owned(),
        HandoffStep::Redirected { to, context } => {
            format!("Redirected to {to}: {}", context.question.for_storage())
        }
        HandoffStep::TakenOver => "A person takes it over".to_owned(),
        HandoffStep::Refused { reason } => format!("Refused: {}", reason.for_storage()),
        HandoffStep::Accepted => "The receiver has it".to_owned(),
        HandoffStep::Declined { reason } => format!("Declined: {}", reason.for_storage()),
        HandoffStep::Working { note } => note.for_storage().to_owned(),
        HandoffStep::Returned { result } => {
            format!("The result is back: {}", result.conclusion.for_storage())
        }
        HandoffStep::Failed { reason } => format!("Broke off: {}", reason.for_storage()),
        HandoffStep::Expired => "Nobody answered in time".to_owned(),
        HandoffStep::Withdrawn { from } => format!("Taken back from {from}"),
    }
    .into()
}
