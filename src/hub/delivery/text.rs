//! The text of an entry as a tracker gets it, and how it is recognised there.

use serde_json::Value;

use crate::incident::{
    Body, ClaimedActor, Details, Digest, Entry, HandoffStep, Page, Part, Trailer, Untrusted,
    encode, encode_with, into_pieces, with_payload,
};
use crate::trackers::Capabilities;

/// Longest title of an item, in characters.
const LONGEST_TITLE: usize = 200;

/// How often smaller pieces are tried until escaped and enveloped they are short enough.
const MOST_TRIES: usize = 24;

/// The texts that a tracker gets of an entry, in order; `None` if it takes too little at a time.
pub(in crate::hub) fn parts(entry: &Entry, tracker: Capabilities) -> Option<Vec<String>> {
    let text = said(entry, tracker);
    let whole = sealed(entry, &text, None, tracker);
    if length(&whole) <= tracker.max_chars {
        return Some(vec![whole]);
    }
    let empty = sealed(entry, &Untrusted::default(), Part::new(999, 999), tracker);
    let mut most = tracker.max_chars.checked_sub(length(&empty) + 2)?;
    for _ in 0..MOST_TRIES {
        let pieces = into_pieces(text.for_storage(), most)?;
        let of = u16::try_from(pieces.len()).ok()?;
        let numbered = pieces.iter().zip(1..);
        let sealed = numbered.map(|(piece, n)| {
            Some(sealed(entry, &piece.as_str().into(), Some(Part::new(n, of)?), tracker))
        });
        let sealed: Vec<String> = sealed.collect::<Option<_>>()?;
        if sealed.iter().all(|part| length(part) <= tracker.max_chars) {
            return Some(sealed);
        }
        most = most * 9 / 10;
    }
    None
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// What an entry says, for people and in its payload also for machines.
fn said(entry: &Entry, tracker: Capabilities) -> Untrusted {
    let page = if tracker.carrier.hides_details() { Page::Markdown } else { Page::Plain };
    match structured(&entry.body) {
        Some((name, Ok(value))) => with_payload(&entry.text, name, &value, page),
        Some((name, Err(error))) => {
            tracing::error!(entry = %entry.id, %error, "failed to write its {name} for machines");
            entry.text.clone()
        }
        None => entry.text.clone(),
    }
}

/// What of an entry its words alone would lose.
fn structured(body: &Body) -> Option<(&'static str, serde_json::Result<Value>)> {
    match body {
        Body::Evidence(evidence) => Some(("evidence", serde_json::to_value(evidence))),
        Body::Proposal(proposal) => Some(("proposal", serde_json::to_value(proposal))),
        Body::Handoff(handed) => match &handed.step {
            HandoffStep::Offered { context, .. } | HandoffStep::Redirected { context, .. } => {
                Some(("handoff", serde_json::to_value(context)))
            }
            HandoffStep::Returned { result } => {
                Some(("handoff-result", serde_json::to_value(result)))
            }
            _ => None,
        },
        _ => None,
    }
}

fn sealed(entry: &Entry, text: &Untrusted, part: Option<Part>, tracker: Capabilities) -> String {
    let actor = ClaimedActor::from(&entry.actor);
    let trailer = Trailer { id: entry.id, kind: entry.body.kind(), actor, part };
    let sealed = if tracker.carrier.hides_details() {
        let details = Details { incident: entry.incident, at: entry.at, refs: entry.refs.clone() };
        encode_with(text, &trailer, &details)
    } else {
        encode(text, &trailer)
    };
    sealed.for_storage().to_owned()
}

/// The title of the item that an entry opens.
pub(super) fn title(entry: &Entry) -> String {
    let title = match &entry.body {
        Body::Alert(alert) => alert.title.for_storage(),
        _ => entry.text.for_storage(),
    };
    title.lines().next().unwrap_or_default().chars().take(LONGEST_TITLE).collect()
}

/// Names what a text says, whatever a tracker makes of line endings and of blanks at the end.
pub(in crate::hub) fn version(text: &str) -> Digest {
    let lines: Vec<&str> = text.trim_end().lines().map(str::trim_end).collect();
    Digest::of("text", &[lines.join("\n").as_bytes()])
}
