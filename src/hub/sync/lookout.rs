//! The lookout: has readers look once more at what stands in a tracker before something runs because of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use crate::incident::EntryId;
use crate::settings::Clock;
use crate::trackers::ItemId;

/// How many looks wait for one reader, at most; one more is an answer that does not come.
const MOST_WAITING: usize = 64;

/// How long a look may take: a reader may be in the middle of a long list.
const PATIENCE: Duration = Duration::from_secs(30);

/// The way from the hub to the readers of trackers.
#[derive(Debug, Clone)]
pub(in crate::hub) struct Lookout {
    clock: Clock,
    readers: Arc<Mutex<BTreeMap<String, mpsc::Sender<Recheck>>>>,
}

/// Entries that stand in one item, and who waits to hear that they were looked at.
#[derive(Debug)]
pub(super) struct Recheck {
    pub(super) item: ItemId,
    pub(super) entries: Vec<EntryId>,
    pub(super) done: oneshot::Sender<Result<(), String>>,
}

impl Lookout {
    pub(in crate::hub) fn new(clock: Clock) -> Self {
        Self { clock, readers: Arc::default() }
    }

    /// Where the reader of a tracker hears what to look at.
    pub(super) fn of(&self, tracker: &str) -> mpsc::Receiver<Recheck> {
        let (to, looks) = mpsc::channel(MOST_WAITING);
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        readers.insert(tracker.to_owned(), to);
        looks
    }

    /// Waits until the copies of entries in an item were looked at, and whatever became of them was told.
    ///
    /// # Errors
    /// They could not be seen; says why.
    pub(in crate::hub) async fn look(
        &self,
        (tracker, item): (&str, &str),
        entries: Vec<EntryId>,
    ) -> Result<(), String> {
        let unread = || format!("nobody reads {tracker} any more");
        let reader = {
            let readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
            readers.get(tracker).cloned().ok_or_else(unread)?
        };
        let (done, looked) = oneshot::channel();
        let look = Recheck { item: item.to_owned().into(), entries, done };
        reader.try_send(look).map_err(|error| match error {
            TrySendError::Full(_) => format!("too much waits for {tracker} to be read"),
            TrySendError::Closed(_) => unread(),
        })?;
        match tokio::time::timeout(self.clock.wall(PATIENCE), looked).await {
            Ok(Ok(looked)) => looked,
            Ok(Err(_)) => Err(unread()),
            Err(_) => Err(format!("{tracker} was not read within {} s", PATIENCE.as_secs())),
        }
    }
}
