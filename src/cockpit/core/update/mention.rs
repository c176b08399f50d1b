//! Mentions: what the letters after an `@` may become, and what of it a text refers to.

use std::collections::BTreeSet;

use super::super::model::{Composer, Mention, Mentioning, Model, Overlay, Purpose};
use super::fuzzy;
use crate::incident::{ActorKind, Entry, EntryId, IncidentId};

/// Most choices shown.
const MOST_SHOWN: usize = 6;

/// Most entries looked through, from the newest.
const MOST_ENTRIES: usize = 500;

/// The names of the agents and partners that are known here.
pub(super) fn agents(model: &Model) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = BTreeSet::new();
    for watched in model.incidents.values() {
        let actors = watched.timeline.entries().rev().take(MOST_ENTRIES).map(|entry| &entry.actor);
        let agents = actors.filter(|actor| actor.kind() == ActorKind::Agent);
        names.extend(agents.map(ToString::to_string));
    }
    // A partner that has written something is known by its full name.
    let is_known = |partner: &str| {
        let short = |name: &str| {
            name.strip_prefix("agent:").and_then(|it| it.split('@').next()) == Some(partner)
        };
        names.iter().any(|name| short(name))
    };
    let silent: Vec<String> =
        model.gates.partners.iter().filter(|partner| !is_known(partner)).cloned().collect();
    names.extend(silent);
    names
}

/// The text or the cursor moved: looks whether somebody is being named.
pub(super) fn look(model: &mut Model) {
    let Some(Overlay::Composer(composer)) = model.overlays.last() else { return };
    let mentioning = typed_name(composer).and_then(|typed| {
        let incident = incident_of(model, composer)?;
        let mut choices = people(model, &typed);
        choices.extend(entries(model, incident, &typed));
        choices.truncate(MOST_SHOWN);
        let typed = typed.chars().count();
        (!choices.is_empty()).then_some(Mentioning { typed, choices, marked: 0 })
    });
    if let Some(Overlay::Composer(composer)) = model.overlays.last_mut() {
        composer.mentioning = mentioning;
    }
}

/// The letters between an `@` at the beginning of a word and the cursor.
fn typed_name(composer: &Composer) -> Option<String> {
    if let Purpose::Edit { .. } = composer.purpose {
        return None;
    }
    let before = composer.field.before_cursor();
    let (head, typed) = before.rsplit_once('@')?;
    let begins = head.chars().next_back().is_none_or(char::is_whitespace);
    (begins && !typed.contains(char::is_whitespace)).then(|| typed.to_owned())
}

fn incident_of(model: &Model, composer: &Composer) -> Option<IncidentId> {
    match &composer.purpose {
        Purpose::Comment(incident) => Some(*incident),
        purpose => purpose
            .proposal()
            .and_then(|id| model.decisions.get(id))
            .map(|decision| decision.incident)
            .or_else(|| model.at_incident.selected()),
    }
}

/// The people and agents whose names hold these letters, the best first.
fn people(model: &Model, typed: &str) -> Vec<Mention> {
    let people = model.gates.people.iter().map(ToString::to_string);
    let names: Vec<String> =
        people.chain(agents(model)).collect::<BTreeSet<_>>().into_iter().collect();
    let found = fuzzy::ranked(typed, names.iter().map(String::as_str)).into_iter();
    found.filter_map(|ranked| names.get(ranked.at).cloned().map(Mention::Actor)).collect()
}

/// The entries of an incident that hold this text, the newest first; whoever looks for one knows a
/// word of it, or its id.
fn entries(model: &Model, incident: IncidentId, typed: &str) -> Vec<Mention> {
    let Some(watched) = model.incidents.get(&incident) else { return Vec::new() };
    let typed = typed.to_lowercase();
    let newest = watched.timeline.entries().rev().take(MOST_ENTRIES);
    let holds = |entry: &&Entry| {
        let (kind, id) = (entry.body.kind().word(), entry.id.to_string().to_lowercase());
        let text = entry.text.for_storage().to_lowercase();
        [kind, &id, &text].iter().any(|words| words.contains(&typed))
    };
    let found = newest.filter(holds).take(MOST_SHOWN);
    found.map(|entry| Mention::Entry(entry.id)).collect()
}

/// Marks another choice; `false` if nobody is being named.
pub(super) fn mark(model: &mut Model, by: isize) -> bool {
    let Some(Overlay::Composer(composer)) = model.overlays.last_mut() else { return false };
    let Some(mentioning) = &mut composer.mentioning else { return false };
    let count = mentioning.choices.len().max(1);
    mentioning.marked = (mentioning.marked + count).saturating_add_signed(by) % count;
    true
}

/// Puts the marked choice into the text; `false` if nobody is being named.
pub(super) fn accept(model: &mut Model) -> bool {
    let Some(Overlay::Composer(composer)) = model.overlays.last_mut() else { return false };
    let Some(mentioning) = composer.mentioning.take() else { return false };
    let Some(choice) = mentioning.choices.get(mentioning.marked) else { return false };
    composer.field.complete(mentioning.typed, &format!("{} ", choice.written()));
    true
}

/// Stops naming; `false` if nobody is being named.
pub(super) fn leave(model: &mut Model) -> bool {
    match model.overlays.last_mut() {
        Some(Overlay::Composer(composer)) => composer.mentioning.take().is_some(),
        _ => false,
    }
}

/// The entries of an incident that a text names.
pub(super) fn entries_in(model: &Model, incident: IncidentId, text: &str) -> Vec<EntryId> {
    let Some(watched) = model.incidents.get(&incident) else { return Vec::new() };
    let mut named: Vec<EntryId> = Vec::new();
    for word in text.split_whitespace() {
        let Some(rest) = word.strip_prefix('@') else { continue };
        let id = rest.trim_end_matches(|sign: char| !sign.is_ascii_alphanumeric());
        let id = id.parse().ok().filter(|id| watched.timeline.get(*id).is_some());
        named.extend(id.filter(|id| !named.contains(id)));
    }
    named
}
