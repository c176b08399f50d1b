//! A Prometheus server as a source of metrics, over its HTTP API.

use std::time::Duration;

use reqwest::Url;
use serde::Deserialize;
use serde_json::Value;

use super::TelemetryError;
use super::rates::Grid;
use super::shift::Point;
use super::window::{after, seconds};
use crate::partner::{Reach, Token, http_client};
use crate::settings::Unsaid;

/// How long one query may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Most bytes of an answer.
const ANSWER_MAX: usize = 16 * 1024 * 1024;

/// A Prometheus server, or anything that speaks its HTTP API.
#[derive(Debug, Clone)]
pub struct Prometheus {
    base: Url,
    token: Option<Token>,
    /// What a server that echoes a request must not make us repeat.
    unsaid: Unsaid,
    client: reqwest::Client,
}

#[derive(Deserialize)]
struct Envelope {
    status: String,
    #[serde(default)]
    data: Value,
    #[serde(default)]
    error: String,
}

impl Prometheus {
    /// Takes the address of a server, without the path of its API.
    pub fn at(url: &str, token: Option<Token>) -> Result<Self, TelemetryError> {
        let wrong = |why: String| TelemetryError::unclear("source", why);
        let base = Url::parse(url).map_err(|error| wrong(format!("{url}: {error}")))?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(wrong(format!("{url}: the scheme must be http or https")));
        }
        let client = http_client(Reach::of(&base))?;
        let unsaid = token.as_ref().map(Token::unsaid).unwrap_or_default();
        Ok(Self { base, token, unsaid, client })
    }

    /// Evaluates an expression at each instant of a grid; several result series are an error.
    pub(super) async fn range(
        &self,
        promql: &str,
        grid: Grid,
    ) -> Result<Vec<Point>, TelemetryError> {
        let from = after(grid.window.from, grid.step);
        let data = self
            .get(
                "api/v1/query_range",
                &[
                    ("query", promql),
                    ("start", &format!("{:.3}", seconds(from))),
                    ("end", &format!("{:.3}", seconds(grid.window.to))),
                    ("step", &format!("{:.3}", grid.step)),
                ],
            )
            .await?;
        let results = data.get("result").and_then(Value::as_array);
        let results = results.ok_or_else(|| upstream("an answer without a result"))?;
        match results.as_slice() {
            [] => Ok(Vec::new()),
            [one] => points(one).ok_or_else(|| upstream("a result without values")),
            _ => Err(upstream("more than one series where one was expected")),
        }
    }

    /// Names of the series that a selector takes in a window, at most `limit`.
    pub(super) async fn series(
        &self,
        selector: &str,
        grid: Grid,
        limit: usize,
    ) -> Result<Vec<String>, TelemetryError> {
        let data = self
            .get(
                "api/v1/series",
                &[
                    ("match[]", selector),
                    ("start", &format!("{:.3}", seconds(grid.window.from))),
                    ("end", &format!("{:.3}", seconds(grid.window.to))),
                    ("limit", &limit.to_string()),
                ],
            )
            .await?;
        let listed = data.as_array().ok_or_else(|| upstream("an answer without series"))?;
        Ok(listed.iter().take(limit).map(Value::to_string).collect())
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, TelemetryError> {
        let mut url = self.base.clone();
        let joined = format!("{}/{path}", url.path().trim_end_matches('/'));
        url.set_path(&joined);
        let mut request = self.client.get(url).query(query).timeout(PATIENCE);
        if let Some(token) = &self.token {
            request = token.show(request);
        }
        let failed = |error: reqwest::Error| upstream(error.without_url().to_string());
        let mut response = request.send().await.map_err(failed)?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > ANSWER_MAX {
                return Err(upstream("an answer beyond 16 MiB; narrow the selector or the window"));
            }
            body.extend_from_slice(&chunk);
        }
        let envelope: Envelope = serde_json::from_slice(&body).map_err(|error| {
            // Such an error quotes what it could not read.
            let error = self.unsaid.hide(&error.to_string());
            upstream(format!("HTTP {status} and no answer of its API: {error}"))
        })?;
        if envelope.status == "success" {
            Ok(envelope.data)
        } else {
            let said = self.unsaid.hide(&envelope.error);
            Err(upstream(format!("HTTP {status}: {}", super::finding::cut(&said))))
        }
    }
}

fn upstream(what: impl Into<String>) -> TelemetryError {
    TelemetryError::Upstream { what: what.into() }
}

fn points(result: &Value) -> Option<Vec<Point>> {
    let values = result.get("values")?.as_array()?;
    let read = values.iter().filter_map(|pair| {
        let at = pair.get(0)?.as_f64()?;
        let value = super::openmetrics::number(pair.get(1)?.as_str()?)?;
        let at = after(jiff::Timestamp::UNIX_EPOCH, at);
        value.is_finite().then_some(Point { at, value })
    });
    Some(read.collect())
}
