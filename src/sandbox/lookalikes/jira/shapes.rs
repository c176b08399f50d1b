//! What Jira's answers look like.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::sandbox::lookalikes::cast::Being;
use crate::sandbox::lookalikes::item::{Item, Note, SeenBy, Who};
use crate::sandbox::lookalikes::vendor::Vendor;

/// Jira tells milliseconds and an offset without a colon.
pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string()
}

/// The states of the workflow: number, name, and category. What a team calls the end is its own affair.
pub(super) const STATES: [(&str, &str, &str); 5] = [
    ("10000", "To Do", "new"),
    ("3", "In Progress", "indeterminate"),
    ("10001", "Done", "done"),
    ("10002", "Released", "done"),
    ("10003", "Erledigt", "done"),
];

/// The category of a state; of one that is in no workflow, the first.
pub(super) fn category(name: &str) -> &'static str {
    STATES.iter().find(|state| state.1 == name).map_or("new", |state| state.2)
}

/// A state.
pub(super) fn state(name: &str) -> Value {
    let id = STATES.iter().find(|state| state.1 == name).map(|state| state.0);
    json!({ "id": id, "name": name, "statusCategory": { "key": category(name) } })
}

/// The number in every address of an issue.
pub(super) fn issue_id(item: &Item) -> u64 {
    10_000 + item.number
}

/// The number in every address of a comment.
pub(in crate::sandbox::lookalikes) fn comment_id(note: u64) -> String {
    (20_000 + note).to_string()
}

/// An account.
pub(in crate::sandbox::lookalikes) fn user(who: Who, base: &str) -> Value {
    let id = who.id(Vendor::Jira);
    let kind = if who.being == Being::Bot { "app" } else { "atlassian" };
    json!({
        "accountId": id, "accountType": kind, "active": true, "displayName": who.name,
        "emailAddress": who.email(), "timeZone": "Etc/UTC",
        "self": format!("{base}/rest/api/3/user?accountId={id}"),
    })
}

/// An issue, with the fields that were asked for; none are left out if nothing was.
pub(in crate::sandbox::lookalikes) fn issue(item: &Item, base: &str, wanted: &[&str]) -> Value {
    let project = item.fields.get("project");
    let all = [
        ("summary", json!(item.title)),
        ("description", item.body.clone()),
        ("status", state(&item.state)),
        ("reporter", user(item.author, base)),
        ("creator", user(item.author, base)),
        ("created", json!(moment(item.created))),
        ("updated", json!(moment(item.updated))),
        ("labels", item.fields.get("labels").cloned().unwrap_or(json!([]))),
        ("project", json!({ "key": project })),
        ("issuetype", json!({ "name": item.fields.get("issuetype") })),
    ];
    let is_wanted =
        |name: &str| wanted.iter().any(|it| *it == name || ["*all", "*navigable"].contains(it));
    let fields: Map<String, Value> = all
        .into_iter()
        .filter(|(name, _)| is_wanted(name))
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    json!({
        "id": issue_id(item).to_string(), "key": item.name(), "fields": fields,
        "self": format!("{base}/rest/api/3/issue/{}", issue_id(item)),
    })
}

/// A comment.
pub(in crate::sandbox::lookalikes) fn comment(note: &Note, issue: u64, base: &str) -> Value {
    let id = comment_id(note.number);
    let place = format!("{base}/rest/api/3/issue/{issue}/comment/{id}");
    json!({
        "id": id, "self": place, "body": note.body,
        "author": user(note.author, base), "updateAuthor": user(note.author, base),
        "created": moment(note.created), "updated": moment(note.updated),
        "jsdPublic": note.seen_by == SeenBy::Everybody,
    })
}

/// The changelog of an issue, oldest first.
pub(super) fn changelog(item: &Item, base: &str) -> Vec<Value> {
    let one = |it: &crate::sandbox::lookalikes::item::Move| {
        let [from, to] = [&it.from, &it.to].map(|name| state(name).get("id").cloned());
        let change = json!({ "field": "status", "fieldId": "status", "fieldtype": "jira",
            "from": from, "fromString": it.from, "to": to, "toString": it.to });
        json!({ "id": (30_000 + item.number * 1000 + it.number).to_string(),
            "author": user(it.by, base), "created": moment(it.at), "items": [change] })
    };
    item.moves.iter().map(one).collect()
}
