//! What a hub says in words when it writes an entry itself: the text that people read in a tracker.

use super::sync::Place;
use crate::incident::{
    Actor, Answer, Ask, EntryId, ItemLink, Origin, Proposal, ProposalId, Redirect, Settlement,
    Target, Untrusted, Verdict,
};
use crate::trackers::Vouched;

/// A proposal as a tracker shows it, with what anybody may type to answer it.
pub(super) fn proposal(proposal: &Proposal, id: impl std::fmt::Display) -> Untrusted {
    let mut lines = vec![proposal.title.for_storage().to_owned(), String::new()];
    if let Ask::Action(remedy) = &proposal.ask {
        let Target { system, resource, environment } = &remedy.target;
        lines.push(format!("Would run: {} {resource} ({system} in {environment})", remedy.verb));
        lines.push(format!("Arguments: {}", remedy.args.as_str()));
    }
    lines.extend([
        format!("Risk: {} ({})", proposal.risk.word(), proposal.basis.text),
        format!("Digest: {}", proposal.digest),
        format!("Valid until {}", proposal.expires),
        String::new(),
        format!("The agent says: {}", proposal.rationale.for_storage()),
        String::new(),
        to_answer(proposal, id),
    ]);
    lines.join("\n").into()
}

fn to_answer(proposal: &Proposal, id: impl std::fmt::Display) -> String {
    let target = proposal.ask.target_name().filter(|_| proposal.required.typed_target);
    let approve = match (target, &proposal.ask) {
        (_, Ask::Question { .. }) => String::new(),
        (Some(target), _) => format!("/approve {id} on {target} · "),
        (None, _) => format!("/approve {id} · "),
    };
    format!(
        "To answer here, in the first line of a comment: {approve}/deny {id} reason · /respond {id} text"
    )
}

/// What is told of a copy that reads otherwise than before.
pub(super) fn edited(place: &Place, text: &Untrusted) -> Untrusted {
    format!(
        "Edited in {} after it was first seen; it reads now:\n\n{}",
        at(place),
        text.for_storage()
    )
    .into()
}

/// What is told of a copy that is gone.
pub(super) fn removed(place: &Place) -> Untrusted {
    format!("Removed from {} after it was first seen", at(place)).into()
}

fn at(place: &Place) -> String {
    let named = |origin: &Origin| format!("{} {}", origin.tracker, origin.item);
    place.origins.first().map(named).unwrap_or_default()
}

/// What is told of an item whose status or reactions changed.
pub(super) fn turned(by: &Actor, origin: &Origin, text: &Untrusted) -> Untrusted {
    format!("{by} in {} {}: {}", origin.tracker, origin.item, text.for_storage()).into()
}

/// Where an incident is kept, as each of its items shows it.
pub(super) fn items(at: &[ItemLink]) -> Untrusted {
    let line = |link: &ItemLink| match &link.url {
        Some(url) => format!("{} {}: {}", link.tracker, link.item, url.for_storage()),
        None => format!("{} {}", link.tracker, link.item),
    };
    let lines: Vec<String> = at.iter().map(line).collect();
    format!("This incident is kept in:\n{}", lines.join("\n")).into()
}

/// What somebody is told who meant to decide in a tracker.
pub(super) fn void(by: &Actor, why: &str) -> String {
    format!("What {by} typed decides nothing: {why}")
}

/// Why a text that came about like this decides nothing, if it does not.
pub(super) fn unvouched(vouched: &Vouched) -> Option<String> {
    Some(match vouched {
        Vouched::FirstHand => return None,
        Vouched::Edited { by } => {
            let by = by.as_ref().map(|by| format!(", by {}", by.line())).unwrap_or_default();
            format!("it was edited before it was seen{by}; type it again in a new comment")
        }
        Vouched::Mailed => {
            "it came by e-mail, which anybody can answer who holds the mail; type it \
                            in the tracker itself"
                .to_owned()
        }
        Vouched::Unsaid { why } => {
            format!("the tracker does not say how it came about: {why}; decide in wheelhouse")
        }
    })
}

/// What everybody is told when something that is no person tries to decide.
pub(super) fn attempted(by: &Actor, of: ProposalId, tracker: &str) -> String {
    format!(
        "Agent attempted approval: {by} typed a verdict on {of} in {tracker}. It decides nothing."
    )
}

/// What is told of an entry that a person does not want to arrive any more.
pub(super) fn given_up(entry: EntryId, tracker: &str, reason: &Untrusted) -> Untrusted {
    format!("Gives up writing {entry} to {tracker}: {}", reason.for_storage()).into()
}

/// A proposal by its title, for people, and on one line, so that nothing in it begins a line.
fn titled(title: &Untrusted) -> String {
    format!("“{}”", title.gist())
}

/// A verdict as a tracker shows it: what was said about what, then what it binds to.
pub(super) fn verdict(verdict: &Verdict, title: &Untrusted) -> Untrusted {
    let of = titled(title);
    let text = match &verdict.answer {
        Answer::Approve => format!("Approves {of}, exactly as asked"),
        Answer::BreakGlass { reason } => {
            format!("BREAK GLASS: forces {of} alone: {}", reason.for_storage())
        }
        Answer::EditAndApprove { args } => {
            format!("Approves {of} with edited arguments: {}", args.as_str())
        }
        Answer::Deny { reason } => format!("Denies {of}: {}", reason.for_storage()),
        Answer::Respond { text } => format!("Says of {of}: {}", text.for_storage()),
        Answer::Redirect { redirect } => format!("Redirects {of}: {}", redirected(redirect)),
        Answer::Defer { until } => format!("Defers {of} until {until:.0}"),
    };
    format!("{text}\n\nDecision {}, {}", verdict.proposal, verdict.digest).into()
}

/// What everybody is told of a proposal that nobody answered in time.
pub(super) fn unanswered(id: ProposalId, title: &Untrusted) -> Untrusted {
    let of = titled(title);
    format!("Nobody has answered {of} yet: whoever may decide, please do\n\nDecision {id}").into()
}

/// A settlement as a tracker shows it.
pub(super) fn settlement(settlement: &Settlement) -> Untrusted {
    let text = match settlement {
        Settlement::Approved { by, digest, .. } if by.is_empty() => {
            format!("Allowed by policy, once\n\nBinds {digest}")
        }
        Settlement::Approved { by, digest, .. } => {
            format!("Approved by {}, once\n\nBinds {digest}", names(by))
        }
        Settlement::Denied { by, reason } => format!("Denied by {by}: {}", reason.for_storage()),
        Settlement::Redirected { by, redirect } => {
            format!("Redirected by {by}: {}", redirected(redirect))
        }
        Settlement::Answered { by, text } => format!("Answered by {by}: {}", text.for_storage()),
        Settlement::Expired => "Expired: nobody answered in time. This is not a denial.".to_owned(),
        Settlement::Withdrawn { reason } => format!("Withdrawn: {}", reason.for_storage()),
        Settlement::Superseded { why, .. } => format!("Superseded: {}", why.for_storage()),
    };
    text.into()
}

fn redirected(redirect: &Redirect) -> String {
    match redirect {
        Redirect::Partner { to } => format!("to {to}"),
        Redirect::Narrow { question } => format!("narrower: {}", question.for_storage()),
        Redirect::Constrain { constraint } => format!("only if {}", constraint.for_storage()),
        Redirect::TakeOver => "a person takes it over".to_owned(),
    }
}

fn names(actors: &[Actor]) -> String {
    let names: Vec<String> = actors.iter().map(ToString::to_string).collect();
    names.join(" and ")
}
