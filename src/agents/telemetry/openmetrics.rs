//! Time series read from OpenMetrics text whose samples carry their instant.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::read::Used;
use super::selector::{Labels, Selector, quoted};

/// Most series that are kept.
const SERIES_MAX: usize = 5000;

/// Most samples that are kept of one series; a week at two a minute.
const SAMPLES_MAX: usize = 20_160;

/// Most names of metrics that are remembered to tell a caller what there is.
const NAMES_MAX: usize = 500;

/// What a metric counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Only grows, but for restarts.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts observations in buckets.
    Histogram,
}

/// Values of one series, in the order of time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    pub(super) name: String,
    pub(super) labels: Labels,
    /// Seconds since the epoch, and the value.
    pub(super) samples: Vec<(f64, f64)>,
}

/// All series of an exposition.
#[derive(Debug, Default)]
pub(super) struct Exposition {
    series: BTreeMap<(String, Labels), Vec<(f64, f64)>>,
    kinds: HashMap<String, Kind>,
    /// Names of metrics, also of those that are not kept.
    pub(super) names: BTreeSet<String>,
    /// What is kept; everything when empty.
    only: Vec<Selector>,
    /// Samples that were not kept because there were too many.
    pub(super) dropped: u64,
}

impl Exposition {
    /// An exposition that keeps only selected series.
    pub(super) fn only(only: Vec<Selector>) -> Self {
        Self { only, ..Self::default() }
    }

    /// Takes a line; samples outside `from..=to` (seconds since the epoch) are passed over.
    pub(super) fn take(&mut self, line: &str, (from, to): (f64, f64)) -> Used {
        let line = line.trim();
        if let Some(comment) = line.strip_prefix('#') {
            self.comment(comment);
            return Used::Yes;
        }
        if line.is_empty() {
            return Used::Yes;
        }
        let Some((name, labels, value, at)) = sample(line) else { return Used::No };
        if self.names.len() < NAMES_MAX && !self.names.contains(&name) {
            self.names.insert(name.clone());
        }
        let wanted = self.only.is_empty() || self.only.iter().any(|one| one.takes(&name, &labels));
        if at < from || at > to || !wanted {
            return Used::Yes;
        }
        let key = (name, labels);
        let full = self.series.len() >= SERIES_MAX && !self.series.contains_key(&key);
        let samples = if full { None } else { Some(self.series.entry(key).or_default()) };
        match samples {
            Some(samples) if samples.len() < SAMPLES_MAX => samples.push((at, value)),
            _ => self.dropped += 1,
        }
        Used::Yes
    }

    fn comment(&mut self, comment: &str) {
        let mut words = comment.split_whitespace();
        if words.next() != Some("TYPE") {
            return;
        }
        let (Some(name), Some(kind)) = (words.next(), words.next()) else { return };
        let kind = match kind {
            "counter" => Kind::Counter,
            "histogram" => Kind::Histogram,
            _ => Kind::Gauge,
        };
        self.kinds.insert(name.to_owned(), kind);
    }

    /// The series in the order of their names, each in the order of time.
    pub(super) fn series(&mut self) -> Vec<Series> {
        let series =
            std::mem::take(&mut self.series).into_iter().map(|((name, labels), mut samples)| {
                samples.sort_by(|a, b| a.0.total_cmp(&b.0));
                samples.dedup_by(|later, earlier| later.0.to_bits() == earlier.0.to_bits());
                Series { name, labels, samples }
            });
        series.collect()
    }

    /// What a sample's metric counts, by its declaration, else by the customary endings.
    pub(super) fn kind(&self, name: &str) -> Kind {
        let endings = ["", "_total", "_bucket", "_count", "_sum"];
        let declared = endings.iter().find_map(|ending| {
            let family = name.strip_suffix(ending)?;
            self.kinds.get(family).copied()
        });
        declared.unwrap_or_else(|| match name.rsplit('_').next() {
            Some("total" | "count" | "sum") => Kind::Counter,
            Some("bucket") => Kind::Histogram,
            _ => Kind::Gauge,
        })
    }
}

/// Reads `name{labels} value instant`; `None` without an instant, which says nothing about when.
fn sample(line: &str) -> Option<(String, Labels, f64, f64)> {
    let end = line.find(|c: char| c == '{' || c.is_whitespace())?;
    let (name, mut rest) = line.split_at_checked(end)?;
    let mut labels = Labels::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside.trim_start();
        while !rest.starts_with('}') {
            let (label, after) = rest.split_once('=')?;
            let (value, after) = quoted(after.trim_start())?;
            drop(labels.insert(label.trim().to_owned(), value));
            rest = after.trim_start().trim_start_matches(',').trim_start();
        }
        rest = rest.strip_prefix('}')?;
    }
    let mut words = rest.split_whitespace();
    let value = number(words.next()?)?;
    let at: f64 = words.next()?.parse().ok()?;
    // OpenMetrics writes seconds, the older Prometheus text format milliseconds.
    let at = if at.abs() >= 1e11 { at / 1e3 } else { at };
    (!name.is_empty() && at.is_finite()).then(|| (name.to_owned(), labels, value, at))
}

/// A number as Prometheus writes it.
pub(super) fn number(text: &str) -> Option<f64> {
    match text {
        "+Inf" | "Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        other => other.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_read_with_labels_and_instants() {
        let mut exposition = Exposition::default();
        for line in [
            "# HELP http_requests Requests.",
            "# TYPE http_requests counter",
            r#"http_requests_total{code="200",path="a\"b"} 5 1795183201.5 # {t="x"} 1 2"#,
            r#"http_requests_total{code="200",path="a\"b",} 3 1795183200"#,
            "# TYPE pool gauge",
            "pool 2.5e1 1795183200000",
            r#"wait_bucket{le="+Inf"} 7 1795183200"#,
            "# EOF",
            "",
        ] {
            assert_eq!(exposition.take(line, (0.0, f64::MAX)), Used::Yes, "{line}");
        }
        assert_eq!(exposition.kind("http_requests_total"), Kind::Counter);
        assert_eq!(exposition.kind("pool"), Kind::Gauge);
        assert_eq!(exposition.kind("wait_bucket"), Kind::Histogram);
        let series = exposition.series();
        assert_eq!(series.len(), 3);
        assert_eq!(series[0].labels["path"], "a\"b");
        assert_eq!(series[0].samples, [(1_795_183_200.0, 3.0), (1_795_183_201.5, 5.0)]);
        assert_eq!(series[1].samples, [(1_795_183_200.0, 25.0)]);
    }

    #[test]
    fn what_is_no_sample_with_an_instant_is_not_used() {
        let mut exposition = Exposition::default();
        for line in ["up 1", "up{a=\"b} 1 2", "up{a} 1 2", "{}", "up one 2", "up 1 NaN", "nonsense"]
        {
            assert_eq!(exposition.take(line, (0.0, f64::MAX)), Used::No, "{line}");
        }
        assert_eq!(exposition.take("up 1 50", (100.0, 200.0)), Used::Yes);
        assert!(exposition.series().is_empty());
    }
}
