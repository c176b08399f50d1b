//! The door of a look-alike: from a connection to an answer, with the weather in between.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::ask::{Answered, Ask, Asked};
use super::cast::of_login;
use super::cut::Scissors;
use super::fault::{Fault, Weather};
use super::happening::Happening;
use super::item::{Act, Way};
use super::store::{Memory, Store};
use super::vendor::Vendor;
use super::{github, jira, page, pagerduty, servicenow};
use crate::settings::Clock;

/// The longest body, in bytes.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// What every answer says, so that nobody takes it for the real one.
const LABEL: &str = "sandbox";

/// Who meddles with what others wrote, and what stands there then.
const MEDDLER: &str = "on-call";
const MEDDLED: &str = "somebody else made something else of this";

/// One look-alike.
#[derive(Debug, Clone)]
pub(super) struct Door {
    pub(super) vendor: Vendor,
    pub(super) memory: Memory,
    pub(super) clock: Clock,
    /// Its own address.
    pub(super) base: String,
    /// Where it is told what happened.
    pub(super) happened: mpsc::Sender<Happening>,
}

impl Door {
    /// Everything that it answers.
    pub(super) fn router(self) -> Router {
        Router::new().fallback(enter).with_state(self)
    }

    /// Does what is asked, at once and as a whole.
    async fn settle(&self, ask: Ask) -> Answered {
        let (answer, happened) = self.memory.with(|store| {
            let answer = self.answer(store, &ask);
            (answer, store.take_happened())
        });
        self.tell(happened).await;
        answer
    }

    /// Changes or removes what was written since a note, as somebody with enough rights can.
    async fn meddle(&self, how: Fault, since: u64, at: Timestamp) {
        let Some(by) = of_login(MEDDLER) else { return };
        let act = Act { by, at, way: Way::Direct };
        let happened = self.memory.with(|store| {
            let written = store.items(self.vendor).flat_map(|item| &item.notes);
            let new: Vec<u64> = written.map(|note| note.number).filter(|it| *it > since).collect();
            for note in new {
                match how {
                    Fault::Edit => store.edit(note, act, written_in(self.vendor, MEDDLED)),
                    _ => store.remove(note, act),
                };
            }
            store.take_happened()
        });
        self.tell(happened).await;
    }

    async fn tell(&self, happened: Vec<Happening>) {
        for happening in happened {
            if self.happened.send(happening).await.is_err() {
                tracing::debug!("nobody tells the webhooks any more");
            }
        }
    }

    fn answer(&self, store: &mut Store, ask: &Ask) -> Answered {
        match self.vendor {
            Vendor::Github => github::answer(store, ask),
            Vendor::Pagerduty => pagerduty::answer(store, ask),
            Vendor::Servicenow => servicenow::answer(store, ask),
            Vendor::Jira => jira::answer(store, ask),
        }
    }

    fn limited(&self, wait: Option<Duration>, now: Timestamp) -> Answered {
        match self.vendor {
            Vendor::Github => github::limited(wait, now),
            Vendor::Pagerduty => pagerduty::limited(wait, now),
            Vendor::Servicenow => servicenow::limited(wait, now),
            Vendor::Jira => jira::limited(wait, now),
        }
    }

    fn now(&self, weather: Weather) -> Timestamp {
        self.clock.now().checked_add(weather.skew).unwrap_or(Timestamp::MAX)
    }
}

async fn enter(
    State(door): State<Door>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, MOST_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let query = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
    let asked = Asked {
        vendor: door.vendor,
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: query.map(|Query(query)| query).unwrap_or_default(),
        body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
    };
    if parts.method == Method::GET && is_looking(&parts.headers) {
        return page::page(&door.memory, &asked, &door.base);
    }
    let weather = door.memory.with(|store| {
        store.remember(asked.clone());
        store.faults.meet(door.vendor, writes(&asked))
    });
    door.clock.sleep(weather.slow).await;
    let now = door.now(weather);
    let (headers, base) = (read(&parts.headers), door.base.clone());
    let ask = Ask { asked, headers, base, now, weather };
    let Some(answer) = weathered(&door, ask, weather).await else {
        scissors.cut();
        return StatusCode::OK.into_response();
    };
    respond(answer, now)
}

/// A text in the form that a tracker keeps.
pub(super) fn written_in(vendor: Vendor, text: &str) -> Value {
    match vendor {
        Vendor::Jira => jira::of_text(text),
        Vendor::Github | Vendor::Pagerduty | Vendor::Servicenow => json!(text),
    }
}

/// Whether somebody looks with a browser.
fn is_looking(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.starts_with("text/html"))
}

/// Some requests send a body and yet only read.
fn writes(asked: &Asked) -> bool {
    let reads =
        ["/search/jql", "/comment/list", "/graphql"].iter().any(|end| asked.path.ends_with(end));
    asked.method != "GET" && !reads
}

/// What comes of a request in this weather; `None` if nothing ever comes back.
async fn weathered(door: &Door, ask: Ask, weather: Weather) -> Option<Answered> {
    match weather.ending {
        Some(Fault::DropBefore) => None,
        Some(Fault::DropAfter) => {
            door.settle(ask).await;
            None
        }
        Some(Fault::Late(by)) => {
            let door = door.clone();
            drop(tokio::spawn(async move {
                door.clock.sleep(by).await;
                let ask = Ask { now: door.now(weather), ..ask };
                door.settle(ask).await;
            }));
            None
        }
        Some(Fault::Limit(wait)) => Some(door.limited(wait, ask.now)),
        Some(Fault::ErrorBefore(status)) => Some(broken(status)),
        Some(Fault::ErrorAfter(status)) => {
            door.settle(ask).await;
            Some(broken(status))
        }
        Some(meddling @ (Fault::Edit | Fault::Delete)) => {
            let (before, at) = (door.memory.with(|store| store.latest_note(door.vendor)), ask.now);
            let answer = door.settle(ask).await;
            door.meddle(meddling, before, at).await;
            Some(answer)
        }
        Some(Fault::Slow(_) | Fault::Lag(_) | Fault::SilentEmpty | Fault::Skew(_)) | None => {
            Some(door.settle(ask).await)
        }
    }
}

fn broken(status: u16) -> Answered {
    Answered::of(status, json!({ "message": "Server Error" }))
}

fn read(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |(name, value): (&header::HeaderName, &HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    headers.iter().filter_map(text).collect()
}

fn respond(answer: Answered, now: Timestamp) -> Response {
    let Answered { status, headers, body } = answer;
    let mut response = Response::new(body.map_or(Body::empty(), |it| Body::from(it.to_string())));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let dated = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let own = BTreeMap::from([
        ("date", dated),
        ("content-type", "application/json; charset=utf-8".to_owned()),
        ("x-wheelhouse", LABEL.to_owned()),
    ]);
    for (name, value) in own.into_iter().chain(headers) {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
