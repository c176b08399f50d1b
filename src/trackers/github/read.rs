//! What GitHub says, understood leniently: its own examples break its own descriptions.

use jiff::Timestamp;
use serde_json::Value;

use super::mentions;
use crate::incident::Untrusted;
use crate::settings::Visibility;
use crate::trackers::{Account, AccountKind, Item, ItemStatus, Native, NativeKind};

/// What happens to an issue and says nothing about the incident.
const NOISE: [&str; 4] = ["commented", "subscribed", "unsubscribed", "mentioned"];

/// How the ids of reactions begin.
pub(super) const REACTION: &str = "reaction:";

/// How the ids of suggestions begin.
pub(super) const SUGGESTION: &str = "suggestion:";

/// An issue; `None` for a pull request, and for what has no number.
pub(super) fn item(raw: &Value) -> Option<Item> {
    if raw.get("pull_request").is_some_and(|part| !part.is_null()) {
        return None;
    }
    Some(Item {
        id: raw.get("number")?.as_u64()?.to_string().into(),
        title: text(raw, "title"),
        text: spoken(raw),
        author: author(raw, "user"),
        status: status(raw.get("state")?.as_str()?),
        created: moment(raw, "created_at")?,
        updated: moment(raw, "updated_at"),
        url: url(raw),
        raw: raw.clone(),
    })
}

/// A comment.
pub(super) fn comment(raw: &Value, visibility: Visibility) -> Option<Native> {
    let created = moment(raw, "created_at")?;
    Some(Native {
        remote: raw.get("id")?.as_u64()?.to_string(),
        kind: NativeKind::Text,
        author: author(raw, "user"),
        created,
        updated: moment(raw, "updated_at").filter(|updated| *updated != created),
        text: spoken(raw),
        visibility,
        url: url(raw),
        raw: raw.clone(),
    })
}

/// Something else that happened to an issue; `None` for noise, and for comments.
pub(super) fn event(raw: &Value, visibility: Visibility) -> Option<Native> {
    let name = raw.get("event")?.as_str()?;
    if NOISE.contains(&name) {
        return None;
    }
    let created = moment(raw, "created_at")?;
    let kind = match name {
        "closed" => NativeKind::Status(ItemStatus::Closed),
        "reopened" => NativeKind::Status(ItemStatus::Open),
        "comment_deleted" => NativeKind::Removal,
        _ => NativeKind::Other,
    };
    // Not every kind of event has an id; the moment and the kind tell those apart.
    let id = raw.get("id").and_then(Value::as_u64).map(|id| id.to_string());
    let id = id.unwrap_or_else(|| format!("{name}:{created}"));
    Some(Native {
        remote: format!("event:{id}"),
        kind,
        author: author(raw, "actor"),
        created,
        updated: None,
        text: Untrusted::from(happened(name, raw)),
        visibility,
        url: None,
        raw: raw.clone(),
    })
}

/// A reaction to a comment, or to the issue itself.
pub(super) fn reaction(raw: &Value, to: Option<&str>, visibility: Visibility) -> Option<Native> {
    let id = raw.get("id")?.as_u64()?;
    let sign = match raw.get("content")?.as_str()? {
        "+1" => "👍",
        "-1" => "👎",
        "laugh" => "😄",
        "confused" => "😕",
        "heart" => "❤",
        "hooray" => "🎉",
        "rocket" => "🚀",
        "eyes" => "👀",
        other => other,
    };
    Some(Native {
        remote: format!("{REACTION}{id}"),
        kind: NativeKind::Reaction { to: to.map(str::to_owned) },
        author: author(raw, "user"),
        created: moment(raw, "created_at")?,
        updated: None,
        text: sign.into(),
        visibility,
        url: None,
        raw: raw.clone(),
    })
}

/// GitHub's own way for an agent to propose something about an issue.
pub(super) fn suggestion(raw: &Value, visibility: Visibility) -> Option<Native> {
    let word = |name: &str| raw.get(name).and_then(Value::as_str);
    let (created, state) = (moment(raw, "created_at")?, word("state").unwrap_or("pending"));
    let action = word("action")?.replace('_', " ");
    let value = raw.get("target_value").filter(|value| !value.is_null());
    let value = value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    let value = value.map(|value| format!(" {value}")).unwrap_or_default();
    let why = word("rationale").map(|why| format!(": {why}")).unwrap_or_default();
    let says = format!("suggests to {action}{value} ({state}){why}");
    let id = raw.get("actor_id").and_then(Value::as_u64).map(|id| id.to_string());
    Some(Native {
        remote: format!("{SUGGESTION}{}", raw.get("id")?.as_u64()?),
        kind: NativeKind::Suggestion,
        author: Account {
            id: id.unwrap_or_default(),
            kind: AccountKind::Unknown,
            name: Untrusted::default(),
        },
        created,
        updated: moment(raw, "updated_at").filter(|updated| *updated != created),
        text: says.into(),
        visibility,
        url: None,
        raw: raw.clone(),
    })
}

/// Who an object says did it; an app that acted for somebody is no person.
pub(super) fn author(raw: &Value, name: &str) -> Account {
    let by = raw.get(name).unwrap_or(&Value::Null);
    let via_app = raw.get("performed_via_github_app").is_some_and(|app| !app.is_null());
    let kind = match by.get("type").and_then(Value::as_str) {
        _ if via_app => AccountKind::Bot,
        Some("User") => AccountKind::Human,
        Some("Bot") => AccountKind::Bot,
        Some("Organization") => AccountKind::Service,
        _ => AccountKind::Unknown,
    };
    let id = by.get("id").and_then(Value::as_u64).map(|id| id.to_string());
    Account { id: id.unwrap_or_default(), kind, name: text(by, "login") }
}

/// Newest change of a comment.
pub(super) fn changed(raw: &Value) -> Option<Timestamp> {
    moment(raw, "updated_at").or_else(|| moment(raw, "created_at"))
}

/// How many reactions a comment has.
pub(super) fn reactions(raw: &Value) -> u64 {
    raw.pointer("/reactions/total_count").and_then(Value::as_u64).unwrap_or_default()
}

fn status(word: &str) -> ItemStatus {
    if word == "closed" { ItemStatus::Closed } else { ItemStatus::Open }
}

/// A few words about what happened, with the name of what it happened with.
fn happened(name: &str, raw: &Value) -> String {
    let with =
        ["/label/name", "/milestone/title", "/assignee/login", "/rename/to", "/state_reason"];
    let with = with.iter().find_map(|path| raw.pointer(path)?.as_str());
    let source = raw.pointer("/source/issue/html_url").and_then(Value::as_str);
    let words = name.replace(['_', '-'], " ");
    match with.or(source) {
        Some(with) => format!("{words}: {with}"),
        None => words,
    }
}

/// What somebody wrote; what we wrote as it was before it was sent.
fn spoken(raw: &Value) -> Untrusted {
    let text = raw.get("body").and_then(Value::as_str).unwrap_or_default();
    mentions::spoken(text).into()
}

fn text(raw: &Value, name: &str) -> Untrusted {
    raw.get(name).and_then(Value::as_str).unwrap_or_default().into()
}

fn url(raw: &Value) -> Option<Untrusted> {
    Some(raw.get("html_url")?.as_str()?.into())
}

fn moment(raw: &Value, name: &str) -> Option<Timestamp> {
    raw.get(name)?.as_str()?.parse().ok()
}
