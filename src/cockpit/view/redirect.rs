//! The redirect picker: another partner, a narrower question, a constraint, or the person's own hands.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::composer;
use super::flow::wrap;
use super::ink::{Row, named, ours, style};
use super::lens::{Hears, Lens, Surround};
use crate::cockpit::core::{Choice, Model, Redirected, Redirecting};
use crate::cockpit::theme::Role;
use crate::incident::Ask;

/// Rows of the question or the constraint.
const TEXT_ROWS: u16 = 3;

/// Draws the picker at the foot of an area.
pub(super) fn draw(
    frame: &mut Frame<'_>,
    area: Rect,
    model: &Model,
    lens: &Lens<'_>,
    redirecting: &Redirecting,
) {
    let width = usize::from(area.width.saturating_sub(4));
    let mut rows = wrap(subject(model, redirecting.of), width);
    rows.push(Row::new());
    let first = rows.len();
    for (at, choice) in redirecting.choices.iter().enumerate() {
        rows.push(choice_row(choice, at == redirecting.marked).fit(width));
    }
    let takes_text = redirecting.choice().is_some_and(Choice::takes_text);
    let text_rows = if takes_text { TEXT_ROWS + 1 } else { 0 };
    let mut notes: Vec<Row> =
        consequence(model, redirecting).map_or_else(Vec::new, |row| wrap(row, width));
    if let Some(why) = &redirecting.refused {
        notes.push(Row::of(Role::Warn, "! ").put(Role::Warn, named(why)).fit(width));
    }
    let list = u16::try_from(rows.len()).unwrap_or(u16::MAX);
    let spare = usize::from(!takes_text);
    let below = u16::try_from(notes.len() + spare).unwrap_or(u16::MAX);
    let height = list.saturating_add(text_rows).saturating_add(below + 2).min(area.height);
    let area = Rect { y: area.bottom() - height, height, ..area };
    let title = Row::of(Role::Focus, "↷ Redirect");
    let inner = Surround::new(title, Hears::Keys).draw_over(frame, area, lens);
    lens.rows(frame, inner, rows);
    mark(frame, inner, lens, first + redirecting.marked);
    let mut y = inner.y.saturating_add(list);
    if takes_text {
        let text = Rect { y, height: TEXT_ROWS, ..inner }.intersection(inner);
        let text =
            Rect { x: text.x + 4.min(text.width), width: text.width.saturating_sub(4), ..text };
        frame.buffer_mut().set_style(text, style(lens.theme, Role::Selection));
        composer::field(frame, text, lens, &redirecting.field);
        y = y.saturating_add(text_rows);
    }
    y = y.saturating_add(u16::from(!takes_text));
    let notes_area = Rect { y, height: below, ..inner }.intersection(inner);
    lens.rows(frame, notes_area, notes);
}

fn subject(model: &Model, of: Redirected) -> Row {
    match of {
        Redirected::Proposal { proposal, .. } => match model.decisions.get(proposal) {
            Some(decision) => {
                Row::of(Role::Muted, "Instead of ").put(Role::Text, decision.proposal.title.line())
            }
            None => Row::new(),
        },
        Redirected::Handoff(id) => match model.handoffs.get(&id) {
            Some(handoff) => Row::of(Role::Muted, "The handoff to ")
                .put(Role::Partner, named(&handoff.to))
                .put(Role::Muted, ": ")
                .put(Role::Text, handoff.context.question.line()),
            None => Row::new(),
        },
    }
}

fn choice_row(choice: &Choice, marked: bool) -> Row {
    let (sign, role) = if marked { ("● ", Role::Focus) } else { ("○ ", Role::Muted) };
    let row = Row::of(role, sign);
    let word = if marked { Role::Title } else { Role::Text };
    let column = 20;
    match choice {
        Choice::Partner(name) => row
            .put(if marked { Role::Focus } else { Role::Partner }, named(name))
            .to(column)
            .put(Role::Muted, "this partner gets it instead"),
        Choice::Narrow => {
            row.put(word, "narrow").to(column).put(Role::Muted, "ask less: write the question")
        }
        Choice::Constrain => row
            .put(word, "constrain")
            .to(column)
            .put(Role::Muted, "go on within a limit: write the limit"),
        Choice::TakeOver => row
            .put(word, "take over")
            .to(column)
            .put(Role::Muted, "you do it; the agents stop here"),
    }
}

/// What follows from the marked choice.
fn consequence(model: &Model, redirecting: &Redirecting) -> Option<Row> {
    let at_once = |to: &str, then| Row::of(Role::Partner, named(to)).put(Role::Muted, then);
    let receiver = receiver(model, redirecting.of);
    let row = match (redirecting.choice()?, redirecting.of, receiver) {
        (Choice::Partner(to), Redirected::Handoff(_), _) => {
            Row::of(Role::Muted, "the receiver so far gets a withdrawal, ")
                .put(Role::Partner, named(to))
                .put(Role::Muted, " an offer; both stand in the timeline")
        }
        (Choice::Partner(to), Redirected::Proposal { .. }, _) => {
            at_once(to, " is asked the same at once, instead")
        }
        (Choice::Narrow, _, Some(to)) => {
            at_once(to, " is asked this at once, in place of the question")
        }
        (Choice::Constrain, _, Some(to)) => {
            at_once(to, " is asked the same at once, within what you write")
        }
        (Choice::Narrow | Choice::Constrain, _, None) => {
            Row::of(Role::Muted, "nothing runs; the agent proposes again within what you write")
        }
        (Choice::TakeOver, ..) => Row::of(
            Role::Muted,
            "the agent stops here; the incident is yours from then on, and cannot be given back",
        ),
    };
    Some(row)
}

/// Who gets what is redirected; none if it is no handoff, so that nobody is asked at once.
fn receiver(model: &Model, of: Redirected) -> Option<&str> {
    match of {
        Redirected::Handoff(id) => model.handoffs.get(&id).map(|handoff| handoff.to.as_str()),
        Redirected::Proposal { proposal, .. } => {
            match &model.decisions.get(proposal)?.proposal.ask {
                Ask::Handoff { to, .. } => Some(to),
                Ask::Action(_) | Ask::Question { .. } | Ask::Close { .. } => None,
            }
        }
    }
}

fn mark(frame: &mut Frame<'_>, inner: Rect, lens: &Lens<'_>, row: usize) {
    if let Some(area) = inner.rows().nth(row) {
        lens.select(frame, area);
        let bar = Rect { x: area.x.saturating_sub(1), width: 1, ..area };
        lens.row(frame, bar, Row::of(Role::Focus, ours("▌".to_owned())));
    }
}
