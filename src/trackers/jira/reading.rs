//! What Jira says, in words that fit every tracker.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::document::text_of;
use super::hidden;
use super::statuses::{Statuses, moved_between};
use crate::incident::Untrusted;
use crate::settings::Visibility;
use crate::trackers::lenient::{before, lacking, list, moment, text, text_or_empty};
use crate::trackers::{
    Account, AccountKind, Cursor, Item, ItemStatus, Native, NativeKind, TrackerError,
};

/// How far two readings of a list of issues overlap: its index lags.
const OVERLAP: SignedDuration = SignedDuration::from_mins(5);

/// How far a search is: since when it asks, when it began, and the token of the next page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Searched {
    pub(super) since: Option<Timestamp>,
    pub(super) began: Option<Timestamp>,
    pub(super) token: String,
}

impl Searched {
    /// Reads a cursor: `since|began|token`, each of which may be empty.
    pub(super) fn of(cursor: &Cursor) -> Result<Self, TrackerError> {
        let mut parts = cursor.as_str().splitn(3, '|');
        let mut moment = || match parts.next() {
            None | Some("") => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| lacking("a moment to go on from")),
        };
        let (since, began) = (moment()?, moment()?);
        Ok(Self { since, began, token: parts.next().unwrap_or_default().to_owned() })
    }

    /// The cursor.
    pub(super) fn cursor(&self) -> Cursor {
        let shown = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        format!("{}|{}|{}", shown(self.since), shown(self.began), self.token).into()
    }

    /// Where to go on: at the next page, or later with what changes after this reading began.
    pub(super) fn next(&self, began: Timestamp, token: Option<&str>) -> Cursor {
        let next = match token {
            Some(token) => Self { since: self.since, began: Some(began), token: token.to_owned() },
            None => Self { since: Some(before(began, OVERLAP)), ..Self::default() },
        };
        next.cursor()
    }
}

/// How far the entries of an issue were read: comments, then changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Noted {
    pub(super) comments: usize,
    pub(super) changes: usize,
}

impl Noted {
    /// Reads a cursor: `comments|changes`.
    pub(super) fn of(cursor: &Cursor) -> Result<Self, TrackerError> {
        if cursor.as_str().is_empty() {
            return Ok(Self::default());
        }
        let numbers = cursor
            .as_str()
            .split_once('|')
            .and_then(|(comments, changes)| Some((comments.parse().ok()?, changes.parse().ok()?)));
        let (comments, changes) = numbers.ok_or_else(|| lacking("a place to go on from"))?;
        Ok(Self { comments, changes })
    }

    /// The cursor.
    pub(super) fn cursor(self) -> Cursor {
        format!("{}|{}", self.comments, self.changes).into()
    }
}

/// An account.
pub(super) fn account(json: &Value) -> Option<Account> {
    let id = text(json, "/accountId")?;
    let kind = match text_or_empty(json, "/accountType") {
        "atlassian" | "customer" => AccountKind::Human,
        "app" => AccountKind::Bot,
        _ => AccountKind::Unknown,
    };
    let name = Untrusted::from(text(json, "/displayName").unwrap_or(id));
    Some(Account { id: id.to_owned(), kind, name })
}

/// Somebody who was removed, or whom nobody may see.
fn nobody() -> Account {
    let name = Untrusted::from("somebody");
    Account { id: String::new(), kind: AccountKind::Unknown, name }
}

fn author(json: &Value, place: &str) -> Account {
    json.pointer(place).and_then(account).unwrap_or_else(nobody)
}

/// An issue; `base` is the address of the site.
pub(super) fn item(json: &Value, base: &str) -> Result<Item, TrackerError> {
    let key = text(json, "/key").ok_or_else(|| lacking("the key of an issue"))?;
    let fields = json.pointer("/fields").ok_or_else(|| lacking("the fields of an issue"))?;
    let done = text(fields, "/status/statusCategory/key") == Some("done");
    let said = fields.pointer("/description").map(text_of).unwrap_or_default();
    let line = json.pointer("/properties/wheelhouse").and_then(hidden::line);
    Ok(Item {
        id: key.to_owned().into(),
        title: text_or_empty(fields, "/summary").into(),
        text: hidden::join(line, &said).into(),
        author: fields
            .pointer("/creator")
            .and_then(account)
            .unwrap_or_else(|| author(fields, "/reporter")),
        status: if done { ItemStatus::Closed } else { ItemStatus::Open },
        created: moment(fields, "/created").ok_or_else(|| lacking("when it was created"))?,
        updated: moment(fields, "/updated"),
        url: Some(format!("{base}/browse/{key}").into()),
        raw: json.clone(),
    })
}

/// A comment of an issue; `page` is the address of the issue.
pub(super) fn comment(json: &Value, page: &str) -> Result<Native, TrackerError> {
    let id = text(json, "/id").ok_or_else(|| lacking("the id of a comment"))?;
    let created = moment(json, "/created").ok_or_else(|| lacking("when it was written"))?;
    let properties = list(json, "/properties");
    let own = properties.iter().find(|it| text(it, "/key") == Some(hidden::PROPERTY));
    let line = own.and_then(|own| hidden::line(own.pointer("/value")?));
    let is_internal =
        json.get("jsdPublic") == Some(&Value::Bool(false)) || json.get("visibility").is_some();
    Ok(Native {
        remote: id.to_owned(),
        kind: NativeKind::Text,
        author: author(json, "/author"),
        created,
        updated: moment(json, "/updated").filter(|updated| *updated > created),
        text: hidden::join(line, &json.pointer("/body").map(text_of).unwrap_or_default()).into(),
        visibility: if is_internal { Visibility::Internal } else { Visibility::Public },
        url: Some(format!("{page}?focusedCommentId={id}").into()),
        raw: json.clone(),
    })
}

/// A change of an issue; `statuses` says which states mean that it is over.
pub(super) fn change(json: &Value, statuses: &Statuses) -> Option<Native> {
    let items = list(json, "/items");
    let done = |status, [id, name]: [&str; 2]| {
        statuses.is_done(text(status, id), text_or_empty(status, name))
    };
    let ends =
        |status| (done(status, ["/from", "/fromString"]), done(status, ["/to", "/toString"]));
    let kind = match moved_between(json).map(ends) {
        Some((false, true)) => NativeKind::Status(ItemStatus::Closed),
        Some((true, false)) => NativeKind::Status(ItemStatus::Open),
        // From one end to another it is as over as it was.
        Some((false, false) | (true, true)) => NativeKind::Moved,
        None => NativeKind::Other,
    };
    // What was changed in the same go, like a label, is no word about where it stands.
    let is_move = kind == NativeKind::Moved;
    let is_told = |it: &&Value| !is_move || text(it, "/field") == Some("status");
    let said = items.iter().filter(is_told).map(|it| {
        let part = |place| text_or_empty(it, place);
        format!("{}: {} → {}", part("/field"), part("/fromString"), part("/toString"))
    });
    Some(Native {
        remote: format!("change {}", text(json, "/id")?),
        kind,
        author: author(json, "/author"),
        created: moment(json, "/created")?,
        updated: None,
        text: said.collect::<Vec<_>>().join("; ").into(),
        visibility: Visibility::Internal,
        url: None,
        raw: json.clone(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::trackers::jira::document::of_text;

    #[test]
    fn a_comment_says_who_wrote_it_and_who_sees_it() {
        let told = json!({
            "id": "10000", "created": "2026-11-20T12:34:00.000+0000",
            "updated": "2026-11-20T13:00:00.000+0100", "body": of_text("rolled back"),
            "author": { "accountId": "5b1", "accountType": "app", "displayName": "Wheelhouse" },
        });
        let read = comment(&told, "https://site.example/browse/OPS-1").unwrap();
        assert_eq!(read.text.for_storage(), "rolled back");
        assert_eq!((read.author.kind, read.visibility), (AccountKind::Bot, Visibility::Public));
        assert_eq!(read.updated, None, "it was changed before it was written");
        let internal = |key: &str, value: Value| {
            let mut told = told.clone();
            told[key] = value;
            comment(&told, "").unwrap().visibility
        };
        assert_eq!(internal("jsdPublic", json!(false)), Visibility::Internal);
        let role = json!({ "type": "role", "value": "Administrators" });
        assert_eq!(internal("visibility", role), Visibility::Internal);
    }

    #[test]
    fn a_change_of_state_is_told_from_other_changes() {
        let told = |field: &str, from: &str, to: &str| {
            let item = json!({ "field": field, "fromString": from, "toString": to });
            let told =
                json!({ "id": "1", "created": "2026-11-20T12:34:00.000+0000", "items": [item] });
            change(&told, &Statuses::default()).unwrap().kind
        };
        assert_eq!(told("status", "To Do", "Done"), NativeKind::Status(ItemStatus::Closed));
        assert_eq!(told("status", "Done", "To Do"), NativeKind::Status(ItemStatus::Open));
        assert_eq!(told("status", "To Do", "In Progress"), NativeKind::Moved);
        assert_eq!(told("status", "Done", "Closed"), NativeKind::Moved);
        assert_eq!(told("assignee", "", "Done"), NativeKind::Other);
    }

    #[test]
    fn cursors_survive_their_text() {
        let began: Timestamp = "2026-11-20T11:00:00Z".parse().unwrap();
        let next = Searched::default().next(began, Some("a|b"));
        let read = Searched::of(&next).unwrap();
        assert_eq!((read.began, read.token.as_str(), read.since), (Some(began), "a|b", None));
        let later = Searched::of(&read.next(began, None)).unwrap();
        assert_eq!((later.since, later.token.as_str()), (Some(before(began, OVERLAP)), ""));
        let noted = Noted { comments: 180, changes: 2 };
        assert_eq!(Noted::of(&noted.cursor()).unwrap(), noted);
        assert!(Noted::of(&"x|1".to_owned().into()).is_err());
    }
}
