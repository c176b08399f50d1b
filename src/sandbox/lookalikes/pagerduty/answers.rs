//! What a server that looks like PagerDuty answers.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::shapes::{SERVICE, incident, logged, note, person, service};
use crate::sandbox::lookalikes::ask::{Answered, Ask, whole_seconds};
use crate::sandbox::lookalikes::cast::{Being, of_email};
use crate::sandbox::lookalikes::item::{Item, SeenBy, Who};
use crate::sandbox::lookalikes::store::{NewItem, NewNote, Store};
use crate::sandbox::lookalikes::vendor::Vendor;

/// The most notes of one incident.
const MOST_NOTES: usize = 2000;
/// Requests in a minute.
const LIMIT: usize = 960;
/// The longest window of a list.
const LONGEST_WINDOW: SignedDuration = SignedDuration::from_hours(24 * 186);
/// The window of a list that names none.
const USUAL_WINDOW: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Answers a request.
pub(in crate::sandbox::lookalikes) fn answer(store: &mut Store, ask: &Ask) -> Answered {
    let answer = match holder(store, ask) {
        Some(holder) => told(store, ask, holder),
        None => problem(401, 2006, "You are not authorized"),
    };
    answer
        .header("ratelimit-limit", LIMIT.to_string())
        .header("ratelimit-remaining", (LIMIT - 1).to_string())
        .header("ratelimit-reset", "60")
}

/// The answer to too many requests.
pub(in crate::sandbox::lookalikes) fn limited(wait: Option<Duration>, _: Timestamp) -> Answered {
    let answer = problem(429, 2020, "Rate Limit Exceeded");
    match wait {
        Some(wait) => answer
            .header("ratelimit-remaining", "0")
            .header("ratelimit-reset", whole_seconds(wait).to_string()),
        None => answer,
    }
}

fn problem(status: u16, code: u32, message: &str) -> Answered {
    Answered::of(status, json!({ "error": { "code": code, "message": message } }))
}

fn invalid(why: &str) -> Answered {
    let error = json!({ "code": 2001, "message": "Invalid Input Provided", "errors": [why] });
    Answered::of(400, json!({ "error": error }))
}

fn missing() -> Answered {
    problem(404, 2100, "Not Found")
}

fn holder(store: &Store, ask: &Ask) -> Option<Who> {
    let given = ask.header("authorization")?;
    let token = given.strip_prefix("Token token=").or_else(|| given.strip_prefix("Bearer "))?;
    store.tokens.holder(Vendor::Pagerduty, token)
}

/// Whose act a write is: a person's own key says so itself, a general-access key lets `From` say it.
fn writer(ask: &Ask, holder: Who) -> Result<Who, Answered> {
    let from = ask.header("from").ok_or_else(|| {
        invalid("The From header is required and must be a valid email of a user")
    })?;
    let named = of_email(from).ok_or_else(|| invalid("Requester User Not Found"))?;
    Ok(if holder.being == Being::Person { holder } else { named })
}

fn told(store: &mut Store, ask: &Ask, holder: Who) -> Answered {
    let (method, path) = ask.line();
    let writer = match method {
        "GET" => Ok(holder),
        _ => writer(ask, holder),
    };
    let by = match writer {
        Ok(by) => by,
        Err(answer) => return answer,
    };
    match (method, path.as_slice()) {
        ("GET", ["users", "me"]) if holder.being == Being::Bot => {
            invalid("Account-level tokens have no user")
        }
        ("GET", ["users", "me"]) => Answered::of(200, json!({ "user": user(holder) })),
        ("GET", ["users"]) => users(store, ask),
        ("GET", ["services", id]) if *id == SERVICE => Answered::of(200, service()),
        ("GET", ["incidents"]) => incidents(store, ask),
        ("POST", ["incidents"]) => open(store, ask, by),
        ("GET", ["log_entries"]) => {
            let items: Vec<&Item> = store.items(Vendor::Pagerduty).collect();
            log((&*store, ask), &items)
        }
        (_, ["incidents", id, rest @ ..]) => match of_id(store, id) {
            Some(item) => of_incident(store, ask, by, (&item, rest)),
            None => missing(),
        },
        _ => missing(),
    }
}

fn of_id(store: &Store, id: &str) -> Option<Item> {
    let mut items = store.items(Vendor::Pagerduty);
    items.find(|item| item.name() == id).cloned()
}

fn of_incident(store: &mut Store, ask: &Ask, by: Who, (item, rest): (&Item, &[&str])) -> Answered {
    let (method, _) = ask.line();
    match (method, rest) {
        ("GET", []) => Answered::of(200, json!({ "incident": incident(item, &ask.base) })),
        ("PUT", []) => change(store, ask, by, item),
        ("GET", ["notes"]) => {
            // The whole list, youngest first.
            let notes = ask.listed(&item.notes);
            let notes: Vec<_> = notes.into_iter().rev().map(note).collect();
            Answered::of(200, json!({ "notes": notes }))
        }
        ("POST", ["notes"]) => say(store, ask, by, item),
        ("GET", ["log_entries"]) => log((&*store, ask), &[item]),
        _ => missing(),
    }
}

/// What happened to incidents, youngest first.
fn log((store, ask): (&Store, &Ask), items: &[&Item]) -> Answered {
    let given = |name| ask.parameter(name).and_then(|text| text.parse::<Timestamp>().ok());
    let since = given("since").unwrap_or(Timestamp::MIN);
    let until = given("until").unwrap_or(Timestamp::MAX);
    let mut all: Vec<(Timestamp, Value)> =
        items.iter().flat_map(|item| logged(item, &ask.listed(&item.notes))).collect();
    // Whole seconds, as everywhere in it.
    let seconds = since.as_second()..until.as_second();
    all.retain(|(at, _)| seconds.contains(&at.as_second()));
    all.sort_by_key(|(at, _)| *at);
    let all: Vec<Value> = all.into_iter().rev().map(|(_, told)| told).collect();
    paged((store, ask), "log_entries", &all)
}

fn user(who: Who) -> Value {
    let mut user = person(who);
    if let Some(user) = user.as_object_mut() {
        user.insert("type".to_owned(), json!("user"));
        user.insert("name".to_owned(), json!(who.name));
        user.insert("email".to_owned(), json!(who.email()));
    }
    user
}

fn users(store: &Store, ask: &Ask) -> Answered {
    let query = ask.parameter("query").unwrap_or_default();
    let found: Vec<_> = of_email(query).into_iter().map(user).collect();
    paged((store, ask), "users", &found)
}

fn paged((store, ask): (&Store, &Ask), name: &str, all: &[Value]) -> Answered {
    let limit = ask.number("limit", 25).clamp(1, 100);
    let offset = ask.number("offset", 0);
    if offset + limit > store.most_rows {
        return problem(400, 2002, "Arguments Caused Error");
    }
    let found: Vec<Value> = all.iter().skip(offset).take(limit).cloned().collect();
    let more = offset + found.len() < all.len();
    let mut body = json!({ "offset": offset, "limit": limit, "more": more, "total": null });
    if let Some(body) = body.as_object_mut() {
        body.insert(name.to_owned(), Value::Array(found));
    }
    Answered::of(200, body)
}

fn incidents(store: &Store, ask: &Ask) -> Answered {
    let given = |name| ask.parameter(name).and_then(|text| text.parse::<Timestamp>().ok());
    let until = given("until").unwrap_or(Timestamp::MAX);
    let usual = ask.now.checked_sub(USUAL_WINDOW).unwrap_or(Timestamp::MIN);
    let since = given("since").unwrap_or(usual);
    let all_dates = ask.parameter("date_range") == Some("all");
    if !all_dates && until.min(ask.now).duration_since(since) > LONGEST_WINDOW {
        return invalid("The date range may not be longer than 6 months");
    }
    let statuses = ask.parameters("statuses[]");
    let services = ask.parameters("service_ids[]");
    let listed = ask.listed_until();
    let service = |item: &Item| {
        let id = item.fields.get("service").and_then(|it| it.get("id")?.as_str());
        services.is_empty() || services.contains(&id.unwrap_or(SERVICE))
    };
    let key = ask.parameter("incident_key");
    let is_keyed = |item: &Item| {
        let held = item.fields.get("incident_key").and_then(Value::as_str);
        key.is_none() || held == key
    };
    let is_listed = |item: &&Item| {
        is_keyed(item)
            && (all_dates || (item.created >= since && item.created < until))
            && item.created <= listed
            && (statuses.is_empty() || statuses.contains(&item.state.as_str()))
            && service(item)
    };
    let mut found: Vec<_> = store.items(Vendor::Pagerduty).filter(is_listed).collect();
    if ask.parameter("sort_by") != Some("created_at:asc") {
        found.reverse();
    }
    // What was written into an incident, only the incident alone tells.
    let listed = |item: &Item| {
        let mut told = incident(item, &ask.base);
        told.as_object_mut().map(|told| told.remove("body"));
        told
    };
    let all: Vec<_> = found.into_iter().map(listed).collect();
    paged((store, ask), "incidents", &all)
}

fn open(store: &mut Store, ask: &Ask, by: Who) -> Answered {
    let Some(asked) = ask.asked.body.get("incident") else {
        return invalid("Incident is missing");
    };
    let text = |path: &str| asked.pointer(path).and_then(Value::as_str);
    let (Some("incident"), Some(title)) = (text("/type"), text("/title")) else {
        return invalid("Title cannot be empty");
    };
    let Some(service) = asked.get("service").filter(|it| it.get("id").is_some()) else {
        return invalid("Service cannot be empty");
    };
    let mut fields = BTreeMap::from([("service".to_owned(), service.clone())]);
    for name in ["incident_key", "urgency"] {
        if let Some(value) = asked.get(name) {
            fields.insert(name.to_owned(), value.clone());
        }
    }
    let key = asked.get("incident_key").filter(|key| key.is_string());
    let is_taken = |item: &Item| {
        key.is_some() && item.fields.get("incident_key") == key && item.state != "resolved"
    };
    if store.items(Vendor::Pagerduty).any(is_taken) {
        return invalid("Open incident already exists on this service with this incident key");
    }
    let body = json!(text("/body/details").unwrap_or_default());
    let (title, state) = (title.to_owned(), "triggered".to_owned());
    let new = NewItem { title, body, state, fields };
    let number = store.open(Vendor::Pagerduty, ask.act(by), new);
    match store.item((Vendor::Pagerduty, number)) {
        Some(item) => Answered::of(201, json!({ "incident": incident(item, &ask.base) })),
        None => missing(),
    }
}

fn say(store: &mut Store, ask: &Ask, by: Who, item: &Item) -> Answered {
    let content = ask.asked.body.pointer("/note/content").and_then(Value::as_str);
    let Some(content) = content.filter(|text| !text.trim().is_empty()) else {
        return invalid("Content cannot be empty.");
    };
    if item.notes.len() >= MOST_NOTES {
        return invalid("The incident has the maximum of 2000 notes.");
    }
    let (seen_by, properties) = (SeenBy::Team, BTreeMap::new());
    let new = NewNote { body: json!(content), seen_by, properties };
    match store.note((Vendor::Pagerduty, item.number), ask.act(by), new) {
        // Created, and yet 200.
        Some(made) => Answered::of(200, json!({ "note": note(&made) })),
        None => missing(),
    }
}

fn change(store: &mut Store, ask: &Ask, by: Who, item: &Item) -> Answered {
    let text = |path: &str| ask.asked.body.pointer(path).and_then(Value::as_str);
    let (Some("incident" | "incident_reference"), Some(status)) =
        (text("/incident/type"), text("/incident/status"))
    else {
        return invalid("Incident type or status is missing");
    };
    if !["triggered", "acknowledged", "resolved"].contains(&status) {
        return invalid("Status is invalid");
    }
    if item.state == "resolved" && status != "resolved" {
        return invalid("Incident Already Resolved");
    }
    store.move_to((Vendor::Pagerduty, item.number), ask.act(by), status);
    match store.item((Vendor::Pagerduty, item.number)) {
        Some(item) => Answered::of(200, json!({ "incident": incident(item, &ask.base) })),
        None => missing(),
    }
}
