//! Requests of the agent's own: bounded in time and size, never redirected, secrets never in errors.

use std::fmt::Display;
use std::time::Duration;

use reqwest::Url;

use super::error::PrimaryError;
use crate::partner::{Reach, http_client};
use crate::settings::Unsaid;

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

/// What became of a request that changes something.
#[derive(Debug)]
pub(super) enum Sent {
    /// It was answered.
    Answered(Page),
    /// It never left: what it asks for did not happen because of it.
    Never(PrimaryError),
    /// It left, and no answer came: whether it happened is not known.
    Lost(PrimaryError),
}

/// Makes requests to this machine directly, and to others as the environment says.
#[derive(Debug, Clone)]
pub(super) struct Web {
    here: reqwest::Client,
    elsewhere: reqwest::Client,
    unsaid: Unsaid,
}

impl Web {
    /// Prepares both ways; what is unsaid stands in no page that is told.
    pub(super) fn new(unsaid: Unsaid) -> Result<Self, PrimaryError> {
        let client = |reach| http_client(reach).map_err(|error| failed("an HTTP client", error));
        Ok(Self { here: client(Reach::Here)?, elsewhere: client(Reach::Elsewhere)?, unsaid })
    }

    fn client(&self, url: &Url) -> &reqwest::Client {
        match Reach::of(url) {
            Reach::Here => &self.here,
            Reach::Elsewhere => &self.elsewhere,
        }
    }

    /// Reads a page.
    pub(super) async fn get(&self, url: &str) -> Result<Page, PrimaryError> {
        let url = address(url)?;
        let request = self.client(&url).get(url);
        let mut response = request.timeout(PATIENCE).send().await.map_err(broken)?;
        let (body, rest) = body(&mut response).await;
        rest?;
        Ok(self.page(&response, &body, body.len() >= MOST_READ))
    }

    /// Sends JSON bytes as they are, once.
    pub(super) async fn post(&self, url: Url, json: &str, token: Option<&str>) -> Sent {
        let request = self.client(&url).post(url).header("content-type", "application/json");
        let request = request.body(json.to_owned());
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let mut response = match request.timeout(PATIENCE).send().await {
            Ok(response) => response,
            // A connection that never stood carried nothing, and what cannot be built is not sent.
            Err(error) if error.is_connect() || error.is_builder() => {
                return Sent::Never(broken(error));
            }
            Err(error) => return Sent::Lost(broken(error)),
        };
        let (body, rest) = body(&mut response).await;
        let mut page = self.page(&response, &body, body.len() >= MOST_READ || rest.is_err());
        // The status is the answer; of words that break off after it, the beginning is kept.
        if let Err(error) = rest {
            let gap = if page.text.is_empty() { "" } else { "\n" };
            page.text = format!("{}{gap}{error}", page.text);
        }
        Sent::Answered(page)
    }

    /// A page as it may be told: whoever was shown a token may say it back, and a page that was cut may end
    /// in the middle of it.
    fn page(&self, response: &reqwest::Response, body: &[u8], is_cut: bool) -> Page {
        let text = String::from_utf8_lossy(body);
        let text = if is_cut { self.unsaid.hide_cut(&text) } else { self.unsaid.hide(&text) };
        Page { status: response.status().as_u16(), text }
    }
}

/// Reads an address that a runbook gives.
pub(super) fn address(text: &str) -> Result<Url, PrimaryError> {
    text.parse().map_err(|error| failed("an address of the runbook", error))
}

/// The beginning of an answer, and whether it came whole as far as it is read.
async fn body(response: &mut reqwest::Response) -> (Vec<u8>, Result<(), PrimaryError>) {
    let mut body = Vec::new();
    while body.len() < MOST_READ {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(error) => return (body, Err(broken(error))),
        }
    }
    body.truncate(MOST_READ);
    (body, Ok(()))
}

/// What broke, with the first of its causes: the last one of the chain.
fn broken(error: reqwest::Error) -> PrimaryError {
    let error = error.without_url();
    let causes = std::iter::successors(std::error::Error::source(&error), |error| error.source());
    match causes.last() {
        Some(first) => failed("the request", format!("{error}: {first}")),
        None => failed("the request", error),
    }
}

/// Names what failed, and why.
pub(super) fn failed(what: impl Display, cause: impl Display) -> PrimaryError {
    PrimaryError::Request { what: format!("{what}"), cause: format!("{cause}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::partner::misleading::{CANARY, lead_astray};

    /// 74: what is asked for did not happen at an address that only leads on.
    #[tokio::test]
    async fn a_redirect_leads_no_request_of_the_agent_elsewhere() {
        let web = Web::new(Unsaid::default()).unwrap();
        lead_astray(async |url: &str| {
            assert!(!web.get(url).await.unwrap().is_success());
            let sent = web.post(url.parse().unwrap(), CANARY, Some(CANARY)).await;
            let Sent::Answered(page) = sent else { panic!("{sent:?}") };
            assert!(!page.is_success(), "{page:?}");
        })
        .await;
    }
}
