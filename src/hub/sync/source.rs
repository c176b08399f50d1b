//! The sources: which trackers are read, for what, and where people find their items.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::incident::Untrusted;
use crate::trackers::Tracker;

/// Which items of a tracker are alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alerts {
    /// None of them.
    None,
    /// Those that were opened since the tracker was first read, or shortly before: nobody chose any.
    Young,
    /// All that it lists: the settings choose them.
    Chosen,
}

/// One tracker that is read.
#[derive(Debug, Clone)]
pub struct Source {
    /// The tracker.
    pub tracker: Arc<dyn Tracker>,
    /// Which items that others open there are alerts, each of which opens an incident.
    pub alerts: Alerts,
    /// Whether items that others keep there belong to the incidents whose items they name.
    pub joins: bool,
    /// Whether the settings let people decide there.
    pub verdicts: bool,
}

/// Where people find the items, by tracker and item, as their readers saw it.
pub(super) type Addresses = Arc<Mutex<BTreeMap<(String, String), Option<Untrusted>>>>;
