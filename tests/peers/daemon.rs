//! A server that others wrote, running for one test on a port of its own choice.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use wheelhouse::partner::{Reach, http_client};

use crate::support::Peer;

/// How long a server may take for anything that a test waits for.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long until a test looks again.
const GLANCE: Duration = Duration::from_millis(50);

/// What these servers write when they can be reached, before the address.
const LISTENING: &str = "msg=\"Listening on\" address=";

/// A running server; it dies when dropped.
pub(super) struct Daemon {
    child: Child,
    address: SocketAddr,
}

impl Daemon {
    /// Starts a server on a free port of loopback; `None` if it is not installed.
    pub(super) async fn start(peer: &Peer, arguments: &[String]) -> Option<Self> {
        let program = peer.program()?;
        let mut command = Command::new(&program);
        // Below this folder it finds the files of its package.
        let command = command.args(arguments).current_dir(program.ancestors().nth(3).unwrap());
        let (child, address) =
            listening(command.arg("--web.listen-address=127.0.0.1:0"), LISTENING).await;
        let address = address.parse().unwrap();
        let daemon = Self { child, address };
        daemon.until(async || daemon.get("-/ready", &[]).await.map(drop)).await;
        Some(daemon)
    }

    /// Its address, with a path on it.
    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    /// Asks it; `None` unless it answers with success.
    pub(super) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Option<String> {
        let client = http_client(Reach::Here).unwrap();
        let answer = client.get(self.url(path)).query(query).send().await.ok()?;
        if answer.status().is_success() { answer.text().await.ok() } else { None }
    }

    /// Sends it JSON, which it must take.
    pub(super) async fn post(&self, path: &str, body: &Value) {
        let client = http_client(Reach::Here).unwrap();
        let answer = client.post(self.url(path)).json(body).send().await.unwrap();
        let status = answer.status();
        assert!(status.is_success(), "{status}: {}", answer.text().await.unwrap());
    }

    /// Asks again and again until there is an answer.
    pub(super) async fn until<T>(&self, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
        let mut glances = tokio::time::interval(GLANCE);
        let answered = async {
            loop {
                glances.tick().await;
                if let Some(answer) = ask().await {
                    return answer;
                }
            }
        };
        tokio::time::timeout(PATIENCE, answered).await.expect("it never came to this")
    }

    /// Ends it and waits for that.
    pub(super) async fn stop(mut self) {
        self.child.kill().await.unwrap();
    }
}

/// Starts a server and waits until it tells on standard error where it listens: the words after `mark`.
/// It dies with the child that is returned.
pub(super) async fn listening(command: &mut Command, mark: &str) -> (Child, String) {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut said = Vec::new();
    loop {
        let line = tokio::time::timeout(PATIENCE, lines.next_line()).await;
        let line = line.expect("it does not say where it listens").unwrap();
        let Some(line) = line else { panic!("it ended: {said:#?}") };
        if let Some((_, place)) = line.split_once(mark) {
            // What it writes from now on is read and dropped, so that it never waits for a reader.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return (child, place.to_owned());
        }
        said.push(line);
    }
}

/// The argument that names a file or a folder.
pub(super) fn argument(name: &str, file: &Path) -> String {
    format!("--{name}={}", file.display())
}
