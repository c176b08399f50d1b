//! The admin interface: what whoever holds the token may do to `checkout`.
//!
//! `GET /admin/config`, `POST /admin/rollback {"to":"r41"}`, `POST /admin/scale {"pool_max":20}`
//! and `POST /admin/restart {}`; with `?dry_run=true` a `POST` answers what it would do and does
//! nothing.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Query, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::WorldError;
use super::rollout::{Mode, Operation, Rollouts};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    #[serde(default)]
    dry_run: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RollbackRequest {
    to: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScaleRequest {
    pool_max: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RestartRequest {}

/// The routes; every one of them wants `Authorization: Bearer <token>`.
pub(super) fn router(rollouts: Arc<Rollouts>, token: &str) -> Router {
    let expected: Arc<str> = format!("Bearer {token}").into();
    Router::new()
        .route("/admin/config", get(config))
        .route("/admin/rollback", post(rollback))
        .route("/admin/scale", post(scale))
        .route("/admin/restart", post(restart))
        .layer(from_fn_with_state(expected, authorised))
        .with_state(rollouts)
}

async fn authorised(State(expected): State<Arc<str>>, request: Request, next: Next) -> Response {
    let given = request.headers().get(header::AUTHORIZATION).map(header::HeaderValue::as_bytes);
    if given.is_some_and(|given| same(given, expected.as_bytes())) {
        return next.run(request).await;
    }
    let answer = Json(json!({ "error": "the admin token is missing or wrong" }));
    (StatusCode::UNAUTHORIZED, answer).into_response()
}

/// Compares without telling by its duration how much was right.
fn same(given: &[u8], expected: &[u8]) -> bool {
    given.len() == expected.len()
        && given.iter().zip(expected).fold(0, |differing, (a, b)| differing | (a ^ b)) == 0
}

async fn config(State(rollouts): State<Arc<Rollouts>>) -> Response {
    rollouts
        .inspect()
        .await
        .map_or_else(|error| refused(&error), |state| Json(state).into_response())
}

async fn rollback(
    State(rollouts): State<Arc<Rollouts>>,
    Query(options): Query<Options>,
    body: Bytes,
) -> Response {
    let asked = read(&body).map(|RollbackRequest { to }| Operation::Rollback { to });
    answered(&rollouts, asked, &options).await
}

async fn scale(
    State(rollouts): State<Arc<Rollouts>>,
    Query(options): Query<Options>,
    body: Bytes,
) -> Response {
    let asked = read(&body).map(|ScaleRequest { pool_max }| Operation::Scale { pool_max });
    answered(&rollouts, asked, &options).await
}

async fn restart(
    State(rollouts): State<Arc<Rollouts>>,
    Query(options): Query<Options>,
    body: Bytes,
) -> Response {
    let asked = read(&body).map(|RestartRequest {}| Operation::Restart);
    answered(&rollouts, asked, &options).await
}

/// Reads a request's body, whatever content type it claims, so that a mistake is answered as JSON
/// too.
fn read<Asked: DeserializeOwned>(body: &[u8]) -> Result<Asked, WorldError> {
    let unread = |error| WorldError::Refused(format!("read the request: {error}"));
    serde_json::from_slice(body).map_err(unread)
}

async fn answered(
    rollouts: &Rollouts,
    asked: Result<Operation, WorldError>,
    options: &Options,
) -> Response {
    let mode = if options.dry_run { Mode::DryRun } else { Mode::Act };
    let outcome = match asked {
        Ok(operation) => rollouts.operate(operation, mode).await,
        Err(error) => Err(error),
    };
    outcome.map_or_else(|error| refused(&error), |effect| Json(effect).into_response())
}

fn refused(error: &WorldError) -> Response {
    let status = match error {
        WorldError::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
        WorldError::Occupied(_)
        | WorldError::Files { .. }
        | WorldError::Listen { .. }
        | WorldError::Client(_)
        | WorldError::Unreadable { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, Json(json!({ "error": format!("failed to {error}") }))).into_response()
}
