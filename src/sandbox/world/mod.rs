//! The small, real, faulty world of the demo: two services, a bad rollout, real remedies.
//!
//! `checkout` takes orders over HTTP, borrows a connection from its pool for each, and pays at
//! `ledger`, a second HTTP service. A load generator sends orders at a steady seeded rate. Nothing
//! here sets an error rate or a queue: the only thing drawn is how long `ledger` takes
//! ([`Physics`]); queueing, time-outs and failures follow from the pool's size, the acquire
//! time-out and the load, as they would anywhere.
//!
//! ```text
//! load ──POST /checkout──► checkout ──permit of the pool──► ledger
//!                             │ └─ logs, spans ─► telemetry ─► dir/logs dir/traces dir/metrics
//! scraper ──GET /metrics──────┘      └─► alert ─► World::take_alerts
//! admin ──► rollouts ──► dir/config dir/changes.ndjson ──► checkout (reload, resize, restart)
//! ```
//!
//! Everything follows the world's [`Clock`](crate::settings::Clock), so that the story can run
//! faster than it is told. The clock must run: under a held clock no order ever arrives.

mod admin;
mod alert;
mod changes;
mod checkout;
mod config;
mod deployment;
mod error;
mod ledger;
mod load;
mod metrics;
mod network;
mod physics;
mod plan;
mod pool;
mod rollout;
mod running;
mod scrape;
mod span;
mod tasks;
mod telemetry;
#[cfg(test)]
mod tests;

pub use alert::AlertRule;
pub use error::WorldError;
pub use load::Tally;
pub use physics::Physics;
pub use plan::Plan;
pub use running::World;
