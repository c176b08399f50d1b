//! What hostile peers cost: memory for what they answer, time for everybody else, and patterns of users.
//!
//! `cargo bench --bench all -- hostile` prints it. Every answer is taken by a process of its own, which says how
//! far its memory rose above what it was before; the peer that answers is in the process that started it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Barrier, mpsc};
use tokio::task::JoinSet;
use wheelhouse::agents::primary::Runbook;
use wheelhouse::agents::telemetry::{Offer, Source, TelemetryServer};
use wheelhouse::hub::{Door, Doorstep, Hint, Hub, Plan};
use wheelhouse::incident::{Policy, Principal, Proof};
use wheelhouse::journal::Journal;
use wheelhouse::partner::{Endpoint, Limits, Partner, Patience, Token, serve_io};
use wheelhouse::sandbox::lookalikes::Vendor;
use wheelhouse::settings::{Clock, Visibility};
use wheelhouse::trackers::Cursor;
use wheelhouse::wire::Gates;

use crate::live::{millis, told};
use crate::packed::{GZIP_TWICE, bomb};
use crate::screen::now;
use crate::stage::entering;

const MIB: usize = 1024 * 1024;

/// How many alerts are sent for each figure, and how many peers are slow meanwhile.
const ALERTS: u32 = 400;
const PEERS: usize = 64;

/// Measures it and prints it; a process that was started for one answer takes that alone.
pub(crate) fn measure() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut arguments = std::env::args().skip_while(|argument| argument != "hostile").skip(1);
    if let (Some(case), Some(url)) = (arguments.next(), arguments.next())
        && url.starts_with("http://")
    {
        return runtime.block_on(take(&case, &url));
    }
    for case in CASES {
        let url = serve(case);
        let child =
            Command::new(std::env::current_exe().unwrap()).args(["hostile", case, &url]).status();
        assert!(child.unwrap().success(), "{case}");
    }
    runtime.block_on(door());
    runtime.block_on(patterns());
}

// --- Answers -------------------------------------------------------------------------------------

/// Who is asked, and what they answer.
const CASES: [&str; 12] = [
    "tracker, a page of 0.6 MiB",
    "tracker, a bomb of 64 MiB",
    "tracker, a bomb within another",
    "tracker, a list of 20 MB",
    "tracker, a list of 7.9 MiB",
    "tracker, 7.9 MiB of small objects",
    "tracker, a text of 7.9 MiB",
    "tracker, the heaviest page that is taken",
    "partner, a bomb of 64 MiB",
    "partner, a list of 7.9 MiB",
    "partner, the heaviest that is taken",
    "partner, a line of events without end",
];

/// What a case answers: its headers, its body, and whether that goes on for ever.
fn answer(case: &str) -> (&'static str, Vec<u8>, bool) {
    let list = |bytes: usize| format!("[{}0]", "0,".repeat(bytes / 2)).into_bytes();
    let message = |result: String| {
        format!(
            r#"{{"jsonrpc":"2.0","id":0,"result":{{"content":[],"structuredContent":{result}}}}}"#
        )
    };
    let note = json!({ "number": 1, "title": "t", "user": { "id": 1 }, "body": "x".repeat(6_000) });
    let packed = "content-encoding: gzip\r\n";
    let length = 79 * MIB / 10;
    match case.split_once(", ").unwrap().1 {
        "a page of 0.6 MiB" => ("", serde_json::to_vec(&vec![note; 100]).unwrap(), false),
        "a bomb of 64 MiB" => (packed, bomb(64 * MIB), false),
        "a bomb within another" => ("content-encoding: gzip, gzip\r\n", GZIP_TWICE.to_vec(), false),
        "a list of 20 MB" => ("", list(20_000_000), false),
        "a list of 7.9 MiB" if case.starts_with("tracker") => ("", list(length), false),
        "a list of 7.9 MiB" => {
            let list = String::from_utf8(list(length - 1024)).unwrap();
            ("", message(format!("{{\"a\":{list}}}")).into_bytes(), false)
        }
        "7.9 MiB of small objects" => {
            ("", format!("[{}0]", "{\"\":0},".repeat(length / 7)).into_bytes(), false)
        }
        "the heaviest page that is taken" => ("", heaviest(7 * MIB, 38_000).into_bytes(), false),
        "the heaviest that is taken" => {
            ("", message(heaviest(5 * MIB, 17_000)).into_bytes(), false)
        }
        "a text of 7.9 MiB" => ("", format!("[\"{}\"]", "x".repeat(length)).into_bytes(), false),
        "a line of events without end" => {
            ("", format!("data: {}", "x".repeat(65_536)).into_bytes(), true)
        }
        other => panic!("{other}"),
    }
}

/// A long text and many small objects, together just light enough.
fn heaviest(text: usize, objects: usize) -> String {
    format!("[{}\"{}\"]", "{\"\":0},".repeat(objects), "x".repeat(text))
}

/// Answers everybody in this way, but those who ask below `/calm`.
fn serve(case: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (headers, body, is_endless) = answer(case);
    let kind = if is_endless { "text/event-stream" } else { "application/json" };
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read > 0)
            {
                head.push(byte[0]);
            }
            let is_calm = head.windows(5).any(|window| window == b"/calm");
            let (headers, body) = if is_calm { ("", b"[]".as_slice()) } else { (headers, &*body) };
            let said = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\n{headers}connection: close\r\n\r\n"
            );
            // Whoever asked hangs up when it is too much for them.
            let mut written =
                stream.write_all(said.as_bytes()).and_then(|()| stream.write_all(body));
            while written.is_ok() && is_endless && !is_calm {
                written = stream.write_all(&body[6..]);
            }
            drop(stream.shutdown(std::net::Shutdown::Write));
            drop(std::io::copy(&mut stream, &mut std::io::sink()));
        }
    });
    url
}

/// Takes one answer, after a calm one, and prints how far memory rose.
async fn take(case: &str, url: &str) {
    let calm = asked(case, &format!("{url}/calm")).await;
    assert!(case.starts_with("partner") || calm == "taken", "{calm}");
    let Some(base) = peak_anew() else {
        println!("{case:<44} not measured: the system does not say");
        return;
    };
    let outcome = asked(case, url).await;
    let peak = peak().unwrap();
    let above = (peak - base) as f64 / 1024.0;
    println!("{case:<44} {above:>6.1} MiB above {:>5.1} MiB   {outcome}", base as f64 / 1024.0);
}

async fn asked(case: &str, url: &str) -> String {
    let outcome = if case.starts_with("tracker") {
        let whose = (Vendor::Github, Visibility::Internal, "wheelhouse");
        let tracker = entering((url, "token"), &Clock::real(), whose).await;
        tracker.incidents(&Cursor::default()).await.map(drop).map_err(|error| error.to_string())
    } else {
        let endpoint = Endpoint::Http { url: url.to_owned(), token: None };
        Partner::connect(&endpoint).await.map(drop).map_err(|error| error.to_string())
    };
    outcome.map_or_else(|error| error.chars().take(80).collect(), |()| "taken".to_owned())
}

/// Forgets the highest memory so far, and says the highest from now on, in KiB.
fn peak_anew() -> Option<u64> {
    std::fs::write("/proc/self/clear_refs", "5").ok()?;
    peak()
}

fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

// --- The door ------------------------------------------------------------------------------------

/// How long alerts take at the door, alone and beside slow peers.
async fn door() {
    let dir = tempfile::tempdir().unwrap();
    let (_told, deliveries) = mpsc::channel(8);
    let plan = Plan {
        journal: Journal::open(dir.path()).unwrap(),
        clock: Clock::real(),
        policy: Policy::default(),
        gates: Gates { hub: "hostile".to_owned(), ..Gates::default() },
        deliveries,
        seed: None,
    };
    let hub = Hub::start(plan).await.unwrap();
    let actor = "system:alertmanager".parse().unwrap();
    let monitor = hub.link(Principal { actor, proof: Proof::Token, roles: Vec::new() });
    let door = Door::open(Doorstep {
        address: ([127, 0, 0, 1], 0).into(),
        hosts: Vec::new(),
        alerts: Some((Token::new("t0ken").unwrap(), monitor)),
        callers: std::collections::BTreeMap::new(),
        hint: Hint::default(),
        patience: Patience::default(),
    });
    let door = door.await.unwrap();
    let head = "POST /alerts/alertmanager HTTP/1.1\r\nhost: localhost\r\n";
    let body = "content-length: 1000000\r\n\r\n";
    alerts(door.address(), "warming up").await;
    alerts(door.address(), "alerts, nobody else at the door").await;
    for (kind, begun, more) in [
        ("alerts beside 64 who drip headers", format!("{head}x-drip: "), "x"),
        ("alerts beside 64 who drip a body", format!("{head}{body}"), "x"),
        ("alerts beside 64 who stop in the headers", head.to_owned(), ""),
        ("alerts beside 64 who stop in a body", format!("{head}{body}"), ""),
        ("alerts beside 64 who say nothing", String::new(), ""),
    ] {
        let (mut peers, there) = (JoinSet::new(), Arc::new(Barrier::new(PEERS + 1)));
        for _ in 0..PEERS {
            peers.spawn(linger(door.address(), begun.clone(), more, Arc::clone(&there)));
        }
        there.wait().await;
        alerts(door.address(), kind).await;
        peers.shutdown().await;
    }
    alerts(door.address(), "alerts, nobody else at the door any more").await;
    door.close().await;
    hub.stop().await;
}

async fn alerts(at: SocketAddr, name: &str) {
    let mut spans = Vec::new();
    for number in 0..ALERTS {
        let alerts = json!([{ "status": "firing", "labels": { "alertname": name } }]);
        let key = format!("{name} {number}");
        let body = json!({ "version": "4", "groupKey": key, "alerts": alerts }).to_string();
        let length = body.len();
        let request = format!(
            "POST /alerts/alertmanager HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer t0ken\r\n\
             content-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        let began = now();
        let mut stream = tokio::net::TcpStream::connect(at).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        spans.push(millis(began.elapsed()));
        assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    }
    told(name, "ms", spans);
}

/// Knocks, begins to say something, goes on a little at a time, and knocks again when it is hung up on.
async fn linger(at: SocketAddr, begun: String, more: &'static str, there: Arc<Barrier>) {
    let mut is_first = true;
    loop {
        let mut stream = tokio::net::TcpStream::connect(at).await.unwrap();
        let mut said = stream.write_all(begun.as_bytes()).await;
        if std::mem::take(&mut is_first) {
            there.wait().await;
        }
        let mut pace = tokio::time::interval(Duration::from_millis(100));
        let mut heard = [0; 256];
        while said.is_ok() {
            tokio::select! {
                // Whatever comes is the end of it.
                _ = stream.read(&mut heard) => break,
                _ = pace.tick() => said = stream.write_all(more.as_bytes()).await,
            }
        }
    }
}

// --- Patterns ------------------------------------------------------------------------------------

/// Patterns that are slow elsewhere, that grow when they are compiled, or that just do not.
const PATTERNS: [&str; 12] = [
    "(a+)+b",
    "(a|aa)*c",
    "(a?){64}a{64}",
    ".{1,200}x",
    r"\w{1,40}",
    r"\w{1,90}",
    r"[\pL\pN]{1,60}x",
    r"(?i)(\pL{1,10}){1,6}",
    "([a-z]{1,60}){1,60}",
    "((a{1,99}){1,99}){1,99}",
    r"(\w{1,99}){1,99}",
    "(((((a{1,9}){1,9}){1,9}){1,9}){1,9}){1,9}",
];

/// How long a pattern of a user takes, from its text to what it says of a long one.
async fn patterns() {
    let long = "a".repeat(100_000);
    let (mut legal, mut refused) = (Vec::new(), Vec::new());
    assert!(runbook("a*").is_some());
    for pattern in PATTERNS {
        let began = now();
        let read = runbook(pattern);
        let is_legal = read.is_some();
        std::hint::black_box(read.map(|read| read.applies(|_| Some(long.clone()))));
        let span = (millis(began.elapsed()), pattern);
        if is_legal { legal.push(span) } else { refused.push(span) }
    }
    worst("the slowest pattern of a runbook", &mut legal);
    worst("the slowest that is refused", &mut refused);
    let folder = tempfile::tempdir().unwrap();
    let sources = vec![Source::Folder(folder.path().to_owned())];
    let server = TelemetryServer::new(sources, Offer::ALL.into(), Clock::real());
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let (read, write) = tokio::io::split(theirs);
    tokio::spawn(serve_io(server, read, write, tokio_util::sync::CancellationToken::new()));
    let (read, write) = tokio::io::split(ours);
    let partner = Partner::over(read, write).await.unwrap();
    let (mut legal, mut refused) = (Vec::new(), Vec::new());
    for pattern in ["a"].iter().chain(&PATTERNS) {
        let selector = format!("up{{job=~\"{}\"}}", pattern.replace('\\', "\\\\"));
        let arguments = json!({ "measure": "rate", "selector": selector });
        let began = now();
        let called = partner.call("query_metrics", arguments, Limits::default(), |_| {}).await;
        let span = (millis(began.elapsed()), *pattern);
        let said = called.map_or_else(|error| error.to_string(), |answer| answer.text);
        if said.contains("selector") { refused.push(span) } else { legal.push(span) }
    }
    worst("the slowest pattern of a selector, with its call", &mut legal);
    worst("the slowest that is refused, with its call", &mut refused);
}

fn worst(name: &str, spans: &mut [(f64, &str)]) {
    spans.sort_by(|one, other| one.0.total_cmp(&other.0));
    match spans.last() {
        Some((span, pattern)) => {
            println!("{name:<48} {span:>8.2} ms of 50   {pattern}   n {}", spans.len());
        }
        None => println!("{name:<48} there is none"),
    }
}

/// The runbook that comes along, for alerts with names of this pattern, if that may stand in one.
fn runbook(pattern: &str) -> Option<Runbook> {
    let text = include_str!("../src/agents/primary/runbooks/request-errors.toml");
    let text = text.replacen("\".*ErrorRate.*\"", &format!("'{pattern}'"), 1);
    Runbook::read("pattern.toml", &text).ok()
}
