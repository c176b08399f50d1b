//! The desk of a hub: what is known, and the one place where entries are recorded and told.

use std::collections::{BTreeMap, BTreeSet};

use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::feed::Stream;
use super::mint::Mint;
use super::sync::Lookout;
use crate::incident::{
    Alert, Body, Change, DecisionState, Decisions, Entry, Handoff, HandoffId, HandoffStep, Helped,
    Incident, IncidentId, Notice, Policy, Principal, ProposalId, Refusal, Resolution, Status,
    Trouble, Untrusted, apply_handoff,
};
use crate::journal::{Appended, Journal, Record};
use crate::wire::{Command, Draft, FeedEvent, Gates, Reply};

/// Where an answer goes once there is one.
pub(super) type Answering = oneshot::Sender<Result<Reply, Notice>>;

/// A claim, after what was typed in trackers was looked at again; says why that could not be done.
pub(super) struct Looked {
    pub(super) by: Principal,
    pub(super) command: Command,
    pub(super) reply: Answering,
    pub(super) found: Result<(), String>,
}

/// What a hub knows and how it records.
pub(super) struct Desk {
    pub(super) journal: Journal,
    pub(super) mint: Mint,
    pub(super) policy: Policy,
    pub(super) gates: Gates,
    pub(super) stream: Stream,
    pub(super) incidents: BTreeMap<IncidentId, Incident>,
    pub(super) decisions: Decisions,
    pub(super) handoffs: BTreeMap<HandoffId, Handoff>,
    /// Who waits for which decision.
    pub(super) waiting: BTreeMap<ProposalId, Vec<Answering>>,
    /// The decisions to which others were called, because nobody answered in time.
    pub(super) called: BTreeSet<ProposalId>,
    /// What waits for the end of a halt.
    pub(super) parked: Vec<(Principal, Command, Answering)>,
    /// The open incident of each continuing alert.
    pub(super) alerts: BTreeMap<String, IncidentId>,
    /// By how much the clock had jumped when that was last looked at.
    pub(super) slip: jiff::SignedDuration,
    /// The way to the readers of trackers.
    pub(super) lookout: Lookout,
    /// The claims that wait until something was looked at again.
    pub(super) looking: JoinSet<Looked>,
}

impl Desk {
    /// Answers one command; answers that must wait are kept.
    pub(super) async fn take(&mut self, by: &Principal, command: Command, reply: Answering) {
        if let Err(notice) = self.mind_the_clock().await {
            let _gone = reply.send(Err(notice)).is_err();
            return;
        }
        let answer = match command {
            Command::AwaitDecision { proposal } => return self.wait_for(proposal, reply),
            _ if dispatches(&command) && reply.is_closed() => return,
            _ if dispatches(&command) && self.decisions.is_halted() => {
                return self.parked.push((by.clone(), command, reply));
            }
            Command::Claim { .. } => return self.claim_seen(by, command, reply).await,
            Command::OpenIncident { alert, text } => self.open_incident(by, alert, text).await,
            Command::Post { draft } => self.post(by, draft).await,
            Command::Propose { request } => self.propose(by, *request).await,
            Command::Decide { verdict } => self.decide(by, verdict).await,
            Command::Withdraw { proposal, reason } => self.withdraw(by, proposal, reason).await,
            Command::Report { proposal, stage, text } => {
                self.report(by, proposal, stage, text).await
            }
            Command::OfferHandoff { incident, to, context } => {
                self.offer_handoff(by, incident, to, context).await
            }
            Command::StepHandoff { handoff, step, text } => {
                self.step_handoff(by, handoff, step, text).await
            }
            Command::Observe { event } => self.observe(*event).await,
            Command::Search { query } => self.search(&query),
            Command::Redeliver { entry, tracker } => self.redeliver(by, entry, tracker).await,
            Command::GiveUp { entry, tracker, reason } => {
                self.give_up(by, (entry, tracker), reason).await
            }
            Command::LastTime { proposal } => self.last_time(proposal),
            Command::Halt { halted, reason } => self.halt(by, halted, reason).await,
        };
        // Whoever asked may have given up waiting; what was recorded stays recorded.
        let _gone = reply.send(answer).is_err();
    }

    /// Records entries in one transaction, then tells everybody; nothing is told before the commit.
    pub(super) async fn record(&mut self, entries: Vec<Entry>) -> Result<(), Notice> {
        let records = entries.iter().map(|entry| self.owed(entry, None)).collect();
        self.journal.append(records).await?;
        for entry in entries {
            self.tell(entry);
        }
        Ok(())
    }

    /// An entry with what is owed of it.
    pub(super) fn owed(&self, entry: &Entry, key: Option<String>) -> Record {
        Record::Entry { entry: Box::new(entry.clone()), owed_to: self.gates.trackers.clone(), key }
    }

    /// Folds a recorded entry into what is known, and sends it to everybody who follows.
    ///
    /// Returns the decision that it changed, if it did.
    pub(super) fn tell(&mut self, entry: Entry) -> Option<ProposalId> {
        tracing::info!(id = %entry.id, kind = entry.body.kind().word(), by = %entry.actor, "recorded");
        self.retell(entry)
    }

    /// Folds and sends what an earlier run recorded.
    pub(super) fn retell(&mut self, entry: Entry) -> Option<ProposalId> {
        let changed = self.fold(&entry);
        let at = self.mint.now();
        self.stream.send(at, FeedEvent::EntryArrived { entry: Box::new(entry) });
        changed
    }

    /// Folds a recorded entry into what is known.
    fn fold(&mut self, entry: &Entry) -> Option<ProposalId> {
        match self.incidents.get_mut(&entry.incident) {
            Some(incident) => incident.apply(entry),
            None => {
                self.incidents.extend(Incident::opened_by(entry).map(|found| (found.id, found)));
            }
        }
        if let Body::Alert(alert) = &entry.body {
            self.alerts.insert(alert.dedup_key.clone(), entry.incident);
        }
        apply_handoff(&mut self.handoffs, entry);
        self.decisions.apply(entry)
    }

    pub(super) fn incident(&self, id: IncidentId) -> Result<&Incident, Notice> {
        self.incidents.get(&id).ok_or_else(|| not_found("incident", id))
    }

    async fn open_incident(
        &mut self,
        by: &Principal,
        alert: Alert,
        text: Untrusted,
    ) -> Result<Reply, Notice> {
        let last = self.alerts.get(&alert.dedup_key).copied();
        let is_open =
            |id: &IncidentId| self.incidents.get(id).is_some_and(|it| !it.status.is_over());
        // That an alert is over opens nothing: it belongs to the incident that it opened, over or not.
        let open = last.filter(|id| is_open(id) || !alert.firing);
        if open.is_none() && !alert.firing {
            return Err(not_found("incident", format!("of alert {}", alert.dedup_key)));
        }
        let body = Body::Alert(alert);
        let entry = match open {
            Some(incident) => self.mint.entry(incident, &by.actor, body, text),
            None => self.mint.opening(&by.actor, body, text),
        };
        let incident = entry.incident;
        self.record(vec![entry]).await?;
        Ok(Reply::Opened { incident, known: open.is_some() })
    }

    async fn post(&mut self, by: &Principal, draft: Draft) -> Result<Reply, Notice> {
        self.incident(draft.incident)?;
        may_post(by, &draft.body)?;
        self.is_measured(&draft.body)?;
        let mut entry = self.mint.entry(draft.incident, &by.actor, draft.body, draft.text);
        entry.refs = draft.refs;
        let record = self.owed(&entry, draft.key);
        if let Some(Appended::Known(known)) = self.journal.append(vec![record]).await?.first() {
            return Ok(Reply::Recorded { entry: *known });
        }
        let id = entry.id;
        self.tell(entry);
        Ok(Reply::Recorded { entry: id })
    }

    /// That a recovery was measured is no matter of words: the decision that is named has measured it.
    fn is_measured(&self, body: &Body) -> Result<(), Notice> {
        let Body::Resolution(Resolution { by, verified: true, .. }) = body else { return Ok(()) };
        let helped = DecisionState::Verified { helped: Helped::Yes };
        let measured =
            by.and_then(|id| self.decisions.get(id)).is_some_and(|it| it.state == helped);
        if measured {
            return Ok(());
        }
        let what = "no decision has measured this recovery";
        Err(Notice::new(Trouble::Conflict, what)
            .hint("name the decision, or do not call it verified"))
    }

    async fn observe(&mut self, event: crate::incident::ExchangeEvent) -> Result<Reply, Notice> {
        self.journal.append(vec![Record::Exchanged(event.clone())]).await?;
        let at = self.mint.now();
        self.stream.send(at, FeedEvent::ExchangeMoved { event: Box::new(event) });
        Ok(Reply::Seen)
    }

    fn search(&self, query: &crate::incident::Query) -> Result<Reply, Notice> {
        let hits = self.journal.search(query)?;
        Ok(Reply::Found { hits })
    }

    /// Says anew which gates are armed.
    pub(super) fn tell_gates(&mut self) {
        self.gates.halted = self.decisions.is_halted();
        let (at, gates) = (self.mint.now(), self.gates.clone());
        self.stream.send(at, FeedEvent::GatesChanged { gates });
    }
}

/// Whether a command sets something going: the claim of an action, or a handoff that begins.
fn dispatches(command: &Command) -> bool {
    matches!(
        command,
        Command::Claim { .. } | Command::StepHandoff { step: HandoffStep::Accepted, .. }
    )
}

/// What the hub writes itself, and only after its own checks, nobody posts.
fn may_post(by: &Principal, body: &Body) -> Result<(), Notice> {
    let own = match body {
        Body::Finding(_)
        | Body::Evidence(_)
        | Body::Comment
        | Body::Resolution(_)
        | Body::Status(Status::Incident { .. }) => false,
        Body::Correction(correction) => !matches!(correction.change, Change::Amended),
        Body::Alert(_)
        | Body::Action(_)
        | Body::Proposal(_)
        | Body::Verdict(_)
        | Body::Handoff(_)
        | Body::Status(_) => true,
    };
    if !own {
        return Ok(());
    }
    let (what, who) = (body.kind().word(), &by.actor);
    Err(Notice::new(Trouble::NotAllowed, format!("{who} cannot post a {what} entry"))
        .hint("use the command made for it: it checks who may, and what follows"))
}

/// Says that something does not exist.
pub(super) fn not_found(what: &str, id: impl std::fmt::Display) -> Notice {
    Notice::new(Trouble::NotFound, format!("there is no {what} {id} in this hub"))
        .hint(format!("list what there is with `wheelhouse {what}s`"))
}

/// Refuses what only people may do.
pub(super) fn people_only(by: &Principal) -> Result<(), Notice> {
    if by.is_human() {
        return Ok(());
    }
    Err(Refusal::NotHuman { by: by.actor.to_string() }.into())
}
