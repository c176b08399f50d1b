//! The report of a measure: its figures, when it changed, and both in words with the unit of the metric's name.

use super::finding::{Coverage, Evidence, Offer, round};
use super::metrics::{Ask, Measure, MetricReport};
use super::rates::Grid;
use super::shift::{Point, shifts};
use super::window::clock;

/// Most values that an answer lists.
const POINTS_SHOWN: usize = 60;

/// Makes the report of values that were computed.
pub(super) fn report(ask: &Ask, grid: Grid, points: &[Point], coverage: Coverage) -> MetricReport {
    let query = ask.promql(grid.step);
    let values = || points.iter().map(|point| point.value);
    let mean = values().sum::<f64>() / points.len().max(1) as f64;
    let every = points.len().div_ceil(POINTS_SHOWN).max(1);
    let shown = points
        .iter()
        .rev()
        .step_by(every)
        .map(|point| Point { at: point.at, value: round(point.value) });
    let mut shown: Vec<Point> = shown.collect();
    shown.reverse();
    let some = !points.is_empty();
    let mut report = MetricReport {
        headline: String::new(),
        summary: String::new(),
        window: grid.window.to_string(),
        step_seconds: round(grid.step),
        count: points.len() as u64,
        min: if some { round(values().fold(f64::INFINITY, f64::min)) } else { 0.0 },
        max: if some { round(values().fold(f64::NEG_INFINITY, f64::max)) } else { 0.0 },
        mean: round(mean),
        last: points.last().map_or(0.0, |point| round(point.value)),
        points: shown,
        shifts: shifts(points),
        evidence: Evidence::new(Offer::Metrics, format!("{query} over {}", grid.window)),
        query,
        coverage,
    };
    let wording = Wording::of(ask);
    report.headline = wording.headline(&report);
    report.summary = wording.summary(&report) + &report.coverage.caveat();
    report
}

/// How a measure is named, and what its values are in.
struct Wording {
    subject: String,
    unit: Unit,
}

/// What values are in; names end in their base unit, see
/// <https://prometheus.io/docs/practices/naming/#base-units>.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Unit {
    /// A part of a whole, from 0 to 1; shown in per cent.
    Share,
    Seconds,
    Bytes,
    PerSecond,
    Number,
}

impl Wording {
    fn of(ask: &Ask) -> Self {
        let (name, selector) = (&ask.selector.name, &ask.selector);
        let (subject, unit) = match (ask.measure, &ask.other) {
            (Measure::Ratio, Some(other)) if other.name == *name => {
                (format!("share of {selector}"), Unit::Share)
            }
            (Measure::Ratio, Some(other)) => (format!("{selector} per {other}"), Unit::Number),
            (Measure::Rate | Measure::Ratio, _) => (format!("rate of {selector}"), Unit::PerSecond),
            (Measure::Value, _) => (format!("sum of {selector}"), Unit::named(name)),
            (Measure::Quantile, _) => {
                // The series of a histogram are its buckets; what is measured is named without.
                let measured = selector.to_string().replacen("_bucket", "", 1);
                (format!("p{} of {measured}", trimmed(ask.quantile * 100.0, 3)), Unit::named(name))
            }
        };
        Self { subject, unit }
    }

    /// What happened, in one clause.
    fn headline(&self, report: &MetricReport) -> String {
        let Self { subject, unit } = self;
        match report.shifts.first() {
            _ if report.count == 0 => format!("{subject} has no values in {}", report.window),
            Some(shift) => format!(
                "{subject} {} from {} to {} at {}",
                if shift.after > shift.before { "rose" } else { "fell" },
                unit.figure(shift.before),
                unit.figure(shift.after),
                clock(shift.at),
            ),
            None => format!("{subject} did not change its level significantly"),
        }
    }

    /// The whole in a few sentences, the most telling first.
    fn summary(&self, report: &MetricReport) -> String {
        let headline = &report.headline;
        if report.count == 0 {
            return format!("{headline}.");
        }
        let figure = |value| self.unit.figure(value);
        let certainty = report.shifts.first().map(|shift| {
            format!(" ({} sd, p = {})", trimmed(shift.size, 1), trimmed(shift.p_value, 3))
        });
        format!(
            "{headline}{}. Mean {}, from {} to {}, last {}.",
            certainty.unwrap_or_default(),
            figure(report.mean),
            figure(report.min),
            figure(report.max),
            figure(report.last),
        )
    }
}

impl Unit {
    fn named(metric: &str) -> Self {
        let base = ["_bucket", "_sum", "_total"]
            .iter()
            .find_map(|suffix| metric.strip_suffix(suffix))
            .unwrap_or(metric);
        match base.rsplit('_').next() {
            Some("seconds") => Self::Seconds,
            Some("bytes") => Self::Bytes,
            Some("ratio") => Self::Share,
            _ => Self::Number,
        }
    }

    /// A value with three significant digits.
    fn figure(self, value: f64) -> String {
        match self {
            Self::Share => format!("{} %", significant(value * 100.0)),
            Self::Seconds if value.abs() < 1.0 => format!("{} ms", significant(value * 1e3)),
            Self::Seconds => format!("{} s", significant(value)),
            Self::Bytes => {
                let scale = [("GiB", 30), ("MiB", 20), ("KiB", 10)];
                let fits = |(_, power): &(_, i32)| value.abs() >= 2_f64.powi(*power);
                let (unit, power) = scale.into_iter().find(fits).unwrap_or(("B", 0));
                format!("{} {unit}", significant(value / 2_f64.powi(power)))
            }
            Self::PerSecond => format!("{}/s", significant(value)),
            Self::Number => significant(value),
        }
    }
}

fn significant(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        size if size >= 0.1 => 3,
        size if size >= 0.01 => 4,
        _ => 6,
    };
    trimmed(value, decimals)
}

/// A number with at most so many decimals.
fn trimmed(value: f64, decimals: usize) -> String {
    let written = format!("{value:.decimals$}");
    if !written.contains('.') {
        return written;
    }
    written.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::telemetry::selector::Selector;
    use crate::agents::telemetry::window::Window;

    #[test]
    fn a_figure_has_three_significant_digits_and_the_unit_of_its_name() {
        let in_unit_of = |name: &str, value: f64| Unit::named(name).figure(value);
        assert_eq!(in_unit_of("http_request_duration_seconds_bucket", 0.508_675), "509 ms");
        assert_eq!(in_unit_of("http_request_duration_seconds", 2.5), "2.5 s");
        assert_eq!(in_unit_of("process_resident_memory_bytes", 34_603_008.0), "33 MiB");
        assert_eq!(in_unit_of("cache_hit_ratio", 0.174_603), "17.5 %");
        assert_eq!(in_unit_of("pool_connections", 20.0), "20");
        assert_eq!(in_unit_of("pool_connections", 0.0), "0");
        assert_eq!(Unit::PerSecond.figure(24.819), "24.8/s");
        assert_eq!(significant(1234.5), "1234");
        assert_eq!(significant(-0.012_345), "-0.0123");
        assert_eq!(significant(f64::NAN), "NaN");
    }

    #[test]
    fn a_report_says_what_changed_and_keeps_the_newest_value() {
        let at = |second| jiff::Timestamp::from_second(second).unwrap();
        let points: Vec<Point> = (0..100)
            .map(|second| Point { at: at(second), value: if second < 70 { 1.0 } else { 4.0 } })
            .collect();
        let grid = Grid { window: Window { from: at(0), to: at(100) }, step: 1.0 };
        let report = report(&Ask::of_failures(Measure::Rate), grid, &points, Coverage::default());
        assert_eq!((report.count, report.points.len()), (100, 50));
        assert_eq!(report.points.last().unwrap().at, at(99));
        assert_eq!((report.min, report.max, report.mean, report.last), (1.0, 4.0, 1.9, 4.0));
        assert_eq!(report.shifts[0].at, at(70));
        let said = "rate of http_total{code=\"500\"} rose from 1/s to 4/s at 00:01:10 UTC";
        assert_eq!(report.headline, said);
        let rest = " (99 sd, p = 0.001). Mean 1.9/s, from 1/s to 4/s, last 4/s.";
        assert_eq!(report.summary, format!("{said}{rest}"));
    }

    #[test]
    fn a_quantile_is_named_after_what_is_measured() {
        let text = r#"request_seconds_bucket{service="checkout"}"#;
        let selector = Selector::read("selector", text).unwrap();
        let ask = Ask { selector, ..Ask::of_failures(Measure::Quantile) };
        let wording = Wording::of(&ask);
        assert_eq!(wording.subject, r#"p95 of request_seconds{service="checkout"}"#);
        assert_eq!(wording.unit, Unit::Seconds);
    }

    #[test]
    fn nothing_measured_is_said_plainly() {
        let at = |second| jiff::Timestamp::from_second(second).unwrap();
        let grid = Grid { window: Window { from: at(0), to: at(100) }, step: 1.0 };
        let report = report(&Ask::of_failures(Measure::Rate), grid, &[], Coverage::default());
        assert!(report.summary.contains("has no values"));
        assert!(serde_json::to_string(&report).unwrap().contains("\"min\":0.0"));
    }
}
