//! The graph of handoffs: who has the investigation now, and how it went from one to the next.
//!
//! ```text
//! ▸ primary@demo has it now
//! ├⇢ changes                            ⇠ returned  95 % sure
//! │  What changed around 14:01?
//! │  14:04:30 ▸ primary@demo  handoff What changed …
//! ```

use super::face;
use super::flow::{flow, hang};
use super::ink::{Row, named, ours};
use super::page::{Page, Stop};
use crate::cockpit::core::handoffs;
use crate::cockpit::theme::Role;
use crate::incident::{ActorKind, Handoff, HandoffState, IncidentStatus};

/// The graph as rows.
pub(super) fn rows(page: &Page<'_>) -> Vec<Stop> {
    let handoffs: Vec<&Handoff> = handoffs(page.model, page.watched).collect();
    let mut rows = vec![Stop::none(holder(&handoffs, page).fit(page.width))];
    if handoffs.is_empty() {
        let what = "Nothing was handed over so far.";
        rows.push(Stop::none(Row::of(Role::Muted, what)));
    }
    for handoff in handoffs {
        rows.extend(one(handoff, page));
    }
    rows
}

/// Who has the investigation now.
fn holder(handoffs: &[&Handoff], page: &Page<'_>) -> Row {
    let watched = page.watched;
    let entries = || watched.timeline.entries();
    if watched.incident.status == IncidentStatus::TakenOver {
        let person = entries().rev().find(|entry| entry.actor.kind() == ActorKind::Human);
        let row = person.map_or_else(Row::new, |entry| page.pen.actor(&entry.actor));
        return row.put(Role::Human, " took it over");
    }
    let agent = entries().find(|entry| entry.actor.kind() == ActorKind::Agent);
    let primary =
        agent.map_or_else(|| Row::of(Role::Muted, "nobody"), |entry| page.pen.actor(&entry.actor));
    let away = handoffs
        .iter()
        .rev()
        .find(|handoff| matches!(handoff.state, HandoffState::Accepted | HandoffState::Working));
    match away {
        Some(handoff) => Row::of(Role::Partner, "◂ ")
            .put(Role::Partner, named(&handoff.to))
            .put(Role::Text, " works on a part of it now, for ")
            .join(primary),
        None if watched.incident.status.is_over() => primary.put(Role::Muted, " had it to the end"),
        None => primary.put(Role::Text, " has it now"),
    }
}

fn one(handoff: &Handoff, page: &Page<'_>) -> Vec<Stop> {
    let face = face::handoff(handoff.state);
    let since = Row::of(Role::Muted, " since ").put(Role::Muted, page.pen.clock(handoff.since));
    let mut state = face.row().join(since);
    if let Some(result) = &handoff.result {
        let sure = format!(" · {} % sure", result.confidence_percent);
        state = state.put(Role::Muted, ours(sure));
    }
    let head = Row::of(Role::Faint, "├").put(Role::Partner, "⇢ ");
    let head = head.put(Role::Partner, named(&handoff.to)).with_end(state, page.width);
    let mut rows = vec![Stop::none(head)];
    let rail = Row::of(Role::Faint, "│").gap(2);
    let width = page.width.saturating_sub(3);
    let asked = flow(Role::Text, handoff.context.question.block(), width);
    rows.extend(hang(asked, &rail, &rail).into_iter().map(Stop::none));
    if let Some(result) = &handoff.result {
        let found = flow(Role::Ok, result.conclusion.block(), width);
        rows.extend(hang(found, &rail, &rail).into_iter().map(Stop::none));
    }
    for id in &handoff.entries {
        // Every entry of a handoff is a stop, known here or not, so that marks and rows agree.
        let row = page.watched.timeline.get(*id).map(|entry| page.entry(entry));
        let row = rail.clone().join(row.unwrap_or_default());
        rows.push(Stop::to(row.fit(page.width)));
    }
    rows.push(Stop::none(Row::of(Role::Faint, "│")));
    rows
}
