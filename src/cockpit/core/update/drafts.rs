//! Unfinished texts: kept with every change, found again when the composer opens.

use super::super::effect::Effect;
use super::super::model::{Composer, DraftKey, Model, Overlay, Purpose};
use crate::incident::Answer;
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
        Command::Post { draft } => Some((DraftKey::Comment(draft.incident), &draft.text)),
        Command::Halt { reason, .. } => Some((DraftKey::Halt, reason)),
        Command::GiveUp { entry, reason, .. } => Some((DraftKey::GiveUp(*entry), reason)),
        Command::Decide { verdict } => match &verdict.answer {
            Answer::Deny { reason } => Some((DraftKey::Deny(verdict.proposal), reason)),
            Answer::BreakGlass { reason } => Some((DraftKey::BreakGlass(verdict.proposal), reason)),
            Answer::Respond { text } => Some((DraftKey::Respond(verdict.proposal), text)),
            _ => None,
        },
        _ => None,
    };
    let Some((key, text)) = kept else { return Vec::new() };
    let is_newer = model.drafts.contains_key(&key);
    if is_newer { Vec::new() } else { keep(model, key, text.for_storage().to_owned()) }
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
