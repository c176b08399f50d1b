//! What Roundup says, understood leniently.

use jiff::Timestamp;
use serde_json::Value;

use crate::incident::Untrusted;
use crate::settings::Visibility;
use crate::trackers::{Account, AccountKind, Item, ItemStatus, Native, NativeKind};

/// The names of statuses, as the templates that come with Roundup have them, that mean the end.
const CLOSED: [&str; 4] = ["resolved", "done-cbb", "closed", "done"];

/// The names of statuses that mean that somebody works on it again, the best first.
const OPEN: [&str; 4] = ["in-progress", "chatting", "open", "new"];

/// The statuses of an instance: which of their ids mean what.
#[derive(Debug, Clone)]
pub(super) struct Statuses {
    named: Vec<(String, String)>,
}

impl Statuses {
    pub(super) fn read(json: &Value) -> Self {
        let named = collection(json).iter();
        let named = named.filter_map(|raw| Some((word(raw, "name")?, word(raw, "id")?)));
        Self { named: named.collect() }
    }

    /// The id to set for a status, if the instance has one for it.
    pub(super) fn id(&self, status: ItemStatus) -> Option<&str> {
        let words = match status {
            ItemStatus::Closed => CLOSED,
            ItemStatus::Open => OPEN,
        };
        let of = |word: &&str| self.named.iter().find(|(name, _)| name == word);
        words.iter().find_map(of).map(|(_, id)| id.as_str())
    }

    /// What the id of a status means.
    pub(super) fn status(&self, id: &str) -> ItemStatus {
        let name = self.named.iter().find(|(_, known)| known == id);
        let is_closed = name.is_some_and(|(name, _)| CLOSED.contains(&name.as_str()));
        if is_closed { ItemStatus::Closed } else { ItemStatus::Open }
    }
}

/// An issue, with the first of its messages if that could be read.
pub(super) fn item(raw: &Value, first: Option<&Value>, statuses: &Statuses) -> Option<Item> {
    let status = raw.get("status").and_then(linked).unwrap_or_default();
    let text = first.and_then(|first| word(first, "content")).unwrap_or_default();
    Some(Item {
        id: word(raw, "id")?.into(),
        title: word(raw, "title").unwrap_or_default().into(),
        text: text.into(),
        author: account(raw.get("creator")),
        status: statuses.status(&status),
        created: moment(raw, "creation")?,
        updated: moment(raw, "activity"),
        url: None,
        raw: raw.clone(),
    })
}

/// A message.
pub(super) fn message(raw: &Value) -> Option<Native> {
    let created = moment(raw, "creation")?;
    Some(Native {
        remote: word(raw, "id")?,
        kind: NativeKind::Text,
        author: account(raw.get("creator")),
        created,
        updated: moment(raw, "activity").filter(|updated| *updated != created),
        text: word(raw, "content").unwrap_or_default().into(),
        visibility: Visibility::Internal,
        url: None,
        raw: raw.clone(),
    })
}

/// The ids of the messages of an issue, the oldest first.
pub(super) fn messages(raw: &Value) -> Vec<u64> {
    let list = raw.get("messages").and_then(Value::as_array).map(Vec::as_slice);
    let ids = list.unwrap_or_default().iter().filter_map(linked);
    let mut ids: Vec<u64> = ids.filter_map(|id| id.parse().ok()).collect();
    ids.sort_unstable();
    ids
}

/// The rows of a list.
pub(super) fn collection(json: &Value) -> &[Value] {
    let rows = json.pointer("/data/collection").and_then(Value::as_array);
    rows.map(Vec::as_slice).unwrap_or_default()
}

/// A field as text.
pub(super) fn word(raw: &Value, name: &str) -> Option<String> {
    raw.get(name)?.as_str().map(str::to_owned)
}

/// The id of what a field names: alone, or as an object that says more.
fn linked(value: &Value) -> Option<String> {
    value.as_str().map_or_else(|| word(value, "id"), |id| Some(id.to_owned()))
}

/// Roundup sets the creator itself; whether a person stands behind it, it does not know.
fn account(by: Option<&Value>) -> Account {
    let id = by.and_then(linked).unwrap_or_default();
    let name = by.and_then(|by| word(by, "username")).map_or(Untrusted::default(), Untrusted::from);
    Account { id, kind: AccountKind::Unknown, name }
}

/// A moment as Roundup writes it: `2026-11-20.18:09:35`.
fn moment(raw: &Value, name: &str) -> Option<Timestamp> {
    let text = raw.get(name)?.as_str()?;
    let (day, time) = text.split_once('.')?;
    format!("{day}T{time}Z").parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_it_says_is_understood_with_and_without_its_details() {
        let statuses = Statuses::read(&json!({ "data": { "collection": [
            { "id": "1", "name": "unread" }, { "id": "5", "name": "in-progress" },
            { "id": "8", "name": "resolved" },
        ] } }));
        assert_eq!(statuses.id(ItemStatus::Closed), Some("8"));
        assert_eq!(statuses.id(ItemStatus::Open), Some("5"));
        let raw = json!({
            "id": "7", "title": "checkout 5xx", "status": { "id": "8" }, "messages": ["12", "9"],
            "creation": "2026-11-20.18:09:35", "creator": { "id": "3", "username": "ada" },
        });
        let first = json!({ "id": "9", "content": "it began", "creation": "2026-11-20.18:09:34" });
        let item = item(&raw, Some(&first), &statuses).unwrap();
        assert_eq!((item.status, item.text), (ItemStatus::Closed, "it began".into()));
        assert_eq!(item.created.to_string(), "2026-11-20T18:09:35Z");
        assert_eq!(item.author.id, "3");
        assert_eq!(messages(&raw), [9, 12]);
        assert_eq!(message(&first).unwrap().remote, "9");
        assert!(message(&json!({ "id": "9" })).is_none());
        assert!(collection(&Value::Null).is_empty());
    }
}
