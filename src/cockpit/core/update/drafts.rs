//! Unfinished texts: kept with every change, found again when the composer opens.

use super::super::effect::Effect;
use super::super::model::{Composer, DraftKey, Model, Overlay, Purpose};
use super::arguments;
use crate::incident::{Answer, HandoffContext, HandoffStep, Redirect, Untrusted, Verdict};
use crate::wire::Command;

/// Opens the composer with the draft of the last time, or with `text` if there is none.
pub(super) fn open(model: &mut Model, purpose: Purpose, text: &str) -> Vec<Effect> {
    let draft = model.drafts.get(&purpose.draft_key()).map_or(text, String::as_str);
    let composer = Composer::new(purpose, draft);
    model.overlays.push(Overlay::Composer(Box::new(composer)));
    Vec::new()
}

/// A text that was taken back or refused is a draft again.
pub(super) fn keep_recalled(model: &mut Model, command: &Command) -> Vec<Effect> {
    let kept = match command {
        Command::Post { draft } => Some((DraftKey::Comment(draft.incident), own(&draft.text))),
        Command::Halt { reason, .. } => Some((DraftKey::Halt, own(reason))),
        Command::GiveUp { entry, reason, .. } => Some((DraftKey::GiveUp(*entry), own(reason))),
        Command::Decide { verdict } => answered(verdict),
        Command::StepHandoff {
            handoff,
            step: HandoffStep::Redirected { context: wanted, .. },
            ..
        } => {
            let known = model.handoffs.get(handoff).map(|handoff| &handoff.context);
            let text = known.and_then(|known| different(known, wanted));
            text.map(|text| (DraftKey::Redirect((*handoff).into()), own(text)))
        }
        _ => None,
    };
    let Some((key, text)) = kept else { return Vec::new() };
    let is_newer = model.drafts.contains_key(&key);
    if is_newer { Vec::new() } else { keep(model, key, text) }
}

fn own(text: &Untrusted) -> String {
    text.for_storage().to_owned()
}

/// What was written for an answer, if anything was.
fn answered(verdict: &Verdict) -> Option<(DraftKey, String)> {
    let proposal = verdict.proposal;
    Some(match &verdict.answer {
        Answer::Deny { reason } => (DraftKey::Deny(proposal), own(reason)),
        Answer::BreakGlass { reason } => (DraftKey::BreakGlass(proposal), own(reason)),
        Answer::Respond { text } => (DraftKey::Respond(proposal), own(text)),
        Answer::EditAndApprove { args } => (DraftKey::Edit(proposal), arguments::text(args)),
        Answer::Redirect {
            redirect: Redirect::Narrow { question: text } | Redirect::Constrain { constraint: text },
        } => (DraftKey::Redirect(proposal.into()), own(text)),
        Answer::Approve | Answer::Defer { .. } | Answer::Redirect { .. } => return None,
    })
}

/// What was written to make a handoff different; none if only its receiver is another.
fn different<'a>(known: &HandoffContext, wanted: &'a HandoffContext) -> Option<&'a Untrusted> {
    if wanted.question == known.question {
        wanted.constraints.get(known.constraints.len())
    } else {
        Some(&wanted.question)
    }
}

/// What was written for an answer is on its way with it, and no draft any more.
pub(super) fn sent(model: &mut Model, verdict: &Verdict) -> Vec<Effect> {
    match answered(verdict) {
        Some((key, _)) => keep(model, key, String::new()),
        None => Vec::new(),
    }
}

/// Keeps a draft, here and on disk; an empty one is forgotten.
pub(super) fn keep(model: &mut Model, key: DraftKey, text: String) -> Vec<Effect> {
    let known = model.drafts.get(&key).map_or("", String::as_str);
    if known == text {
        return Vec::new();
    }
    if text.is_empty() {
        model.drafts.remove(&key);
    } else {
        model.drafts.insert(key, text.clone());
    }
    vec![Effect::SaveDraft { key, text }]
}
