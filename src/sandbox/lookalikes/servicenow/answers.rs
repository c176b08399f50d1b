//! What a server that looks like ServiceNow answers.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::query::{Row, select};
use super::rows::{FREE, audit, incident, incident_id, journal, shown, told, users};
use crate::sandbox::lookalikes::ask::{Answered, Ask, base64, whole_seconds};
use crate::sandbox::lookalikes::item::{Item, SeenBy, Who};
use crate::sandbox::lookalikes::store::{NewItem, NewNote, Place, Store};
use crate::sandbox::lookalikes::vendor::Vendor;

/// How many rows a list has unless it is asked for fewer.
const MOST_ROWS: usize = 10_000;
/// The state that a business rule leaves as soon as somebody writes: on hold.
const ON_HOLD: &str = "3";
/// The state that it goes to: in progress.
const IN_PROGRESS: &str = "2";
/// The state of an incident that is over as far as the team can tell.
const RESOLVED: &str = "6";

/// Answers a request.
pub(in crate::sandbox::lookalikes) fn answer(store: &mut Store, ask: &Ask) -> Answered {
    let Some(by) = holder(store, ask) else {
        let detail = "Required to provide Auth information";
        return problem(401, "User is not authenticated", detail);
    };
    let (method, path) = ask.line();
    let accepts = ask.header("accept").is_some_and(|it| it.contains("json"));
    let sends = method == "GET" || ask.header("content-type").is_some_and(|it| it.contains("json"));
    if !accepts || !sends {
        return problem(
            400,
            "Exception while reading request",
            "Accept and Content-Type are missing",
        );
    }
    let ["api", "now", "table", table, rest @ ..] = path.as_slice() else {
        return problem(400, "Requested URI does not represent any resource", "");
    };
    match (method, *table, rest) {
        ("GET", "incident", []) => incidents(store, ask),
        ("POST", "incident", []) => open(store, ask, by),
        (_, "incident", [id]) => match of_id(store, id) {
            Some(item) => of_incident(store, ask, by, &item),
            None => problem(
                404,
                "No Record found",
                "Record doesn't exist or ACL restricts the record retrieval",
            ),
        },
        ("GET", "sys_journal_field", []) => journals(store, ask),
        ("GET", "sys_audit", []) => {
            list(ask, store.items(Vendor::Servicenow).flat_map(audit).collect())
        }
        ("GET", "sys_user", []) => list_as(by, ask, users()),
        _ => problem(400, "Invalid table", table),
    }
}

/// The answer to too many requests.
pub(in crate::sandbox::lookalikes) fn limited(wait: Option<Duration>, now: Timestamp) -> Answered {
    let detail = "Rate limit of 1000 requests per hour for the Table API exceeded";
    let answer = problem(429, "Rate limit exceeded", detail).header("x-ratelimit-limit", "1000");
    match wait {
        Some(wait) => {
            let seconds = whole_seconds(wait);
            let reset = now.as_second().saturating_add_unsigned(seconds);
            answer
                .header("retry-after", seconds.to_string())
                .header("x-ratelimit-reset", reset.to_string())
        }
        None => answer,
    }
}

fn problem(status: u16, message: &str, detail: &str) -> Answered {
    let error = json!({ "message": message, "detail": detail });
    Answered::of(status, json!({ "error": error, "status": "failure" }))
}

/// Basic with the login and the token as password, a bearer's token, or an API key.
fn holder(store: &Store, ask: &Ask) -> Option<Who> {
    let of = |token: &str| store.tokens.holder(Vendor::Servicenow, token);
    if let Some(key) = ask.header("x-sn-apikey") {
        return of(key);
    }
    let given = ask.header("authorization")?;
    if let Some(token) = given.strip_prefix("Bearer ") {
        return of(token);
    }
    let pair = base64(given.strip_prefix("Basic ")?)?;
    let (login, password) = pair.split_once(':')?;
    of(password).filter(|who| who.login == login)
}

fn of_id(store: &Store, id: &str) -> Option<Item> {
    store.items(Vendor::Servicenow).find(|item| incident_id(item) == id).cloned()
}

fn of_incident(store: &mut Store, ask: &Ask, by: Who, item: &Item) -> Answered {
    match ask.line().0 {
        "GET" => one(200, ask, &shown_row(item, displays(ask))),
        "PATCH" | "PUT" => {
            let place = (Vendor::Servicenow, item.number);
            if let Some(refused) = unexplained(ask, item) {
                return refused;
            }
            change(store, ask, by, place);
            match store.item(place) {
                Some(item) => one(200, ask, &incident(item)),
                None => problem(404, "No Record found", ""),
            }
        }
        _ => problem(405, "Method not supported", ""),
    }
}

fn shown_row(item: &Item, displays: bool) -> Row {
    let mut row = incident(item);
    if displays {
        for name in ["work_notes", "comments"] {
            row.insert(name, shown(item, name));
        }
    }
    row
}

fn one(status: u16, ask: &Ask, row: &Row) -> Answered {
    Answered::of(status, json!({ "result": displayed(ask, row) }))
}

fn displayed(ask: &Ask, row: &Row) -> Value {
    let mut body = told(row, ask.parameter("sysparm_fields"));
    if ask.parameter("sysparm_display_value") == Some("all")
        && let Some(fields) = body.as_object_mut()
    {
        for value in fields.values_mut() {
            *value = json!({ "display_value": value, "value": value });
        }
    }
    body
}

fn displays(ask: &Ask) -> bool {
    ask.parameter("sysparm_display_value").is_some_and(|it| it != "false")
}

/// A list in whose query a script may stand for whoever asks.
fn list_as(by: Who, ask: &Ask, rows: Vec<Row>) -> Answered {
    let query = ask.parameter("sysparm_query").unwrap_or_default();
    let query = query.replace("javascript:gs.getUserID()", &by.id(Vendor::Servicenow));
    listed(ask, &select(&query, rows))
}

fn list(ask: &Ask, rows: Vec<Row>) -> Answered {
    listed(ask, &select(ask.parameter("sysparm_query").unwrap_or_default(), rows))
}

fn listed(ask: &Ask, rows: &[Row]) -> Answered {
    let limit = ask.number("sysparm_limit", MOST_ROWS);
    let offset = ask.number("sysparm_offset", 0);
    let found = rows.iter().skip(offset).take(limit);
    let found: Vec<Value> = found.map(|row| displayed(ask, row)).collect();
    let answer = Answered::of(200, json!({ "result": found }));
    let answer = answer.header("x-total-count", rows.len().to_string());
    if offset + limit >= rows.len() {
        return answer;
    }
    let next = format!("{}{}?sysparm_offset={}", ask.base, ask.asked.path, offset + limit);
    answer.header("link", format!("<{next}>;rel=\"next\""))
}

fn incidents(store: &Store, ask: &Ask) -> Answered {
    let until = ask.listed_until();
    let listed = store.items(Vendor::Servicenow).filter(|item| item.created <= until);
    list(ask, listed.map(|item| shown_row(item, displays(ask))).collect())
}

/// The journal has rights of its own: without them it answers with success and nothing.
fn journals(store: &Store, ask: &Ask) -> Answered {
    let of = |item: &Item| {
        let notes = ask.listed(&item.notes);
        notes.into_iter().map(|note| journal(item, note)).collect::<Vec<_>>()
    };
    list(ask, store.items(Vendor::Servicenow).flat_map(of).collect())
}

fn text_of<'a>(ask: &'a Ask, field: &str) -> Option<&'a str> {
    ask.asked.body.get(field)?.as_str()
}

fn open(store: &mut Store, ask: &Ask, by: Who) -> Answered {
    let title = text_of(ask, "short_description").unwrap_or_default().to_owned();
    let body = json!(text_of(ask, "description").unwrap_or_default());
    let state = text_of(ask, "state").unwrap_or("1").to_owned();
    let kept = FREE
        .into_iter()
        .filter_map(|name| ask.asked.body.get(name).map(|value| (name.to_owned(), value.clone())));
    let fields: BTreeMap<String, Value> = kept.collect();
    let new = NewItem { title, body, state, fields };
    let number = store.open(Vendor::Servicenow, ask.act(by), new);
    let place = (Vendor::Servicenow, number);
    write_notes(store, ask, by, place);
    match store.item(place) {
        Some(item) => one(201, ask, &incident(item)),
        None => problem(404, "No Record found", ""),
    }
}

/// Writes what is in the journal fields, and says whether anything was.
fn write_notes(store: &mut Store, ask: &Ask, by: Who, place: Place) -> bool {
    let journals = [("work_notes", SeenBy::Team), ("comments", SeenBy::Everybody)];
    let mut wrote = false;
    for (field, seen_by) in journals {
        if let Some(text) = text_of(ask, field).filter(|text| !text.is_empty()) {
            let new = NewNote { body: json!(text), seen_by, properties: BTreeMap::new() };
            wrote |= store.note(place, ask.act(by), new).is_some();
        }
    }
    wrote
}

/// The policy that instances have from the beginning: nobody resolves an incident without a code and notes.
fn unexplained(ask: &Ask, item: &Item) -> Option<Answered> {
    if text_of(ask, "state") != Some(RESOLVED) || item.state == RESOLVED {
        return None;
    }
    let held = |name: &str| item.fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let is_missing = |name: &&str| text_of(ask, name).unwrap_or_else(|| held(name)).is_empty();
    let missing: Vec<&str> = ["close_code", "close_notes"].into_iter().filter(is_missing).collect();
    let detail = format!("Data Policy Exception: {} is mandatory", missing.join(", "));
    (!missing.is_empty()).then(|| problem(403, "Operation Failed", &detail))
}

fn change(store: &mut Store, ask: &Ask, by: Who, place: Place) {
    let held = store.item(place).map(|item| item.changes);
    let wrote = write_notes(store, ask, by, place);
    for name in FREE {
        if let Some(value) = ask.asked.body.get(name) {
            store.set(place, name, value.clone());
        }
    }
    if let Some(state) = text_of(ask, "state") {
        store.move_to(place, ask.act(by), state);
    } else if wrote && store.item(place).is_some_and(|item| item.state == ON_HOLD) {
        // The rule that many instances have: whoever writes to a record on hold wakes it.
        store.move_to(place, ask.act(by), IN_PROGRESS);
    }
    // However much one request changes, it is one change.
    store.settle_changes(place, held);
}
