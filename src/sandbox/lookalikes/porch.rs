//! The door for people: a server of its own, beside the look-alikes, that only takes a token of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::act::{SandboxAct, SandboxDone};
use super::error::SandboxError;
use super::hooks::client;
use super::running::Sandbox;

/// Where a running sandbox takes acts, and what it wants to see.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PorchKey {
    /// The address.
    pub url: String,
    /// The token.
    pub token: String,
}

/// Leaves the token out.
impl std::fmt::Debug for PorchKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PorchKey").field("url", &self.url).finish_non_exhaustive()
    }
}

/// A door for people to a running sandbox; it closes when dropped.
#[derive(Debug)]
pub struct Porch {
    key: PorchKey,
    _task: JoinSet<()>,
}

impl Porch {
    /// Opens a door to a sandbox.
    ///
    /// # Errors
    /// Nothing can listen on the loopback interface.
    pub async fn open(sandbox: Arc<Sandbox>) -> Result<Self, SandboxError> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let failed = |source| SandboxError::Listen { address: address.to_string(), source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let url = format!("http://{}/act", listener.local_addr().map_err(failed)?);
        let token = format!("{:032x}", fastrand::u128(..));
        let guarded = Guarded { sandbox, token: token.clone().into() };
        let router = Router::new().route("/act", post(perform)).with_state(guarded);
        let mut task = JoinSet::new();
        task.spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the door of the sandbox ended");
            }
        });
        Ok(Self { key: PorchKey { url, token }, _task: task })
    }

    /// What whoever wants to enter needs.
    pub fn key(&self) -> &PorchKey {
        &self.key
    }
}

impl PorchKey {
    /// Does something in the sandbox behind the door.
    ///
    /// # Errors
    /// It does not run any more, or refuses.
    pub async fn ask(&self, act: &SandboxAct) -> Result<SandboxDone, SandboxError> {
        let lost = |error: reqwest::Error| SandboxError::Away(error.to_string());
        let request = client()?.post(&self.url).bearer_auth(&self.token).json(act);
        let answer = request.send().await.map_err(lost)?;
        if !answer.status().is_success() {
            return Err(SandboxError::Away(format!("it answered {}", answer.status().as_u16())));
        }
        match answer.json().await.map_err(lost)? {
            SandboxDone::Refused { why } => Err(SandboxError::Missing(why)),
            done => Ok(done),
        }
    }
}

#[derive(Clone)]
struct Guarded {
    sandbox: Arc<Sandbox>,
    token: Arc<str>,
}

async fn perform(
    State(guarded): State<Guarded>,
    headers: HeaderMap,
    Json(act): Json<SandboxAct>,
) -> Response {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if given.and_then(|given| given.strip_prefix("Bearer ")) != Some(&guarded.token) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let done = guarded.sandbox.perform(act).await;
    let refused = |error: SandboxError| SandboxDone::Refused { why: error.what() };
    Json(done.unwrap_or_else(refused)).into_response()
}
