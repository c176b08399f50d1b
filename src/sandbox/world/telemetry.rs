//! Telemetry on disk, appended by a task of its own so that no request waits for a disk.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use tokio::fs::{File, OpenOptions};
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;

use super::WorldError;
use super::span::{Resource, Span, Trace, export};
use super::tasks::Tasks;

/// How many lines may wait for the disk; what comes beyond is dropped and counted.
const BACKLOG: usize = 8192;

/// The logs, one JSON object per line.
pub(super) const LOGS: &str = "logs/checkout.ndjson";
/// The spans, one OTLP-JSON `ExportTraceServiceRequest` per line.
pub(super) const SPANS: &str = "traces/spans.ndjson";
/// The scrapes: `OpenMetrics` samples with timestamps, descriptions once, and no `# EOF`, as the
/// file is never complete.
pub(super) const METRICS: &str = "metrics/checkout.om";

/// Takes telemetry for writing; cheap to clone. The writer ends when the last clone is gone.
#[derive(Debug, Clone)]
pub(super) struct Telemetry {
    lines: mpsc::Sender<(Stream, String)>,
    dropped: Arc<AtomicU64>,
}

#[derive(Debug, Clone, Copy)]
enum Stream {
    Logs,
    Spans,
    Metrics,
}

/// How serious a log line is.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    Info,
    Warn,
    Error,
}

/// One log line.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) at: Timestamp,
    pub(super) level: Level,
    pub(super) service: &'static str,
    pub(super) message: &'a str,
    pub(super) trace: Option<Trace>,
    pub(super) fields: Value,
}

/// A log line as it stands in the file.
#[derive(Serialize)]
struct Written<'a> {
    ts: String,
    level: Level,
    service: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
    fields: &'a Value,
}

impl Telemetry {
    /// Creates the files below `dir` and starts their writer.
    pub(super) async fn open(dir: &Path, tasks: &Tasks) -> Result<Self, WorldError> {
        let mut files = Files {
            logs: created(dir, LOGS).await?,
            spans: created(dir, SPANS).await?,
            metrics: created(dir, METRICS).await?,
        };
        let (lines, mut waiting) = mpsc::channel(BACKLOG);
        let dropped = Arc::new(AtomicU64::new(0));
        let lost = Arc::clone(&dropped);
        tasks.spawn_to_its_end(async move {
            let mut batch = Vec::new();
            while waiting.recv_many(&mut batch, 512).await > 0 {
                let lines = u64::try_from(batch.len()).unwrap_or(u64::MAX);
                if let Err(error) = files.append(&mut batch).await {
                    lost.fetch_add(lines, Ordering::Relaxed);
                    tracing::error!(%error, lines, "the world's telemetry was not written");
                }
            }
        });
        Ok(Self { lines, dropped })
    }

    pub(super) fn log(&self, line: &Line<'_>) {
        let written = Written {
            ts: format!("{:.6}", line.at),
            level: line.level,
            service: line.service,
            message: line.message,
            trace_id: line.trace.map(Trace::hex),
            fields: &line.fields,
        };
        match serde_json::to_string(&written) {
            Ok(text) => self.offer(Stream::Logs, text + "\n"),
            Err(_) => self.lost(),
        }
    }

    pub(super) fn spans(&self, resource: &Resource, trace: Trace, spans: &[Span]) {
        self.offer(Stream::Spans, format!("{}\n", export(resource, trace, spans)));
    }

    /// Takes the samples of one scrape, complete lines.
    pub(super) fn scrape(&self, samples: String) {
        self.offer(Stream::Metrics, samples);
    }

    /// How many lines were lost because the disk did not keep up or failed.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn offer(&self, stream: Stream, text: String) {
        if self.lines.try_send((stream, text)).is_err() {
            self.lost();
        }
    }

    fn lost(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

struct Files {
    logs: File,
    spans: File,
    metrics: File,
}

impl Files {
    /// Appends a batch, each file with one write, so that a reader sees whole lines.
    async fn append(&mut self, batch: &mut Vec<(Stream, String)>) -> std::io::Result<()> {
        let (mut logs, mut spans, mut metrics) = (String::new(), String::new(), String::new());
        for (stream, text) in batch.drain(..) {
            match stream {
                Stream::Logs => logs.push_str(&text),
                Stream::Spans => spans.push_str(&text),
                Stream::Metrics => metrics.push_str(&text),
            }
        }
        for (file, text) in
            [(&mut self.logs, logs), (&mut self.spans, spans), (&mut self.metrics, metrics)]
        {
            file.write_all(text.as_bytes()).await?;
            file.flush().await?;
        }
        Ok(())
    }
}

async fn created(dir: &Path, name: &str) -> Result<File, WorldError> {
    let path = dir.join(name);
    if let Some(parent) = path.parent() {
        tokio::fs::create_dir_all(parent).await.map_err(WorldError::files(parent))?;
    }
    let file = OpenOptions::new().create(true).append(true).open(&path).await;
    file.map_err(WorldError::files(path))
}
