//! What the logs of a window say: which errors, how many, since when, and whether they are new.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::finding::{Coverage, Evidence, Offer, count, cut};
use super::query::Query;
use super::read::Place;
use super::record::{Level, Record};
use super::shift::{Point, Shift, shifts};
use super::signature::template;
use super::window::{Window, clock};

/// Most different templates that are counted; what comes after is counted as a whole.
const TEMPLATES_MAX: usize = 2000;

/// Parts of the window in which errors are counted to see when they began.
pub(super) const PARTS: usize = 40;

/// What the logs of a window say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LogReport {
    /// One paragraph in words.
    pub summary: String,
    /// The window that was looked at.
    pub window: String,
    /// Records of the window that match the query.
    pub matched: u64,
    /// Of these, how many are errors.
    pub errors: u64,
    /// Matching errors in the window of the same length just before.
    pub errors_before: u64,
    /// Messages of level warn and above by template, worst and most frequent first.
    pub signatures: Vec<Signature>,
    /// Changes of the number of errors per part of the window, strongest first.
    pub shifts: Vec<Shift>,
    /// The newest matching records.
    pub lines: Vec<Line>,
    /// Errors whose template was not counted because there were too many different ones.
    pub uncounted: u64,
    /// What was read.
    pub coverage: Coverage,
}

/// Messages that differ only in their numbers, identifiers and quoted texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Signature {
    /// Level of the messages.
    pub level: String,
    /// Service that wrote them.
    pub service: String,
    /// What they have in common.
    pub template: String,
    /// How many in the window.
    pub count: u64,
    /// How many in the window of the same length just before.
    pub before: u64,
    /// Whether it began in the window: there were records before it, and none of this template.
    pub is_new: bool,
    /// First in the window.
    pub first_seen: Timestamp,
    /// Last in the window.
    pub last_seen: Timestamp,
    /// One of them in full.
    pub example: String,
    /// Trace of the example, empty when it has none.
    pub trace: String,
    /// Where the example stands.
    pub evidence: Evidence,
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// Level.
    pub level: String,
    /// Service that wrote it.
    pub service: String,
    /// The message, shortened.
    pub message: String,
    /// Where it stands.
    pub evidence: Evidence,
}

type Key = (Level, String, String);

/// Takes records one by one and keeps only what the report needs.
#[derive(Debug)]
pub(super) struct LogScan {
    window: Window,
    query: Query,
    limit: usize,
    matched: u64,
    errors: u64,
    errors_before: u64,
    seen_before: u64,
    uncounted: u64,
    newest: Option<Timestamp>,
    /// The first record of the window.
    oldest: Option<Timestamp>,
    parts: Vec<u64>,
    now: BTreeMap<Key, Signature>,
    before: BTreeMap<Key, u64>,
    lines: VecDeque<Line>,
}

impl LogScan {
    /// A scan that reports at most `limit` signatures and as many lines.
    pub(super) fn new(window: Window, query: Query, limit: usize) -> Self {
        Self {
            window,
            query,
            limit,
            matched: 0,
            errors: 0,
            errors_before: 0,
            seen_before: 0,
            uncounted: 0,
            newest: None,
            oldest: None,
            parts: vec![0; PARTS],
            now: BTreeMap::new(),
            before: BTreeMap::new(),
            lines: VecDeque::new(),
        }
    }

    /// Takes one record.
    pub(super) fn see(&mut self, place: &Place, record: &Record) {
        self.newest = self.newest.max(Some(record.at));
        let inside = self.window.holds(record.at);
        let before = self.window.preceding().holds(record.at);
        if !(inside || before) {
            return;
        }
        // Whether an error is new is judged by every record: those that match may all be errors.
        if before {
            self.seen_before += 1;
        } else {
            self.oldest = Some(self.oldest.map_or(record.at, |oldest| oldest.min(record.at)));
        }
        if !self.query.takes(record) {
            return;
        }
        let key = (record.level >= Level::Warn)
            .then(|| (record.level, record.service.clone(), template(&record.message)));
        let is_error = u64::from(record.level >= Level::Error);
        if before {
            self.errors_before += is_error;
            if let Some(key) = key
                && (self.before.len() < TEMPLATES_MAX || self.before.contains_key(&key))
            {
                *self.before.entry(key).or_default() += 1;
            }
            return;
        }
        self.matched += 1;
        self.errors += is_error;
        let part = self.window.part(record.at, PARTS).and_then(|part| self.parts.get_mut(part));
        if let Some(part) = part {
            *part += is_error;
        }
        if let Some(key) = key {
            self.count(key, place, record);
        }
        self.lines.push_back(line(place, record));
        if self.lines.len() > self.limit {
            drop(self.lines.pop_front());
        }
    }

    fn count(&mut self, key: Key, place: &Place, record: &Record) {
        if let Some(known) = self.now.get_mut(&key) {
            known.count += 1;
            known.first_seen = known.first_seen.min(record.at);
            known.last_seen = known.last_seen.max(record.at);
        } else if self.now.len() < TEMPLATES_MAX {
            let signature = signature(&key, place, record);
            drop(self.now.insert(key, signature));
        } else {
            self.uncounted += 1;
        }
    }

    /// What was found.
    pub(super) fn report(mut self, coverage: Coverage) -> LogReport {
        for (key, signature) in &mut self.now {
            signature.before = self.before.get(key).copied().unwrap_or(0);
            let unseen = self.seen_before > 0
                || self.oldest.is_some_and(|oldest| began(signature, oldest, self.window));
            signature.is_new = signature.before == 0 && unseen;
        }
        let mut ranked: Vec<(Level, Signature)> =
            self.now.iter().map(|((level, ..), found)| (*level, found.clone())).collect();
        ranked.sort_by(|(level, found), (other, beside)| {
            let is_error = |level: &Level| *level >= Level::Error;
            (is_error(other), beside.count).cmp(&(is_error(level), found.count))
        });
        let points: Vec<Point> = (0..)
            .zip(&self.parts)
            .map(|(index, errors)| Point {
                at: self.window.start_of(index, PARTS),
                value: *errors as f64,
            })
            .collect();
        let mut report = LogReport {
            summary: String::new(),
            window: self.window.to_string(),
            matched: self.matched,
            errors: self.errors,
            errors_before: self.errors_before,
            signatures: ranked.into_iter().map(|(_, found)| found).take(self.limit).collect(),
            shifts: shifts(&points),
            lines: self.lines.into_iter().rev().collect(),
            uncounted: self.uncounted,
            coverage,
        };
        report.summary = summary(&report, self.newest);
        report
    }
}

/// Whether a template is unlikely to have been missed before its first record in the window.
///
/// Had its `k` records been spread evenly, none would have fallen into the share `f` of the time
/// before the first with a chance of (1 − f)^k; below one in a hundred it began there.
fn began(found: &Signature, oldest: Timestamp, window: Window) -> bool {
    let seconds = |from: Timestamp, to: Timestamp| to.duration_since(from).as_secs_f64();
    let share = seconds(oldest, found.first_seen) / seconds(oldest, window.to).max(1e-9);
    let chance = (1.0 - share).max(0.0).powf(found.count as f64);
    chance < 0.01
}

fn signature((level, service, template): &Key, place: &Place, record: &Record) -> Signature {
    Signature {
        level: level.name().to_owned(),
        service: cut(service),
        template: cut(template),
        count: 1,
        before: 0,
        is_new: false,
        first_seen: record.at,
        last_seen: record.at,
        example: cut(&record.message),
        trace: cut(&record.trace),
        evidence: Evidence::new(Offer::Logs, place.to_string()),
    }
}

fn line(place: &Place, record: &Record) -> Line {
    Line {
        at: record.at,
        level: record.level.name().to_owned(),
        service: cut(&record.service),
        message: cut(&record.message),
        evidence: Evidence::new(Offer::Logs, place.to_string()),
    }
}

fn summary(report: &LogReport, newest: Option<Timestamp>) -> String {
    let caveat = report.coverage.caveat();
    if report.matched == 0 {
        let newest = newest.map_or_else(
            || "there are no records at all".to_owned(),
            |at| format!("the newest record is of {at:.3}"),
        );
        return format!("No record matches in {}; {newest}.{caveat}", report.window);
    }
    let mut said = vec![format!(
        "{} in the window, {} ({} in the window before).",
        count(report.matched, "matching record"),
        count(report.errors, "error"),
        report.errors_before,
    )];
    if let Some(top) = report.signatures.first() {
        let state = if top.is_new { "new" } else { "not new" };
        said.push(format!(
            "Most frequent: \"{}\" from {}, {} times since {} ({state}, {} before; {}).",
            top.template,
            top.service,
            top.count,
            clock(top.first_seen),
            top.before,
            top.evidence.reference,
        ));
    }
    if let Some(shift) = report.shifts.first() {
        said.push(format!(
            "Errors per part of the window went from {} to {} at {} (p = {}).",
            shift.before,
            shift.after,
            clock(shift.at),
            shift.p_value,
        ));
    }
    said.join(" ") + &caveat
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: [&str; 8] = [
        r#"{"ts":"2026-11-20T13:57:00Z","level":"info","service":"checkout","message":"ok"}"#,
        r#"{"ts":"2026-11-20T13:58:00Z","level":"error","service":"checkout","message":"card 7 refused"}"#,
        r#"{"ts":"2026-11-20T14:00:00Z","level":"info","service":"checkout","message":"ok"}"#,
        r#"{"ts":"2026-11-20T14:01:00Z","level":"error","service":"checkout","message":"pool 1/2 full","trace_id":"ab"}"#,
        r#"{"ts":"2026-11-20T14:02:00Z","level":"error","service":"checkout","message":"pool 2/2 full"}"#,
        r#"{"ts":"2026-11-20T14:03:00Z","level":"error","service":"checkout","message":"card 8 refused"}"#,
        r#"{"ts":"2026-11-20T14:04:00Z","level":"warn","service":"checkout","message":"slow"}"#,
        r#"{"ts":"2026-11-20T14:09:00Z","level":"error","service":"checkout","message":"later"}"#,
    ];

    fn report(query: &str) -> LogReport {
        let at = |text: &str| text.parse().unwrap();
        let window = Window { from: at("2026-11-20T14:00:00Z"), to: at("2026-11-20T14:05:00Z") };
        let mut scan = LogScan::new(window, Query::read(query).unwrap(), 2);
        for (line, text) in (1..).zip(LINES) {
            let place = Place { file: "logs/checkout.ndjson".into(), line };
            scan.see(&place, &Record::read(text).unwrap());
        }
        scan.report(Coverage::default())
    }

    #[test]
    fn errors_are_grouped_counted_and_compared_with_before() {
        let report = report("");
        assert_eq!((report.matched, report.errors, report.errors_before), (5, 3, 1));
        let [pool, card] = report.signatures.as_slice() else { panic!("{report:?}") };
        assert_eq!(pool.template, "pool <n>/<n> full");
        assert_eq!((pool.count, pool.before, pool.is_new), (2, 0, true));
        assert_eq!(pool.first_seen.to_string(), "2026-11-20T14:01:00Z");
        assert_eq!(pool.last_seen.to_string(), "2026-11-20T14:02:00Z");
        assert_eq!(pool.evidence.reference, "logs/checkout.ndjson:4");
        assert_eq!((pool.example.as_str(), pool.trace.as_str()), ("pool 1/2 full", "ab"));
        assert_eq!((card.count, card.before, card.is_new), (1, 1, false));
        assert_eq!(report.lines[0].message, "slow");
        assert!(report.summary.starts_with("5 matching records in the window, 3 errors"));
    }

    #[test]
    fn an_error_is_new_also_when_nothing_else_was_asked_for() {
        let report = report("pool");
        assert_eq!((report.matched, report.errors_before), (2, 0));
        assert!(report.signatures[0].is_new, "{report:?}");
    }

    #[test]
    fn a_query_that_matches_nothing_says_what_is_there() {
        let report = report("unheard");
        assert_eq!(report.matched, 0);
        assert!(report.summary.contains("the newest record is of 2026-11-20T14:09:00"));
    }
}
