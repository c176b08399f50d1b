//! Where telemetry comes from: folders of files, and metrics servers.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::Value;

use super::TelemetryError;
use super::changes::{ChangeReport, ChangeScan};
use super::finding::Coverage;
use super::logs::{LogReport, LogScan};
use super::openmetrics::Exposition;
use super::prometheus::Prometheus;
use super::query::Query;
use super::read::{Shelf, Steps, Used};
use super::record::Record;
use super::selector::Selector;
use super::span::{Span, spans};
use super::traces::{SpanReport, analyse};
use super::window::{Window, seconds};

/// Most spans that one analysis keeps.
const SPANS_MAX: usize = 300_000;

/// Largest file that is read whole, when it is one document and not one per line.
const WHOLE_MAX: u64 = 64 * 1024 * 1024;

/// How long after the window spans still belong to a trace that began in it, in seconds.
const TRAIL: i64 = 60;

/// Where telemetry comes from.
#[derive(Debug, Clone)]
pub enum Source {
    /// A folder with `logs/*.ndjson`, `traces/*.ndjson` (OTLP-JSON), `metrics/*.om` (OpenMetrics
    /// with instants) and `changes.ndjson`; any of them may be missing.
    Folder(PathBuf),
    /// A Prometheus server.
    Prometheus(Prometheus),
}

/// All sources of one agent.
#[derive(Debug, Clone, Default)]
pub(super) struct Sources(pub(super) Vec<Source>);

impl Sources {
    fn folders(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().filter_map(|source| match source {
            Source::Folder(path) => Some(path.as_path()),
            Source::Prometheus(_) => None,
        })
    }

    /// The metrics server, if there is one.
    pub(super) fn prometheus(&self) -> Option<&Prometheus> {
        self.0.iter().find_map(|source| match source {
            Source::Folder(_) => None,
            Source::Prometheus(server) => Some(server),
        })
    }

    /// Reads what every folder has; a folder without it matters only if no other has it.
    fn each(
        &self,
        mut read: impl FnMut(&Path) -> Result<Coverage, TelemetryError>,
    ) -> Result<Coverage, TelemetryError> {
        let mut coverage = Coverage::default();
        let (mut found, mut missing) = (false, Vec::new());
        for folder in self.folders() {
            match read(folder) {
                Ok(one) => {
                    found = true;
                    coverage.add(&one);
                }
                Err(TelemetryError::Missing { what }) => missing.push(what),
                Err(error) => return Err(error),
            }
        }
        if found {
            return Ok(coverage);
        }
        missing.push("any folder with them".to_owned());
        Err(TelemetryError::missing(missing.swap_remove(0)))
    }

    /// What the logs of a window say.
    pub(super) fn logs(
        &self,
        window: Window,
        query: Query,
        limit: usize,
        steps: &Steps,
    ) -> Result<LogReport, TelemetryError> {
        let mut scan = LogScan::new(window, query, limit);
        let coverage = self.each(|root| {
            let endings = &["ndjson", "jsonl", "log", "json"];
            Shelf { root, name: "logs", endings, line_max: 256 * 1024 }.read(
                steps,
                |place, line| match Record::read(line) {
                    Some(record) => {
                        scan.see(&place, &record);
                        Used::Yes
                    }
                    None => Used::No,
                },
            )
        })?;
        Ok(scan.report(coverage))
    }

    /// What the traces of a window say.
    pub(super) fn spans(
        &self,
        window: Window,
        service: &str,
        limit: usize,
        steps: &Steps,
    ) -> Result<SpanReport, TelemetryError> {
        let mut kept = Vec::new();
        let mut coverage = self.each(|root| {
            let endings: &[&str] = &["ndjson", "jsonl", "json"];
            let folder = Shelf { root, name: "traces", endings, line_max: 8 * 1024 * 1024 };
            let before = kept.len();
            let mut coverage = folder.read(steps, |place, line| {
                let request = serde_json::from_str::<Value>(line).ok();
                match request.and_then(|request| spans(&request, &place.to_string())) {
                    Some(read) => {
                        keep(&mut kept, read, window);
                        Used::Yes
                    }
                    None => Used::No,
                }
            })?;
            if kept.len() == before && coverage.unusable > 0 {
                whole(&folder, &mut coverage, |read| keep(&mut kept, read, window))?;
            }
            Ok(coverage)
        })?;
        coverage.cut |= kept.len() >= SPANS_MAX;
        let kept = of_window(kept, window, service);
        steps.say(format!("read {} spans", kept.len()));
        Ok(analyse(&kept, window, limit, coverage))
    }

    /// The series of the folders in a window and `back` seconds before it.
    pub(super) fn series(
        &self,
        only: Vec<Selector>,
        window: Window,
        back: f64,
        steps: &Steps,
    ) -> Result<(Exposition, Coverage), TelemetryError> {
        let mut exposition = Exposition::only(only);
        let range = (seconds(window.from) - back, seconds(window.to));
        let mut coverage = self.each(|root| {
            let endings = &["om", "prom", "txt"];
            Shelf { root, name: "metrics", endings, line_max: 16 * 1024 }
                .read(steps, |_, line| exposition.take(line, range))
        })?;
        coverage.cut |= exposition.dropped > 0;
        Ok((exposition, coverage))
    }

    /// What was changed in a window, compared with an instant.
    pub(super) fn changes(
        &self,
        window: Window,
        around: Timestamp,
        limit: usize,
        steps: &Steps,
    ) -> Result<ChangeReport, TelemetryError> {
        let mut scan = ChangeScan::new(window, around);
        let coverage = self.each(|root| {
            let file = Shelf { root, name: "changes.ndjson", endings: &[], line_max: 256 * 1024 };
            file.read(
                steps,
                |place, line| {
                    if scan.see(&place, line) { Used::Yes } else { Used::No }
                },
            )
        })?;
        Ok(scan.report(limit, coverage))
    }
}

fn keep(kept: &mut Vec<Span>, read: Vec<Span>, window: Window) {
    let trail = jiff::SignedDuration::from_secs(TRAIL);
    let until = window.to.checked_add(trail).unwrap_or(window.to);
    let inside = read.into_iter().filter(|span| (window.from..until).contains(&span.began()));
    kept.extend(inside.take(SPANS_MAX.saturating_sub(kept.len())));
}

/// The spans of traces that began in the window and touch the service, if one is named.
fn of_window(spans: Vec<Span>, window: Window, service: &str) -> Vec<Span> {
    let mut traces: HashMap<String, (i64, bool)> = HashMap::new();
    for span in &spans {
        let known = traces.entry(span.trace.clone()).or_insert((span.start, false));
        known.0 = known.0.min(span.start);
        known.1 |= service.is_empty() || span.service == service;
    }
    let wanted = |span: &Span| {
        let known = traces.get(&span.trace);
        known.is_some_and(|(start, touches)| {
            *touches
                && Timestamp::from_nanosecond(i128::from(*start)).is_ok_and(|at| window.holds(at))
        })
    };
    spans.into_iter().filter(wanted).collect()
}

/// Reads files that hold one document each, perhaps over many lines.
fn whole(
    shelf: &Shelf<'_>,
    coverage: &mut Coverage,
    mut take: impl FnMut(Vec<Span>),
) -> Result<(), TelemetryError> {
    for path in shelf.files()? {
        let unreadable = |source| TelemetryError::Unreadable { path: path.clone(), source };
        if std::fs::metadata(&path).map_err(unreadable)?.len() > WHOLE_MAX {
            coverage.cut = true;
            continue;
        }
        let bytes = std::fs::read(&path).map_err(unreadable)?;
        let Ok(value) = serde_json::from_slice::<Value>(&bytes) else { continue };
        let requests = value.as_array().map_or_else(|| vec![&value], |all| all.iter().collect());
        let shown = path.strip_prefix(shelf.root).unwrap_or(&path).to_string_lossy();
        let read = requests.into_iter().filter_map(|request| spans(request, &shown));
        for found in read {
            coverage.unusable = 0;
            take(found);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tokio::sync::mpsc;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::agents::telemetry::measure::measure;
    use crate::agents::telemetry::metrics::{Ask, Measure};

    const FROM: i64 = 1_795_183_200;

    fn steps() -> Steps {
        Steps::new(mpsc::channel(64).0, CancellationToken::new())
    }

    fn window() -> Window {
        let at = |second| Timestamp::from_second(second).unwrap();
        Window { from: at(FROM), to: at(FROM + 60) }
    }

    fn folder(files: &[(&str, &str)]) -> (tempfile::TempDir, Sources) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let sources = Sources(vec![Source::Folder(folder.path().to_owned())]);
        (folder, sources)
    }

    fn request(trace: &str, start: i64) -> Value {
        serde_json::json!({ "resourceSpans": [{ "scopeSpans": [{ "spans": [{
            "traceId": trace, "spanId": trace, "name": "pay",
            "startTimeUnixNano": (start * 1_000_000_000).to_string(),
            "endTimeUnixNano": (start * 1_000_000_000 + 5_000_000).to_string(),
        }] }] }] })
    }

    #[test]
    fn a_document_over_many_lines_is_read_as_well_as_one_per_line() {
        let (early, inside) = (request("aa", FROM - 5), request("bb", FROM + 5));
        let lines = format!("{early}\n{inside}\n");
        let pretty = serde_json::to_string_pretty(&inside).unwrap();
        let list = serde_json::to_string_pretty(&[early, inside]).unwrap();
        for text in [lines, pretty, list] {
            let (_kept, sources) = folder(&[("traces/spans.json", &text)]);
            let report = sources.spans(window(), "", 5, &steps()).unwrap();
            assert_eq!(report.traces, 1, "{text}");
            assert_eq!(report.operations[0].max_ms.to_string(), "5");
            assert_eq!(report.coverage.unusable, 0);
        }
    }

    #[test]
    fn hostile_lines_are_counted_and_passed_over() {
        let good = r#"{"ts":1795183205,"level":"error","msg":"pool full"}"#;
        let deep = format!(r#"{{"ts":1,"x":{}1{}}}"#, "[".repeat(50_000), "]".repeat(50_000));
        let long = format!(r#"{{"ts":1795183205,"msg":"{}"}}"#, "x".repeat(10 << 20));
        let text = format!("{deep}\n{long}\n\u{0}\n{good}\n");
        let (folder, sources) = folder(&[("logs/a.ndjson", &text)]);
        let mut bytes = b"\xff\xfe{\"ts\":1795183206}\n".to_vec();
        bytes.extend(br#"{"ts":1795183206,"level":"error","msg":"pool "#);
        bytes.extend(b"\xff full\"}\n");
        fs::write(folder.path().join("logs/b.ndjson"), bytes).unwrap();
        let report = sources.logs(window(), Query::default(), 5, &steps()).unwrap();
        assert_eq!((report.matched, report.errors), (2, 2));
        assert_eq!((report.coverage.too_long, report.coverage.unusable), (1, 3));
        assert!(report.summary.contains("1 lines were too long"), "{}", report.summary);
    }

    #[test]
    fn a_missing_kind_of_telemetry_says_where_it_was_looked_for() {
        let (_kept, sources) = folder(&[]);
        let error = sources.logs(window(), Query::default(), 5, &steps()).unwrap_err();
        assert!(matches!(&error, TelemetryError::Missing { what } if what.contains("/logs there")));
        let error = Sources::default().spans(window(), "", 5, &steps()).unwrap_err();
        assert_eq!(error.to_string(), "find any folder with them");
    }

    #[test]
    fn a_withdrawn_call_stops_reading() {
        let line = format!("{{\"ts\":1,\"msg\":\"{}\"}}\n", "x".repeat(1000));
        let (_kept, sources) = folder(&[("logs/a.ndjson", &line.repeat(9000))]);
        let stop = CancellationToken::new();
        stop.cancel();
        let steps = Steps::new(mpsc::channel(1).0, stop);
        let result = sources.logs(window(), Query::default(), 5, &steps);
        assert!(matches!(result, Err(TelemetryError::Cancelled)));
    }

    #[test]
    fn a_measure_that_does_not_suit_the_metric_says_which_does() {
        let text =
            format!("# TYPE pool gauge\npool 1 {FROM}\n# TYPE hits counter\nhits_total 1 {FROM}\n");
        let (_kept, sources) = folder(&[("metrics/checkout.om", &text)]);
        let ask = |measure, name: &str| Ask {
            measure,
            selector: Selector::read("selector", name).unwrap(),
            other: None,
            quantile: 0.5,
        };
        let said = |measured, name| {
            let ask = ask(measured, name);
            measure(&sources, &ask, (window(), 0.0), &steps()).unwrap_err().to_string()
        };
        assert!(said(Measure::Rate, "pool").contains("use value"));
        assert!(said(Measure::Value, "hits_total").contains("use rate"));
        assert!(said(Measure::Quantile, "hits_total").contains("_bucket"));
        assert!(said(Measure::Value, "nothing").contains("there are hits_total, pool"));
    }
}
