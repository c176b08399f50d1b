//! What GitHub's answers look like.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::sandbox::lookalikes::cast::Being;
use crate::sandbox::lookalikes::item::{Item, Note, Who};

/// How the ids of comments in GraphQL begin.
const NODE: &str = "IC_sandbox";

/// GitHub tells whole seconds.
pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The number that stands for a note in every address.
pub(in crate::sandbox::lookalikes) fn comment_id(note: u64) -> u64 {
    3_100_000_000 + note
}

/// The id that GraphQL knows a note by.
pub(super) fn node_id(note: u64) -> String {
    format!("{NODE}{}", comment_id(note))
}

/// The number of the note that GraphQL knows by an id.
pub(super) fn of_node_id(id: &str) -> Option<u64> {
    id.strip_prefix(NODE)?.parse::<u64>().ok()?.checked_sub(comment_id(0))
}

/// An account.
pub(in crate::sandbox::lookalikes) fn user(who: Who) -> Value {
    let kind = if who.being == Being::Bot { "Bot" } else { "User" };
    let login =
        if who.being == Being::Bot { format!("{}[bot]", who.login) } else { who.login.to_owned() };
    json!({
        "login": login, "id": who.github_id(), "type": kind, "site_admin": false,
        "name": who.name,
    })
}

/// An issue; `home` is the address of its repository.
pub(in crate::sandbox::lookalikes) fn issue(item: &Item, home: &str, comments: usize) -> Value {
    let closed = item.state == "closed";
    let closed_at = item.moves.iter().rfind(|moved| moved.to == "closed" && closed);
    json!({
        "id": 2_400_000_000_u64 + item.number,
        "number": item.number,
        "title": item.title,
        "body": item.body,
        "state": item.state,
        "state_reason": item.fields.get("state_reason").filter(|_| closed),
        "user": user(item.author),
        "labels": item.fields.get("labels").cloned().unwrap_or(json!([])),
        "comments": comments,
        "locked": false,
        "author_association": association(item.author),
        "created_at": moment(item.created),
        "updated_at": moment(item.updated),
        "closed_at": closed_at.map(|moved| moment(moved.at)),
        "url": format!("{home}/issues/{}", item.number),
        "html_url": format!("{home}/issues/{}", item.number),
        "repository_url": home,
    })
}

/// A comment; `home` is the address of its repository.
pub(in crate::sandbox::lookalikes) fn comment(note: &Note, item: u64, home: &str) -> Value {
    let id = comment_id(note.number);
    let is_bot = note.author.being == Being::Bot;
    let app = is_bot.then(|| json!({ "id": 1, "slug": note.author.login }));
    json!({
        "id": id,
        "node_id": node_id(note.number),
        "body": note.body,
        "user": user(note.author),
        "created_at": moment(note.created),
        "updated_at": moment(note.updated),
        "author_association": association(note.author),
        "performed_via_github_app": app,
        "url": format!("{home}/issues/comments/{id}"),
        "html_url": format!("{home}/issues/{item}#issuecomment-{id}"),
        "issue_url": format!("{home}/issues/{item}"),
        "reactions": { "total_count": 0, "+1": 0, "-1": 0 },
    })
}

/// What happened to an issue: closings, re-openings, and comments, in their order.
pub(super) fn timeline(item: &Item, notes: &[&Note], home: &str) -> Vec<Value> {
    let moved = |it: &crate::sandbox::lookalikes::item::Move| {
        let event = if it.to == "closed" { "closed" } else { "reopened" };
        let told = json!({
            "id": 500_000 + item.number * 1000 + it.number, "event": event,
            "actor": user(it.by), "created_at": moment(it.at),
        });
        (it.at, told)
    };
    let said = |note: &&Note| {
        let mut told = comment(note, item.number, home);
        if let Some(told) = told.as_object_mut() {
            told.insert("event".to_owned(), json!("commented"));
            told.insert("actor".to_owned(), user(note.author));
        }
        (note.created, told)
    };
    let mut all: Vec<_> = item.moves.iter().map(moved).chain(notes.iter().map(said)).collect();
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, told)| told).collect()
}

fn association(who: Who) -> &'static str {
    if who.being == Being::Bot { "NONE" } else { "MEMBER" }
}
