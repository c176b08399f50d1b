//! The handoffs of a timeline, folded from its entries: where each stands and what became of it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Actor, Body, Entry, EntryId, HandoffContext, HandoffId, HandoffResult, HandoffState};
use super::{HandoffStep, IncidentId};

/// A handoff as folded from its entries.
#[derive(Debug, Clone, PartialEq)]
pub struct Handoff {
    /// Its id: that of the entry that offered it.
    pub id: HandoffId,
    /// The incident it belongs to.
    pub incident: IncidentId,
    /// The agent that offered it.
    pub from: Actor,
    /// Who has it, or would have it, now.
    pub to: String,
    /// What moves, as last changed.
    pub context: HandoffContext,
    /// Where it stands.
    pub state: HandoffState,
    /// When it came there.
    pub since: Timestamp,
    /// The result, once it is back.
    pub result: Option<HandoffResult>,
    /// The entries that made it what it is.
    pub entries: Vec<EntryId>,
}

impl Handoff {
    /// Begins with the entry that offers it; any other entry is `None`.
    fn offered_by(entry: &Entry) -> Option<Self> {
        let Body::Handoff(handed) = &entry.body else { return None };
        let HandoffStep::Offered { to, context } = &handed.step else { return None };
        Some(Self {
            id: handed.handoff,
            incident: entry.incident,
            from: entry.actor.clone(),
            to: to.clone(),
            context: (**context).clone(),
            state: HandoffState::Offered,
            since: entry.at,
            result: None,
            entries: vec![entry.id],
        })
    }

    /// Whether a step can follow.
    pub fn may(&self, step: &HandoffStep) -> bool {
        self.state.after(step).is_some()
    }

    /// Takes a further step; a step that cannot follow is left out, and `false` says so.
    fn advance(&mut self, entry: &Entry, step: &HandoffStep) -> bool {
        let Some(state) = self.state.after(step) else { return false };
        match step {
            HandoffStep::Redirected { to, context } => {
                self.to.clone_from(to);
                self.context = (**context).clone();
            }
            HandoffStep::Returned { result } => self.result = Some((**result).clone()),
            _ => {}
        }
        self.state = state;
        self.since = entry.at;
        self.entries.push(entry.id);
        true
    }
}

/// Folds the handoffs out of entries in timeline order; the offer with an id counts once.
pub fn handoffs<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> BTreeMap<HandoffId, Handoff> {
    let mut found = BTreeMap::<HandoffId, Handoff>::new();
    for entry in entries {
        apply_handoff(&mut found, entry);
    }
    found
}

/// Folds one more entry into the handoffs known so far; `false` if it changed nothing.
pub fn apply_handoff(known: &mut BTreeMap<HandoffId, Handoff>, entry: &Entry) -> bool {
    let Body::Handoff(handed) = &entry.body else { return false };
    if let Some(handoff) = known.get_mut(&handed.handoff) {
        return handoff.advance(entry, &handed.step);
    }
    let offered = Handoff::offered_by(entry);
    offered.is_some_and(|handoff| known.insert(handoff.id, handoff).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::{
        Digest, EvidenceLink, Handed, HopError, PAYLOAD_VERSION, Severity, Untrusted,
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn context(question: &str) -> Box<HandoffContext> {
        let entry = EntryId::from_parts(at(-5), 3);
        let digest = Digest::of("entry", &[b"x"]);
        Box::new(HandoffContext {
            version: PAYLOAD_VERSION,
            incident: EntryId::from_parts(at(-9), 0).into(),
            title: "too many errors".into(),
            summary: "the pool is exhausted".into(),
            severity: Severity::Sev2,
            resources: vec!["checkout".into()],
            evidence: vec![EvidenceLink { entry, digest, excerpt: "x".into(), link: None }],
            tried: vec!["restart: did not help".into()],
            open_questions: Vec::new(),
            question: question.into(),
            constraints: Vec::new(),
            path: Vec::new(),
            return_to: "agent:primary@demo".to_owned(),
        })
    }

    fn entry(second: i64, step: HandoffStep) -> Entry {
        let handoff = EntryId::from_parts(at(0), 1).into();
        Entry {
            id: EntryId::from_parts(at(second), 1),
            incident: EntryId::from_parts(at(-9), 0).into(),
            actor: "agent:primary@demo".parse().unwrap(),
            at: at(second),
            first_seen: at(second),
            body: Body::Handoff(Handed { handoff, step }),
            text: Untrusted::default(),
            refs: Vec::new(),
            origins: Vec::new(),
        }
    }

    fn offered() -> HandoffStep {
        HandoffStep::Offered { to: "changes".to_owned(), context: context("what changed?") }
    }

    fn returned() -> HandoffStep {
        HandoffStep::Returned {
            result: Box::new(HandoffResult {
                conclusion: "r42".into(),
                findings: Vec::new(),
                recommended: Vec::new(),
                confidence_percent: 90,
                link: None,
            }),
        }
    }

    fn folded(steps: Vec<HandoffStep>) -> Handoff {
        let entries: Vec<Entry> = (0..).zip(steps).map(|(at, step)| entry(at, step)).collect();
        handoffs(&entries).into_values().next().unwrap()
    }

    #[test]
    fn a_handoff_goes_there_and_comes_back() {
        let note = HandoffStep::Working { note: "reading".into() };
        let steps = [offered(), HandoffStep::Approved, HandoffStep::Accepted, note, returned()];
        let handoff = folded(steps.to_vec());
        assert_eq!(handoff.state, HandoffState::Returned);
        assert_eq!(handoff.result.unwrap().confidence_percent, 90);
        assert_eq!(handoff.entries.len(), 5);
    }

    #[test]
    fn nothing_follows_what_is_over_and_nothing_returns_before_it_was_accepted() {
        let early = folded(vec![offered(), returned()]);
        assert_eq!(early.state, HandoffState::Offered);
        let refused = HandoffStep::Refused { reason: "no".into() };
        let late = folded(vec![offered(), refused, HandoffStep::Accepted, returned()]);
        assert_eq!(late.state, HandoffState::Refused);
        assert_eq!(late.result, None);
    }

    #[test]
    fn a_redirection_under_way_changes_who_has_it_and_what_is_asked() {
        let elsewhere = HandoffStep::Redirected {
            to: "telemetry".to_owned(),
            context: context("which requests?"),
        };
        let withdrawn = HandoffStep::Withdrawn { from: "changes".to_owned() };
        let steps = vec![offered(), HandoffStep::Accepted, elsewhere, withdrawn];
        let handoff = folded(steps);
        assert_eq!((handoff.to.as_str(), handoff.state), ("telemetry", HandoffState::Redirected));
        assert_eq!(handoff.context.question, Untrusted::from("which requests?"));
    }

    #[test]
    fn an_offer_seen_twice_is_one_handoff() {
        let offer = entry(0, offered());
        let known = handoffs([&offer, &entry(1, HandoffStep::Accepted), &offer]);
        assert_eq!(known.len(), 1);
        assert_eq!(known.values().next().unwrap().state, HandoffState::Accepted);
    }

    #[test]
    fn loops_and_long_ways_are_refused() {
        let once = context("x").hop("primary@eu", "changes").unwrap();
        assert!(matches!(once.clone().hop("changes", "primary@eu"), Err(HopError::Loop { .. })));
        let mut far = once;
        for hop in 0..4 {
            far = far.hop(&format!("hop-{hop}"), "next").unwrap();
        }
        assert!(matches!(far.hop("hop-4", "next"), Err(HopError::TooFar { .. })));
    }
}
