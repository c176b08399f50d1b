//! The partner asking a real Prometheus, which scrapes a page of this test.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::routing::get;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use wheelhouse::agents::telemetry::{
    MetricReport, Offer, Point, Prometheus, Source, TelemetryServer,
};
use wheelhouse::partner::{Limits, Partner, PartnerError, serve_io};
use wheelhouse::settings::Clock;

use super::daemon::{Daemon, argument};
use crate::support::PROMETHEUS;

/// By how much the two counters grow with each scrape.
const PAID: u64 = 7;
const SHOWN: u64 = 3;

/// Scrapes in one second.
const SCRAPES: u64 = 4;

/// Seconds between two values.
const STEP: u64 = 2;

/// Serves a page whose counters grow with each reading, and tells where.
async fn page() -> String {
    let read = Arc::new(AtomicU64::new(0));
    let answer = move || {
        let times = read.fetch_add(1, Ordering::Relaxed);
        let (paid, shown) = (times * PAID, times * SHOWN);
        let page = format!(
            "# TYPE work_total counter\nwork_total{{route=\"/pay\"}} {paid}\n\
             work_total{{route=\"/cart\"}} {shown}\n"
        );
        async move { page }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let app = Router::new().route("/metrics", get(answer));
    tokio::spawn(axum::serve(listener, app).into_future());
    address
}

/// Prometheus with ten seconds of scrapes, and the instant of the newest one.
async fn scraped(folder: &tempfile::TempDir) -> Option<(Daemon, Timestamp)> {
    let file = folder.path().join("prometheus.yml");
    let config = json!({
        "global": { "scrape_interval": format!("{}ms", 1000 / SCRAPES) },
        "scrape_configs": [{ "job_name": "work", "static_configs": [{ "targets": [page().await] }] }],
    });
    std::fs::write(&file, config.to_string()).unwrap();
    let data = folder.path().join("data");
    let arguments = [argument("config.file", &file), argument("storage.tsdb.path", &data)];
    let prometheus = Daemon::start(&PROMETHEUS, &arguments).await?;
    let newest = prometheus
        .until(async || {
            let query = [("query", "work_total{route=\"/pay\"}[1m]")];
            let told = prometheus.get("api/v1/query", &query).await?;
            let told: Value = serde_json::from_str(&told).unwrap();
            let samples = told["data"]["result"][0]["values"].as_array()?.clone();
            let first = samples.first()?[0].as_f64()?;
            let last = samples.last()?[0].as_f64()?;
            (last - first > 10.0).then_some(last)
        })
        .await;
    let newest = SignedDuration::try_from_secs_f64(newest).unwrap();
    Some((prometheus, Timestamp::UNIX_EPOCH + newest))
}

async fn partner(prometheus: &Daemon) -> Partner {
    let source = Source::Prometheus(Prometheus::at(&prometheus.url(""), None).unwrap());
    let server = TelemetryServer::new(vec![source], [Offer::Metrics].into(), Clock::real());
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let (read, write) = tokio::io::split(theirs);
    tokio::spawn(serve_io(server, read, write, CancellationToken::new()));
    let (read, write) = tokio::io::split(ours);
    Partner::over(read, write).await.unwrap()
}

/// What Prometheus itself says about the window of a report.
async fn told_by(prometheus: &Daemon, promql: &str, (from, to): (Timestamp, Timestamp)) -> Value {
    let seconds = |at: Timestamp| format!("{:.3}", at.as_duration().as_secs_f64());
    let first = from + SignedDuration::from_secs(STEP.cast_signed());
    let query = [
        ("query", promql),
        ("start", &seconds(first)),
        ("end", &seconds(to)),
        ("step", &STEP.to_string()),
    ];
    let told = prometheus.get("api/v1/query_range", &query).await.unwrap();
    let told: Value = serde_json::from_str(&told).unwrap();
    told["data"]["result"][0]["values"].clone()
}

fn assert_same(ours: &[Point], theirs: &Value) {
    let theirs = theirs.as_array().unwrap();
    assert_eq!(ours.len(), theirs.len(), "{ours:?} and {theirs:?}");
    for (ours, theirs) in ours.iter().zip(theirs) {
        let at = theirs[0].as_f64().unwrap();
        let value: f64 = theirs[1].as_str().unwrap().parse().unwrap();
        assert!((ours.at.as_duration().as_secs_f64() - at).abs() < 0.01, "{ours:?} and {theirs}");
        assert!((ours.value - value).abs() < 0.01, "{ours:?} and {theirs}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rate_is_the_one_that_prometheus_itself_computes() {
    let folder = tempfile::tempdir().unwrap();
    let Some((prometheus, to)) = scraped(&folder).await else { return };
    let partner = partner(&prometheus).await;
    let from = to - SignedDuration::from_secs(8);
    for (selector, promql, growth) in [
        ("work_total{route=\"/pay\"}", "sum(rate(work_total{route=\"/pay\"}[2s]))", PAID),
        ("work_total", "sum(rate(work_total[2s]))", PAID + SHOWN),
    ] {
        let arguments = json!({
            "measure": "rate", "selector": selector, "step_seconds": STEP,
            "from": from.to_string(), "to": to.to_string(),
        });
        let answer = partner.call("query_metrics", arguments, Limits::default(), |_step| {});
        let report: MetricReport =
            serde_json::from_value(answer.await.unwrap().structured).unwrap();
        assert_eq!((report.query.as_str(), report.count), (promql, 4));
        assert_same(&report.points, &told_by(&prometheus, promql, (from, to)).await);
        // A busy machine scrapes unevenly; what grew per second is still about that.
        let per_second = (growth * SCRAPES) as f64;
        let share = report.mean / per_second;
        assert!((0.6..1.4).contains(&share), "{} instead of {per_second}", report.mean);
    }
    prometheus.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_prometheus_cannot_answer_is_told_with_a_way_on() {
    let folder = tempfile::tempdir().unwrap();
    let Some((prometheus, _to)) = scraped(&folder).await else { return };
    let partner = partner(&prometheus).await;
    for (selector, measure, hint) in [
        ("work total", "rate", "write it like http_requests_total{"),
        ("nothing_total", "rate", "failed to find any series of nothing_total"),
        ("work_total{route=~\"[\"}", "rate", "has a condition that cannot be read"),
    ] {
        let arguments = json!({ "measure": measure, "selector": selector });
        let told = partner.call("query_metrics", arguments, Limits::default(), |_step| {}).await;
        let Err(PartnerError::ToolFailed { text }) = told else { panic!("{told:?}") };
        assert!(text.contains(hint), "{text}");
    }
    prometheus.stop().await;
    let arguments = json!({ "measure": "rate", "selector": "work_total" });
    let told = partner.call("query_metrics", arguments, Limits::default(), |_step| {}).await;
    let Err(PartnerError::ToolFailed { text }) = told else { panic!("{told:?}") };
    assert!(text.starts_with("failed to query the metrics server: "), "{text}");
}
