//! The header: what is wrong, where it stands, who waits, and how far the screen can be trusted.

use jiff::SignedDuration;
use ratatui::Frame;
use ratatui::layout::Rect;

use super::face;
use super::ink::{Row, named, ours};
use super::lens::Lens;
use super::moment::{countdown, minute, span, whole, zone_word};
use crate::cockpit::core::{Connection, Model, Pace};
use crate::cockpit::theme::Role;

/// A lag from which on it is worth a warning, in milliseconds.
const LAGS_MS: i128 = 1500;

/// From this age on it is said how old the oldest delivery is.
const SLOW: SignedDuration = SignedDuration::from_secs(10);

/// Fewest columns of a title that gives way to where its incident stands.
const LEAST_TITLE: usize = 24;

/// Draws the header; the least important parts give way first.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, lens: &Lens<'_>) {
    let wide = area.width >= 100;
    let mut name = Row::new().gap(1);
    if wide {
        name = name.put(Role::Title, "wheelhouse").gap(3);
    }
    let incident = Named::of(model);
    let width = usize::from(area.width);
    // What is wrong and where it stands come before the lightest of the signs.
    let spare = width.saturating_sub(name.width() + incident.width() + 1);
    let share = if wide { spare.clamp(width * 8 / 20, width * 12 / 20) } else { width * 9 / 20 };
    let signs = signs(model, lens, share).gap(1);
    let room = width.saturating_sub(signs.width() + name.width());
    let least = if wide { LEAST_TITLE } else { usize::MAX };
    lens.row(frame, area, name.join(incident.row(room, least)).with_end(signs, width));
}

/// The incident that is shown, in the parts of which the last gives way first.
struct Named {
    title: Row,
    status: Row,
    age: Row,
}

impl Named {
    fn of(model: &Model) -> Self {
        let Some(watched) = model.current() else {
            let title = Row::of(Role::Muted, "no incident");
            return Self { title, status: Row::new(), age: Row::new() };
        };
        let incident = &watched.incident;
        let title = face::severity(incident.severity).row().gap(1);
        let status = Row::new().gap(2).join(face::status(incident.status).row());
        let until = if incident.status.is_over() { "in " } else { "" };
        let age = format!("{until}{}", whole(watched.lasted(model.now)));
        Self {
            title: title.put(Role::Title, incident.title.line()),
            status,
            age: Row::new().gap(1).put(Role::Muted, ours(age)),
        }
    }

    /// The columns of what is wrong and where it stands.
    fn width(&self) -> usize {
        self.title.width() + self.status.width()
    }

    /// The parts that have room; a title longer than `least` columns gives way to where it stands.
    fn row(self, room: usize, least: usize) -> Row {
        let left = room.saturating_sub(self.status.width() + 1);
        let title = if left >= least { self.title.fit(left) } else { self.title };
        if title.width() + self.status.width() >= room {
            return title;
        }
        let row = title.join(self.status);
        if row.width() + self.age.width() < room { row.join(self.age) } else { row }
    }
}

/// The signs on the right, each with its weight: the lightest are left out first.
fn signs(model: &Model, lens: &Lens<'_>, width: usize) -> Row {
    let clock = format!("{} {}", minute(model.now, lens.zone), zone_word(model.now, lens.zone));
    let mut signs = vec![
        (9, halted(model)),
        (8, waiting(model, width)),
        (5, missed(model)),
        // What changes its length stands left of what does not, so that the rest keeps its place.
        (4, owed(model)),
        (7, replay(model)),
        (6, if model.replaying.is_some() { Row::new() } else { connection(model) }),
        (2, label(model)),
        (3, Row::of(Role::Muted, ours(clock))),
    ];
    signs.retain(|(_, sign)| !sign.runs.is_empty());
    while signs.iter().map(|(_, sign)| sign.width() + 3).sum::<usize>() > width {
        let Some(lightest) = signs.iter().map(|(weight, _)| *weight).min() else { break };
        signs.retain(|(weight, _)| *weight != lightest);
    }
    let mut row = Row::new();
    for (at, (_, sign)) in signs.into_iter().enumerate() {
        row = if at > 0 { row.gap(3) } else { row }.join(sign);
    }
    row
}

fn halted(model: &Model) -> Row {
    if model.is_halted() { Row::of(Role::Severity1, " ■ HALTED ") } else { Row::new() }
}

fn waiting(model: &Model, width: usize) -> Row {
    match model.waiting() {
        0 => Row::new(),
        count if width < 60 => Row::of(Role::Badge, ours(format!(" ◆ {count} "))),
        1 => Row::of(Role::Badge, " ◆ 1 waits for you "),
        count => Row::of(Role::Badge, ours(format!(" ◆ {count} wait for you "))),
    }
}

fn replay(model: &Model) -> Row {
    let Some(replaying) = model.replaying else { return Row::new() };
    let word = match replaying.pace {
        Pace::Playing | Pace::ToNextDecision | Pace::JumpingTo(_) => "» replay",
        Pace::Paused | Pace::Stepping => "‖ replay",
        Pace::Ended => "■ replay ended",
    };
    let count = format!(" {}/{} ×{}", replaying.played, replaying.frames, replaying.speed);
    Row::of(Role::Warn, word).put(Role::Muted, ours(count))
}

fn connection(model: &Model) -> Row {
    // A recording is never live.
    if model.replaying.is_some() {
        return Row::new();
    }
    match &model.connection {
        Connection::Connecting { since } => {
            let length = whole(model.wall.duration_since(*since));
            Row::of(Role::Warn, ours(format!("◌ connecting {length}")))
        }
        Connection::Live { lag } if lag.as_millis() >= LAGS_MS => {
            Row::of(Role::Warn, ours(format!("● live, {} behind", span(*lag))))
        }
        Connection::Live { .. } => Row::of(Role::Ok, "● live"),
        Connection::Lost { since, retry_at, .. } => {
            let length = whole(model.wall.duration_since(*since));
            let row = Row::of(Role::Failed, ours(format!("✗ lost {length}")));
            match retry_at {
                Some(at) => {
                    let left = countdown(at.duration_since(model.wall));
                    row.put(Role::Muted, ours(format!(" retry {left}")))
                }
                None => row,
            }
        }
    }
}

fn missed(model: &Model) -> Row {
    let mut row = Row::new();
    if model.missed > 0 {
        row = row.put(Role::Warn, ours(format!("? {} frames missed", model.missed)));
    }
    if model.unrecorded > 0 {
        row = row.put(Role::Warn, ours(format!(" ? {} not recorded", model.unrecorded)));
    }
    row
}

fn owed(model: &Model) -> Row {
    let Some(owed) = model.deliveries.owed() else {
        return Row::of(Role::Muted, "✓ all written");
    };
    let oldest = model.now.duration_since(owed.oldest);
    let mut row = Row::of(Role::Owed, ours(format!("↑ {} owed", owed.count)));
    // A delivery that takes a moment is no news.
    if oldest >= SLOW {
        row = row.put(Role::Muted, ours(format!(" {}", whole(oldest))));
    }
    match owed.parked {
        0 => row,
        parked => row.put(Role::Failed, ours(format!(" ✗ {parked} parked"))),
    }
}

/// Where this is happening; what is not real says so.
fn label(model: &Model) -> Row {
    let trackers = &model.gates.trackers;
    if trackers.iter().any(|tracker| tracker.contains("sandbox")) {
        return Row::of(Role::Warn, "SANDBOX");
    }
    match model.gates.hub.as_str() {
        "" => Row::new(),
        hub => Row::of(Role::Muted, "hub ").put(Role::Muted, named(hub)),
    }
}
