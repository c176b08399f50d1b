//! A server that says back what it was sent: nothing of the secret is told.

use std::time::Duration;

use reqwest::header::HeaderName;
use serde_json::json;

use super::peer::{Peer, showing};
use crate::settings::{Clock, Secret};
use crate::trackers::transport::{Auth, Request, Written};

/// A secret that most ways of writing change.
const SECRET: &str = "gh_s3cret\"can/ary+%x";

/// How `ada` and the secret stand in a header.
const PAIR: &str = "YWRhOmdoX3MzY3JldCJjYW4vYXJ5KyV4";

/// How deep in its message a server may hide what it echoes: so that what is told is cut before, behind, and
/// at every place in the first few characters, which are too few to be known when they stand alone.
const DEPTHS: [usize; 12] = [0, 270, 280, 287, 288, 289, 290, 291, 292, 293, 294, 310];

fn all() -> [Auth; 4] {
    let secret = || Secret::new(SECRET);
    [
        Auth::Bearer(secret()),
        Auth::Token(secret()),
        Auth::Basic { user: "ada".to_owned(), secret: secret() },
        Auth::Header { name: HeaderName::from_static("x-sn-apikey"), secret: secret() },
    ]
}

fn echoes() -> Vec<String> {
    let nested = json!({ "authorization": format!("Token token={SECRET}") }).to_string();
    vec![
        format!("Bearer {SECRET}"),
        format!("Basic {PAIR}"),
        format!("basic {}", PAIR.to_lowercase()),
        nested.replace('/', "\\/"),
        nested,
        "gh_s3cret%22can%2Fary%2B%25x".to_owned(),
    ]
}

fn assert_untold(shown: &str) {
    for part in ["gh_", "can", "ary", PAIR.split_at(4).0, PAIR.split_at(8).1] {
        let is_told = shown.to_lowercase().contains(&part.to_lowercase());
        assert!(!is_told, "{part:?} in {shown}");
    }
}

#[tokio::test]
async fn a_server_that_echoes_the_secret_is_not_repeated_wherever_its_words_are_cut() {
    for echo in echoes() {
        for depth in DEPTHS {
            let message = format!("{}{echo} is no good", "x".repeat(depth));
            let body = json!({ "message": message }).to_string();
            for status in ["401 No", "403 No", "422 No", "500 No"] {
                let peer = Peer::saying(status, "", &body).await;
                let auth = Auth::Basic { user: "ada".to_owned(), secret: Secret::new(SECRET) };
                let transport = showing(&peer.url, auth, Clock::real());
                let read = transport.read(&Request::get(&["things"])).await.unwrap_err();
                assert_untold(&format!("{read} {read:?}"));
            }
        }
    }
}

#[tokio::test]
async fn whichever_way_the_secret_is_shown_a_refused_write_does_not_repeat_it() {
    for auth in all() {
        let shown = format!("{auth:?}");
        for echo in echoes().into_iter().filter(|echo| is_of(&auth, echo)) {
            let body = json!({ "errors": [{ "detail": format!("got {echo}") }] }).to_string();
            let peer = Peer::saying("422 No", "", &body).await;
            let transport = showing(&peer.url, auth.clone(), Clock::real());
            let note = Request::post(&["things"], json!({ "text": "found it" }));
            let written = tokio::time::timeout(Duration::from_mins(1), transport.write("7", &note));
            let Ok(Written::Rejected { why, .. }) = written.await.unwrap() else { panic!() };
            assert!(why.starts_with("got "), "{why}");
            assert_untold(&format!("{why} {shown} {transport:?}"));
        }
    }
}

/// Whether an echo is one of what this way of showing a secret sends.
fn is_of(auth: &Auth, echo: &str) -> bool {
    matches!(auth, Auth::Basic { .. }) || !echo.to_lowercase().starts_with("basic")
}
