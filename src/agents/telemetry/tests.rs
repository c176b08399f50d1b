//! The agent as a caller sees it, over the protocol, on telemetry of a small incident.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use axum::extract::Query as Asked;
use axum::routing::get;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::partner::{
    Access, Answer, Doorway, Endpoint, Limits, Partner, PartnerError, Step, Token, serve_http,
    serve_io,
};
use crate::settings::Clock;

/// Ten minutes of a service; at minute six its pool is shrunk and it begins to fail.
const START: i64 = 1_795_183_200;
const BROKE: i64 = START + 360;
const END: i64 = START + 600;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn world() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (mut logs, mut traces, mut metrics) = (String::new(), String::new(), String::new());
    let (mut good, mut bad) = (0, 0);
    metrics.push_str("# TYPE checkout_requests counter\n# TYPE checkout_pool_waiting gauge\n");
    for second in (START..END).step_by(2) {
        let failing = second >= BROKE && second % 3 != 0;
        let (level, message) = if failing {
            ("error", format!("no connection after {}ms", 900 + second % 90))
        } else {
            ("info", "paid".to_owned())
        };
        let line = json!({
            "ts": at(second).to_string(), "level": level, "service": "checkout",
            "message": message, "trace_id": format!("{second:032x}"), "fields": { "route": "/pay" },
        });
        writeln!(logs, "{line}").unwrap();
        writeln!(traces, "{}", trace(second, failing)).unwrap();
        (good, bad) = if failing { (good, bad + 1) } else { (good + 1, bad) };
        writeln!(metrics, "checkout_requests_total{{code=\"200\"}} {good} {second}").unwrap();
        writeln!(metrics, "checkout_requests_total{{code=\"503\"}} {bad} {second}").unwrap();
        let waiting = if second >= BROKE { 20 + second % 5 } else { second % 2 };
        writeln!(metrics, "checkout_pool_waiting {waiting} {second}").unwrap();
    }
    let changes = format!(
        "{}\n{}\n",
        json!({ "time": at(START + 10).to_string(), "actor": "ci", "kind": "rollout",
                "revision": "41", "summary": "new banner" }),
        json!({ "time": at(BROKE - 12).to_string(), "actor": "ci", "kind": "config",
                "revision": "42", "summary": "pool size 20 to 2" }),
    );
    for (name, text) in [
        ("logs/checkout.ndjson", logs),
        ("traces/spans.ndjson", traces),
        ("metrics/checkout.om", metrics),
        ("changes.ndjson", changes),
    ] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn trace(second: i64, failing: bool) -> Value {
    let span = |id: &str, parent: &str, name: &str, millis: i64| {
        json!({
            "traceId": format!("{second:032x}"), "spanId": id, "parentSpanId": parent, "name": name,
            "startTimeUnixNano": (second * 1_000_000_000).to_string(),
            "endTimeUnixNano": (second * 1_000_000_000 + millis * 1_000_000).to_string(),
            "status": if failing { json!({ "code": 2, "message": "no connection" }) } else { json!({}) },
        })
    };
    let slow = if failing { 900 } else { 3 };
    json!({ "resourceSpans": [{
        "resource": { "attributes": [
            { "key": "service.name", "value": { "stringValue": "checkout" } }
        ] },
        "scopeSpans": [{ "spans": [
            span("0a", "", "POST /pay", slow + 5), span("0b", "0a", "pool.acquire", slow),
        ] }],
    }] })
}

fn server(folder: &tempfile::TempDir, offers: impl Into<BTreeSet<Offer>>) -> TelemetryServer {
    let sources = vec![Source::Folder(folder.path().to_owned())];
    TelemetryServer::new(sources, offers.into(), Clock::held_at(at(END)))
}

async fn partner(server: TelemetryServer) -> Partner {
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let (read, write) = tokio::io::split(theirs);
    tokio::spawn(serve_io(server, read, write, CancellationToken::new()));
    let (read, write) = tokio::io::split(ours);
    Partner::over(read, write).await.unwrap()
}

async fn call(partner: &Partner, tool: &str, arguments: Value) -> Result<Answer, PartnerError> {
    partner.call(tool, arguments, Limits::default(), |_step| {}).await
}

#[tokio::test]
async fn logs_name_the_new_error_and_when_it_began() {
    let folder = world();
    let partner = partner(server(&folder, Offer::ALL)).await;
    let answer = call(&partner, "search_logs", json!({ "minutes": 5 })).await.unwrap();
    let report: LogReport = serde_json::from_value(answer.structured).unwrap();
    assert_eq!(report.signatures[0].template, "no connection after <time span>");
    assert!(report.signatures[0].is_new);
    assert_eq!(report.signatures[0].evidence.reference, "logs/checkout.ndjson:182");
    assert_eq!(answer.text, report.summary);
}

#[tokio::test]
async fn metrics_date_the_change_of_level() {
    let folder = world();
    let partner = partner(server(&folder, Offer::ALL)).await;
    let arguments = json!({
        "measure": "ratio", "selector": r#"checkout_requests_total{code=~"5.."}"#,
        "other": "checkout_requests_total", "minutes": 10,
    });
    let answer = call(&partner, "query_metrics", arguments).await.unwrap();
    let report: MetricReport = serde_json::from_value(answer.structured).unwrap();
    let shift = &report.shifts[0];
    assert!((shift.at.as_second() - BROKE).abs() <= 20, "{shift:?}");
    assert!(shift.before < 0.01 && (0.6..0.7).contains(&shift.after), "{shift:?}");
}

#[tokio::test]
async fn an_investigation_finds_the_cause_with_every_step_reported() {
    let folder = world();
    let serving = {
        let server = server(&folder, Offer::ALL);
        let door = Doorway::on(0, Access::Bearer(Token::new("t").unwrap()));
        serve_http(move || server.clone(), door).await.unwrap()
    };
    let endpoint = Endpoint::Http { url: serving.url(), token: Token::new("t") };
    let partner = Partner::connect(&endpoint).await.unwrap();
    let mut steps = Vec::new();
    let arguments = json!({ "question": "Why does checkout fail?", "minutes": 10 });
    let call = partner.call("investigate", arguments, Limits::default(), |step| match step {
        Step::Progressed(progress) => steps.push(progress),
        Step::Polled => panic!("no task was made of it"),
    });
    let answer = call.await.unwrap();
    let found: Investigation = serde_json::from_value(answer.structured).unwrap();
    let onset: Timestamp = found.onset.parse().unwrap();
    assert!((onset.as_second() - BROKE).abs() <= 20, "{}", found.onset);
    assert!(found.conclusion.contains("config 42"), "{}", found.conclusion);
    assert!(found.conclusion.contains("fail first in checkout pool.acquire"));
    assert!(found.recommended.iter().any(|one| one.contains("undoing config 42")));
    assert!((found.confidence - 0.95).abs() < 1e-9, "{:?}", found.basis);
    let kinds: BTreeSet<Offer> = found.evidence.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, Offer::ALL.into());
    assert_eq!(steps[0].message, "begun");
    for word in ["metrics (1 of 4)", "logs (2 of 4)", "traces (3 of 4)", "changes (4 of 4)"] {
        assert!(steps.iter().any(|step| step.message.contains(word)), "{word}: {steps:?}");
    }
    assert!(steps.windows(2).all(|pair| pair[0].done < pair[1].done));
    serving.stop().await.unwrap();
}

#[tokio::test]
async fn a_quiet_time_is_not_made_into_an_incident() {
    let folder = world();
    let partner = partner(server(&folder, [Offer::Logs, Offer::Traces])).await;
    let to = at(BROKE - 60).to_string();
    let arguments = json!({ "question": "Why does checkout fail?", "to": to, "minutes": 4 });
    let answer = call(&partner, "investigate", arguments).await.unwrap();
    let found: Investigation = serde_json::from_value(answer.structured).unwrap();
    assert_eq!((found.confidence, found.onset.as_str()), (0.0, ""));
    assert_eq!(found.not_done.len(), 2);
}

#[tokio::test]
async fn a_specialist_shows_only_what_it_offers() {
    let folder = world();
    let partner = partner(server(&folder, [Offer::Changes])).await;
    let tools = partner.tools().await.unwrap();
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["find_changes", "investigate"]);
    assert!(call(&partner, "search_logs", json!({})).await.is_err());
    let arguments = json!({
        "question": "What was changed?", "minutes": 10,
        "context": { "onset": at(BROKE).to_string() },
    });
    let answer = call(&partner, "investigate", arguments).await.unwrap();
    let found: Investigation = serde_json::from_value(answer.structured).unwrap();
    assert!(found.conclusion.contains("config 42 by ci, 12 s earlier"), "{}", found.conclusion);
}

#[tokio::test]
async fn schemas_are_flat_and_without_nulls() {
    let folder = world();
    let tools = partner(server(&folder, Offer::ALL)).await.tools().await.unwrap();
    assert_eq!(tools.len(), 5);
    for tool in tools {
        assert!(tool.description.len() > 40, "{}", tool.name);
        assert!(!tool.arguments.to_string().contains("null"), "{}", tool.arguments);
        for (name, property) in tool.arguments["properties"].as_object().unwrap() {
            assert!(property["description"].is_string(), "{} {name}", tool.name);
        }
    }
}

#[tokio::test]
async fn wrong_arguments_are_told_in_words_the_caller_can_act_on() {
    let folder = world();
    let partner = partner(server(&folder, Offer::ALL)).await;
    for (tool, arguments, expected) in [
        ("search_logs", json!({ "from": "noon" }), "write it like 2026-11-20T14:03:00Z"),
        ("search_logs", json!({ "qury": "x" }), "unknown field `qury`"),
        ("analyse_spans", json!({ "limit": 500 }), "not between 1 and 50"),
        ("query_metrics", json!({ "measure": "rate", "selector": "a b" }), "write it like"),
        (
            "query_metrics",
            json!({ "measure": "speed", "selector": "a" }),
            "unknown variant `speed`",
        ),
        ("investigate", json!({ "question": " " }), "`question`"),
    ] {
        let result = call(&partner, tool, arguments).await;
        let Err(PartnerError::ToolFailed { text }) = result else { panic!("{tool}: {result:?}") };
        assert!(text.contains(expected), "{text}");
    }
}

#[tokio::test]
async fn answers_stay_bounded_whatever_the_telemetry_says() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("logs")).unwrap();
    let mut text = String::new();
    for index in 0_u32..3000 {
        let word: String =
            (0..4).map(|place| char::from(b'a' + (index >> (place * 4) & 15) as u8)).collect();
        let line = json!({ "ts": END - 5, "level": "error", "msg": format!("{word} {}", "ü".repeat(5000)) });
        writeln!(text, "{line}").unwrap();
    }
    fs::write(folder.path().join("logs/a.ndjson"), text).unwrap();
    let partner = partner(server(&folder, Offer::ALL)).await;
    let answer = call(&partner, "search_logs", json!({ "limit": 50 })).await.unwrap();
    assert!(answer.structured.to_string().len() < 256 * 1024);
    let report: LogReport = serde_json::from_value(answer.structured).unwrap();
    assert_eq!((report.errors, report.signatures.len(), report.uncounted), (3000, 50, 1000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_metrics_server_is_asked_in_its_own_language() {
    let answer = |Asked(asked): Asked<Vec<(String, String)>>| async move {
        let value = |name: &str| asked.iter().find(|pair| pair.0 == name).unwrap().1.clone();
        let known = value("query") == r#"sum(rate(http_requests_total{code="500"}[60s]))"#;
        let length = if known && value("step") == "60.000" { 40_i64 } else { 0 };
        let values: Vec<Value> = (0..length)
            .map(|index| json!([START + index * 60, if index < 20 { "0.5" } else { "7.5" }]))
            .collect();
        let one = json!({ "metric": {}, "values": values });
        let result = if known { json!([one]) } else { json!([]) };
        axum::Json(
            json!({ "status": "success", "data": { "resultType": "matrix", "result": result } }),
        )
    };
    let app = axum::Router::new().route("/prom/api/v1/query_range", get(answer)).route(
        "/prom/api/v1/series",
        get(|| async { axum::Json(json!({ "status": "success", "data": [] })) }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/prom/", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, app).into_future());
    let source = Source::Prometheus(Prometheus::at(&url, None).unwrap());
    let server = TelemetryServer::new(vec![source], Offer::ALL.into(), Clock::held_at(at(END)));
    let partner = partner(server).await;
    let arguments = json!({ "measure": "rate", "selector": r#"http_requests_total{code="500"}"#, "minutes": 40 });
    let answer = call(&partner, "query_metrics", arguments).await.unwrap();
    let report: MetricReport = serde_json::from_value(answer.structured).unwrap();
    assert_eq!(report.shifts[0].at, at(START + 20 * 60));
    let arguments = json!({ "measure": "value", "selector": "other_metric" });
    let failed = call(&partner, "query_metrics", arguments).await;
    let Err(PartnerError::ToolFailed { text }) = failed else { panic!("{failed:?}") };
    assert!(text.starts_with("failed to find any series of other_metric"), "{text}");
}

/// 79: in an error, and in what is no answer at all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_metrics_server_that_echoes_its_token_is_not_repeated() {
    const CANARY: &str = "gh_s3cret/Canary+0123456789~x";
    let mut answers = vec![json!(CANARY)];
    // Cut wherever an error is cut, and before that.
    let depths = (0..CANARY.len()).map(|left| finding::TEXT_MAX - left).chain([0]);
    let error = |depth: usize| format!("{}{CANARY} is no good", "y".repeat(depth));
    let refusal = |depth| json!({ "status": "error", "error": error(depth) });
    answers.extend(depths.map(refusal));
    for answer in answers {
        let echo = answer.clone();
        let app = axum::Router::new().fallback(|| async { axum::Json(echo) });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, app).into_future());
        let source = Source::Prometheus(Prometheus::at(&url, Token::new(CANARY)).unwrap());
        let server = TelemetryServer::new(vec![source], Offer::ALL.into(), Clock::held_at(at(END)));
        let partner = partner(server).await;
        let arguments = json!({ "measure": "value", "selector": "up" });
        let told = format!("{:?}", call(&partner, "query_metrics", arguments).await);
        assert!(told.contains('…'), "something of the answer is told: {told}");
        for window in CANARY.as_bytes().windows(4) {
            let window = str::from_utf8(window).unwrap();
            assert!(!told.contains(window), "{window} of {answer}: {told}");
        }
    }
}
