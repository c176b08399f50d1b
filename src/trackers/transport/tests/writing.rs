//! Writing: once, and with an honest word about whether it arrived.

use std::time::Duration;

use serde_json::json;

use super::peer::{DRIPPING_BODY, DRIPPING_HEAD, NOBODY, Peer, Then, said, transport};
use crate::partner::misleading::{CANARY, lead_astray};
use crate::settings::Clock;
use crate::trackers::TrackerError;
use crate::trackers::transport::{Request, Transport, Written};

fn note() -> Request {
    Request::post(&["things", "7", "notes"], json!({ "text": "found it" }))
}

async fn write(peer: &Peer) -> Result<Written, TrackerError> {
    peer.transport().await.write("7", &note()).await
}

#[tokio::test]
async fn what_is_stored_has_its_answer() {
    let peer = Peer::saying("201 Created", "", r#"{"id":41}"#).await;
    let Ok(Written::Stored(reply)) = write(&peer).await else { panic!() };
    assert_eq!(reply.json["id"], 41);
    assert_eq!(peer.seen()[0].body, r#"{"text":"found it"}"#);
}

#[tokio::test]
async fn a_write_whose_outcome_is_unclear_is_never_repeated() {
    let dropping = Peer::start(|_, _| Then::Drop).await;
    let dropped = write(&dropping).await;
    let half = b"HTTP/1.1 201 Created\r\ncontent-length: 9\r\n";
    let ask = async |transport: Transport| transport.write("7", &note()).await;
    let (stalling, stalled) = Peer::stalling(half, ask).await;
    for (peer, written) in [(dropping, dropped), (stalling, stalled)] {
        assert!(matches!(written, Ok(Written::Unknown { .. })), "{written:?}");
        assert_eq!(peer.seen().len(), 1);
    }
    let unclear =
        ["408 Oops", "500 Oops", "502 Oops", "503 Oops", "504 Oops", "302 Found", "303 See Other"];
    for status in unclear {
        let peer = Peer::saying(status, "retry-after: 1\r\n", "{}").await;
        let written = write(&peer).await;
        assert!(matches!(written, Ok(Written::Unknown { .. })), "{status}: {written:?}");
        assert_eq!(peer.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_write_that_was_taken_is_stored_even_if_its_answer_cannot_be_read() {
    let torn = Peer::start(|_, _| {
        let mut torn = said("201 Created", "", br#"{"id":41}"#);
        torn.truncate(torn.len() - 4);
        Then::Say(torn)
    });
    let page = Peer::saying("200 OK", "", "<html>");
    for peer in [torn.await, page.await] {
        let Ok(Written::Stored(reply)) = write(&peer).await else { panic!() };
        assert!(reply.json.is_null());
    }
}

#[tokio::test]
async fn a_write_that_reached_nobody_is_an_error() {
    let transport = transport(NOBODY, Clock::real()).await;
    let written = transport.write("7", &note()).await;
    assert!(matches!(written, Err(TrackerError::Unreachable { .. })), "{written:?}");
}

#[tokio::test]
async fn a_refused_write_says_whether_waiting_helps() {
    let told = async |status: &str, headers: &str| {
        write(&Peer::saying(status, headers, r#"{"message":"no"}"#).await).await
    };
    for status in ["400 No", "413 No", "422 No", "410 No"] {
        let Ok(Written::Rejected { why, .. }) = told(status, "").await else { panic!("{status}") };
        assert_eq!(why, "no");
    }
    for status in ["409 Wait", "423 Wait", "425 Wait", "429 Wait"] {
        let error = told(status, "retry-after: 9\r\n").await.unwrap_err();
        let retry_after = Some(Duration::from_secs(9));
        assert_eq!(error, TrackerError::Throttled { retry_after }, "{status}");
    }
    let limited = "x-ratelimit-remaining: 0\r\nretry-after: 60\r\n";
    assert!(told("403 Limit", limited).await.unwrap_err().is_passing());
    assert!(matches!(told("401 No", "").await, Err(TrackerError::Unauthorized { .. })));
    assert!(matches!(told("403 No", "").await, Err(TrackerError::Refused { .. })));
    assert!(matches!(told("404 No", "").await, Err(TrackerError::NotFound { .. })));
}

/// 74: neither a body nor a header goes where a redirect leads, under whatever name.
#[tokio::test]
async fn a_redirect_leads_nowhere_whatever_it_names() {
    lead_astray(async |url: &str| {
        let transport = transport(url, Clock::real()).await;
        let body = json!({ "text": CANARY });
        let request = Request::post(&["things"], body).header("x-canary", CANARY);
        let written = transport.write("7", &request).await;
        assert!(!matches!(written, Ok(Written::Stored(_))), "{written:?}");
        assert!(!format!("{written:?}").contains(CANARY));
        let read = transport.read(&Request::get(&["things"])).await;
        assert!(matches!(read, Err(TrackerError::Refused { .. })), "{read:?}");
    })
    .await;
}

/// 76: whether a write arrived is not known when its answer drips; once it is told, the rest does not matter.
#[tokio::test]
async fn a_write_that_is_answered_drop_by_drop_is_cut_off_too() {
    let ask = async |transport: Transport| transport.write("7", &note()).await;
    let (_peer, written) =
        Peer::unending(|| Then::Drip(DRIPPING_HEAD.0, DRIPPING_HEAD.1), ask).await;
    assert!(matches!(written, Ok(Written::Unknown { .. })), "{written:?}");
    let (_peer, written) =
        Peer::unending(|| Then::Drip(DRIPPING_BODY.0, DRIPPING_BODY.1), ask).await;
    let Ok(Written::Stored(reply)) = written else { panic!("{written:?}") };
    assert!(reply.json.is_null());
}
