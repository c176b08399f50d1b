//! The decision card: opening it is one act, deciding another, and nothing here is fast.

use jiff::{SignedDuration, Timestamp};

use super::super::effect::Effect;
use super::super::input::{BURST, Gesture, QUIET};
use super::super::keys::KeyStroke;
use super::super::model::{
    ActStage, Anchor, AskId, Before, Card, Closed, Field, Model, Overlay, Sight, Step,
};
use super::{drafts, outbound, tell};
use crate::incident::{
    Actor, Answer, Ask, Decision, Entry, EntryId, Notice, ProposalId, Trouble, Verdict,
};
use crate::wire::{Command, Reply};

/// How long a decision is put off, unless it expires soon after.
const DEFER: SignedDuration = SignedDuration::from_mins(10);

/// With less than this left, a decision is not put off any more.
const LEAST_LEFT: SignedDuration = SignedDuration::from_mins(1);

/// A refused gesture: what the card shows.
pub(super) type Refused = Notice;

/// Opens a card in the place of one on which nothing is left to decide; under any other nothing slides.
pub(super) fn open(model: &mut Model, id: ProposalId) -> Vec<Effect> {
    if matches!(model.overlays.last(), Some(Overlay::Card(card)) if card.over.is_some()) {
        model.overlays.pop();
    }
    if model.card().is_some() {
        return tell::refuse(model, "a card is open: decide there, or close it first");
    }
    let Some(decision) = model.decisions.get(id) else { return Vec::new() };
    let mut card = Card::new(decision);
    card.over = closed(decision, &card, model.now);
    let asks = matches!(decision.proposal.ask, Ask::Action(_)) && model.replaying.is_none();
    // What stands behind the card is the incident that it is about.
    let incident = decision.incident;
    if model.incidents.contains_key(&incident) && !model.at_incident.is_selected(incident) {
        model.at_incident.anchor = Some(Anchor { id: incident, above: 0 });
    }
    if !model.at_decision.is_selected(id) {
        model.at_decision.anchor = Some(Anchor { id, above: 0 });
    }
    let ask = asks.then(|| model.next_ask());
    card.before = ask.map_or(Before::Unasked, Before::Asked);
    model.overlays.push(Overlay::Card(Box::new(card)));
    let command = || Box::new(Command::LastTime { proposal: id });
    ask.map(|ask| Effect::Send { ask, command: command() }).into_iter().collect()
}

/// The hub answered what became of the same before; `false` if no card asked that.
pub(super) fn remembered(
    model: &mut Model,
    ask: AskId,
    result: &Result<Box<Reply>, Notice>,
) -> bool {
    let Some(card) = open_card(&mut model.overlays) else { return false };
    if card.before != Before::Asked(ask) {
        return false;
    }
    card.before = match result.as_ref().map(|reply| &**reply) {
        Ok(Reply::Remembered { precedents }) => Before::Known(precedents.clone()),
        Ok(_) => Before::Failed(usage("the hub did not answer what was asked")),
        Err(notice) => Before::Failed(notice.clone()),
    };
    // What stands on the card changed: the quiet begins anew.
    card.stirred = None;
    true
}

/// A frame was drawn: what the card shows can be seen from now on.
pub(super) fn drawn(model: &mut Model, at: Timestamp, sight: Sight) -> Vec<Effect> {
    let measured = sight.measured;
    model.measured = measured;
    model.sight = sight;
    if let Some(Overlay::Card(card)) = model.overlays.last_mut() {
        card.stirred.get_or_insert(at);
        let furthest = measured.rows.saturating_sub(measured.fit);
        card.scroll = card.scroll.min(furthest);
    }
    Vec::new()
}

/// An entry arrived: the open card shows it and the quiet begins anew, if the entry is about it.
pub(super) fn stirred(model: &mut Model, decided: Option<ProposalId>, entry: &Entry) {
    let now = model.now;
    let Some(id) = model.card().map(|card| card.proposal) else { return };
    let Some(decision) = model.decisions.get(id) else { return };
    let is_news = decision.stale_by.contains(&entry.id);
    if decided != Some(id) && !is_news {
        return;
    }
    let news = decision.stale_by.clone();
    let Some(card) = open_card(&mut model.overlays) else { return };
    card.over = closed(decision, card, now);
    card.news = news;
    card.stirred = None;
    // What the person wrote is kept; it is asked about once more before it counts.
    if let Step::AskedAgain { answer: Answer::Approve } = card.step {
        card.step = Step::Reading;
    }
}

/// Time has passed: a card whose proposal expired says so.
pub(super) fn expire(model: &mut Model) {
    let now = model.now;
    let Some(card) = open_card(&mut model.overlays) else { return };
    if let Some(decision) = model.decisions.get(card.proposal) {
        card.over = closed(decision, card, now);
    }
}

/// The key after a refused gesture clears what it said.
pub(super) fn forget_refusal(model: &mut Model) {
    if let Some(card) = open_card(&mut model.overlays) {
        card.refused = None;
    }
}

/// Approves exactly what the card shows, or asks again, or asks for the target's name.
pub(super) fn approve(model: &mut Model, gesture: Gesture) -> Vec<Effect> {
    let Some(Overlay::Card(card)) = model.overlays.last() else { return Vec::new() };
    let answer = match &card.step {
        Step::Reading => Answer::Approve,
        Step::AskedAgain { answer } => answer.clone(),
        Step::Typing { .. } => return Vec::new(),
    };
    match may_approve(model, gesture) {
        Ok(()) => go_on(model, answer),
        Err(why) => refuse(model, why),
    }
}

/// An answer was written that lets something run: the card shows it and asks for it again.
pub(super) fn written(model: &mut Model, answer: Answer) {
    if let Some(card) = open_card(&mut model.overlays) {
        card.step = Step::AskedAgain { answer };
        card.stirred = None;
    }
}

/// Puts the decision off, but never past its own end; the proposal stays open.
pub(super) fn defer(model: &mut Model) -> Vec<Effect> {
    if let Err(why) = may_answer(model) {
        return refuse(model, why);
    }
    let Some(decision) = shown(model) else { return Vec::new() };
    let left = decision.proposal.expires.duration_since(model.now);
    if left < LEAST_LEFT {
        let why = "it expires within a minute: answer it now, or let it expire";
        return refuse(model, conflict(why));
    }
    // It comes back while there is as much time left to answer it as it was put off.
    let until = model.now.saturating_add(DEFER.min(left / 2)).unwrap_or(Timestamp::MAX);
    answer(model, Answer::Defer { until }, None)
}

/// Confirms a grave action, once the target's name is typed.
pub(super) fn confirm(model: &mut Model, gesture: Gesture) -> Vec<Effect> {
    let Some(Overlay::Card(card)) = model.overlays.last() else { return Vec::new() };
    let Step::Typing { answer: wanted, field, .. } = &card.step else { return Vec::new() };
    let (wanted, typed) = (wanted.clone(), field.text());
    if let Err(why) = may_approve(model, gesture) {
        return refuse(model, why);
    }
    let Some(decision) = shown(model) else { return Vec::new() };
    if !unseen(decision, model).is_empty() {
        return ask_again(model, wanted);
    }
    if decision.proposal.ask.target_name() != Some(typed.as_str()) {
        return refuse(model, usage("that is not the name: type it exactly as the card shows it"));
    }
    answer(model, wanted, Some(typed))
}

/// Takes a stroke into the target's name; keys on the heels of each other are a machine's.
pub(super) fn typed(card: &mut Card, stroke: KeyStroke, at: Timestamp) {
    let Step::Typing { field, strokes, .. } = &mut card.step else { return };
    let burst = SignedDuration::try_from(BURST).unwrap_or_default();
    let before = strokes.first().filter(|_| strokes.len() == 2);
    let is_pasted = before.is_some_and(|first| at.duration_since(*first) <= burst);
    if strokes.len() == 2 {
        strokes.remove(0);
    }
    // The strokes of a paste are kept as well: what still comes with them belongs to it.
    strokes.push(at);
    if is_pasted {
        field.replace("");
        card.refused = Some(usage("that was pasted: type the name yourself"));
    } else {
        field.press(stroke);
    }
}

/// A paste never types the target's name; `false` if no name is asked for.
pub(super) fn pasted(card: &mut Card) -> bool {
    let Step::Typing { field, .. } = &mut card.step else { return false };
    field.replace("");
    card.refused = Some(usage("nothing can be pasted here: type the name yourself"));
    true
}

/// Stops typing the target's name; decides nothing.
pub(super) fn cancel(card: &mut Card) {
    card.step = Step::Reading;
    card.stirred = None;
}

/// Goes on with an answer that lets something run.
fn go_on(model: &mut Model, wanted: Answer) -> Vec<Effect> {
    let Some(decision) = shown(model) else { return Vec::new() };
    if !unseen(decision, model).is_empty() {
        return ask_again(model, wanted);
    }
    let types =
        decision.proposal.required.typed_target && decision.proposal.ask.target_name().is_some();
    if !types {
        return answer(model, wanted, None);
    }
    if let Some(card) = open_card(&mut model.overlays) {
        let field = Box::new(Field::line(""));
        card.step = Step::Typing { answer: wanted, field, strokes: Vec::new() };
        card.stirred = None;
    }
    Vec::new()
}

/// Shows what arrived since, and asks again.
fn ask_again(model: &mut Model, wanted: Answer) -> Vec<Effect> {
    let Some(decision) = shown(model) else { return Vec::new() };
    let news = decision.stale_by.clone();
    if let Some(card) = open_card(&mut model.overlays) {
        card.acknowledged = news;
        card.step = Step::AskedAgain { answer: wanted };
        card.stirred = None;
    }
    Vec::new()
}

/// Holds an answer to what the card shows.
pub(super) fn answer(
    model: &mut Model,
    answer: Answer,
    typed_target: Option<String>,
) -> Vec<Effect> {
    let Some(card) = open_card(&mut model.overlays) else { return Vec::new() };
    let verdict = Verdict {
        proposal: card.proposal,
        digest: card.seen,
        answer,
        acknowledged: card.acknowledged.clone(),
        typed_target,
    };
    card.step = Step::Reading;
    card.stirred = None;
    // What was written stays a draft until here: the card may be closed before it counts.
    let mut effects = drafts::sent(model, &verdict);
    let intent = outbound::verdict(model, verdict);
    effects.extend(outbound::hold(model, intent));
    effects
}

/// Shows why a gesture did nothing.
pub(super) fn refuse(model: &mut Model, why: Refused) -> Vec<Effect> {
    if let Some(card) = open_card(&mut model.overlays) {
        card.refused = Some(why);
    }
    Vec::new()
}

/// Whether the open card can be answered at all.
pub(super) fn may_answer(model: &Model) -> Result<(), Refused> {
    if model.replaying.is_some() {
        return Err(usage("this is a recording: nothing can be decided"));
    }
    if model.screen.is_cramped() {
        return Err(usage("the screen is smaller than 60×16: what is decided could not be read"));
    }
    let Some(card) = model.card() else { return Err(usage("no card is open")) };
    if let Some(over) = card.over {
        return Err(conflict(match over {
            Closed::Settled => "this is settled already",
            Closed::Expired => "this has expired: nobody approved or denied it",
            Closed::Changed => "what is proposed has changed: close the card and open it again",
        }));
    }
    let about = model.sent_about(card.proposal).map(|act| &act.stage);
    match about {
        Some(ActStage::Held { .. }) => Err(conflict("your answer is held: take it back first")),
        Some(ActStage::Sent { .. }) => Err(conflict("your answer is under way")),
        _ => Ok(()),
    }
}

/// Whether this gesture may let something run.
pub(super) fn may_approve(model: &Model, gesture: Gesture) -> Result<(), Refused> {
    may_answer(model)?;
    let Some(decision) = shown(model) else { return Err(usage("no card is open")) };
    may_be_approver(decision, &model.me)?;
    let forces = model.card().is_some_and(|card| card.step.forces());
    if decision.approvers().contains(&model.me) && !forces {
        return Err(conflict("you approved it already: another person is needed"));
    }
    is_calm(model, gesture)
}

/// Whether hands and card were still for long enough before this gesture.
pub(super) fn is_calm(model: &Model, gesture: Gesture) -> Result<(), Refused> {
    let stirred = model.card().and_then(|card| card.stirred);
    let calm = stirred.is_some_and(|at| gesture.began_well_after(at)) && gesture.is_deliberate();
    if calm {
        return Ok(());
    }
    let wait = QUIET.as_millis();
    Err(usage(&format!("too soon: leave keyboard and card alone for {wait} ms, then press it")))
}

/// Whether this person may let it run at all.
pub(super) fn may_be_approver(decision: &Decision, me: &Actor) -> Result<(), Refused> {
    if matches!(decision.proposal.ask, Ask::Question { .. }) {
        return Err(usage("a question is answered in words"));
    }
    if decision.proposer == *me || decision.proposal.required.not.contains(me) {
        return Err(conflict("whoever proposed or redirected it does not approve it"));
    }
    Ok(())
}

/// The decision that the open card shows.
pub(super) fn shown(model: &Model) -> Option<&Decision> {
    model.decisions.get(model.card()?.proposal)
}

/// The entries that arrived and that the person was not shown when asked.
fn unseen(decision: &Decision, model: &Model) -> Vec<EntryId> {
    let Some(card) = model.card() else { return Vec::new() };
    let is_unseen = |entry: &&EntryId| !card.acknowledged.contains(entry);
    decision.stale_by.iter().filter(is_unseen).copied().collect()
}

fn closed(decision: &Decision, card: &Card, now: Timestamp) -> Option<Closed> {
    if decision.proposal.digest != card.seen {
        Some(Closed::Changed)
    } else if decision.state == crate::incident::DecisionState::Expired {
        Some(Closed::Expired)
    } else if !decision.state.is_open() {
        Some(Closed::Settled)
    } else if decision.is_past(now) {
        Some(Closed::Expired)
    } else {
        None
    }
}

fn open_card(overlays: &mut [Overlay]) -> Option<&mut Card> {
    overlays.iter_mut().rev().find_map(|overlay| match overlay {
        Overlay::Card(card) => Some(&mut **card),
        _ => None,
    })
}

/// A notice that the gesture was wrong.
pub(super) fn usage(what: &str) -> Notice {
    Notice::new(Trouble::Usage, what)
}

/// A notice that the decision stands against it.
pub(super) fn conflict(what: &str) -> Notice {
    Notice::new(Trouble::Conflict, what)
}
