//! The world's loopback network: servers that drain, and the client that calls them.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::WorldError;
use super::tasks::Tasks;

/// A loopback address whose port the operating system chooses.
pub(super) const ANY_PORT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// One listening HTTP server.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    draining: CancellationToken,
    unbound: CancellationToken,
    drained: CancellationToken,
}

/// A listener that tells when it is gone, and its address with it.
struct Watched {
    listener: TcpListener,
    _unbound: DropGuard,
}

impl Listener for Watched {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        Listener::accept(&mut self.listener).await
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Server {
    /// Binds `address` and serves `router` until stopped or until the world ends.
    pub(super) async fn start(
        address: SocketAddr,
        router: Router,
        tasks: &Tasks,
    ) -> Result<Self, WorldError> {
        let failed = |source| WorldError::Listen { address: address.to_string(), source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let draining = tasks.closing().child_token();
        let (unbound, drained) = (CancellationToken::new(), CancellationToken::new());
        let listener = Watched { listener, _unbound: unbound.clone().drop_guard() };
        let (signal, done) = (draining.clone().cancelled_owned(), drained.clone().drop_guard());
        tasks.spawn_to_its_end(async move {
            if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(signal).await {
                tracing::error!(%address, %error, "a server of the world ended");
            }
            drop(done);
        });
        Ok(Self { address, draining, unbound, drained })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops listening, so that the address is free again, and lets open requests finish for at most
    /// `patience` on the wall.
    pub(super) async fn stop(self, patience: Duration) {
        self.draining.cancel();
        self.unbound.cancelled().await;
        if tokio::time::timeout(patience, self.drained.cancelled()).await.is_err() {
            tracing::warn!(address = %self.address, "requests were still open after the drain");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.draining.cancel();
    }
}

/// Builds a client for the loopback network: pooled connections, no proxy, `timeout` on the wall.
pub(super) fn client(timeout: Duration) -> Result<reqwest::Client, WorldError> {
    // Nothing here speaks TLS, but a client cannot be built without a provider and the process may
    // have none.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| WorldError::Client(error.to_string()))?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        // Whoever answers for somebody else is not part of this world.
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .tcp_nodelay(true)
        .timeout(timeout)
        .build()
        .map_err(|error| WorldError::Client(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::partner::misleading::{CANARY, lead_astray};

    /// 74: under whatever name somebody else is.
    #[tokio::test]
    async fn a_redirect_leads_nobody_out_of_the_world() {
        let client = client(Duration::from_mins(1)).unwrap();
        lead_astray(async |url: &str| {
            let sent = client.post(url).bearer_auth(CANARY).body(CANARY).send().await;
            assert!(sent.unwrap().status().is_redirection());
        })
        .await;
    }
}
