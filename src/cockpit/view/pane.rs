//! The panes: a list inside a frame, its selection, what is new in it, and what would fill it.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::ink::Row;
use super::lens::{Hears, Lens};
use super::list::{Lines, Placed, seen, window};
use super::listing::{Listing, hears};
use super::{decisions, exchange, gutter, incidents, timeline};
use crate::cockpit::core::{
    Action, Context, LineId, Model, Pace, Pane, PlacedLine, Seen, SeenLine, Shows,
};
use crate::cockpit::theme::Role;

/// Draws one pane, and says where its inside is and where which of its lines stands.
pub(super) fn draw(
    frame: &mut Frame<'_>,
    pane: Pane,
    area: Rect,
    model: &Model,
    lens: &Lens<'_>,
) -> (Rect, Seen) {
    let surround = match pane {
        Pane::Incidents => incidents::surround(model, lens),
        Pane::Exchange => exchange::surround(model, lens),
        Pane::Timeline => timeline::surround(model, lens),
        Pane::Decisions => decisions::surround(model, lens),
    };
    let inner = surround.draw(frame, area, lens);
    let inner = match pane {
        // Where there is no border, the gutter stands in the margin, a blank apart from the text.
        Pane::Timeline if inner.right() + 1 >= area.right() => {
            Rect { width: inner.width.saturating_sub(1), ..inner }
        }
        _ => inner,
    };
    let width = usize::from(inner.width);
    let place = Inside { inner, marks: marks(model, pane) };
    let seen = match pane {
        Pane::Incidents => place.list(frame, lens, incidents::listing(model, lens, width)),
        Pane::Exchange => place.list(frame, lens, exchange::listing(model, lens, width)),
        Pane::Timeline => place.list(frame, lens, timeline::listing(model, lens, width)),
        Pane::Decisions => place.list(frame, lens, decisions::listing(model, lens, width)),
    }
    .unwrap_or_else(|| {
        empty(frame, inner, (pane, model), lens);
        Seen { fit: inner.height.into(), lines: Vec::new() }
    });
    for line in lines(pane, inner, &seen) {
        bookmarked(frame, &line, model, lens);
    }
    if let Some(watched) = model.current().filter(|_| pane == Pane::Timeline) {
        // On the right border, or in the margin where there is none.
        let x = area.right().saturating_sub(1);
        let column = Rect { x, width: 1, ..inner };
        gutter::draw(frame, column, watched, &seen, lens);
    }
    (inner, seen)
}

/// Where on the screen the lines of a list stand.
pub(super) fn lines(pane: Pane, inside: Rect, seen: &Seen) -> Vec<SeenLine> {
    let row = |row: isize| u16::try_from(row.clamp(0, seen.height())).unwrap_or(u16::MAX);
    let line = |line: &PlacedLine| {
        let (top, bottom) = (row(line.top), row(line.bottom()));
        let area = Rect { y: inside.y.saturating_add(top), height: bottom - top, ..inside };
        let shows = match line.id {
            LineId::Incident(id) => Shows::Incident(id),
            LineId::Decision(id) => Shows::Decision(id),
            LineId::Entry(id) => Shows::Entry(id),
            LineId::Turn(at) => Shows::Turn(at),
        };
        SeenLine { pane, area, shows }
    };
    seen.lines.iter().map(line).collect()
}

/// Marks an entry that the person marked, in the column left of it.
fn bookmarked(frame: &mut Frame<'_>, line: &SeenLine, model: &Model, lens: &Lens<'_>) {
    let Shows::Entry(id) = line.shows else { return };
    if model.remembered.bookmarks.contains(&id) {
        let area = Rect { x: line.area.x.saturating_sub(1), width: 1, height: 1, ..line.area };
        lens.row(frame, area, Row::of(Role::Pending, "*"));
    }
}

/// How a selection is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marks {
    /// With a bar and a ground: the keys go here.
    Strong,
    /// With a bar: this is what the other panes show.
    Weak,
    /// Not at all.
    None,
}

fn marks(model: &Model, pane: Pane) -> Marks {
    match (hears(model, pane), pane) {
        (Hears::Keys, _) => Marks::Strong,
        (Hears::Nothing, Pane::Incidents) => Marks::Weak,
        (Hears::Nothing, _) => Marks::None,
    }
}

/// The inside of a pane.
struct Inside {
    inner: Rect,
    marks: Marks,
}

impl Inside {
    /// Draws a list and says at which rows which position stands; `None` if there is nothing to list.
    fn list<L: Lines>(
        &self,
        frame: &mut Frame<'_>,
        lens: &Lens<'_>,
        listing: Option<Listing<L>>,
    ) -> Option<Seen> {
        let listing = listing?;
        let rows = window(&listing.lines, listing.stand?, self.inner.height.into());
        let seen = seen(&listing.lines, &rows, self.inner.height.into());
        let mut first = true;
        for (Placed { position, row, .. }, area) in rows.into_iter().zip(self.inner.rows()) {
            let selected = listing.selected == Some(position) && self.marks != Marks::None;
            let empty = row.runs.is_empty();
            lens.row(frame, area, row);
            if selected && !empty {
                self.mark(frame, area, lens, first);
                first = false;
            }
        }
        Some(seen)
    }

    fn mark(&self, frame: &mut Frame<'_>, area: Rect, lens: &Lens<'_>, first: bool) {
        let bar = Rect { x: area.x.saturating_sub(1), width: 1, ..area };
        lens.row(frame, bar, Row::of(Role::Focus, "▌"));
        if first && self.marks == Marks::Strong {
            lens.select(frame, area);
        }
    }
}

/// Says what would fill an empty pane, and how.
fn empty(frame: &mut Frame<'_>, area: Rect, (pane, model): (Pane, &Model), lens: &Lens<'_>) {
    let filtered = match pane {
        Pane::Incidents => !model.at_incident.filter.is_empty(),
        Pane::Decisions => !model.at_decision.filter.is_empty(),
        Pane::Exchange => model.current().is_some_and(|it| !it.at_turn.filter.is_empty()),
        Pane::Timeline => model.current().is_some_and(|it| !it.at_entry.filter.is_empty()),
    };
    if pane == Pane::Exchange && model.incidents.is_empty() {
        let width = area.width.into();
        return lens.rows(
            frame,
            area,
            match model.replaying {
                Some(replaying) => unplayed(replaying.pace, lens, width),
                None => welcome(model.coming, width),
            },
        );
    }
    let (what, how) = match pane {
        _ if filtered => ("Nothing passes the filter.", "Escape removes it."),
        Pane::Incidents => ("No incident.", "Agents open one for an alert."),
        Pane::Exchange => ("Nothing said yet.", "What the agents ask each other appears here."),
        Pane::Timeline => ("No entry yet.", "Findings, verdicts and comments appear here."),
        Pane::Decisions => ("Nothing waits for you.", "Proposals of the agents appear here."),
    };
    let width = area.width.into();
    let mut rows = vec![Row::of(Role::Muted, what)];
    rows.extend(super::flow::flow(Role::Muted, how, width));
    lens.rows(frame, area, rows);
}

/// What a person finds in a recording in which nothing has happened yet, or does at all.
fn unplayed(pace: Pace, lens: &Lens<'_>, width: usize) -> Vec<Row> {
    if pace == Pace::Ended {
        return vec![Row::of(Role::Title, "Nothing happened in this recording.")];
    }
    let mut rows = vec![Row::of(Role::Title, "Nothing has happened in this recording yet.")];
    let what = "It shows what happened, as it happened; nothing can be sent.";
    rows.extend(super::flow::flow(Role::Muted, what, width));
    rows.push(Row::new());
    for action in [Action::ReplayPause, Action::ReplayForward, Action::ReplayNextDecision] {
        if let Some(key) = lens.key(action, Context::Replay) {
            rows.push(Row::of(Role::Key, key).to(10).put(Role::Text, action.describe()));
        }
    }
    rows
}

/// What a person finds who has nothing here yet: what is about to come, or how to see something.
fn welcome(coming: Option<&'static str>, width: usize) -> Vec<Row> {
    let mut rows = vec![Row::of(Role::Title, "Nothing has happened here yet.")];
    if let Some(coming) = coming {
        rows.extend(super::flow::flow(Role::Text, coming, width));
        return rows;
    }
    let line = |command: &'static str, does: &'static str| {
        Row::of(Role::Key, command).to(20).put(Role::Text, does)
    };
    let how = "An incident comes with an alert, or when an agent opens one.";
    rows.extend(super::flow::flow(Role::Muted, how, width));
    rows.extend([
        Row::new(),
        line("wheelhouse demo", "a whole story on this machine: no network, no keys"),
        line("wheelhouse init", "connects the agents and trackers that are here"),
        line("wheelhouse doctor", "tells what is missing"),
    ]);
    rows
}
