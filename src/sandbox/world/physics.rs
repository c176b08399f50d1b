//! The world's physics: the only things that are drawn instead of emerging.

use std::f64::consts::TAU;
use std::time::Duration;

/// How long `ledger` takes for an order, and whether the customer's card is declined.
///
/// Latency is log-normal, drawn per order number, so that the same seed gives an order the same
/// latency whatever else happens around it. A decline is an answer of the business (402), not a
/// failure. With the defaults a charge takes about 117 ms on average: twenty connections carry some
/// 170 orders a second, two carry about 17.
#[derive(Debug, Clone, PartialEq)]
pub struct Physics {
    /// The median latency of `ledger`.
    pub median: Duration,
    /// The spread: the standard deviation of the latency's logarithm.
    pub sigma: f64,
    /// The share of cards that are declined, 0 to 1.
    pub declined: f64,
}

impl Default for Physics {
    fn default() -> Self {
        Self { median: Duration::from_millis(110), sigma: 0.35, declined: 0.015 }
    }
}

/// What fate has in store for one order at `ledger`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Charge {
    pub(super) latency: Duration,
    pub(super) verdict: Verdict,
}

/// What `ledger` says of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Paid,
    Declined,
}

impl Physics {
    /// Draws what happens to order number `order`; a pure function of its arguments.
    pub(super) fn charge(&self, seed: u64, order: u64) -> Charge {
        let mut rng = fastrand::Rng::with_seed(mix(seed ^ mix(order)));
        let factor = (self.sigma * normal(&mut rng)).exp().clamp(0.25, 8.0);
        let verdict = if rng.f64() < self.declined { Verdict::Declined } else { Verdict::Paid };
        Charge { latency: self.median.mul_f64(factor), verdict }
    }
}

/// Draws from the standard normal distribution (Box and Muller).
fn normal(rng: &mut fastrand::Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.f64()).ln()).sqrt();
    radius * (TAU * rng.f64()).cos()
}

/// Spreads a number over all 64 bits (the finaliser of `SplitMix64`), so that neighbours have
/// nothing in common.
pub(super) fn mix(number: u64) -> u64 {
    let z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_meets_the_same_fate_under_the_same_seed() {
        let physics = Physics::default();
        let fates = |seed| (0..100).map(|order| physics.charge(seed, order)).collect::<Vec<_>>();
        assert_eq!(fates(7), fates(7));
        assert_ne!(fates(7), fates(8));
    }

    #[test]
    fn latencies_follow_the_documented_distribution() {
        let physics = Physics::default();
        let charges: Vec<_> = (0..20_000).map(|order| physics.charge(3, order)).collect();
        let mean = charges.iter().map(|c| c.latency.as_secs_f64()).sum::<f64>() / 20_000.0;
        assert!((0.112..0.122).contains(&mean), "mean latency {mean} s");
        let declined = charges.iter().filter(|c| c.verdict == Verdict::Declined).count();
        assert!((200..400).contains(&declined), "{declined} declined");
    }
}
