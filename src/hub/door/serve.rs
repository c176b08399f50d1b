//! Serving the door: what each path takes, and what it answers.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router, middleware};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::calls::{Caller, Calls};
use super::guard::{bearer, guard, is_json};
use crate::hub::alerts::from_alertmanager;
use crate::hub::error::HubError;
use crate::hub::sync::Hint;
use crate::incident::{IncidentId, Notice, Trouble};
use crate::partner::{Patience, Token, listen, whole};
use crate::wire::{Command, Link, Reply};

/// The longest body that is read, in bytes.
const LONGEST: usize = 1024 * 1024;

/// How many requests may be under way at once.
const MOST_AT_ONCE: usize = 64;

/// How long requests under way may take to end when the door closes.
const FAREWELL: Duration = Duration::from_secs(3);

/// Where the door is, and who may come in.
#[derive(Debug)]
pub struct Doorstep {
    /// A loopback address; port 0 takes any that is free.
    pub address: SocketAddr,
    /// The names under which a proxy is called that passes calls on here.
    pub hosts: Vec<String>,
    /// What senders of alerts show, and the connection in whose name alerts are taken; none take none.
    pub alerts: Option<(Token, Link)>,
    /// The trackers that call, by their configured names.
    pub callers: BTreeMap<String, Caller>,
    /// What wakes the readers.
    pub hint: Hint,
    /// How long whoever knocks may take.
    pub patience: Patience,
}

/// An open door; it closes when dropped.
#[derive(Debug)]
pub struct Door {
    address: SocketAddr,
    end: CancellationToken,
    task: JoinHandle<()>,
    _dropped: DropGuard,
}

impl Door {
    /// Opens the door.
    ///
    /// # Errors
    /// The address is not this machine's own, or somebody else listens there.
    pub async fn open(step: Doorstep) -> Result<Self, HubError> {
        let address = step.address;
        let refused = |cause| HubError::Listen { place: address.to_string(), cause };
        if !address.ip().is_loopback() {
            let why = "only loopback: for anything further away a proxy with TLS belongs in front";
            return Err(refused(std::io::Error::new(std::io::ErrorKind::InvalidInput, why)));
        }
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let (end, patience) = (CancellationToken::new(), step.patience);
        let task = tokio::spawn(listen(listener, router(step), patience, end.clone()));
        Ok(Self { address, _dropped: end.clone().drop_guard(), end, task })
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes the door: nobody new comes in, requests under way get a moment to end.
    pub async fn close(mut self) {
        self.end.cancel();
        if tokio::time::timeout(FAREWELL, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}

/// What every request sees.
struct Hall {
    alerts: Option<(Token, Link)>,
    calls: Calls,
    hint: Hint,
    room: Semaphore,
}

fn router(step: Doorstep) -> Router {
    let Doorstep { hosts, alerts, callers, hint, patience, .. } = step;
    let hosts: Arc<[String]> = hosts.into();
    let room = Semaphore::new(MOST_AT_ONCE);
    let hall = Arc::new(Hall { alerts, calls: Calls::by(callers), hint, room });
    let hall = Router::new()
        .route("/alerts/alertmanager", post(take_alerts))
        .route("/webhooks/{tracker}", post(take_call))
        .with_state(hall);
    whole(hall, LONGEST, patience).layer(middleware::from_fn_with_state(hosts, guard))
}

/// A tracker says that something changed: read it now, and believe nothing of what it says.
async fn take_call(
    State(hall): State<Arc<Hall>>,
    Path(tracker): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    match hall.calls.hear(&tracker, &headers, &body) {
        Err(refused) => refused,
        Ok(()) if hall.hint.read(&tracker) => StatusCode::ACCEPTED,
        Ok(()) => StatusCode::NOT_FOUND,
    }
}

/// What became of the alerts.
#[derive(Debug, Serialize)]
struct Taken {
    incidents: Vec<IncidentId>,
}

async fn take_alerts(State(hall): State<Arc<Hall>>, headers: HeaderMap, body: Bytes) -> Response {
    let admitted =
        |(token, _): &&(Token, Link)| bearer(&headers).is_some_and(|shown| token.admits(shown));
    let Some((_, link)) = hall.alerts.as_ref().filter(admitted) else {
        return (StatusCode::UNAUTHORIZED, [("www-authenticate", "Bearer")]).into_response();
    };
    if !is_json(&headers) {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    // Whoever sends faster than alerts are recorded is asked to come again, and loses nothing.
    let Ok(_place) = hall.room.try_acquire() else {
        return (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "5")]).into_response();
    };
    match record(link, &body).await {
        Ok(incidents) => (StatusCode::ACCEPTED, Json(Taken { incidents })).into_response(),
        Err((status, why)) => (status, format!("{why}\n")).into_response(),
    }
}

/// Records every alert of a payload; answers only after all of them are on disk.
async fn record(link: &Link, body: &[u8]) -> Result<Vec<IncidentId>, (StatusCode, String)> {
    let text = std::str::from_utf8(body).map_err(|error| bad(&error))?;
    let alerts = from_alertmanager(text).map_err(|error| bad(&error))?;
    let mut incidents = Vec::new();
    for (alert, text) in alerts {
        match link.ask(Command::OpenIncident { alert, text }).await {
            Ok(Reply::Opened { incident, .. }) => incidents.push(incident),
            // What nobody here ever heard of is over: there is nothing to record, now or when sent again.
            Err(notice) if notice.trouble == Trouble::NotFound => {}
            Ok(_) => return Err((StatusCode::INTERNAL_SERVER_ERROR, "no incident".to_owned())),
            Err(notice) => return Err((status_of(&notice), notice.what)),
        }
    }
    incidents.dedup();
    Ok(incidents)
}

fn bad(error: &dyn std::fmt::Display) -> (StatusCode, String) {
    // Never the payload: what cannot be read may hold anything.
    let why: String = error.to_string().escape_debug().take(200).collect();
    (StatusCode::BAD_REQUEST, why)
}

fn status_of(notice: &Notice) -> StatusCode {
    match notice.trouble {
        Trouble::Usage => StatusCode::BAD_REQUEST,
        Trouble::NotAllowed => StatusCode::FORBIDDEN,
        Trouble::NotFound
        | Trouble::Conflict
        | Trouble::Failed
        | Trouble::Unreachable
        | Trouble::TimedOut => StatusCode::SERVICE_UNAVAILABLE,
    }
}
