//! The whole cockpit as a person has it: the binary, its hub, and a terminal, measured from outside.
//!
//! `cargo bench --bench all -- live` prints idle, first frame, keys under a flood, one hostile line, and
//! bytes for each frame. The figures mean something only on a machine that does nothing else.

use std::time::Duration;

use tokio::sync::mpsc;
use wheelhouse::hub::{Hub, Plan, Socket};
use wheelhouse::incident::{
    Body, Entry, ExchangeEvent, Exchanged, Policy, Principal, Proof, Untrusted,
};
use wheelhouse::journal::Journal;
use wheelhouse::settings::Clock;
use wheelhouse::wire::{Command, FeedEvent, Frame, Gates, Link, Reply, header_line};

use crate::history;
use crate::screen::{Running, Seen, now};

/// How long the cockpit is left alone.
const IDLE: Duration = Duration::from_mins(1);

/// How many events a flood has in each second, and how many keys are typed into it.
const FLOOD_PER_S: u64 = 10_000;
const KEYS: usize = 400;

/// How many starts the first frame is taken from.
const STARTS: usize = 30;
const COLD_STARTS: usize = 5;

/// How long the hostile line is, in bytes.
const HOSTILE: usize = 10 * 1024 * 1024;

/// Measures everything and prints it.
pub(crate) fn measure() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    first_frame();
    runtime.block_on(flood());
    hostile();
    idle();
}

pub(crate) fn told(name: &str, unit: &str, mut values: Vec<f64>) {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let last = values.len().saturating_sub(1);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a position")]
        let place = (last as f64 * share).round() as usize;
        values[place.min(last)]
    };
    println!(
        "{name:<44} p50 {:>8.2} {unit}  p99 {:>8.2} {unit}  max {:>8.2} {unit}  n {}",
        at(0.5),
        at(0.99),
        at(1.0),
        values.len()
    );
}

pub(crate) fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1000.0
}

fn has(text: &'static str) -> impl Fn(&Seen) -> Option<()> {
    move |seen| seen.parser.screen().contents().contains(text).then_some(())
}

/// From starting the process to the end of its first frame: from memory, and from the disk where this
/// machine lets us forget what is in memory.
fn first_frame() {
    started("first frame, exec to paint", STARTS, || {});
    let forget = || std::fs::write("/proc/sys/vm/drop_caches", "3");
    match forget() {
        Ok(()) => started("first frame from a cold disk", COLD_STARTS, || forget().unwrap()),
        Err(error) => println!("first frame from a cold disk: not measured ({error})"),
    }
}

fn started(name: &str, times: usize, before: impl Fn()) {
    let mut spans = Vec::new();
    for _ in 0..times {
        before();
        let running = Running::start(&[]);
        let painted = running.until("a frame", |seen| (seen.frames > 0).then_some(seen.painted));
        spans.push(millis(painted - running.began));
        running.until("the empty screen", has("No incident."));
    }
    told(name, "ms", spans);
}

/// An open cockpit that nobody touches: with nothing to show, and with an incident that has an age.
fn idle() {
    left_alone("nothing open", &[], "No incident.");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("quiet.jsonl");
    write_recording(&file, "one incident");
    left_alone("a recording at its end", &["replay", &file.display().to_string()], "one incident");
}

fn left_alone(what: &str, arguments: &[&str], shown: &'static str) {
    let running = Running::start(arguments);
    running.until(shown, has(shown));
    std::thread::sleep(Duration::from_secs(2));
    let before = (running.cpu_s(), running.seen(|seen| (seen.bytes, seen.frames)));
    std::thread::sleep(IDLE);
    let (bytes, frames) = running.seen(|seen| (seen.bytes, seen.frames));
    println!(
        "{:<44} {:.2} s CPU ({:.3} %), {} frames, {} bytes",
        format!("idle for {} s, {what}", IDLE.as_secs()),
        running.cpu_s() - before.0,
        (running.cpu_s() - before.0) / IDLE.as_secs_f64() * 100.0,
        frames - before.1.1,
        bytes - before.1.0,
    );
}

/// Keys typed into a comment while a hub tells ten thousand events a second.
async fn flood() {
    let dir = tempfile::tempdir().unwrap();
    let (told_to, deliveries) = mpsc::channel(8);
    let plan = Plan {
        journal: Journal::open(dir.path()).unwrap(),
        clock: Clock::real(),
        policy: Policy::default(),
        gates: Gates { hub: "flood".to_owned(), ..Gates::default() },
        deliveries,
        seed: None,
    };
    let hub = Hub::start(plan).await.unwrap();
    let by = |name: &str| Principal {
        actor: name.parse().unwrap(),
        proof: Proof::LocalUser,
        roles: Vec::new(),
    };
    let socket =
        Socket::open(&dir.path().join("hub.sock"), hub.link(by("human:ada"))).await.unwrap();
    let Body::Alert(alert) = history::alert(0).body else { unreachable!("it is an alert") };
    let opened = hub
        .link(by("system:alertmanager"))
        .ask(Command::OpenIncident { alert, text: "firing".into() })
        .await;
    let Ok(Reply::Opened { incident, .. }) = opened else { panic!("{opened:?}") };

    let data = dir.path().display().to_string();
    let running = Running::start(&["--data-dir", &data]);
    let agent = hub.link(by("agent:primary@flood"));
    let flooding = tokio::spawn(pour(agent, incident));
    let typing = tokio::task::spawn_blocking(move || {
        let spans = type_into(&running);
        (running, spans)
    });
    let (running, spans) = typing.await.unwrap();
    told("key to paint at 10,000 events/s", "ms", spans);
    let began = (now(), running.cpu_s(), running.seen(|seen| (seen.bytes, seen.frames)));
    tokio::time::sleep(Duration::from_secs(5)).await;
    let (span_s, cpu_s) = (began.0.elapsed().as_secs_f64(), running.cpu_s() - began.1);
    let (bytes, frames) = running.seen(|seen| (seen.bytes - began.2.0, seen.frames - began.2.1));
    flooding.abort();
    println!(
        "{:<44} {:.0} % of a core, {:.0} frames/s",
        "a flood that nobody touches",
        cpu_s / span_s * 100.0,
        frames as f64 / span_s
    );
    println!(
        "{:<44} {:.1} kB ({frames} frames)",
        "bytes of a frame at 10,000 events/s",
        bytes as f64 / frames.max(1) as f64 / 1000.0
    );
    println!("{:<44} {:.0} MiB", "peak memory under the flood", running.peak_mib());
    drop(running);
    socket.close().await;
    hub.stop().await;
    drop(told_to);
}

/// Tells as fast as the hub takes it, and no faster than wanted.
async fn pour(agent: Link, incident: wheelhouse::incident::IncidentId) {
    let began = now();
    let mut sent: u64 = 0;
    loop {
        let due = u64::try_from(began.elapsed().as_micros()).unwrap() * FLOOD_PER_S / 1_000_000;
        while sent < due {
            sent += 1;
            let what = Exchanged::Said {
                by: "agent:primary@flood".parse().unwrap(),
                text: Untrusted::from(format!(
                    "{sent}: connection to the ledger timed out after 500 ms"
                )),
            };
            let at = Clock::real().now();
            let event = Box::new(ExchangeEvent { incident, at, what });
            // A hub that cannot keep up would be told by the rate that is printed.
            drop(agent.ask(Command::Observe { event }).await);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn type_into(running: &Running) -> Vec<f64> {
    running.until("the flood", has("timed out after 500 ms"));
    running.types("c");
    std::thread::sleep(Duration::from_millis(700));
    let mut spans = Vec::new();
    let mut random = fastrand::Rng::with_seed(1);
    let mut typed = String::new();
    for count in 0..KEYS {
        if count % 40 == 0 {
            // Something that stands nowhere else on the screen.
            typed = format!("zq{count}");
            running.types(&format!("\r{typed}"));
        }
        std::thread::sleep(Duration::from_millis(random.u64(20..60)));
        let sign = char::from(b'a' + u8::try_from(count % 26).unwrap());
        typed.push(sign);
        let began = now();
        running.types(&sign.to_string());
        let wanted = typed.clone();
        let painted = running.until("the key", |seen| {
            seen.parser.screen().contents().contains(&wanted).then_some(seen.painted)
        });
        spans.push(millis(painted.max(began) - began));
    }
    spans
}

/// One entry whose text is one line of ten million bytes, half of it hostile.
fn hostile() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("hostile.jsonl");
    let part = "\u{1b}[31m\u{202e}e\u{301}\u{200b}日本 connection refused ";
    let line = part.repeat(HOSTILE / part.len());
    write_recording(&file, &line);
    let running = Running::start(&["replay", &file.display().to_string()]);
    running.until("the entry", has("connection refused"));
    running.types("3");
    std::thread::sleep(Duration::from_millis(200));
    let mut spans = Vec::new();
    let before = running.seen(|seen| (seen.bytes, seen.frames));
    for count in 0..200 {
        let frames = running.seen(|seen| seen.frames);
        let began = now();
        // Select up and down, open and close: each draws the line again. Escape is written as modern
        // terminals do: a bare one is waited for, see `keyboard`.
        running.types(["k", "j", "\r", "\u{1b}[27u"][count % 4]);
        let painted =
            running.until("a frame", |seen| (seen.frames > frames).then_some(seen.painted));
        spans.push(millis(painted - began));
        std::thread::sleep(Duration::from_millis(30));
    }
    told("key to paint with a line of 10 MB", "ms", spans);
    let (bytes, frames) = running.seen(|seen| (seen.bytes, seen.frames));
    println!(
        "{:<44} {:.1} kB",
        "bytes of a frame with a line of 10 MB",
        (bytes - before.0) as f64 / (frames - before.1).max(1) as f64 / 1000.0
    );
    println!("{:<44} {:.0} MiB", "peak memory with a line of 10 MB", running.peak_mib());
}

/// A recording of one incident with one entry.
fn write_recording(file: &std::path::Path, text: &str) {
    let began = history::start();
    let mut alert = history::alert(0);
    if let Body::Alert(body) = &mut alert.body {
        body.title = "one incident".into();
    }
    let entry = Entry { text: text.into(), ..history::entry(1, history::incident(0)) };
    let mut lines = vec![header_line(began).unwrap()];
    for (seq, entry) in (1..).zip([alert, entry]) {
        let event = FeedEvent::EntryArrived { entry: Box::new(entry) };
        lines.push(serde_json::to_string(&Frame { run: None, seq, at: began, event }).unwrap());
    }
    std::fs::write(file, lines.join("\n") + "\n").unwrap();
}
