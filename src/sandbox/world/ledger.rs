//! `ledger`, the service that `checkout` pays at: its latency is the world's physics.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::physics::{Physics, Verdict};
use super::span::{Kind, Resource, Span, TRACEPARENT, Trace};
use super::telemetry::Telemetry;
use crate::settings::Clock;

/// What `POST /charge` takes.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct ChargeRequest {
    pub(super) order: u64,
    pub(super) amount_cents: u64,
}

/// The state of the service.
#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) seed: u64,
    pub(super) physics: Physics,
    pub(super) clock: Clock,
    pub(super) telemetry: Telemetry,
}

impl Ledger {
    pub(super) fn router(self) -> Router {
        Router::new().route("/charge", post(charge)).with_state(Arc::new(self))
    }
}

async fn charge(
    State(ledger): State<Arc<Ledger>>,
    headers: HeaderMap,
    Json(request): Json<ChargeRequest>,
) -> (StatusCode, Json<Value>) {
    let start = ledger.clock.now();
    let fate = ledger.physics.charge(ledger.seed, request.order);
    ledger.clock.sleep(fate.latency).await;
    let (status, answer) = match fate.verdict {
        Verdict::Paid => (StatusCode::OK, json!({ "charge": format!("ch_{}", request.order) })),
        Verdict::Declined => (StatusCode::PAYMENT_REQUIRED, json!({ "error": "card declined" })),
    };
    let caller = headers.get(TRACEPARENT).and_then(|value| value.to_str().ok());
    if let Some(trace) = caller.and_then(Trace::parse) {
        let span = Span {
            name: "POST /charge",
            kind: Kind::Server,
            id: trace.span(1),
            parent: trace.parent(),
            start,
            end: ledger.clock.now(),
            attributes: vec![
                ("http.response.status_code", json!(status.as_u16())),
                ("order.amount_cents", json!(request.amount_cents)),
            ],
            failure: None,
        };
        let resource = Resource { service: "ledger", instance: "ledger-1".to_owned() };
        ledger.telemetry.spans(&resource, trace, &[span]);
    }
    (status, Json(answer))
}
