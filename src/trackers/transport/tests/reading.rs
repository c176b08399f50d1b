//! Reading: repeated, conditional, bounded, and never led elsewhere.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::HeaderName;
use serde_json::json;

use super::peer::{
    CANARY, DRIPPING_BODY, DRIPPING_HEAD, NOBODY, Peer, Then, said, secret, showing, transport,
};
use crate::partner::packed::{BROTLI, DEFLATE, GZIP, GZIP_TWICE, ZLIB, ZSTD, bomb};
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

/// 75: everything here would become `[1]` if somebody unpacked it, and is refused because nobody does.
#[tokio::test]
async fn what_is_packed_otherwise_is_not_unpacked() {
    let read = async |encoding: &'static str, packed: &'static [u8]| {
        let headers = format!("content-encoding: {encoding}\r\n");
        let peer = Peer::start(move |_, _| Then::Say(said("200 OK", &headers, packed))).await;
        let read = peer.transport().await.read(&things()).await;
        let heads = peer.seen().into_iter().map(|seen| seen.head);
        for head in heads {
            let asked = head.lines().filter(|line| line.starts_with("accept-encoding"));
            assert_eq!(asked.collect::<Vec<_>>(), ["accept-encoding: gzip"]);
        }
        read.map(|reply| reply.json)
    };
    assert_eq!(read("gzip", GZIP).await.unwrap(), json!([1]));
    for (encoding, packed) in [
        ("deflate", ZLIB),
        ("deflate", DEFLATE),
        ("br", BROTLI),
        ("zstd", ZSTD),
        ("gzip, gzip", GZIP_TWICE),
        ("gzip", GZIP_TWICE),
        ("gzip, br", BROTLI),
    ] {
        let refused = read(encoding, packed).await;
        assert!(matches!(refused, Err(TrackerError::Broken { .. })), "{encoding}: {refused:?}");
    }
}

/// 75 and 76: what unpacks to more than may be taken, and what stops in the middle.
#[tokio::test]
async fn a_bomb_is_cut_and_so_is_what_never_ends() {
    let bomb = bomb(64 * 1024 * 1024);
    assert!(bomb.len() < 512 * 1024);
    let unpacked =
        Peer::start(move |_, _| Then::Say(said("200 OK", "content-encoding: gzip\r\n", &bomb)));
    let cut = failure(&unpacked.await).await;
    let TrackerError::Broken { why } = &cut else { panic!("{cut:?}") };
    assert!(why.contains("more than 8388608 bytes"), "{why}");
    let begun = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n[1";
    let ask = async |transport: Transport| transport.read(&things()).await;
    let (_slow, cut) = Peer::stalling(begun, ask).await;
    let why = "no answer in time".to_owned();
    assert_eq!(cut.unwrap_err(), TrackerError::Unreachable { why });
}

/// 76: every byte comes in time, and the answer does not.
#[tokio::test]
async fn who_answers_drop_by_drop_is_cut_off() {
    let why = "no answer in time".to_owned();
    let cut = Err(TrackerError::Unreachable { why });
    let ask = async |transport: Transport| transport.read(&things()).await.map(|read| read.json);
    let (_peer, read) = Peer::unending(|| Then::Drip(DRIPPING_HEAD.0, DRIPPING_HEAD.1), ask).await;
    assert_eq!(read, cut);
    let (_peer, read) = Peer::unending(|| Then::Drip(DRIPPING_BODY.0, DRIPPING_BODY.1), ask).await;
    assert_eq!(read, cut);
}

/// 77: one list is too long to be taken, the other is not, but would be too much once it is read.
#[tokio::test]
async fn a_list_of_twenty_megabytes_is_cut() {
    let list = |bytes: usize| format!("[{}0]", "0,".repeat(bytes / 2));
    let told = async |bytes: usize| {
        let read = failure(&Peer::saying("200 OK", "", &list(bytes)).await).await;
        let TrackerError::Broken { why } = read else { panic!("{read:?}") };
        why
    };
    let why = told(20_000_000).await;
    assert!(why.contains("more than 8388608 bytes"), "{why}");
    let why = told(8_000_000).await;
    assert!(why.contains("bytes of memory"), "{why}");
    let notes = json!(vec![json!({ "body": "x".repeat(65_536) }); 100]);
    let page = Peer::saying("200 OK", "", &notes.to_string()).await;
    assert_eq!(page.transport().await.read(&things()).await.unwrap().json, notes);
}

/// 77: too deep, no number, half a letter.
#[tokio::test]
async fn hostile_json_is_an_error_and_no_crash() {
    let nested = |open: &str, close: &str, depth: usize| {
        format!("{}1{}", open.repeat(depth), close.repeat(depth))
    };
    for body in [
        nested("[", "]", 1_000),
        nested("[", "]", 200_000),
        nested("{\"a\":", "}", 1_000),
        nested("{\"a\":", "}", 200_000),
        "NaN".to_owned(),
        "[Infinity]".to_owned(),
        "[1e999]".to_owned(),
        r#"{"a":"\ud800"}"#.to_owned(),
        r#"{"a":"\udc00\ud800"}"#.to_owned(),
    ] {
        let read = failure(&Peer::saying("200 OK", "", &body).await).await;
        assert!(matches!(read, TrackerError::Broken { .. }), "{body:.20}: {read:?}");
    }
    // Of two fields of one name the last counts, and a number that fits nowhere is rounded: no connector takes
    // an id from a number that it could not hold.
    let odd = r#"[12345678901234567890123, {"a":1,"a":2}]"#;
    let read = Peer::saying("200 OK", "", odd).await.transport().await.read(&things()).await;
    assert_eq!(read.unwrap().json, json!([1.234_567_890_123_456_8e22, { "a": 2 }]));
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
