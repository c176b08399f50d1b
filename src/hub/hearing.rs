//! What people type into a tracker to decide, at the desk: whose word counts, and what follows.
//!
//! The text decides nothing by itself. The tracker says which account wrote it and how, the settings say who
//! that is, and [`decide()`](crate::incident::decide()) rules as for everybody else. Whatever does not count
//! stays a comment, and whoever may decide is told why.

use jiff::Timestamp;

use super::desk::Desk;
use super::sync::{Said, Telling, Voice};
use super::words;
use crate::incident::{
    Actor, Body, Decision, Entry, EntryId, Notice, ProposalId, Ruling, TypedCommand, Verdict,
    decide, typed_command,
};
use crate::journal::Record;
use crate::wire::DeliveryStage;

/// What a text is in a decision.
enum Heard {
    /// Nothing: it is a comment.
    Comment,
    /// A verdict, and what follows from it.
    Verdict(Box<Verdict>, Box<Ruling>),
    /// Somebody who may decide meant to, and it does not count.
    Void { of: Option<ProposalId>, why: String },
    /// Something that is no person tried to decide.
    Attempted { of: ProposalId },
}

impl Desk {
    /// Takes what somebody else wrote: a comment, or a verdict if it is one.
    pub(super) async fn hear(&mut self, said: &Said) -> Telling {
        let Some(origin) = said.place.origins.first() else { return Ok(None) };
        if let Some(known) = self.standing_at(origin)? {
            return Ok(Some(known));
        }
        let tracker = origin.tracker.clone();
        match self.heard(said)? {
            Heard::Comment => self.comment(said).await,
            Heard::Verdict(verdict, ruling) => {
                let entry = self.entry_of(said, Body::Verdict(*verdict));
                let (id, record) = (entry.id, Record::owed(entry.clone(), &self.others(&tracker)));
                self.settle_by(entry, record, *ruling).await?;
                Ok(Some(id))
            }
            Heard::Void { of, why } => {
                let comment = self.comment(said).await?;
                let text = words::void(&said.by.actor, &why);
                self.remark(said, comment.into_iter().chain(of.map(Into::into)), text, &tracker)
                    .await?;
                Ok(comment)
            }
            Heard::Attempted { of } => {
                let comment = self.comment(said).await?;
                self.attempted(said, comment, of).await?;
                Ok(comment)
            }
        }
    }

    async fn comment(&mut self, said: &Said) -> Telling {
        let entry = self.entry_of(said, Body::Comment);
        self.keep(entry, Vec::new()).await
    }

    /// An entry that stands in a tracker already: written when its author wrote it, seen first now.
    fn entry_of(&mut self, said: &Said, body: Body) -> Entry {
        let (incident, by) = (said.place.incident, &said.by.actor);
        let mut entry = self.mint.entry(incident, by, body, said.text.clone());
        entry.at = said.at;
        entry.origins.clone_from(&said.place.origins);
        entry
    }

    fn heard(&self, said: &Said) -> Result<Heard, Notice> {
        let Some(typed) = typed_command(&said.text, said.at) else { return Ok(Heard::Comment) };
        let (principal, typed) = match (&said.by.voice, typed) {
            (Voice::Machine, Ok(typed)) => {
                return Ok(Heard::Attempted { of: typed.proposal });
            }
            (Voice::Machine | Voice::Muted(..), Err(_)) | (Voice::Stranger, _) => {
                return Ok(Heard::Comment);
            }
            (Voice::Muted(_, why), Ok(typed)) => {
                let of = Some(typed.proposal).filter(|id| self.decisions.get(*id).is_some());
                return Ok(Heard::Void { of, why: (*why).to_owned() });
            }
            (Voice::Approver(_), Err(near)) => {
                return Ok(Heard::Void { of: None, why: near.to_string() });
            }
            (Voice::Approver(principal), Ok(typed)) => (principal, typed),
        };
        let void = |of, why: String| Ok(Heard::Void { of, why });
        let Some(decision) = self.decisions.get(typed.proposal) else {
            return void(None, format!("there is no decision {} here", typed.proposal));
        };
        let id = Some(decision.id);
        if decision.incident != said.place.incident {
            return void(None, format!("decision {} belongs to another incident", decision.id));
        }
        if let Some(why) = words::unvouched(&said.vouched) {
            return void(id, why);
        }
        let verdict = match self.bound(decision, typed, said) {
            Ok(verdict) => verdict,
            Err(why) => return void(id, why),
        };
        match decide(decision, &verdict, principal, self.mint.now()) {
            Ok(ruling) => Ok(Heard::Verdict(Box::new(verdict), Box::new(ruling))),
            Err(refusal) => void(id, Notice::from(refusal).to_string().replace("\nhint", "; hint")),
        }
    }

    /// The verdict that a typed command is, bound to what stood before the person's eyes.
    fn bound(
        &self,
        decision: &Decision,
        typed: TypedCommand,
        said: &Said,
    ) -> Result<Verdict, String> {
        let TypedCommand { proposal, digest, target, answer } = typed;
        let proposed = decision.proposal.digest;
        if digest.is_some_and(|digest| digest != proposed) {
            return Err(format!("the digest of {proposal} is {proposed}"));
        }
        let named = decision.proposal.ask.target_name();
        if let (Some(typed), Some(named)) = (&target, named)
            && typed != named
        {
            return Err(format!("the target of {proposal} is {named}, not {typed}"));
        }
        let stale = decision.stale_by.iter().copied();
        let acknowledged = stale.filter(|entry| self.stood_there(*entry, said)).collect();
        Ok(Verdict { proposal, digest: proposed, answer, acknowledged, typed_target: target })
    }

    /// Whether an entry stood in the same item before a text was written there.
    fn stood_there(&self, id: EntryId, said: &Said) -> bool {
        let Some(at) = said.place.origins.first() else { return false };
        let Ok(Some(entry)) = self.journal.entry(id) else { return false };
        let here = |origin: &crate::incident::Origin| {
            (&origin.tracker, &origin.item) == (&at.tracker, &at.item)
        };
        if !entry.origins.iter().any(here) {
            return false;
        }
        let since = self.written_at(id, &at.tracker).unwrap_or(entry.at);
        since <= said.at
    }

    /// When one of our own entries came to stand in a tracker.
    fn written_at(&self, id: EntryId, tracker: &str) -> Option<Timestamp> {
        let stages = self.journal.stages(id, tracker).ok()?;
        let written = |stage: &DeliveryStage| matches!(stage, DeliveryStage::Written { .. });
        let mut stages = stages.into_iter();
        stages.find(|owed| written(&owed.delivery.stage)).map(|owed| owed.at)
    }

    /// Answers in the same tracker, where the person looks.
    async fn remark(
        &mut self,
        said: &Said,
        refs: impl Iterator<Item = EntryId>,
        text: String,
        tracker: &str,
    ) -> Telling {
        let by = Actor::wheelhouse();
        let mut entry = self.mint.entry(said.place.incident, &by, Body::Comment, text.into());
        entry.refs = refs.collect();
        let owed_to = self.gates.trackers.iter().filter(|name| *name == tracker);
        let owed_to = owed_to.cloned().collect();
        self.keep(entry, owed_to).await
    }

    /// An agent tried to decide: told everywhere, once for each account and decision.
    async fn attempted(
        &mut self,
        said: &Said,
        comment: Option<EntryId>,
        of: ProposalId,
    ) -> Result<(), Notice> {
        let tracker = said.place.origins.first().map_or("", |origin| origin.tracker.as_str());
        let text = words::attempted(&said.by.actor, of, tracker);
        let by = Actor::wheelhouse();
        let mut entry = self.mint.entry(said.place.incident, &by, Body::Comment, text.into());
        let known = Some(of).filter(|id| self.decisions.get(*id).is_some());
        entry.refs = comment.into_iter().chain(known.map(Into::into)).collect();
        let key = format!("attempt {tracker} {} {of}", said.by.account);
        self.once(entry, key, self.gates.trackers.clone()).await?;
        Ok(())
    }
}
