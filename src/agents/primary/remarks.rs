//! What people say of a proposal while it waits, without answering it.

use std::collections::BTreeSet;

use super::error::PrimaryError;
use super::pen::Pen;
use super::told::Told;
use crate::incident::{ActorKind, Answer, Body, EntryId, ProposalId, Untrusted};
use crate::wire::{FeedEvent, Frame};

/// The remarks on one proposal, each once.
pub(super) struct Remarks {
    of: ProposalId,
    told: Told,
    heard: BTreeSet<EntryId>,
}

impl Remarks {
    pub(super) async fn on(pen: &Pen, of: ProposalId) -> Result<Self, PrimaryError> {
        Ok(Self { of, told: Told::to(pen).await?, heard: BTreeSet::new() })
    }

    /// The next remark. A feed that has ended tells none: whoever waits for something else goes on waiting.
    pub(super) async fn next(&mut self) -> Untrusted {
        loop {
            let Some(frame) = self.told.next().await else { return std::future::pending().await };
            if let Some(remark) = self.take(&frame) {
                return remark;
            }
        }
    }

    fn take(&mut self, frame: &Frame) -> Option<Untrusted> {
        let FeedEvent::EntryArrived { entry } = &frame.event else { return None };
        let Body::Verdict(verdict) = &entry.body else { return None };
        let Answer::Respond { text } = &verdict.answer else { return None };
        let is_ours = verdict.proposal == self.of && entry.actor.kind() == ActorKind::Human;
        (is_ours && self.heard.insert(entry.id)).then(|| text.clone())
    }
}
