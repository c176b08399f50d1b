//! What metrics say: a rate, a ratio, a quantile or a value over a window, and when it changed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::finding::{Coverage, Evidence};
use super::selector::Selector;
use super::shift::{Point, Shift};

/// What is computed of the selected series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The sum of gauges.
    Value,
    /// The growth of counters, per second.
    Rate,
    /// The growth of counters in proportion to that of others.
    Ratio,
    /// A quantile of a histogram's buckets.
    Quantile,
}

/// A measure of selected series.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub(super) measure: Measure,
    pub(super) selector: Selector,
    /// What a ratio compares with.
    pub(super) other: Option<Selector>,
    /// Which quantile, from 0 to 1.
    pub(super) quantile: f64,
}

impl Ask {
    /// The same measure in Prometheus' language, looking back `step` seconds.
    pub(super) fn promql(&self, step: f64) -> String {
        // Prometheus takes whole milliseconds; below one second nothing is scraped.
        let range = format!("{:.0}s", step.max(1.0));
        let rate = |selector: &Selector| format!("sum(rate({selector}[{range}]))");
        match (self.measure, &self.other) {
            (Measure::Value, _) => format!("sum({})", self.selector),
            (Measure::Ratio, Some(other)) => format!("{} / {}", rate(&self.selector), rate(other)),
            (Measure::Rate | Measure::Ratio, _) => rate(&self.selector),
            (Measure::Quantile, _) => format!(
                "histogram_quantile({}, sum by (le) (rate({}[{range}])))",
                self.quantile, self.selector,
            ),
        }
    }
}

/// What metrics say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MetricReport {
    /// What happened, in one clause.
    pub headline: String,
    /// One paragraph in words.
    pub summary: String,
    /// The window that was looked at.
    pub window: String,
    /// What was computed, in Prometheus' language.
    pub query: String,
    /// Seconds between two values, each computed over that time.
    pub step_seconds: f64,
    /// Number of values.
    pub count: u64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Mean of all values.
    pub mean: f64,
    /// The newest value.
    pub last: f64,
    /// Values in the order of time; thinned out when there are more than 60.
    pub points: Vec<Point>,
    /// Changes of level, strongest first.
    pub shifts: Vec<Shift>,
    /// Where this can be looked up.
    pub evidence: Evidence,
    /// What was read; empty for a server.
    pub coverage: Coverage,
}

#[cfg(test)]
impl Ask {
    /// A measure of the failed ones among all requests.
    pub(super) fn of_failures(measure: Measure) -> Self {
        let selector = |text: &str| Selector::read("selector", text).unwrap();
        let (other, quantile) = (Some(selector("http_total")), 0.95);
        Self { measure, selector: selector(r#"http_total{code="500"}"#), other, quantile }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_is_told_in_prometheus_language() {
        assert_eq!(
            Ask::of_failures(Measure::Ratio).promql(30.0),
            r#"sum(rate(http_total{code="500"}[30s])) / sum(rate(http_total[30s]))"#
        );
        assert_eq!(
            Ask::of_failures(Measure::Quantile).promql(30.0),
            r#"histogram_quantile(0.95, sum by (le) (rate(http_total{code="500"}[30s])))"#
        );
    }
}
