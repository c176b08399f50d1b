//! The state that a business rule moves because somebody writes: remembered until it is put back.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::trackers::ItemId;
use crate::trackers::lenient::text;

/// An incident as it stood before we wrote into its journal.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) before: Value,
    /// What we wrote.
    pub(super) text: String,
}

/// The incidents into which we wrote without hearing what became of them.
#[derive(Debug, Default)]
pub(super) struct Moved(Mutex<BTreeMap<String, Held>>);

impl Moved {
    /// Remembers how an incident stood; one write of ours is under way at a time, so it is the last one.
    pub(super) fn remember(&self, item: &ItemId, held: Held) {
        self.all().insert(item.to_string(), held);
    }

    pub(super) fn held(&self, item: &ItemId) -> Option<Held> {
        self.all().get(item.as_str()).cloned()
    }

    pub(super) fn forget(&self, item: &ItemId) {
        self.all().remove(item.as_str());
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The state that was there before, if writing into the journal alone moved it.
///
/// Only if nothing else was written in between: then somebody meant it.
pub(super) fn moved_by_rule(before: &Value, after: &Value) -> Option<String> {
    let (held, now) = (text(before, "/state")?, text(after, "/state")?);
    let count = |json: &Value| text(json, "/sys_mod_count")?.parse::<u64>().ok();
    let alone = count(after)? == count(before)? + 1;
    (alone && held != now).then(|| held.to_owned())
}
