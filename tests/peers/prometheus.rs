//! The partner asking a real Prometheus, which scrapes a page of this test.

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

/// How many values each counter has, a quarter of a second apart: twelve seconds of them.
const VALUES: i64 = 48;
const APART: SignedDuration = SignedDuration::from_millis(250);

/// Seconds between two values that are asked for.
const STEP: u64 = 2;

/// Serves a page with all values of two counters that grow faster and faster, and tells where.
///
/// The page itself says when each value was: however late a busy machine scrapes it, they are the same.
async fn page() -> String {
    let newest = Clock::real().now();
    let line = |route: &str, growth: i64, number: i64| {
        let at = newest - APART * i32::try_from(VALUES - number).unwrap();
        let (value, at) = (growth * number * number, at.as_millisecond());
        format!("work_total{{route=\"{route}\"}} {value} {at}\n")
    };
    let paid = (1..=VALUES).map(|number| line("/pay", 7, number));
    let shown = (1..=VALUES).map(|number| line("/cart", 3, number));
    let page = "# TYPE work_total counter\n".to_owned() + &paid.chain(shown).collect::<String>();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let app = Router::new().route("/metrics", get(move || async move { page }));
    tokio::spawn(axum::serve(listener, app).into_future());
    address
}

/// Prometheus with every value of the page, and the instant of the newest one.
async fn scraped(folder: &tempfile::TempDir) -> Option<(Daemon, Timestamp)> {
    let file = folder.path().join("prometheus.yml");
    let config = json!({
        "global": { "scrape_interval": "1s" },
        "scrape_configs": [{ "job_name": "work", "static_configs": [{ "targets": [page().await] }] }],
    });
    std::fs::write(&file, config.to_string()).unwrap();
    let data = folder.path().join("data");
    let arguments = [argument("config.file", &file), argument("storage.tsdb.path", &data)];
    let prometheus = Daemon::start(&PROMETHEUS, &arguments).await?;
    let newest = prometheus
        .until(async || {
            let query = [("query", "work_total{route=\"/pay\"}[10m]")];
            let told = prometheus.get("api/v1/query", &query).await?;
            let told: Value = serde_json::from_str(&told).unwrap();
            let samples = told["data"]["result"][0]["values"].as_array()?.clone();
            assert_eq!(i64::try_from(samples.len()).unwrap(), VALUES);
            samples.last()?[0].as_f64()
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

/// What Prometheus itself says about the window of a report: seconds and values.
async fn told_by(
    prometheus: &Daemon,
    promql: &str,
    (from, to): (Timestamp, Timestamp),
) -> Vec<(f64, f64)> {
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
    let values = told["data"]["result"][0]["values"].as_array().unwrap().iter();
    let value = |told: &Value| told[1].as_str().unwrap().parse().unwrap();
    values.map(|told| (told[0].as_f64().unwrap(), value(told))).collect()
}

fn assert_same(ours: &[Point], theirs: &[(f64, f64)]) {
    assert_eq!(ours.len(), theirs.len(), "{ours:?} and {theirs:?}");
    for (ours, (at, value)) in ours.iter().zip(theirs) {
        let apart = ours.at.as_duration().as_secs_f64() - at;
        assert!(apart.abs() < 0.01, "{ours:?} and {at}");
        assert!((ours.value - value).abs() < 0.01, "{ours:?} and {value}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rate_is_the_one_that_prometheus_itself_computes() {
    let folder = tempfile::tempdir().unwrap();
    let Some((prometheus, to)) = scraped(&folder).await else { return };
    let partner = partner(&prometheus).await;
    let from = to - SignedDuration::from_secs(8);
    for (selector, promql) in [
        ("work_total{route=\"/pay\"}", "sum(rate(work_total{route=\"/pay\"}[2s]))"),
        ("work_total", "sum(rate(work_total[2s]))"),
    ] {
        let arguments = json!({
            "measure": "rate", "selector": selector, "step_seconds": STEP,
            "from": from.to_string(), "to": to.to_string(),
        });
        let answer = partner.call("query_metrics", arguments, Limits::default(), |_step| {});
        let report: MetricReport =
            serde_json::from_value(answer.await.unwrap().structured).unwrap();
        assert_eq!((report.query.as_str(), report.count), (promql, 4));
        let told = told_by(&prometheus, promql, (from, to)).await;
        let mean = told.iter().map(|(_, value)| value).sum::<f64>() / told.len() as f64;
        assert_same(&report.points, &told);
        assert!(mean > 1.0 && (report.mean - mean).abs() < 0.01, "{report:?} and {told:?}");
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
        ("work_total{route=~\"[\"}", "rate", "has a pattern that cannot be read"),
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
