//! The state that a business rule moves because somebody writes: remembered until it is put back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::reading::{OVER, folded};
use crate::trackers::ItemId;
use crate::trackers::lenient::text;

/// An incident as it stood before we wrote into its journal.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) before: Value,
    /// What we wrote.
    pub(super) text: String,
}

impl Held {
    /// Whether a text is what we wrote, whatever became of line endings and of blanks at the end.
    pub(super) fn is(&self, text: &str) -> bool {
        lines(text).eq(lines(&self.text))
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.trim_end().lines().map(str::trim_end)
}

/// The incidents into which we wrote without hearing what became of them.
#[derive(Debug, Default)]
pub(super) struct Moved(Mutex<Written>);

#[derive(Debug, Default)]
struct Written {
    held: BTreeMap<String, Held>,
    /// Those of which is known what became of every write, since this process began and before.
    settled: BTreeSet<String>,
}

impl Moved {
    /// Remembers how an incident stood; one write of ours is under way at a time, so it is the last one.
    pub(super) fn remember(&self, item: &ItemId, held: Held) {
        self.all().held.insert(item.to_string(), held);
    }

    pub(super) fn held(&self, item: &ItemId) -> Option<Held> {
        self.all().held.get(item.as_str()).cloned()
    }

    pub(super) fn forget(&self, item: &ItemId) {
        self.all().held.remove(item.as_str());
    }

    /// Takes note that nothing of a write is left to look for but what is held here.
    pub(super) fn settle(&self, item: &ItemId) {
        self.all().settled.insert(item.to_string());
    }

    /// Whether an earlier process may have written without putting the state back.
    pub(super) fn is_settled(&self, item: &ItemId) -> bool {
        self.all().settled.contains(item.as_str())
    }

    fn all(&self) -> MutexGuard<'_, Written> {
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

/// The state that was there before a note of ours, if writing it alone moved it and nobody remembers.
///
/// `states` is what became of the state since the second of the note: one change alone, under our name in
/// that very second, and no change of anything after it. What opened or closed the incident we may have meant.
pub(super) fn moved_unseen(note: &Value, states: &[Value], now: &Value) -> Option<String> {
    let [change] = states else { return None };
    let at = text(note, "/sys_created_on")?;
    let by = folded(text(note, "/sys_created_by")?);
    let is_ours = text(change, "/sys_created_by").is_some_and(|name| folded(name) == by);
    let is_then = text(change, "/sys_created_on") == Some(at);
    let is_last = text(now, "/sys_updated_on") == Some(at);
    let (held, moved) = (text(change, "/oldvalue")?, text(change, "/newvalue")?);
    let is_meant = [held, moved].iter().any(|state| OVER.contains(state));
    let is_there = text(now, "/state") == Some(moved);
    (is_ours && is_then && is_last && is_there && !is_meant && held != moved)
        .then(|| held.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const AT: &str = "2026-11-20 11:00:00";

    fn change(by: &str, at: &str, (from, to): (&str, &str)) -> Value {
        json!({ "sys_created_by": by, "sys_created_on": at, "oldvalue": from, "newvalue": to })
    }

    #[test]
    fn what_we_wrote_is_known_whatever_became_of_its_line_endings() {
        let held = Held { before: Value::Null, text: "found it\n\nit is the pool".to_owned() };
        assert!(held.is("found it \r\n\r\nit is the pool\n"));
        assert!(!held.is("found it\n\nit is the pool?") && !held.is("it is the pool"));
        assert!(!held.is(""));
    }

    #[test]
    fn only_what_one_write_of_ours_alone_can_have_moved_is_moved_back() {
        let note = json!({ "sys_created_by": "wheelhouse", "sys_created_on": AT });
        let record = |state, at| json!({ "state": state, "sys_updated_on": at });
        let held = |states: &[Value], now: &Value| moved_unseen(&note, states, now);
        let woken = change("Wheelhouse", AT, ("3", "2"));
        let (now, later) = (record("2", AT), "2026-11-20 11:00:01");
        assert_eq!(held(std::slice::from_ref(&woken), &now).as_deref(), Some("3"));
        let back = change("wheelhouse", AT, ("2", "3"));
        for (states, now, why) in [
            (vec![woken.clone(), back], record("3", AT), "it was put back"),
            (vec![woken.clone()], record("2", later), "something changed since"),
            (vec![woken], record("1", AT), "it stands elsewhere"),
            (vec![change("on-call", AT, ("3", "2"))], now.clone(), "somebody else did it"),
            (vec![change("wheelhouse", later, ("3", "2"))], now.clone(), "it came later"),
            (vec![change("wheelhouse", AT, ("2", "6"))], record("6", AT), "we closed it"),
            (vec![change("wheelhouse", AT, ("6", "2"))], now.clone(), "we opened it"),
            (Vec::new(), now, "nothing moved"),
        ] {
            assert_eq!(held(&states, &now), None, "{why}");
        }
    }
}
