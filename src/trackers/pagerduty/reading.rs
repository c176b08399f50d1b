//! What PagerDuty says, in words that fit every tracker.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::incident::Untrusted;
use crate::settings::Visibility;
use crate::trackers::lenient::{before, lacking, list, moment, text, text_or_empty};
use crate::trackers::{
    Account, AccountKind, Cursor, Item, ItemStatus, Native, NativeKind, Page, TrackerError,
};

/// How far two readings overlap.
pub(super) const OVERLAP: SignedDuration = SignedDuration::from_mins(2);

/// How far a reading is: since when it asks, when it began, and at which row it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Seen {
    pub(super) since: Option<Timestamp>,
    pub(super) began: Option<Timestamp>,
    pub(super) offset: usize,
    /// Where the part of a long list begins, or ends if the youngest stand first, in which that row is.
    pub(super) window: Option<Timestamp>,
}

/// Where a reading goes on now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Further {
    /// At a row.
    Row(usize),
    /// At the first row of another part of the list.
    Window(Timestamp),
}

impl Seen {
    /// Reads a cursor: `since|began|offset|window`, where the first two may be empty and the last one is
    /// there only in a long list.
    pub(super) fn of(cursor: &Cursor) -> Result<Self, TrackerError> {
        if cursor.as_str().is_empty() {
            return Ok(Self::default());
        }
        let mut parts = cursor.as_str().split('|');
        let mut moment = || match parts.next() {
            None => Err(lacking("a place to go on from")),
            Some("") => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| lacking("a moment to go on from")),
        };
        let (since, began) = (moment()?, moment()?);
        let offset = parts.next().and_then(|text| text.parse().ok());
        let offset = offset.ok_or_else(|| lacking("a row to go on from"))?;
        let window = match parts.next() {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| lacking("a part to go on in"))?),
        };
        Ok(Self { since, began, offset, window })
    }

    /// A page, whose cursor goes on at `more`, or later with what comes after this reading began.
    pub(super) fn page<T>(self, found: Vec<T>, more: Option<Further>, began: Timestamp) -> Page<T> {
        let shown = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        let (since, complete) = (shown(self.since), more.is_none());
        let at = match more {
            Some(Further::Row(offset)) => Some((offset, self.window)),
            Some(Further::Window(window)) => Some((0, Some(window))),
            None => None,
        };
        let next = match at {
            Some((offset, Some(window))) => format!("{since}|{began}|{offset}|{window}"),
            Some((offset, None)) => format!("{since}|{began}|{offset}"),
            None => format!("{}||0", before(began, OVERLAP)),
        };
        Page { found, next: next.into(), complete, unread: Vec::new() }
    }
}

/// An account, at a place of an answer.
pub(super) fn account(json: &Value, place: &str) -> Result<Account, TrackerError> {
    let user = json.pointer(place).ok_or_else(|| lacking("the user"))?;
    let id = text(user, "/id").ok_or_else(|| lacking("the id of a user"))?;
    let kind = match text_or_empty(user, "/type") {
        "user" | "user_reference" => AccountKind::Human,
        kind if kind.starts_with("bot") => AccountKind::Bot,
        kind if kind.starts_with("service") || kind.contains("integration") => AccountKind::Service,
        _ => AccountKind::Unknown,
    };
    let name = text(user, "/summary").or_else(|| text(user, "/name")).unwrap_or(id);
    Ok(Account { id: id.to_owned(), kind, name: Untrusted::from(name) })
}

/// Nobody that is named.
fn nobody() -> Account {
    let name = Untrusted::from("PagerDuty");
    Account { id: String::new(), kind: AccountKind::Unknown, name }
}

/// An incident.
pub(super) fn item(json: &Value) -> Result<Item, TrackerError> {
    let id = text(json, "/id").ok_or_else(|| lacking("the id of an incident"))?;
    let trigger = "/first_trigger_log_entry";
    let author = account(json, &format!("{trigger}/agent"));
    let said =
        text(json, "/body/details").or_else(|| text(json, &format!("{trigger}/channel/details")));
    let closed = text(json, "/status") == Some("resolved");
    Ok(Item {
        id: id.to_owned().into(),
        title: text_or_empty(json, "/title").into(),
        text: said.unwrap_or_default().into(),
        author: author.unwrap_or_else(|_| nobody()),
        status: if closed { ItemStatus::Closed } else { ItemStatus::Open },
        created: moment(json, "/created_at").ok_or_else(|| lacking("when it was created"))?,
        updated: moment(json, "/updated_at"),
        url: text(json, "/html_url").map(Untrusted::from),
        raw: json.clone(),
    })
}

/// A note.
pub(super) fn note(json: &Value) -> Result<Native, TrackerError> {
    let id = text(json, "/id").ok_or_else(|| lacking("the id of a note"))?;
    let created = moment(json, "/created_at").ok_or_else(|| lacking("when it was written"))?;
    Ok(Native {
        remote: id.to_owned(),
        kind: NativeKind::Text,
        author: account(json, "/user").unwrap_or_else(|_| nobody()),
        created,
        updated: moment(json, "/updated_at").filter(|updated| *updated > created),
        text: text_or_empty(json, "/content").into(),
        visibility: Visibility::Internal,
        url: None,
        raw: json.clone(),
    })
}

/// A line of the log; `None` if it only repeats a note, or cannot be understood.
pub(super) fn logged(json: &Value) -> Option<Native> {
    let (kind, moved) = match text_or_empty(json, "/type").trim_end_matches("_log_entry") {
        "annotate" => return None,
        "resolve" => (NativeKind::Status(ItemStatus::Closed), None),
        "reopen" => (NativeKind::Status(ItemStatus::Open), None),
        kind => match moved(kind) {
            Some(words) => (NativeKind::Moved, Some(words)),
            None => (NativeKind::Other, None),
        },
    };
    let said = match moved {
        Some(words) => with_assignees(words, json),
        None => text_or_empty(json, "/summary").to_owned(),
    };
    Some(Native {
        remote: text(json, "/id")?.to_owned(),
        kind,
        author: account(json, "/agent").unwrap_or_else(|_| nobody()),
        created: moment(json, "/created_at")?,
        updated: None,
        text: said.into(),
        visibility: Visibility::Internal,
        url: text(json, "/html_url").map(Untrusted::from),
        raw: json.clone(),
    })
}

/// What a kind of line tells of where an incident stands; `None` for notifications and the like.
fn moved(kind: &str) -> Option<&'static str> {
    Some(match kind {
        // The vendor's description has both words.
        "acknowledge" | "acknowledgement" => "acknowledged",
        "unacknowledge" => "no longer acknowledged",
        "assign" => "assigned",
        "delegate" => "delegated",
        "escalate" => "escalated",
        "repeat_escalation_path" => "escalated from the beginning again",
        "exhaust_escalation_path" => "escalated to everybody, and nobody acknowledged",
        "snooze" => "snoozed",
        _ => return None,
    })
}

/// With whose it is now, if the line says.
fn with_assignees(words: &str, json: &Value) -> String {
    let all = list(json, "/assignees").iter().filter_map(|it| text(it, "/summary"));
    let all: Vec<&str> = all.collect();
    if all.is_empty() { words.to_owned() } else { format!("{words} to {}", all.join(", ")) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_example_of_the_description_is_understood() {
        let text = include_str!("../../../tests/schemas/pagerduty-notes.json");
        let described: Value = serde_json::from_str(text).unwrap();
        let examples = |operation: &str| {
            described["operations"][operation]["examples"]["200"].as_array().unwrap().clone()
        };
        for example in examples("GET /incidents") {
            for incident in example["incidents"].as_array().unwrap() {
                assert!(!item(incident).unwrap().title.for_storage().is_empty());
            }
        }
        let notes = &examples("GET /incidents/{id}/notes")[0];
        let read: Vec<Native> =
            notes["notes"].as_array().unwrap().iter().map(|it| note(it).unwrap()).collect();
        let kinds: Vec<AccountKind> = read.iter().map(|note| note.author.kind).collect();
        assert_eq!(kinds, [AccountKind::Human, AccountKind::Bot]);
        let log = &examples("GET /incidents/{id}/log_entries")[0];
        assert!(logged(&log["log_entries"][0]).is_none(), "it only repeats a note");
    }

    #[test]
    fn what_is_missing_is_told_or_done_without() {
        let bare = json!({ "id": "P1", "created_at": "2026-11-20T11:00:00Z" });
        assert_eq!(note(&bare).unwrap().author.kind, AccountKind::Unknown);
        assert_eq!(item(&bare).unwrap().status, ItemStatus::Open);
        assert!(matches!(note(&json!({})), Err(TrackerError::Broken { .. })));
        assert!(logged(&json!({ "type": "resolve_log_entry" })).is_none());
    }

    #[test]
    fn what_moves_an_incident_is_told_with_whose_it_is_and_what_only_notifies_is_not() {
        let ada = json!({ "id": "PADA", "type": "user_reference", "summary": "Ada" });
        let told = |kind: &str, assignees: Value| {
            let line = json!({ "id": "R1", "type": kind, "created_at": "2026-11-20T11:00:00Z",
                "agent": ada, "assignees": assignees, "summary": "as PagerDuty puts it" });
            let line = logged(&line).unwrap();
            (line.kind, line.text.for_storage().to_owned())
        };
        let moved = |words: &str| (NativeKind::Moved, words.to_owned());
        for kind in ["acknowledge_log_entry", "acknowledgement_log_entry"] {
            assert_eq!(told(kind, Value::Null), moved("acknowledged"));
        }
        let grace = json!([{ "summary": "Grace" }, { "summary": "Linus" }]);
        assert_eq!(told("assign_log_entry", grace.clone()), moved("assigned to Grace, Linus"));
        assert_eq!(told("escalate_log_entry", grace), moved("escalated to Grace, Linus"));
        for kind in ["notify_log_entry", "trigger_log_entry", "urgency_change_log_entry"] {
            assert_eq!(told(kind, Value::Null).0, NativeKind::Other, "{kind}");
        }
    }

    #[test]
    fn a_cursor_survives_its_text_and_a_strange_one_is_told() {
        let began: Timestamp = "2026-11-20T11:00:00Z".parse().unwrap();
        let page = Seen::default().page(vec![1], Some(Further::Row(2000)), began);
        let seen = Seen::of(&page.next).unwrap();
        assert_eq!(seen, Seen { began: Some(began), offset: 2000, ..Seen::default() });
        let window = before(began, OVERLAP);
        let page = seen.page(vec![1], Some(Further::Window(window)), began);
        let part = Seen { offset: 0, window: Some(window), ..seen };
        assert_eq!((Seen::of(&page.next).unwrap(), page.complete), (part, false));
        let done = seen.page(vec![1], None, began);
        assert_eq!(Seen::of(&done.next).unwrap().since, Some(before(began, OVERLAP)));
        assert!(Seen::of(&"yesterday".to_owned().into()).is_err());
    }
}
