//! The panels: the incident from one side, a line marked, and return leads to it.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::ink::{Row, style};
use super::lens::{Hears, Lens, Surround};
use super::page::{Page, Stop};
use super::{board, charts, face, passing};
use crate::cockpit::core::{LineId, Model, Panel, Side, stops};
use crate::cockpit::theme::Role;
use crate::incident::{Entry, Turn};

/// Draws a panel.
pub(super) fn draw(
    frame: &mut Frame<'_>,
    area: Rect,
    model: &Model,
    lens: &Lens<'_>,
    panel: &Panel,
) {
    let (title, note) = match panel.shows {
        Side::Hypotheses => ("Hypotheses", " · what may be the cause, and what it rests on"),
        Side::Charts => ("Charts", " · what was measured, and what was done"),
        Side::Handoffs => ("Handoffs", " · who has the investigation"),
        Side::Links { .. } => ("Rests on", " · choose where to go"),
    };
    let title = Row::of(Role::Focus, title).put(Role::Muted, note);
    let inner = Surround::new(title, Hears::Keys).draw_over(frame, area, lens);
    let Some(watched) = model.current() else { return };
    let pen = lens.pen(model);
    let page = Page { model, watched, pen, width: inner.width.into() };
    let (stops, list) = match &panel.shows {
        Side::Hypotheses => (board::rows(&page), inner),
        Side::Handoffs => (passing::rows(&page), inner),
        Side::Links { links, .. } => (Listed(&page).links(links), inner),
        Side::Charts => {
            let list = charts::draw(frame, inner, &page, lens);
            (Listed(&page).actions(panel, model), list)
        }
    };
    listed(frame, list, lens, stops, panel.marked);
}

/// The rows of the two panels that need no file of their own.
struct Listed<'a>(&'a Page<'a>);

impl Listed<'_> {
    fn links(&self, links: &[LineId]) -> Vec<Stop> {
        let row = |link: &LineId| match link {
            LineId::Entry(id) => self.0.watched.timeline.get(*id).map(|entry| self.0.entry(entry)),
            LineId::Turn(turn) => self.turn(*turn),
            LineId::Decision(id) => {
                let decision = self.0.model.decisions.get(*id)?;
                let row = face::decision(&decision.state).row().gap(2);
                Some(row.put(Role::Text, decision.proposal.title.line()))
            }
            LineId::Incident(_) => None,
        };
        links.iter().map(|link| Stop::to(row(link).unwrap_or_default().fit(self.0.width))).collect()
    }

    fn turn(&self, turn: usize) -> Option<Row> {
        let exchange = &self.0.watched.exchange;
        Some(match exchange.turns().get(turn)? {
            Turn::Said { at, by, text } => {
                let row = self.0.pen.time(*at).join(self.0.pen.actor(by)).gap(2);
                row.put(Role::Text, text.gist())
            }
            Turn::Called(id) => {
                let call = exchange.call(*id)?;
                let row = self.0.pen.time(call.started).join(self.0.pen.actor(&call.from));
                let row = row.put(Role::Muted, " called ").put(Role::Code, call.tool.line());
                row.gap(2).put(Role::Text, call.question.gist())
            }
        })
    }

    /// The actions below the charts, with the letters by which they are marked there.
    fn actions(&self, panel: &Panel, model: &Model) -> Vec<Stop> {
        let stops = stops(panel, model);
        let entries = stops.iter().filter_map(|stop| match stop {
            LineId::Entry(id) => self.0.watched.timeline.get(*id),
            _ => None,
        });
        let row = |(at, entry): (usize, &Entry)| {
            let letter = Row::of(Role::Key, charts::letter(at)).gap(2);
            Stop::to(letter.join(self.0.entry(entry)).fit(self.0.width))
        };
        entries.enumerate().map(row).collect()
    }
}

/// Draws rows so that the marked one of those that lead somewhere can be seen.
pub(super) fn listed(
    frame: &mut Frame<'_>,
    area: Rect,
    lens: &Lens<'_>,
    stops: Vec<Stop>,
    marked: usize,
) {
    let leading = stops.iter().enumerate().filter(|(_, stop)| stop.leads).map(|(at, _)| at);
    let at = leading.clone().nth(marked).or_else(|| leading.clone().next_back());
    let rows = usize::from(area.height);
    let furthest = stops.len().saturating_sub(rows);
    let first = at.map_or(0, |at| at.saturating_sub(rows / 2)).min(furthest);
    for ((position, stop), place) in stops.into_iter().enumerate().skip(first).zip(area.rows()) {
        lens.row(frame, place, stop.row);
        if at == Some(position) {
            let bar = Rect { x: place.x.saturating_sub(1), width: 1, ..place };
            lens.row(frame, bar, Row::of(Role::Focus, "▌"));
            frame.buffer_mut().set_style(place, style(lens.theme, Role::Selection));
        }
    }
}
