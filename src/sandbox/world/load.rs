//! The load on `checkout`: orders that arrive whether or not the earlier ones were answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::checkout::OrderRequest;
use super::span::{TRACEPARENT, Trace};
use super::tasks::Tasks;
use crate::settings::Clock;

/// How many orders may be under way at once; an order beyond that is shed and counted.
const IN_FLIGHT: usize = 256;

/// The orders to come: an endless Poisson process, the same for the same seed.
#[derive(Debug, Clone)]
pub(super) struct Arrivals {
    rng: fastrand::Rng,
    rate: f64,
    number: u64,
    at: Duration,
}

/// One order and when it arrives, counted from the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Arrival {
    pub(super) at: Duration,
    pub(super) order: OrderRequest,
}

impl Arrivals {
    /// Orders at `rate` per second on average; a rate that is not positive counts as the smallest,
    /// 0.01.
    pub(super) fn new(seed: u64, rate: f64) -> Self {
        let rng = fastrand::Rng::with_seed(seed);
        Self { rng, rate: rate.max(0.01), number: 0, at: Duration::ZERO }
    }
}

impl Iterator for Arrivals {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        let gap = -(1.0 - self.rng.f64()).ln() / self.rate;
        self.at += Duration::from_secs_f64(gap);
        self.number += 1;
        let order = OrderRequest { order: self.number, amount_cents: self.rng.u64(500..25_000) };
        Some(Arrival { at: self.at, order })
    }
}

/// What became of the orders so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Sent to `checkout`.
    pub sent: u64,
    /// Answered with anything below 500.
    pub served: u64,
    /// Answered with 500 or above.
    pub failed: u64,
    /// Not answered: refused, cut off or timed out.
    pub unanswered: u64,
    /// Never sent, as too many were under way.
    pub shed: u64,
}

/// Counts what becomes of the orders.
#[derive(Debug, Default)]
pub(super) struct Counts {
    sent: AtomicU64,
    served: AtomicU64,
    failed: AtomicU64,
    unanswered: AtomicU64,
    shed: AtomicU64,
}

impl Counts {
    pub(super) fn tally(&self) -> Tally {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Tally {
            sent: read(&self.sent),
            served: read(&self.served),
            failed: read(&self.failed),
            unanswered: read(&self.unanswered),
            shed: read(&self.shed),
        }
    }
}

/// Sends orders to `checkout`.
#[derive(Debug)]
pub(super) struct Load {
    pub(super) seed: u64,
    pub(super) rate: f64,
    pub(super) url: String,
    pub(super) clock: Clock,
    pub(super) client: reqwest::Client,
    pub(super) counts: Arc<Counts>,
}

impl Load {
    /// Sends orders as they arrive, until the world ends.
    pub(super) fn start(self, tasks: &Tasks) {
        let customers = tasks.clone();
        tasks.spawn(async move {
            let began = self.clock.now();
            let places = Arc::new(Semaphore::new(IN_FLIGHT));
            for Arrival { at, order } in Arrivals::new(self.seed, self.rate) {
                let passed = Duration::try_from(self.clock.now().duration_since(began));
                let early = at.saturating_sub(passed.unwrap_or_default());
                if !early.is_zero() {
                    self.clock.sleep(early).await;
                }
                let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                    self.counts.shed.fetch_add(1, Ordering::Relaxed);
                    continue;
                };
                let (call, counts) = (self.call(order), Arc::clone(&self.counts));
                customers.spawn(async move {
                    let _place = place;
                    counts.sent.fetch_add(1, Ordering::Relaxed);
                    let outcome = match call.send().await {
                        Ok(answer) if answer.status().is_server_error() => &counts.failed,
                        Ok(_) => &counts.served,
                        Err(_) => &counts.unanswered,
                    };
                    outcome.fetch_add(1, Ordering::Relaxed);
                });
            }
        });
    }

    fn call(&self, order: OrderRequest) -> reqwest::RequestBuilder {
        let trace = Trace::of_order(self.seed, order.order);
        let call = self.client.post(format!("{}/checkout", self.url));
        call.header(TRACEPARENT, trace.header(0)).json(&order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_brings_the_same_orders() {
        let orders = |seed| Arrivals::new(seed, 25.0).take(200).collect::<Vec<_>>();
        assert_eq!(orders(11), orders(11));
        assert_ne!(orders(11), orders(12));
    }

    #[test]
    fn orders_arrive_at_the_rate_asked_for() {
        let last = Arrivals::new(5, 25.0).nth(9_999).expect("arrivals never end");
        assert!((390.0..410.0).contains(&last.at.as_secs_f64()), "{last:?}");
    }
}
