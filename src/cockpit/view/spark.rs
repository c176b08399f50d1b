//! Sparklines: a measured series in one row, with what it went from and to in numbers.

use jiff::Timestamp;

use super::ink::{Row, ours};
use crate::cockpit::theme::Role;
use crate::incident::Sample;

/// The heights of a column, the lowest first.
const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Most columns of a sparkline.
const MOST: usize = 40;

/// A series as a sparkline with its first, its largest and its last value; empty without values.
pub(super) fn spark(series: &[Sample], width: usize) -> Row {
    let known = || series.iter().filter(|sample| sample.value.is_finite());
    let (Some(first), Some(last)) = (known().next(), known().next_back()) else {
        return Row::new();
    };
    let largest = known().map(|sample| sample.value).fold(f64::NEG_INFINITY, f64::max);
    let (from, to) = (number(first.value), number(last.value));
    let words = if series.len() == 1 {
        format!(" {to}")
    } else {
        format!(" {from} → {to}, at most {}", number(largest))
    };
    let columns = width.saturating_sub(words.chars().count()).min(MOST).min(series.len());
    let line = if series.len() > 1 { drawn(series, columns) } else { String::new() };
    Row::of(Role::Partner, ours(line)).put(Role::Muted, ours(words)).fit(width)
}

/// One letter for each column: the mean of what was measured in its part of the time.
fn drawn(series: &[Sample], columns: usize) -> String {
    let means = means(series, columns);
    let known = || means.iter().flatten().copied();
    let low = known().fold(f64::INFINITY, f64::min).min(0.0);
    let high = known().fold(f64::NEG_INFINITY, f64::max);
    let height = |mean: f64| {
        let share = if high > low { (mean - low) / (high - low) } else { 0.0 };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 7 by the clamp"
        )]
        let step = (share * 7.0).round().clamp(0.0, 7.0) as usize;
        HEIGHTS.get(step).copied().unwrap_or('▁')
    };
    means.iter().map(|mean| mean.map_or(' ', height)).collect()
}

/// The means of equal parts of the time; none where nothing was measured.
fn means(series: &[Sample], parts: usize) -> Vec<Option<f64>> {
    let times = || series.iter().map(|sample| sample.at);
    let (Some(from), Some(to)) = (times().min(), times().max()) else { return Vec::new() };
    let mut sums = vec![(0.0, 0.0); parts.max(1)];
    for sample in series.iter().filter(|sample| sample.value.is_finite()) {
        let part = part(sample.at, (from, to), parts.max(1));
        if let Some((sum, count)) = sums.get_mut(part) {
            *sum += sample.value;
            *count += 1.0;
        }
    }
    sums.into_iter().map(|(sum, count)| (count > 0.0).then(|| sum / count)).collect()
}

/// The part of a stretch of time in which a moment lies.
pub(super) fn part(at: Timestamp, (from, to): (Timestamp, Timestamp), parts: usize) -> usize {
    let whole = to.duration_since(from).as_millis().max(1);
    let passed = at.duration_since(from).as_millis().clamp(0, whole);
    let parts_wide = i128::try_from(parts).unwrap_or(1);
    let part = passed * parts_wide / whole;
    usize::try_from(part).unwrap_or(0).min(parts.saturating_sub(1))
}

/// A value with as many digits as matter.
pub(super) fn number(value: f64) -> String {
    let digits = match value.abs() {
        size if size >= 1000.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 0.01 || size == 0.0 => 3,
        _ => return format!("{value:.1e}"),
    };
    let text = format!("{value:.digits$}");
    if digits == 0 {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: &[f64]) -> Vec<Sample> {
        let at = |second: usize| Timestamp::from_second(i64::try_from(second).unwrap()).unwrap();
        values.iter().enumerate().map(|(n, value)| Sample { at: at(n), value: *value }).collect()
    }

    fn text(row: &Row) -> String {
        row.runs.iter().map(|run| run.text.as_ref()).collect()
    }

    #[test]
    fn a_rise_is_seen_and_told() {
        let row = spark(&series(&[0.0, 0.0, 0.25, 0.5]), 40);
        assert!(text(&row).ends_with("█ 0 → 0.5, at most 0.5"), "{}", text(&row));
        assert_eq!(drawn(&series(&[0.0, 0.0, 0.25, 0.5]), 4), "▁▁▅█");
    }

    #[test]
    fn what_was_not_measured_is_a_gap() {
        let mut with_gap = series(&[1.0, 1.0]);
        with_gap.push(Sample { at: Timestamp::from_second(9).unwrap(), value: 1.0 });
        assert_eq!(drawn(&with_gap, 5), "█   █");
        assert_eq!(text(&spark(&[], 40)), "");
    }

    #[test]
    fn values_that_are_no_numbers_are_left_out() {
        let row = spark(&series(&[f64::NAN, 2.0, f64::INFINITY, 4.0]), 40);
        assert!(text(&row).ends_with(" 2 → 4, at most 4"), "{}", text(&row));
    }
}
