//! What is owed to trackers, at the desk: a person has it tried again, or gives it up.

use super::desk::{Desk, not_found, people_only};
use super::words;
use crate::incident::{Body, EntryId, Notice, Principal, Refusal, Trouble, Untrusted};
use crate::journal::Record;
use crate::wire::{Delivery, DeliveryStage, FeedEvent, Reply};

impl Desk {
    /// Owes a tracker again what it refused.
    pub(super) async fn redeliver(
        &mut self,
        by: &Principal,
        entry: EntryId,
        tracker: String,
    ) -> Result<Reply, Notice> {
        people_only(by)?;
        match self.owed_stage(entry, &tracker)? {
            DeliveryStage::Parked { .. } | DeliveryStage::Dropped { .. } => {}
            DeliveryStage::Written { .. } => {
                let what = format!("{entry} stands in {tracker} already");
                return Err(Notice::new(Trouble::Conflict, what));
            }
            stage @ (DeliveryStage::Owed { .. }
            | DeliveryStage::Sending { .. }
            | DeliveryStage::Ambiguous { .. }) => {
                let what = format!("{entry} is {} to {tracker} as it is", stage.word());
                return Err(Notice::new(Trouble::Conflict, what)
                    .hint("it is tried again without anybody doing anything"));
            }
        }
        let stage = DeliveryStage::Owed { retry_at: None, why: None };
        self.move_on(Delivery { entry, tracker, stage }, Vec::new()).await?;
        Ok(Reply::Seen)
    }

    /// Gives up what a tracker is owed; that somebody did is an entry, and stands in the others.
    pub(super) async fn give_up(
        &mut self,
        by: &Principal,
        (entry, tracker): (EntryId, String),
        reason: Untrusted,
    ) -> Result<Reply, Notice> {
        people_only(by)?;
        if reason.for_storage().trim().is_empty() {
            return Err(Refusal::ReasonMissing.into());
        }
        self.still_owed(entry, &tracker)?;
        let recorded = self.journal.entry(entry)?.ok_or_else(|| not_found("entry", entry))?;
        let text = words::given_up(entry, &tracker, &reason);
        let mut said = self.mint.entry(recorded.incident, &by.actor, Body::Comment, text);
        said.refs = vec![entry];
        let record = Record::owed(said.clone(), &self.others(&tracker));
        let stage = DeliveryStage::Dropped { why: reason.for_storage().to_owned() };
        let delivery = Delivery { entry, tracker: tracker.clone(), stage };
        if let Err(notice) = self.move_on(delivery, vec![record]).await {
            // What was under way may have arrived while it was given up: then that is what there is to say.
            self.still_owed(entry, &tracker)?;
            return Err(notice);
        }
        let id = said.id;
        self.tell(said);
        Ok(Reply::Recorded { entry: id })
    }

    fn still_owed(&self, entry: EntryId, tracker: &str) -> Result<(), Notice> {
        let stage = self.owed_stage(entry, tracker)?;
        if stage.is_over() {
            let what = format!("{entry} is {} already", stage.word());
            return Err(Notice::new(Trouble::Conflict, what));
        }
        Ok(())
    }

    fn owed_stage(&self, entry: EntryId, tracker: &str) -> Result<DeliveryStage, Notice> {
        self.journal.stage(entry, tracker)?.ok_or_else(|| {
            let what = format!("{entry} was never owed to {tracker:?}");
            Notice::new(Trouble::NotFound, what).hint("list what is owed: `wheelhouse outbox`")
        })
    }

    /// Records where a delivery stands now, with what goes along, and tells it.
    async fn move_on(&mut self, delivery: Delivery, also: Vec<Record>) -> Result<(), Notice> {
        let at = self.mint.now();
        let mut records = vec![Record::Delivery { delivery: delivery.clone(), at }];
        records.extend(also);
        self.journal.append(records).await?;
        self.stream.send(at, FeedEvent::DeliveryMoved { delivery });
        Ok(())
    }
}
