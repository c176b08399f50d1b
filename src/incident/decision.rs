//! The decision: a proposal with its verdicts, as a state machine folded from entries.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    Actor, ActorKind, Body, Canonical, Change, Digest, Entry, EntryId, Helped, IncidentId,
    Proposal, ProposalId, Redirect, Settlement, Severity, Stage, Standing, Status, Untrusted,
    Verdict,
};

/// Where a decision stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecisionState {
    /// Waiting for people.
    Open,
    /// It may run once.
    Approved {
        /// What may run.
        digest: Digest,
        /// The edited arguments, if they were edited.
        args: Option<Canonical>,
    },
    /// It shall not run.
    Denied {
        /// Why.
        reason: Untrusted,
    },
    /// It shall be done differently.
    Redirected {
        /// How.
        redirect: Redirect,
    },
    /// A question was answered.
    Answered {
        /// The answer.
        text: Untrusted,
    },
    /// Nobody answered in time.
    Expired,
    /// The agent took it back.
    Withdrawn,
    /// Something it rests on changed.
    Superseded,
    /// Claimed; the call is under way.
    Dispatching,
    /// The call came back.
    Executed {
        /// Whether the executor says that it worked.
        ok: bool,
    },
    /// The effect was measured.
    Verified {
        /// Whether it helped.
        helped: Helped,
    },
    /// Claimed, then lost sight of; no machine tries again.
    Unknown,
}

impl DecisionState {
    /// The word shown on screens.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved { .. } => "approved",
            Self::Denied { .. } => "denied",
            Self::Redirected { .. } => "redirected",
            Self::Answered { .. } => "answered",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Superseded => "superseded",
            Self::Dispatching => "dispatching",
            Self::Executed { ok: true } => "executed",
            Self::Executed { ok: false } => "failed",
            Self::Verified { helped: Helped::Yes } => "verified",
            Self::Verified { helped: Helped::No } => "did not help",
            Self::Verified { helped: Helped::Unknown } => "not measured",
            Self::Unknown => "unknown",
        }
    }

    /// Whether people can still answer.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open)
    }

    /// Whether it was claimed, so that it may have run.
    pub fn was_claimed(&self) -> bool {
        match self {
            Self::Dispatching | Self::Executed { .. } | Self::Verified { .. } | Self::Unknown => {
                true
            }
            Self::Open
            | Self::Approved { .. }
            | Self::Denied { .. }
            | Self::Redirected { .. }
            | Self::Answered { .. }
            | Self::Expired
            | Self::Withdrawn
            | Self::Superseded => false,
        }
    }

    /// The state after a settlement.
    fn settled(settlement: &Settlement) -> Self {
        match settlement {
            Settlement::Approved { digest, args, .. } => {
                Self::Approved { digest: *digest, args: args.clone() }
            }
            Settlement::Denied { reason, .. } => Self::Denied { reason: reason.clone() },
            Settlement::Redirected { redirect, .. } => {
                Self::Redirected { redirect: redirect.clone() }
            }
            Settlement::Answered { text, .. } => Self::Answered { text: text.clone() },
            Settlement::Expired => Self::Expired,
            Settlement::Withdrawn { .. } => Self::Withdrawn,
            Settlement::Superseded { .. } => Self::Superseded,
        }
    }

    /// The state after a step of carrying it out, or `None` if the step cannot follow this state.
    fn after(&self, stage: &Stage) -> Option<Self> {
        match (self, stage) {
            (Self::Approved { digest, .. }, Stage::Claimed { digest: claimed }) => {
                (digest == claimed).then_some(Self::Dispatching)
            }
            (Self::Dispatching, Stage::Executed { ok, .. }) => Some(Self::Executed { ok: *ok }),
            (Self::Dispatching, Stage::Lost { .. }) => Some(Self::Unknown),
            (Self::Executed { .. } | Self::Unknown, Stage::Verified { helped, .. }) => {
                Some(Self::Verified { helped: *helped })
            }
            _ => None,
        }
    }
}

/// A verdict with who gave it and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The entry that carries it.
    pub entry: EntryId,
    /// Who gave it, as established by the hub.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// The verdict.
    pub verdict: Verdict,
}

/// A proposal with its verdicts, folded from entries; never stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Its id: that of the entry that carries the proposal.
    pub id: ProposalId,
    /// The incident it belongs to.
    pub incident: IncidentId,
    /// The agent that asked.
    pub proposer: Actor,
    /// When it asked.
    pub opened: Timestamp,
    /// What it asked.
    pub proposal: Proposal,
    /// What people answered, in the order in which the arbiter saw it.
    pub verdicts: Vec<Given>,
    /// Where it stands.
    pub state: DecisionState,
    /// When it came there.
    pub since: Timestamp,
    /// How the arbiter settled it, once it did.
    pub settlement: Option<Settlement>,
    /// Until when a person put it off.
    pub deferred_until: Option<Timestamp>,
    /// Entries that arrived after the proposal and may change what a person thinks of it.
    pub stale_by: Vec<EntryId>,
    /// Earlier decisions of this incident in which the same digest was denied.
    pub denied_before: Vec<ProposalId>,
}

impl Decision {
    fn opened_by(entry: &Entry) -> Option<Self> {
        let Body::Proposal(proposal) = &entry.body else { return None };
        // A proposal whose digest is not that of its contents binds nobody to anything.
        if proposal.digest != proposal.ask.digest() {
            return None;
        }
        Some(Self {
            id: entry.id.into(),
            incident: entry.incident,
            proposer: entry.actor.clone(),
            opened: entry.at,
            proposal: (**proposal).clone(),
            verdicts: Vec::new(),
            state: DecisionState::Open,
            since: entry.at,
            settlement: None,
            deferred_until: None,
            stale_by: Vec::new(),
            denied_before: Vec::new(),
        })
    }

    /// Whether nobody can approve it any more because its time has passed.
    pub fn is_past(&self, now: Timestamp) -> bool {
        now >= self.proposal.expires
    }

    /// Who approved so far, each person once, in order.
    pub fn approvers(&self) -> Vec<Actor> {
        let mut people = Vec::new();
        for given in &self.verdicts {
            if given.verdict.answer.lets_run() && !people.contains(&given.by) {
                people.push(given.by.clone());
            }
        }
        people
    }

    fn advance(&mut self, state: DecisionState, at: Timestamp) {
        self.state = state;
        self.since = at;
    }

    fn take_verdict(&mut self, entry: &Entry, verdict: &Verdict) -> bool {
        let new = self.verdicts.iter().all(|given| given.entry != entry.id);
        if !self.state.is_open() || !new {
            return false;
        }
        if let super::Answer::Defer { until } = verdict.answer {
            self.deferred_until = Some(until);
        }
        self.verdicts.push(Given {
            entry: entry.id,
            by: entry.actor.clone(),
            at: entry.at,
            verdict: verdict.clone(),
        });
        true
    }

    /// What came after the proposal, and nobody who let it run has seen.
    pub fn unseen(&self) -> impl Iterator<Item = EntryId> {
        let letting = || self.verdicts.iter().filter(|given| given.verdict.answer.lets_run());
        let is_seen = move |entry: &&EntryId| {
            letting().any(|given| given.verdict.acknowledged.contains(entry))
        };
        self.stale_by.iter().filter(move |entry| !is_seen(entry)).copied()
    }

    /// Whether an entry may change what a person thinks of a proposal that has not run yet; `turned` says
    /// whether an alert tells something new.
    fn is_made_stale_by(&self, entry: &Entry, turned: bool) -> bool {
        let waits = matches!(self.state, DecisionState::Open | DecisionState::Approved { .. });
        // What was written before and is seen only now is as new to whoever decides.
        if !waits || entry.incident != self.incident || entry.first_seen < self.opened {
            return false;
        }
        match &entry.body {
            Body::Alert(_) => turned,
            Body::Resolution(_) => true,
            Body::Finding(finding) => finding.hypothesis.as_ref().is_some_and(|hypothesis| {
                matches!(hypothesis.standing, Standing::Weakened | Standing::RuledOut)
            }),
            Body::Comment => entry.actor.kind() == ActorKind::Human,
            Body::Correction(correction) => {
                let about = correction.of;
                self.proposal.evidence.contains(&about) || EntryId::from(self.id) == about
            }
            _ => false,
        }
    }
}

/// The decisions of any number of incidents, folded from entries in the arbiter's order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decisions {
    known: BTreeMap<ProposalId, Decision>,
    denied: BTreeMap<(IncidentId, Digest), Vec<ProposalId>>,
    alerts: BTreeMap<IncidentId, (bool, Severity)>,
    halted: bool,
}

impl Decisions {
    /// Folds entries in order.
    pub fn fold<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut decisions = Self::default();
        for entry in entries {
            decisions.apply(entry);
        }
        decisions
    }

    /// Folds one more entry; returns the decision that it changed, if any.
    ///
    /// A step that cannot follow the present state changes nothing: the first valid one wins, whatever
    /// arrives later or twice.
    pub fn apply(&mut self, entry: &Entry) -> Option<ProposalId> {
        self.mark_stale(entry);
        match &entry.body {
            Body::Proposal(_) => self.open(entry),
            Body::Verdict(verdict) => {
                let decision = self.known.get_mut(&verdict.proposal)?;
                decision.take_verdict(entry, verdict).then_some(verdict.proposal)
            }
            Body::Status(Status::Decision { proposal, to }) => self.settle(entry, *proposal, to),
            Body::Status(Status::Dispatch { halted }) => {
                self.halted = *halted;
                None
            }
            Body::Action(action) => {
                let decision = self.known.get_mut(&action.proposal)?;
                let state = decision.state.after(&action.stage)?;
                decision.advance(state, entry.at);
                Some(action.proposal)
            }
            Body::Correction(correction) => self.void_if_tampered(entry, correction),
            _ => None,
        }
    }

    fn open(&mut self, entry: &Entry) -> Option<ProposalId> {
        let id = ProposalId::from(entry.id);
        if self.known.contains_key(&id) {
            return None;
        }
        let mut decision = Decision::opened_by(entry)?;
        let key = (decision.incident, decision.proposal.digest);
        decision.denied_before = self.denied.get(&key).cloned().unwrap_or_default();
        self.known.insert(id, decision);
        Some(id)
    }

    fn settle(&mut self, entry: &Entry, id: ProposalId, to: &Settlement) -> Option<ProposalId> {
        let decision = self.known.get_mut(&id)?;
        // What was approved can still be taken back, until it is claimed.
        let is_unused = matches!(decision.state, DecisionState::Approved { .. });
        let is_void = is_unused && matches!(to, Settlement::Superseded { .. });
        if !decision.state.is_open() && !is_void {
            return None;
        }
        if matches!(to, Settlement::Denied { .. }) {
            let key = (decision.incident, decision.proposal.digest);
            self.denied.entry(key).or_default().push(id);
        }
        decision.advance(DecisionState::settled(to), entry.at);
        decision.settlement = Some(to.clone());
        Some(id)
    }

    /// Our own posted proposal, or a verdict on it, no longer reads as it was first seen: nobody may act
    /// on it.
    fn void_if_tampered(
        &mut self,
        entry: &Entry,
        correction: &super::Correction,
    ) -> Option<ProposalId> {
        if matches!(correction.change, Change::Amended) {
            return None;
        }
        if let Some(decision) = self.known.get_mut(&ProposalId::from(correction.of)) {
            let waiting =
                matches!(decision.state, DecisionState::Open | DecisionState::Approved { .. });
            return waiting.then(|| {
                decision.advance(DecisionState::Superseded, entry.at);
                decision.id
            });
        }
        let lets_run =
            |given: &Given| given.entry == correction.of && given.verdict.answer.lets_run();
        let mut decisions = self.known.values_mut();
        let decision = decisions.find(|decision| decision.verdicts.iter().any(lets_run))?;
        match decision.state {
            DecisionState::Open => decision.verdicts.retain(|given| !lets_run(given)),
            DecisionState::Approved { .. } => {
                decision.advance(DecisionState::Superseded, entry.at);
            }
            _ => return None,
        }
        Some(decision.id)
    }

    fn mark_stale(&mut self, entry: &Entry) {
        // An alert that only goes on is told again every few minutes and changes nothing.
        let turned = match &entry.body {
            Body::Alert(alert) => {
                let stands = (alert.firing, alert.severity);
                self.alerts.insert(entry.incident, stands) != Some(stands)
            }
            _ => false,
        };
        for decision in self.known.values_mut() {
            if decision.is_made_stale_by(entry, turned) && !decision.stale_by.contains(&entry.id) {
                decision.stale_by.push(entry.id);
            }
        }
    }

    /// One decision.
    pub fn get(&self, id: ProposalId) -> Option<&Decision> {
        self.known.get(&id)
    }

    /// All decisions, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Decision> {
        self.known.values()
    }

    /// The decisions that wait for people, oldest first.
    pub fn open_ones(&self) -> impl Iterator<Item = &Decision> {
        self.iter().filter(|decision| decision.state.is_open())
    }

    /// Whether every dispatch is parked.
    pub fn is_halted(&self) -> bool {
        self.halted
    }
}
