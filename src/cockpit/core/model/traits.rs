//! What a line of each list says, for filters.

use super::super::filter::{Field, Traits};
use super::connection::{Deliveries, Standing};
use super::links::Upstream;
use super::standing_out::{is_decision, is_error, is_late};
use crate::incident::{ActorKind, Body, Call, Decision, Entry, Incident, Outcome, Status, Turn};

/// What an entry says.
pub(super) fn of_entry<'a>(
    entry: &'a Entry,
    upstream: Upstream,
    deliveries: &'a Deliveries,
) -> Traits<'a> {
    let kind = entry.actor.kind();
    let mut traits = Traits::default()
        .text(entry.text.for_storage())
        .field(Field::Kind, entry.body.kind().word())
        .field(Field::From, entry.actor.to_string())
        .field(Field::Id, entry.id.to_string())
        .is("human", kind == ActorKind::Human)
        .is("agent", kind == ActorKind::Agent)
        .is("system", kind == ActorKind::System)
        .is("error", is_error(entry))
        .is("decision", is_decision(entry))
        .is("late", is_late(entry))
        .is("evidence", matches!(entry.body, Body::Evidence(_)))
        .is("edited", upstream.edited || upstream.amended)
        .is("removed", upstream.removed)
        .is("owed", deliveries.standing(entry.id).is_some_and(|far| far > Standing::Written));
    for (tracker, stage) in deliveries.of(entry.id) {
        traits = traits.field(Field::Tracker, tracker).field(Field::Status, stage.word());
    }
    for origin in &entry.origins {
        traits = traits.field(Field::Tracker, origin.tracker.as_str());
    }
    match &entry.body {
        Body::Finding(finding) => match &finding.hypothesis {
            Some(hypothesis) => traits
                .text(hypothesis.name.as_str())
                .field(Field::Status, hypothesis.standing.word().replace(' ', "-")),
            None => traits,
        },
        Body::Evidence(evidence) => traits.text(evidence.reference.for_storage()),
        Body::Status(Status::Incident { to }) => {
            traits.field(Field::Status, to.word().replace(' ', "-"))
        }
        _ => traits,
    }
}

/// What a turn of the exchange says.
pub(super) fn of_turn<'a>(turn: &'a Turn, call: Option<&'a Call>) -> Traits<'a> {
    match (turn, call) {
        (Turn::Said { by, text, .. }, _) => Traits::default()
            .text(text.for_storage())
            .field(Field::From, by.to_string())
            .is("said", true),
        (Turn::Called(_), Some(call)) => of_call(call),
        (Turn::Called(_), None) => Traits::default(),
    }
}

fn of_call(call: &Call) -> Traits<'_> {
    let (status, text) = match &call.ended {
        None => ("open", None),
        Some((_, Outcome::Answered { text, .. })) => ("answered", Some(text)),
        Some((_, Outcome::Failed { reason })) => ("failed", Some(reason)),
        Some((_, Outcome::Lost { reason })) => ("lost", Some(reason)),
    };
    let traits = Traits::default()
        .text(call.question.for_storage())
        .field(Field::Tool, call.tool.for_storage())
        .field(Field::From, call.from.to_string())
        .field(Field::To, call.to.as_str())
        .field(Field::Status, status)
        .field(Field::Id, call.id.to_string())
        .is("call", true)
        .is("open", status == "open")
        .is("error", matches!(status, "failed" | "lost"))
        .is("retried", call.retries > 0);
    match text {
        Some(text) => traits.text(text.for_storage()),
        None => traits,
    }
}

/// What an incident says, with whether something waits for people in it.
pub(super) fn of_incident(incident: &Incident, waits: bool) -> Traits<'_> {
    Traits::default()
        .text(incident.title.for_storage())
        .field(Field::Service, incident.service.for_storage())
        .field(Field::Severity, incident.severity.word())
        .field(Field::Status, incident.status.word().replace(' ', "-"))
        .field(Field::Id, incident.id.to_string())
        .is("open", !incident.status.is_over())
        .is("over", incident.status.is_over())
        .is("waiting", waits)
}

/// What a decision says.
pub(super) fn of_decision(decision: &Decision) -> Traits<'_> {
    let proposal = &decision.proposal;
    let traits = Traits::default()
        .text(proposal.title.for_storage())
        .field(Field::Risk, proposal.risk.word())
        .field(Field::Status, decision.state.word().replace(' ', "-"))
        .field(Field::Kind, proposal.ask.word())
        .field(Field::From, decision.proposer.to_string())
        .field(Field::Id, decision.id.to_string())
        .is("waiting", decision.state.is_open())
        .is("over", !decision.state.is_open())
        .is("stale", !decision.stale_by.is_empty());
    match proposal.ask.target_name() {
        Some(name) => traits.text(name),
        None => traits,
    }
}
