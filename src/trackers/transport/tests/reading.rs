//! Reading: repeated, conditional, bounded, and never led elsewhere.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::HeaderName;
use serde_json::json;

use super::peer::{CANARY, NOBODY, Peer, Then, said, secret, showing, transport};
use crate::settings::Clock;
use crate::trackers::TrackerError;
use crate::trackers::transport::{Auth, Request, Transport};

fn things() -> Request {
    Request::get(&["things"]).query("since", "2027-01-15T08:00:00Z")
}

async fn failure(peer: &Peer) -> TrackerError {
    peer.transport().await.read(&things()).await.unwrap_err()
}

#[tokio::test]
async fn a_read_carries_the_secret_and_is_repeated_when_the_connection_breaks() {
    let peer = Peer::start(|number, _| match number {
        0 => Then::Drop,
        _ => Then::Say(said("200 OK", "", b"[1]")),
    })
    .await;
    assert_eq!(peer.transport().await.read(&things()).await.unwrap().json, json!([1]));
    let seen = peer.seen();
    assert_eq!(seen.len(), 2);
    let asked = "get /api/things?since=2027-01-15t08%3a00%3a00z http/1.1";
    assert!(seen[1].head.starts_with(asked), "{seen:?}");
    assert!(seen[1].head.contains(&format!("authorization: bearer {CANARY}")));
}

#[tokio::test]
async fn every_tracker_is_shown_the_secret_as_it_wants_it() {
    let peer = Peer::saying("200 OK", "", "[]").await;
    let name = HeaderName::from_static("x-sn-apikey");
    for (auth, line) in [
        (Auth::Bearer(secret().await), format!("authorization: bearer {CANARY}")),
        (Auth::Token(secret().await), format!("authorization: token token={CANARY}")),
        (Auth::Header { name, secret: secret().await }, format!("x-sn-apikey: {CANARY}")),
        (
            Auth::Basic { user: "ada".to_owned(), secret: secret().await },
            // base64 of ada:s3cret-canary, in lower case as everything here.
            "authorization: basic ywrhonmzy3jldc1jyw5hcnk=".to_owned(),
        ),
    ] {
        let transport = showing(&peer.url, auth, Clock::real());
        transport.read(&things()).await.unwrap();
        let head = peer.seen().pop().unwrap().head;
        assert!(head.contains(&line), "{line} is missing in {head}");
    }
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let peer = Peer::start(|_, request| {
        let link = "link: <https://proxy.example/api/things?page=2>; rel=\"next\"\r\n";
        if request.head.contains("if-none-match: \"v1\"") {
            return Then::Say(said("304 Not Modified", "", b""));
        }
        Then::Say(said("200 OK", &format!("etag: \"v1\"\r\n{link}"), b"[1,2]"))
    })
    .await;
    let transport = peer.transport().await;
    for _ in 0..2 {
        let reply = transport.read(&things()).await.unwrap();
        assert_eq!(reply.json, json!([1, 2]));
        assert!(reply.more);
    }
    assert_eq!(peer.seen().len(), 2);
}

#[tokio::test]
async fn the_answer_to_one_question_in_a_body_is_not_taken_for_that_to_another() {
    let peer = Peer::start(|_, request| {
        if request.head.contains("if-none-match") {
            return Then::Say(said("304 Not Modified", "", b""));
        }
        Then::Say(said("200 OK", "etag: \"v1\"\r\n", request.body.as_bytes()))
    })
    .await;
    let transport = peer.transport().await;
    for id in ["1", "2"] {
        let question = Request::post(&["graphql"], json!({ "id": id }));
        assert_eq!(transport.read(&question).await.unwrap().json["id"], id);
    }
}

#[tokio::test]
async fn an_id_stays_one_segment_of_the_path() {
    let peer = Peer::saying("200 OK", "", "[]").await;
    let transport = peer.transport().await;
    transport.read(&Request::get(&["things", "a/../../b?c#d"])).await.unwrap();
    assert!(peer.seen()[0].head.starts_with("get /api/things/a%2f..%2f..%2fb%3fc%23d "));
    for id in ["..", ".", ""] {
        let read = transport.read(&Request::get(&["things", id])).await;
        assert!(matches!(read, Err(TrackerError::NotFound { .. })), "{id}: {read:?}");
    }
}

#[tokio::test]
async fn every_refusal_has_its_kind() {
    let kind =
        async |status: &str, body: &str| failure(&Peer::saying(status, "", body).await).await;
    let says = r#"{"message":"Bad credentials"}"#;
    let why = "Bad credentials".to_owned();
    assert_eq!(kind("401 No", says).await, TrackerError::Unauthorized { why: why.clone() });
    assert_eq!(kind("403 No", says).await, TrackerError::Refused { why: why.clone() });
    for status in ["404 No", "410 Gone"] {
        let missing = kind(status, says).await;
        assert_eq!(missing, TrackerError::NotFound { what: "GET things".to_owned() }, "{status}");
    }
    assert_eq!(
        kind("502 No", "<html>").await,
        TrackerError::Unreachable { why: "it answered 502".to_owned() }
    );
    assert!(matches!(kind("200 OK", "<html>").await, TrackerError::Broken { .. }));
}

#[tokio::test]
async fn a_tracker_that_wants_to_be_left_alone_is_not_asked_again() {
    let limited = "retry-after: 30\r\n";
    let peer = Peer::saying("429 Too Many Requests", limited, "{}").await;
    let clock = Clock::held_at(Timestamp::from_second(1_800_000_000).unwrap());
    let transport = transport(&peer.url, clock.clone()).await;
    for left in [30, 20] {
        let retry_after = Some(Duration::from_secs(left));
        let read = transport.read(&things()).await;
        assert_eq!(read.unwrap_err(), TrackerError::Throttled { retry_after });
        clock.advance(Duration::from_secs(10));
    }
    assert_eq!(peer.seen().len(), 1);
    clock.advance(Duration::from_secs(10));
    transport.read(&things()).await.unwrap_err();
    assert_eq!(peer.seen().len(), 2);
}

#[tokio::test]
async fn a_bomb_is_cut_and_so_is_what_never_ends() {
    let bomb = bomb(64 * 1024 * 1024);
    assert!(bomb.len() < 512 * 1024);
    let unpacked =
        Peer::start(move |_, _| Then::Say(said("200 OK", "content-encoding: gzip\r\n", &bomb)));
    let cut = failure(&unpacked.await).await;
    let TrackerError::Broken { why } = &cut else { panic!("{cut:?}") };
    assert!(why.contains("more than 8388608 bytes"), "{why}");
    for other in ["br", "zstd", "deflate", "gzip, gzip"] {
        let headers = format!("content-encoding: {other}\r\n");
        let packed = Peer::start(move |_, _| Then::Say(said("200 OK", &headers, &[0x1f; 4096])));
        let read = failure(&packed.await).await;
        let is_refused =
            matches!(read, TrackerError::Broken { .. } | TrackerError::Unreachable { .. });
        assert!(is_refused, "{other} is not unpacked: {read:?}");
    }
    let begun = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n[1";
    let ask = async |transport: Transport| transport.read(&things()).await;
    let (_slow, cut) = Peer::stalling(begun, ask).await;
    let why = "no answer in time".to_owned();
    assert_eq!(cut.unwrap_err(), TrackerError::Unreachable { why });
}

#[tokio::test]
async fn hostile_json_is_an_error_and_no_crash() {
    for body in ["[".repeat(200_000), "NaN".to_owned(), r#"{"a":"\ud800"}"#.to_owned()] {
        let read = failure(&Peer::saying("200 OK", "", &body).await).await;
        assert!(matches!(read, TrackerError::Broken { .. }), "{read:?}");
    }
    let huge = Peer::saying("200 OK", "", "[12345678901234567890123, {\"a\":1,\"a\":2}]").await;
    huge.transport().await.read(&things()).await.unwrap();
}

#[tokio::test]
async fn no_error_and_no_log_shows_the_secret_or_a_question() {
    let echo = format!(r#"{{"message":"token {CANARY} is bad"}}"#);
    let echoing = Peer::saying("401 Unauthorized", "", &echo).await;
    let transport = echoing.transport().await;
    let asked = Request::get(&["things"]).query("key", CANARY);
    let dead = self::transport(NOBODY, Clock::real()).await;
    for shown in [
        format!("{:?}", transport.read(&asked).await.unwrap_err()),
        format!("{:?}", dead.read(&asked).await.unwrap_err()),
        format!("{transport:?}"),
    ] {
        assert!(!shown.contains(CANARY) && !shown.contains("key="), "{shown}");
    }
}

/// A gzip stream that unpacks to at least this many bytes: one literal, then copies of it.
fn bomb(length: usize) -> Vec<u8> {
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let (mut bits, mut count) = (0_u64, 0_u32);
    // Codes go in from their highest bit, everything else from its lowest.
    let mut put = |code: u64, length: u32| {
        for bit in (0..length).rev() {
            bits |= (code >> bit & 1) << count;
            count += 1;
            if count == 8 {
                bytes.push(u8::try_from(bits).unwrap());
                (bits, count) = (0, 0);
            }
        }
    };
    // The last block, with fixed codes; the byte 0; then 258 bytes from one byte back, and again.
    put(0b110, 3);
    put(0b0011_0000, 8);
    for _ in 0..=length / 258 {
        put(0b1100_0101, 8);
        put(0, 5);
    }
    put(0, 7);
    put(0, 8);
    bytes
}
