//! Pace: how long to wait before the next try.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long the first wait is.
const FIRST: Duration = Duration::from_secs(2);

/// How long a wait is at most.
const LONGEST: Duration = Duration::from_mins(1);

/// Draws waits that double with every failure, each up to a quarter longer or shorter so that many hubs
/// do not come back at once.
#[derive(Debug)]
pub(super) struct Pace(Mutex<fastrand::Rng>);

impl Pace {
    /// Begins with a seed, so that tests repeat.
    pub(super) fn seeded(seed: u64) -> Self {
        Self(Mutex::new(fastrand::Rng::with_seed(seed)))
    }

    /// How long to wait after so many failures, and at least as long as the tracker asks for.
    pub(super) fn wait(&self, failures: u32, at_least: Option<Duration>) -> Duration {
        let doubled = FIRST.saturating_mul(2_u32.saturating_pow(failures.min(16)));
        let spread = self.0.lock().unwrap_or_else(PoisonError::into_inner).f64();
        let wait = doubled.min(LONGEST).mul_f64(0.75 + spread / 2.0);
        at_least.map_or(wait, |least| wait.max(least))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_limit_and_heed_the_tracker() {
        let pace = Pace::seeded(1);
        let waits: Vec<_> =
            (0..40).map(|failures| pace.wait(failures, None).as_secs_f64()).collect();
        assert!((1.5..=2.5).contains(&waits[0]), "{waits:?}");
        assert!((3.0..=5.0).contains(&waits[1]), "{waits:?}");
        assert!(waits[6..].iter().all(|wait| (45.0..=75.0).contains(wait)), "{waits:?}");
        let asked = Duration::from_mins(10);
        assert_eq!(pace.wait(0, Some(asked)), asked);
    }
}
