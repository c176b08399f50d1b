//! The door as others knock at it: over real HTTP, with what an attacker would send.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

use super::{Caller, Door, Doorstep};
use crate::hub::{Accounts, Alerts, Hint, Hub, Plan, Reading, Source, Syncing};
use crate::incident::{Policy, Principal, Proof};
use crate::journal::Journal;
use crate::partner::{Patience, Token};
use crate::settings::{Clock, Secret};
use crate::trackers::{AccountKind, LocalStore, LocalTracker, Signing};
use crate::wire::Gates;

const SIGNING: Signing =
    Signing { header: "x-signature", prefix: "v1=", delivery: Some("x-delivery") };

const FIRING: &str = r#"{"version":"4","groupKey":"g","alerts":[{"status":"firing",
    "labels":{"alertname":"X"},"annotations":{"summary":"too many errors"}}]}"#;

struct House {
    _dir: TempDir,
    hub: Hub,
    journal: Journal,
    syncing: Syncing,
    door: Door,
}

impl House {
    async fn open() -> Self {
        Self::waiting(Patience::default()).await
    }

    async fn waiting(patience: Patience) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (journal, clock) = (Journal::open(dir.path()).unwrap(), Clock::real());
        let (_told, deliveries) = mpsc::channel(8);
        let (policy, gates) = (Policy::default(), Gates::default());
        let plan = Plan {
            journal: journal.clone(),
            clock: clock.clone(),
            policy,
            gates,
            deliveries,
            seed: None,
        };
        let hub = Hub::start(plan).await.unwrap();
        let store = LocalStore::open(&dir.path().join("tracker"), clock.clone()).unwrap();
        let account = store.admit("wheelhouse", AccountKind::Bot).unwrap();
        let tracker = LocalTracker::owned("local", store, account);
        let source = Source {
            tracker: Arc::new(tracker),
            alerts: Alerts::None,
            joins: false,
            verdicts: false,
        };
        let syncing = Syncing::start(Reading {
            sources: vec![source],
            accounts: Accounts::default(),
            journal: journal.clone(),
            clock,
            witness: hub.witness(),
            seed: 1,
        });
        let actor = "system:alertmanager".parse().unwrap();
        let monitor = hub.link(Principal { actor, proof: Proof::Token, roles: Vec::new() });
        let caller = Caller { signing: SIGNING, secret: Secret::new("between us") };
        let door = Door::open(Doorstep {
            address: ([127, 0, 0, 1], 0).into(),
            hosts: vec!["hooks.example.org".to_owned()],
            alerts: Some((Token::new("t0ken").unwrap(), monitor)),
            callers: BTreeMap::from([("local".to_owned(), caller)]),
            hint: syncing.hint(),
            patience,
        });
        let door = door.await.unwrap();
        Self { _dir: dir, hub, journal, syncing, door }
    }

    async fn close(self) {
        self.door.close().await;
        self.syncing.end().await;
        self.hub.stop().await;
    }

    /// Posts bytes with these headers beside the usual ones, and answers with the status.
    async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> u16 {
        post(self.door.address(), path, headers, body).await
    }

    async fn alert(&self, more: &[(&str, &str)]) -> u16 {
        let usual = [("authorization", "Bearer t0ken"), ("content-type", "application/json")];
        let headers: Vec<_> = usual.iter().chain(more).copied().collect();
        self.post("/alerts/alertmanager", &headers, FIRING).await
    }
}

async fn post(to: SocketAddr, path: &str, headers: &[(&str, &str)], body: &str) -> u16 {
    send(to, ("POST", path), headers, body).await
}

async fn send(
    to: SocketAddr,
    (method, path): (&str, &str),
    headers: &[(&str, &str)],
    body: &str,
) -> u16 {
    let mut lines = vec![format!("{method} {path} HTTP/1.1"), "connection: close".to_owned()];
    if headers.iter().all(|(name, _)| *name != "host") {
        lines.push(format!("host: {to}"));
    }
    lines.extend(headers.iter().map(|(name, value)| format!("{name}: {value}")));
    lines.push(format!("content-length: {}\r\n\r\n{body}", body.len()));
    let request = lines.join("\r\n");
    let mut stream = TcpStream::connect(to).await.unwrap();
    // The door may answer and hang up before it has read everything.
    drop(stream.write_all(request.as_bytes()).await);
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer).await);
    let answer = String::from_utf8_lossy(&answer);
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

fn signed(body: &str, secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let hex = mac.finalize().into_bytes().into_iter().map(|byte| format!("{byte:02x}"));
    format!("v1={}", hex.collect::<Vec<_>>().concat())
}

#[tokio::test]
async fn an_alert_is_on_disk_before_it_is_answered() {
    let house = House::open().await;
    assert_eq!(house.alert(&[]).await, 202);
    let incidents = house.journal.incidents().unwrap();
    assert_eq!(incidents[0].title, "too many errors".into());
    assert_eq!(house.alert(&[]).await, 202, "Alertmanager sends what is still firing again");
    assert_eq!(house.journal.incidents().unwrap().len(), 1);
    house.close().await;
}

/// Attack 73: from a web page, under another name, without the token or with it in the wrong place.
#[tokio::test]
async fn an_alert_without_the_token_or_from_a_web_page_is_refused() {
    let house = House::open().await;
    let json = ("content-type", "application/json");
    let path = "/alerts/alertmanager";
    assert_eq!(house.post(path, &[json], FIRING).await, 401);
    assert_eq!(house.post(path, &[json, ("authorization", "Bearer t0ke")], FIRING).await, 401);
    assert_eq!(house.post(path, &[("authorization", "Bearer t0ken")], FIRING).await, 415);
    assert_eq!(house.alert(&[("origin", "http://localhost:3000")]).await, 403);
    assert_eq!(house.alert(&[("origin", "https://evil.test")]).await, 403);
    assert_eq!(house.alert(&[("origin", "null")]).await, 403);
    assert_eq!(house.alert(&[("sec-fetch-site", "cross-site")]).await, 403);
    let shown = format!("{path}?token=t0ken&access_token=t0ken");
    assert_eq!(house.post(&shown, &[json], FIRING).await, 401, "no token in an address");
    let plain = [("authorization", "Bearer t0ken"), ("content-type", "text/plain")];
    assert_eq!(house.post(path, &plain, FIRING).await, 415);
    assert_eq!(send(house.door.address(), ("GET", path), &plain, "").await, 405);
    assert_eq!(house.alert(&[("host", "evil.test")]).await, 421, "a name that points here");
    assert_eq!(house.post("/", &[json], FIRING).await, 404);
    assert!(house.journal.incidents().unwrap().is_empty());
    house.close().await;
}

#[tokio::test]
async fn a_proxy_that_keeps_the_name_it_was_called_by_is_let_in_under_that_name_alone() {
    let house = House::open().await;
    assert_eq!(house.alert(&[("host", "Hooks.example.org")]).await, 202);
    assert_eq!(house.alert(&[("host", "hooks.example.org:443")]).await, 202);
    for stranger in ["example.org", "hooks.example.org.evil.test", "hooks.example.org:443@evil"] {
        assert_eq!(house.alert(&[("host", stranger)]).await, 421, "{stranger}");
    }
    let page = [("host", "hooks.example.org"), ("origin", "https://hooks.example.org")];
    assert_eq!(house.alert(&page).await, 403, "a page is none the better for it");
    house.close().await;
}

/// Attack 76: callers who never finish what they say, before the headers end and after.
#[tokio::test]
async fn those_who_never_finish_hold_nobody_up_and_are_hung_up_on() {
    // Each is cut off for one reason alone: what else a busy machine does late counts for nothing.
    let (moment, long) = (Duration::from_millis(200), Duration::from_mins(10));
    let hurried_by_headers = House::waiting(Patience { headers: moment, body: long }).await;
    let hurried_by_bodies = House::waiting(Patience { headers: long, body: moment }).await;
    let house = House::waiting(Patience { headers: long, body: long }).await;
    let head = "POST /alerts/alertmanager HTTP/1.1\r\nhost: localhost\r\n";
    let rest = "authorization: Bearer t0ken\r\ncontent-type: application/json\r\n\
                content-length: 100\r\n\r\n{";
    let (mut patient, mut cut) = (Vec::new(), Vec::new());
    for number in 0..64 {
        let is_headless = number % 2 == 0;
        let (half, hurried) = if is_headless {
            (head.to_owned(), &hurried_by_headers)
        } else {
            (format!("{head}{rest}"), &hurried_by_bodies)
        };
        for (door, slow) in [(&house.door, &mut patient), (&hurried.door, &mut cut)] {
            let mut stream = TcpStream::connect(door.address()).await.unwrap();
            let said = stream.write_all(half.as_bytes()).await;
            slow.push((is_headless, stream, said));
        }
    }
    assert_eq!(house.alert(&[]).await, 202);
    for (is_headless, mut stream, said) in cut {
        let mut answer = String::new();
        let read = stream.read_to_string(&mut answer).await;
        // Who is hung up on before they said anything finds the connection reset.
        assert!(is_headless || (said.is_ok() && read.is_ok()), "{said:?} {read:?}");
        let expected = if is_headless { "" } else { "HTTP/1.1 408" };
        assert!(answer.starts_with(expected) && answer.is_empty() == is_headless, "{answer}");
    }
    drop(patient);
    for house in [house, hurried_by_headers, hurried_by_bodies] {
        house.close().await;
    }
}

#[tokio::test]
async fn what_is_no_alert_or_too_long_is_refused() {
    let house = House::open().await;
    let headers = [("authorization", "Bearer t0ken"), ("content-type", "application/json")];
    let path = "/alerts/alertmanager";
    assert_eq!(house.post(path, &headers, "{").await, 400);
    assert_eq!(house.post(path, &headers, &"x".repeat(1024 * 1024 + 1)).await, 413);
    house.close().await;
}

/// Attack 49: no signature, a wrong one, a body that was changed, a call that is played again.
#[tokio::test]
async fn a_webhook_counts_once_and_only_if_it_is_signed() {
    let house = House::open().await;
    let good = signed("{}", "between us");
    let path = "/webhooks/local";
    let call = async |headers: &[(&str, &str)], body: &str| house.post(path, headers, body).await;
    assert_eq!(call(&[], "{}").await, 401);
    assert_eq!(call(&[("x-signature", &signed("{}", "guess"))], "{}").await, 401);
    assert_eq!(call(&[("x-signature", &good)], "{ }").await, 401);
    assert_eq!(call(&[("x-signature", &good), ("x-signature", &good)], "{}").await, 401);
    assert_eq!(house.post("/webhooks/other", &[("x-signature", &good)], "{}").await, 401);
    assert_eq!(call(&[("x-signature", &good), ("x-delivery", "1")], "{}").await, 202);
    assert_eq!(call(&[("x-signature", &good), ("x-delivery", "1")], "{}").await, 401);
    assert_eq!(call(&[("x-signature", &good), ("x-delivery", "2")], "{}").await, 401, "renamed");
    let other = signed("[]", "between us");
    assert_eq!(call(&[("x-signature", &other), ("x-delivery", "2")], "[]").await, 202);
    assert!(house.journal.entries(None, None, 10).unwrap().entries.is_empty());
    house.close().await;
}

/// A call, as its method, path, headers and body, and with what it is refused.
type Refused<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a str, u16);

/// 49 and 73: whatever is refused leaves the reader asleep; after each, the right call still wakes it.
#[tokio::test]
async fn a_refused_call_wakes_nobody() {
    let reader = Arc::new(Notify::new());
    let is_woken = || reader.notified().now_or_never().is_some();
    let caller = Caller { signing: SIGNING, secret: Secret::new("between us") };
    let door = Door::open(Doorstep {
        address: ([127, 0, 0, 1], 0).into(),
        hosts: Vec::new(),
        alerts: None,
        callers: BTreeMap::from([("local".to_owned(), caller)]),
        hint: Hint::to("local", Arc::clone(&reader)),
        patience: Patience::default(),
    });
    let door = door.await.unwrap();
    let path = "/webhooks/local";
    let (good, guess) = (signed("first", "between us"), signed("first", "guess"));
    let (unset, bare) = (signed("first", ""), good.trim_start_matches("v1=").to_owned());
    let right = ("x-signature", good.as_str());
    let refused: [Refused; 15] = [
        ("POST", path, &[], "first", 401),
        ("POST", path, &[("x-signature", "")], "first", 401),
        ("POST", path, &[("x-signature", "v1=")], "first", 401),
        ("POST", path, &[("x-signature", &guess)], "first", 401),
        ("POST", path, &[("x-signature", &unset)], "first", 401),
        ("POST", path, &[("x-signature", &bare)], "first", 401),
        ("POST", path, &[right, right], "first", 401),
        ("POST", path, &[right], "First", 401),
        ("POST", path, &[right], "", 401),
        ("POST", "/webhooks/other", &[right], "first", 401),
        ("POST", "/webhooks/", &[right], "first", 404),
        ("GET", path, &[right], "first", 405),
        ("POST", path, &[right, ("origin", "null")], "first", 403),
        ("POST", path, &[right, ("sec-fetch-site", "same-origin")], "first", 403),
        ("POST", path, &[right, ("host", "evil.test")], "first", 421),
    ];
    for (method, path, headers, body, status) in refused {
        let answered = send(door.address(), (method, path), headers, body).await;
        assert_eq!(answered, status, "{method} {path} {headers:?} {body}");
        assert!(!is_woken(), "{method} {path} {headers:?} {body}");
    }
    let call = async |delivery: &str| {
        post(door.address(), path, &[right, ("x-delivery", delivery)], "first").await
    };
    assert_eq!(call("1").await, 202);
    assert!(is_woken(), "what was refused above was right but for one thing");
    for delivery in ["1", "2"] {
        assert_eq!(call(delivery).await, 401, "played again as {delivery}");
        assert!(!is_woken(), "played again as {delivery}");
    }
    door.close().await;
}

/// 76: callers who say one byte after the other, and callers who are there and say nothing, at the beginning or
/// after they were answered once. None is waited for longer than for others, and none holds up an alert.
#[tokio::test]
async fn who_drips_and_who_says_nothing_is_hung_up_on_too() {
    let (moment, long) = (Duration::from_millis(200), Duration::from_mins(10));
    let hurried_by_headers = House::waiting(Patience { headers: moment, body: long }).await;
    let hurried_by_bodies = House::waiting(Patience { headers: long, body: moment }).await;
    let patient = House::waiting(Patience { headers: long, body: long }).await;
    let head = "POST /alerts/alertmanager HTTP/1.1\r\nhost: localhost\r\n";
    let answered = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let body = format!("{head}content-length: 1000000\r\n\r\n");
    let kinds = [
        (&hurried_by_headers, format!("{head}x-drip: "), "x"),
        (&hurried_by_headers, String::new(), ""),
        (&hurried_by_headers, answered.to_owned(), ""),
        (&hurried_by_bodies, body, "x"),
    ];
    let (mut held, mut cut) = (JoinSet::new(), JoinSet::new());
    for (hurried, begun, more) in &kinds {
        for _ in 0..64 {
            held.spawn(linger(patient.door.address(), begun.clone(), more));
            cut.spawn(linger(hurried.door.address(), begun.clone(), more));
        }
    }
    assert_eq!(patient.alert(&[]).await, 202);
    // It ends when all of them are hung up on, and otherwise never.
    while let Some(ended) = cut.join_next().await {
        ended.unwrap();
    }
    assert!(held.try_join_next().is_none(), "the patient one waits for all of them");
    held.shutdown().await;
    for house in [patient, hurried_by_headers, hurried_by_bodies] {
        house.close().await;
    }
}

/// Says this, and then more of it a little at a time, until somebody hangs up.
async fn linger(at: SocketAddr, begun: String, more: &'static str) {
    let (mut read, mut write) = TcpStream::connect(at).await.unwrap().into_split();
    let saying = async {
        let mut pace = tokio::time::interval(Duration::from_millis(20));
        let mut said = write.write_all(begun.as_bytes()).await;
        while said.is_ok() {
            pace.tick().await;
            said = write.write_all(more.as_bytes()).await;
        }
    };
    let hearing = async {
        let mut answer = Vec::new();
        drop(read.read_to_end(&mut answer).await);
    };
    tokio::select! {
        () = saying => {}
        () = hearing => {}
    }
}

/// 77: what cannot be read is refused and recorded nowhere. Of two labels of one name the last counts, and what
/// nobody asks for is skipped, however deep or huge it is.
#[tokio::test]
async fn a_hostile_alert_is_refused_and_recorded_nowhere() {
    let house = House::open().await;
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let (deep, deepest) = (nested(1_000), nested(200_000));
    let alert = |labels: &str| {
        format!(
            r#"{{"version":"4","groupKey":"g","alerts":[{{"status":"firing","labels":{labels}}}]}}"#
        )
    };
    let bare = |more: &str| format!(r#"{{"version":"4","groupKey":"g",{more}}}"#);
    let headers = [("authorization", "Bearer t0ken"), ("content-type", "application/json")];
    let said = async |body: &str| house.post("/alerts/alertmanager", &headers, body).await;
    for (body, status) in [
        (deep.clone(), 400),
        (deepest.clone(), 413),
        (alert(&deepest), 413),
        (bare(&format!(r#""alerts":{deep}"#)), 400),
        (alert(&deep), 400),
        (alert(r#"{"alertname":NaN}"#), 400),
        (alert(r#"{"alertname":"\ud800"}"#), 400),
        (alert("{\"alertname\":\"\u{7}\"}"), 400),
        (alert(r#"{"alertname":12345678901234567890123}"#), 400),
        (bare(r#""version":"4""#), 400),
        (bare(&format!(r#""alerts":[{}{{}}]"#, r#"{"":0},"#.repeat(60_000))), 413),
        (bare(&format!(r#""alerts":[],"x":{deepest}"#)), 413),
        (bare(&format!(r#""alerts":[],"x":{deep}"#)), 202),
        (bare(r#""alerts":[],"x":12345678901234567890123"#), 202),
    ] {
        assert_eq!(said(&body).await, status, "{body:.120}");
    }
    assert_eq!(house.post("/alerts/alertmanager", &headers, "\u{feff}{}").await, 400);
    assert!(house.journal.incidents().unwrap().is_empty());
    assert_eq!(said(&alert(r#"{"alertname":"one","alertname":"other"}"#)).await, 202);
    assert_eq!(house.journal.incidents().unwrap()[0].title, "other".into());
    house.close().await;
}

#[tokio::test]
async fn the_door_opens_on_this_machine_alone() {
    let step = Doorstep {
        address: ([0, 0, 0, 0], 0).into(),
        hosts: Vec::new(),
        alerts: None,
        callers: BTreeMap::new(),
        hint: Hint::default(),
        patience: Patience::default(),
    };
    assert!(Door::open(step).await.is_err());
}
