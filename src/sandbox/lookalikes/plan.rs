//! What a sandbox is to be: its seed, its time, its ports, its faults, and who hears what happens.

use std::collections::BTreeMap;

use super::fault::FaultLine;
use super::hooks::Hook;
use super::vendor::Vendor;
use crate::settings::Clock;

/// Everything that a sandbox is made from. Two sandboxes of the same plan answer the same requests with
/// the same ids and fail in the same places; only their tokens differ, because they are secrets.
#[derive(Debug, Clone)]
pub struct SandboxPlan {
    /// The seed of whatever is only likely.
    pub seed: u64,
    /// The sandbox's time.
    pub clock: Clock,
    /// The port of the first look-alike; the others follow. The system chooses if absent.
    pub port: Option<u16>,
    /// What goes wrong from the beginning.
    pub faults: Vec<(Vendor, FaultLine)>,
    /// Who hears what happens.
    pub hooks: BTreeMap<Vendor, Hook>,
    /// Beyond which row PagerDuty tells nothing of a list.
    pub most_rows: usize,
}

/// Where the lists of the real PagerDuty end.
const MOST_ROWS: usize = 10_000;

impl SandboxPlan {
    /// A sandbox in which nothing goes wrong and nobody listens.
    pub fn new(seed: u64, clock: Clock) -> Self {
        let (faults, hooks, most_rows) = (Vec::new(), BTreeMap::new(), MOST_ROWS);
        Self { seed, clock, port: None, faults, hooks, most_rows }
    }
}
