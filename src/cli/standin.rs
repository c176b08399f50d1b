//! The stand-in of the demonstration: answers every proposal in one way, as a person would through a hub.

use std::sync::Arc;

use tokio::sync::broadcast::error::RecvError;

use crate::incident::{
    Answer, Ask, Body, Decision, Decisions, Entry, Notice, ProposalId, Redirect, Trouble, Verdict,
};
use crate::wire::{Command, FeedEvent, Frame, Link};

/// How the stand-in answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Manner {
    /// It approves everything.
    Approve,
    /// It denies every action, with a reason, and approves the rest.
    Deny,
    /// It narrows every handoff, and approves the rest.
    Redirect,
    /// It never answers.
    None,
}

/// Answers proposals in one manner.
pub(super) struct StandIn {
    link: Link,
    manner: Manner,
    decisions: Decisions,
}

impl StandIn {
    /// A stand-in that answers through the link of a person.
    pub(super) fn new(link: Link, manner: Manner) -> Self {
        Self { link, manner, decisions: Decisions::default() }
    }

    /// Answers until the hub ends.
    pub(super) async fn answer_all(mut self) -> Result<(), Notice> {
        let mut feed = self.link.follow().await?;
        for frame in std::mem::take(&mut feed.backlog) {
            self.take(&frame).await?;
        }
        loop {
            match feed.live.recv().await {
                Ok(frame) => self.take(&frame).await?,
                Err(RecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "the stand-in was too slow");
                }
                Err(RecvError::Closed) => return Ok(()),
            }
        }
    }

    async fn take(&mut self, frame: &Arc<Frame>) -> Result<(), Notice> {
        let FeedEvent::EntryArrived { entry } = &frame.event else { return Ok(()) };
        self.decisions.apply(entry);
        match self.asked(entry) {
            Some(id) => self.answer(id).await,
            None => Ok(()),
        }
    }

    /// The decision to answer because of an entry: a new proposal, or an open one that became stale.
    fn asked(&self, entry: &Entry) -> Option<ProposalId> {
        if matches!(entry.body, Body::Proposal(_)) {
            return Some(entry.id.into());
        }
        let stale = |decision: &&Decision| decision.stale_by.last() == Some(&entry.id);
        self.decisions.open_ones().find(stale).map(|decision| decision.id)
    }

    async fn answer(&self, id: ProposalId) -> Result<(), Notice> {
        let Some(decision) = self.decisions.get(id) else { return Ok(()) };
        let Some(answer) = self.choose(&decision.proposal.ask) else { return Ok(()) };
        let verdict = Verdict {
            proposal: id,
            digest: decision.proposal.digest,
            answer,
            acknowledged: decision.stale_by.clone(),
            typed_target: decision.proposal.ask.target_name().map(str::to_owned),
        };
        match self.link.ask(Command::Decide { verdict }).await {
            // It was settled, or changed, in the meantime: what changed arrives next.
            Err(notice) if notice.trouble == Trouble::Conflict => Ok(()),
            other => other.map(drop),
        }
    }

    fn choose(&self, ask: &Ask) -> Option<Answer> {
        match (self.manner, ask) {
            (Manner::None, _) => None,
            (Manner::Deny, Ask::Action(_)) => {
                Some(Answer::Deny { reason: "not during the demonstration".into() })
            }
            (Manner::Redirect, Ask::Handoff { context, .. }) => {
                let question = format!("{} Only changes.", context.question.for_storage());
                let redirect = Redirect::Narrow { question: question.into() };
                Some(Answer::Redirect { redirect })
            }
            (Manner::Approve | Manner::Deny | Manner::Redirect, _) => Some(Answer::Approve),
        }
    }
}
