//! A server that answers as a test says, byte by byte, and remembers what it was sent.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::settings::{Clock, Environment, Secret, SecretPlace};
use crate::trackers::transport::{Auth, Limits, Setup, Transport};

/// The secret of every transport here; whoever finds it somewhere else has found a leak.
pub(super) const CANARY: &str = "s3cret-canary";

/// Where nobody listens, nor will: the port belongs to the system.
pub(super) const NOBODY: &str = "http://127.0.0.1:1/";

/// An answer whose head goes on and on, and one whose body does.
pub(super) const DRIPPING_HEAD: (&str, &str) = ("HTTP/1.1 200 OK\r\nx-drip: ", "x");
pub(super) const DRIPPING_BODY: (&str, &str) =
    ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "1\r\n \r\n");

/// How often a drop falls.
const PACE: Duration = Duration::from_millis(10);

/// A request as it came.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// Everything before the body, in lower case.
    pub(super) head: String,
    pub(super) body: String,
}

/// What the server does next.
pub(super) enum Then {
    /// It answers.
    Say(Vec<u8>),
    /// It closes the connection.
    Drop,
    /// It says this much, and no more.
    Stall(Vec<u8>),
    /// It says the first, and then the second again and again.
    Drip(&'static str, &'static str),
}

/// The server.
pub(super) struct Peer {
    pub(super) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Peer {
    /// Starts a server that answers each request by its number, counted from 0.
    pub(super) async fn start(
        answer: impl Fn(usize, &Seen) -> Then + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api/", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (known, answer) = (Arc::clone(&seen), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (known, answer) = (Arc::clone(&known), Arc::clone(&answer));
                tokio::spawn(async move {
                    let Some(request) = request(&mut stream).await else { return };
                    let number = {
                        let mut known = known.lock().unwrap();
                        known.push(request.clone());
                        known.len() - 1
                    };
                    follow(&mut stream, answer(number, &request)).await;
                });
            }
        });
        Self { url, seen }
    }

    /// Starts a server that always says the same.
    pub(super) async fn saying(status: &str, headers: &str, body: &str) -> Self {
        let said = said(status, headers, body.as_bytes());
        Self::start(move |_, _| Then::Say(said.clone())).await
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(super) async fn transport(&self) -> Transport {
        transport(&self.url, Clock::real()).await
    }

    /// Asks a server that never ends its answer, with little patience. On a busy machine that may be over
    /// before the server is asked: then it is too little, and another one is asked with more.
    pub(super) async fn stalling<T>(
        begun: &'static [u8],
        ask: impl AsyncFn(Transport) -> T,
    ) -> (Self, T) {
        Self::unending(|| Then::Stall(begun.to_vec()), ask).await
    }

    /// Asks a server that goes on as it begins, in the same way.
    pub(super) async fn unending<T>(
        then: impl Fn() -> Then + Copy + Send + Sync + 'static,
        ask: impl AsyncFn(Transport) -> T,
    ) -> (Self, T) {
        let mut total = Duration::from_millis(400);
        loop {
            let peer = Self::start(move |_, _| then()).await;
            let auth = Auth::Bearer(secret().await);
            let asked = ask(with(&peer.url, auth, (Clock::real(), total))).await;
            if !peer.seen().is_empty() {
                return (peer, asked);
            }
            total *= 2;
        }
    }
}

/// A transport with much patience: this machine may do something else meanwhile.
pub(super) async fn transport(url: &str, clock: Clock) -> Transport {
    showing(url, Auth::Bearer(secret().await), clock)
}

/// A transport that shows who it is in a way of its own.
pub(super) fn showing(url: &str, auth: Auth, clock: Clock) -> Transport {
    with(url, auth, (clock, Duration::from_mins(2)))
}

fn with(url: &str, auth: Auth, (clock, total): (Clock, Duration)) -> Transport {
    let limits =
        Limits { connect: total, total, repeat: vec![Duration::ZERO], ..Limits::default() };
    Transport::new(Setup { base: url.to_owned(), auth, headers: Vec::new(), limits, clock })
        .unwrap()
}

pub(super) async fn secret() -> Secret {
    let environment = Environment::of([("TOKEN", CANARY)]);
    SecretPlace::Variable("TOKEN".to_owned()).fetch(&environment).await.unwrap()
}

/// An answer on the wire; headers are whole lines.
pub(super) fn said(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n"
    );
    [head.as_bytes(), body].concat()
}

async fn request(stream: &mut TcpStream) -> Option<Seen> {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let head = head.to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
            return Some(Seen { head, body: body.to_owned() });
        }
    }
}

async fn follow(stream: &mut TcpStream, then: Then) {
    // The client may have gone; what it made of that is what the test looks at.
    match then {
        Then::Say(bytes) => drop(stream.write_all(&bytes).await),
        Then::Drop => {}
        Then::Stall(bytes) => {
            drop(stream.write_all(&bytes).await);
            std::future::pending::<()>().await;
        }
        Then::Drip(begun, more) => {
            let mut pace = tokio::time::interval(PACE);
            let mut said = stream.write_all(begun.as_bytes()).await;
            while said.is_ok() {
                pace.tick().await;
                said = stream.write_all(more.as_bytes()).await;
            }
        }
    }
}
