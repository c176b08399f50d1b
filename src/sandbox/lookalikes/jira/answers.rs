//! What a server that looks like Jira Cloud answers.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::document::{is_document, text_of};
use super::search::Search;
use super::shapes::{STATES, changelog, comment, comment_id, issue, issue_id, moment, state, user};
use crate::sandbox::lookalikes::ask::{Answered, Ask, base64, whole_seconds};
use crate::sandbox::lookalikes::item::{Item, Note, SeenBy, Who};
use crate::sandbox::lookalikes::store::{NewItem, NewNote, Store};
use crate::sandbox::lookalikes::vendor::Vendor;

/// The longest comment, in characters.
const MOST_CHARS: usize = 32_767;
/// The most comments of one issue.
const MOST_COMMENTS: usize = 5000;

/// Answers a request.
pub(in crate::sandbox::lookalikes) fn answer(store: &mut Store, ask: &Ask) -> Answered {
    let Some(by) = holder(store, ask) else {
        return problem(401, "Client must be authenticated to access this resource.");
    };
    let (method, path) = ask.line();
    let ["rest", "api", "3", rest @ ..] = path.as_slice() else {
        return problem(404, "null for uri");
    };
    match (method, rest) {
        ("GET", ["myself"]) => Answered::of(200, user(by, &ask.base)),
        ("GET", ["mypermissions"]) => {
            let asked = ask.parameter("permissions").unwrap_or_default().split(',');
            let all = asked.map(|key| {
                let told = json!({ "key": key, "type": "PROJECT", "havePermission": true });
                (key.to_owned(), told)
            });
            Answered::of(200, json!({ "permissions": all.collect::<BTreeMap<_, _>>() }))
        }
        ("GET", ["status"]) => {
            Answered::of(200, STATES.iter().map(|known| state(known.1)).collect())
        }
        ("GET", ["serverInfo"]) => {
            let body = json!({ "baseUrl": ask.base, "deploymentType": "Cloud",
                "serverTime": moment(ask.now), "serverTitle": "Sandbox" });
            Answered::of(200, body)
        }
        ("POST" | "GET", ["search", "jql"]) => search(store, ask),
        ("POST", ["issue"]) => open(store, ask, by),
        (_, ["issue", id, rest @ ..]) => match of_id(store, id) {
            Some(item) => of_issue(store, ask, by, (&item, rest)),
            None => problem(404, "Issue does not exist or you do not have permission to see it."),
        },
        ("POST", ["comment", "list"]) => listed_by_id(store, ask),
        ("GET", ["comment", id, "properties", name]) => property(store, id, name),
        _ => problem(404, "null for uri"),
    }
}

/// The answer to too many requests.
pub(in crate::sandbox::lookalikes) fn limited(wait: Option<Duration>, _: Timestamp) -> Answered {
    let answer =
        problem(429, "Rate limit exceeded.").header("ratelimit-reason", "jira-per-issue-on-write");
    match wait {
        Some(wait) => answer.header("retry-after", whole_seconds(wait).to_string()),
        None => answer,
    }
}

fn problem(status: u16, message: &str) -> Answered {
    Answered::of(status, json!({ "errorMessages": [message], "errors": {} }))
}

fn invalid(field: &str, message: &str) -> Answered {
    Answered::of(400, json!({ "errorMessages": [], "errors": { field: message } }))
}

fn holder(store: &Store, ask: &Ask) -> Option<Who> {
    let given = ask.header("authorization")?;
    if let Some(token) = given.strip_prefix("Bearer ") {
        return store.tokens.holder(Vendor::Jira, token);
    }
    let pair = base64(given.strip_prefix("Basic ")?)?;
    let (email, token) = pair.split_once(':')?;
    store.tokens.holder(Vendor::Jira, token).filter(|who| who.email() == email)
}

fn of_id(store: &Store, id: &str) -> Option<Item> {
    let is = |item: &&Item| item.name() == id || issue_id(item).to_string() == id;
    store.items(Vendor::Jira).find(is).cloned()
}

fn of_issue(store: &mut Store, ask: &Ask, by: Who, (item, rest): (&Item, &[&str])) -> Answered {
    let (method, _) = ask.line();
    match (method, rest) {
        ("GET", []) => {
            let wanted = ask.parameter("fields").unwrap_or("*all").split(',').collect::<Vec<_>>();
            Answered::of(200, issue(item, &ask.base, &wanted))
        }
        ("GET", ["comment"]) => comments(ask, item),
        ("POST", ["comment"]) => say(store, ask, by, item),
        ("GET", ["changelog"]) => paged(ask, "values", &changelog(item, &ask.base)),
        ("GET", ["transitions"]) => {
            let way = |(id, name): (String, &str)| json!({ "id": id, "name": name, "to": state(name), "isAvailable": true });
            let ways: Vec<_> = ways(item).map(way).collect();
            Answered::of(200, json!({ "transitions": ways }))
        }
        ("POST", ["transitions"]) => transit(store, ask, by, item),
        ("GET", ["remotelink"]) => {
            let link = |it: &crate::sandbox::lookalikes::item::Link| {
                let object = json!({ "title": it.title, "url": it.url });
                json!({ "id": it.number, "globalId": it.global_id, "object": object })
            };
            Answered::of(200, item.links.iter().map(link).collect())
        }
        ("POST", ["remotelink"]) => link(store, ask, item),
        _ => problem(404, "null for uri"),
    }
}

fn paged(ask: &Ask, name: &str, all: &[Value]) -> Answered {
    let size = ask.number("maxResults", 50).clamp(1, 100);
    let start = ask.number("startAt", 0);
    let found: Vec<Value> = all.iter().skip(start).take(size).cloned().collect();
    let mut body = json!({ "startAt": start, "maxResults": size, "total": all.len(),
        "isLast": start + found.len() >= all.len() });
    if let Some(body) = body.as_object_mut() {
        body.insert(name.to_owned(), Value::Array(found));
    }
    Answered::of(200, body)
}

fn comments(ask: &Ask, item: &Item) -> Answered {
    let mut notes = ask.listed(&item.notes);
    if ask.parameter("orderBy").is_some_and(|order| order.starts_with('-')) {
        notes.reverse();
    }
    let all: Vec<_> =
        notes.into_iter().map(|note| comment(note, issue_id(item), &ask.base)).collect();
    paged(ask, "comments", &all)
}

fn say(store: &mut Store, ask: &Ask, by: Who, item: &Item) -> Answered {
    let Some(body) = ask.asked.body.get("body").filter(|body| is_document(body)) else {
        return invalid("comment", "Comment body is not valid!");
    };
    let length = text_of(body).chars().count();
    if length == 0 {
        return invalid("comment", "Comment body can not be empty!");
    }
    if length > MOST_CHARS {
        return invalid(
            "comment",
            "The entered text is too long. It exceeds the allowed limit of 32,767 characters.",
        );
    }
    if item.notes.len() >= MOST_COMMENTS {
        return problem(413, "The issue has reached the limit of 5000 comments.");
    }
    let properties = given_properties(ask);
    let internal = properties.get("sd.public.comment").and_then(|it| it.get("internal"));
    let seen_by = if internal == Some(&json!(true)) { SeenBy::Team } else { SeenBy::Everybody };
    let new = NewNote { body: body.clone(), seen_by, properties };
    match store.note((Vendor::Jira, item.number), ask.act(by), new) {
        Some(note) => Answered::of(201, comment(&note, issue_id(item), &ask.base)),
        None => problem(404, "Issue does not exist."),
    }
}

/// The properties that come with a new issue or comment.
fn given_properties(ask: &Ask) -> BTreeMap<String, Value> {
    let given = ask.asked.body.get("properties").and_then(Value::as_array);
    let pair = |it: &Value| {
        Some((it.get("key")?.as_str()?.to_owned(), it.get("value").cloned().unwrap_or_default()))
    };
    given.into_iter().flatten().filter_map(pair).collect()
}

fn open(store: &mut Store, ask: &Ask, by: Who) -> Answered {
    let text = |path: &str| ask.asked.body.pointer(path).and_then(Value::as_str);
    let Some(project) = text("/fields/project/key") else {
        return invalid("project", "Specify a valid project ID or key");
    };
    let Some(kind) = text("/fields/issuetype/name") else {
        return invalid("issuetype", "Specify an issue type");
    };
    let Some(title) = text("/fields/summary").filter(|it| !it.trim().is_empty()) else {
        return invalid("summary", "You must specify a summary of the issue.");
    };
    let body = ask.asked.body.pointer("/fields/description").cloned().unwrap_or_default();
    if !body.is_null() && !is_document(&body) {
        return invalid("description", "Operation value must be an Atlassian Document");
    }
    let labels = ask.asked.body.pointer("/fields/labels").cloned().unwrap_or(json!([]));
    let fields = BTreeMap::from([
        ("project".to_owned(), json!(project)),
        ("issuetype".to_owned(), json!(kind)),
        ("labels".to_owned(), labels),
        ("properties".to_owned(), json!(given_properties(ask))),
    ]);
    let (title, state) = (title.to_owned(), "To Do".to_owned());
    let number = store.open(Vendor::Jira, ask.act(by), NewItem { title, body, state, fields });
    match store.item((Vendor::Jira, number)) {
        Some(item) => {
            let id = issue_id(item).to_string();
            let place = format!("{}/rest/api/3/issue/{id}", ask.base);
            Answered::of(201, json!({ "id": id, "key": item.name(), "self": place }))
        }
        None => problem(404, "Issue does not exist."),
    }
}

fn search(store: &Store, ask: &Ask) -> Answered {
    let body = &ask.asked.body;
    let of_body = |name: &str| body.get(name).and_then(Value::as_str);
    let jql = of_body("jql").or_else(|| ask.parameter("jql")).unwrap_or_default();
    let search = match Search::read(jql, ask.now) {
        Ok(search) => search,
        Err(why) => return problem(400, &why),
    };
    let named = body.get("fields").and_then(Value::as_array);
    let wanted: Vec<&str> = match named {
        Some(names) => names.iter().filter_map(Value::as_str).collect(),
        None => ask.parameter("fields").map_or(Vec::new(), |it| it.split(',').collect()),
    };
    let size = body.get("maxResults").and_then(Value::as_u64).unwrap_or(50).clamp(1, 100);
    let size = usize::try_from(size).unwrap_or(50);
    let token = of_body("nextPageToken").or_else(|| ask.parameter("nextPageToken"));
    let start: usize = token.and_then(|token| token.strip_prefix("at-")?.parse().ok()).unwrap_or(0);
    // The index lags; an item that it does not have yet cannot be found.
    let until = ask.listed_until();
    let indexed = store.items(Vendor::Jira).filter(|item| item.created <= until);
    let found = search.select(indexed);
    let page = found.iter().skip(start).take(size);
    let has_properties = body.get("properties").is_some();
    let told = |item: &&Item| {
        let mut told = issue(item, &ask.base, &wanted);
        let properties = item.fields.get("properties").cloned().unwrap_or(json!({}));
        if let Some(told) = told.as_object_mut().filter(|_| has_properties) {
            told.insert("properties".to_owned(), properties);
        }
        told
    };
    let page: Vec<Value> = page.map(told).collect();
    let next = start + page.len();
    let mut told = json!({ "issues": page, "isLast": next >= found.len() });
    if let Some(told) = told.as_object_mut().filter(|_| next < found.len()) {
        told.insert("nextPageToken".to_owned(), json!(format!("at-{next}")));
    }
    Answered::of(200, told)
}

/// Where an issue can go: the number of the way, and the state to which it leads.
fn ways(item: &Item) -> impl Iterator<Item = (String, &'static str)> {
    let way = |(number, state): (u32, &(&str, &'static str, &str))| (format!("{number}1"), state.1);
    (1..).zip(&STATES).map(way).filter(|(_, name)| *name != item.state)
}

fn transit(store: &mut Store, ask: &Ask, by: Who, item: &Item) -> Answered {
    let id = ask.asked.body.pointer("/transition/id").and_then(Value::as_str);
    let Some((_, state)) = ways(item).find(|(way, _)| Some(way.as_str()) == id) else {
        return problem(
            400,
            "It seems that you have tried to perform an illegal workflow operation.",
        );
    };
    store.move_to((Vendor::Jira, item.number), ask.act(by), state);
    Answered::empty()
}

fn link(store: &mut Store, ask: &Ask, item: &Item) -> Answered {
    let text = |path: &str| ask.asked.body.pointer(path).and_then(Value::as_str);
    let (Some(title), Some(url)) = (text("/object/title"), text("/object/url")) else {
        return invalid("object", "'title' and 'url' are required.");
    };
    let global_id = text("/globalId").unwrap_or(url);
    match store.link((Vendor::Jira, item.number), global_id, (title, url)) {
        Some((number, is_new)) => {
            let place =
                format!("{}/rest/api/3/issue/{}/remotelink/{number}", ask.base, issue_id(item));
            Answered::of(if is_new { 201 } else { 200 }, json!({ "id": number, "self": place }))
        }
        None => problem(404, "Issue does not exist."),
    }
}

/// Comments by their ids, with their properties where those are asked for.
fn listed_by_id(store: &Store, ask: &Ask) -> Answered {
    let ids = ask.asked.body.get("ids").and_then(Value::as_array);
    let ids: Vec<String> = ids.into_iter().flatten().map(ToString::to_string).collect();
    let expands = ask.parameter("expand").is_some_and(|it| it.contains("properties"));
    let mut found = Vec::new();
    for item in store.items(Vendor::Jira) {
        let is_named = |note: &&Note| ids.contains(&comment_id(note.number));
        for note in item.notes.iter().filter(is_named) {
            let mut told = comment(note, issue_id(item), &ask.base);
            let pair = |(key, value): (&String, &Value)| json!({ "key": key, "value": value });
            if let Some(told) = told.as_object_mut().filter(|_| expands) {
                let pairs = note.properties.iter().map(pair).collect();
                told.insert("properties".to_owned(), Value::Array(pairs));
            }
            found.push(told);
        }
    }
    paged(ask, "values", &found)
}

fn property(store: &Store, id: &str, name: &str) -> Answered {
    let mut notes = store.items(Vendor::Jira).flat_map(|item| &item.notes);
    let note = notes.find(|note| comment_id(note.number) == id);
    match note.and_then(|note| note.properties.get(name)) {
        Some(value) => Answered::of(200, json!({ "key": name, "value": value })),
        None => problem(404, "The property does not exist."),
    }
}
