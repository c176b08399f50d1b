//! What can be reached from a line: the entries it rests on or is about, and the call that brought it.

use super::measured::LineId;
use super::watched::Watched;
use crate::incident::{Body, CallId, Decision, Entry, Status, Turn};

/// What an entry, a turn or a decision rests on or is about, each once, in its own order.
pub fn links_of(watched: &Watched, line: LineId, decision: Option<&Decision>) -> Vec<LineId> {
    let found = match line {
        LineId::Entry(id) => {
            watched.timeline.get(id).map_or_else(Vec::new, |entry| of_entry(watched, entry))
        }
        LineId::Turn(turn) => of_turn(watched, turn),
        LineId::Decision(id) => {
            let evidence = decision.map(|it| it.proposal.evidence.as_slice()).unwrap_or_default();
            let own = std::iter::once(LineId::Entry(id.into()));
            evidence.iter().map(|id| LineId::Entry(*id)).chain(own).collect()
        }
        LineId::Incident(_) => Vec::new(),
    };
    let mut links: Vec<LineId> = Vec::new();
    for link in found.into_iter().filter(|link| *link != line && exists(watched, *link)) {
        if !links.contains(&link) {
            links.push(link);
        }
    }
    links
}

fn exists(watched: &Watched, link: LineId) -> bool {
    match link {
        LineId::Entry(id) => watched.timeline.get(id).is_some(),
        LineId::Turn(turn) => turn < watched.exchange.turns().len(),
        LineId::Incident(_) | LineId::Decision(_) => true,
    }
}

fn of_entry(watched: &Watched, entry: &Entry) -> Vec<LineId> {
    let about = match &entry.body {
        Body::Proposal(proposal) => proposal.evidence.clone(),
        Body::Verdict(verdict) => vec![verdict.proposal.into()],
        Body::Action(action) => vec![action.proposal.into()],
        Body::Status(Status::Decision { proposal, .. }) => vec![(*proposal).into()],
        Body::Correction(correction) => vec![correction.of],
        Body::Resolution(resolution) => resolution.by.map(Into::into).into_iter().collect(),
        _ => Vec::new(),
    };
    let call = match &entry.body {
        Body::Evidence(evidence) => evidence.call.and_then(|call| turn_of(watched, call)),
        _ => None,
    };
    let rests = about.into_iter().chain(entry.refs.iter().copied()).map(LineId::Entry);
    let answers = watched.links.corrections_of(entry.id).iter().map(|id| LineId::Entry(*id));
    rests.chain(call.map(LineId::Turn)).chain(answers).collect()
}

fn of_turn(watched: &Watched, turn: usize) -> Vec<LineId> {
    let Some(Turn::Called(call)) = watched.exchange.turns().get(turn) else { return Vec::new() };
    watched.links.of_call(*call).iter().map(|id| LineId::Entry(*id)).collect()
}

/// The turn in which a call was made.
pub fn turn_of(watched: &Watched, call: CallId) -> Option<usize> {
    let is = |turn: &Turn| matches!(turn, Turn::Called(known) if *known == call);
    watched.exchange.turns().iter().position(is)
}
