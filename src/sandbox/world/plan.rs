//! What a world is to be: where it writes, how fast it runs, and when it breaks.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::{AlertRule, Physics};
use crate::settings::Clock;

/// Everything a world is made from; two worlds of the same plan draw the same orders and latencies.
///
/// All durations are in world time. With the defaults the fault comes after 12 s and the alert
/// about 12 s later.
#[derive(Clone)]
pub struct Plan {
    /// Where configuration, changes and telemetry are written; created if missing, refused if an
    /// earlier run is in it.
    pub dir: PathBuf,
    /// The seed of all draws.
    pub seed: u64,
    /// The world's time; speeds from 1 to 20 are known to work on two cores.
    pub clock: Clock,
    /// The bearer token that `/admin` asks for.
    pub admin_token: String,
    /// The mean of the arrivals of orders, per second.
    pub load_rps: f64,
    /// How many connections to `ledger` the pool of `checkout` begins with, 1 to 200.
    pub pool_max: usize,
    /// When the bad rollout comes, counted from the start.
    pub fault_after: Duration,
    /// How `ledger` behaves.
    pub physics: Physics,
    /// When the alert fires.
    pub alert: AlertRule,
}

impl Plan {
    /// The world of the demo.
    pub fn new(dir: impl Into<PathBuf>, seed: u64, clock: Clock, admin_token: &str) -> Self {
        Self {
            dir: dir.into(),
            seed,
            clock,
            admin_token: admin_token.to_owned(),
            load_rps: 25.0,
            pool_max: 20,
            fault_after: Duration::from_secs(12),
            physics: Physics::default(),
            alert: AlertRule::default(),
        }
    }
}

/// Leaves the token out.
impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("dir", &self.dir)
            .field("seed", &self.seed)
            .field("load_rps", &self.load_rps)
            .field("pool_max", &self.pool_max)
            .field("fault_after", &self.fault_after)
            .finish_non_exhaustive()
    }
}
