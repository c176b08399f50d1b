//! Webhooks: what happened in the sandbox, delivered and signed as the vendors do it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, Mac};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::sync::mpsc;

use super::error::SandboxError;
use super::happening::{Happening, What};
use super::ids::{hex, spread};
use super::vendor::Vendor;
use super::{github, jira, pagerduty};

/// How long a receiver may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where a look-alike delivers what happens, and what it signs with.
#[derive(Clone, PartialEq, Eq)]
pub struct Hook {
    /// The address of the receiver.
    pub url: String,
    /// What both sides know.
    pub secret: String,
}

/// Leaves the secret out.
impl std::fmt::Debug for Hook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hook").field("url", &self.url).finish_non_exhaustive()
    }
}

/// A delivery that is ready to be sent.
#[derive(Debug, PartialEq)]
pub(super) struct Parcel {
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

/// Delivers everything that happens to whoever wants to hear it.
pub(super) async fn deliver(
    mut happened: mpsc::Receiver<Happening>,
    hooks: BTreeMap<Vendor, Hook>,
    bases: BTreeMap<Vendor, String>,
) {
    let Ok(client) = client() else {
        tracing::error!("the sandbox cannot deliver webhooks");
        return;
    };
    let mut count = 0;
    while let Some(happening) = happened.recv().await {
        let vendor = happening.item.vendor;
        let (Some(hook), Some(base)) = (hooks.get(&vendor), bases.get(&vendor)) else { continue };
        count += 1;
        let Some(parcel) = parcel(&happening, (base, &hook.secret), count) else { continue };
        let mut request = client.post(&hook.url).body(parcel.body);
        for (name, value) in parcel.headers {
            request = request.header(name, value);
        }
        // The vendors that are looked like give up as well, or try again much later.
        match request.send().await {
            Ok(answer) if answer.status().is_success() => {}
            Ok(answer) => {
                let status = answer.status().as_u16();
                tracing::warn!(%vendor, status, "a webhook of the sandbox was not taken");
            }
            Err(error) => {
                tracing::warn!(%vendor, %error, "a webhook of the sandbox was not received");
            }
        }
    }
}

pub(super) fn client() -> Result<reqwest::Client, SandboxError> {
    let failed = |error: String| SandboxError::Client(error);
    // Receivers are on this machine and speak plain HTTP, but a client cannot be built without TLS.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(error.to_string()))?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        // A redirect would carry a body, and the token of a door, to where nobody sent them.
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(PATIENCE)
        .build()
        .map_err(|error| failed(error.to_string()))
}

/// What a vendor would send; `None` if it tells nobody.
pub(super) fn parcel(
    happening: &Happening,
    (base, secret): (&str, &str),
    count: u64,
) -> Option<Parcel> {
    let (mut headers, body) = match happening.item.vendor {
        Vendor::Github => of_github(happening, base, count),
        Vendor::Pagerduty => of_pagerduty(happening, base, count)?,
        Vendor::Jira => of_jira(happening, base, count),
        // It has no webhooks of its own.
        Vendor::Servicenow => return None,
    };
    let body = body.to_string();
    let signature = sign(secret, body.as_bytes())?;
    headers.push(match happening.item.vendor {
        Vendor::Github => ("x-hub-signature-256", format!("sha256={signature}")),
        Vendor::Pagerduty => ("x-pagerduty-signature", format!("v1={signature}")),
        Vendor::Jira | Vendor::Servicenow => ("x-hub-signature", format!("sha256={signature}")),
    });
    headers.push(("content-type", "application/json".to_owned()));
    headers.push(("user-agent", format!("Sandbox-{}-Hookshot", happening.item.vendor)));
    Some(Parcel { headers, body })
}

type Unsigned = (Vec<(&'static str, String)>, Value);

fn of_github(it: &Happening, base: &str, count: u64) -> Unsigned {
    let repository = "wheelhouse/sandbox";
    let home = format!("{base}/repos/{repository}");
    let (event, action) = match it.what {
        What::Opened => ("issues", "opened"),
        What::Moved if it.item.state == "closed" => ("issues", "closed"),
        What::Moved => ("issues", "reopened"),
        What::Noted => ("issue_comment", "created"),
        What::Edited => ("issue_comment", "edited"),
        What::Removed => ("issue_comment", "deleted"),
    };
    let mut body = json!({
        "action": action, "issue": github::issue(&it.item, &home, 0), "sender": github::user(it.by),
        "repository": { "full_name": repository, "name": "sandbox" },
    });
    if let (Some(note), Some(body)) = (&it.note, body.as_object_mut()) {
        body.insert("comment".to_owned(), github::comment(note, it.item.number, &home));
    }
    (vec![("x-github-event", event.to_owned()), ("x-github-delivery", uuid(count, it.at))], body)
}

fn of_pagerduty(it: &Happening, base: &str, count: u64) -> Option<Unsigned> {
    let kind = match it.what {
        What::Opened => "incident.triggered",
        What::Noted => "incident.annotated",
        What::Moved if it.item.state == "resolved" => "incident.resolved",
        What::Moved if it.item.state == "acknowledged" => "incident.acknowledged",
        What::Moved => "incident.unacknowledged",
        // Its list of events knows neither edits nor removals.
        What::Edited | What::Removed => return None,
    };
    let incident = pagerduty::incident(&it.item, base);
    let content = match &it.note {
        Some(note) => json!({ "type": "incident_note", "id": pagerduty::note(note).get("id"),
            "content": note.body, "incident": incident }),
        None => incident,
    };
    let id = format!("01{:024X}", spread(count));
    let body = json!({ "event": {
        "id": id, "event_type": kind, "resource_type": "incident",
        "occurred_at": it.at.to_string(), "agent": pagerduty::person(it.by), "client": null,
        "data": content,
    } });
    Some((vec![("x-webhook-id", uuid(count, it.at))], body))
}

fn of_jira(it: &Happening, base: &str, count: u64) -> Unsigned {
    let event = match it.what {
        What::Opened => "jira:issue_created",
        What::Moved => "jira:issue_updated",
        What::Noted => "comment_created",
        What::Edited => "comment_updated",
        What::Removed => "comment_deleted",
    };
    let mut body = json!({
        "timestamp": it.at.as_millisecond(), "webhookEvent": event,
        "issue": jira::issue(&it.item, base, &["summary", "status", "project"]),
        "user": jira::user(it.by, base),
    });
    if let (Some(note), Some(body)) = (&it.note, body.as_object_mut()) {
        body.insert("comment".to_owned(), jira::comment(note, it.item.number, base));
    }
    (vec![("x-atlassian-webhook-identifier", uuid(count, it.at))], body)
}

/// Signs a body.
fn sign(secret: &str, body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(body);
    Some(hex(&mac.finalize().into_bytes()))
}

/// An id in the shape of a UUID, the same in every run under the same clock.
fn uuid(count: u64, at: Timestamp) -> String {
    let digits =
        format!("{:016x}{:016x}", spread(count), spread(at.as_millisecond().cast_unsigned()));
    let parts = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];
    let parts = parts.map(|(from, to)| digits.get(from..to).unwrap_or_default());
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_signed_as_the_vendors_document_it() {
        // The example of GitHub's own documentation on validating deliveries.
        let signature = sign("It's a Secret to Everybody", b"Hello, World!").unwrap();
        let expected = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert_eq!(signature, expected);
    }
}
