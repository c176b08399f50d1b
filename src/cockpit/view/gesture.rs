//! The gesture of deciding, in words: whether the card is armed, what approving means, what is typed.

use super::entry::settlement;
use super::flow::wrap;
use super::ink::{Row, exact, named, ours};
use super::lens::Lens;
use super::proposal::arbiters_word;
use crate::cockpit::core::{Act, Action, Card, Closed, Context, Model, QUIET, Step};
use crate::cockpit::theme::Role;
use crate::incident::{Answer, Body, Decision, Status};

/// The rows at the foot of a card.
pub(super) fn rows(
    model: &Model,
    lens: &Lens<'_>,
    card: &Card,
    decision: &Decision,
    width: usize,
) -> Vec<Row> {
    let sent = model.sent_about(decision.id).filter(|act| !act.stage.is_over());
    let mut rows = match (&card.over, &card.step) {
        _ if model.screen.is_cramped() => vec![cramped(model)],
        _ if model.replaying.is_some() => {
            vec![Row::of(Role::Warn, "! this is a recording: nothing can be decided")]
        }
        (Some(closed), _) => vec![over(*closed, decision, model)],
        _ if sent.is_some() => sent.map(|act| answered(act, lens)).into_iter().collect(),
        (None, Step::Typing { field, .. }) => typing(lens, decision, &field.text()),
        (None, Step::AskedAgain { answer }) => {
            vec![asked_again(lens, card, model, answer), unsure(decision)]
        }
        (None, Step::Reading) => vec![reading(lens, card, model), unsure(decision)],
    };
    rows.retain(|row| !row.runs.is_empty());
    if let Some(notice) = &card.refused {
        let mut row = Row::of(Role::Warn, "! ").put(Role::Warn, named(&notice.what));
        if let Some(hint) = &notice.hint {
            row = row.put(Role::Muted, " · ").put(Role::Muted, named(hint));
        }
        rows.push(row);
    }
    rows.into_iter().flat_map(|row| wrap(row, width)).collect()
}

fn cramped(model: &Model) -> Row {
    let screen = model.screen;
    let size = format!("{}×{}", screen.columns, screen.rows);
    Row::of(Role::Warn, "! nothing can be decided here: ")
        .put(Role::Text, ours(format!("60×16 are needed to read it, this screen has {size}")))
}

/// Whether the keyboard was still long enough since the card last changed.
fn is_armed(card: &Card, model: &Model) -> bool {
    card.stirred.is_some_and(|since| {
        let quiet = model.wall.duration_since(since);
        quiet.as_millis() >= i128::try_from(QUIET.as_millis()).unwrap_or(i128::MAX)
    })
}

fn reading(lens: &Lens<'_>, card: &Card, model: &Model) -> Row {
    let decision = model.decisions.get(card.proposal);
    if decision.is_some_and(super::act::is_answered_in_words) {
        let row = Row::of(Role::Pending, "● asks you");
        return match lens.key(Action::Respond, Context::Card) {
            Some(key) => {
                row.put(Role::Muted, " · ").put(Role::Key, key).put(Role::Text, " answers in words")
            }
            None => row,
        };
    }
    let types = decision.is_some_and(|decision| {
        decision.proposal.required.typed_target && decision.proposal.ask.target_name().is_some()
    });
    let approves = if types {
        " and the target's name approve exactly this, once"
    } else {
        " approves exactly this, once"
    };
    let approves = if card.step.forces() { " forces exactly this, alone" } else { approves };
    if !is_armed(card, model) {
        return Row::of(Role::Muted, "○ not armed yet · take your hands off the keys for a moment");
    }
    let row = Row::of(Role::Pending, "● armed");
    match lens.key(Action::Approve, Context::Card) {
        Some(key) => row.put(Role::Muted, " · ").put(Role::Key, key).put(Role::Text, approves),
        None => row,
    }
}

fn asked_again(lens: &Lens<'_>, card: &Card, model: &Model, answer: &Answer) -> Row {
    if let Answer::EditAndApprove { .. } = answer {
        let row = Row::of(Role::Warn, "! the arguments are yours now: read them once more · ");
        return row.join(reading(lens, card, model));
    }
    if let Answer::BreakGlass { .. } = answer {
        let row = Row::of(Role::Severity1, " BREAK GLASS ").gap(1);
        return row.join(reading(lens, card, model));
    }
    let count = card.news.len();
    let noun = if count == 1 { "entry arrived" } else { "entries arrived" };
    let row = Row::of(Role::Warn, ours(format!("! {count} {noun} since it was asked")));
    let row = row.put(Role::Text, " · read above, then decide again · ");
    row.join(reading(lens, card, model))
}

/// A name that cannot be checked by eye says so before anybody approves it.
fn unsure(decision: &Decision) -> Row {
    let Some(name) = decision.proposal.ask.target_name() else { return Row::new() };
    match crate::incident::inspectable(name) {
        Ok(()) => Row::new(),
        Err(why) => Row::of(Role::Hostile, " ! ")
            .gap(1)
            .put(Role::Warn, "the target cannot be checked by eye: ")
            .put(Role::Text, ours(why.to_string())),
    }
}

fn typing(lens: &Lens<'_>, decision: &Decision, typed: &str) -> Vec<Row> {
    let name = decision.proposal.ask.target_name().unwrap_or_default();
    let ask = Row::of(Role::Text, "Type ").put(Role::Code, exact(name));
    let ask = ask.put(Role::Text, " to show that you read it; pasting does not count");
    let field = Row::of(Role::Key, "❯ ").put(Role::Title, exact(typed)).put(Role::Focus, "▏");
    let state = if typed == name {
        let row = Row::of(Role::Approved, "✓ it matches");
        match lens.key(Action::Confirm, Context::Target) {
            Some(key) => {
                row.put(Role::Muted, " · ").put(Role::Key, key).put(Role::Text, " approves")
            }
            None => row,
        }
    } else if name.starts_with(typed) {
        Row::of(Role::Muted, "○ not yet")
    } else {
        Row::of(Role::Warn, "✗ this is another name")
    };
    vec![ask, field, state]
}

fn over(closed: Closed, decision: &Decision, model: &Model) -> Row {
    match closed {
        Closed::Settled => settled(decision, model),
        Closed::Expired => Row::of(Role::Refused, "○ expired, not denied: nobody answered in time"),
        Closed::Changed => Row::of(Role::Warn, "! what is proposed is not what this card shows")
            .put(Role::Muted, " · close it and open it again"),
    }
}

fn answered(act: &Act, lens: &Lens<'_>) -> Row {
    let row = Row::of(Role::Human, "● from you: ").join(super::act::words(act, Role::Text, lens));
    row.put(Role::Text, ", ").put(Role::Text, act.stage.word())
}

fn settled(decision: &Decision, model: &Model) -> Row {
    match arbiters_word(decision, model).map(|entry| &entry.body) {
        Some(Body::Status(Status::Decision { to, .. })) => settlement(to),
        _ => super::face::decision(&decision.state).row(),
    }
    .put(Role::Muted, " · nothing is left to decide")
}
