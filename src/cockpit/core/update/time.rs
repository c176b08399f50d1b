//! The passing of time, and what is seen to after every message.

use std::time::Duration;

use jiff::Timestamp;

use super::super::effect::Effect;
use super::super::input::QUIET;
use super::super::model::{ActStage, Connection, Model, Overlay, Pace, Pane, Progress, WHICH_KEY};
use super::{card, layout, outbound};

/// How often what counts seconds on the screen is drawn anew.
const SECOND: Duration = Duration::from_secs(1);

/// How often what counts minutes on the screen is drawn anew.
const MINUTE: Duration = Duration::from_mins(1);

/// Time has passed.
pub(super) fn ticked(model: &mut Model, wall: Timestamp, now: Timestamp) -> Vec<Effect> {
    // A clock that is set back must not reopen what has expired, nor hold an act for hours.
    model.wall = model.wall.max(wall);
    model.now = if model.replaying.is_some() { now } else { model.now.max(now) };
    if model.woken_at.is_some_and(|at| at <= model.wall) {
        model.woken_at = None;
    }
    let wall = model.wall;
    model.banners.retain(|banner| banner.until.is_none_or(|until| until > wall));
    card::expire(model);
    outbound::release(model)
}

/// Asks for the next wake-up, and keeps the terminal's title and tab and what is remembered true.
pub(super) fn afterwards(model: &mut Model) -> Vec<Effect> {
    let mut effects = Vec::new();
    if let Some(at) = next_wake(model)
        && model.woken_at.is_none_or(|due| at < due)
    {
        model.woken_at = Some(at);
        effects.push(Effect::WakeAt(at));
    }
    let title = title(model);
    if model.title != title {
        model.title.clone_from(&title);
        effects.push(Effect::SetTitle(title));
    }
    let progress = progress(model);
    if model.progress != progress {
        model.progress = progress;
        effects.push(Effect::SetProgress(progress));
    }
    effects.extend(layout::remember_zoomed(model));
    effects
}

/// The next moment at which something changes by time alone; none if nothing does.
fn next_wake(model: &Model) -> Option<Timestamp> {
    let after = |span: Duration| model.wall.saturating_add(span).unwrap_or(Timestamp::MAX);
    let held = model.acts.iter().filter_map(|act| match act.stage {
        ActStage::Held { until } => Some(until),
        _ => None,
    });
    let banners = model.banners.iter().filter_map(|banner| banner.until);
    let counts = match counting(model) {
        Counting::Nothing => None,
        Counting::Seconds => Some(after(SECOND)),
        Counting::Minutes => Some(after(MINUTE)),
    };
    let armed =
        model.card().and_then(|card| card.stirred).and_then(|at| at.checked_add(QUIET).ok());
    let armed = armed.filter(|at| *at > model.wall);
    let asks = model.pending_since.and_then(|since| since.checked_add(WHICH_KEY).ok());
    let armed = armed.into_iter().chain(asks.filter(|at| *at > model.wall));
    held.chain(banners).chain(counts).chain(armed).min()
}

/// What the screen counts by itself.
enum Counting {
    Nothing,
    Seconds,
    Minutes,
}

fn counting(model: &Model) -> Counting {
    if model.replaying.is_some_and(|replaying| replaying.pace != Pace::Playing) {
        return Counting::Nothing;
    }
    let retries = matches!(&model.connection, Connection::Lost { retry_at: Some(_), .. });
    let holds = model.held().next().is_some();
    let card = model.card().is_some_and(|card| card.over.is_none());
    let shown = model.arrangement().panes;
    let shows = |wanted: Pane| shown.iter().any(|(pane, _)| *pane == wanted);
    let covered = matches!(model.overlays.last(), Some(Overlay::Help(_)));
    let flies =
        model.current().is_some_and(|watched| watched.exchange.in_flight().next().is_some());
    let waits = model.waiting() > 0;
    let pane_counts =
        !covered && ((flies && shows(Pane::Exchange)) || (waits && shows(Pane::Decisions)));
    if retries || holds || card || pane_counts {
        Counting::Seconds
    } else if model.incidents.values().any(|watched| !watched.incident.status.is_over()) {
        Counting::Minutes
    } else {
        Counting::Nothing
    }
}

fn title(model: &Model) -> String {
    let waiting = match model.waiting() {
        0 => String::new(),
        count => format!("({count}) "),
    };
    match model.current() {
        Some(watched) => format!("{waiting}{} - wheelhouse", watched.incident.title.line()),
        None => format!("{waiting}wheelhouse"),
    }
}

fn progress(model: &Model) -> Progress {
    let going_on =
        |model: &Model| model.incidents.values().any(|watched| !watched.incident.status.is_over());
    match &model.connection {
        Connection::Lost { .. } => Progress::Broken,
        _ if model.waiting() > 0 => Progress::Waiting,
        _ if going_on(model) => Progress::Working,
        _ => Progress::Idle,
    }
}
