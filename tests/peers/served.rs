//! A tracker server that others wrote, running for one test behind a watch.

use tokio::process::{Child, Command};

use wheelhouse::settings::{Environment, Secret, SecretPlace};

use super::daemon::listening;
use crate::trackers::Watch;

/// What the scripts beside this write when their server can be reached, before the address.
const SERVING: &str = "serving on ";

/// Starts a server on a port of its own choice, which the watch relays to; it dies with the child that
/// is returned.
pub(super) async fn served(command: &mut Command, watch: &Watch) -> Child {
    let (child, url) = listening(command, SERVING).await;
    watch.relay_to(&url);
    child
}

/// A secret, as the settings would fetch it.
pub(super) async fn secret(text: &str) -> Secret {
    let environment = Environment::of([("SECRET", text)]);
    SecretPlace::Variable("SECRET".to_owned()).fetch(&environment).await.unwrap()
}
