//! One entry, call, or saying in full, with its raw JSON one key away.

use ratatui::Frame;
use ratatui::layout::Rect;
use serde::Serialize;

use super::call::{self, Manner, Raw};
use super::card::scrolled;
use super::entry::{Beside, entry};
use super::face;
use super::flow::{Length, wrap};
use super::ink::{Row, exact, named, ours};
use super::json::json;
use super::lens::{Hears, Lens, Surround};
use super::moment::date;
use crate::cockpit::core::{Measured, Model, Opened, Shown, Watched};
use crate::cockpit::theme::Role;
use crate::incident::{Call, Entry, EntryId};
use crate::wire::DeliveryStage;

/// Draws what is opened and says how long it is.
pub(super) fn draw(
    frame: &mut Frame<'_>,
    area: Rect,
    model: &Model,
    lens: &Lens<'_>,
    opened: Opened,
) -> Measured {
    let title = match opened.shown {
        Shown::Entry(_) => "Entry",
        Shown::Call(_) => "Call",
        Shown::Said(_) => "Saying",
    };
    let end = Row::of(Role::Muted, if opened.raw { "raw JSON" } else { "" });
    let surround = Surround::new(Row::of(Role::Focus, title), Hears::Keys).end(end);
    let inner = surround.draw_over(frame, area, lens);
    let page = Page { model, lens, raw: opened.raw, width: inner.width.into() };
    let rows = model.current().map(|watched| page.rows(watched, opened.shown));
    scrolled(frame, inner, lens, rows.unwrap_or_default(), opened.scroll)
}

struct Page<'a> {
    model: &'a Model,
    lens: &'a Lens<'a>,
    raw: bool,
    width: usize,
}

impl Page<'_> {
    fn rows(&self, watched: &Watched, shown: Shown) -> Vec<Row> {
        match shown {
            Shown::Entry(id) => {
                watched.timeline.get(id).map_or_else(Vec::new, |found| self.entry(watched, found))
            }
            Shown::Call(id) => {
                watched.exchange.call(id).map_or_else(Vec::new, |found| self.call(watched, found))
            }
            Shown::Said(turn) => match watched.exchange.turns().get(turn) {
                Some(said) => call::said(turn, said, &self.manner(watched)),
                None => Vec::new(),
            },
        }
    }

    fn manner<'b>(&'b self, watched: &'b Watched) -> Manner<'b> {
        let raw = if self.raw { Raw::Json } else { Raw::Words };
        let pen = self.lens.pen(self.model);
        Manner { pen, length: Length::Whole, raw, width: self.width, watched }
    }

    fn call(&self, watched: &Watched, found: &Call) -> Vec<Row> {
        let mut rows = call::call(found, &self.manner(watched));
        rows.push(Row::new());
        for (at, message) in &found.progress {
            let pen = self.lens.pen(self.model);
            let row = pen.time(*at).put(Role::Partner, "◂ ").put(Role::Muted, message.gist());
            rows.push(row.fit(self.width));
        }
        rows
    }

    fn entry(&self, watched: &Watched, found: &Entry) -> Vec<Row> {
        if self.raw {
            return self.json(found);
        }
        let beside = Beside {
            pen: self.lens.pen(self.model),
            decisions: &self.model.decisions,
            deliveries: &self.model.deliveries,
            watched,
            before: None,
            whole: Length::Whole,
            width: self.width,
        };
        let mut rows = entry(found, &beside);
        rows.push(Row::new());
        rows.extend(self.places(found));
        rows.extend(self.owed(found));
        for id in &found.refs {
            rows.push(self.rests_on(watched, *id));
        }
        let at = date(found.at, self.lens.zone);
        rows.push(Row::of(Role::Muted, "written   ").put(Role::Text, ours(at)));
        let seen = date(found.first_seen, self.lens.zone);
        rows.push(Row::of(Role::Muted, "seen      ").put(Role::Text, ours(seen)));
        rows.push(Row::of(Role::Muted, "id        ").put(Role::Code, ours(found.id.to_string())));
        rows
    }

    /// Where its copies stand.
    fn places(&self, found: &Entry) -> Vec<Row> {
        let mut rows = Vec::new();
        for origin in &found.origins {
            let row = Row::of(Role::Muted, "stands in ")
                .put(Role::Text, named(&origin.tracker))
                .gap(1)
                .put(Role::Code, exact(&origin.item))
                .put(Role::Muted, " as ")
                .put(Role::Code, exact(&origin.remote));
            rows.extend(wrap(row, self.width));
        }
        rows
    }

    /// How far it is on its way to each tracker where no copy of it was seen yet.
    fn owed(&self, found: &Entry) -> Vec<Row> {
        let seen = |tracker: &str| found.origins.iter().any(|origin| origin.tracker == tracker);
        let stages = self.model.deliveries.of(found.id).filter(|(tracker, _)| !seen(tracker));
        let row = |(tracker, stage): (&str, &DeliveryStage)| {
            let face = face::delivery(stage);
            let row = face.row().put(Role::Muted, " in ").put(Role::Text, named(tracker));
            let row = match stage {
                DeliveryStage::Written { remote } => {
                    row.put(Role::Muted, " as ").put(Role::Code, exact(remote))
                }
                _ => row,
            };
            row.fit(self.width)
        };
        stages.map(row).collect()
    }

    fn rests_on(&self, watched: &Watched, id: EntryId) -> Row {
        let row = Row::of(Role::Muted, "rests on  ");
        let pen = self.lens.pen(self.model);
        match watched.timeline.get(id) {
            Some(entry) => row
                .put(Role::Muted, pen.clock(entry.at))
                .gap(1)
                .put(Role::Muted, entry.body.kind().word())
                .gap(1)
                .put(Role::Text, entry.text.gist()),
            None => row.put(Role::Code, ours(id.to_string())),
        }
        .fit(self.width)
    }

    fn json(&self, what: &impl Serialize) -> Vec<Row> {
        match serde_json::to_value(what) {
            Ok(value) => json(&value, self.width, usize::MAX),
            Err(_) => vec![Row::of(Role::Failed, "✗ it cannot be written as JSON")],
        }
    }
}
