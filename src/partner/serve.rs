//! Being called: serving an agent's tools over standard input and output, or over HTTP on loopback.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ServerHandler, ServiceExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::listening::{Patience, listen, whole};
use super::{PartnerError, Token};

/// Pages that may speak to us from a browser on this machine.
const ORIGINS: [&str; 3] = ["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"];

/// The longest body that is read, in bytes.
const LONGEST: usize = 4 * 1024 * 1024;

/// How long calls under way may take to end when the server stops.
const FAREWELL: Duration = Duration::from_secs(3);

/// Who may call.
#[derive(Debug, Clone)]
pub enum Access {
    /// Only who shows this token.
    Bearer(Token),
    /// Anybody on this machine; for tests and throw-away demonstrations.
    Open,
}

/// Where to be found, and by whom.
#[derive(Debug, Clone)]
pub struct Doorway {
    /// Loopback address to listen on; port 0 takes any that is free.
    pub address: SocketAddr,
    /// Who may call.
    pub access: Access,
    /// `Host` headers that are answered, beside loopback's own names.
    pub hosts: Vec<String>,
}

impl Doorway {
    /// A door on 127.0.0.1.
    pub fn on(port: u16, access: Access) -> Self {
        Self { address: (Ipv4Addr::LOCALHOST, port).into(), access, hosts: Vec::new() }
    }
}

/// A server that runs; it stops when dropped.
#[derive(Debug)]
pub struct Serving {
    address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<()>,
    _dropped: DropGuard,
}

impl Serving {
    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of the protocol endpoint.
    pub fn url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }

    /// Stops: no new call, those under way get a moment to end.
    pub async fn stop(mut self) -> Result<(), PartnerError> {
        self.stop.cancel();
        let lost = |what: String| PartnerError::Unreachable { what };
        match tokio::time::timeout(FAREWELL, &mut self.task).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(lost(error.to_string())),
            Err(_elapsed) => {
                // A stream that its reader never ends must not keep the process.
                self.task.abort();
                Ok(())
            }
        }
    }
}

/// Serves over HTTP at `/mcp`, both eras of the protocol; `make` gives each session its own server.
///
/// Only loopback is listened on: for anything further away a proxy with TLS belongs in front.
pub async fn serve_http<H, F>(make: F, door: Doorway) -> Result<Serving, PartnerError>
where
    H: ServerHandler,
    F: Fn() -> H + Send + Sync + 'static,
{
    let address = door.address;
    if !address.ip().is_loopback() {
        let what = format!("{address} is not a loopback address");
        return Err(PartnerError::Misconfigured { what });
    }
    let occupied = |source| PartnerError::Occupied { address, source };
    let listener = TcpListener::bind(address).await.map_err(occupied)?;
    let address = listener.local_addr().map_err(occupied)?;
    let stop = CancellationToken::new();
    let app = router(make, &door, stop.child_token());
    let task = tokio::spawn(listen(listener, app, Patience::default(), stop.clone()));
    Ok(Serving { address, _dropped: stop.clone().drop_guard(), stop, task })
}

fn router<H, F>(make: F, door: &Doorway, stop: CancellationToken) -> Router
where
    H: ServerHandler,
    F: Fn() -> H + Send + Sync + 'static,
{
    let loopback = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let config = StreamableHttpServerConfig::default()
        .with_allowed_hosts(loopback.into_iter().chain(door.hosts.iter().cloned()))
        .with_allowed_origins(ORIGINS)
        .enforce_origin_validation()
        .with_max_request_body_bytes(LONGEST)
        .with_cancellation_token(stop);
    let sessions = Arc::new(LocalSessionManager::default());
    let tools = StreamableHttpService::new(move || Ok(make()), sessions, config);
    let app = whole(Router::new().nest_service("/mcp", tools), LONGEST, Patience::default());
    match &door.access {
        Access::Open => app,
        Access::Bearer(token) => app.layer(middleware::from_fn_with_state(token.clone(), check)),
    }
}

async fn check(State(token): State<Token>, request: Request, next: Next) -> Response {
    let shown = request.headers().get(header::AUTHORIZATION);
    let shown = shown.and_then(|value| value.to_str().ok()).and_then(bearer);
    if shown.is_some_and(|shown| token.admits(shown)) {
        return next.run(request).await;
    }
    let challenge = [(header::WWW_AUTHENTICATE, "Bearer")];
    (StatusCode::UNAUTHORIZED, challenge, "a bearer token is required").into_response()
}

/// The credentials of an `Authorization` header with the bearer scheme, which ignores case.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, shown) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| shown.trim())
}

/// Serves over a pair of streams until they end or `stop` is cancelled.
pub async fn serve_io<H, R, W>(
    server: H,
    read: R,
    write: W,
    stop: CancellationToken,
) -> Result<(), PartnerError>
where
    H: ServerHandler,
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let lost = |what: String| PartnerError::Unreachable { what };
    let running = server.serve_with_ct((read, write), stop);
    let running = running.await.map_err(|error| lost(error.to_string()))?;
    running.waiting().await.map(drop).map_err(|error| lost(error.to_string()))
}

/// Serves over standard input and output until the caller closes them or `stop` is cancelled.
///
/// Nothing else may be written to standard output meanwhile; logs go to standard error.
pub async fn serve_stdio<H: ServerHandler>(
    server: H,
    stop: CancellationToken,
) -> Result<(), PartnerError> {
    let (read, write) = rmcp::transport::stdio();
    serve_io(server, read, write, stop).await
}
