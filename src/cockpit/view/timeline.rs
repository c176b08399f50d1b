//! The timeline pane: every entry of one incident from all trackers in one order.

use super::entry::{Beside, entry};
use super::flow::{Length, hang};
use super::ink::{Row, ours};
use super::json::{MOST_ROWS, json};
use super::lens::{Lens, Surround};
use super::list::Lines;
use super::listing::{Listing, titled, unseen};
use super::pen::CLOCK;
use crate::cockpit::core::{LineId, Model, Pane, Watched};
use crate::cockpit::theme::Role;
use crate::incident::{Entry, EntryId};

/// The entries of one incident as lines of a list.
pub(super) struct Entries<'a> {
    model: &'a Model,
    lens: Lens<'a>,
    watched: &'a Watched,
    shown: usize,
    width: usize,
}

impl<'a> Entries<'a> {
    fn new(model: &'a Model, lens: &Lens<'a>, watched: &'a Watched, width: usize) -> Self {
        let place = &watched.at_entry;
        let mut shown = super::listing::shown(place, watched.timeline.len());
        if !place.filter.is_empty() {
            let early = |id: &EntryId| watched.timeline.position(*id).is_some_and(|at| at < shown);
            shown = place.narrowed.partition_point(early);
        }
        Self { model, lens: *lens, watched, shown, width }
    }

    /// The entry at a position: among all, or among those that the filter shows.
    fn at(&self, position: usize) -> Option<&'a Entry> {
        let place = &self.watched.at_entry;
        if place.filter.is_empty() {
            return self.watched.timeline.window(position..position + 1).next();
        }
        self.watched.timeline.get(*place.narrowed.get(position)?)
    }

    fn position(&self, id: EntryId) -> Option<usize> {
        let place = &self.watched.at_entry;
        if place.filter.is_empty() {
            return self.watched.timeline.position(id).filter(|position| *position < self.shown);
        }
        place.narrowed.iter().position(|known| *known == id)
    }
}

impl Lines for Entries<'_> {
    fn after(&self, position: usize) -> Option<usize> {
        (position + 1 < self.shown).then_some(position + 1)
    }

    fn before(&self, position: usize) -> Option<usize> {
        position.min(self.shown).checked_sub(1)
    }

    fn id(&self, position: usize) -> Option<LineId> {
        self.at(position).map(|entry| LineId::Entry(entry.id))
    }

    fn rows(&self, position: usize) -> Vec<Row> {
        let Some(found) = self.at(position) else { return Vec::new() };
        let unfolded = self.watched.unfolded.contains(&found.id);
        let beside = Beside {
            pen: self.lens.pen(self.model),
            decisions: &self.model.decisions,
            deliveries: &self.model.deliveries,
            watched: self.watched,
            before: self.before(position).and_then(|before| self.at(before)),
            whole: if unfolded { Length::Whole } else { Length::Short },
            width: self.width,
        };
        let mut rows = entry(found, &beside);
        if self.model.raw {
            rows.extend(body(found, self.width));
        }
        rows
    }
}

/// What an entry says for machines.
fn body(entry: &Entry, width: usize) -> Vec<Row> {
    match serde_json::to_value(&entry.body) {
        Ok(value) => {
            let rail = Row::new().gap(CLOCK + 2);
            let room = width.saturating_sub(CLOCK + 2);
            hang(json(&value, room, MOST_ROWS), &rail, &rail)
        }
        Err(_) => vec![Row::of(Role::Failed, "✗ it cannot be written as JSON")],
    }
}

/// What the pane shows for the current incident.
pub(super) fn listing<'a>(
    model: &'a Model,
    lens: &Lens<'a>,
    width: usize,
) -> Option<Listing<Entries<'a>>> {
    let watched = model.current()?;
    let entries = Entries::new(model, lens, watched, width);
    let anchor = watched.at_entry.anchor;
    let at = anchor.and_then(|anchor| Some((entries.position(anchor.id)?, anchor.above)));
    let last = entries.shown.checked_sub(1);
    Some(Listing::new(entries, at, last, &watched.at_entry.flow))
}

/// The frame of the pane: how many entries, and how many arrived unseen.
pub(super) fn surround(model: &Model, lens: &Lens<'_>) -> Surround {
    let mut title = titled(lens, model, Pane::Timeline);
    let mut end = Row::new();
    if let Some(watched) = model.current() {
        let count = watched.timeline.len();
        title = title.put(Role::Muted, ours(format!(" · {count}")));
        end = unseen(&watched.at_entry);
    }
    Surround::new(title, super::listing::hears(model, Pane::Timeline)).end(end)
}
