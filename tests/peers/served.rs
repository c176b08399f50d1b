//! A tracker server that others wrote, running for one test behind a watch.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};

use wheelhouse::partner::{Reach, http_client};
use wheelhouse::settings::{Environment, Secret, SecretPlace};

/// How long a server may take to come up.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long until a test looks again.
const GLANCE: Duration = Duration::from_millis(100);

/// A port that nobody listened on a moment ago.
pub(super) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Starts a server and waits until it answers; it dies with the child that is returned.
pub(super) async fn served(command: &mut Command, url: &str) -> Child {
    let silent = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = silent.kill_on_drop(true).spawn().unwrap();
    let client = http_client(Reach::Here).unwrap();
    let mut glances = tokio::time::interval(GLANCE);
    let answered = async {
        while client.get(url).send().await.is_err() {
            glances.tick().await;
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "the server ended: {ended:?}");
        }
    };
    tokio::time::timeout(PATIENCE, answered).await.expect("the server does not answer");
    child
}

/// A secret, as the settings would fetch it.
pub(super) async fn secret(text: &str) -> Secret {
    let environment = Environment::of([("SECRET", text)]);
    SecretPlace::Variable("SECRET".to_owned()).fetch(&environment).await.unwrap()
}
