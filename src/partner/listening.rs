//! Listening over HTTP: whoever never finishes what they say is hung up on, and holds nobody up.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::settings::burden;

/// How many connections may be open at once; further callers wait to be let in.
const MOST_OPEN: usize = 512;

/// How much memory the values of a body may take, in bytes. The protocol library reads a message twice, the
/// first time to see which kind it is.
const MOST_HELD: usize = 24 * 1024 * 1024;

/// How long nobody is let in after the system refused to, as it does when it is out of descriptors.
const BREATH: Duration = Duration::from_secs(1);

/// How long a caller may take to say what they want.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// From the end of one request, or the beginning, until the headers of the next are there.
    pub headers: Duration,
    /// From the end of the headers until all of the body is there.
    pub body: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { headers: Duration::from_secs(10), body: Duration::from_secs(10) }
    }
}

/// Gives `app` requests whose bodies are there as a whole; `longest` is in bytes.
///
/// A body that is longer is answered with 413, as is one whose values would take too much memory, and one that
/// does not come in time with 408.
pub fn whole(app: Router, longest: usize, patience: Patience) -> Router {
    app.layer(middleware::from_fn_with_state((longest, patience.body), await_body))
}

async fn await_body(
    State((longest, patience)): State<(usize, Duration)>,
    request: Request,
    next: Next,
) -> Response {
    let (head, body) = request.into_parts();
    match tokio::time::timeout(patience, to_bytes(body, longest)).await {
        Ok(Ok(bytes)) if burden(&bytes) > MOST_HELD => {
            StatusCode::PAYLOAD_TOO_LARGE.into_response()
        }
        Ok(Ok(bytes)) => next.run(Request::from_parts(head, Body::from(bytes))).await,
        Ok(Err(_)) => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(_) => (StatusCode::REQUEST_TIMEOUT, [(header::CONNECTION, "close")]).into_response(),
    }
}

/// Serves until `stop` is cancelled and the requests under way have ended; dropped, it cuts them off.
pub async fn listen(
    listener: TcpListener,
    app: Router,
    patience: Patience,
    stop: CancellationToken,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(patience.headers);
    let (room, watch) = (Arc::new(Semaphore::new(MOST_OPEN)), GracefulShutdown::new());
    let mut open = JoinSet::new();
    while let Some((stream, place)) = let_in(&listener, &room, &stop).await {
        // Without this, short answers wait 40 ms for the reader's delayed acknowledgement.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its small-packet delay");
        }
        let service = TowerToHyperService::new(app.clone());
        let served = watch.watch(http.serve_connection(TokioIo::new(stream), service));
        open.spawn(async move {
            if let Err(error) = served.await {
                tracing::debug!(?error, "a caller was hung up on");
            }
            drop(place);
        });
        while open.try_join_next().is_some() {}
    }
    drop(listener);
    watch.shutdown().await;
}

/// The next caller, once there is room; none after `stop` was cancelled.
async fn let_in(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
    stop: &CancellationToken,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let caller = async {
        let place = Arc::clone(room).acquire_owned().await.ok()?;
        loop {
            match listener.accept().await {
                Ok((stream, _)) => return Some((stream, place)),
                Err(error) => {
                    tracing::warn!(?error, "nobody can be let in");
                    tokio::time::sleep(BREATH).await;
                }
            }
        }
    };
    tokio::select! {
        caller = caller => caller,
        () = stop.cancelled() => None,
    }
}
