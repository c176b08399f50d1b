//! The lines: what happened, each change once, in words that can be read aloud.

use jiff::{SignedDuration, Timestamp};

use super::super::cell::Cell;
use super::super::output::Output;
use super::super::telling;
use super::desk::Desk;
use crate::incident::{Ask, Decision, Entry, EntryId, Hit, ProposalId, Untrusted};
use crate::wire::{Delivery, DeliveryStage, FeedEvent, Frame};

/// Writes one line; whatever came from outside in it acts on no terminal.
pub(super) fn say(output: &mut Output, line: impl std::fmt::Display) {
    output.line([Cell::of(line)]);
}

/// A moment as a time of day, in the reader's zone.
pub(super) fn clock(desk: &Desk, at: Timestamp) -> String {
    at.to_zoned(desk.zone.clone()).strftime("%H:%M:%S").to_string()
}

/// A moment to come, with its date unless that is near.
fn until(desk: &Desk, at: Timestamp) -> String {
    if at.duration_since(desk.model.now) < SignedDuration::from_hours(12) {
        return clock(desk, at);
    }
    at.to_zoned(desk.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// An entry of an incident.
pub(super) fn entry(entry: &Entry) -> String {
    format!("{} by {}: {}", entry.body.kind().word(), entry.actor, text(&entry.text))
}

/// What happened elsewhere than in an entry; none if it is not worth a line.
pub(super) fn frame(desk: &Desk, frame: &Frame) -> Option<String> {
    let line = match &frame.event {
        FeedEvent::DeliveryMoved { delivery } => self::delivery(desk, delivery)?,
        FeedEvent::FramesMissed { count } => format!("{count} messages were missed"),
        FeedEvent::ExchangeMoved { event } => telling::exchange_line(event, text)?,
        _ => telling::line(frame)?,
    };
    Some(format!("{} {line}", clock(desk, frame.at)))
}

/// How far a copy is: one's own on every step that lasts, others only when they are held up.
fn delivery(desk: &Desk, delivery: &Delivery) -> Option<String> {
    let Delivery { entry, tracker, stage } = delivery;
    let is_own = desk.own.contains(entry);
    let whose = whose(desk, *entry);
    let how = match stage {
        DeliveryStage::Parked { why } => format!("refused by {tracker}: {why}"),
        DeliveryStage::Dropped { why } => format!("no longer owed to {tracker}: {why}"),
        DeliveryStage::Owed { why: Some(why), retry_at } => {
            let again = retry_at.map(|at| format!(", tried again at {}", clock(desk, at)));
            format!("owed to {tracker}{}: {why}", again.unwrap_or_default())
        }
        DeliveryStage::Ambiguous { .. } if is_own => {
            format!("sent to {tracker}; whether it arrived is being read back")
        }
        DeliveryStage::Written { remote } if is_own => format!("written to {tracker} as {remote}"),
        DeliveryStage::Owed { why: None, .. } if is_own => format!("owed to {tracker}"),
        DeliveryStage::Owed { .. }
        | DeliveryStage::Ambiguous { .. }
        | DeliveryStage::Sending { .. }
        | DeliveryStage::Written { .. } => return None,
    };
    Some(format!("entry {} ({whose}) is {how}", entry.short()))
}

/// That an entry stands in a tracker more than once: nobody can take the other copies back.
pub(super) fn doubled(desk: &Desk, entry: EntryId, tracker: &str, copies: usize) -> String {
    let whose = whose(desk, entry);
    format!("entry {} ({whose}) stands in {tracker} {copies} times", entry.short())
}

fn whose(desk: &Desk, entry: EntryId) -> &'static str {
    if desk.own.contains(&entry) { "yours" } else { "one" }
}

/// A decision that waits for people.
pub(super) fn waits(desk: &Desk, id: ProposalId) -> Option<String> {
    let decision = desk.model.decisions.get(id)?;
    let number = desk.number(id)?;
    let until = until(desk, decision.proposal.expires);
    let about = about(decision);
    Some(format!(
        "decision {number} waits: {about}; {} risk; valid until {until}; type {number} to read it",
        decision.proposal.risk.word()
    ))
}

/// A decision that stands elsewhere than before, because of an entry.
pub(super) fn moved(desk: &Desk, id: ProposalId, because: &Entry) -> Option<String> {
    let decision = desk.model.decisions.get(id)?;
    let number = desk.number(id)?;
    let stands = match decision.stale_by.last() {
        Some(stale) if *stale == because.id => "is stale, read what came after it",
        _ => decision.state.word(),
    };
    Some(format!("decision {number} {stands}: {}", entry(because)))
}

/// What a proposal is about, in our words and the agent's title.
pub(super) fn about(decision: &Decision) -> String {
    let title = text(&decision.proposal.title);
    match &decision.proposal.ask {
        Ask::Action(remedy) => {
            let target = &remedy.target;
            format!("{} {} in {} ({title})", remedy.verb, target.resource, target.environment)
        }
        Ask::Handoff { to, .. } => format!("handoff to {to} ({title})"),
        Ask::Question { .. } => format!("question ({title})"),
        Ask::Close { .. } => format!("close the incident ({title})"),
    }
}

/// What there is: incidents and decisions, and how to go on.
pub(super) fn overview(desk: &mut Desk, output: &mut Output) {
    incidents(desk, output);
    decisions(desk, output);
    if desk.model.gates.halted {
        say(output, "every action of the agents is halted; type h to let them run");
    }
    say(output, "type ? for what can be typed");
}

/// Lists the incidents, whose numbers hold until the next list.
pub(super) fn incidents(desk: &mut Desk, output: &mut Output) {
    let listed: Vec<(crate::incident::IncidentId, String)> = desk
        .model
        .listed_incidents()
        .into_iter()
        .map(|watched| {
            let it = &watched.incident;
            let title = text(&it.title);
            let line = format!(
                "{} {} {}: {title}",
                it.severity.word(),
                it.status.word(),
                text(&it.service)
            );
            (it.id, line)
        })
        .collect();
    if listed.is_empty() {
        say(output, "no incident; agents open one for an alert, and `wheelhouse demo` shows how");
    }
    for (place, (id, line)) in listed.iter().enumerate() {
        let current = if desk.current == Some(*id) { ", the current one" } else { "" };
        say(output, format!("incident {}: {line}{current}", place + 1));
    }
    desk.listed = listed.into_iter().map(|(id, _)| id).collect();
}

/// Lists the decisions that wait.
pub(super) fn decisions(desk: &Desk, output: &mut Output) {
    let open: Vec<ProposalId> = desk.model.decisions.open_ones().map(|open| open.id).collect();
    if open.is_empty() {
        say(output, "no decision waits");
    }
    for line in open.into_iter().filter_map(|id| waits(desk, id)) {
        say(output, line);
    }
}

/// What a search found, newest first.
pub(super) fn hits(desk: &Desk, hits: &[Hit], output: &mut Output) {
    if hits.is_empty() {
        say(output, "nothing found; fewer words, or an ending *, find more");
    }
    for Hit { entry, incident_title } in hits {
        let date = entry.at.to_zoned(desk.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
        let (line, id) = (self::entry(entry), entry.id.short());
        say(output, format!("{date} {line}, entry {id}, in {}", text(incident_title)));
    }
}

/// The first line of a text with something on it, as it came: [`say`] makes visible what is hidden in it.
pub(super) fn text(text: &Untrusted) -> String {
    let first = text.for_storage().lines().find(|line| !line.trim().is_empty());
    first.unwrap_or_default().trim().to_owned()
}
