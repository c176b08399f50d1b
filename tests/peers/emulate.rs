//! The GitHub connector on a GitHub that others imitate: emulate, in Node.

use std::sync::Arc;

use serde_json::json;
use tokio::process::{Child, Command};

use wheelhouse::settings::{Clock, Visibility};
use wheelhouse::trackers::{
    AccountKind, Appended, GithubSetup, GithubTracker, ItemId, NewItem, Opened, Tracker, Vouched,
};

use super::served::{secret, served};
use crate::support::EMULATE;
use crate::trackers::{Bench, Schema, Seen, Watch, holds};

/// How fast the clock runs, so that the gap between writes is short.
const SPEED: f64 = 50.0;

/// Starts it with one repository behind a watch; `None` if it is not installed.
async fn github(folder: &tempfile::TempDir, private: bool) -> Option<(Watch, Child)> {
    let program = EMULATE.program()?;
    let seed = folder.path().join("seed.json");
    let repository = json!({ "owner": "octocat", "name": "incidents", "private": private });
    let told = json!({
        "github": { "users": [{ "login": "octocat" }], "repos": [repository] },
        "tokens": { "the-token": { "login": "octocat", "scopes": ["repo"] } },
    });
    std::fs::write(&seed, told.to_string()).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/serve_emulate.mjs");
    let watch = Watch::start().await;
    let mut node = Command::new("node");
    // Its links lead where people would find it.
    let node = node.arg(script).arg(program).arg(&seed).arg(watch.url.trim_end_matches('/'));
    let child = served(node, &watch).await;
    Some((watch, child))
}

async fn connector(watch: &Watch, visibility: Visibility) -> GithubTracker {
    let setup = GithubSetup {
        url: watch.url.clone(),
        repository: ("octocat".to_owned(), "incidents".to_owned()),
        labels: Vec::new(),
        visibility,
        token: secret("the-token").await,
        clock: Clock::at_speed(SPEED),
    };
    GithubTracker::new("github", setup).unwrap()
}

/// Comments and issues are added; of an issue only where it stands is changed.
fn is_harmless(seen: &Seen) -> bool {
    let only = |names: &[&str]| {
        seen.body.as_object().unwrap().keys().all(|name| names.contains(&name.as_str()))
    };
    match seen.method.as_str() {
        "POST" => seen.path.ends_with("/issues") || seen.path.ends_with("/comments"),
        "PATCH" => !seen.path.contains("/comments") && only(&["state", "state_reason"]),
        _ => false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contract_holds_for_github() {
    let folder = tempfile::tempdir().unwrap();
    let Some((watch, _child)) = github(&folder, true).await else { return };
    let tracker = Arc::new(connector(&watch, Visibility::Internal).await);
    let probe = tracker.probe().await.unwrap();
    assert_eq!((probe.account.kind, probe.traps), (AccountKind::Human, Vec::new()));
    let bench = Bench { tracker, watch: Some(watch), is_harmless, nowhere: "999999" };
    holds(&bench).await;
    let (schema, seen) = (Schema::github(), bench.watch.as_ref().unwrap().seen());
    seen.iter().for_each(|seen| schema.check(seen));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_comments_are_read_to_the_end_and_only_new_ones_again() {
    let folder = tempfile::tempdir().unwrap();
    let Some((watch, _child)) = github(&folder, true).await else { return };
    let tracker = connector(&watch, Visibility::Internal).await;
    let item = item(&tracker).await;
    for count in [99, 100, 101, 250] {
        let before = texts(&tracker, &item, &mut String::new()).await;
        for number in before..count {
            let text = format!("entry {number}");
            assert!(matches!(tracker.append(&item, &text).await.unwrap(), Appended::Stored { .. }));
        }
        assert_eq!(texts(&tracker, &item, &mut String::new()).await, count);
    }
    let mut place = String::new();
    texts(&tracker, &item, &mut place).await;
    let before = watch.seen().len();
    tracker.append(&item, "one more").await.unwrap();
    texts(&tracker, &item, &mut place).await;
    // This GitHub does not know `since`; the real one does.
    let asks_for_new =
        |seen: &Seen| seen.path.ends_with("/comments") && seen.query.contains("since=20");
    assert!(watch.seen()[before..].iter().any(asks_for_new));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_public_repository_takes_entries_only_if_the_settings_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let Some((watch, _child)) = github(&folder, false).await else { return };
    let internal = connector(&watch, Visibility::Internal).await;
    assert_eq!(internal.probe().await.unwrap().traps.len(), 1);
    let new = NewItem { title: "checkout 5xx".to_owned(), text: "internal".to_owned() };
    let refused = internal.open(&new).await.unwrap();
    assert!(matches!(refused, Opened::Rejected { .. }), "{refused:?}");
    assert!(!watch.seen().iter().any(Seen::is_write), "nothing left");
    item(&connector(&watch, Visibility::Public).await).await;
}

/// This GitHub has no GraphQL; the real one does. So nothing that is typed here decides, and it is said why.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_github_without_graphql_vouches_for_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let Some((watch, _child)) = github(&folder, true).await else { return };
    let tracker = connector(&watch, Visibility::Internal).await;
    let item = item(&tracker).await;
    tracker.append(&item, "/approve x").await.unwrap();
    let said = tracker.find(&item, "/approve x").await.unwrap().remove(0);
    let vouched = tracker.vouch(&said).await;
    assert!(
        matches!(&vouched, Ok(Vouched::Unsaid { why }) if why.contains("GraphQL")),
        "{vouched:?}"
    );
    assert!(watch.seen().iter().any(|seen| seen.path == "/graphql"), "it was asked");
}

async fn item(tracker: &GithubTracker) -> ItemId {
    let new = NewItem { title: "checkout 5xx".to_owned(), text: "it began".to_owned() };
    match tracker.open(&new).await.unwrap() {
        Opened::Stored { item } => item,
        other => panic!("{other:?}"),
    }
}

/// How many texts there are from a place on; the place moves to where the next reading begins.
async fn texts(tracker: &GithubTracker, item: &ItemId, place: &mut String) -> usize {
    let mut count = 0;
    loop {
        let page = tracker.entries(item, &place.clone().into()).await.unwrap();
        let text = |native: &&wheelhouse::trackers::Native| native.remote.parse::<u64>().is_ok();
        count += page.found.iter().filter(text).count();
        page.next.as_str().clone_into(place);
        if page.complete {
            return count;
        }
    }
}
