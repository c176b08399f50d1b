//! The states of Jira's workflows: which of them mean that an issue is over, whatever a team calls them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::trackers::lenient::{list, text};

/// What the end is called from the beginning, where nothing better is known.
const USUAL: [&str; 3] = ["Done", "Resolved", "Closed"];

/// For how long it is not asked again after it could not be read.
const UNREADABLE: SignedDuration = SignedDuration::from_mins(10);

/// What Jira said of its states, by their ids: their names are a team's own, and two may have one name.
#[derive(Debug, Default)]
pub(super) struct Statuses(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// Whether a state means the end.
    done: BTreeMap<String, bool>,
    /// States that were asked for and are in no workflow any more.
    gone: BTreeSet<String>,
    /// When it could not be read.
    unreadable: Option<Timestamp>,
}

impl Statuses {
    /// Whether changes name a state that must be asked for.
    pub(super) fn are_unknown(&self, changes: &[Value], now: Timestamp) -> bool {
        let known = self.known();
        let rests = known.unreadable.is_some_and(|at| now.duration_since(at).abs() < UNREADABLE);
        let is_known = |id: &str| known.done.contains_key(id) || known.gone.contains(id);
        !rests && named(changes).any(|id| !is_known(id))
    }

    /// Takes in the states that there are, after they were asked for because of some changes.
    pub(super) fn learn(&self, rows: &[Value], changes: &[Value]) {
        let mut known = self.known();
        known.unreadable = None;
        for row in rows {
            let key = text(row, "/statusCategory/key");
            if let (Some(id), Some(key)) = (text(row, "/id"), key) {
                known.done.insert(id.to_owned(), key == "done");
            }
        }
        for id in named(changes) {
            if !known.done.contains_key(id) {
                known.gone.insert(id.to_owned());
            }
        }
    }

    /// Takes note that they cannot be read.
    pub(super) fn cannot_be_read(&self, now: Timestamp) {
        self.known().unreadable = Some(now);
    }

    /// Whether a state means the end: by its id, and by its name where Jira says nothing of the id.
    pub(super) fn is_done(&self, id: Option<&str>, name: &str) -> bool {
        let said = id.and_then(|id| self.known().done.get(id).copied());
        said.unwrap_or_else(|| USUAL.contains(&name))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The part of a change that leads from one state to another, if one does.
pub(super) fn moved_between(json: &Value) -> Option<&Value> {
    list(json, "/items").iter().find(|it| text(it, "/field") == Some("status"))
}

/// The ids of the states between which changes lead.
fn named(changes: &[Value]) -> impl Iterator<Item = &str> {
    let moves = changes.iter().filter_map(moved_between);
    moves.flat_map(|moved| [text(moved, "/from"), text(moved, "/to")]).flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn change(from: &str, to: &str) -> Value {
        json!({ "items": [{ "field": "status", "from": from, "to": to }] })
    }

    fn state(id: &str, key: &str) -> Value {
        json!({ "id": id, "name": "x", "statusCategory": { "key": key } })
    }

    #[test]
    fn states_are_asked_for_once_and_again_when_a_new_one_comes() {
        let (statuses, now) = (Statuses::default(), Timestamp::UNIX_EPOCH);
        let first = [change("1", "5"), json!({ "items": [{ "field": "labels", "to": "7" }] })];
        assert!(statuses.are_unknown(&first, now));
        statuses.learn(&[state("1", "new"), state("5", "done")], &first);
        assert!(!statuses.are_unknown(&first, now));
        let second = [change("5", "6"), change("6", "4")];
        assert!(statuses.are_unknown(&second, now));
        statuses.learn(&[state("1", "new"), state("5", "done"), state("6", "done")], &second);
        assert!(!statuses.are_unknown(&second, now), "one that is gone is not asked for for ever");
        assert!(statuses.is_done(Some("6"), "Released") && !statuses.is_done(Some("1"), "Done"));
        assert!(statuses.is_done(Some("4"), "Closed") && !statuses.is_done(Some("4"), "Offen"));
    }

    #[test]
    fn where_they_cannot_be_read_the_usual_names_count_and_it_is_asked_again_later() {
        let (statuses, now) = (Statuses::default(), Timestamp::UNIX_EPOCH);
        statuses.cannot_be_read(now);
        let changes = [change("1", "5")];
        assert!(!statuses.are_unknown(&changes, now + SignedDuration::from_mins(9)));
        assert!(statuses.is_done(Some("5"), "Done") && !statuses.is_done(Some("5"), "Erledigt"));
        assert!(statuses.are_unknown(&changes, now + UNREADABLE));
    }
}
