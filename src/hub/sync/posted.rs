//! What is known to stand in a tracker, looked at again before something is done because of it.

use super::author::Own;
use super::lookout::Recheck;
use super::reader::{Kept, Reader};
use super::trouble::Trouble;
use super::watch::Watched;
use crate::incident::{EntryId, Origin};
use crate::trackers::ItemId;

impl Reader {
    /// Looks once more at what somebody is about to act on, and tells what became of it.
    pub(super) async fn look_out(&mut self, recheck: Recheck) {
        let Recheck { item, entries, done } = recheck;
        if done.is_closed() {
            return;
        }
        let looked = self.looked(&item, &entries).await.map_err(|trouble| trouble.to_string());
        if done.send(looked).is_err() {
            tracing::debug!(%item, "nobody waits any more for what was looked at");
        }
    }

    async fn looked(&mut self, item: &ItemId, entries: &[EntryId]) -> Result<(), Trouble> {
        let own = self.own().await?;
        let (name, now) = (self.name().to_owned(), self.clock.now());
        self.watch.refresh(&self.history, &name, now)?;
        let Some(mut watched) = self.watch.items.remove(item) else {
            return Err(Trouble::Doubtful { item: item.clone() });
        };
        // What was typed below the approval since may take it back.
        let looked = match self.read(&own, item, &mut watched).await {
            Ok(Kept::Yes) => self.look_again(&own, (item, &mut watched), entries).await,
            Ok(Kept::No) => return Err(Trouble::Doubtful { item: item.clone() }),
            Err(trouble) => Err(trouble),
        };
        self.watch.items.insert(item.clone(), watched);
        looked
    }

    /// Looks at what was asked for meanwhile: nobody waits for a long list to end.
    pub(super) async fn look_out_now(&mut self) {
        while let Ok(look) = self.looks.try_recv() {
            self.look_out(look).await;
        }
    }

    /// Reads the copies of entries in an item again, and tells what became of them.
    ///
    /// What is new is read at once, and a change of what stands further back may be seen much later. Without
    /// this, somebody approves what they read there, and something else runs; or it runs although they took
    /// it back.
    pub(super) async fn look_again(
        &mut self,
        own: &Own,
        (item, watched): (&ItemId, &mut Watched),
        entries: &[EntryId],
    ) -> Result<(), Trouble> {
        let posted = self.posted(item, entries)?;
        if posted.is_empty() {
            return Ok(());
        }
        let look = self.look();
        // Every text: one that was changed need not name the proposal any more.
        let found = self.call(self.source.tracker.find(item, "")).await;
        let found = found.map_err(|error| Trouble::reading(item, error))?;
        for (entry, origin) in posted {
            self.shelf(watched, item)?.learn(vec![(entry, origin.clone())]);
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
            let of = (origin.remote.as_str(), entry, origin.version);
            self.gone((item, watched), of).await?;
        }
        Ok(())
    }

    /// Where entries stand in an item, as they were posted.
    fn posted(
        &self,
        item: &ItemId,
        entries: &[EntryId],
    ) -> Result<Vec<(EntryId, Origin)>, Trouble> {
        let copies = self.history.copies_in(self.name(), item.as_str())?.into_iter();
        Ok(copies.filter(|(of, _)| entries.contains(of)).collect())
    }
}
