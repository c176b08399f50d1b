//! Watching a handoff: what its hub recorded of it, folded as people see it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::error::PrimaryError;
use super::pen::Pen;
use super::told::Told;
use crate::incident::{
    Actor, ActorKind, Body, EntryId, Handoff, HandoffId, HandoffStep, Notice, Trouble,
    apply_handoff,
};
use crate::wire::{FeedEvent, Frame};

/// How long what the hub recorded may take to be told.
const PATIENCE: Duration = Duration::from_secs(10);

/// One handoff, as the hub tells it.
pub(super) struct Watch {
    pen: Pen,
    id: HandoffId,
    told: Told,
    known: BTreeMap<HandoffId, Handoff>,
    /// Entries taken in: one is told again when a copy of it is found in a tracker.
    taken: BTreeSet<EntryId>,
}

/// A step that was taken in.
struct Step {
    by: Actor,
    step: HandoffStep,
}

impl Watch {
    /// Follows a handoff that was offered.
    pub(super) async fn over(pen: &Pen, id: HandoffId) -> Result<Self, PrimaryError> {
        let mut watch = Self {
            pen: pen.clone(),
            id,
            told: Told::to(pen).await?,
            known: BTreeMap::new(),
            taken: BTreeSet::new(),
        };
        watch.catch_up().await;
        Ok(watch)
    }

    /// Where the handoff stands, as far as it was taken in.
    pub(super) fn standing(&self) -> Result<&Handoff, PrimaryError> {
        self.known.get(&self.id).ok_or(PrimaryError::OddReply("an offer"))
    }

    /// Takes in everything that was told, without waiting for more.
    pub(super) async fn catch_up(&mut self) {
        while let Some(frame) = self.told.ready().await {
            drop(self.take(&frame));
        }
    }

    /// Waits until a step is told that the agent did not take itself.
    ///
    /// # Errors
    /// None is told, although one was recorded.
    pub(super) async fn moves(&mut self) -> Result<(), PrimaryError> {
        let me = self.pen.actor();
        let moved = async {
            loop {
                match self.next().await {
                    Some(step) if step.by == me => {}
                    Some(_) => return true,
                    None => return false,
                }
            }
        };
        match tokio::time::timeout(PATIENCE, moved).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(unheard("the feed of the hub has ended")),
            Err(_late) => Err(unheard("the hub does not tell what became of the handoff")),
        }
    }

    /// Waits until a person sends the handoff elsewhere, changes what is asked, or takes it over.
    ///
    /// A feed that has ended redirects nothing: it waits for ever, and whatever else goes on, goes on.
    pub(super) async fn is_redirected(&mut self) {
        loop {
            match self.next().await {
                Some(Step {
                    step: HandoffStep::Redirected { .. } | HandoffStep::TakenOver,
                    ..
                }) => {
                    return;
                }
                Some(_) => {}
                None => return std::future::pending().await,
            }
        }
    }

    /// The next step that was not taken in before; `None` once nothing more is told.
    async fn next(&mut self) -> Option<Step> {
        loop {
            let frame = self.told.next().await?;
            if let Some(step) = self.take(&frame) {
                return Some(step);
            }
        }
    }

    fn take(&mut self, frame: &Frame) -> Option<Step> {
        let FeedEvent::EntryArrived { entry } = &frame.event else { return None };
        let Body::Handoff(handed) = &entry.body else { return None };
        let by_agent = entry.actor.kind() == ActorKind::Agent;
        let is_ours = handed.handoff == self.id;
        // No hub records such a step of an agent; if one did, it would not be a person's word.
        let is_peoples =
            matches!(handed.step, HandoffStep::Redirected { .. } | HandoffStep::TakenOver);
        if !is_ours || (is_peoples && by_agent) || !self.taken.insert(entry.id) {
            return None;
        }
        apply_handoff(&mut self.known, entry)
            .then(|| Step { by: entry.actor.clone(), step: handed.step.clone() })
    }
}

fn unheard(what: &str) -> PrimaryError {
    Notice::new(Trouble::Unreachable, what).into()
}
