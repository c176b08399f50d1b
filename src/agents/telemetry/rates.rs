//! The arithmetic of counters and histograms: growth with restarts, rates, ratios and quantiles.

use std::collections::BTreeMap;

use super::openmetrics::{Series, number};
use super::shift::Point;
use super::window::{Window, after, seconds};

/// The instants at which a measure is taken, and how far each looks back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Grid {
    pub(super) window: Window,
    /// Seconds between two instants, and seconds that each looks back: steps never overlap.
    pub(super) step: f64,
}

/// Most instants of a grid.
pub(super) const INSTANTS_MAX: u32 = 240;

impl Grid {
    /// Instants of the window, the first one step after its beginning, as seconds since the epoch.
    fn instants(&self) -> impl Iterator<Item = f64> {
        let (from, to) = (seconds(self.window.from), seconds(self.window.to));
        let step = self.step.max(0.001);
        (1..=INSTANTS_MAX)
            .map(move |index| from + step * f64::from(index))
            .take_while(move |at| *at <= to)
    }

    fn points(&self, measure: impl Fn(f64) -> Option<f64>) -> Vec<Point> {
        let epoch = jiff::Timestamp::UNIX_EPOCH;
        let taken = self.instants().filter_map(|at| Some((at, measure(at)?)));
        let finite = taken.filter(|(_, value)| value.is_finite());
        // A window that ends now has a grid of odd nanoseconds, which would only be noise to read.
        let whole = |at: f64| (at * 1e3).round() / 1e3;
        finite.map(|(at, value)| Point { at: after(epoch, whole(at)), value }).collect()
    }
}

/// The series with what a counter lost at each restart added back.
fn grown(series: &Series) -> Vec<(f64, f64)> {
    let (mut before_restarts, mut last) = (0.0, f64::NEG_INFINITY);
    let grow = |(at, value): &(f64, f64)| {
        if *value < last {
            before_restarts += last;
        }
        last = *value;
        (*at, *value + before_restarts)
    };
    series.samples.iter().map(grow).collect()
}

/// The last sample at or before an instant, no older than `age` seconds.
fn last(samples: &[(f64, f64)], at: f64, age: f64) -> Option<(f64, f64)> {
    let index = samples.partition_point(|(when, _)| *when <= at).checked_sub(1)?;
    samples.get(index).copied().filter(|(when, _)| at - when <= age)
}

/// Growth per second over the step that ends at an instant.
///
/// Taken between the last sample at or before either end, over the time that lies between these
/// two; unlike Prometheus' `rate`, nothing is extrapolated beyond samples that are there.
fn speed(grown: &[(f64, f64)], at: f64, step: f64) -> Option<f64> {
    let later = last(grown, at, step)?;
    let earlier = last(grown, at - step, step).or_else(|| grown.first().copied())?;
    (later.0 > earlier.0).then(|| (later.1 - earlier.1) / (later.0 - earlier.0))
}

fn sum(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    values.flatten().fold(None, |sum: Option<f64>, value| Some(sum.unwrap_or(0.0) + value))
}

/// Sum of the values of all series, each at most one step (and at least five minutes) old.
pub(super) fn values(series: &[Series], grid: Grid) -> Vec<Point> {
    let age = grid.step.max(300.0);
    grid.points(|at| sum(series.iter().map(|one| Some(last(&one.samples, at, age)?.1))))
}

/// Growth per second of all counters together.
pub(super) fn rates(series: &[Series], grid: Grid) -> Vec<Point> {
    let grown: Vec<_> = series.iter().map(grown).collect();
    grid.points(|at| sum(grown.iter().map(|one| speed(one, at, grid.step))))
}

/// Growth of one group of counters in proportion to another; nothing where the other stood still.
pub(super) fn ratios(part: &[Series], whole: &[Series], grid: Grid) -> Vec<Point> {
    let part: Vec<_> = part.iter().map(grown).collect();
    let whole: Vec<_> = whole.iter().map(grown).collect();
    grid.points(|at| {
        let of = sum(whole.iter().map(|one| speed(one, at, grid.step))).filter(|of| *of > 0.0)?;
        // A group that did not exist yet did not grow: its first sample is not an increase.
        let grew = sum(part.iter().map(|one| speed(one, at, grid.step))).unwrap_or(0.0);
        Some(grew / of)
    })
}

/// The value below which the share `q` of what was observed in each step lies.
pub(super) fn quantiles(buckets: &[Series], q: f64, grid: Grid) -> Vec<Point> {
    let grown: Vec<(f64, Vec<(f64, f64)>)> = buckets
        .iter()
        .filter_map(|one| Some((number(one.labels.get("le")?)?, grown(one))))
        .collect();
    grid.points(|at| {
        let mut counts: BTreeMap<u64, (f64, f64)> = BTreeMap::new();
        for (bound, samples) in &grown {
            let grew = speed(samples, at, grid.step).unwrap_or(0.0);
            counts.entry(order(*bound)).or_insert((*bound, 0.0)).1 += grew;
        }
        let cumulative: Vec<(f64, f64)> = counts.into_values().collect();
        quantile(&cumulative, q)
    })
}

/// Bits that sort as the numbers do.
fn order(bound: f64) -> u64 {
    let bits = bound.to_bits();
    if bits >> 63 == 0 { bits | (1 << 63) } else { !bits }
}

/// The quantile of cumulative buckets `(upper bound, count)`, as Prometheus' `histogram_quantile`.
///
/// Observations are taken to lie evenly within their bucket; the lowest bucket begins at 0 unless
/// its bound is not above that; what lies in the last, unbounded bucket has the bound below it.
fn quantile(cumulative: &[(f64, f64)], q: f64) -> Option<f64> {
    let total = cumulative.last().filter(|(bound, _)| *bound == f64::INFINITY)?.1;
    if total.is_nan() || total <= 0.0 || cumulative.len() < 2 {
        return None;
    }
    let rank = q.clamp(0.0, 1.0) * total;
    let index = cumulative.partition_point(|(_, count)| *count < rank);
    let (bound, count) = *cumulative.get(index.min(cumulative.len() - 1))?;
    let below = index.checked_sub(1).and_then(|index| cumulative.get(index)).copied();
    if bound == f64::INFINITY {
        return below.map(|(bound, _)| bound);
    }
    let (start, before) = match below {
        Some(below) => below,
        None if bound <= 0.0 => return Some(bound),
        None => (0.0, 0.0),
    };
    let inside = count - before;
    if inside <= 0.0 {
        return Some(bound);
    }
    Some(start + (bound - start) * (rank - before) / inside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::telemetry::selector::Labels;

    fn series(le: &str, samples: &[(f64, f64)]) -> Series {
        let labels = Labels::from([("le".to_owned(), le.to_owned())]);
        Series { name: "m".to_owned(), labels, samples: samples.to_vec() }
    }

    fn grid(to: i64, step: f64) -> Grid {
        let at = |second| jiff::Timestamp::from_second(second).unwrap();
        Grid { window: Window { from: at(0), to: at(to) }, step }
    }

    fn numbers(points: &[Point]) -> Vec<f64> {
        points.iter().map(|point| point.value).collect()
    }

    #[test]
    fn a_rate_survives_a_restart() {
        let counter = series("", &[(0.0, 0.0), (10.0, 20.0), (20.0, 50.0), (30.0, 10.0)]);
        assert_eq!(
            numbers(&rates(std::slice::from_ref(&counter), grid(30, 10.0))),
            [2.0, 3.0, 1.0]
        );
        let twice = [counter.clone(), counter];
        assert_eq!(numbers(&rates(&twice, grid(30, 10.0))), [4.0, 6.0, 2.0]);
    }

    #[test]
    fn a_ratio_needs_something_to_compare_with() {
        let part = series("", &[(10.0, 0.0), (20.0, 5.0), (30.0, 5.0)]);
        let whole = series("", &[(0.0, 0.0), (10.0, 10.0), (20.0, 20.0), (30.0, 20.0)]);
        assert_eq!(numbers(&ratios(&[part], &[whole], grid(30, 10.0))), [0.0, 0.5]);
    }

    #[test]
    fn a_gauge_is_summed_at_its_last_value() {
        let gauge = series("", &[(1.0, 4.0), (12.0, 6.0)]);
        assert_eq!(numbers(&values(&[gauge.clone(), gauge], grid(20, 10.0))), [8.0, 12.0]);
    }

    #[test]
    fn a_quantile_is_interpolated_within_its_bucket() {
        let buckets = [(0.1, 50.0), (0.5, 90.0), (1.0, 100.0), (f64::INFINITY, 100.0)];
        assert_eq!(quantile(&buckets, 0.5), Some(0.1));
        assert_eq!(quantile(&buckets, 0.25), Some(0.05));
        assert_eq!(quantile(&buckets, 0.95), Some(0.75));
        let open = [(1.0, 1.0), (f64::INFINITY, 10.0)];
        assert_eq!(quantile(&open, 0.9), Some(1.0));
        assert_eq!(quantile(&[(1.0, 0.0), (f64::INFINITY, 0.0)], 0.5), None);
        assert_eq!(quantile(&[(1.0, 5.0)], 0.5), None);
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn quantiles_are_taken_of_what_came_in_each_step() {
        let buckets = [
            series("1", &[(0.0, 0.0), (10.0, 100.0), (20.0, 100.0)]),
            series("2", &[(0.0, 0.0), (10.0, 100.0), (20.0, 200.0)]),
            series("+Inf", &[(0.0, 0.0), (10.0, 100.0), (20.0, 200.0)]),
        ];
        assert_eq!(numbers(&quantiles(&buckets, 0.5, grid(20, 10.0))), [0.5, 1.5]);
    }
}
