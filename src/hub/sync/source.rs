//! The sources: which trackers are read, for what, and where people find their items.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::incident::Untrusted;
use crate::trackers::Tracker;

/// One tracker that is read.
#[derive(Debug, Clone)]
pub struct Source {
    /// The tracker.
    pub tracker: Arc<dyn Tracker>,
    /// Whether items that others open there are alerts, each of which opens an incident.
    pub opens: bool,
    /// Whether the settings choose which of its items are alerts. Where they do not, only those are that were
    /// opened since the tracker was first read, or shortly before.
    pub chosen: bool,
    /// Whether items that others keep there belong to the incidents whose items they name.
    pub joins: bool,
    /// Whether the settings let people decide there.
    pub verdicts: bool,
}

/// Where people find the items, by tracker and item, as their readers saw it.
pub(super) type Addresses = Arc<Mutex<BTreeMap<(String, String), Option<Untrusted>>>>;
