//! The partner for telemetry, driven by the reference MCP client over both transports and both eras.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

use super::daemon::listening;
use super::telemetry;
use crate::support::MCP_CLIENT;

const WHEELHOUSE: &str = env!("CARGO_BIN_EXE_wheelhouse");

/// How long the client may take for all of its calls.
const PATIENCE: Duration = Duration::from_secs(90);

/// The protocol's revisions that the client speaks when it may choose, and when it must be old.
const ERAS: [(&str, &str); 2] = [("auto", "2026-07-28"), ("legacy", "2025-11-25")];

/// Runs the client; `None` if it is not installed.
async fn drive(plan: &Value) -> Option<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/client.py");
    let mut client = Command::new(MCP_CLIENT.program()?)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut plans = client.stdin.take().unwrap();
    plans.write_all(plan.to_string().as_bytes()).await.unwrap();
    drop(plans);
    let ended = tokio::time::timeout(PATIENCE, client.wait_with_output()).await;
    let output = ended.expect("the client did not end").unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaints}");
    Some(serde_json::from_slice(&output.stdout).expect(&complaints))
}

/// One good call of each tool.
fn good_calls() -> Value {
    let (from, to) = telemetry::window();
    json!([
        ["search_logs", { "from": telemetry::broke().to_string(), "to": to, "query": "level=error" }],
        ["analyse_spans", { "from": from, "to": to, "service": "checkout", "limit": 5 }],
        ["query_metrics", {
            "measure": "ratio", "selector": "checkout_requests_total{code=~\"5..\"}",
            "other": "checkout_requests_total", "from": from, "to": to,
        }],
        ["find_changes", { "around": telemetry::broke().to_string() }],
        ["investigate", { "question": "Why does checkout fail?", "from": from, "to": to }],
    ])
}

/// Calls that cannot be answered, each with what the caller must be told.
fn wrong_calls() -> [(Value, &'static str); 3] {
    [
        (json!(["search_logs", { "limit": 500 }]), "not between 1 and 50"),
        (json!(["find_changes", { "around": "noon" }]), "write it like 2026-11-20T14:03:00Z"),
        (
            json!(["query_metrics", { "measure": "rate", "selector": "a b" }]),
            "write it like http_requests_total{",
        ),
    ]
}

fn assert_answered(told: &Value, protocol: &str) {
    assert_eq!(told["stopped"], Value::Null);
    assert_eq!(told["protocol"], protocol);
    let tools = ["analyse_spans", "find_changes", "investigate", "query_metrics", "search_logs"];
    assert_eq!(told["tools"], json!(tools));
    let calls = told["calls"].as_array().unwrap();
    assert_eq!(calls.len(), tools.len());
    for call in calls {
        assert_eq!(call["is_error"], false, "{call:#}");
        assert_eq!(call["faults"], json!([]), "{call:#}");
        assert!(call["text"].as_str().unwrap().len() > 20, "{call:#}");
        assert_steps(call);
    }
    assert_found(&calls.iter().map(|call| call["structured"].clone()).collect::<Vec<_>>());
}

fn assert_steps(call: &Value) {
    let steps = call["steps"].as_array().unwrap();
    assert_eq!(steps[0]["message"], "begun", "{call:#}");
    let done: Vec<f64> = steps.iter().map(|step| step["done"].as_f64().unwrap()).collect();
    assert!(done.windows(2).all(|pair| pair[0] < pair[1]), "{call:#}");
    // Each of the four analyses that an investigation runs tells that it begins.
    let least = if call["tool"] == "investigate" { 5 } else { 1 };
    assert!(done.len() >= least, "{call:#}");
}

/// The answers say what the telemetry says.
fn assert_found(answers: &[Value]) {
    let [logs, spans, metrics, changes, found] = answers else { panic!("{answers:?}") };
    assert_eq!(logs["signatures"][0]["template"], "no connection after <n> ms");
    assert_eq!(logs["signatures"][0]["is_new"], true);
    assert_eq!(logs["matched"], logs["errors"]);
    assert_eq!(spans["errors"][0]["origin"], "checkout pool.acquire");
    let shift: Timestamp = metrics["shifts"][0]["at"].as_str().unwrap().parse().unwrap();
    assert!(shift.duration_since(telemetry::broke()).as_secs().abs() <= 20, "{metrics:#}");
    assert_eq!(changes["changes"][0]["revision"], "42");
    assert!(found["conclusion"].as_str().unwrap().contains("config 42"), "{found:#}");
}

#[tokio::test]
async fn a_foreign_client_investigates_over_standard_streams_in_both_eras() {
    let folder = telemetry::folder();
    for (mode, protocol) in ERAS {
        let data = folder.path().to_str().unwrap();
        let command = [
            WHEELHOUSE,
            "agent",
            "partner",
            "--stdio",
            "--data",
            data,
            "--offer",
            "logs,traces,metrics,changes",
        ];
        let plan = json!({ "command": command, "mode": mode, "calls": good_calls() });
        let Some(told) = drive(&plan).await else { return };
        assert_answered(&told, protocol);
    }
}

/// The partner as a server that is told its token by a variable, and where it is called.
async fn served(folder: &Path) -> (Child, String) {
    let mut partner = Command::new(WHEELHOUSE);
    partner.args(["agent", "partner", "--listen", "127.0.0.1:0", "--token-env", "CALLERS"]);
    partner.arg("--data").arg(folder).env("CALLERS", "right");
    listening(&mut partner, "listening at ").await
}

#[tokio::test]
async fn a_foreign_client_investigates_over_http_in_both_eras() {
    let folder = telemetry::folder();
    let (_partner, url) = served(folder.path()).await;
    for (mode, protocol) in ERAS {
        let plan = json!({
            "url": url, "token": "right", "mode": mode, "calls": good_calls(),
        });
        let Some(told) = drive(&plan).await else { return };
        assert_answered(&told, protocol);
    }
}

#[tokio::test]
async fn a_foreign_client_is_told_how_to_call_better() {
    let folder = telemetry::folder();
    let (_partner, url) = served(folder.path()).await;
    let (calls, hints): (Vec<Value>, Vec<&str>) = wrong_calls().into_iter().unzip();
    let plan = json!({ "url": url, "token": "right", "mode": "auto", "calls": calls });
    let Some(told) = drive(&plan).await else { return };
    assert_eq!(told["stopped"], Value::Null);
    let calls = told["calls"].as_array().unwrap();
    assert_eq!(calls.len(), hints.len());
    for (call, hint) in calls.iter().zip(hints) {
        assert_eq!(call["is_error"], true, "{call:#}");
        let text = call["text"].as_str().unwrap();
        assert!(text.starts_with("failed to ") && text.contains(hint), "{text}");
    }
}

#[tokio::test]
async fn a_foreign_client_with_another_token_is_not_let_in() {
    let folder = telemetry::folder();
    let (_partner, url) = served(folder.path()).await;
    for token in ["wrong", ""] {
        for (mode, _) in ERAS {
            let plan = json!({
                "url": url, "token": token, "mode": mode, "calls": good_calls(),
            });
            let Some(told) = drive(&plan).await else { return };
            assert!(told["stopped"].is_string(), "{told:#}");
            let statuses = told["statuses"].as_array().unwrap();
            assert!(!statuses.is_empty() && statuses.iter().all(|status| *status == 401));
            assert_eq!((&told["calls"], &told["tools"]), (&json!([]), &Value::Null));
        }
    }
}
