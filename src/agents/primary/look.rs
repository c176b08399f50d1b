//! The agent's own tools: a page, a program, a measurement. Read-only, bounded in time and size.

use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncReadExt;

use super::error::PrimaryError;
use super::knowledge::{Knowledge, Learned};
use super::runbook::{Look, Measure, Runbook};
use super::web::{Web, failed};
use crate::agents::telemetry::sum_of;
use crate::incident::{EvidenceSource, Sample};
use crate::settings::Clock;

/// Longest output of a program that is read, in bytes.
const MOST_READ: usize = 256 * 1024;

/// How long a program may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The agent's own tools.
#[derive(Debug, Clone)]
pub(super) struct Eyes {
    web: Web,
    clock: Clock,
}

/// What a look brought.
#[derive(Debug, Clone)]
pub(super) struct Sight {
    /// What it looked at.
    pub reference: String,
    /// What kind of evidence it is.
    pub source: EvidenceSource,
    /// What it saw.
    pub learned: Learned,
    /// What the values measure.
    pub measures: Option<String>,
    /// The measured values, if it measured.
    pub series: Vec<Sample>,
}

impl Eyes {
    /// Opens them.
    pub(super) fn new(web: Web, clock: Clock) -> Self {
        Self { web, clock }
    }

    /// Looks at one thing.
    pub(super) async fn look(
        &self,
        look: &Look,
        book: &Runbook,
        known: &Knowledge,
    ) -> Result<Sight, PrimaryError> {
        match look {
            Look::Http(url) => self.page(&known.fill(url)?).await,
            Look::Command(argv) => {
                let argv = argv.iter().map(|part| known.fill(part));
                program(&argv.collect::<Result<Vec<_>, _>>()?).await
            }
            Look::Measure(name) => {
                let measure = book.measures.get(name);
                let measure = measure.ok_or(PrimaryError::OddReply("a measurement"))?;
                self.measured(name, measure, known).await
            }
        }
    }

    /// A page that does not answer is a finding too.
    async fn page(&self, url: &str) -> Result<Sight, PrimaryError> {
        let (status, text) = match self.web.get(url).await {
            Ok(page) => (page.status, page.text),
            Err(PrimaryError::Request { cause, .. }) => (0, cause),
            Err(other) => return Err(other),
        };
        let value = json!({ "status": status, "text": text });
        let told = if status == 0 { "no answer".to_owned() } else { format!("HTTP {status}") };
        Ok(Sight {
            reference: format!("GET {url}"),
            source: EvidenceSource::Check,
            learned: Learned { text: format!("{told}: {text}"), value, entry: None, call: None },
            measures: None,
            series: Vec::new(),
        })
    }

    /// Measures how much `part` grew for each that `whole` grew, over the window of the measure.
    async fn measured(
        &self,
        name: &str,
        measure: &Measure,
        known: &Knowledge,
    ) -> Result<Sight, PrimaryError> {
        let (value, at) = self.measure(measure, known).await?;
        let Measure { text, part, whole, window_s, .. } = measure;
        Ok(Sight {
            reference: format!("{part} / {whole} over {window_s} s"),
            source: EvidenceSource::Metric,
            learned: Learned {
                text: format!("{name} is {value:.3} ({text})"),
                value: json!({ "value": value }),
                entry: None,
                call: None,
            },
            measures: Some(name.to_owned()),
            series: vec![Sample { at, value }],
        })
    }

    /// The value of a measure and when its window ended; growth of nothing counts as 0.
    pub(super) async fn measure(
        &self,
        measure: &Measure,
        known: &Knowledge,
    ) -> Result<(f64, jiff::Timestamp), PrimaryError> {
        let url = known.fill(&measure.url)?;
        let before = self.counters(&url, measure).await?;
        self.clock.sleep(Duration::from_secs(u64::from(measure.window_s))).await;
        let after = self.counters(&url, measure).await?;
        let grown = |a: f64, b: f64| if b < a { b } else { b - a };
        let whole = grown(before.1, after.1);
        let part = grown(before.0, after.0);
        let value = if whole > 0.0 { part / whole } else { 0.0 };
        Ok((value, self.clock.now()))
    }

    async fn counters(&self, url: &str, measure: &Measure) -> Result<(f64, f64), PrimaryError> {
        let page = self.web.get(url).await?.text;
        let sum = |selector: &str| sum_of(&page, selector).map_err(|error| failed(selector, error));
        Ok((sum(&measure.part)?, sum(&measure.whole)?))
    }
}

/// Runs a program without a shell, with nothing of our environment but the search path.
async fn program(argv: &[String]) -> Result<Sight, PrimaryError> {
    let reference = argv.join(" ");
    let (name, arguments) = argv.split_first().ok_or_else(|| failed("a command", "it is empty"))?;
    let mut child = tokio::process::Command::new(name)
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(&reference, error))?;
    let stdout = child.stdout.take().ok_or_else(|| failed(&reference, "no output"))?;
    let mut output = Vec::new();
    let mut bounded = stdout.take(MOST_READ as u64);
    let read = bounded.read_to_end(&mut output);
    let read = tokio::time::timeout(PATIENCE, read).await;
    match read {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => return Err(failed(&reference, error)),
        Err(late) => return Err(failed(&reference, late)),
    }
    let status = child.wait().await.map_err(|error| failed(&reference, error))?;
    if !status.success() {
        return Err(failed(&reference, status));
    }
    let text = String::from_utf8_lossy(&output).into_owned();
    let value = json!({ "text": text });
    Ok(Sight {
        reference,
        source: EvidenceSource::Check,
        learned: Learned { text, value, entry: None, call: None },
        measures: None,
        series: Vec::new(),
    })
}
