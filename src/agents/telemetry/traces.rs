//! What the traces of a window say: slow operations, critical paths, and where errors began.

use std::collections::{BTreeMap, HashMap};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::finding::{Coverage, Evidence, Offer, count, cut, round};
use super::path::{Tree, critical_path, origin};
use super::span::Span;
use super::window::Window;

/// What the traces of a window say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SpanReport {
    /// One paragraph in words.
    pub summary: String,
    /// The window that was looked at.
    pub window: String,
    /// Traces that began in the window.
    pub traces: u64,
    /// Of these, how many have a failed span.
    pub failed_traces: u64,
    /// Operations by their 95th percentile, slowest first.
    pub operations: Vec<Operation>,
    /// Where time went in the slowest and in the slowest failed traces.
    pub critical_paths: Vec<CriticalPath>,
    /// Where errors began and how they moved up, most frequent first.
    pub errors: Vec<Propagation>,
    /// What was read.
    pub coverage: Coverage,
}

/// One operation of one service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Operation {
    /// Service.
    pub service: String,
    /// Name of the span.
    pub name: String,
    /// How often.
    pub count: u64,
    /// How often it failed.
    pub errors: u64,
    /// Median duration in milliseconds (nearest rank).
    pub p50_ms: f64,
    /// 95th percentile in milliseconds (nearest rank).
    pub p95_ms: f64,
    /// Longest duration in milliseconds.
    pub max_ms: f64,
    /// Time in it and not in its children, in milliseconds, over all its spans.
    pub self_ms: f64,
    /// The longest one.
    pub evidence: Evidence,
}

/// Where the time of one trace went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CriticalPath {
    /// Duration of the root in milliseconds.
    pub total_ms: f64,
    /// Whether a span of the trace failed.
    pub failed: bool,
    /// Stations by the time they contribute, largest first.
    pub stations: Vec<Station>,
    /// The trace.
    pub evidence: Evidence,
}

/// One operation on a critical path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Station {
    /// Service and operation.
    pub operation: String,
    /// Time that nothing below explains, in milliseconds.
    pub self_ms: f64,
    /// Share of the whole, from 0 to 1.
    pub share: f64,
}

/// A way that errors took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Propagation {
    /// Service and operation that failed first.
    pub origin: String,
    /// What it said.
    pub complaint: String,
    /// From the origin up to the outermost span that failed.
    pub path: Vec<String>,
    /// In how many traces.
    pub count: u64,
    /// One of them.
    pub evidence: Evidence,
}

/// Analyses the spans of a window, at most `limit` rows of each kind.
pub(super) fn analyse(
    spans: &[Span],
    window: Window,
    limit: usize,
    coverage: Coverage,
) -> SpanReport {
    let mut by_trace: BTreeMap<&str, Vec<&Span>> = BTreeMap::new();
    for span in spans {
        by_trace.entry(&span.trace).or_default().push(span);
    }
    let trees: Vec<Tree<'_>> = by_trace.values().map(|spans| Tree::grow(spans)).collect();
    let failed = trees.iter().filter(|tree| tree.failed()).count() as u64;
    let mut report = SpanReport {
        summary: String::new(),
        window: window.to_string(),
        traces: trees.len() as u64,
        failed_traces: failed,
        operations: operations(&trees, limit),
        critical_paths: paths(&trees, limit),
        errors: propagations(&trees, limit),
        coverage,
    };
    report.summary = summary(&report);
    report
}

fn operations(trees: &[Tree<'_>], limit: usize) -> Vec<Operation> {
    #[derive(Default)]
    struct Sum<'a> {
        durations: Vec<i64>,
        errors: u64,
        own: i64,
        longest: Option<&'a Span>,
    }
    let mut sums: HashMap<(&str, &str), Sum<'_>> = HashMap::new();
    for tree in trees {
        for (index, span) in tree.spans.iter().enumerate() {
            let sum = sums.entry((&span.service, &span.name)).or_default();
            sum.durations.push(span.duration());
            sum.errors += u64::from(span.failed);
            sum.own += tree.self_time(index);
            if sum.longest.is_none_or(|longest| longest.duration() < span.duration()) {
                sum.longest = Some(span);
            }
        }
    }
    let mut out: Vec<Operation> = sums
        .into_iter()
        .map(|((service, name), mut sum)| {
            sum.durations.sort_unstable();
            let place = sum.longest.map(|span| format!("trace {} ({})", span.trace, span.place));
            Operation {
                service: cut(service),
                name: cut(name),
                count: sum.durations.len() as u64,
                errors: sum.errors,
                p50_ms: millis(percentile(&sum.durations, 50)),
                p95_ms: millis(percentile(&sum.durations, 95)),
                max_ms: millis(percentile(&sum.durations, 100)),
                self_ms: millis(sum.own),
                evidence: Evidence::new(Offer::Traces, place.unwrap_or_default()),
            }
        })
        .collect();
    out.sort_by(|a, b| {
        b.p95_ms
            .total_cmp(&a.p95_ms)
            .then_with(|| (&a.service, &a.name).cmp(&(&b.service, &b.name)))
    });
    out.truncate(limit);
    out
}

/// Nearest rank: the smallest value that at least `percent` of all are not above.
fn percentile(sorted: &[i64], percent: usize) -> i64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(0)
}

fn millis(nanoseconds: i64) -> f64 {
    round(nanoseconds as f64 / 1e6)
}

/// The slowest traces, and the slowest of those that failed, without repeating one.
fn paths(trees: &[Tree<'_>], limit: usize) -> Vec<CriticalPath> {
    let each = limit.clamp(1, 3);
    let mut slowest: Vec<&Tree<'_>> = trees.iter().filter(|tree| tree.root().is_some()).collect();
    slowest.sort_by_key(|tree| std::cmp::Reverse(tree.root().map(Span::duration)));
    let failed = slowest.iter().filter(|tree| tree.failed()).take(each);
    let mut chosen: Vec<&Tree<'_>> = slowest.iter().take(each).copied().collect();
    for tree in failed {
        if !chosen.iter().any(|other| std::ptr::eq(*other, *tree)) {
            chosen.push(tree);
        }
    }
    chosen.into_iter().filter_map(|tree| path_of(tree, limit)).collect()
}

fn path_of(tree: &Tree<'_>, limit: usize) -> Option<CriticalPath> {
    let root = tree.root()?;
    let total = root.duration().max(1) as f64;
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    for (index, own) in critical_path(tree) {
        if let Some(span) = tree.spans.get(index) {
            *sums.entry(cut(&span.operation())).or_default() += own;
        }
    }
    let mut stations: Vec<(String, i64)> = sums.into_iter().filter(|(_, own)| *own > 0).collect();
    stations.sort_by_key(|(_, own)| std::cmp::Reverse(*own));
    stations.truncate(limit);
    let station = |(operation, own): (String, i64)| Station {
        operation,
        self_ms: millis(own),
        share: round(own as f64 / total),
    };
    Some(CriticalPath {
        total_ms: millis(root.duration()),
        failed: tree.failed(),
        stations: stations.into_iter().map(station).collect(),
        evidence: Evidence::new(Offer::Traces, format!("trace {} ({})", root.trace, root.place)),
    })
}

fn propagations(trees: &[Tree<'_>], limit: usize) -> Vec<Propagation> {
    let mut found: BTreeMap<(Vec<String>, String), Propagation> = BTreeMap::new();
    for tree in trees {
        let Some(way) = origin(tree) else { continue };
        let Some(first) = way.first() else { continue };
        let path: Vec<String> = way.iter().map(|span| cut(&span.operation())).collect();
        let complaint = super::signature::template(&first.complaint);
        let known =
            found.entry((path, complaint)).or_insert_with_key(|(path, complaint)| Propagation {
                origin: cut(&first.operation()),
                complaint: cut(complaint),
                path: path.clone(),
                count: 0,
                evidence: Evidence::new(
                    Offer::Traces,
                    format!("trace {} ({})", first.trace, first.place),
                ),
            });
        known.count += 1;
    }
    let mut found: Vec<Propagation> = found.into_values().collect();
    found.sort_by_key(|way| std::cmp::Reverse(way.count));
    found.truncate(limit);
    found
}

fn summary(report: &SpanReport) -> String {
    let caveat = report.coverage.caveat();
    if report.traces == 0 {
        return format!("No trace began in {}.{caveat}", report.window);
    }
    let mut said =
        vec![format!("{}, {} failed.", count(report.traces, "trace"), report.failed_traces)];
    if let Some(slow) = report.operations.first() {
        said.push(format!(
            "Slowest operation: {} {} with p95 {} ms (median {} ms) over {}.",
            slow.service,
            slow.name,
            slow.p95_ms,
            slow.p50_ms,
            count(slow.count, "call"),
        ));
    }
    let station = report.critical_paths.first().and_then(|path| path.stations.first());
    if let (Some(path), Some(station)) = (report.critical_paths.first(), station) {
        said.push(format!(
            "In the slowest trace ({} ms, {}), {} takes {:.0} % of the critical path.",
            path.total_ms,
            path.evidence.reference,
            station.operation,
            station.share * 100.0,
        ));
    }
    if let Some(error) = report.errors.first() {
        said.push(format!(
            "Errors begin at {} (\"{}\") in {} and move up {}.",
            error.origin,
            error.complaint,
            count(error.count, "trace"),
            error.path.join(" → "),
        ));
    }
    said.join(" ") + &caveat
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: i64 = 1_000_000;

    /// A span of trace `trace` with times in milliseconds.
    fn span(trace: &str, (id, parent): (&str, &str), (start, end): (i64, i64)) -> Span {
        Span {
            trace: trace.to_owned(),
            id: id.to_owned(),
            parent: parent.to_owned(),
            service: "checkout".to_owned(),
            name: id.to_owned(),
            start: start * MS,
            end: end * MS,
            failed: false,
            complaint: String::new(),
            place: "traces/spans.ndjson:1".to_owned(),
        }
    }

    fn failed(span: Span, complaint: &str) -> Span {
        Span { failed: true, complaint: complaint.to_owned(), ..span }
    }

    fn report(spans: &[Span]) -> SpanReport {
        let at = |second| jiff::Timestamp::from_second(second).unwrap();
        analyse(spans, Window { from: at(0), to: at(60) }, 10, Coverage::default())
    }

    #[test]
    fn the_critical_path_leaves_out_what_nobody_waited_for() {
        // pay 0..100 calls price 10..30 and, at the same time, stock 10..60; then bank 60..90.
        let report = report(&[
            span("t", ("pay", ""), (0, 100)),
            span("t", ("price", "pay"), (10, 30)),
            span("t", ("stock", "pay"), (10, 60)),
            span("t", ("bank", "pay"), (60, 90)),
        ]);
        let path = &report.critical_paths[0];
        let stations: Vec<(&str, f64)> =
            path.stations.iter().map(|one| (one.operation.as_str(), one.self_ms)).collect();
        assert_eq!(
            stations,
            [("checkout stock", 50.0), ("checkout bank", 30.0), ("checkout pay", 20.0)]
        );
        assert!((path.stations.iter().map(|one| one.share).sum::<f64>() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn operations_are_counted_with_percentiles_and_time_of_their_own() {
        let mut spans = Vec::new();
        for (index, trace) in (1..).zip(["a", "b", "c", "d"]) {
            spans.push(span(trace, ("pay", ""), (0, index * 10)));
            spans.push(span(trace, ("acquire", "pay"), (0, index * 9)));
        }
        let report = report(&spans);
        let pay = &report.operations[0];
        assert_eq!((pay.name.as_str(), pay.count), ("pay", 4));
        assert_eq!((pay.p50_ms, pay.p95_ms, pay.max_ms), (20.0, 40.0, 40.0));
        assert_eq!(pay.self_ms.to_string(), "10");
        assert_eq!(pay.evidence.reference, "trace d (traces/spans.ndjson:1)");
        assert_eq!(report.operations[1].self_ms.to_string(), "90");
    }

    #[test]
    fn an_error_is_followed_from_where_it_began() {
        let mut spans = Vec::new();
        for trace in ["a", "b"] {
            let waited = format!("waited {}ms", if trace == "a" { 500 } else { 700 });
            spans.push(failed(span(trace, ("pay", ""), (0, 100)), "500"));
            spans.push(failed(span(trace, ("order", "pay"), (5, 95)), "failed"));
            spans.push(failed(span(trace, ("acquire", "order"), (10, 90)), &waited));
            spans.push(span(trace, ("price", "order"), (5, 9)));
        }
        spans.push(span("c", ("pay", ""), (0, 10)));
        let report = report(&spans);
        assert_eq!((report.traces, report.failed_traces), (3, 2));
        let [error] = report.errors.as_slice() else { panic!("{report:?}") };
        assert_eq!((error.origin.as_str(), error.count), ("checkout acquire", 2));
        assert_eq!(error.complaint, "waited <time span>");
        assert_eq!(error.path, ["checkout acquire", "checkout order", "checkout pay"]);
    }

    #[test]
    fn rings_orphans_and_nothing_at_all_are_survived() {
        assert_eq!(report(&[]).traces, 0);
        let ring = [
            failed(span("r", ("a", "b"), (0, 10)), "x"),
            failed(span("r", ("b", "a"), (0, 10)), "y"),
            span("o", ("lone", "gone"), (0, 10)),
            span("s", ("self", "self"), (0, 10)),
        ];
        let report = report(&ring);
        assert_eq!(report.traces, 3);
        assert_eq!(report.critical_paths.len(), 2);
    }
}
