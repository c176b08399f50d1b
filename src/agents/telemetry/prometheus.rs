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
use crate::settings::{Unsaid, burden};

/// How long one query may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Most bytes of an answer.
const ANSWER_MAX: usize = 8 * 1024 * 1024;

/// Most memory that the values of an answer may take, in bytes.
const HELD_MAX: usize = 40 * 1024 * 1024;

/// What is said of an answer that is too long, or that would take too much memory.
const TOO_MUCH: &str = "an answer beyond 8 MiB; narrow the selector or the window";

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
        // Whatever else it says: somebody answers for it who was not asked.
        if status.is_redirection() {
            return Err(upstream(format!("HTTP {status}: its address has moved")));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > ANSWER_MAX {
                return Err(upstream(TOO_MUCH));
            }
            body.extend_from_slice(&chunk);
        }
        if burden(&body) > HELD_MAX {
            return Err(upstream(TOO_MUCH));
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

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::http::header::CONTENT_ENCODING;
    use axum::routing::get;
    use jiff::Timestamp;
    use tokio::net::TcpListener;

    use super::*;
    use crate::agents::telemetry::Window;
    use crate::partner::misleading::{CANARY, lead_astray};
    use crate::partner::packed::bomb;

    async fn ask(url: &str) -> Result<Vec<String>, TelemetryError> {
        let at = |second| Timestamp::from_second(second).unwrap();
        let window = Window { from: at(1_800_000_000), to: at(1_800_000_600) };
        let prometheus = Prometheus::at(url, Token::new(CANARY)).unwrap();
        prometheus.series("up", Grid { window, step: 10.0 }, 5).await
    }

    /// 74: an answer that comes with a redirect is none, however good it looks.
    #[tokio::test]
    async fn a_redirect_leads_no_query_elsewhere() {
        lead_astray(async |url: &str| {
            let asked = ask(url).await;
            assert!(matches!(asked, Err(TelemetryError::Upstream { .. })), "{asked:?}");
        })
        .await;
    }

    /// 75: packed, long, and short but heavy.
    #[tokio::test]
    async fn an_answer_that_cannot_be_held_is_cut() {
        let list = |bytes: usize| format!("{{\"data\":[{}0]}}", "0,".repeat(bytes / 2));
        let packed = || async { ([(CONTENT_ENCODING, "gzip")], bomb(64 * 1024 * 1024)) };
        let app = Router::new()
            .route("/packed/api/v1/series", get(packed))
            .route("/long/api/v1/series", get(move || async move { list(20_000_000) }))
            .route("/heavy/api/v1/series", get(move || async move { list(7_900_000) }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        for path in ["packed", "long", "heavy"] {
            let cut = ask(&format!("{url}/{path}")).await;
            let Err(TelemetryError::Upstream { what }) = cut else { panic!("{path}: {cut:?}") };
            assert_eq!(what, TOO_MUCH, "{path}");
        }
    }
}
