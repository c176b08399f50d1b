//! The footer: the strip of what the person sent and is told, the keys that work here, and what a
//! begun chord may go on with.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::act::{is_answered_in_words, words};
use super::ink::{Row, named, ours};
use super::lens::{Hears, Lens, Surround};
use super::moment::countdown;
use super::{face, scrub};
use crate::cockpit::core::{
    Act, ActStage, Action, Banner, Context, FilterField, Model, Overlay, Pace, Pane, Scope, Tone,
};
use crate::cockpit::theme::Role;
use crate::incident::{Ask, Decision, EntryId, Trouble};
use crate::wire::DeliveryStage;

/// Draws the line of hints.
pub(super) fn hints(frame: &mut Frame<'_>, area: Rect, model: &Model, lens: &Lens<'_>) {
    let context = model.contexts().first().copied().unwrap_or_else(|| model.context());
    let mut row = Row::new().gap(1);
    let over = model.card().is_some_and(|card| card.over.is_some());
    let offered = match context {
        Context::Card if over && model.decisions.open_ones().next().is_some() => OVER,
        Context::Card if over || model.replaying.is_some() => READ_ONLY,
        Context::Card => answers(shown(model)),
        _ => offered(context),
    };
    for action in offered {
        let Some(key) = lens.key(*action, context) else { continue };
        let hint = Row::of(Role::Key, key).gap(1).put(Role::Muted, short(*action, model)).gap(3);
        if row.width() + hint.width() > usize::from(area.width) {
            break;
        }
        row = row.join(hint);
    }
    lens.row(frame, area, row);
}

/// What is worth a hint on a card that is settled while another proposal waits.
const OVER: &[Action] = &[Action::OpenCard, Action::Close, Action::ScrollDown, Action::Help];

/// What is worth a hint on a card on which nothing can be decided.
const READ_ONLY: &[Action] =
    &[Action::Close, Action::ScrollDown, Action::ScrollUp, Action::RawJson, Action::Help];

/// The decision that the open card shows.
fn shown(model: &Model) -> Option<&Decision> {
    model.decisions.get(model.card()?.proposal)
}

/// What is worth a hint on a card that can be answered, by what is asked.
fn answers(decision: Option<&Decision>) -> &'static [Action] {
    use Action as A;
    match decision.map(|decision| &decision.proposal.ask) {
        Some(Ask::Question { .. }) => {
            &[A::Respond, A::Deny, A::Redirect, A::FollowLink, A::Defer, A::Close]
        }
        Some(Ask::Handoff { .. } | Ask::Close { .. }) => {
            &[A::Approve, A::Deny, A::Redirect, A::FollowLink, A::Defer, A::Respond, A::Close]
        }
        Some(Ask::Action(_)) | None => &[
            A::Approve,
            A::Deny,
            A::Redirect,
            A::EditAndApprove,
            A::FollowLink,
            A::Defer,
            A::Respond,
            A::Close,
        ],
    }
}

/// What is worth a hint, the most useful first; help has the rest.
fn offered(context: Context) -> &'static [Action] {
    use Action as A;
    match context {
        // What is asked says which of these fit: see `answers`.
        Context::Card => &[],
        Context::Target => &[A::Confirm, A::Cancel],
        Context::Composer => &[A::Send, A::Preview, A::HistoryPrevious, A::OpenEditor, A::Cancel],
        Context::Redirect => &[A::Send, A::SelectNext, A::SelectPrevious, A::TakeOver, A::Cancel],
        Context::Search | Context::Palette => {
            &[A::Open, A::SelectNext, A::SelectPrevious, A::Cancel]
        }
        Context::Panel => {
            &[A::Open, A::SelectNext, A::SelectPrevious, A::FocusNext, A::Close, A::Help]
        }
        Context::Outbox => {
            &[A::Redeliver, A::GiveUp, A::SelectNext, A::SelectPrevious, A::Close, A::Help]
        }
        Context::Help => &[A::Close, A::ScrollDown, A::ScrollUp],
        Context::Replay => &[
            A::ReplayPause,
            A::Help,
            A::ReplayNextDecision,
            A::ReplayForward,
            A::ReplayBack,
            A::ReplayStep,
            A::ReplayPreviousDecision,
            A::ReplayFaster,
            A::ReplaySlower,
            A::OpenCard,
            A::Open,
            A::Palette,
            A::Quit,
        ],
        Context::Exchange => &[
            A::Help,
            A::Palette,
            A::OpenCard,
            A::Open,
            A::FollowLink,
            A::Redirect,
            A::Comment,
            A::Pause,
            A::Filter,
            A::Search,
            A::Hypotheses,
            A::Charts,
            A::Zoom,
            A::Quit,
        ],
        Context::Anywhere | Context::Incidents | Context::Timeline | Context::Decisions => &[
            A::Help,
            A::Palette,
            A::OpenCard,
            A::Open,
            A::FollowLink,
            A::Comment,
            A::Pause,
            A::Filter,
            A::Search,
            A::Hypotheses,
            A::Charts,
            A::Zoom,
            A::FocusNext,
            A::Quit,
        ],
    }
}

/// An action in a word or two; its name in keymaps read aloud.
fn short(action: Action, model: &Model) -> super::ink::Words {
    match action {
        Action::OpenCard => "decide".into(),
        Action::EditAndApprove => "edit".into(),
        Action::Respond if shown(model).is_some_and(is_answered_in_words) => "answer".into(),
        Action::Respond => "remark".into(),
        Action::Redeliver => "try again".into(),
        Action::SelectNext => "next".into(),
        Action::SelectPrevious => "previous".into(),
        Action::FocusNext => "next pane".into(),
        Action::Search => "search history".into(),
        Action::FollowLink => "evidence".into(),
        Action::Defer => "later".into(),
        Action::HistoryPrevious => "earlier texts".into(),
        Action::OpenEditor => "editor".into(),
        Action::ReplayPause
            if model.replaying.is_some_and(|replaying| replaying.pace != Pace::Playing) =>
        {
            "play".into()
        }
        other => {
            let name = other.name();
            ours(name.strip_prefix("replay-").unwrap_or(name).replace('-', " "))
        }
    }
}

/// Draws what the person sent and is told: the gravest and latest of it.
pub(super) fn strip(frame: &mut Frame<'_>, area: Rect, model: &Model, lens: &Lens<'_>) {
    let filter = match model.overlays.last() {
        Some(Overlay::Filter(filtering)) => Some(filtering),
        _ => None,
    };
    if let Some(filtering) = filter {
        let pane = filtering.pane;
        let row =
            Row::new().gap(1).put(Role::Key, "/").put(Role::Text, named(&filtering.field.text()));
        return lens.row(frame, area, row.put(Role::Focus, "▏").join(filtering_hint(model, pane)));
    }
    let told = model.banners.last().map(told);
    if model.replaying.is_some() {
        return played(frame, area, told, (model, lens));
    }
    let row = match (model.held().last(), told, model.acts.last()) {
        // It leaves in a moment and can be taken back until then: what is told gives way to it.
        (Some(act), Some(told), _) => {
            let row = sent(act, model, lens).gap(3);
            let room = usize::from(area.width).saturating_sub(row.width() + 1);
            if room < LEAST_TOLD { row } else { row.join(told.fit(room)) }
        }
        (Some(act), None, _) | (None, None, Some(act)) => sent(act, model, lens),
        (None, Some(told), _) => told,
        (None, None, None) => Row::new(),
    };
    lens.row(frame, area, Row::new().gap(1).join(row));
}

/// Fewest columns in which the beginning of what is told says anything.
const LEAST_TOLD: usize = 24;

/// Columns that the bar of a recording keeps beside what is told.
const LEAST_BAR: u16 = 30;

/// Draws the bar of a recording, and left of it what is told; where both have no room, the latter.
fn played(
    frame: &mut Frame<'_>,
    area: Rect,
    told: Option<Row>,
    (model, lens): (&Model, &Lens<'_>),
) {
    let Some(told) = told else { return scrub::draw(frame, area, model, lens) };
    let told = Row::new().gap(1).join(told);
    let wanted = u16::try_from(told.width() + 1).unwrap_or(u16::MAX);
    let kept = if area.width < 2 * LEAST_BAR { 0 } else { LEAST_BAR };
    let left = Rect { width: wanted.min(area.width - kept), ..area };
    lens.row(frame, left, told);
    scrub::draw(
        frame,
        Rect { x: left.right(), width: area.width - left.width, ..area },
        model,
        lens,
    );
}

/// What is wrong with the filter that is being typed, or what it can name.
fn filtering_hint(model: &Model, pane: Pane) -> Row {
    let (filter, scope) = match pane {
        Pane::Incidents => (Some(&model.at_incident.filter), Scope::Incidents),
        Pane::Decisions => (Some(&model.at_decision.filter), Scope::Decisions),
        Pane::Exchange => (model.current().map(|it| &it.at_turn.filter), Scope::Exchange),
        Pane::Timeline => (model.current().map(|it| &it.at_entry.filter), Scope::Timeline),
    };
    let Some(filter) = filter else { return Row::new() };
    if let Some(mistake) = filter.mistakes().last() {
        return Row::new().gap(2).put(Role::Warn, "! ").put(Role::Warn, named(mistake));
    }
    let fields = FilterField::known(scope).iter().map(|field| format!("{}:", field.word()));
    let fields = fields.collect::<Vec<_>>().join(" ");
    Row::new().gap(2).put(Role::Muted, ours(format!("{fields} -not \"exact words\"")))
}

fn told(banner: &Banner) -> Row {
    let notice = &banner.notice;
    let (glyph, role) = match notice.trouble {
        _ if banner.tone == Tone::Done => ("✓ ", Role::Ok),
        Trouble::Failed | Trouble::Unreachable => ("✗ ", Role::Failed),
        Trouble::Conflict | Trouble::NotAllowed | Trouble::TimedOut => ("! ", Role::Warn),
        Trouble::Usage | Trouble::NotFound => ("! ", Role::Text),
    };
    // What was done is told calmly: its mark alone stands out.
    let words = if banner.tone == Tone::Done { Role::Text } else { role };
    let mut row = Row::of(role, glyph).put(words, named(&notice.what));
    if banner.repeated > 0 {
        row = row.put(Role::Muted, ours(format!(" ×{}", banner.repeated + 1)));
    }
    if let Some(hint) = &notice.hint {
        row = row.put(Role::Muted, " · ").put(Role::Muted, named(hint));
    }
    row
}

/// How far an act of the person truly is.
fn sent(act: &Act, model: &Model, lens: &Lens<'_>) -> Row {
    let what = |role, glyph| Row::of(role, glyph).gap(1).join(words(act, Role::Text, lens)).gap(2);
    match &act.stage {
        ActStage::Held { until } => {
            let left = countdown(until.duration_since(model.wall));
            let row = what(Role::Pending, "◌").put(Role::Owed, ours(format!("leaves in {left}")));
            match lens.key(Action::Recall, model.context()) {
                Some(key) => row.gap(2).put(Role::Key, key).put(Role::Muted, " takes it back"),
                None => row,
            }
        }
        ActStage::Sent { .. } => what(Role::Owed, "↑").put(Role::Owed, "sent"),
        ActStage::Journaled { entry, note } => {
            let mut row = what(Role::Ok, "✓").put(Role::Ok, "journaled");
            if let Some(note) = note {
                row = row.put(Role::Muted, " · ").put(Role::Muted, named(note));
            }
            row.join(places(entry.iter().copied(), model, lens))
        }
        ActStage::Refused(notice) => {
            let row = what(Role::Failed, "✗").put(Role::Failed, named(&notice.what));
            match &notice.hint {
                Some(hint) => row.put(Role::Muted, " · ").put(Role::Muted, named(hint)),
                None => row,
            }
        }
        ActStage::Recalled { why } => {
            let row = what(Role::Muted, "○").put(Role::Muted, "taken back, nothing was sent");
            match why {
                Some(why) => row.put(Role::Muted, ": ").put(Role::Text, named(why)),
                None => row,
            }
        }
    }
}

/// How far an entry is in each tracker: what is on its way by its stage, then where it is written.
fn places(entries: impl Iterator<Item = EntryId>, model: &Model, lens: &Lens<'_>) -> Row {
    let pen = lens.pen(model);
    let stages: Vec<_> = entries.flat_map(|entry| model.deliveries.of(entry)).collect();
    let is_written = |stage: &DeliveryStage| matches!(stage, DeliveryStage::Written { .. });
    let mut row = Row::new();
    for (tracker, stage) in stages.iter().filter(|(_, stage)| !is_written(stage)) {
        let face = face::delivery(stage);
        row = row.put(Role::Muted, " → ").join(face.row()).gap(1);
        row = row.put(face.role, pen.tracker(tracker));
    }
    let mut written = stages.iter().filter(|(_, stage)| is_written(stage)).peekable();
    if written.peek().is_some() {
        row = row.put(Role::Muted, " → ").put(Role::Ok, "✓ written");
    }
    written.fold(row, |row, (tracker, _)| row.gap(1).put(Role::Muted, pen.tracker(tracker)))
}

/// Draws what a begun chord may go on with.
pub(super) fn which_key(frame: &mut Frame<'_>, body: Rect, model: &Model, lens: &Lens<'_>) {
    let pending = model.which_key();
    if pending.is_empty() {
        return;
    }
    let row = |next: &crate::cockpit::core::Continuation| {
        let what = next.action.map_or("…", Action::describe);
        Row::of(Role::Key, ours(next.stroke.to_string())).to(8).put(Role::Text, what)
    };
    let rows: Vec<Row> = pending.iter().map(row).collect();
    let wide = rows.iter().map(Row::width).max().unwrap_or(0) + 4;
    let width = u16::try_from(wide).unwrap_or(u16::MAX).min(body.width);
    let height = u16::try_from(rows.len() + 2).unwrap_or(u16::MAX).min(body.height);
    let area = Rect {
        x: body.right().saturating_sub(width),
        y: body.bottom().saturating_sub(height),
        width,
        height,
    };
    let surround = Surround::new(Row::of(Role::Title, "then"), Hears::Nothing);
    let inner = surround.draw_over(frame, area, lens);
    lens.rows(frame, inner, rows);
}
