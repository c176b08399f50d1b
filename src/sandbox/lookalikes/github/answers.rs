//! What a server that looks like GitHub answers.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::graphql::graphql;
use super::paging::{page, tagged};
use super::shapes::{comment, comment_id, issue, timeline, user};
use crate::sandbox::lookalikes::ask::{Answered, Ask, whole_seconds};
use crate::sandbox::lookalikes::cast::{Being, of_login};
use crate::sandbox::lookalikes::item::{Item, SeenBy, Who};
use crate::sandbox::lookalikes::store::{NewItem, NewNote, Store};
use crate::sandbox::lookalikes::vendor::Vendor;

/// The longest text, in characters.
const MOST_CHARS: usize = 65_536;
/// Requests of an account in an hour.
const LIMIT: usize = 5000;

/// Answers a request.
pub(in crate::sandbox::lookalikes) fn answer(store: &mut Store, ask: &Ask) -> Answered {
    let answer = match holder(store, ask) {
        Some(by) => told(store, ask, by),
        None => problem(401, "Bad credentials"),
    };
    let left = LIMIT.saturating_sub(store.count(Vendor::Github));
    let reset = ask.now.as_second() / 3600 * 3600 + 3600;
    answer
        .header("x-ratelimit-limit", LIMIT.to_string())
        .header("x-ratelimit-remaining", left.to_string())
        .header("x-ratelimit-reset", reset.to_string())
}

/// The answer to too many requests.
pub(in crate::sandbox::lookalikes) fn limited(wait: Option<Duration>, now: Timestamp) -> Answered {
    match wait {
        Some(wait) => problem(403, "You have exceeded a secondary rate limit.")
            .header("retry-after", whole_seconds(wait).to_string()),
        None => problem(429, "API rate limit exceeded")
            .header("x-ratelimit-remaining", "0")
            .header("x-ratelimit-reset", (now.as_second() + 1).to_string()),
    }
}

fn problem(status: u16, message: &str) -> Answered {
    let body = json!({ "message": message, "documentation_url": "https://docs.github.com/rest" });
    Answered::of(status, body)
}

fn invalid(message: &str) -> Answered {
    let error = json!({ "resource": "IssueComment", "code": "unprocessable", "field": "data",
        "message": message });
    Answered::of(422, json!({ "message": "Validation Failed", "errors": [error] }))
}

fn holder(store: &Store, ask: &Ask) -> Option<Who> {
    let given = ask.header("authorization")?;
    let token = given.strip_prefix("Bearer ").or_else(|| given.strip_prefix("token "))?;
    store.tokens.holder(Vendor::Github, token)
}

fn told(store: &mut Store, ask: &Ask, by: Who) -> Answered {
    let (method, path) = ask.line();
    let ["repos", owner, repository, rest @ ..] = path.as_slice() else {
        return match (method, path.as_slice()) {
            // The token of an app belongs to no user.
            ("GET", ["user"]) if by.being == Being::Bot => {
                problem(403, "Resource not accessible by integration")
            }
            ("GET", ["user"]) => tagged(ask, user(by)),
            ("GET", ["users", login]) => match of_login(login.trim_end_matches("[bot]")) {
                Some(who) => Answered::of(200, user(who)),
                None => problem(404, "Not Found"),
            },
            ("POST", ["graphql"]) => graphql(store, ask, by),
            ("GET", ["rate_limit"]) => Answered::of(200, json!({ "resources": {} })),
            _ => problem(404, "Not Found"),
        };
    };
    let home = format!("{}/repos/{owner}/{repository}", ask.base);
    match (method, rest) {
        ("GET", []) => {
            let permissions = json!({ "pull": true, "triage": true, "push": true });
            let body = json!({ "full_name": format!("{owner}/{repository}"), "private": true,
                "has_issues": true, "permissions": permissions });
            tagged(ask, body)
        }
        ("GET", ["issues"]) => issues(store, ask, &home),
        ("POST", ["issues"]) => open(store, ask, by, &home),
        ("GET", ["issues", "comments"]) => all_comments(store, ask, &home),
        ("GET", ["issues", "events"]) => page(ask, &[]),
        ("GET", ["collaborators", login, "permission"]) => permission(login),
        (_, ["issues", number, rest @ ..]) => match of_number(store, number) {
            Some(item) => of_issue(store, ask, by, (&item, rest, &home)),
            None => problem(404, "Not Found"),
        },
        _ => problem(404, "Not Found"),
    }
}

/// The item that a number names; a copy, because the answer may change it.
fn of_number(store: &Store, number: &str) -> Option<Item> {
    store.item((Vendor::Github, number.parse().ok()?)).cloned()
}

fn of_issue(
    store: &mut Store,
    ask: &Ask,
    by: Who,
    (item, rest, home): (&Item, &[&str], &str),
) -> Answered {
    let (method, _) = ask.line();
    match (method, rest) {
        ("GET", []) => tagged(ask, issue(item, home, item.notes.len())),
        ("PATCH", []) => change(store, ask, by, (item, home)),
        ("GET", ["comments"]) => {
            let since = since(ask);
            let notes = ask.listed(&item.notes);
            let notes = notes.into_iter().filter(|note| note.updated >= since);
            let all: Vec<_> = notes.map(|note| comment(note, item.number, home)).collect();
            page(ask, &all)
        }
        ("POST", ["comments"]) => say(store, ask, by, (item, home)),
        ("GET", ["timeline" | "events"]) => {
            let mut all = timeline(item, &ask.listed(&item.notes), home);
            if rest == ["events"] {
                all.retain(|told| told.get("event") != Some(&json!("commented")));
            }
            page(ask, &all)
        }
        ("GET", ["reactions" | "suggestions" | "labels" | "sub_issues"]) => page(ask, &[]),
        _ => problem(404, "Not Found"),
    }
}

fn issues(store: &Store, ask: &Ask, home: &str) -> Answered {
    let state = ask.parameter("state").unwrap_or("open");
    let (since, until) = (since(ask), ask.listed_until());
    let labels: Vec<&str> =
        ask.parameter("labels").map_or(Vec::new(), |it| it.split(',').collect());
    let is_listed = |item: &&Item| {
        (state == "all" || item.state == state)
            && item.updated >= since
            && item.created <= until
            && labels.iter().all(|label| has_label(item, label))
    };
    let mut found: Vec<&Item> = store.items(Vendor::Github).filter(is_listed).collect();
    if ask.parameter("sort") == Some("updated") {
        found.sort_by_key(|item| (item.updated, item.number));
    }
    if ask.parameter("direction") != Some("asc") {
        found.reverse();
    }
    let all: Vec<_> = found.iter().map(|item| issue(item, home, item.notes.len())).collect();
    page(ask, &all)
}

fn has_label(item: &Item, label: &str) -> bool {
    let labels = item.fields.get("labels").and_then(Value::as_array);
    let named = |it: &Value| it.get("name").and_then(Value::as_str) == Some(label);
    labels.is_some_and(|labels| labels.iter().any(named))
}

fn all_comments(store: &Store, ask: &Ask, home: &str) -> Answered {
    let since = since(ask);
    let listed = |item: &Item| {
        let notes = ask.listed(&item.notes);
        notes
            .into_iter()
            .map(|note| (note.updated, comment(note, item.number, home)))
            .collect::<Vec<_>>()
    };
    let mut all: Vec<_> = store.items(Vendor::Github).flat_map(listed).collect();
    all.retain(|(updated, _)| *updated >= since);
    all.sort_by_key(|(updated, _)| *updated);
    if ask.parameter("direction") == Some("desc") {
        all.reverse();
    }
    let all: Vec<_> = all.into_iter().map(|(_, told)| told).collect();
    page(ask, &all)
}

fn since(ask: &Ask) -> Timestamp {
    let given = ask.parameter("since").and_then(|text| text.parse().ok());
    given.unwrap_or(Timestamp::MIN)
}

fn permission(login: &str) -> Answered {
    let login = login.trim_end_matches("[bot]");
    match of_login(login) {
        Some(who) => {
            let level = if who.being == Being::Person { "admin" } else { "write" };
            let body = json!({ "permission": level, "role_name": level, "user": user(who) });
            Answered::of(200, body)
        }
        None => problem(404, "Not Found"),
    }
}

fn text_of<'a>(ask: &'a Ask, field: &str) -> Option<&'a str> {
    ask.asked.body.get(field)?.as_str()
}

fn is_too_long(text: &str) -> bool {
    text.chars().count() > MOST_CHARS
}

fn open(store: &mut Store, ask: &Ask, by: Who, home: &str) -> Answered {
    let Some(title) = text_of(ask, "title").filter(|title| !title.trim().is_empty()) else {
        return invalid("title is missing");
    };
    let text = text_of(ask, "body").unwrap_or_default();
    if is_too_long(text) {
        return invalid("body is too long (maximum is 65536 characters)");
    }
    let labels = ask.asked.body.get("labels").and_then(Value::as_array);
    let labels: Vec<Value> = labels
        .into_iter()
        .flatten()
        .filter_map(|it| it.as_str().map(|name| json!({ "name": name })))
        .collect();
    let fields = BTreeMap::from([("labels".to_owned(), Value::Array(labels))]);
    let (title, state) = (title.to_owned(), "open".to_owned());
    let new = NewItem { title, body: json!(text), state, fields };
    let number = store.open(Vendor::Github, ask.act(by), new);
    match store.item((Vendor::Github, number)) {
        Some(item) => Answered::of(201, issue(item, home, 0)),
        None => problem(404, "Not Found"),
    }
}

fn say(store: &mut Store, ask: &Ask, by: Who, (item, home): (&Item, &str)) -> Answered {
    let Some(text) = text_of(ask, "body").filter(|text| !text.trim().is_empty()) else {
        return invalid("Body can't be blank");
    };
    if is_too_long(text) {
        return invalid("Body is too long (maximum is 65536 characters)");
    }
    let (seen_by, properties) = (SeenBy::Everybody, BTreeMap::new());
    let new = NewNote { body: json!(text), seen_by, properties };
    match store.note((Vendor::Github, item.number), ask.act(by), new) {
        Some(note) => {
            let place = format!("{home}/issues/comments/{}", comment_id(note.number));
            Answered::of(201, comment(&note, item.number, home)).header("location", place)
        }
        None => problem(404, "Not Found"),
    }
}

fn change(store: &mut Store, ask: &Ask, by: Who, (item, home): (&Item, &str)) -> Answered {
    let place = (Vendor::Github, item.number);
    if let Some(state) = text_of(ask, "state") {
        if !["open", "closed"].contains(&state) {
            return invalid("state is not one of open, closed");
        }
        store.move_to(place, ask.act(by), state);
    }
    if let Some(reason) = ask.asked.body.get("state_reason") {
        store.set(place, "state_reason", reason.clone());
    }
    match store.item(place) {
        Some(item) => Answered::of(200, issue(item, home, item.notes.len())),
        None => problem(404, "Not Found"),
    }
}
