//! Redirecting: another partner, a narrower question, a further constraint, or by hand.

use jiff::SignedDuration;

use super::super::effect::Effect;
use super::super::input::{BURST, Gesture};
use super::super::keys::KeyStroke;
use super::super::model::{Choice, Field, Model, Overlay, Pane, Redirected, Redirecting};
use super::{card, drafts, outbound, tell};
use crate::incident::{
    Answer, Ask, Digest, Handoff, HandoffId, HandoffStep, ProposalId, Redirect, Untrusted, Verdict,
};
use crate::wire::Command;

/// Begins to redirect what the card shows, what is selected, or the handoff that is under way.
pub(super) fn begin(model: &mut Model) -> Vec<Effect> {
    if let Some(refused) = outbound::refuse_replay(model) {
        return refused;
    }
    if let Some(card) = model.card() {
        let (proposal, seen) = (card.proposal, card.seen);
        return match card::may_answer(model) {
            Ok(()) => begin_proposal(model, proposal, seen),
            Err(why) => card::refuse(model, why),
        };
    }
    if model.focus == Pane::Decisions {
        let Some(id) = model.at_decision.selected() else {
            return tell::refuse(model, "no decision is selected");
        };
        // What is redirected must stand on the screen: the card is opened first.
        return card::open(model, id);
    }
    let current = model.at_incident.selected();
    let under_way =
        |handoff: &&Handoff| Some(handoff.incident) == current && !handoff.state.is_over();
    match model.handoffs.values().rev().find(under_way) {
        Some(handoff) => {
            let (id, to) = (handoff.id, handoff.to.clone());
            show(model, Redirected::Handoff(id), Some(&to))
        }
        None => tell::refuse(model, "no handoff of this incident is under way"),
    }
}

fn begin_proposal(model: &mut Model, proposal: ProposalId, seen: Digest) -> Vec<Effect> {
    let ask = model.decisions.get(proposal).map(|decision| &decision.proposal.ask);
    let to = match ask {
        Some(Ask::Handoff { to, .. }) => Some(to.clone()),
        _ => None,
    };
    show(model, Redirected::Proposal { proposal, seen }, to.as_deref())
}

/// Shows the choices; only what has a receiver can have another one.
fn show(model: &mut Model, of: Redirected, to: Option<&str>) -> Vec<Effect> {
    let others = model.gates.partners.iter().filter(|partner| to.is_some_and(|to| to != **partner));
    let mut choices: Vec<_> = others.cloned().map(Choice::Partner).collect();
    choices.extend([Choice::Narrow, Choice::Constrain, Choice::TakeOver]);
    let draft = model.drafts.get(&of.draft_key()).map_or("", String::as_str);
    // What was written the last time stands on the screen at once.
    let written = choices.iter().position(Choice::takes_text).filter(|_| !draft.is_empty());
    let (field, marked) = (Field::page(draft), written.unwrap_or(0));
    let redirecting = Redirecting { of, choices, marked, field, refused: None };
    model.overlays.push(Overlay::Redirect(Box::new(redirecting)));
    Vec::new()
}

/// Marks another choice.
pub(super) fn mark(redirecting: &mut Redirecting, by: isize) {
    let count = redirecting.choices.len().max(1);
    redirecting.marked = (redirecting.marked + count).saturating_add_signed(by) % count;
    redirecting.refused = None;
}

/// Takes a stroke into the field, where the choice has one.
pub(super) fn typed(model: &mut Model, stroke: KeyStroke) -> Vec<Effect> {
    let Some(Overlay::Redirect(redirecting)) = model.overlays.last_mut() else { return Vec::new() };
    if redirecting.choice().is_some_and(Choice::takes_text) {
        redirecting.field.press(stroke);
        redirecting.refused = None;
    }
    kept(model)
}

/// Takes a paste into the field, where the choice has one; returns what was left out.
pub(super) fn pasted(model: &mut Model, text: &str) -> (usize, Vec<Effect>) {
    let Some(Overlay::Redirect(redirecting)) = model.overlays.last_mut() else {
        return (0, Vec::new());
    };
    let takes_text = redirecting.choice().is_some_and(Choice::takes_text);
    let left_out = if takes_text { redirecting.field.paste(text) } else { 0 };
    (left_out, kept(model))
}

/// Keeps what is written so far.
fn kept(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Redirect(redirecting)) = model.overlays.last() else { return Vec::new() };
    let (key, text) = (redirecting.of.draft_key(), redirecting.field.text());
    drafts::keep(model, key, text)
}

/// Sends the redirect, or says why it cannot be sent.
pub(super) fn send(model: &mut Model, gesture: Gesture) -> Vec<Effect> {
    let Some(Overlay::Redirect(redirecting)) = model.overlays.last() else { return Vec::new() };
    let text = redirecting.field.text().trim().to_owned();
    let of = redirecting.of;
    let redirect = match redirecting.choice() {
        Some(Choice::Partner(to)) => Redirect::Partner { to: to.clone() },
        Some(Choice::Narrow | Choice::Constrain) if text.is_empty() => {
            return refuse(model, "write what shall be different");
        }
        Some(Choice::Narrow) => Redirect::Narrow { question: text.into() },
        Some(Choice::Constrain) => Redirect::Constrain { constraint: text.into() },
        Some(Choice::TakeOver) => Redirect::TakeOver,
        None => return Vec::new(),
    };
    let burst = SignedDuration::try_from(BURST).unwrap_or_default();
    if gesture.quiet.is_some_and(|quiet| quiet < burst) {
        return refuse(model, "that key came with a paste: press it again");
    }
    go(model, of, redirect)
}

/// Takes the work over by hand, from the card or from the choices.
pub(super) fn take_over(model: &mut Model, gesture: Gesture) -> Vec<Effect> {
    if !gesture.is_deliberate() {
        let why = "too soon: leave the keyboard alone for a moment, then press it";
        return match model.overlays.last() {
            Some(Overlay::Redirect(_)) => refuse(model, why),
            _ => tell::refuse(model, why),
        };
    }
    match model.overlays.last() {
        Some(Overlay::Redirect(redirecting)) => {
            let of = redirecting.of;
            go(model, of, Redirect::TakeOver)
        }
        Some(Overlay::Card(card)) => {
            let of = Redirected::Proposal { proposal: card.proposal, seen: card.seen };
            go(model, of, Redirect::TakeOver)
        }
        _ => Vec::new(),
    }
}

fn go(model: &mut Model, of: Redirected, redirect: Redirect) -> Vec<Effect> {
    let intent = match of {
        Redirected::Proposal { proposal, seen } => {
            if let Err(why) = card::may_answer(model) {
                return match model.overlays.last() {
                    Some(Overlay::Redirect(_)) => refuse(model, &why.what),
                    _ => card::refuse(model, why),
                };
            }
            let verdict = Verdict {
                proposal,
                digest: seen,
                answer: Answer::Redirect { redirect },
                acknowledged: Vec::new(),
                typed_target: None,
            };
            outbound::verdict(model, verdict)
        }
        Redirected::Handoff(id) => match step(model, id, redirect) {
            Some(intent) => intent,
            None => return refuse(model, "the handoff is over"),
        },
    };
    if let Some(Overlay::Redirect(_)) = model.overlays.last() {
        model.overlays.pop();
    }
    let mut effects = drafts::keep(model, of.draft_key(), String::new());
    effects.extend(outbound::hold(model, intent));
    effects
}

/// The step of a handoff that a redirect amounts to; none if the handoff is over.
fn step(model: &Model, id: HandoffId, redirect: Redirect) -> Option<outbound::Intent> {
    let handoff = model.handoffs.get(&id).filter(|handoff| !handoff.state.is_over())?;
    let mut context = handoff.context.clone();
    let mut to = handoff.to.clone();
    let (text, step) = match redirect {
        Redirect::TakeOver => (format!("took the work over from {to}"), HandoffStep::TakenOver),
        Redirect::Partner { to: other } => {
            to = other;
            let text = format!("redirected from {} to {to}", handoff.to);
            (text, HandoffStep::Redirected { to, context: Box::new(context) })
        }
        Redirect::Narrow { question } => {
            context.question = question;
            let text = "narrowed the question".to_owned();
            (text, HandoffStep::Redirected { to, context: Box::new(context) })
        }
        Redirect::Constrain { constraint } => {
            context.constraints.push(constraint);
            let text = "added a constraint".to_owned();
            (text, HandoffStep::Redirected { to, context: Box::new(context) })
        }
    };
    Some(outbound::Intent {
        what: text.clone(),
        incident: Some(handoff.incident),
        proposal: None,
        command: Command::StepHandoff { handoff: id, step, text: Untrusted::from(text) },
    })
}

fn refuse(model: &mut Model, why: &str) -> Vec<Effect> {
    if let Some(Overlay::Redirect(redirecting)) = model.overlays.last_mut() {
        redirecting.refused = Some(why.to_owned());
    }
    Vec::new()
}
