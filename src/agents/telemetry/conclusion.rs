//! What follows from the analyses of one investigation, by rules that can be read here.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::changes::ChangeReport;
use super::finding::{Evidence, Offer, round};
use super::logs::{LogReport, PARTS};
use super::metrics::MetricReport;
use super::traces::SpanReport;
use super::window::{Window, after, clock};

/// Most pieces of evidence of one result.
const EVIDENCE_MAX: usize = 40;

/// A change further than this before the onset is not held to be near, in seconds.
const NEAR: f64 = 600.0;

/// The result of a handed-over investigation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Investigation {
    /// What follows, in one paragraph.
    pub conclusion: String,
    /// The window that was looked at.
    pub window: String,
    /// When it seems to have begun; empty when no level changed.
    pub onset: String,
    /// What was found, in the order of the analyses.
    pub findings: Vec<Finding>,
    /// What to do or to look at next.
    pub recommended: Vec<String>,
    /// How far the parts agree, from 0 to 0.95; `basis` says how it comes about.
    pub confidence: f64,
    /// Each reason that the confidence is made of.
    pub basis: Vec<String>,
    /// Everything that was referred to.
    pub evidence: Vec<Evidence>,
    /// What was called for and not done, and why.
    pub not_done: Vec<String>,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Which telemetry says so.
    pub kind: Offer,
    /// What it says.
    pub text: String,
    /// Where it can be checked.
    pub evidence: Evidence,
}

/// What the analyses said.
#[derive(Debug, Default)]
pub(super) struct Reports {
    pub(super) logs: Option<LogReport>,
    pub(super) spans: Option<SpanReport>,
    pub(super) metrics: Vec<MetricReport>,
    pub(super) changes: Option<ChangeReport>,
    /// When it began, as the caller was told or as the analyses say.
    pub(super) onset: Option<Timestamp>,
    pub(super) not_done: Vec<String>,
}

impl Reports {
    /// When it began: the earliest of the significant rises of errors and the strongest changes of
    /// level, those at least half as strong as the strongest.
    ///
    /// Always the end of the step in which it lies, so that its cause comes before it.
    pub(super) fn measured_onset(&self, window: Window) -> Option<Timestamp> {
        let metrics = || self.metrics.iter().filter_map(|report| report.shifts.first());
        let strongest = metrics().map(|shift| shift.size.abs()).fold(0.0, f64::max);
        let strong = metrics().filter(|shift| shift.size.abs() * 2.0 >= strongest);
        let rises = self.logs.iter().flat_map(|report| &report.shifts);
        let rises = rises.filter(|shift| shift.after > shift.before);
        // A metric's value stands at the end of its step, a count of errors at the beginning.
        let part = window.span().as_secs_f64() / PARTS as f64;
        let rises = rises.map(|shift| after(shift.at, part));
        strong.map(|shift| shift.at).chain(rises).min()
    }

    /// Draws the conclusion.
    pub(super) fn conclude(self, window: Window) -> Investigation {
        let mut out = Draft::default();
        self.of_metrics(&mut out);
        self.of_logs(&mut out);
        self.of_spans(&mut out);
        self.of_changes(&mut out);
        if out.findings.is_empty() {
            out.said.push(format!("Nothing stands out in {window}"));
            out.recommended
                .push("widen the window, or ask for another kind of telemetry".to_owned());
        }
        let mut evidence: Vec<Evidence> = Vec::new();
        for finding in &out.findings {
            if evidence.len() < EVIDENCE_MAX && !evidence.contains(&finding.evidence) {
                evidence.push(finding.evidence.clone());
            }
        }
        Investigation {
            conclusion: format!("{}.", out.said.join(". ")),
            window: window.to_string(),
            onset: self.onset.map(|at| format!("{at:.3}")).unwrap_or_default(),
            findings: out.findings,
            recommended: out.recommended,
            confidence: round(out.confidence.min(0.95)),
            basis: out.basis,
            evidence,
            not_done: self.not_done,
        }
    }

    fn of_metrics(&self, out: &mut Draft) {
        for report in &self.metrics {
            out.find(Offer::Metrics, &report.summary, &report.evidence);
        }
        if let Some(report) = self.metrics.first().filter(|report| !report.shifts.is_empty()) {
            out.trust(0.3, "a measure changed its level significantly");
            out.said.push(report.headline.clone());
        }
    }

    fn of_logs(&self, out: &mut Draft) {
        let Some(report) = &self.logs else { return };
        for found in &report.signatures {
            let state = if found.is_new { "new" } else { "not new" };
            let text = format!(
                "{} × {} \"{}\" from {}, first {} ({state}, {} before)",
                found.count,
                found.level,
                found.template,
                found.service,
                clock(found.first_seen),
                found.before,
            );
            out.find(Offer::Logs, &text, &found.evidence);
        }
        if let Some(new) = report.signatures.iter().find(|found| found.is_new) {
            out.trust(0.2, "a message that was not there before appeared in the logs");
            out.said.push(format!(
                "The logs show \"{}\" from {} {} times, and not before",
                new.template, new.service, new.count,
            ));
        }
    }

    fn of_spans(&self, out: &mut Draft) {
        let Some(report) = &self.spans else { return };
        for error in &report.errors {
            let path = error.path.join(" → ");
            let text = format!("{} × \"{}\": {path}", error.count, error.complaint);
            out.find(Offer::Traces, &text, &error.evidence);
        }
        for path in report.critical_paths.iter().take(2) {
            let Some(first) = path.stations.first() else { continue };
            let text = format!(
                "{} takes {:.0} % of the critical path of a trace of {} ms",
                first.operation,
                first.share * 100.0,
                path.total_ms,
            );
            out.find(Offer::Traces, &text, &path.evidence);
        }
        let Some(error) = report.errors.first() else { return };
        if error.count * 2 >= report.failed_traces {
            out.trust(0.2, "most failed traces fail first in the same operation");
            out.said.push(format!(
                "{} of {} failed traces fail first in {}",
                error.count, report.failed_traces, error.origin,
            ));
            out.recommended.push(format!("look at {} first: errors begin there", error.origin));
        }
    }

    fn of_changes(&self, out: &mut Draft) {
        let Some(report) = &self.changes else { return };
        for change in &report.changes {
            let text = format!(
                "{} {} by {} at {}: {}",
                change.kind,
                change.revision,
                change.actor,
                clock(change.at),
                change.summary,
            );
            out.find(Offer::Changes, &text, &change.evidence);
        }
        let Some(first) = report.changes.first().filter(|one| one.seconds_before >= 0.0) else {
            return;
        };
        let what = format!("{} {}", first.kind, first.revision);
        out.said.push(format!(
            "The closest change before {} is {what} by {}, {} s earlier: {}",
            clock(report.around),
            first.actor,
            first.seconds_before,
            first.summary,
        ));
        if first.seconds_before <= NEAR && self.onset.is_some() {
            out.trust(0.25, "a change lies shortly before the onset");
            out.recommended.push(format!(
                "test whether undoing {what} restores the level: it came just before"
            ));
        }
    }
}

#[derive(Debug, Default)]
struct Draft {
    said: Vec<String>,
    findings: Vec<Finding>,
    recommended: Vec<String>,
    confidence: f64,
    basis: Vec<String>,
}

impl Draft {
    fn find(&mut self, kind: Offer, text: &str, evidence: &Evidence) {
        self.findings.push(Finding { kind, text: text.to_owned(), evidence: evidence.clone() });
    }

    fn trust(&mut self, share: f64, why: &str) {
        self.confidence += share;
        self.basis.push(format!("{share}: {why}"));
    }
}
