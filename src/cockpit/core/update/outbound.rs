//! What the person sends: held for a while, then sent, and never shown as more than it is.

use jiff::Timestamp;

use super::super::effect::Effect;
use super::super::model::{Act, ActStage, AskId, Model, RECALL};
use super::{drafts, search, tell};
use crate::incident::{
    Answer, Ask, EntryId, IncidentId, Notice, ProposalId, Trouble, Untrusted, Verdict,
};
use crate::wire::{Command, Reply};

/// Most acts remembered; those longest over are forgotten first.
const MOST_ACTS: usize = 64;

/// An act before it is on its way.
pub(super) struct Intent {
    /// The act in our own words.
    pub what: String,
    /// The incident that it belongs to.
    pub incident: Option<IncidentId>,
    /// The proposal that it answers.
    pub proposal: Option<ProposalId>,
    /// What leaves.
    pub command: Command,
}

/// Holds an act for as long as it can be taken back.
pub(super) fn hold(model: &mut Model, intent: Intent) -> Vec<Effect> {
    if let Some(refused) = refuse_replay(model) {
        return refused;
    }
    let until = model.wall.saturating_add(RECALL).unwrap_or(Timestamp::MAX);
    begin(model, intent, ActStage::Held { until });
    Vec::new()
}

/// Sends an act that must not wait.
pub(super) fn send_now(model: &mut Model, intent: Intent) -> Vec<Effect> {
    if let Some(refused) = refuse_replay(model) {
        return refused;
    }
    let stage = ActStage::Sent { at: model.wall };
    let command = Box::new(intent.command.clone());
    let ask = begin(model, intent, stage);
    vec![Effect::Send { ask, command }]
}

/// Nothing is sent out of a recording.
pub(super) fn refuse_replay(model: &mut Model) -> Option<Vec<Effect>> {
    model.replaying?;
    Some(tell::refuse(model, "this is a recording: nothing can be sent"))
}

fn begin(model: &mut Model, intent: Intent, stage: ActStage) -> AskId {
    let Intent { what, incident, proposal, command } = intent;
    let ask = model.next_ask();
    if model.acts.len() >= MOST_ACTS
        && let Some(oldest) = model.acts.iter().position(|act| act.stage.is_over())
    {
        model.acts.remove(oldest);
    }
    let (at, command) = (model.wall, Box::new(command));
    model.acts.push(Act { ask, what, incident, proposal, at, command, stage });
    ask
}

/// Sends what was held long enough.
pub(super) fn release(model: &mut Model) -> Vec<Effect> {
    let wall = model.wall;
    let due = |act: &&mut Act| matches!(act.stage, ActStage::Held { until } if until <= wall);
    let mut effects = Vec::new();
    for act in model.acts.iter_mut().filter(due) {
        act.stage = ActStage::Sent { at: wall };
        effects.push(Effect::Send { ask: act.ask, command: act.command.clone() });
    }
    effects
}

/// Takes the latest held act back.
pub(super) fn recall(model: &mut Model) -> Vec<Effect> {
    let held = |act: &&mut Act| matches!(act.stage, ActStage::Held { .. });
    let Some(act) = model.acts.iter_mut().rev().find(held) else {
        return tell::refuse(model, "nothing can be taken back any more");
    };
    act.stage = ActStage::Recalled { why: None };
    let (what, command) = (act.what.clone(), act.command.clone());
    let mut effects = drafts::keep_recalled(model, &command);
    let notice = Notice::new(Trouble::Conflict, format!("taken back: {what}"));
    effects.extend(tell::done(model, notice.hint("nothing was sent")));
    effects
}

/// Takes back all that is held, because the person leaves.
pub(super) fn recall_all(model: &mut Model) {
    for act in &mut model.acts {
        if matches!(act.stage, ActStage::Held { .. }) {
            act.stage = ActStage::Recalled { why: Some("the cockpit was left".to_owned()) };
        }
    }
}

/// What to say to somebody who leaves while something is on its way.
pub(super) fn unfinished(model: &Model) -> Option<Notice> {
    let open: Vec<_> = model.acts.iter().filter(|act| !act.stage.is_over()).collect();
    let first = open.first()?;
    let (stage, hint) = match first.stage {
        ActStage::Held { .. } => ("has not left yet", "wait, or quit again to take it back"),
        _ => ("is not answered yet", "wait, or quit again to leave without knowing"),
    };
    Some(Notice::new(Trouble::Conflict, format!("{} {stage}", first.what)).hint(hint))
}

/// Takes back held verdicts that no longer answer what their person saw.
pub(super) fn reconsider(model: &mut Model) -> Vec<Effect> {
    let mut taken_back = Vec::new();
    for act in &mut model.acts {
        let ActStage::Held { .. } = act.stage else { continue };
        let Command::Decide { verdict } = &*act.command else { continue };
        let Some(decision) = model.decisions.get(verdict.proposal) else { continue };
        let unseen = |entry: &&EntryId| !verdict.acknowledged.contains(entry);
        let why = if !decision.state.is_open() {
            format!("it is {} already", decision.state.word())
        } else if verdict.answer.lets_run() && decision.stale_by.iter().any(|entry| unseen(&entry))
        {
            "something arrived that its card did not show".to_owned()
        } else {
            continue;
        };
        taken_back.push((act.what.clone(), why.clone(), act.command.clone()));
        act.stage = ActStage::Recalled { why: Some(why) };
    }
    let mut effects = Vec::new();
    for (what, why, command) in taken_back {
        effects.extend(drafts::keep_recalled(model, &command));
        let notice = Notice::new(Trouble::Conflict, format!("not sent: {what}, because {why}"));
        effects.extend(tell::warn(model, notice.hint("open the card and read it again")));
    }
    effects
}

/// The hub answered; what nobody waits for is passed over.
pub(super) fn answered(
    model: &mut Model,
    ask: AskId,
    result: Result<Box<Reply>, Notice>,
) -> Vec<Effect> {
    let waits = |act: &&mut Act| act.ask == ask && matches!(act.stage, ActStage::Sent { .. });
    let Some(act) = model.acts.iter_mut().find(waits) else {
        search::answered(model, ask, result);
        return Vec::new();
    };
    match result {
        Ok(reply) => {
            act.stage = journaled(&reply);
            Vec::new()
        }
        Err(notice) => {
            act.stage = ActStage::Refused(notice.clone());
            let (what, command) = (act.what.clone(), act.command.clone());
            let mut effects = drafts::keep_recalled(model, &command);
            let told = Notice { what: format!("{what}: {}", notice.what), ..notice };
            effects.extend(tell::warn(model, told));
            effects
        }
    }
}

fn journaled(reply: &Reply) -> ActStage {
    match reply {
        Reply::Recorded { entry } => ActStage::Journaled { entry: Some(*entry), note: None },
        Reply::Decided { entry, missing, .. } => {
            let note = (*missing > 0).then(|| format!("{missing} more approver needed"));
            ActStage::Journaled { entry: Some(*entry), note }
        }
        Reply::Opened { .. }
        | Reply::Proposed { .. }
        | Reply::Allowed { .. }
        | Reply::Settled { .. }
        | Reply::Claimed { .. }
        | Reply::Offered { .. }
        | Reply::Found { .. }
        | Reply::Remembered { .. }
        | Reply::Seen => ActStage::Journaled { entry: None, note: None },
    }
}

/// An answer to a proposal, ready to be held.
pub(super) fn verdict(model: &Model, verdict: Verdict) -> Intent {
    let decision = model.decisions.get(verdict.proposal);
    let about =
        decision.map_or_else(|| verdict.proposal.short(), |decision| about(&decision.proposal.ask));
    let is_question =
        decision.is_some_and(|decision| matches!(decision.proposal.ask, Ask::Question { .. }));
    let what = match &verdict.answer {
        // Words on anything but a question leave it open: they are no answer.
        Answer::Respond { .. } if !is_question => format!("remark on {about}"),
        answer => format!("{} {about}", answer.word()),
    };
    Intent {
        what,
        incident: decision.map(|decision| decision.incident),
        proposal: Some(verdict.proposal),
        command: Command::Decide { verdict },
    }
}

/// What an answer is about, in a few words; names come from agents and are made safe.
fn about(ask: &Ask) -> String {
    let named = |name: &str| Untrusted::from(name).line();
    match ask {
        Ask::Action(remedy) => {
            format!("{} {}", named(&remedy.verb), named(&remedy.target.resource))
        }
        Ask::Handoff { to, .. } => format!("handoff to {}", named(to)),
        Ask::Question { .. } | Ask::Close { .. } => ask.word().to_owned(),
    }
}
