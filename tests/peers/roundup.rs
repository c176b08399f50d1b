//! The Roundup connector on a real Roundup.

use std::sync::Arc;

use tokio::process::{Child, Command};

use wheelhouse::settings::Clock;
use wheelhouse::trackers::{RoundupSetup, RoundupTracker, Tracker, TrackerError};

use super::served::{secret, served};
use crate::support::ROUNDUP;
use crate::trackers::{Bench, Schema, Seen, Watch, holds};

/// Makes a tracker and serves it behind a watch; `None` if Roundup is not installed.
async fn roundup(folder: &tempfile::TempDir) -> Option<(Watch, Child)> {
    let program = ROUNDUP.program()?;
    let watch = Watch::start().await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/serve_roundup.py");
    let mut python = Command::new(program);
    // It takes changes from its own address alone, and that is where people would find it.
    let python = python.arg(script).arg(folder.path()).arg(&watch.url);
    let child = served(python, &watch).await;
    Some((watch, child))
}

async fn connector(watch: &Watch, password: &str) -> RoundupTracker {
    let password = secret(password).await;
    let (url, user) = (watch.url.clone(), "wheelhouse".to_owned());
    let setup = RoundupSetup { url, user, password, clock: Clock::real() };
    RoundupTracker::new("roundup", setup).unwrap()
}

/// Messages and issues are added; of an issue its status is changed, and messages are added to it.
fn is_harmless(seen: &Seen) -> bool {
    let has = |name: &str| seen.body.get(name).is_some();
    match seen.method.as_str() {
        "POST" => seen.path == "/rest/data/msg" || seen.path == "/rest/data/issue",
        "PATCH" if !seen.path.starts_with("/rest/data/issue/") => false,
        "PATCH" if has("messages") => seen.body["@op"] == "add" && !has("title"),
        "PATCH" => has("status") && !has("title") && !has("@op"),
        _ => false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contract_holds_for_roundup() {
    let folder = tempfile::tempdir().unwrap();
    let Some((watch, _child)) = roundup(&folder).await else { return };
    let stranger = connector(&watch, "wrong").await;
    let refused = stranger.probe().await;
    assert!(matches!(refused, Err(TrackerError::Unauthorized { .. })), "{refused:?}");
    let tracker = Arc::new(connector(&watch, "wheelhouse-password").await);
    let bench = Bench { tracker, watch: Some(watch), is_harmless, nowhere: "999999" };
    holds(&bench).await;
    let (schema, seen) = (Schema::roundup(), bench.watch.as_ref().unwrap().seen());
    seen.iter().for_each(|seen| schema.check(seen));
}
