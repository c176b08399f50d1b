//! The watch: a relay between a connector and its server that sees everything and spoils some of it.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde_json::Value;

use wheelhouse::partner::{Reach, http_client};

/// The longest body that is relayed.
const MOST: usize = 16 * 1024 * 1024;

/// What is not relayed: it belongs to one connection.
const OF_A_CONNECTION: [&str; 4] =
    ["connection", "content-length", "transfer-encoding", "accept-encoding"];

/// A request that a connector sent.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    /// The path without the question.
    pub(crate) path: String,
    /// The question, as it stands after the path.
    pub(crate) query: String,
    /// What was sent; null if that was nothing.
    pub(crate) body: Value,
}

impl Seen {
    /// Whether it asks for a change.
    pub(crate) fn is_write(&self) -> bool {
        ![Method::GET, Method::HEAD].contains(&self.method)
    }
}

/// What happens to a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The server gets it, and its answer is lost on the way back.
    LoseAnswer,
    /// The server never gets it, and the connector cannot know.
    LoseRequest,
    /// The server refuses it with this status.
    Refuse(u16),
}

/// The relay.
pub(crate) struct Watch {
    /// Where the connector is sent.
    pub(crate) url: String,
    log: Arc<Log>,
}

#[derive(Default)]
struct Log {
    server: Mutex<String>,
    seen: Mutex<Vec<Seen>>,
    /// What happens to the next writes; those after them are relayed.
    fates: Mutex<Vec<Option<Fate>>>,
}

impl Watch {
    /// Starts a relay whose server is named later.
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let log: Arc<Log> = Arc::default();
        let app = Router::new().fallback(relay).with_state(Arc::clone(&log));
        tokio::spawn(axum::serve(listener, app).into_future());
        Self { url, log }
    }

    /// Names the server.
    pub(crate) fn relay_to(&self, url: &str) {
        url.trim_end_matches('/').clone_into(&mut self.log.server.lock().unwrap());
    }

    /// Plans what happens to the next writes, in their order.
    pub(crate) fn plan(&self, fates: impl IntoIterator<Item = Option<Fate>>) {
        *self.log.fates.lock().unwrap() = fates.into_iter().collect();
    }

    /// Every request so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.log.seen.lock().unwrap().clone()
    }
}

async fn relay(State(log): State<Arc<Log>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, MOST).await.unwrap();
    let seen = Seen {
        method: head.method.clone(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    };
    let is_write = seen.is_write();
    log.seen.lock().unwrap().push(seen);
    let fate = {
        let mut fates = log.fates.lock().unwrap();
        if is_write && !fates.is_empty() { fates.remove(0) } else { None }
    };
    match fate {
        Some(Fate::Refuse(status)) => {
            let says = r#"{"message":"the watch refuses"}"#;
            return answer(status, Body::from(says));
        }
        Some(Fate::LoseRequest) => return answer(502, Body::empty()),
        Some(Fate::LoseAnswer) | None => {}
    }
    let server = log.server.lock().unwrap().clone();
    let url = format!("{server}{}", head.uri);
    let mut headers = head.headers;
    OF_A_CONNECTION.iter().for_each(|name| drop(headers.remove(*name)));
    let client = http_client(Reach::Here).unwrap();
    let relayed = client.request(head.method, url).headers(headers).body(body).send();
    let relayed = relayed.await.unwrap();
    if fate == Some(Fate::LoseAnswer) {
        return answer(502, Body::empty());
    }
    let mut response = answer(relayed.status().as_u16(), Body::empty());
    response.headers_mut().clear();
    for (name, value) in relayed.headers() {
        if !OF_A_CONNECTION.contains(&name.as_str()) {
            response.headers_mut().append(name.clone(), value.clone());
        }
    }
    *response.body_mut() = Body::from(relayed.bytes().await.unwrap());
    response
}

fn answer(status: u16, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    // A limit without this would close the connector for a minute.
    response.headers_mut().insert("retry-after", "0".parse().unwrap());
    response
}
