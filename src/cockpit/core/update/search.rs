//! Searching the history of all incidents as it is typed.

use super::super::effect::Effect;
use super::super::model::{AskId, Field, Found, Model, Overlay, Searching};
use super::{reach, tell};
use crate::incident::{Notice, Query, Trouble};
use crate::wire::{Command, Reply};

/// Most hits asked for.
const MOST_HITS: u32 = 200;

/// Begins a search.
pub(super) fn begin(model: &mut Model) -> Vec<Effect> {
    if model.replaying.is_some() {
        return tell::refuse(model, "a recording has no history: press / to filter instead");
    }
    let searching = Searching { field: Field::line(""), found: Found::Nothing, marked: None };
    model.overlays.push(Overlay::Search(Box::new(searching)));
    Vec::new()
}

/// Begins a search with a text that was kept.
pub(super) fn again(model: &mut Model, text: &str) -> Vec<Effect> {
    let begun = begin(model);
    let Some(Overlay::Search(searching)) = model.overlays.last_mut() else { return begun };
    searching.field.replace(text);
    changed(model)
}

/// Keeps the text that is looked for, or forgets it.
pub(super) fn keep(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Search(searching)) = model.overlays.last() else { return Vec::new() };
    let text = searching.field.text().trim().to_owned();
    if text.is_empty() {
        return tell::refuse(model, "there is nothing to keep yet");
    }
    let is_kept = model.remembered.turn_search(&text);
    let what = if is_kept { "kept: the palette lists it" } else { "forgotten" };
    let mut effects = vec![Effect::Remember(model.remembered.clone())];
    effects.extend(tell::confirm(model, what));
    effects
}

/// The text changed: the hub is asked, and what it still answers to the text before is ignored.
pub(super) fn changed(model: &mut Model) -> Vec<Effect> {
    let ask = model.next_ask();
    let Some(Overlay::Search(searching)) = model.overlays.last_mut() else { return Vec::new() };
    let text = searching.field.text().trim().to_owned();
    if text.is_empty() {
        searching.found = Found::Nothing;
        return Vec::new();
    }
    let before = searching.found.hits().to_vec();
    searching.found = Found::Asked { ask, before };
    let query = Query { text, limit: MOST_HITS, ..Query::default() };
    vec![Effect::Send { ask, command: Box::new(Command::Search { query }) }]
}

/// The hub answered; only the answer to the latest question counts.
pub(super) fn answered(model: &mut Model, ask: AskId, result: Result<Box<Reply>, Notice>) {
    let waits = model.overlays.iter_mut().find_map(|overlay| match overlay {
        Overlay::Search(searching) => match searching.found {
            Found::Asked { ask: latest, .. } if latest == ask => Some(searching),
            _ => None,
        },
        _ => None,
    });
    let Some(searching) = waits else { return };
    searching.found = match result.map(|reply| *reply) {
        Ok(Reply::Found { hits }) => Found::Hits(hits),
        Ok(_) => Found::Failed(Notice::new(Trouble::Failed, "the hub did not answer the search")),
        Err(notice) => Found::Failed(notice),
    };
    let hits = searching.found.hits();
    let stays = searching.marked.filter(|id| hits.iter().any(|hit| hit.entry.id == *id));
    searching.marked = stays.or_else(|| hits.first().map(|hit| hit.entry.id));
}

/// Marks another hit.
pub(super) fn mark(searching: &mut Searching, by: isize) {
    let hits = searching.found.hits();
    let present = hits.iter().position(|hit| Some(hit.entry.id) == searching.marked);
    let to = present.map_or(0, |position| position.saturating_add_signed(by));
    let to = to.min(hits.len().saturating_sub(1));
    searching.marked = hits.get(to).map(|hit| hit.entry.id).or(searching.marked);
}

/// Goes to the marked hit in its timeline.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Search(searching)) = model.overlays.last() else { return Vec::new() };
    let hits = searching.found.hits();
    let marked = hits.iter().find(|hit| Some(hit.entry.id) == searching.marked);
    let Some((incident, id)) = marked.map(|hit| (hit.entry.incident, hit.entry.id)) else {
        return Vec::new();
    };
    let found: Vec<_> = hits.iter().map(|hit| (hit.entry.incident, hit.entry.id)).collect();
    for watched in model.incidents.values_mut() {
        let own = found.iter().filter(|(of, _)| *of == watched.incident.id);
        watched.hits = own.map(|(_, id)| *id).collect();
    }
    let known = model.incidents.get(&incident);
    if known.is_none_or(|watched| watched.timeline.get(id).is_none()) {
        let notice = Notice::new(Trouble::NotFound, "that entry is not in this cockpit's feed");
        let hint = format!("read it with `wheelhouse timeline {incident}`");
        return tell::warn(model, notice.hint(hint));
    }
    reach::entry(model, incident, id);
    Vec::new()
}
