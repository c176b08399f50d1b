//! The metrics of one `checkout` process, exposed as `OpenMetrics`.

use std::fmt;
use std::sync::atomic::AtomicU64;

use jiff::Timestamp;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::pool::Occupancy;

/// The content type of `OpenMetrics` text.
pub(super) const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    method: &'static str,
    route: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Revision {
    revision: String,
}

/// What a `checkout` process counts and measures; all of it starts at zero with the process.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    answers: Family<Answer, Counter>,
    duration: Histogram,
    exhausted: Counter,
    pool_max: Gauge,
    pool_in_use: Gauge,
    pool_waiting: Gauge,
    revision: Family<Revision, Gauge>,
    unwritten: Gauge,
}

impl Metrics {
    /// Registers everything for a process started at `started`.
    pub(super) fn new(started: Timestamp) -> Self {
        let buckets = [0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5, 2.5, 5.0];
        let mut metrics = Self {
            registry: Registry::default(),
            answers: Family::default(),
            duration: Histogram::new(buckets),
            exhausted: Counter::default(),
            pool_max: Gauge::default(),
            pool_in_use: Gauge::default(),
            pool_waiting: Gauge::default(),
            revision: Family::default(),
            unwritten: Gauge::default(),
        };
        let start = Gauge::<f64, AtomicU64>::default();
        start.set(started.as_duration().as_secs_f64());
        metrics.register(start);
        metrics
    }

    fn register(&mut self, start: Gauge<f64, AtomicU64>) {
        let registry = &mut self.registry;
        registry.register("http_requests", "Answered requests", self.answers.clone());
        registry.register(
            "http_request_duration_seconds",
            "Time to answer POST /checkout",
            self.duration.clone(),
        );
        registry.register("pool_max", "Size of the connection pool", self.pool_max.clone());
        registry.register("pool_in_use", "Connections in use", self.pool_in_use.clone());
        registry.register(
            "pool_waiting",
            "Requests waiting for a connection",
            self.pool_waiting.clone(),
        );
        registry.register(
            "pool_acquire_timeouts",
            "Requests that found no connection in time",
            self.exhausted.clone(),
        );
        registry.register(
            "config_revision",
            "The configuration in force, always 1",
            self.revision.clone(),
        );
        registry.register(
            "telemetry_lines_dropped",
            "Telemetry that was not written",
            self.unwritten.clone(),
        );
        registry.register("process_start_time_seconds", "When this process started", start);
    }

    /// Counts an answer to `POST /checkout` and how many seconds it took.
    pub(super) fn answered(&self, status: u16, seconds: f64) {
        let answer = Answer { method: "POST", route: "/checkout", status };
        self.answers.get_or_create(&answer).inc();
        self.duration.observe(seconds);
    }

    pub(super) fn found_pool_exhausted(&self) {
        self.exhausted.inc();
    }

    pub(super) fn configured(&self, revision: &str) {
        self.revision.clear();
        self.revision.get_or_create(&Revision { revision: revision.to_owned() }).set(1);
    }

    /// Writes the exposition, with the pool as it stands and the telemetry lines lost so far.
    pub(super) fn exposition(&self, pool: Occupancy, dropped: u64) -> Result<String, fmt::Error> {
        let whole = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.unwritten.set(i64::try_from(dropped).unwrap_or(i64::MAX));
        self.pool_max.set(whole(pool.max));
        self.pool_in_use.set(whole(pool.in_use));
        self.pool_waiting.set(whole(pool.waiting));
        let mut exposition = String::new();
        text::encode(&mut exposition, &self.registry)?;
        Ok(exposition)
    }
}
