//! Authors: which user stands behind a name. A name is not its user: it can be given to somebody else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::journal::moment;
use super::reading::{account, folded, is_plain, named};
use crate::trackers::lenient::{text, text_or_empty};
use crate::trackers::{Account, AccountKind};

/// How long it is believed that a name stands for a user.
const FRESH: SignedDuration = SignedDuration::from_mins(5);

/// How long it is believed when it cannot be asked again.
const STALE: SignedDuration = SignedDuration::from_mins(10);

/// What is known of a name.
#[derive(Debug, Clone)]
struct Known {
    account: Account,
    /// When the user was made, if that may be read.
    since: Option<Timestamp>,
    asked: Timestamp,
    /// Whether the name stood for another user before.
    is_reused: bool,
}

/// The users behind names. Only what ServiceNow said is kept, and for minutes: whom it did not name is asked
/// for again.
#[derive(Debug, Default)]
pub(super) struct Authors(Mutex<BTreeMap<String, Known>>);

impl Authors {
    /// The names in rows whose users must be asked for.
    pub(super) fn unknown<'a>(&self, rows: &'a [Value], now: Timestamp) -> Vec<&'a str> {
        let named = rows.iter().filter_map(|row| text(row, "/sys_created_by"));
        let (named, all): (BTreeSet<&str>, _) = (named.collect(), self.all());
        let is_fresh =
            |name: &str| all.get(&folded(name)).is_some_and(|it| it.is_younger(now, FRESH));
        named.into_iter().filter(|name| is_plain(name) && !is_fresh(name)).collect()
    }

    /// Takes in rows of users.
    pub(super) fn learn(&self, rows: &[Value], now: Timestamp) {
        let mut all = self.all();
        for row in rows {
            let Some((name, account)) = account(row) else { continue };
            let since = text(row, "/sys_created_on").and_then(moment);
            let name = folded(&name);
            let before = all.get(&name);
            let is_reused = before.is_some_and(|it| it.is_reused || it.account.id != account.id);
            all.insert(name, Known { account, since, asked: now, is_reused });
        }
    }

    /// Who made a row, as far as the name in it proves it.
    ///
    /// Whoever got the name after the row was made, or shares it with somebody who had it before, did not
    /// provably make it: then the name stands for itself, which identifies nobody.
    pub(super) fn of(&self, row: &Value, now: Timestamp) -> Account {
        let name = text_or_empty(row, "/sys_created_by");
        let known = self.all().get(&folded(name)).filter(|it| it.is_younger(now, STALE)).cloned();
        let Some(known) = known.filter(|it| !it.is_reused) else { return named(name) };
        match (known.since, text(row, "/sys_created_on").and_then(moment)) {
            (Some(since), Some(at)) if since > at => named(name),
            // Without a word about it, it is the same user as far as anybody sees, and not proved to be.
            (None, Some(_)) => Account { kind: unproved(known.account.kind), ..known.account },
            _ => known.account,
        }
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn is_younger(&self, now: Timestamp, age: SignedDuration) -> bool {
        now.duration_since(self.asked).abs() < age
    }
}

fn unproved(kind: AccountKind) -> AccountKind {
    if kind == AccountKind::Human { AccountKind::Unknown } else { kind }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOON: &str = "2026-11-20 12:00:00";

    fn user(id: &str, since: &str) -> Value {
        json!({ "sys_id": id, "user_name": "ada", "name": "Ada", "sys_created_on": since,
            "internal_integration_user": "false", "web_service_access_only": "false" })
    }

    fn note(at: &str) -> Value {
        json!({ "sys_created_by": "ada", "sys_created_on": at })
    }

    fn noon_and(minutes: i64) -> Timestamp {
        moment(NOON).unwrap() + SignedDuration::from_mins(minutes)
    }

    #[test]
    fn a_user_is_believed_for_minutes_and_nobody_is_not_remembered() {
        let (authors, notes) = (Authors::default(), [note(NOON)]);
        assert_eq!(authors.unknown(&notes, noon_and(0)), ["ada"]);
        authors.learn(&[], noon_and(0));
        assert_eq!(authors.unknown(&notes, noon_and(0)), ["ada"], "asked again");
        authors.learn(&[user("1", "2020-01-01 00:00:00")], noon_and(0));
        assert!(authors.unknown(&notes, noon_and(4)).is_empty());
        let ada = authors.of(&notes[0], noon_and(4));
        assert_eq!((ada.id.as_str(), ada.kind), ("1", AccountKind::Human));
        assert_eq!(authors.unknown(&notes, noon_and(5)), ["ada"]);
        assert_eq!(authors.of(&notes[0], noon_and(10)), named("ada"));
    }

    #[test]
    fn whoever_got_the_name_later_did_not_write_the_note() {
        let authors = Authors::default();
        authors.learn(&[user("2", NOON)], noon_and(0));
        assert_eq!(authors.of(&note("2026-11-20 11:59:59"), noon_and(0)), named("ada"));
        assert_eq!(authors.of(&note(NOON), noon_and(0)).id, "2");
    }

    #[test]
    fn a_name_that_stood_for_two_users_identifies_none() {
        let authors = Authors::default();
        let learn = |id, minutes| {
            authors.learn(&[user(id, "2020-01-01 00:00:00")], noon_and(minutes));
            authors.of(&note(NOON), noon_and(minutes))
        };
        assert_eq!(learn("1", 0).id, "1");
        assert_eq!(learn("2", 6), named("ada"));
        assert_eq!(learn("2", 12), named("ada"), "and it is not forgotten");
    }

    #[test]
    fn capital_letters_make_no_other_user() {
        let (authors, notes) = (Authors::default(), [json!({ "sys_created_by": "Ada" })]);
        authors.learn(&[user("1", "2020-01-01 00:00:00")], noon_and(0));
        assert!(authors.unknown(&notes, noon_and(0)).is_empty());
        assert_eq!(authors.of(&notes[0], noon_and(0)).id, "1");
    }

    #[test]
    fn a_user_of_unknown_age_decides_nothing() {
        let authors = Authors::default();
        authors.learn(&[user("1", "")], noon_and(0));
        let ada = authors.of(&note(NOON), noon_and(0));
        assert_eq!((ada.id.as_str(), ada.kind), ("1", AccountKind::Unknown));
    }
}
