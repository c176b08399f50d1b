//! Finding the instant at which a series changed its level.
//!
//! Method: binary segmentation (Scott and Knott, "A cluster analysis method for grouping means in
//! the analysis of variance", Biometrics 30, 1974; Vostrikova 1981 for its consistency). Each
//! stretch is split where the difference of the two means explains the largest share of the
//! variance. Whether that share could be chance is judged by a permutation test (as in Taylor,
//! "Change-point analysis: a powerful new tool for detecting changes", 2000, and the E-divisive
//! method of Matteson and James, JASA 109, 2014): the values are shuffled, and `p` is the part of
//! shuffles that split as well. The generator is seeded, so one input has one answer. The test takes
//! the values for exchangeable; overlapping rate windows are not, so callers keep steps apart.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::finding::round;

/// Fewest values on either side of a change.
const SIDE_MIN: usize = 4;

/// Most values that are looked at; the rest of a longer series is thinned out by the caller.
const POINTS_MAX: usize = 512;

/// Shuffles of a permutation test.
const SHUFFLES: u32 = 999;

/// A change is told when fewer shuffles than this share split as well.
const SIGNIFICANCE: f64 = 0.01;

/// Most changes told of one series.
const SHIFTS_MAX: usize = 4;

/// The largest size that is told: a series without any noise would have an infinite one.
const SIZE_MAX: f64 = 99.0;

/// One value of a series.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    /// When.
    pub at: Timestamp,
    /// How much.
    pub value: f64,
}

/// A change of level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shift {
    /// The first value at the new level.
    pub at: Timestamp,
    /// Mean before.
    pub before: f64,
    /// Mean after.
    pub after: f64,
    /// Difference of the means in pooled standard deviations; at most 99 either way.
    pub size: f64,
    /// Share of shuffled series that split as well: how likely it is chance.
    pub p_value: f64,
}

/// The significant changes of a series, strongest first; empty for fewer than eight values.
pub(super) fn shifts(points: &[Point]) -> Vec<Shift> {
    let points: Vec<Point> =
        points.iter().copied().filter(|point| point.value.is_finite()).take(POINTS_MAX).collect();
    let mut found = Vec::new();
    let mut open = vec![points.as_slice()];
    let mut chance = fastrand::Rng::with_seed(7);
    while let Some(stretch) = open.pop() {
        if found.len() >= SHIFTS_MAX {
            break;
        }
        if let Some((shift, left, right)) = split(stretch, &mut chance) {
            found.push(shift);
            open.push(left);
            open.push(right);
        }
    }
    found.sort_by(|a, b| b.size.abs().total_cmp(&a.size.abs()));
    found
}

fn split<'a>(
    points: &'a [Point],
    chance: &mut fastrand::Rng,
) -> Option<(Shift, &'a [Point], &'a [Point])> {
    let mut values: Vec<f64> = points.iter().map(|point| point.value).collect();
    let (index, gain) = best(&values)?;
    let p_value = p_value(&mut values, gain, chance);
    if p_value > SIGNIFICANCE {
        return None;
    }
    let (left, right) = points.split_at_checked(index)?;
    let at = right.first()?.at;
    let (before, after) = (mean(left), mean(right));
    let squares = |side: &[Point], mean: f64| -> f64 {
        side.iter().map(|point| (point.value - mean).powi(2)).sum()
    };
    let freedom = (points.len() - 2).max(1) as f64;
    let deviation = ((squares(left, before) + squares(right, after)) / freedom).sqrt();
    let size = ((after - before) / deviation).clamp(-SIZE_MAX, SIZE_MAX);
    let (before, after) = (round(before), round(after));
    Some((Shift { at, before, after, size: round(size), p_value }, left, right))
}

fn mean(points: &[Point]) -> f64 {
    points.iter().map(|point| point.value).sum::<f64>() / points.len().max(1) as f64
}

/// Where the first value at the new level stands, and the sum of squares that the split explains.
fn best(values: &[f64]) -> Option<(usize, f64)> {
    let (count, total) = (values.len(), values.iter().sum::<f64>());
    let first = *values.first()?;
    if count < 2 * SIDE_MIN || values.iter().all(|value| value.to_bits() == first.to_bits()) {
        return None;
    }
    let mut sum = 0.0;
    let mut best: Option<(usize, f64)> = None;
    for (index, value) in values.iter().enumerate().take(count - SIDE_MIN) {
        sum += value;
        let left = index + 1;
        if left < SIDE_MIN {
            continue;
        }
        let (weight, other) = (left as f64, (count - left) as f64);
        let gap = sum / weight - (total - sum) / other;
        let gain = weight * other / count as f64 * gap * gap;
        if best.is_none_or(|(_, most)| gain > most) {
            best = Some((left, gain));
        }
    }
    best
}

fn p_value(values: &mut [f64], gain: f64, chance: &mut fastrand::Rng) -> f64 {
    let mut as_good = 0_u32;
    for _ in 0..SHUFFLES {
        chance.shuffle(values);
        // Rounding makes sums in another order differ in their last bits.
        as_good += u32::from(best(values).is_some_and(|(_, other)| other >= gain * (1.0 - 1e-9)));
    }
    f64::from(as_good + 1) / f64::from(SHUFFLES + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: impl IntoIterator<Item = f64>) -> Vec<Point> {
        let at = |second| Timestamp::from_second(second).unwrap();
        (0..).zip(values).map(|(second, value)| Point { at: at(second), value }).collect()
    }

    #[test]
    fn a_step_is_found_where_it_is() {
        let noise = [0.1, -0.1, 0.0, 0.2, -0.2];
        let values = (0..40).map(|index| if index < 25 { 1.0 } else { 5.0 } + noise[index % 5]);
        let found = shifts(&series(values));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].at.as_second(), 25);
        assert!((found[0].before - 1.0).abs() < 1e-9 && (found[0].after - 5.0).abs() < 1e-9);
        // Pooled standard deviation: 8 rounds of squares summing to 0.1, over 38: 0.1451.
        assert!((found[0].size - 27.568).abs() < 0.001, "{}", found[0].size);
        assert!((found[0].p_value - 0.001).abs() < 1e-9);
    }

    #[test]
    fn up_and_down_again_are_two_changes() {
        let values = (0..60).map(|index| if (20..40).contains(&index) { 9.0 } else { 1.0 });
        let mut seconds: Vec<i64> =
            shifts(&series(values)).iter().map(|shift| shift.at.as_second()).collect();
        seconds.sort_unstable();
        assert_eq!(seconds, [20, 40]);
    }

    #[test]
    fn noise_constancy_and_short_series_have_none() {
        let mut chance = fastrand::Rng::with_seed(42);
        assert_eq!(shifts(&series((0..200).map(|_| chance.f64()))), []);
        assert_eq!(shifts(&series([3.0; 50])), []);
        assert_eq!(shifts(&series([1.0, 1.0, 1.0, 9.0, 9.0, 9.0])), []);
        assert_eq!(shifts(&series([f64::NAN; 50])), []);
    }
}
