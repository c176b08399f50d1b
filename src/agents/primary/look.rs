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
                program(&argv.collect::<Result<Vec<_>, _>>()?, PATIENCE).await
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

    /// The value of a measure and when its window ended; where nothing grew, nothing was measured: a
    /// service that nobody reaches has no errors either.
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
        if whole <= 0.0 {
            let cause = format!("{} did not grow in {} s", measure.whole, measure.window_s);
            return Err(failed(&measure.text, cause));
        }
        Ok((part / whole, self.clock.now()))
    }

    async fn counters(&self, url: &str, measure: &Measure) -> Result<(f64, f64), PrimaryError> {
        let page = self.web.get(url).await?;
        // The page of an error holds no counters, which would count as counters that began anew.
        if !page.is_success() {
            return Err(failed(&measure.text, format!("HTTP {}", page.status)));
        }
        let sum =
            |selector: &str| sum_of(&page.text, selector).map_err(|error| failed(selector, error));
        Ok((sum(&measure.part)?, sum(&measure.whole)?))
    }
}

/// Runs a program without a shell, with nothing of our environment but the search path.
///
/// Reading and waiting have one time together: a program that closes its output and lives on, or that
/// writes without an end, is killed when it is over.
async fn program(argv: &[String], patience: Duration) -> Result<Sight, PrimaryError> {
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
    let running = async {
        let mut output = Vec::new();
        // The reader goes with this line: a program that has more to say ends, instead of waiting for
        // somebody to read it.
        stdout.take(MOST_READ as u64).read_to_end(&mut output).await?;
        Ok::<_, std::io::Error>((output, child.wait().await?))
    };
    let ended = tokio::time::timeout(patience, running).await;
    let (output, status) = match ended {
        Ok(ended) => ended.map_err(|error| failed(&reference, error))?,
        Err(_late) => {
            child.start_kill().map_err(|error| failed(&reference, error))?;
            let cause = format!("it did not end within {} s and was killed", patience.as_secs());
            return Err(failed(&reference, cause));
        }
    };
    // What was cut short may have ended because of it: how says nothing about the program.
    if !status.success() && output.len() < MOST_READ {
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::super::fixture::serve;
    use super::*;
    use crate::settings::Unsaid;

    async fn run(script: &str) -> Result<Sight, PrimaryError> {
        let argv = ["sh", "-c", script].map(str::to_owned);
        program(&argv, Duration::from_secs(2)).await
    }

    #[tokio::test]
    async fn a_program_that_says_more_than_is_read_is_cut_short() {
        let seen = run("exec head -c 1000000 /dev/zero").await.unwrap();
        assert_eq!(seen.learned.text.len(), MOST_READ);
    }

    #[tokio::test]
    async fn a_program_that_closes_its_output_and_lives_on_is_killed_and_that_is_said() {
        let error = run("exec sleep 60 >&-").await.unwrap_err().to_string();
        assert!(error.contains("it did not end within 2 s and was killed"), "{error}");
        let error = run("exec sleep 60").await.unwrap_err().to_string();
        assert!(error.contains("was killed"), "{error}");
    }

    #[tokio::test]
    async fn a_program_that_fails_is_told_as_such() {
        let error = run("echo half; exit 3").await.unwrap_err().to_string();
        assert!(error.contains("exit status: 3"), "{error}");
        assert_eq!(run("echo whole").await.unwrap().learned.text, "whole\n");
    }

    /// Measures against a page that changes with every look.
    async fn measured(
        page: fn(u32) -> (u16, String),
    ) -> Result<(f64, jiff::Timestamp), PrimaryError> {
        let looks = AtomicU32::new(0);
        let (url, _asked) = serve(move |_| page(looks.fetch_add(1, Ordering::Relaxed))).await;
        let measure = Measure {
            text: "share of errors".to_owned(),
            url,
            part: "errors_total".to_owned(),
            whole: "requests_total".to_owned(),
            window_s: 1,
        };
        let eyes = Eyes::new(Web::new(Unsaid::default()).unwrap(), Clock::at_speed(100.0));
        eyes.measure(&measure, &Knowledge::default()).await
    }

    #[tokio::test]
    async fn growth_is_measured_and_no_growth_is_not_called_healthy() {
        let busy = |look| (200, format!("requests_total {}\nerrors_total {look}\n", look * 4));
        assert!((measured(busy).await.unwrap().0 - 0.25).abs() < 1e-9);
        let down = |_| (200, "requests_total 40\nerrors_total 8\n".to_owned());
        let error = measured(down).await.unwrap_err().to_string();
        assert!(error.contains("requests_total did not grow in 1 s"), "{error}");
    }

    #[tokio::test]
    async fn the_page_of_an_error_is_no_measurement() {
        let coming_back = |look| {
            if look == 0 { (503, "starting".to_owned()) } else { (200, "requests_total 9".into()) }
        };
        let error = measured(coming_back).await.unwrap_err().to_string();
        assert!(error.contains("HTTP 503"), "{error}");
    }
}
