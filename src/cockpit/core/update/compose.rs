//! Writing: comments, reasons, answers; what is written is never lost.

use jiff::SignedDuration;

use super::super::effect::Effect;
use super::super::input::{BURST, Gesture};
use super::super::keys::{Key, KeyStroke};
use super::super::model::{DraftKey, Looks, Model, Overlay, Purpose, QUICK_REASONS};
use super::{card, drafts, mention, outbound, owed, tell};
use crate::incident::{Answer, Body, Canonical, IncidentId, Notice, Untrusted};
use crate::wire::{Command, Draft};

/// Begins a comment on the incident that is shown.
pub(super) fn comment(model: &mut Model) -> Vec<Effect> {
    if let Some(refused) = outbound::refuse_replay(model) {
        return refused;
    }
    match model.at_incident.selected() {
        Some(incident) => drafts::open(model, Purpose::Comment(incident), ""),
        None => tell::refuse(model, "there is no incident to comment on"),
    }
}

/// The text changed: the draft is kept, and whoever is being named is looked for.
pub(super) fn changed(model: &mut Model) -> Vec<Effect> {
    mention::look(model);
    kept(model)
}

/// Keeps the draft as it stands.
pub(super) fn kept(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Composer(composer)) = model.overlays.last_mut() else { return Vec::new() };
    composer.refused = None;
    composer.looks = Looks::Source;
    let (key, text) = (composer.purpose.draft_key(), composer.field.text());
    drafts::keep(model, key, text)
}

/// Takes over the next quick reason, where reasons are asked for; a text of the person's own follows
/// below it.
pub(super) fn quick(model: &mut Model, by: isize) -> Vec<Effect> {
    let Some(Overlay::Composer(composer)) = model.overlays.last_mut() else { return Vec::new() };
    let Purpose::Deny { .. } = composer.purpose else { return Vec::new() };
    let text = composer.field.text();
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let present = QUICK_REASONS.iter().position(|reason| *reason == first);
    let own = if present.is_some() { rest } else { text.as_str() };
    let count = QUICK_REASONS.len();
    let next = match present {
        None if by < 0 => count - 1,
        None => 0,
        Some(quick) => (quick + count).saturating_add_signed(by) % count,
    };
    composer.quick = Some(next);
    let reason = QUICK_REASONS.get(next).copied().unwrap_or_default();
    let own = own.trim_end();
    let whole = if own.is_empty() { reason.to_owned() } else { format!("{reason}\n{own}") };
    composer.field.replace(&whole);
    changed(model)
}

/// Shows the text as it will be read, or goes on writing.
pub(super) fn preview(model: &mut Model) -> Vec<Effect> {
    if let Some(Overlay::Composer(composer)) = model.overlays.last_mut() {
        composer.mentioning = None;
        composer.looks = match composer.looks {
            Looks::Source => Looks::Preview,
            Looks::Preview => Looks::Source,
        };
    }
    Vec::new()
}

/// Goes one line up or down: among the choices of a mention, in the text, and at its edge through
/// what was sent before.
pub(super) fn line(model: &mut Model, by: isize) -> Vec<Effect> {
    if mention::mark(model, by) {
        return Vec::new();
    }
    let Some(Overlay::Composer(composer)) = model.overlays.last_mut() else { return Vec::new() };
    let (first, last) = composer.field.edges();
    let at_edge = if by < 0 { first } else { last };
    let edits = matches!(composer.purpose, Purpose::Edit { .. });
    if at_edge && !edits {
        return bring_back(model, by);
    }
    composer.field.press(KeyStroke::plain(if by < 0 { Key::Up } else { Key::Down }));
    mention::look(model);
    Vec::new()
}

/// Brings an earlier text back, or the one that stood there first.
fn bring_back(model: &mut Model, by: isize) -> Vec<Effect> {
    let written = &model.remembered.written;
    let Some(Overlay::Composer(composer)) = model.overlays.last_mut() else { return Vec::new() };
    let (back, own) = match composer.brought_back.take() {
        Some((back, own)) => (back + 1, own),
        None => (0, composer.field.text()),
    };
    let wanted = if by < 0 { back + 1 } else { back.saturating_sub(1) };
    let wanted = wanted.min(written.len());
    let earlier =
        wanted.checked_sub(1).and_then(|back| written.get(written.len().checked_sub(back + 1)?));
    match earlier {
        Some(text) => {
            composer.field.replace(text);
            composer.brought_back = Some((wanted - 1, own));
        }
        None => {
            composer.field.replace(&own);
        }
    }
    kept(model)
}

/// Goes on writing in the person's own editor.
pub(super) fn open_editor(model: &mut Model) -> Vec<Effect> {
    match model.overlays.last() {
        Some(Overlay::Composer(composer)) => {
            vec![Effect::OpenEditor { text: composer.field.text() }]
        }
        _ => Vec::new(),
    }
}

/// The person's editor ended.
pub(super) fn editor_returned(model: &mut Model, result: Result<String, Notice>) -> Vec<Effect> {
    match result {
        Ok(text) => {
            let Some(Overlay::Composer(composer)) = model.overlays.last_mut() else {
                return Vec::new();
            };
            let left_out = composer.field.replace(text.trim_end());
            let mut effects = changed(model);
            if left_out > 0 {
                effects.extend(tell::left_out(model, left_out, 0));
            }
            effects
        }
        Err(notice) => tell::warn(model, notice),
    }
}

/// Unfinished texts of the last run were found; what was begun since is newer.
pub(super) fn restored(model: &mut Model, drafts: Vec<(DraftKey, String)>) -> Vec<Effect> {
    for (key, text) in drafts {
        model.drafts.entry(key).or_insert(text);
    }
    Vec::new()
}

/// Sends what is written, or says why it cannot be sent.
pub(super) fn send(model: &mut Model, gesture: Gesture) -> Vec<Effect> {
    let Some(Overlay::Composer(composer)) = model.overlays.last() else { return Vec::new() };
    let (purpose, text) = (composer.purpose.clone(), composer.field.text());
    if let Err(why) = sendable(model, &purpose, &text, gesture) {
        if let Some(Overlay::Composer(composer)) = model.overlays.last_mut() {
            composer.refused = Some(why);
        }
        return Vec::new();
    }
    let text = text.trim().to_owned();
    model.overlays.pop();
    // What the card asks about once more is a draft until it is answered.
    let waits = matches!(purpose, Purpose::Edit { .. } | Purpose::BreakGlass { .. });
    let key = purpose.draft_key();
    let mut effects = if waits { Vec::new() } else { drafts::keep(model, key, String::new()) };
    if !matches!(purpose, Purpose::Edit { .. }) && !text.is_empty() {
        model.remembered.wrote(&text);
        effects.push(Effect::Remember(model.remembered.clone()));
    }
    effects.extend(match purpose {
        Purpose::Comment(incident) => post_comment(model, incident, &text),
        Purpose::Deny { .. } => card::answer(model, Answer::Deny { reason: text.into() }, None),
        Purpose::Respond { .. } => card::answer(model, Answer::Respond { text: text.into() }, None),
        Purpose::BreakGlass { .. } => {
            card::written(model, Answer::BreakGlass { reason: text.into() });
            Vec::new()
        }
        Purpose::Edit { .. } => {
            if let Ok(args) = Canonical::parse(&text) {
                card::written(model, Answer::EditAndApprove { args });
            }
            Vec::new()
        }
        Purpose::Halt { halted } => post_halt(model, halted, text),
        Purpose::GiveUp { entry, tracker } => owed::give_up(model, entry, tracker, &text),
    });
    effects
}

/// Whether a text can be sent; else why not.
fn sendable(model: &Model, purpose: &Purpose, text: &str, gesture: Gesture) -> Result<(), String> {
    let burst = SignedDuration::try_from(BURST).unwrap_or_default();
    if gesture.quiet.is_some_and(|quiet| quiet < burst) {
        return Err("that key came with a paste: press it again".to_owned());
    }
    if purpose.proposal().is_some() {
        card::may_answer(model).map_err(|notice| notice.what)?;
    }
    let blank = text.trim().is_empty();
    match purpose {
        Purpose::Deny { .. } if blank => Err("say why: the agent reads it".to_owned()),
        Purpose::GiveUp { .. } if blank => {
            Err("say why it need not be written: the record keeps the reason".to_owned())
        }
        Purpose::BreakGlass { .. } if blank => {
            Err("say why it cannot wait for a second person: everybody reads it".to_owned())
        }
        Purpose::Comment(_) | Purpose::Respond { .. } if blank => {
            Err("there is nothing to send".to_owned())
        }
        Purpose::Halt { halted: false } if blank => Err("say why it is safe to go on".to_owned()),
        Purpose::Halt { halted: false } if !gesture.is_deliberate() => {
            Err("too soon: leave the keyboard alone for a moment, then press it".to_owned())
        }
        Purpose::Edit { .. } => {
            Canonical::parse(text).map(|_| ()).map_err(|error| format!("failed to {error}"))
        }
        _ => Ok(()),
    }
}

fn post_comment(model: &mut Model, incident: IncidentId, text: &str) -> Vec<Effect> {
    // The same comment sent again after a lost answer is the same entry; the time tells apart two
    // comments that merely read alike.
    let key = format!("comment {} {}", model.me, model.wall);
    let draft = Draft {
        incident,
        body: Body::Comment,
        text: Untrusted::from(text),
        refs: mention::entries_in(model, incident, text),
        key: Some(key),
    };
    let intent = outbound::Intent {
        what: "comment".to_owned(),
        incident: Some(incident),
        proposal: None,
        command: Command::Post { draft },
    };
    outbound::hold(model, intent)
}

/// Parking leaves at once, since it can only make things safer; releasing can be taken back.
fn post_halt(model: &mut Model, halted: bool, text: String) -> Vec<Effect> {
    let reason = if text.is_empty() { "no reason was given".to_owned() } else { text };
    let what = if halted { "park every action" } else { "let parked actions run again" };
    let intent = outbound::Intent {
        what: what.to_owned(),
        incident: None,
        proposal: None,
        command: Command::Halt { halted, reason: reason.into() },
    };
    if halted { outbound::send_now(model, intent) } else { outbound::hold(model, intent) }
}
