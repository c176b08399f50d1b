//! One process of `checkout`: its routes, and what it does for an order.

use std::sync::{Arc, PoisonError, RwLock};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::config::Config;
use super::ledger::ChargeRequest;
use super::metrics::{Metrics, OPEN_METRICS};
use super::pool::{Exhausted, Pool};
use super::span::{Kind, Resource, Span, TRACEPARENT, Trace};
use super::telemetry::{Level, Line, Telemetry};
use crate::settings::Clock;

const SERVICE: &str = "checkout";

/// What `POST /checkout` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OrderRequest {
    pub(super) order: u64,
    pub(super) amount_cents: u64,
}

/// What a process needs around it; survives restarts.
#[derive(Debug, Clone)]
pub(super) struct Surroundings {
    pub(super) clock: Clock,
    pub(super) telemetry: Telemetry,
    pub(super) client: reqwest::Client,
    /// Where `ledger` listens.
    pub(super) ledger: String,
}

/// One running process; pool, counters and configuration in force are lost with it.
#[derive(Debug)]
pub(super) struct Process {
    around: Surroundings,
    resource: Resource,
    started: Timestamp,
    config: RwLock<Arc<Config>>,
    pool: Arc<Pool>,
    metrics: Metrics,
}

/// How an order ended.
enum Outcome {
    Paid,
    Declined,
    Exhausted(Exhausted),
    LedgerFailed(String),
}

impl Process {
    /// Starts the `generation`-th process with `config`.
    pub(super) fn start(around: Surroundings, config: Config, generation: u32) -> Arc<Self> {
        let started = around.clock.now();
        let metrics = Metrics::new(started);
        metrics.configured(&config.revision);
        let process = Arc::new(Self {
            resource: Resource { service: SERVICE, instance: format!("checkout-{generation}") },
            started,
            pool: Pool::new(config.pool.max),
            metrics,
            config: RwLock::new(Arc::new(config)),
            around,
        });
        process.log(Level::Info, "process started", json!({ "config": &*process.config() }));
        process
    }

    pub(super) fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/checkout", post(checkout))
            .route("/healthz", get(healthz))
            .route("/metrics", get(metrics))
            .with_state(Arc::clone(self))
    }

    /// Puts `config` in force without a restart.
    pub(super) fn reload(&self, config: Config) {
        self.pool.resize(config.pool.max);
        self.metrics.configured(&config.revision);
        let about = json!({ "config": &config });
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
        self.log(Level::Info, "configuration reloaded", about);
    }

    /// Resizes the pool of this process alone; the next reload or restart sets it back to the
    /// configuration.
    pub(super) fn resize(&self, pool_max: usize) {
        self.pool.resize(pool_max);
        self.log(Level::Info, "connection pool resized", json!({ "pool.max": pool_max }));
    }

    pub(super) fn stopping(&self) {
        self.log(Level::Info, "process stopping, draining open requests", json!({}));
    }

    /// What is in force: the configuration, with the pool's size as it is.
    pub(super) fn in_force(&self) -> Config {
        let mut config = Config::clone(&self.config());
        config.pool.max = self.pool.occupancy().max;
        config
    }

    /// The state of the process, measured now.
    pub(super) fn health(&self) -> Value {
        let pool = self.pool.occupancy();
        let saturated = pool.waiting > 0 && pool.in_use >= pool.max;
        json!({
            "status": if saturated { "saturated" } else { "ok" },
            "service": SERVICE,
            "instance": self.resource.instance,
            "revision": self.config().revision,
            "started_at": self.started.to_string(),
            "pool": { "max": pool.max, "in_use": pool.in_use, "waiting": pool.waiting },
        })
    }

    fn config(&self) -> Arc<Config> {
        Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn log(&self, level: Level, message: &str, fields: Value) {
        let at = self.around.clock.now();
        self.around.telemetry.log(&Line {
            at,
            level,
            service: SERVICE,
            message,
            trace: None,
            fields,
        });
    }

    /// Borrows a connection and pays; adds what it measured to `spans`.
    async fn pay(&self, order: OrderRequest, visit: &mut Visit) -> Outcome {
        let start = self.around.clock.now();
        let patience = self.config().acquire_timeout();
        let lease = self.pool.acquire(patience, &self.around.clock).await;
        let failure = lease.as_ref().err().map(ToString::to_string);
        visit.measured(
            self,
            Work { ordinal: 2, name: "pool.acquire", kind: Kind::Internal, start, failure },
        );
        let _lease = match lease {
            Ok(lease) => lease,
            Err(exhausted) => return Outcome::Exhausted(exhausted),
        };
        let start = self.around.clock.now();
        let outcome = self.charge(order, visit.trace).await;
        let failure = match &outcome {
            Outcome::LedgerFailed(why) => Some(why.clone()),
            Outcome::Paid | Outcome::Declined | Outcome::Exhausted(_) => None,
        };
        visit.measured(
            self,
            Work { ordinal: 3, name: "ledger.charge", kind: Kind::Client, start, failure },
        );
        outcome
    }

    async fn charge(&self, order: OrderRequest, trace: Trace) -> Outcome {
        let request = ChargeRequest { order: order.order, amount_cents: order.amount_cents };
        let call = self.around.client.post(format!("{}/charge", self.around.ledger));
        let call = call.header(TRACEPARENT, trace.header(trace.span(3))).json(&request);
        match call.send().await.map(|answer| answer.status()) {
            Ok(StatusCode::OK) => Outcome::Paid,
            Ok(StatusCode::PAYMENT_REQUIRED) => Outcome::Declined,
            Ok(status) => Outcome::LedgerFailed(format!("ledger answered {status}")),
            Err(error) => Outcome::LedgerFailed(format!("ledger did not answer: {error}")),
        }
    }

    /// Counts, traces and logs how an order ended.
    fn account(&self, visit: Visit, order: OrderRequest, outcome: &Outcome) -> StatusCode {
        let (status, level, message) = match outcome {
            Outcome::Paid => (StatusCode::OK, Level::Info, "checkout completed".to_owned()),
            Outcome::Declined => {
                (StatusCode::PAYMENT_REQUIRED, Level::Warn, "payment declined by issuer".to_owned())
            }
            Outcome::Exhausted(why) => {
                self.metrics.found_pool_exhausted();
                let message = format!("failed to acquire a ledger connection: {why}");
                (StatusCode::SERVICE_UNAVAILABLE, Level::Error, message)
            }
            Outcome::LedgerFailed(why) => {
                (StatusCode::BAD_GATEWAY, Level::Error, format!("failed to charge: {why}"))
            }
        };
        let end = self.around.clock.now();
        let seconds = end.duration_since(visit.start).as_secs_f64();
        self.metrics.answered(status.as_u16(), seconds);
        let slow = seconds > 0.4 && matches!(outcome, Outcome::Paid);
        let (level, message) = if slow {
            (Level::Warn, "checkout completed slowly".to_owned())
        } else {
            (level, message)
        };
        let milliseconds = (seconds * 10_000.0).round() / 10.0;
        let fields = json!({
            "order": order.order, "status": status.as_u16(), "duration_ms": milliseconds,
            "revision": self.config().revision,
        });
        let trace = Some(visit.trace);
        let line = Line { at: end, level, service: SERVICE, message: &message, trace, fields };
        self.around.telemetry.log(&line);
        let failure = status.is_server_error().then_some(message);
        self.around.telemetry.spans(
            &self.resource,
            visit.trace,
            &visit.ended(end, status, failure),
        );
        status
    }
}

/// One request on its way through the process.
struct Visit {
    trace: Trace,
    start: Timestamp,
    spans: Vec<Span>,
}

/// A piece of a visit that has just ended.
struct Work {
    ordinal: u64,
    name: &'static str,
    kind: Kind,
    start: Timestamp,
    failure: Option<String>,
}

impl Visit {
    fn measured(&mut self, process: &Process, work: Work) {
        let pool = process.pool.occupancy();
        self.spans.push(Span {
            name: work.name,
            kind: work.kind,
            id: self.trace.span(work.ordinal),
            parent: self.trace.span(1),
            start: work.start,
            end: process.around.clock.now(),
            attributes: match work.kind {
                Kind::Client => vec![("peer.service", json!("ledger"))],
                Kind::Internal | Kind::Server => {
                    vec![("pool.max", json!(pool.max)), ("pool.waiting", json!(pool.waiting))]
                }
            },
            failure: work.failure,
        });
    }

    fn ended(self, end: Timestamp, status: StatusCode, failure: Option<String>) -> Vec<Span> {
        let root = Span {
            name: "POST /checkout",
            kind: Kind::Server,
            id: self.trace.span(1),
            parent: self.trace.parent(),
            start: self.start,
            end,
            attributes: vec![
                ("http.request.method", json!("POST")),
                ("http.route", json!("/checkout")),
                ("http.response.status_code", json!(status.as_u16())),
            ],
            failure,
        };
        std::iter::once(root).chain(self.spans).collect()
    }
}

async fn checkout(
    State(process): State<Arc<Process>>,
    headers: HeaderMap,
    Json(order): Json<OrderRequest>,
) -> Response {
    let start = process.around.clock.now();
    let caller = headers.get(TRACEPARENT).and_then(|value| value.to_str().ok());
    let trace = caller.and_then(Trace::parse).unwrap_or_else(|| Trace::of_order(0, order.order));
    let mut visit = Visit { trace, start, spans: Vec::with_capacity(2) };
    let outcome = process.pay(order, &mut visit).await;
    let status = process.account(visit, order, &outcome);
    let answer = match outcome {
        Outcome::Paid if process.config().flag("receipt_v2") => {
            json!({ "order": order.order, "receipt": { "total_cents": order.amount_cents } })
        }
        Outcome::Paid => json!({ "order": order.order, "paid": true }),
        Outcome::Declined => json!({ "order": order.order, "error": "payment declined" }),
        Outcome::Exhausted(why) => json!({ "order": order.order, "error": why.to_string() }),
        Outcome::LedgerFailed(why) => json!({ "order": order.order, "error": why }),
    };
    (status, Json(answer)).into_response()
}

async fn healthz(State(process): State<Arc<Process>>) -> Json<Value> {
    Json(process.health())
}

async fn metrics(State(process): State<Arc<Process>>) -> Response {
    match process.metrics.exposition(process.pool.occupancy(), process.around.telemetry.dropped()) {
        Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
