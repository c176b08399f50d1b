//! Requests of the agent's own: bounded in time and size, never redirected, secrets never in errors.

use std::fmt::Display;
use std::time::Duration;

use reqwest::Url;

use super::error::PrimaryError;
use crate::partner::{Reach, http_client};

/// Longest answer that is read, in bytes; the rest is left.
const MOST_READ: usize = 256 * 1024;

/// How long a request may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A status and the beginning of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    /// The HTTP status.
    pub status: u16,
    /// The text.
    pub text: String,
}

impl Page {
    /// Whether the status says that it worked.
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Makes requests to this machine directly, and to others as the environment says.
#[derive(Debug, Clone)]
pub(super) struct Web {
    here: reqwest::Client,
    elsewhere: reqwest::Client,
}

impl Web {
    /// Prepares both ways.
    pub(super) fn new() -> Result<Self, PrimaryError> {
        let client = |reach| http_client(reach).map_err(|error| failed("an HTTP client", error));
        Ok(Self { here: client(Reach::Here)?, elsewhere: client(Reach::Elsewhere)? })
    }

    fn client(&self, url: &str) -> Result<(&reqwest::Client, Url), PrimaryError> {
        let url: Url = url.parse().map_err(|error| failed("an address of the runbook", error))?;
        let client = match Reach::of(&url) {
            Reach::Here => &self.here,
            Reach::Elsewhere => &self.elsewhere,
        };
        Ok((client, url))
    }

    /// Reads a page.
    pub(super) async fn get(&self, url: &str) -> Result<Page, PrimaryError> {
        let (client, url) = self.client(url)?;
        page(client.get(url)).await
    }

    /// Sends JSON bytes as they are.
    pub(super) async fn post(
        &self,
        url: &str,
        json: &str,
        token: Option<&str>,
    ) -> Result<Page, PrimaryError> {
        let (client, url) = self.client(url)?;
        let request = client.post(url).header("content-type", "application/json");
        let request = request.body(json.to_owned());
        page(match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
        .await
    }
}

async fn page(request: reqwest::RequestBuilder) -> Result<Page, PrimaryError> {
    let broken = |error: reqwest::Error| failed("the request", error.without_url());
    let mut response = request.timeout(PATIENCE).send().await.map_err(broken)?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while body.len() < MOST_READ {
        let Some(chunk) = response.chunk().await.map_err(broken)? else { break };
        body.extend_from_slice(&chunk);
    }
    body.truncate(MOST_READ);
    Ok(Page { status, text: String::from_utf8_lossy(&body).into_owned() })
}

/// Names what failed, and why.
pub(super) fn failed(what: impl Display, cause: impl Display) -> PrimaryError {
    PrimaryError::Request { what: format!("{what}"), cause: format!("{cause}") }
}
