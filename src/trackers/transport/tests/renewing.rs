//! A secret that runs out: fetched again where it is kept, once, and shown from then on.

use std::path::Path;

use serde_json::json;

use super::peer::{Peer, Then, said, showing};
use crate::settings::{Clock, Environment, Secret, SecretPlace};
use crate::trackers::TrackerError;
use crate::trackers::transport::{Auth, Request, Transport, Written};

const FIRST: &str = "s3cret-first-token";
const SECOND: &str = "s3cret-second-token";

/// A peer that takes the second token alone, and repeats whatever it refuses.
async fn renewed() -> Peer {
    Peer::start(|_, seen| {
        let body = json!({ "message": seen.head }).to_string();
        Then::Say(if seen.head.contains(SECOND) {
            said("200 OK", "", b"{\"id\":7}")
        } else {
            said("401 Unauthorized", "", body.as_bytes())
        })
    })
    .await
}

fn keep(file: &Path, secret: &str) {
    use std::os::unix::fs::PermissionsExt;

    std::fs::write(file, secret).unwrap();
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// A transport whose token is kept in a file.
async fn kept_in(file: &Path, url: &str, clock: Clock) -> Transport {
    keep(file, FIRST);
    let place = SecretPlace::File(file.to_owned());
    let secret = place.fetch(&Environment::default()).await.unwrap();
    showing(url, Auth::Bearer(secret), clock)
}

#[tokio::test]
async fn a_token_that_ran_out_is_fetched_again_and_nothing_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("token");
    let peer = renewed().await;
    let transport = kept_in(&file, &peer.url, Clock::real()).await;
    keep(&file, SECOND);
    let written = transport.write("7", &Request::post(&["notes"], json!({ "a": 1 }))).await;
    assert!(matches!(written, Ok(Written::Stored(_))), "{written:?}");
    assert_eq!(transport.read(&Request::get(&["notes"])).await.unwrap().json["id"], 7);
    let shown: Vec<bool> = peer.seen().iter().map(|seen| seen.head.contains(SECOND)).collect();
    assert_eq!(shown, [false, true, true], "what it did not take came again, and once");
}

#[tokio::test]
async fn whoever_is_refused_at_the_same_time_waits_for_the_one_who_asks() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("token");
    let peer = renewed().await;
    let transport = kept_in(&file, &peer.url, Clock::real()).await;
    keep(&file, SECOND);
    let paths = ["a", "b", "c"].map(|path| Request::get(&[path]));
    let read = futures_util::future::join_all(paths.iter().map(|it| transport.read(it))).await;
    assert!(read.iter().all(Result::is_ok), "{read:?}");
}

#[tokio::test]
async fn a_secret_that_stays_refused_is_asked_for_once_a_minute() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("token");
    let (peer, clock) = (renewed().await, Clock::held_at(jiff::Timestamp::UNIX_EPOCH));
    let transport = kept_in(&file, &peer.url, clock.clone()).await;
    let request = Request::get(&["notes"]);
    let refused = transport.read(&request).await.unwrap_err();
    assert!(matches!(refused, TrackerError::Unauthorized { .. }), "{refused}");
    assert!(!refused.to_string().contains("s3cret"), "{refused}");
    keep(&file, SECOND);
    clock.advance(std::time::Duration::from_secs(59));
    assert!(transport.read(&request).await.is_err());
    assert_eq!(peer.seen().len(), 2, "nobody asked again");
    clock.advance(std::time::Duration::from_secs(2));
    assert!(transport.read(&request).await.is_ok());
}

#[tokio::test]
async fn the_secrets_before_are_told_no_more_than_the_one_now() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("token");
    let peer = Peer::start(|number, _| {
        let body = json!({ "message": format!("{FIRST} and {SECOND} are none") }).to_string();
        let status = if number == 0 { "401 Unauthorized" } else { "422 Unprocessable" };
        Then::Say(said(status, "", body.as_bytes()))
    })
    .await;
    let transport = kept_in(&file, &peer.url, Clock::real()).await;
    keep(&file, SECOND);
    let refused = transport.read(&Request::get(&["notes"])).await.unwrap_err().to_string();
    assert!(refused.contains("… and … are none"), "{refused}");
}

#[tokio::test]
async fn a_secret_that_is_kept_nowhere_is_not_asked_for() {
    let peer = renewed().await;
    let transport = showing(&peer.url, Auth::Bearer(Secret::new(FIRST)), Clock::real());
    assert!(transport.read(&Request::get(&["notes"])).await.is_err());
    assert_eq!(peer.seen().len(), 1);
}

/// What each request showed, in the order in which they came.
fn shown(peer: &Peer) -> Vec<String> {
    let token = |head: &str| {
        let (_, token) = head.split_once("bearer ").unwrap();
        token.lines().next().unwrap().to_owned()
    };
    peer.seen().iter().map(|seen| token(&seen.head)).collect()
}

fn nth(number: usize) -> String {
    format!("{number:02}-s3cret-token")
}

/// A peer before which another token is kept whenever it was asked; which of the requests it takes is said.
async fn minting(file: &Path, takes: fn(usize) -> bool) -> Peer {
    let file = file.to_owned();
    Peer::start(move |number, _| {
        keep(&file, &nth(number + 1));
        let known = (0..=number).map(nth).collect::<Vec<_>>().join(" ");
        let (taken, body) = (takes(number), json!({ "message": known }).to_string());
        let status = if taken { "200 OK" } else { "401 Unauthorized" };
        Then::Say(said(status, "", body.as_bytes()))
    })
    .await
}

#[tokio::test]
async fn where_each_new_secret_is_refused_as_well_one_is_fetched_a_minute() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("token");
    let clock = Clock::held_at(jiff::Timestamp::UNIX_EPOCH);
    let peer = minting(&file, |_| false).await;
    let transport = kept_in(&file, &peer.url, clock.clone()).await;
    let request = Request::get(&["notes"]);
    for _ in 0..3 {
        assert!(transport.read(&request).await.is_err());
        assert!(transport.write("7", &Request::post(&["notes"], json!({}))).await.is_err());
        clock.advance(std::time::Duration::from_secs(19));
    }
    let second = nth(1);
    let mut expected = vec![FIRST.to_owned()];
    expected.extend(std::iter::repeat_n(second.clone(), 6));
    assert_eq!(shown(&peer), expected, "fetched once");
    clock.advance(std::time::Duration::from_secs(4));
    assert!(transport.read(&request).await.is_err());
    assert_eq!(shown(&peer)[7..], [second, nth(8)], "and again after a minute");
}

#[tokio::test]
async fn a_new_secret_that_was_taken_and_runs_out_is_fetched_again_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("token");
    let clock = Clock::held_at(jiff::Timestamp::UNIX_EPOCH);
    let peer = minting(&file, |number| number % 2 == 1).await;
    let transport = kept_in(&file, &peer.url, clock).await;
    assert!(transport.read(&Request::get(&["notes"])).await.is_ok());
    let written = transport.write("7", &Request::post(&["notes"], json!({}))).await;
    assert!(matches!(written, Ok(Written::Stored(_))), "{written:?}");
    assert_eq!(shown(&peer), [FIRST.to_owned(), nth(1), nth(1), nth(3)]);
}

#[tokio::test]
async fn of_the_secrets_before_the_latest_are_kept_to_be_hidden() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("token");
    let clock = Clock::held_at(jiff::Timestamp::UNIX_EPOCH);
    let peer = minting(&file, |_| false).await;
    let transport = kept_in(&file, &peer.url, clock.clone()).await;
    let mut refused = String::new();
    for _ in 0..12 {
        refused = transport.read(&Request::get(&["notes"])).await.unwrap_err().to_string();
        clock.advance(std::time::Duration::from_mins(1));
    }
    let fetched: Vec<String> = (0..12).map(|number| nth(2 * number + 1)).collect();
    let told: Vec<bool> = fetched.iter().map(|token| refused.contains(token)).collect();
    assert_eq!(told, [[true; 4].as_slice(), &[false; 8]].concat(), "{refused}");
}
