//! Decisions at the desk: asking people, taking verdicts, expiry, and the one claim on what was approved.

use jiff::Timestamp;

use super::desk::{Answering, Desk, not_found, people_only};
use super::words;
use crate::incident::{
    self as nouns, Action, Actor, Ask, Asking, Basis, Body, Decision, DecisionState, Digest, Entry,
    Gate, Notice, Principal, Proposal, ProposalId, Refusal, Remedy, Ruling, Settlement, Stage,
    Status, Trouble, Untrusted, Verdict,
};
use crate::journal::{Appended, Claimed, Record};
use crate::wire::{Reply, Request};

impl Desk {
    pub(super) async fn propose(
        &mut self,
        by: &Principal,
        request: Request,
    ) -> Result<Reply, Notice> {
        self.incident(request.incident)?;
        if let Ask::Handoff { .. } = request.ask {
            let what = "a handoff is offered, and what it asks of people follows from that";
            return Err(Notice::new(Trouble::NotAllowed, what));
        }
        let replaced = self.replaced(by, request.supersedes)?;
        let now = self.mint.now();
        let gate = self.policy.gate(&request.ask, request.claimed_risk, &by.actor, now);
        let (asking, free) = match gate {
            Gate::Refuse(basis) => return Err(refused(&basis)),
            Gate::Run(asking) => (*asking, true),
            Gate::Ask(asking) => (*asking, false),
        };
        let (incident, basis, digest) =
            (request.incident, asking.basis.clone(), request.ask.digest());
        let entry = self.proposal_entry(by, request, asking);
        let proposal = ProposalId::from(entry.id);
        let mut entries = vec![entry];
        let to = Settlement::Superseded { by: Some(proposal), why: "asked anew".into() };
        if let Some(old) = replaced {
            entries.extend(self.settling(old, &to)?);
        }
        if free {
            let settlement = Settlement::Approved { by: Vec::new(), digest, args: None };
            entries.push(self.settlement_entry(incident, proposal, settlement));
        }
        self.record(entries).await?;
        if let Some(old) = replaced {
            self.answer_waiting(old, Some(&to));
        }
        let allowed = Reply::Allowed { proposal, digest, basis };
        Ok(if free { allowed } else { Reply::Proposed { proposal, digest } })
    }

    /// The proposal that another one takes the place of, if it still waits.
    fn replaced(
        &self,
        by: &Principal,
        old: Option<ProposalId>,
    ) -> Result<Option<ProposalId>, Notice> {
        let Some(old) = old else { return Ok(None) };
        let decision = self.decision(old)?;
        if decision.proposer != by.actor {
            let what = format!("{} did not make proposal {old} and cannot replace it", by.actor);
            return Err(Notice::new(Trouble::NotAllowed, what));
        }
        Ok(decision.state.is_open().then_some(old))
    }

    /// A proposal as an entry: what the agent asks, with what policy demands.
    pub(super) fn proposal_entry(
        &mut self,
        by: &Principal,
        request: Request,
        asking: Asking,
    ) -> Entry {
        let Asking { risk, basis, required, respond_by, expires } = asking;
        let Request { incident, ask, title, rationale, evidence, claimed_risk, supersedes } =
            request;
        let digest = ask.digest();
        let refs = evidence.clone();
        let proposal = Proposal {
            ask,
            title,
            rationale,
            evidence,
            digest,
            claimed_risk,
            risk,
            basis,
            required,
            respond_by,
            expires,
            supersedes,
        };
        let body = Body::Proposal(Box::new(proposal.clone()));
        let mut entry = self.mint.entry(incident, &by.actor, body, Untrusted::default());
        entry.text = words::proposal(&proposal, entry.id);
        entry.refs = refs;
        entry
    }

    /// Takes a verdict: rules on it, and records it with what follows in one transaction.
    pub(super) async fn decide(
        &mut self,
        by: &Principal,
        verdict: Verdict,
    ) -> Result<Reply, Notice> {
        let decision = self.decision(verdict.proposal)?;
        let ruling = nouns::decide(decision, &verdict, by, self.mint.now())?;
        let incident = decision.incident;
        let text = words::verdict(&verdict, &decision.proposal.title);
        let entry = self.mint.entry(incident, &by.actor, Body::Verdict(verdict), text);
        let record = self.owed(&entry, None);
        self.settle_by(entry, record, ruling).await
    }

    /// Records a verdict with what follows from it, in one transaction.
    pub(super) async fn settle_by(
        &mut self,
        entry: Entry,
        record: Record,
        ruling: Ruling,
    ) -> Result<Reply, Notice> {
        let Body::Verdict(Verdict { proposal: id, .. }) = entry.body else {
            return Err(conflict(format!("{} is no verdict", entry.id)));
        };
        let entry_id = entry.id;
        let (settled, missing) = match ruling {
            Ruling::Settle(settlement) => (Some(settlement), 0),
            Ruling::Wait { missing } => (None, missing),
            Ruling::StaysOpen => (None, 0),
        };
        let following = match &settled {
            Some(settlement) => self.settling(id, settlement)?,
            None => Vec::new(),
        };
        let mut records = vec![record];
        records.extend(following.iter().map(|entry| self.owed(entry, None)));
        self.journal.append(records).await?;
        for entry in std::iter::once(entry).chain(following) {
            self.tell(entry);
        }
        self.answer_waiting(id, settled.as_ref());
        Ok(Reply::Decided { entry: entry_id, settled, missing })
    }

    /// The entries that settle a decision, with the step of the handoff that waits for it.
    pub(super) fn settling(
        &mut self,
        id: ProposalId,
        to: &Settlement,
    ) -> Result<Vec<Entry>, Notice> {
        let decision = self.decision(id)?;
        let (incident, ask) = (decision.incident, decision.proposal.ask.clone());
        let mut entries = vec![self.settlement_entry(incident, id, to.clone())];
        if let Ask::Handoff { handoff, .. } = ask {
            entries.extend(self.handoff_settled(handoff, to));
        }
        Ok(entries)
    }

    fn settlement_entry(
        &mut self,
        incident: nouns::IncidentId,
        proposal: ProposalId,
        to: Settlement,
    ) -> Entry {
        let text = words::settlement(&to);
        let body = Body::Status(Status::Decision { proposal, to });
        let mut entry = self.mint.entry(incident, &Actor::wheelhouse(), body, text);
        entry.refs = vec![proposal.into()];
        entry
    }

    /// Does what is due: calls others, then settles what is past its time.
    pub(super) async fn pass_time(&mut self) -> Result<(), Notice> {
        self.escalate().await?;
        self.expire().await
    }

    /// Settles what nobody answered in time; an expiry is never a denial.
    async fn expire(&mut self) -> Result<(), Notice> {
        let now = self.mint.now();
        let past = |decision: &&Decision| decision.is_past(now);
        let past: Vec<ProposalId> = self.decisions.open_ones().filter(past).map(|d| d.id).collect();
        for id in past {
            let entries = self.settling(id, &Settlement::Expired)?;
            self.record(entries).await?;
            self.answer_waiting(id, Some(&Settlement::Expired));
        }
        Ok(())
    }

    /// Calls others to what nobody answered within its time: an entry, so that it reaches everybody who
    /// follows and every tracker. The key makes it one call for each decision, whatever restarts between.
    async fn escalate(&mut self) -> Result<(), Notice> {
        let now = self.mint.now();
        let unanswered: Vec<_> = self
            .uncalled()
            .filter(|(due, _)| now >= *due)
            .map(|(_, it)| (it.id, it.incident, it.proposal.title.clone()))
            .collect();
        for (id, incident, title) in unanswered {
            let text = words::unanswered(id, &title);
            let by = Actor::wheelhouse();
            let mut entry = self.mint.entry(incident, &by, Body::Comment, text);
            entry.refs = vec![id.into()];
            let record = self.owed(&entry, Some(format!("call {id}")));
            if let Some(Appended::New) = self.journal.append(vec![record]).await?.first() {
                self.tell(entry);
            }
            // Only now: what could not be recorded is tried again.
            self.called.insert(id);
        }
        Ok(())
    }

    /// The decisions to which nobody else was called yet, each with when that is due: at the end of its
    /// time, or of that for which a person put it off.
    fn uncalled(&self) -> impl Iterator<Item = (Timestamp, &Decision)> {
        let waits = |decision: &&Decision| !self.called.contains(&decision.id);
        self.decisions.open_ones().filter(waits).map(|decision| {
            let due = decision.proposal.respond_by;
            (decision.deferred_until.map_or(due, |until| until.max(due)), decision)
        })
    }

    /// When the next open decision expires, or others are called to it.
    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        let expiries = self.decisions.open_ones().map(|decision| decision.proposal.expires);
        expiries.chain(self.uncalled().map(|(due, _)| due)).min()
    }

    pub(super) async fn withdraw(
        &mut self,
        by: &Principal,
        id: ProposalId,
        reason: Untrusted,
    ) -> Result<Reply, Notice> {
        let decision = self.decision(id)?;
        if decision.proposer != by.actor {
            let what = format!("{} did not make proposal {id}", by.actor);
            return Err(Notice::new(Trouble::NotAllowed, what).hint("its proposer withdraws it"));
        }
        if !decision.state.is_open() {
            let state = decision.state.word();
            return Err(Refusal::Settled { state, who: String::new() }.into());
        }
        let settlement = Settlement::Withdrawn { reason };
        let entries = self.settling(id, &settlement)?;
        let entry = entries.first().map_or_else(|| id.into(), |entry| entry.id);
        self.record(entries).await?;
        self.answer_waiting(id, Some(&settlement));
        Ok(Reply::Recorded { entry })
    }

    /// Keeps a caller waiting until the decision is settled, or answers at once if it is.
    pub(super) fn wait_for(&mut self, id: ProposalId, reply: Answering) {
        let answer = match self.decisions.get(id) {
            None => Err(not_found("decision", id)),
            Some(decision) if decision.state.is_open() => {
                return self.waiting.entry(id).or_default().push(reply);
            }
            Some(decision) => {
                let tampered =
                    || Settlement::Superseded { by: None, why: "edited upstream".into() };
                let settlement = decision.settlement.clone().unwrap_or_else(tampered);
                Ok(Reply::Settled { settlement })
            }
        };
        let _gone = reply.send(answer).is_err();
    }

    pub(super) fn answer_waiting(&mut self, id: ProposalId, settled: Option<&Settlement>) {
        let Some(settlement) = settled else { return };
        for reply in self.waiting.remove(&id).unwrap_or_default() {
            let answer = Ok(Reply::Settled { settlement: settlement.clone() });
            let _gone = reply.send(answer).is_err();
        }
    }

    /// Hands out the one permission: the claim is committed before the caller may act.
    pub(super) async fn claim(
        &mut self,
        by: &Actor,
        id: ProposalId,
        digest: Digest,
    ) -> Result<Reply, Notice> {
        let remedy = self.claimable(by, id, digest)?;
        self.check_again(id).await?;
        let incident = self.decision(id)?.incident;
        let body = Body::Action(Action { proposal: id, stage: Stage::Claimed { digest } });
        let text = format!("Runs what was approved: {} {}", remedy.verb, remedy.target.resource);
        let mut entry = self.mint.entry(incident, by, body, text.into());
        entry.refs = vec![id.into()];
        let record = self.owed(&entry, None);
        match self.journal.claim(id, digest, record).await? {
            Claimed::Won => {
                self.tell(entry);
                Ok(Reply::Claimed { remedy: Box::new(remedy) })
            }
            Claimed::Taken { at } => Err(conflict(format!("{id} was claimed already, at {at}"))),
        }
    }

    /// Looks once more before the claim: policy may refuse by now what it let people approve, and what
    /// came since may be news to all of them.
    async fn check_again(&mut self, id: ProposalId) -> Result<(), Notice> {
        let decision = self.decision(id)?;
        let Proposal { ask, risk, .. } = &decision.proposal;
        let now = self.mint.now();
        if let Gate::Refuse(basis) = self.policy.gate(ask, *risk, &decision.proposer, now) {
            return Err(refused(&basis));
        }
        let count = decision.unseen().count();
        if count == 0 {
            return Ok(());
        }
        let why =
            format!("{count} entries came after it was approved, and nobody saw them: ask anew");
        let to = Settlement::Superseded { by: None, why: why.clone().into() };
        let entries = self.settling(id, &to)?;
        self.record(entries).await?;
        Err(conflict(why))
    }

    pub(super) fn claimable(
        &self,
        by: &Actor,
        id: ProposalId,
        digest: Digest,
    ) -> Result<Remedy, Notice> {
        let decision = self.decision(id)?;
        if decision.proposer != *by {
            let what = format!("{by} did not propose {id} and cannot run it");
            return Err(Notice::new(Trouble::NotAllowed, what));
        }
        let DecisionState::Approved { digest: approved, args } = &decision.state else {
            let state = decision.state.word();
            return Err(conflict(format!("{id} is {state}, not approved")));
        };
        if *approved != digest {
            return Err(conflict(format!("{digest} was not approved, {approved} was")));
        }
        if decision.is_past(self.mint.now()) {
            return Err(conflict(format!("the approval of {id} is past its time")));
        }
        let Ask::Action(remedy) = &decision.proposal.ask else {
            return Err(conflict(format!("{id} is no action")));
        };
        let mut remedy = (**remedy).clone();
        remedy.args = args.clone().unwrap_or(remedy.args);
        // What runs is hashed once more: approved bytes are executed bytes, or nothing is.
        if remedy.digest() == digest {
            Ok(remedy)
        } else {
            Err(conflict(format!("what would run for {id} is not what was approved")))
        }
    }

    pub(super) async fn report(
        &mut self,
        by: &Principal,
        id: ProposalId,
        stage: Stage,
        text: Untrusted,
    ) -> Result<Reply, Notice> {
        let decision = self.decision(id)?;
        let may = decision.proposer == by.actor && !matches!(stage, Stage::Claimed { .. });
        if !may {
            let what = format!("{} cannot report on {id}", by.actor);
            return Err(Notice::new(Trouble::NotAllowed, what));
        }
        let state = &decision.state;
        if !state.was_claimed() {
            return Err(conflict(format!("{id} is {}: nothing of it ran", state.word())));
        }
        let incident = decision.incident;
        let body = Body::Action(Action { proposal: id, stage });
        let mut entry = self.mint.entry(incident, &by.actor, body, text);
        entry.refs = vec![id.into()];
        let entry_id = entry.id;
        self.record(vec![entry]).await?;
        Ok(Reply::Recorded { entry: entry_id })
    }

    /// Parks every dispatch, or releases what is parked in the order in which it came.
    pub(super) async fn halt(
        &mut self,
        by: &Principal,
        halted: bool,
        reason: Untrusted,
    ) -> Result<Reply, Notice> {
        people_only(by)?;
        let Some(incident) = self.incidents.values().max_by_key(|it| it.latest) else {
            return Err(Notice::new(Trouble::NotFound, "there is no incident to halt"));
        };
        let incident = incident.id;
        let word = if halted { "HALT: nothing is dispatched" } else { "Dispatch goes on" };
        let text = format!("{word}. {}", reason.for_storage());
        let body = Body::Status(Status::Dispatch { halted });
        let entry = self.mint.entry(incident, &by.actor, body, text.into());
        let id = entry.id;
        self.record(vec![entry]).await?;
        self.tell_gates();
        if !halted {
            for (by, command, reply) in std::mem::take(&mut self.parked) {
                // Whoever has given up waiting runs nothing: the permission must not be used up for them.
                if !reply.is_closed() {
                    Box::pin(self.take(&by, command, reply)).await;
                }
            }
        }
        Ok(Reply::Recorded { entry: id })
    }

    pub(super) fn decision(&self, id: ProposalId) -> Result<&Decision, Notice> {
        self.decisions.get(id).ok_or_else(|| not_found("decision", id))
    }
}

fn conflict(what: String) -> Notice {
    Notice::new(Trouble::Conflict, what).hint("read the decision again before going on")
}

fn refused(basis: &Basis) -> Notice {
    Notice::new(Trouble::NotAllowed, format!("policy refuses it: {}", basis.text))
        .hint(format!("the rule is `{}`; propose something else, or ask a person", basis.rule))
}
