//! The gate: one write of an item at a time, a gap between writes, and closed while a tracker asks for it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::OwnedMutexGuard;

use crate::trackers::TrackerError;

/// How many items are remembered before those that nobody writes to are forgotten.
const MOST_ITEMS: usize = 256;

/// What holds requests back.
#[derive(Debug, Default)]
pub(super) struct Gate {
    items: Mutex<BTreeMap<String, Weak<tokio::sync::Mutex<()>>>>,
    /// When the next write may leave.
    next_write: Mutex<Timestamp>,
    closed_until: Mutex<Timestamp>,
}

impl Gate {
    /// Waits until nobody else writes to an item.
    pub(super) async fn turn(&self, item: &str) -> OwnedMutexGuard<()> {
        let turn = {
            let mut items = locked(&self.items);
            if items.len() >= MOST_ITEMS {
                items.retain(|_, turn| turn.strong_count() > 0);
            }
            items.get(item).and_then(Weak::upgrade).unwrap_or_else(|| {
                let turn = Arc::default();
                items.insert(item.to_owned(), Arc::downgrade(&turn));
                turn
            })
        };
        turn.lock_owned().await
    }

    /// Reserves the next moment for a write, and says how far away it is.
    pub(super) fn reserve(&self, now: Timestamp, gap: Duration) -> Duration {
        let mut next = locked(&self.next_write);
        let mine = now.max(*next);
        *next = mine.checked_add(gap).unwrap_or(mine);
        Duration::try_from(mine.duration_since(now)).unwrap_or(Duration::ZERO)
    }

    /// Closes for a while.
    pub(super) fn close(&self, now: Timestamp, wait: Duration) {
        let mut until = locked(&self.closed_until);
        *until = (*until).max(now.checked_add(wait).unwrap_or(now));
    }

    /// Whether a request may pass; asking a tracker that wants to be left alone makes it angrier.
    pub(super) fn pass(&self, now: Timestamp) -> Result<(), TrackerError> {
        let until = *locked(&self.closed_until);
        if now >= until {
            return Ok(());
        }
        Err(TrackerError::Throttled {
            retry_after: Duration::try_from(until.duration_since(now)).ok(),
        })
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(at: i64) -> Timestamp {
        Timestamp::from_second(at).unwrap()
    }

    #[tokio::test]
    async fn an_item_is_written_to_by_one_at_a_time() {
        let gate = Gate::default();
        let first = gate.turn("7").await;
        let mut second = Box::pin(gate.turn("7"));
        assert!(futures_util::poll!(&mut second).is_pending());
        assert!(futures_util::poll!(Box::pin(gate.turn("8"))).is_ready());
        drop(first);
        assert!(futures_util::poll!(&mut second).is_ready());
    }

    #[test]
    fn writes_keep_their_distance() {
        let (gate, gap) = (Gate::default(), Duration::from_secs(1));
        assert_eq!(gate.reserve(second(100), gap), Duration::ZERO);
        assert_eq!(gate.reserve(second(100), gap), Duration::from_secs(1));
        assert_eq!(gate.reserve(second(100), gap), Duration::from_secs(2));
        assert_eq!(gate.reserve(second(200), gap), Duration::ZERO);
    }

    #[test]
    fn nothing_passes_while_it_is_closed() {
        let gate = Gate::default();
        assert_eq!(gate.pass(second(100)), Ok(()));
        gate.close(second(100), Duration::from_secs(30));
        gate.close(second(100), Duration::from_secs(5));
        let retry_after = Some(Duration::from_secs(10));
        assert_eq!(gate.pass(second(120)), Err(TrackerError::Throttled { retry_after }));
        assert_eq!(gate.pass(second(130)), Ok(()));
    }
}
