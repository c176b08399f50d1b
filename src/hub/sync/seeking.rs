//! Seeking: watched items that the list does not show, because the settings leave them out or it is late.

use super::reader::Reader;
use super::trouble::Trouble;
use super::watch::Shown;
use crate::trackers::Cursor;

/// How many pages one search reads: what it looks for is young.
const MOST_PAGES: usize = 10;

impl Reader {
    /// Looks now and then for watched items that the list has not shown, among everything that changed since
    /// they were linked. No alert is taken from there: the settings choose those.
    pub(super) async fn seek(&mut self) -> Result<(), Trouble> {
        let now = self.clock.now();
        let Some(since) = self.watch.sought_since(now) else { return Ok(()) };
        let mut from = self.source.tracker.items_since(since);
        // Where nothing tells what is young, everything would have to be read, and the list does that.
        if from == Cursor::default() {
            return Ok(());
        }
        for _ in 0..MOST_PAGES {
            let page = match self.call(self.source.tracker.all_items(&from)).await {
                Err(error) if !error.is_passing() => {
                    tracing::debug!(%error, "items that the list leaves out cannot be looked for");
                    break;
                }
                Err(error) => {
                    self.watch.was_sought_in_vain(now);
                    return Err(error.into());
                }
                Ok(page) => page,
            };
            for item in page.found {
                if let Some(incident) = self.watch.unlisted(&item.id) {
                    self.watched_item((item, incident), Shown::BySearch).await?;
                }
            }
            if page.complete || page.next == from {
                break;
            }
            from = page.next;
        }
        self.watch.was_sought(now, self.look().lag);
        Ok(())
    }
}
