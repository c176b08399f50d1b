//! Alerts as a real Alertmanager sends them.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use wheelhouse::hub::from_alertmanager;
use wheelhouse::incident::{Alert, Severity, Untrusted};
use wheelhouse::settings::Clock;

use super::daemon::{Daemon, argument};
use crate::support::ALERTMANAGER;

/// Most payloads that wait for the test.
const WAITING: usize = 8;

/// Receives webhooks; tells where, and what came.
async fn receiver() -> (String, mpsc::Receiver<String>) {
    let (tell, told) = mpsc::channel(WAITING);
    let receive = move |body: String| {
        let tell = tell.clone();
        async move {
            tell.send(body).await.unwrap();
            StatusCode::ACCEPTED
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/alerts/alertmanager", listener.local_addr().unwrap());
    let app = Router::new().route("/alerts/alertmanager", post(receive));
    tokio::spawn(axum::serve(listener, app).into_future());
    (url, told)
}

/// Alertmanager that sends what it gets on at once.
async fn alertmanager(folder: &tempfile::TempDir, url: &str) -> Option<Daemon> {
    let file = folder.path().join("alertmanager.yml");
    let config = json!({
        "route": {
            "receiver": "wheelhouse", "group_by": ["alertname"],
            "group_wait": "0s", "group_interval": "1s", "repeat_interval": "1h",
        },
        "receivers": [{ "name": "wheelhouse", "webhook_configs": [{ "url": url }] }],
    });
    std::fs::write(&file, config.to_string()).unwrap();
    let data = folder.path().join("data");
    let alone = "--cluster.listen-address=".to_owned();
    let arguments = [argument("config.file", &file), argument("storage.path", &data), alone];
    Daemon::start(&ALERTMANAGER, &arguments).await
}

/// An alert as Prometheus posts it; over once it has an end.
fn alert(ends: Option<Timestamp>) -> Value {
    let mut alert = json!({
        "labels": {
            "alertname": "CheckoutErrors", "service": "checkout", "severity": "critical",
            "summary": "no annotation",
        },
        "annotations": {
            "summary": "checkout answers with errors",
            "description": "47 % of requests fail; \u{202e}\u{1b}[31m",
        },
        "generatorURL": "http://127.0.0.1/graph",
    });
    if let Some(ends) = ends {
        alert["endsAt"] = json!(ends.to_string());
    }
    json!([alert])
}

async fn next(told: &mut mpsc::Receiver<String>) -> (Alert, Untrusted) {
    let patience = std::time::Duration::from_mins(1);
    let body = tokio::time::timeout(patience, told.recv()).await.expect("no webhook came").unwrap();
    let mut alerts = from_alertmanager(&body).unwrap_or_else(|error| panic!("{error}: {body}"));
    assert_eq!(alerts.len(), 1, "{body}");
    alerts.remove(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_that_fires_and_is_resolved_is_read_as_sent() {
    let folder = tempfile::tempdir().unwrap();
    let (url, mut told) = receiver().await;
    let Some(alertmanager) = alertmanager(&folder, &url).await else { return };
    alertmanager.post("api/v2/alerts", &alert(None)).await;
    let (fired, text) = next(&mut told).await;
    assert!(fired.firing);
    assert_eq!(fired.severity, Severity::Sev1);
    assert_eq!(fired.title, Untrusted::from("checkout answers with errors"));
    assert_eq!(fired.service, Untrusted::from("checkout"));
    assert_eq!(fired.labels["alertname"], Untrusted::from("CheckoutErrors"));
    // What it wrote into the text arrives unchanged; it is made visible where it is shown.
    assert!(text.for_storage().ends_with("47 % of requests fail; \u{202e}\u{1b}[31m"));
    assert!(fired.dedup_key.contains("alertname=\"CheckoutErrors\""), "{}", fired.dedup_key);

    alertmanager.post("api/v2/alerts", &alert(Some(Clock::real().now()))).await;
    let (over, text) = next(&mut told).await;
    assert!(!over.firing);
    assert_eq!(over.dedup_key, fired.dedup_key);
    assert!(text.for_storage().starts_with("Resolved: checkout answers with errors"));
    alertmanager.stop().await;
}
