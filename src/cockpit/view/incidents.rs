//! The incidents pane: how bad, what, where it stands, how old, and what waits for whom.
//!
//! ```text
//! 18 % of checkout requests fail
//! ▲ SEV1  ◔ investigating 4m                ◆ 1 waits for you
//! ```

use super::face;
use super::ink::{Row, named, ours};
use super::lens::{Lens, Surround};
use super::list::Lines;
use super::listing::{Listing, hears, titled};
use super::moment::age;
use super::pen::Pen;
use crate::cockpit::core::{Flow, LineId, Model, Pane, Sorting, Watched};
use crate::cockpit::theme::Role;

/// The incidents as lines of a list.
pub(super) struct Incidents<'a> {
    model: &'a Model,
    pen: Pen<'a>,
    listed: Vec<&'a Watched>,
    width: usize,
}

impl Lines for Incidents<'_> {
    fn after(&self, position: usize) -> Option<usize> {
        (position + 1 < self.listed.len()).then_some(position + 1)
    }

    fn before(&self, position: usize) -> Option<usize> {
        position.checked_sub(1)
    }

    fn id(&self, position: usize) -> Option<LineId> {
        self.listed.get(position).map(|watched| LineId::Incident(watched.incident.id))
    }

    fn rows(&self, position: usize) -> Vec<Row> {
        self.listed.get(position).map_or_else(Vec::new, |watched| self.incident(watched))
    }
}

impl Incidents<'_> {
    fn incident(&self, watched: &Watched) -> Vec<Row> {
        let incident = &watched.incident;
        let role = if incident.status.is_over() { Role::Muted } else { Role::Title };
        let old = age(watched.lasted(self.pen.now));
        let until = if incident.status.is_over() { "in " } else { "" };
        let title = Row::of(role, incident.title.line());
        let below = face::severity(incident.severity)
            .row()
            .gap(2)
            .join(face::status(incident.status).row())
            .put(Role::Muted, ours(format!(" {until}{old}")));
        let waits = self.waits(watched, self.width.saturating_sub(below.width() + 1));
        vec![title.fit(self.width), below.with_end(waits, self.width)]
    }

    /// What waits for whom: for this person, for others, or for a partner's answer.
    fn waits(&self, watched: &Watched, room: usize) -> Row {
        let id = watched.incident.id;
        let open = self.model.decisions.open_ones();
        let here = open.filter(|it| it.incident == id && !it.is_past(self.pen.now));
        let (others, mine): (Vec<_>, Vec<_>) =
            here.partition(|decision| decision.approvers().contains(&self.model.me));
        let (waiting, whom) = match (mine.len(), others.len()) {
            (0, others) => (others, "others"),
            (mine, _) => (mine, "you"),
        };
        if waiting > 0 {
            let verb = if waiting == 1 { "waits" } else { "wait" };
            let full = Row::of(Role::Pending, ours(format!("◆ {waiting} {verb} for {whom}")));
            let short = match waiting {
                1 => format!("◆ {whom}"),
                _ => format!("◆ {waiting} {whom}"),
            };
            return if full.width() <= room { full } else { Row::of(Role::Pending, ours(short)) };
        }
        match watched.exchange.in_flight().last() {
            Some(call) => Row::of(Role::Muted, "asks ").put(Role::Partner, named(&call.to)),
            None => Row::new(),
        }
    }
}

/// What the pane shows.
pub(super) fn listing<'a>(
    model: &'a Model,
    lens: &Lens<'a>,
    width: usize,
) -> Option<Listing<Incidents<'a>>> {
    let listed = model.listed_incidents();
    let place = &model.at_incident;
    let position = |id| listed.iter().position(|watched| watched.incident.id == id);
    let at = place.anchor.and_then(|anchor| Some((position(anchor.id)?, anchor.above)));
    let at = at.or_else(|| (!listed.is_empty()).then_some((0, 0)));
    let last = listed.len().checked_sub(1)?;
    let lines = Incidents { model, pen: lens.pen(model), listed, width };
    // The worst stands above: this list never follows its end.
    Some(Listing::new(lines, at, Some(last), &Flow::Still))
}

/// The frame of the pane: how many go on.
pub(super) fn surround(model: &Model, lens: &Lens<'_>) -> Surround {
    let open = model.incidents.values().filter(|it| !it.incident.status.is_over()).count();
    let count = format!("{open} open");
    let surround =
        Surround::new(titled(lens, model, Pane::Incidents), hears(model, Pane::Incidents));
    let sorted = match model.sorting {
        Sorting::Severity => Row::new(),
        other => Row::of(Role::Muted, other.word()).put(Role::Muted, " · "),
    };
    let filter = super::listing::unseen(&model.at_incident);
    surround.end(filter.join(sorted).put(Role::Muted, ours(count)))
}
