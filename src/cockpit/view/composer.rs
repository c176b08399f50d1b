//! The composer: a text being written, what becomes of it, and the reasons that are ready to hand.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

use super::act::is_answered_in_words;
use super::flow::{at_most, flow, wrap};
use super::ink::{Row, named, ours, style};
use super::lens::{Hears, Lens, Surround};
use super::markdown::{Begins, markdown};
use crate::cockpit::core::{
    Action, Composer, Context, Field, Looks, Mention, Mentioning, Model, Purpose, QUICK_REASONS,
};
use crate::cockpit::theme::Role;
use crate::incident::{ProposalId, Safe, Untrusted};

/// Rows of a text being written, at least.
const TEXT_ROWS: u16 = 5;

/// Draws the composer at the foot of an area.
pub(super) fn draw(
    frame: &mut Frame<'_>,
    area: Rect,
    model: &Model,
    lens: &Lens<'_>,
    composer: &Composer,
) {
    let width = usize::from(area.width.saturating_sub(4));
    let notes: Vec<Row> = notes(model, lens, composer, width)
        .into_iter()
        .flat_map(|row| at_most(wrap(row, width), 2, width))
        .collect();
    let notes_high = u16::try_from(notes.len()).unwrap_or(u16::MAX);
    let lines = composer.field.area().lines().len();
    let written = u16::try_from(lines).unwrap_or(u16::MAX).min(area.height / 2);
    let height = (written.max(TEXT_ROWS) + notes_high + 2).min(area.height);
    let area = Rect { y: area.bottom() - height, height, ..area };
    let end = match composer.looks {
        Looks::Source => Row::new(),
        Looks::Preview => Row::of(Role::Muted, "as it will be read"),
    };
    let surround = Surround::new(title(model, &composer.purpose), Hears::Keys).end(end);
    let inner = surround.draw_over(frame, area, lens);
    let parts = Layout::vertical([Constraint::Min(1), Constraint::Length(notes_high)]);
    let [text, below] = parts.areas(inner);
    match composer.looks {
        Looks::Source => field(frame, text, lens, &composer.field),
        Looks::Preview => {
            lens.rows(frame, text, preview(composer, text.width.into()));
        }
    }
    lens.rows(frame, below, notes);
}

/// The text as it will be read: markdown, but for arguments, which are read as they are.
fn preview(composer: &Composer, width: usize) -> Vec<Row> {
    let words = Untrusted::from(composer.field.text());
    match composer.purpose {
        Purpose::Edit { .. } => flow(Role::Text, words.block(), width),
        _ => markdown(words.for_storage(), Begins::Text, Role::Text, width),
    }
}

/// What the letters after an `@` may become.
fn mentions(model: &Model, mentioning: &Mentioning) -> Vec<Row> {
    let row = |(at, mention): (usize, &Mention)| {
        let marked = at == mentioning.marked;
        let (sign, role) = if marked { ("● ", Role::Focus) } else { ("○ ", Role::Muted) };
        let row = Row::of(role, sign);
        match mention {
            Mention::Actor(name) => {
                row.put(if marked { Role::Focus } else { Role::Text }, named(name))
            }
            Mention::Entry(id) => {
                let found = model.incidents.values().find_map(|it| it.timeline.get(*id));
                let row = row.put(Role::Code, ours(id.short())).gap(1);
                match found {
                    Some(entry) => row
                        .put(Role::Muted, entry.body.kind().word())
                        .gap(1)
                        .put(Role::Text, entry.text.gist()),
                    None => row,
                }
            }
        }
    };
    mentioning.choices.iter().enumerate().map(row).collect()
}

/// Draws a text being edited, with its cursor.
pub(super) fn field(frame: &mut Frame<'_>, area: Rect, lens: &Lens<'_>, field: &Field) {
    let mut text = field.area().clone();
    text.set_style(style(lens.theme, Role::Text));
    text.set_cursor_line_style(style(lens.theme, Role::Text));
    text.set_cursor_style(style(lens.theme, Role::Text).reversed());
    text.set_wrap_mode(tui_textarea::WrapMode::Word);
    frame.render_widget(&text, area);
}

fn title(model: &Model, purpose: &Purpose) -> Row {
    let of = |row: Row, proposal: &ProposalId| match model.decisions.get(*proposal) {
        Some(decision) => row.put(Role::Muted, decision.proposal.title.line()),
        None => row,
    };
    match purpose {
        Purpose::Comment(incident) => {
            let row = Row::of(Role::Focus, "Comment").put(Role::Muted, " on ");
            match model.incidents.get(incident) {
                Some(watched) => row.put(Role::Muted, watched.incident.title.line()),
                None => row,
            }
        }
        Purpose::Deny { proposal, .. } => {
            of(Row::of(Role::Refused, "✗ Deny").put(Role::Muted, " · "), proposal)
        }
        Purpose::BreakGlass { proposal, .. } => {
            of(Row::of(Role::Severity1, " BREAK GLASS ").put(Role::Muted, " alone · "), proposal)
        }
        Purpose::Respond { proposal, .. } => {
            let word = if is_answered(model, *proposal) { "Answer" } else { "Remark" };
            of(Row::of(Role::Focus, word).put(Role::Muted, " · "), proposal)
        }
        Purpose::Edit { proposal, .. } => {
            of(Row::of(Role::Focus, "Edit and approve").put(Role::Muted, " · "), proposal)
        }
        Purpose::Halt { halted: true } => {
            Row::of(Role::Failed, "■ Halt everything").put(Role::Muted, " · why")
        }
        Purpose::Halt { halted: false } => {
            Row::of(Role::Focus, "» Release everything").put(Role::Muted, " · why")
        }
        Purpose::GiveUp { tracker, .. } => Row::of(Role::Refused, "– Give up")
            .put(Role::Muted, " · what ")
            .put(Role::Text, named(tracker))
            .put(Role::Muted, " is owed · why"),
    }
}

/// Whether words answer this proposal.
fn is_answered(model: &Model, proposal: ProposalId) -> bool {
    model.decisions.get(proposal).is_some_and(is_answered_in_words)
}

fn notes(model: &Model, lens: &Lens<'_>, composer: &Composer, width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(mentioning) = &composer.mentioning {
        rows.extend(mentions(model, mentioning).into_iter().map(|row| row.fit(width)));
    }
    if let Purpose::Deny { .. } = composer.purpose {
        rows.extend(reasons(lens, composer));
    }
    if let Some(why) = &composer.refused {
        rows.push(Row::of(Role::Warn, "! ").put(Role::Warn, named(why)));
    }
    rows.push(becomes(model, &composer.purpose));
    rows
}

/// The reasons that a key puts into the text, one after the other.
fn reasons(lens: &Lens<'_>, composer: &Composer) -> Vec<Row> {
    let Some(key) = lens.key(Action::FocusNext, Context::Composer) else { return Vec::new() };
    let marked = |at| if composer.quick == Some(at) { Role::Focus } else { Role::Muted };
    let rows = QUICK_REASONS.iter().enumerate();
    let head = Row::of(Role::Key, key).put(Role::Muted, " takes over one of these");
    let rows = rows.map(|(at, reason)| Row::of(Role::Muted, "· ").put(marked(at), *reason));
    std::iter::once(head).chain(rows).collect()
}

/// What becomes of the text once it is sent.
fn becomes(model: &Model, purpose: &Purpose) -> Row {
    let trackers = Safe::join(model.gates.trackers.iter().map(|name| named(name)), ", ");
    let first = match purpose {
        Purpose::Comment(_) | Purpose::Halt { halted: true } => "becomes an entry",
        Purpose::Deny { .. } => "the agent is told why; becomes an entry",
        Purpose::Respond { proposal, .. } if is_answered(model, *proposal) => {
            "answers the agent; becomes an entry"
        }
        Purpose::Respond { .. } => "decides nothing: the decision stays open; becomes an entry",
        Purpose::BreakGlass { .. } => {
            "the card asks once more; then everybody is told why you forced it alone"
        }
        Purpose::Halt { halted: false } => {
            "needs a moment of quiet before it is sent; becomes an entry"
        }
        Purpose::GiveUp { .. } => "the debt is dropped; that you did, and why, becomes an entry",
        Purpose::Edit { .. } => "the edited arguments are what will run; becomes an entry",
    };
    let row = Row::of(Role::Muted, first);
    if trackers.is_empty() {
        return row;
    }
    row.put(Role::Muted, ", written to ").put(Role::Muted, trackers)
}
