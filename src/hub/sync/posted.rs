//! What we posted, looked at again: a verdict counts only while the proposal still reads as we posted it.

use super::author::Own;
use super::reader::Reader;
use super::trouble::Trouble;
use super::watch::Watched;
use crate::incident::{EntryId, Origin, ProposalId};
use crate::trackers::ItemId;

impl Reader {
    /// Reads our copies of a proposal in an item again, and tells what became of them.
    ///
    /// What is new is read at once, and a change of what stands further back may be seen much later: without
    /// this, somebody approves what they read there, and something else runs.
    pub(super) async fn look_again(
        &mut self,
        own: &Own,
        (item, watched): (&ItemId, &mut Watched),
        proposal: ProposalId,
    ) -> Result<(), Trouble> {
        let posted = self.posted(item, proposal.into())?;
        if posted.is_empty() {
            return Ok(());
        }
        let look = self.look();
        // Every text: one that was changed need not name the proposal any more.
        let found = self.call(self.source.tracker.find(item, "")).await;
        let found = found.map_err(|error| Trouble::reading(item, error))?;
        for origin in posted {
            self.shelf(watched, item)?.learn(vec![(proposal.into(), origin.clone())]);
            if let Some(native) = found.iter().find(|native| native.remote == origin.remote) {
                self.met(own, (item, watched), native).await?;
                continue;
            }
            let shelf = self.shelf(watched, item)?;
            if shelf.is_gone(&origin.remote) {
                continue;
            }
            if !shelf.misses(&origin.remote, look) {
                return Err(Trouble::Doubtful { item: item.clone() });
            }
            let of = (origin.remote.as_str(), proposal.into(), origin.version);
            self.gone((item, watched), of).await?;
        }
        Ok(())
    }

    /// Where an entry of ours stands in an item, as it was posted.
    fn posted(&self, item: &ItemId, entry: EntryId) -> Result<Vec<Origin>, Trouble> {
        let copies = self.history.copies_in(self.name(), item.as_str())?.into_iter();
        Ok(copies.filter(|(of, _)| *of == entry).map(|(_, origin)| origin).collect())
    }
}
