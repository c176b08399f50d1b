//! What the tools take: flat arguments without nulls, each with a default where one makes sense.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::TelemetryError;
use super::finding::Offer;
use super::metrics::{Ask, Measure};
use super::plan::{Plan, plan};
use super::query::Query;
use super::selector::Selector;
use super::window::{Window, instant};

/// Most rows that may be asked for.
const ROWS_MAX: u32 = 50;

/// The longest question, in bytes, and most constraints.
const QUESTION_MAX: usize = 4096;
const CONSTRAINTS_MAX: usize = 20;

/// What `search_logs` takes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchLogs {
    /// Words that the message contains, "quoted phrases" and field=value terms; all must hold, and a
    /// leading - negates one. Empty takes every record.
    #[serde(default)]
    pub query: String,
    /// First instant, like 2026-11-20T14:00:00Z. Empty: `minutes` before `to`.
    #[serde(default)]
    pub from: String,
    /// First instant after the window. Empty: now.
    #[serde(default)]
    pub to: String,
    /// Length of the window when `from` is empty.
    #[serde(default = "quarter")]
    pub minutes: u32,
    /// Most rows of each kind, up to 50.
    #[serde(default = "ten")]
    pub limit: u32,
}

/// What `analyse_spans` takes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnalyseSpans {
    /// Only traces that touch this service. Empty takes every trace.
    #[serde(default)]
    pub service: String,
    /// First instant, like 2026-11-20T14:00:00Z. Empty: `minutes` before `to`.
    #[serde(default)]
    pub from: String,
    /// First instant after the window. Empty: now.
    #[serde(default)]
    pub to: String,
    /// Length of the window when `from` is empty.
    #[serde(default = "quarter")]
    pub minutes: u32,
    /// Most rows of each kind, up to 50.
    #[serde(default = "ten")]
    pub limit: u32,
}

/// What `query_metrics` takes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QueryMetrics {
    /// What to compute of the selected series.
    pub measure: Measure,
    /// Series, like `http_requests_total{code=~"5..",route="/pay"}`.
    pub selector: String,
    /// For a ratio: the series to compare with, like `http_requests_total{route="/pay"}`.
    #[serde(default)]
    pub other: String,
    /// For a quantile of a metric ending in _bucket: which one, from 0 to 1.
    #[serde(default = "p95")]
    pub quantile: f64,
    /// First instant, like 2026-11-20T14:00:00Z. Empty: `minutes` before `to`.
    #[serde(default)]
    pub from: String,
    /// First instant after the window. Empty: now.
    #[serde(default)]
    pub to: String,
    /// Length of the window when `from` is empty.
    #[serde(default = "quarter")]
    pub minutes: u32,
    /// Seconds between two values, each computed over that time. 0 chooses.
    #[serde(default)]
    pub step_seconds: f64,
}

/// What `find_changes` takes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindChanges {
    /// The instant to compare with, like 2026-11-20T14:00:00Z. Empty: the end of the window.
    #[serde(default)]
    pub around: String,
    /// First instant of the window. Empty: `minutes` before `to`.
    #[serde(default)]
    pub from: String,
    /// First instant after the window. Empty: five minutes after `around`, or now.
    #[serde(default)]
    pub to: String,
    /// Length of the window when `from` is empty.
    #[serde(default = "hour")]
    pub minutes: u32,
    /// Most changes, up to 50.
    #[serde(default = "ten")]
    pub limit: u32,
}

/// What `investigate` takes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Investigate {
    /// What is asked. Naming logs, traces, metrics or changes narrows the work to these.
    pub question: String,
    /// First instant, like 2026-11-20T14:00:00Z. Empty: `minutes` before `to`.
    #[serde(default)]
    pub from: String,
    /// First instant after the window. Empty: now.
    #[serde(default)]
    pub to: String,
    /// Length of the window when `from` is empty.
    #[serde(default = "half_an_hour")]
    pub minutes: u32,
    /// What to keep to, such as "only logs", "no traces", "service=checkout".
    #[serde(default)]
    pub constraints: Vec<String>,
    /// What is known already. `onset` (an instant) is used to rank changes, `selectors` (a list) to
    /// choose metrics; anything else is not needed.
    #[serde(default)]
    pub context: Map<String, Value>,
}

fn quarter() -> u32 {
    15
}

fn half_an_hour() -> u32 {
    30
}

fn hour() -> u32 {
    60
}

fn ten() -> u32 {
    10
}

fn p95() -> f64 {
    0.95
}

fn rows(limit: u32) -> Result<usize, TelemetryError> {
    if limit == 0 || limit > ROWS_MAX {
        let why = format!("{limit} is not between 1 and {ROWS_MAX}");
        return Err(TelemetryError::unclear("limit", why));
    }
    usize::try_from(limit).map_err(|error| TelemetryError::unclear("limit", error.to_string()))
}

impl SearchLogs {
    pub(super) fn check(&self, now: Timestamp) -> Result<(Window, Query, usize), TelemetryError> {
        let window = Window::asked((&self.from, &self.to), self.minutes, now)?;
        Ok((window, Query::read(&self.query)?, rows(self.limit)?))
    }
}

impl AnalyseSpans {
    pub(super) fn check(&self, now: Timestamp) -> Result<(Window, usize), TelemetryError> {
        let window = Window::asked((&self.from, &self.to), self.minutes, now)?;
        Ok((window, rows(self.limit)?))
    }
}

impl QueryMetrics {
    pub(super) fn check(&self, now: Timestamp) -> Result<(Window, Ask), TelemetryError> {
        let window = Window::asked((&self.from, &self.to), self.minutes, now)?;
        let selector = Selector::read("selector", &self.selector)?;
        let other = match (self.measure, self.other.trim()) {
            (Measure::Ratio, "") => {
                let why = "a ratio needs the series to compare with";
                return Err(TelemetryError::unclear("other", why));
            }
            (_, "") => None,
            (Measure::Ratio, other) => Some(Selector::read("other", other)?),
            (_, _) => return Err(TelemetryError::unclear("other", "only a ratio takes it")),
        };
        if !(0.0..=1.0).contains(&self.quantile) {
            let why = format!("{} is not between 0 and 1", self.quantile);
            return Err(TelemetryError::unclear("quantile", why));
        }
        if !self.step_seconds.is_finite() || self.step_seconds < 0.0 {
            return Err(TelemetryError::unclear("step_seconds", "must be 0 or more"));
        }
        Ok((window, Ask { measure: self.measure, selector, other, quantile: self.quantile }))
    }
}

impl FindChanges {
    pub(super) fn check(
        &self,
        now: Timestamp,
    ) -> Result<(Window, Timestamp, usize), TelemetryError> {
        if self.around.trim().is_empty() {
            let window = Window::asked((&self.from, &self.to), self.minutes, now)?;
            return Ok((window, window.to, rows(self.limit)?));
        }
        let around = instant("around", &self.around)?;
        let later = around.checked_add(SignedDuration::from_mins(5)).unwrap_or(around);
        let window = Window::asked((&self.from, &self.to), self.minutes, later)?;
        Ok((window, around, rows(self.limit)?))
    }
}

/// An investigation that can be carried out.
#[derive(Debug)]
pub(super) struct Commission {
    pub(super) window: Window,
    pub(super) plan: Plan,
    pub(super) query: Query,
    pub(super) onset: Option<Timestamp>,
    pub(super) selectors: Vec<Selector>,
}

impl Investigate {
    pub(super) fn check(
        &self,
        now: Timestamp,
        offers: &BTreeSet<Offer>,
    ) -> Result<Commission, TelemetryError> {
        if self.question.trim().is_empty() || self.question.len() > QUESTION_MAX {
            let why = format!("must have between 1 and {QUESTION_MAX} bytes");
            return Err(TelemetryError::unclear("question", why));
        }
        let long = self.constraints.iter().any(|one| one.len() > QUESTION_MAX);
        if self.constraints.len() > CONSTRAINTS_MAX || long {
            let why = format!("at most {CONSTRAINTS_MAX} of {QUESTION_MAX} bytes each");
            return Err(TelemetryError::unclear("constraints", why));
        }
        let window = Window::asked((&self.from, &self.to), self.minutes, now)?;
        let plan = plan(&self.question, &self.constraints, offers);
        let query = Query::read(&plan.query)?;
        let onset = match self.context.get("onset").and_then(Value::as_str).map(str::trim) {
            None | Some("") => None,
            Some(text) => Some(instant("context.onset", text)?),
        };
        let listed = self.context.get("selectors").and_then(Value::as_array);
        let texts = listed.into_iter().flatten().filter_map(Value::as_str).take(CONSTRAINTS_MAX);
        let selectors = texts.map(|text| Selector::read("context.selectors", text));
        let selectors = selectors.collect::<Result<_, _>>()?;
        Ok(Commission { window, plan, query, onset, selectors })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused<T: std::fmt::Debug>(result: Result<T, TelemetryError>, argument: &str) {
        let error = result.unwrap_err().to_string();
        assert!(error.contains(&format!("`{argument}`")), "{error}");
    }

    #[test]
    fn every_wrong_argument_is_named() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let logs = |value| serde_json::from_value::<SearchLogs>(value).unwrap().check(now);
        assert!(logs(json!({})).is_ok());
        refused(logs(json!({ "limit": 0 })), "limit");
        refused(logs(json!({ "limit": 51 })), "limit");
        refused(logs(json!({ "query": "\"open" })), "query");
        refused(logs(json!({ "from": "noon" })), "from");
        let metrics = |value| serde_json::from_value::<QueryMetrics>(value).unwrap().check(now);
        refused(metrics(json!({ "measure": "rate", "selector": "1x" })), "selector");
        refused(metrics(json!({ "measure": "ratio", "selector": "x" })), "other");
        refused(metrics(json!({ "measure": "rate", "selector": "x", "other": "y" })), "other");
        refused(
            metrics(json!({ "measure": "quantile", "selector": "x", "quantile": 95 })),
            "quantile",
        );
        assert!(serde_json::from_value::<SearchLogs>(json!({ "qury": "x" })).is_err());
    }

    #[test]
    fn changes_are_looked_for_before_the_instant_and_shortly_after() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let ask: FindChanges =
            serde_json::from_value(json!({ "around": "2026-11-20T14:00:00Z" })).unwrap();
        let (window, around, _) = ask.check(now).unwrap();
        assert_eq!(around.to_string(), "2026-11-20T14:00:00Z");
        assert_eq!(window.to_string(), "2026-11-20T13:05:00.000Z/2026-11-20T14:05:00.000Z");
    }
}
