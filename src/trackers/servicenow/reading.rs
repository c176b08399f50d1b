//! What ServiceNow says, in words that fit every tracker.

use jiff::SignedDuration;
use serde_json::Value;

use super::journal::{Line, moment, written};
use crate::incident::Untrusted;
use crate::settings::Visibility;
use crate::trackers::lenient::{before, lacking, text, text_or_empty};
use crate::trackers::{
    Account, AccountKind, Cursor, Item, ItemId, ItemStatus, Native, NativeKind, TrackerError,
};

/// How far two readings overlap.
const OVERLAP: SignedDuration = SignedDuration::from_mins(2);

/// What the id of a line of the audit begins with, which no line of a journal has.
pub(super) const AUDIT: &str = "audit ";

/// What the ids of lines begin with that only the text of a journal shows.
pub(super) const SHOWN: [&str; 2] = ["work_notes ", "comments "];

/// How soon the connector puts back what a rule moved, at the latest.
const PUT_BACK: SignedDuration = SignedDuration::from_mins(2);

/// States of an incident that is over, as every instance has them from the beginning.
pub(super) const OVER: [&str; 3] = ["6", "7", "8"];

/// How far a reading is: the time that it has come to, and how many rows of that time were seen.
///
/// Rows are asked for by time and not by number alone: a row that changes while a list is read moves to
/// its end, and everything behind it moves up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Seen {
    pub(super) since: String,
    pub(super) offset: usize,
    /// The time at which the reading began that this page is not the first of.
    pub(super) began: Option<String>,
}

impl Seen {
    /// Reads a cursor: `time|offset|time`, the last only after the first page.
    pub(super) fn of(cursor: &Cursor) -> Result<Self, TrackerError> {
        if cursor.as_str().is_empty() {
            return Ok(Self::default());
        }
        let mut parts = cursor.as_str().split('|');
        let time =
            |text: &str| (text.is_empty() || moment(text).is_some()).then(|| text.to_owned());
        let since = parts.next().and_then(time).ok_or_else(strange)?;
        let offset = parts.next().and_then(|text| text.parse().ok()).ok_or_else(strange)?;
        let began = match parts.next() {
            Some(text) => Some(time(text).ok_or_else(strange)?),
            None => None,
        };
        Ok(Self { since, offset, began })
    }

    /// The cursor.
    pub(super) fn cursor(&self) -> Cursor {
        let place = format!("{}|{}", self.since, self.offset);
        match &self.began {
            Some(began) => format!("{place}|{began}"),
            None => place,
        }
        .into()
    }

    /// Since when the whole reading asks, of which this may be a later page.
    pub(super) fn beginning(&self) -> &str {
        self.began.as_deref().unwrap_or(&self.since)
    }

    /// Where to go on after a page that ended at a time.
    pub(super) fn after(&self, rows: usize, last: Option<&str>) -> Cursor {
        let began = Some(self.beginning().to_owned());
        match last {
            Some(last) if last > self.since.as_str() => {
                Self { since: last.to_owned(), offset: 0, began }
            }
            _ => Self { since: self.since.clone(), offset: self.offset + rows, began },
        }
        .cursor()
    }

    /// Where to go on later, when there is nothing more now.
    pub(super) fn later(&self, last: Option<&str>) -> Cursor {
        let last = last.unwrap_or_default().max(self.since.as_str());
        match moment(last) {
            // What was overlapped before does not move the beginning back any further.
            Some(last) => {
                let since = written(before(last, OVERLAP)).max(self.since.clone());
                Self { since, ..Self::default() }.cursor()
            }
            None => Cursor::default(),
        }
    }
}

fn strange() -> TrackerError {
    lacking("a place to go on from")
}

/// Whether a text is an id of ServiceNow; nothing else may stand in a query.
pub(super) fn is_sys_id(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a text may stand in a query without changing its meaning.
pub(super) fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.contains(['^', ',', '\n'])
}

/// An incident; the author is named by user name.
pub(super) fn item(row: &Value, author: Account, base: &str) -> Result<Item, TrackerError> {
    let id = text(row, "/sys_id").ok_or_else(|| lacking("the id of an incident"))?;
    let at = |place| text(row, place).and_then(moment);
    let is_over = OVER.contains(&text_or_empty(row, "/state"));
    let number = text_or_empty(row, "/number");
    Ok(Item {
        id: id.to_owned().into(),
        title: text_or_empty(row, "/short_description").into(),
        text: text_or_empty(row, "/description").into(),
        author,
        status: if is_over { ItemStatus::Closed } else { ItemStatus::Open },
        created: at("/sys_created_on").ok_or_else(|| lacking("when it was created"))?,
        updated: at("/sys_updated_on"),
        url: Some(format!("{base}/incident.do?sys_id={id}#{number}").into()),
        raw: row.clone(),
    })
}

/// A row of the journal; `None` if it belongs to another record, whatever was asked for.
pub(super) fn native(row: &Value, of: &ItemId, author: Account) -> Option<Native> {
    if text(row, "/element_id") != Some(of.as_str()) {
        return None;
    }
    Some(Native {
        remote: text(row, "/sys_id")?.to_owned(),
        kind: NativeKind::Text,
        author,
        created: text(row, "/sys_created_on").and_then(moment)?,
        updated: None,
        text: text_or_empty(row, "/value").into(),
        visibility: visibility(text_or_empty(row, "/element"))?,
        url: None,
        raw: row.clone(),
    })
}

/// A change of state; `None` for a change of anything else, and of another record.
pub(super) fn moved(row: &Value, of: &ItemId, author: Account) -> Option<Native> {
    let is_meant = |place, wanted| text(row, place) == Some(wanted);
    if !is_meant("/documentkey", of.as_str()) || !is_meant("/fieldname", "state") {
        return None;
    }
    let [before, after] = ["/oldvalue", "/newvalue"].map(|it| text_or_empty(row, it));
    let words = || format!("state: {}", named_state(after));
    let (kind, words) = match (OVER.contains(&before), OVER.contains(&after)) {
        (false, true) => (NativeKind::Status(ItemStatus::Closed), ItemStatus::Closed.word().into()),
        (true, false) => (NativeKind::Status(ItemStatus::Open), ItemStatus::Open.word().into()),
        _ => (NativeKind::Moved, words()),
    };
    Some(Native {
        remote: format!("{AUDIT}{}", text(row, "/sys_id")?),
        kind,
        author,
        created: text(row, "/sys_created_on").and_then(moment)?,
        updated: None,
        text: words.into(),
        visibility: Visibility::Internal,
        url: None,
        raw: row.clone(),
    })
}

/// The name of a state, as every instance has them from the beginning; another one keeps its number.
fn named_state(state: &str) -> &str {
    match state {
        "1" => "New",
        "2" => "In Progress",
        "3" => "On Hold",
        "6" => "Resolved",
        "7" => "Closed",
        "8" => "Canceled",
        other => other,
    }
}

/// Leaves out what a user moved and put back at once: a rule that moves the state because of a note of ours,
/// and what the connector makes of it, is no act of anybody.
///
/// What opens or closes it is always told: delivery closes, and a person who shares our account opens again.
pub(super) fn without_put_back(mut moves: Vec<Native>, user: &str) -> Vec<Native> {
    let part = |native: &Native, place| text_or_empty(&native.raw, place).to_owned();
    let is_own = |it: &Native| folded(&part(it, "/sys_created_by")) == folded(user);
    let undoes = |a: &Native, b: &Native| {
        a.kind == NativeKind::Moved
            && (part(a, "/oldvalue"), part(a, "/newvalue"))
                == (part(b, "/newvalue"), part(b, "/oldvalue"))
            && b.created.duration_since(a.created) <= PUT_BACK
    };
    let (mut last, mut undone) = (None::<usize>, Vec::new());
    for (at, native) in moves.iter().enumerate() {
        let before = last.and_then(|last| moves.get(last));
        match (last, before) {
            (Some(last_at), Some(before))
                if is_own(before) && is_own(native) && undoes(before, native) =>
            {
                undone.extend([last_at, at]);
                last = None;
            }
            _ => last = Some(at),
        }
    }
    for at in undone {
        if let Some(native) = moves.get_mut(at) {
            native.kind = NativeKind::Other;
        }
    }
    moves
}

/// Who sees a journal; `None` for what is no journal of people.
pub(super) fn visibility(element: &str) -> Option<Visibility> {
    match element {
        "work_notes" => Some(Visibility::Internal),
        "comments" => Some(Visibility::Public),
        _ => None,
    }
}

/// A line of a journal's text, under a name that identifies nobody.
pub(super) fn shown(line: &Line, element: &str) -> Option<Native> {
    let Line { at, by, text } = line;
    let name = Untrusted::from(by.as_str());
    Some(Native {
        remote: format!("{element} {} {by}", written(*at)),
        kind: NativeKind::Text,
        author: Account { id: format!("shown as {by}"), kind: AccountKind::Unknown, name },
        created: *at,
        updated: None,
        text: text.as_str().into(),
        visibility: visibility(element)?,
        url: None,
        raw: Value::String(text.clone()),
    })
}

/// A user: a person if ServiceNow says of it that it is no integration.
pub(super) fn account(row: &Value) -> Option<(String, Account)> {
    let (id, user) = (text(row, "/sys_id")?, text(row, "/user_name")?);
    let flags = ["/internal_integration_user", "/web_service_access_only"].map(|it| text(row, it));
    let kind = match flags {
        _ if flags.contains(&Some("true")) => AccountKind::Bot,
        // Both flags can be read, and both say that nothing else enters under this name.
        [Some("false"), Some("false")] => AccountKind::Human,
        _ => AccountKind::Unknown,
    };
    let name = Untrusted::from(text(row, "/name").unwrap_or(user));
    Some((user.to_owned(), Account { id: id.to_owned(), kind, name }))
}

/// A name as ServiceNow compares it: capital letters make no other user.
pub(super) fn folded(name: &str) -> String {
    name.to_lowercase()
}

/// A user of whom only the name is known.
pub(super) fn named(user: &str) -> Account {
    let name = Untrusted::from(user);
    Account { id: folded(user), kind: AccountKind::Unknown, name }
}

/// The time of the last row, if rows are in the order of a field.
pub(super) fn last<'a>(rows: &'a [Value], field: &str) -> Option<&'a str> {
    rows.iter().filter_map(|row| text(row, field)).filter(|at| moment(at).is_some()).max()
}

/// Whether a row is as young as was asked for, because the question may have been ignored.
pub(super) fn is_young(row: &Value, field: &str, since: &str) -> bool {
    since.is_empty() || text(row, field).is_none_or(|at| at >= since)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_example_of_the_description_is_understood() {
        let text = include_str!("../../../tests/schemas/servicenow-table.json");
        let described: Value = serde_json::from_str(text).unwrap();
        let rows = |table: &str| {
            let operation = format!("GET /api/now/table/{table}");
            let example = &described["operations"][operation]["examples"]["200"][0];
            example["result"].as_array().unwrap().clone()
        };
        for row in rows("incident") {
            assert_eq!(item(&row, named("ada"), "").unwrap().status, ItemStatus::Open);
        }
        let (user, own) = account(&rows("sys_user")[0]).unwrap();
        assert_eq!((user.as_str(), own.kind), ("svc.wheelhouse", AccountKind::Bot));
        for row in rows("sys_journal_field") {
            let of = ItemId::from(text_or_empty(&row, "/element_id").to_owned());
            let read = native(&row, &of, named("ada")).unwrap();
            assert_eq!(read.visibility, Visibility::Internal);
            let elsewhere = ItemId::from("0".repeat(32));
            assert!(native(&row, &elsewhere, named("ada")).is_none());
        }
    }

    #[test]
    fn reading_goes_on_at_the_last_second_and_never_stands_still() {
        let seen = Seen { since: "2026-11-20 11:00:00".to_owned(), ..Seen::default() };
        let later = seen.after(200, Some("2026-11-20 11:05:00"));
        assert_eq!(later.as_str(), "2026-11-20 11:05:00|0|2026-11-20 11:00:00");
        assert_eq!(
            seen.after(200, Some("2026-11-20 11:00:00")).as_str(),
            "2026-11-20 11:00:00|200|2026-11-20 11:00:00"
        );
        let later = Seen::of(&later).unwrap();
        let last = Seen::of(&later.after(200, Some("2026-11-20 11:09:00"))).unwrap();
        assert_eq!(last.beginning(), "2026-11-20 11:00:00", "and it stays in mind");
        assert_eq!(seen.later(Some("2026-11-20 11:05:00")).as_str(), "2026-11-20 11:03:00|0");
        assert_eq!(seen.later(None).as_str(), "2026-11-20 11:00:00|0");
        assert!(Seen::of(&"2026-11-20 11:00:00^ORx|0".to_owned().into()).is_err());
    }

    #[test]
    fn a_change_of_state_names_the_state_and_what_we_put_back_is_left_out() {
        let row = |id: &str, by: &str, (from, to): (&str, &str), at: &str| {
            json!({ "sys_id": id, "documentkey": "7", "fieldname": "state", "oldvalue": from,
                "newvalue": to, "sys_created_by": by, "sys_created_on": format!("2026-11-20 {at}") })
        };
        let rows = [
            row("a", "ada", ("1", "3"), "11:00:00"),
            row("b", "us", ("3", "2"), "11:01:00"),
            row("c", "us", ("2", "3"), "11:01:01"),
            row("d", "us", ("3", "2"), "11:02:00"),
            row("e", "ada", ("2", "3"), "11:02:01"),
            row("f", "us", ("3", "2"), "11:03:00"),
            row("g", "us", ("2", "3"), "11:06:00"),
            row("h", "ada", ("3", "-5"), "11:07:00"),
        ];
        let of = ItemId::from("7".to_owned());
        let read = rows.iter().filter_map(|row| moved(row, &of, named("x"))).collect();
        let told: Vec<(String, bool, String)> = without_put_back(read, "US")
            .iter()
            .map(|it| {
                let is_moved = it.kind == NativeKind::Moved;
                (it.remote.clone(), is_moved, it.text.for_storage().to_owned())
            })
            .collect();
        let moved: Vec<&str> =
            told.iter().filter(|(_, is_moved, _)| *is_moved).map(|(id, ..)| &**id).collect();
        assert_eq!(moved, ["audit a", "audit d", "audit e", "audit f", "audit g", "audit h"]);
        assert_eq!((&*told[0].2, &*told[7].2), ("state: On Hold", "state: -5"));
        assert_eq!(told.len(), rows.len(), "what stands there is not missing");
    }

    #[test]
    fn only_plain_names_and_ids_stand_in_a_query() {
        assert!(is_sys_id(&"0a".repeat(16)) && !is_sys_id("0^ORelement=comments"));
        assert!(
            is_plain("svc.wheelhouse") && !is_plain("a^ORb") && !is_plain("a,b") && !is_plain("")
        );
        let row = json!({ "sys_created_on": "2026-11-20 11:00:00" });
        assert!(!is_young(&row, "/sys_created_on", "2026-11-20 11:00:01"));
    }
}
