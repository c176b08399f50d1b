//! The alert on the error rate: evaluated from scraped counters, in Alertmanager's webhook shape.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

/// When the alert fires: the share of 5xx answers over `window` stays above `threshold` for
/// `pending`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlertRule {
    /// The sliding window of the ratio, in world time.
    pub window: Duration,
    /// The share of failed answers, 0 to 1.
    pub threshold: f64,
    /// How long the ratio must stay above before the alert fires, in world time.
    pub pending: Duration,
}

impl Default for AlertRule {
    fn default() -> Self {
        Self { window: Duration::from_secs(10), threshold: 0.05, pending: Duration::from_secs(10) }
    }
}

/// The two counters that the rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counters {
    answered: u64,
    failed: u64,
}

impl Counters {
    /// Reads an exposition; a line that does not parse counts for nothing.
    pub(super) fn read(exposition: &str) -> Self {
        let samples =
            exposition.lines().filter_map(|line| line.strip_prefix("http_requests_total{"));
        samples.fold(Self::default(), |sum, sample| {
            let count = sample.rsplit_once(' ').and_then(|(_, count)| count.parse().ok());
            let count: u64 = count.unwrap_or_default();
            let failed = if sample.contains("status=\"5") { count } else { 0 };
            Self { answered: sum.answered + count, failed: sum.failed + failed }
        })
    }

    /// What was added since `earlier`; counters that went down belong to a new process and count in
    /// full.
    fn since(self, earlier: Self) -> Self {
        if self.answered < earlier.answered {
            return self;
        }
        Self {
            answered: self.answered - earlier.answered,
            failed: self.failed.saturating_sub(earlier.failed),
        }
    }
}

/// Where the alert stands.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Standing {
    Inactive,
    Pending { since: Timestamp },
    Firing { since: Timestamp },
}

/// The alert has changed.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Turned {
    Firing { since: Timestamp, ratio: f64 },
    Resolved { since: Timestamp, at: Timestamp, ratio: f64 },
}

/// Evaluates the rule at every scrape.
#[derive(Debug)]
struct Evaluation {
    rule: AlertRule,
    last: Option<Counters>,
    /// What each scrape of the window added.
    added: VecDeque<(Timestamp, Counters)>,
    standing: Standing,
}

impl Evaluation {
    fn new(rule: AlertRule) -> Self {
        Self { rule, last: None, added: VecDeque::new(), standing: Standing::Inactive }
    }

    /// Takes the counters of a scrape, or none if the target was down.
    fn observe(&mut self, at: Timestamp, counters: Option<Counters>) -> Option<Turned> {
        if let Some(counters) = counters {
            self.added.push_back((at, counters.since(self.last.unwrap_or_default())));
            self.last = Some(counters);
        }
        let window = self.rule.window;
        self.added.retain(|(then, _)| passed(*then, at) < window);
        let ratio = self.ratio()?;
        let failing = ratio > self.rule.threshold;
        match self.standing {
            Standing::Inactive if failing => self.standing = Standing::Pending { since: at },
            Standing::Pending { .. } if !failing => self.standing = Standing::Inactive,
            Standing::Pending { since } if passed(since, at) >= self.rule.pending => {
                self.standing = Standing::Firing { since: at };
                return Some(Turned::Firing { since: at, ratio });
            }
            Standing::Firing { since } if !failing => {
                self.standing = Standing::Inactive;
                return Some(Turned::Resolved { since, at, ratio });
            }
            Standing::Inactive | Standing::Pending { .. } | Standing::Firing { .. } => {}
        }
        None
    }

    /// The share of failed answers in the window; unknown while nothing was answered.
    fn ratio(&self) -> Option<f64> {
        let sum = |of: fn(&Counters) -> u64| self.added.iter().map(|(_, c)| of(c)).sum::<u64>();
        let (answered, failed) = (sum(|c| c.answered), sum(|c| c.failed));
        (answered > 0).then(|| failed as f64 / answered as f64)
    }
}

fn passed(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

/// Evaluates the rule and sends what it says.
#[derive(Debug)]
pub(super) struct AlertSender {
    evaluation: Evaluation,
    /// Where `checkout` listens, for the link back to the metrics.
    url: String,
    alerts: mpsc::Sender<Value>,
    /// The latest that the receiver had no room for yet; it replaces what it supersedes.
    owed: Option<Value>,
}

impl AlertSender {
    pub(super) fn new(rule: AlertRule, url: String, alerts: mpsc::Sender<Value>) -> Self {
        Self { evaluation: Evaluation::new(rule), url, alerts, owed: None }
    }

    /// Evaluates one scrape and sends the alert if it turned; never waits for the receiver.
    pub(super) fn evaluate(&mut self, at: Timestamp, counters: Option<Counters>) {
        if let Some(turned) = self.evaluation.observe(at, counters) {
            self.owed = Some(webhook(turned, &self.evaluation.rule, &self.url));
        }
        if let Some(Err(TrySendError::Full(alert))) =
            self.owed.take().map(|a| self.alerts.try_send(a))
        {
            self.owed = Some(alert);
        }
    }
}

/// Writes an alert as Alertmanager posts it to a webhook (payload version 4).
fn webhook(turned: Turned, rule: &AlertRule, url: &str) -> Value {
    let (status, since, end, ratio) = match turned {
        Turned::Firing { since, ratio } => ("firing", since, None, ratio),
        Turned::Resolved { since, at, ratio } => ("resolved", since, Some(at), ratio),
    };
    let labels = json!({
        "alertname": "CheckoutErrorRateHigh",
        "service": "checkout",
        "sev": "sev2",
        "severity": "critical",
    });
    let (percent, limit) = (ratio * 100.0, rule.threshold * 100.0);
    let window = rule.window.as_secs();
    let annotations = json!({
        "summary": format!("checkout answers {percent:.1} % of requests with 5xx"),
        "description": format!(
            "5xx ratio over {window} s is {percent:.1} %, the limit is {limit:.1} % for {} s",
            rule.pending.as_secs(),
        ),
        "value": format!("{ratio:.4}"),
    });
    json!({
        "version": "4",
        "groupKey": "{}:{alertname=\"CheckoutErrorRateHigh\"}",
        "truncatedAlerts": 0,
        "status": status,
        "receiver": "wheelhouse",
        "groupLabels": { "alertname": "CheckoutErrorRateHigh" },
        "commonLabels": labels,
        "commonAnnotations": annotations,
        "externalURL": url,
        "alerts": [{
            "status": status,
            "labels": labels,
            "annotations": annotations,
            "startsAt": since.to_string(),
            // Alertmanager writes the zero time of Go while an alert has not ended.
            "endsAt": end.map_or_else(|| "0001-01-01T00:00:00Z".to_owned(), |end| end.to_string()),
            "generatorURL": format!("{url}/metrics"),
            "fingerprint": fingerprint(&labels),
        }],
    })
}

/// Hashes a label set as Prometheus does: FNV-1a over names and values in order, each ended by
/// 0xFF.
fn fingerprint(labels: &Value) -> String {
    let pairs = labels.as_object().into_iter().flatten();
    let texts = pairs.flat_map(|(name, value)| [name.as_str(), value.as_str().unwrap_or_default()]);
    let bytes = texts.flat_map(|text| text.bytes().chain([0xFF]));
    let hash = bytes.fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).expect("a time")
    }

    /// Observes 25 answers a second, `failed` of them 5xx, over a range of seconds.
    fn run(evaluation: &mut Evaluation, seconds: std::ops::Range<i64>, failed: u64) -> Vec<Turned> {
        let step = |second| {
            let last = evaluation.last.unwrap_or_default();
            let next = Counters { answered: last.answered + 25, failed: last.failed + failed };
            evaluation.observe(at(second), Some(next))
        };
        seconds.filter_map(step).collect()
    }

    #[test]
    fn the_alert_fires_only_after_the_ratio_stayed_high() {
        let mut evaluation = Evaluation::new(AlertRule::default());
        assert_eq!(run(&mut evaluation, 0..20, 0), []);
        assert_eq!(run(&mut evaluation, 20..31, 8), []);
        let turned = run(&mut evaluation, 31..40, 8);
        assert!(
            matches!(turned[..], [Turned::Firing { since, .. }] if since == at(31)),
            "{turned:?}"
        );
        let turned = run(&mut evaluation, 40..60, 0);
        assert!(matches!(turned[..], [Turned::Resolved { .. }]), "{turned:?}");
    }

    #[test]
    fn a_short_spike_does_not_fire() {
        let mut evaluation = Evaluation::new(AlertRule::default());
        assert_eq!(run(&mut evaluation, 0..20, 0), []);
        assert_eq!(run(&mut evaluation, 20..21, 20), []);
        assert_eq!(run(&mut evaluation, 21..60, 0), []);
    }

    #[test]
    fn a_restart_of_the_counters_is_no_recovery() {
        let mut evaluation = Evaluation::new(AlertRule::default());
        assert_eq!(run(&mut evaluation, 0..20, 8).len(), 1);
        assert_eq!(evaluation.observe(at(20), None), None);
        let fresh = Counters { answered: 25, failed: 8 };
        assert_eq!(evaluation.observe(at(21), Some(fresh)), None);
        assert_eq!(run(&mut evaluation, 22..40, 8), []);
    }

    #[test]
    fn counters_are_read_from_an_exposition() {
        let exposition = "# TYPE http_requests counter\n\
            http_requests_total{method=\"POST\",route=\"/checkout\",status=\"200\"} 7\n\
            http_requests_total{method=\"POST\",route=\"/checkout\",status=\"503\"} 2\n# EOF\n";
        assert_eq!(Counters::read(exposition), Counters { answered: 9, failed: 2 });
    }
}
