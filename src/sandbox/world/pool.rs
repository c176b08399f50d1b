//! The connection pool of `checkout`: a semaphore that can be resized while it is in use.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::settings::Clock;

/// Bounds how many connections to `ledger` are in use at once.
#[derive(Debug)]
pub(super) struct Pool {
    permits: Arc<Semaphore>,
    size: Mutex<Size>,
    in_use: AtomicUsize,
    waiting: AtomicUsize,
}

/// The size asked for, and how many connections beyond it are still in use.
#[derive(Debug)]
struct Size {
    max: usize,
    surplus: usize,
}

/// The pool at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Occupancy {
    pub(super) max: usize,
    pub(super) in_use: usize,
    pub(super) waiting: usize,
}

/// No connection came free in time.
#[derive(Debug, thiserror::Error)]
#[error(
    "timed out after {} ms waiting for a connection (pool max {}, in use {}, waiting {})",
    .waited.as_millis(), .pool.max, .pool.in_use, .pool.waiting
)]
pub(super) struct Exhausted {
    pub(super) waited: Duration,
    pub(super) pool: Occupancy,
}

/// A connection on loan; it returns when dropped.
#[derive(Debug)]
pub(super) struct Lease {
    pool: Arc<Pool>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Pool {
    pub(super) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self {
            permits: Arc::new(Semaphore::new(max)),
            size: Mutex::new(Size { max, surplus: 0 }),
            in_use: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
        })
    }

    /// Waits for a connection, first come first served, for at most `patience` of the clock's time.
    pub(super) async fn acquire(
        self: &Arc<Self>,
        patience: Duration,
        clock: &Clock,
    ) -> Result<Lease, Exhausted> {
        let queued = Queued::enter(&self.waiting);
        let permit = Arc::clone(&self.permits).acquire_owned();
        let outcome = tokio::time::timeout(clock.wall(patience), permit).await;
        let pool = self.occupancy();
        drop(queued);
        // The semaphore is never closed, so its error cannot happen; it counts as exhausted all the
        // same.
        let Ok(Ok(permit)) = outcome else { return Err(Exhausted { waited: patience, pool }) };
        self.in_use.fetch_add(1, Ordering::Relaxed);
        Ok(Lease { pool: Arc::clone(self), permit: Some(permit) })
    }

    /// Changes the size at once; connections in use beyond a smaller size close as they return.
    pub(super) fn resize(&self, max: usize) {
        let mut size = self.size.lock().unwrap_or_else(PoisonError::into_inner);
        if max >= size.max {
            let grown = max - size.max;
            let forgiven = grown.min(size.surplus);
            size.surplus -= forgiven;
            self.permits.add_permits(grown - forgiven);
        } else {
            let excess = size.max - max;
            size.surplus += excess - self.permits.forget_permits(excess);
        }
        size.max = max;
    }

    pub(super) fn occupancy(&self) -> Occupancy {
        Occupancy {
            max: self.size.lock().unwrap_or_else(PoisonError::into_inner).max,
            in_use: self.in_use.load(Ordering::Relaxed),
            waiting: self.waiting.load(Ordering::Relaxed),
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.pool.in_use.fetch_sub(1, Ordering::Relaxed);
        let Some(permit) = self.permit.take() else { return };
        let mut size = self.pool.size.lock().unwrap_or_else(PoisonError::into_inner);
        if size.surplus > 0 {
            size.surplus -= 1;
            permit.forget();
        }
    }
}

/// Counts one waiter for as long as it lives, also when the wait is abandoned.
struct Queued<'a>(&'a AtomicUsize);

impl<'a> Queued<'a> {
    fn enter(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_ONCE: Duration = Duration::from_millis(1);

    async fn take(pool: &Arc<Pool>, clock: &Clock, number: usize) -> Vec<Lease> {
        let mut leases = Vec::new();
        for _ in 0..number {
            leases.push(pool.acquire(AT_ONCE, clock).await.expect("a free connection"));
        }
        leases
    }

    #[tokio::test]
    async fn an_exhausted_pool_says_how_it_stands() {
        let (pool, clock) = (Pool::new(2), Clock::real());
        let _leases = take(&pool, &clock, 2).await;
        let refusal = pool.acquire(AT_ONCE, &clock).await.expect_err("exhausted");
        assert_eq!(refusal.pool, Occupancy { max: 2, in_use: 2, waiting: 1 });
        assert_eq!(pool.occupancy().waiting, 0);
    }

    #[tokio::test]
    async fn a_pool_shrunk_in_use_closes_connections_as_they_return() {
        let (pool, clock) = (Pool::new(4), Clock::real());
        let mut leases = take(&pool, &clock, 4).await;
        pool.resize(1);
        leases.truncate(1);
        assert!(pool.acquire(AT_ONCE, &clock).await.is_err(), "one is in use, one is allowed");
        leases.clear();
        let _one = take(&pool, &clock, 1).await;
        assert!(pool.acquire(AT_ONCE, &clock).await.is_err());
    }

    #[tokio::test]
    async fn a_pool_grown_again_before_the_surplus_returned_has_its_size() {
        let (pool, clock) = (Pool::new(4), Clock::real());
        let leases = take(&pool, &clock, 4).await;
        pool.resize(1);
        pool.resize(5);
        let _fifth = take(&pool, &clock, 1).await;
        assert!(pool.acquire(AT_ONCE, &clock).await.is_err());
        drop(leases);
        let _four = take(&pool, &clock, 4).await;
        assert!(pool.acquire(AT_ONCE, &clock).await.is_err());
    }
}
