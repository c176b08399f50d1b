//! The palette: offering what can be asked for here, and asking for what is chosen.

use super::super::action::{Action, Context};
use super::super::effect::Effect;
use super::super::model::{
    Anchor, Chosen, Field, Flow, Match, Model, Offer, Overlay, Palette, Pane,
};
use super::{filter, fuzzy, reach, search, tell};
use crate::incident::{EntryId, IncidentId, Untrusted};

/// Opens the palette with everything that is valid here.
pub(super) fn begin(model: &mut Model) -> Vec<Effect> {
    if model.context().takes_text() {
        return Vec::new();
    }
    let context = model.context();
    let (own, everywhere) = actions_in(model, context);
    let places = if model.overlays.is_empty() { places(model) } else { Vec::new() };
    let offered = [own, places, everywhere].concat();
    show(model, context, offered);
    Vec::new()
}

/// Opens a palette of links, for when there are several.
pub(super) fn links(model: &mut Model, links: Vec<String>) {
    let offer = |link: String| Offer { words: link.clone(), choice: Chosen::Link(link) };
    let context = model.context();
    show(model, context, links.into_iter().map(offer).collect());
}

fn show(model: &mut Model, context: Context, offered: Vec<Offer>) {
    let field = Field::line("");
    let mut palette = Palette { field, context, offered, found: Vec::new(), marked: 0 };
    find(&mut palette);
    model.overlays.push(Overlay::Palette(Box::new(palette)));
}

/// What a person can ask for: in this context alone, and everywhere; what only moves stands last.
fn actions_in(model: &Model, context: Context) -> (Vec<Offer>, Vec<Offer>) {
    let replays = model.replaying.is_some();
    let valid = |action: &&Action| {
        let is_in = |context| action.contexts().contains(&context);
        let here =
            is_in(context) || is_in(Context::Anywhere) || (replays && is_in(Context::Replay));
        here && **action != Action::Palette
    };
    let mut listed: Vec<Action> = Action::all().iter().filter(valid).copied().collect();
    listed.sort_by_key(|action| action.is_movement());
    let (own, everywhere): (Vec<Action>, Vec<Action>) =
        listed.into_iter().partition(|action| action.contexts().contains(&context));
    let offer = |action: Action| {
        let words = format!("{} {}", action.describe(), action.name());
        Offer { choice: Chosen::Action(action), words }
    };
    (own.into_iter().map(offer).collect(), everywhere.into_iter().map(offer).collect())
}

/// Incidents, agents, searches and bookmarks.
fn places(model: &Model) -> Vec<Offer> {
    let mut offered = Vec::new();
    for watched in model.listed_incidents() {
        let incident = &watched.incident;
        let words = format!("incident {} · {}", incident.title.line(), incident.service.line());
        offered.push(Offer { choice: Chosen::Incident(incident.id), words });
    }
    for name in super::mention::agents(model) {
        let words = format!("agent {}", Untrusted::from(name.as_str()).line());
        offered.push(Offer { choice: Chosen::Agent(name), words });
    }
    for text in model.remembered.searches.iter().rev() {
        let words = format!("search {}", Untrusted::from(text.as_str()).line());
        offered.push(Offer { choice: Chosen::Search(text.clone()), words });
    }
    for id in &model.remembered.bookmarks {
        let found = model.incidents.values().find_map(|watched| watched.timeline.get(*id));
        if let Some(entry) = found {
            let words = format!("bookmark {}", entry.text.gist());
            offered.push(Offer { choice: Chosen::Bookmark(*id), words });
        }
    }
    offered
}

/// The text changed: the best comes first, and is marked.
pub(super) fn find(palette: &mut Palette) {
    let words = palette.offered.iter().map(|offer| offer.words.as_str());
    let found = fuzzy::ranked(&palette.field.text(), words);
    palette.found = found
        .into_iter()
        .map(|ranked| Match { offer: ranked.at, letters: ranked.letters })
        .collect();
    palette.marked = 0;
}

/// Marks another offer.
pub(super) fn mark(palette: &mut Palette, by: isize) {
    let last = palette.found.len().saturating_sub(1);
    palette.marked = palette.marked.saturating_add_signed(by).min(last);
}

/// Closes the palette and returns what is marked; none if nothing is.
pub(super) fn take(model: &mut Model) -> Option<Chosen> {
    let Some(Overlay::Palette(palette)) = model.overlays.last() else { return None };
    let choice = palette.choice().map(|offer| offer.choice.clone())?;
    model.overlays.pop();
    Some(choice)
}

/// Goes to what was chosen, if it is a place.
pub(super) fn go(model: &mut Model, chosen: Chosen) -> Vec<Effect> {
    match chosen {
        Chosen::Action(_) => Vec::new(),
        Chosen::Incident(id) => incident(model, id),
        Chosen::Agent(name) => agent(model, &name),
        Chosen::Search(text) => search::again(model, &text),
        Chosen::Bookmark(id) => bookmark(model, id),
        Chosen::Link(link) => vec![Effect::OpenLink(link)],
    }
}

fn incident(model: &mut Model, id: IncidentId) -> Vec<Effect> {
    model.at_incident.anchor = Some(Anchor { id, above: 0 });
    model.focus = Pane::Exchange;
    Vec::new()
}

fn agent(model: &mut Model, name: &str) -> Vec<Effect> {
    filter::set(model, Pane::Exchange, &format!("\"{name}\""));
    model.focus = Pane::Exchange;
    Vec::new()
}

fn bookmark(model: &mut Model, id: EntryId) -> Vec<Effect> {
    let holds = |model: &Model| {
        model.incidents.values().find(|it| it.timeline.get(id).is_some()).map(|it| it.incident.id)
    };
    let Some(incident) = holds(model) else {
        return tell::refuse(model, "that entry is not in this cockpit's feed");
    };
    reach::entry(model, incident, id);
    Vec::new()
}

/// Goes to the next entry of this incident that the person marked, and round again.
pub(super) fn next_bookmark(model: &mut Model) -> Vec<Effect> {
    let Some(watched) = model.current() else { return Vec::new() };
    let present = watched.at_entry.selected().and_then(|id| watched.timeline.position(id));
    let marked = model.remembered.bookmarks.iter();
    let mut positions: Vec<(usize, EntryId)> =
        marked.filter_map(|id| Some((watched.timeline.position(*id)?, *id))).collect();
    positions.sort_unstable();
    let after = positions.iter().find(|(at, _)| present.is_some_and(|present| *at > present));
    let Some((_, id)) = after.or(positions.first()).copied() else {
        return tell::refuse(model, "no entry of this incident is marked");
    };
    let incident = watched.incident.id;
    reach::entry(model, incident, id);
    Vec::new()
}

/// Marks the selected entry, or removes its mark.
pub(super) fn turn_bookmark(model: &mut Model) -> Vec<Effect> {
    let selected = model.current().and_then(|watched| {
        let following = matches!(watched.at_entry.flow, Flow::Following);
        let last = || watched.timeline.entries().next_back().map(|entry| entry.id);
        watched.at_entry.selected().or_else(|| if following { last() } else { None })
    });
    let Some(id) = selected else { return tell::refuse(model, "no entry is selected") };
    let is_marked = model.remembered.turn_bookmark(id);
    let what = if is_marked { "marked: the palette lists it" } else { "the mark is removed" };
    let mut effects = vec![Effect::Remember(model.remembered.clone())];
    effects.extend(tell::confirm(model, what));
    effects
}
