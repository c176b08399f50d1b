//! Ten minutes of telemetry of a service whose pool is shrunk at minute six, as files.

use std::fmt::Write as _;
use std::fs;

use jiff::Timestamp;
use serde_json::{Value, json};

/// Seconds since the epoch at which the telemetry begins, the service breaks, and it ends.
const START: i64 = 1_795_183_200;
const BROKE: i64 = START + 360;
const END: i64 = START + 600;

/// When the service began to fail.
pub(super) fn broke() -> Timestamp {
    at(BROKE)
}

/// The whole time, as two arguments of a call.
pub(super) fn window() -> (String, String) {
    (at(START).to_string(), at(END).to_string())
}

/// Writes the telemetry into a new folder.
pub(super) fn folder() -> tempfile::TempDir {
    let (mut logs, mut traces) = (String::new(), String::new());
    let mut metrics = "# TYPE checkout_requests counter\n".to_owned();
    let (mut good, mut bad) = (0, 0);
    for second in (START..END).step_by(2) {
        let fails = second >= BROKE && second % 3 != 0;
        writeln!(logs, "{}", record(second, fails)).unwrap();
        writeln!(traces, "{}", trace(second, fails)).unwrap();
        (good, bad) = if fails { (good, bad + 1) } else { (good + 1, bad) };
        writeln!(metrics, "checkout_requests_total{{code=\"200\"}} {good} {second}").unwrap();
        writeln!(metrics, "checkout_requests_total{{code=\"503\"}} {bad} {second}").unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("logs/checkout.ndjson", logs),
        ("traces/spans.ndjson", traces),
        ("metrics/checkout.om", metrics),
        ("changes.ndjson", changes()),
    ] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn record(second: i64, fails: bool) -> Value {
    let (level, message) = if fails {
        ("error", format!("no connection after {} ms", 900 + second % 90))
    } else {
        ("info", "paid".to_owned())
    };
    json!({
        "ts": at(second).to_string(), "level": level, "service": "checkout", "message": message,
        "trace_id": format!("{second:032x}"), "fields": { "route": "/pay" },
    })
}

/// One request: its handling, and in it the wait for a connection.
fn trace(second: i64, fails: bool) -> Value {
    let status = if fails { json!({ "code": 2, "message": "no connection" }) } else { json!({}) };
    let span = |id: &str, parent: &str, name: &str, millis: i64| {
        json!({
            "traceId": format!("{second:032x}"), "spanId": id, "parentSpanId": parent,
            "name": name, "status": status,
            "startTimeUnixNano": (second * 1_000_000_000).to_string(),
            "endTimeUnixNano": (second * 1_000_000_000 + millis * 1_000_000).to_string(),
        })
    };
    let wait = if fails { 900 } else { 3 };
    let spans = [span("0a", "", "POST /pay", wait + 5), span("0b", "0a", "pool.acquire", wait)];
    let service = json!({ "key": "service.name", "value": { "stringValue": "checkout" } });
    json!({ "resourceSpans": [{
        "resource": { "attributes": [service] },
        "scopeSpans": [{ "spans": spans }],
    }] })
}

fn changes() -> String {
    let change = |second: i64, kind: &str, revision: &str, summary: &str| {
        json!({
            "time": at(second).to_string(), "actor": "ci", "kind": kind,
            "revision": revision, "summary": summary,
        })
    };
    let banner = change(START + 10, "rollout", "41", "new banner");
    let pool = change(BROKE - 12, "config", "42", "pool size 20 to 2");
    format!("{banner}\n{pool}\n")
}
