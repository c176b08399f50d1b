//! Alerts as others send them, read into our own noun; leniently, and bounded.

use serde::Deserialize;
use std::collections::BTreeMap;

use crate::incident::{Alert, Severity, Untrusted};

/// Why a payload is no alert.
#[derive(Debug, thiserror::Error)]
pub enum AlertError {
    /// It does not have the shape.
    #[error("not an Alertmanager webhook: {0}")]
    Shape(#[from] serde_json::Error),
    /// It is of another version.
    #[error("Alertmanager webhook version `{0}` is not known, `4` is")]
    Version(String),
}

/// Most alerts taken from one payload; Alertmanager says itself when it cut more off.
const MOST_ALERTS: usize = 100;

/// The webhook of Alertmanager, version 4; see
/// <https://prometheus.io/docs/alerting/latest/configuration/#webhook_config>.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Webhook {
    version: String,
    group_key: String,
    #[serde(default)]
    alerts: Vec<One>,
}

#[derive(Deserialize)]
struct One {
    status: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

/// Reads the webhook of Alertmanager: one alert each, keyed by its group, with its text.
pub fn from_alertmanager(json: &str) -> Result<Vec<(Alert, Untrusted)>, AlertError> {
    let webhook: Webhook = serde_json::from_str(json)?;
    if webhook.version != "4" {
        return Err(AlertError::Version(webhook.version.escape_debug().take(20).collect()));
    }
    let key = format!("alertmanager {}", webhook.group_key);
    let alerts = webhook.alerts.into_iter().take(MOST_ALERTS);
    Ok(alerts.map(|one| read(one, &key)).collect())
}

fn read(one: One, key: &str) -> (Alert, Untrusted) {
    let One { status, labels, annotations } = one;
    let text = |name: &str| annotations.get(name).or_else(|| labels.get(name)).cloned();
    let title = text("summary").or_else(|| text("alertname")).unwrap_or_default();
    let severity = labels.get("severity").and_then(|label| Severity::from_label(label));
    let service = text("service").or_else(|| text("job")).unwrap_or_default();
    let description = text("description").unwrap_or_default();
    let firing = status == "firing";
    let word = if firing { "Firing" } else { "Resolved" };
    let words = format!("{word}: {title}\n{description}");
    let alert = Alert {
        title: title.into(),
        severity: severity.unwrap_or(Severity::Sev3),
        service: service.into(),
        dedup_key: key.to_owned(),
        firing,
        labels: labels.into_iter().map(|(name, value)| (name, value.into())).collect(),
    };
    (alert, words.trim_end().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRING: &str = r#"{
        "version": "4", "groupKey": "{}:{alertname=\"X\"}", "status": "firing",
        "receiver": "wheelhouse", "truncatedAlerts": 0,
        "alerts": [{
            "status": "firing",
            "labels": { "alertname": "X", "severity": "critical", "service": "checkout" },
            "annotations": { "summary": "too many errors", "description": "47 %" },
            "startsAt": "2026-01-01T00:00:00Z", "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "", "fingerprint": "c0ffee"
        }]
    }"#;

    #[test]
    fn a_firing_alert_is_read() {
        let (alert, text) = from_alertmanager(FIRING).unwrap().remove(0);
        assert!(alert.firing);
        assert_eq!(alert.severity, Severity::Sev1);
        assert_eq!(alert.service, Untrusted::from("checkout"));
        assert_eq!(text, Untrusted::from("Firing: too many errors\n47 %"));
    }

    #[test]
    fn another_shape_or_version_is_refused() {
        assert!(matches!(from_alertmanager("[]"), Err(AlertError::Shape(_))));
        let newer = FIRING.replace("\"4\"", "\"5\"");
        assert!(matches!(from_alertmanager(&newer), Err(AlertError::Version(_))));
    }
}
