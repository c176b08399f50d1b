//! The world itself: starts everything, breaks it on time, and ends it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc;

use super::alert::AlertSender;
use super::checkout::Surroundings;
use super::config::Config;
use super::ledger::Ledger;
use super::load::{Counts, Load, Tally};
use super::network::{ANY_PORT, Server, client};
use super::rollout::Rollouts;
use super::scrape::Scraper;
use super::tasks::Tasks;
use super::telemetry::Telemetry;
use super::{Plan, WorldError, admin};
use crate::settings::Clock;

/// How long a call inside the world may take, in world time.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// How many alerts may wait for their receiver.
const ALERTS: usize = 16;
/// The longest time until the fault: beyond it there is none, in effect.
const NEVER: Duration = Duration::from_hours(87600);

/// A running world. It ends with [`World::shutdown`], or when dropped.
#[derive(Debug)]
pub struct World {
    dir: PathBuf,
    url: String,
    admin: Server,
    ledger: Server,
    tasks: Tasks,
    counts: Arc<Counts>,
    alerts: Option<mpsc::Receiver<Value>>,
}

impl World {
    /// Starts the services, the load, the scraper and the schedule of rollouts that leads to the
    /// fault.
    ///
    /// # Errors
    /// [`WorldError::Occupied`] if `plan.dir` holds an earlier run, otherwise what the operating
    /// system refused.
    pub async fn start(plan: Plan) -> Result<Self, WorldError> {
        let tasks = Tasks::default();
        // Whatever fails from here on, nothing started so far may stay behind.
        let closing = tasks.closing().clone().drop_guard();
        let world = Self::assemble(plan, tasks).await?;
        drop(closing.disarm());
        Ok(world)
    }

    async fn assemble(plan: Plan, tasks: Tasks) -> Result<Self, WorldError> {
        let clock = plan.clock.clone();
        tokio::fs::create_dir_all(&plan.dir).await.map_err(WorldError::files(&plan.dir))?;
        let client = client(clock.wall(CALL_TIMEOUT))?;
        let telemetry = Telemetry::open(&plan.dir, &tasks).await?;
        let service = Ledger {
            seed: plan.seed,
            physics: plan.physics.clone(),
            clock: clock.clone(),
            telemetry: telemetry.clone(),
        };
        let ledger = Server::start(ANY_PORT, service.router(), &tasks).await?;
        let around = Surroundings {
            clock: clock.clone(),
            telemetry: telemetry.clone(),
            client: client.clone(),
            ledger: ledger.url(),
        };
        let config = Config::initial(plan.pool_max);
        let rollouts = Rollouts::deploy(&plan.dir, around, tasks.clone(), config).await?;
        let rollouts = Arc::new(rollouts);
        let url = rollouts.url().await;
        let interface = admin::router(Arc::clone(&rollouts), &plan.admin_token);
        let admin = Server::start(ANY_PORT, interface, &tasks).await?;
        let counts = Arc::new(Counts::default());
        let load = Load {
            seed: plan.seed,
            rate: plan.load_rps,
            url: url.clone(),
            clock: clock.clone(),
            client: client.clone(),
            counts: Arc::clone(&counts),
        };
        load.start(&tasks);
        let (sender, alerts) = mpsc::channel(ALERTS);
        let alerting = AlertSender::new(plan.alert, url.clone(), sender);
        let scraper =
            Scraper { url: url.clone(), clock: clock.clone(), client, telemetry, alerts: alerting };
        tasks.spawn(scraper.run());
        tasks.spawn(releases(rollouts, clock, plan.fault_after));
        Ok(Self { dir: plan.dir, url, admin, ledger, tasks, counts, alerts: Some(alerts) })
    }

    /// Where `checkout` listens: `/checkout`, `/healthz`, `/metrics`. A restart does not change it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where the admin interface listens: `/admin/config`, `/admin/rollback`, `/admin/scale`,
    /// `/admin/restart`.
    pub fn admin_url(&self) -> String {
        self.admin.url()
    }

    /// Where `ledger` listens.
    pub fn ledger_url(&self) -> String {
        self.ledger.url()
    }

    /// Where configuration, changes and telemetry are written.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What became of the orders so far, as the customers saw it.
    pub fn tally(&self) -> Tally {
        self.counts.tally()
    }

    /// The alerts, in the shape of Alertmanager's webhook; nothing the second time.
    ///
    /// An alert is never waited for: one that finds the channel full is sent once there is room,
    /// unless it has been superseded by then.
    pub fn take_alerts(&mut self) -> Option<mpsc::Receiver<Value>> {
        self.alerts.take()
    }

    /// Ends every task and waits until all telemetry is on disk.
    pub async fn shutdown(self) {
        self.tasks.closed().await;
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.tasks.close();
    }
}

/// The rollouts of the day: a harmless flag first, then the one that shrinks the pool.
async fn releases(rollouts: Arc<Rollouts>, clock: Clock, fault_after: Duration) {
    let fault_after = fault_after.min(NEVER);
    let harmless = fault_after / 3;
    clock.sleep(harmless).await;
    if let Err(error) = release_flag(&rollouts).await {
        tracing::error!(%error, "the world's flag rollout failed");
    }
    clock.sleep(fault_after.saturating_sub(harmless)).await;
    if let Err(error) = release_fault(&rollouts).await {
        tracing::error!(%error, "the world's faulty rollout failed");
    }
}

async fn release_flag(rollouts: &Rollouts) -> Result<(), WorldError> {
    let mut config = rollouts.draft("r41").await?;
    config.flags.insert("receipt_v2".to_owned(), true);
    rollouts.roll_out(config).await
}

/// The fault: a revision that is valid, is rolled out like any other, and leaves too few
/// connections for the load.
async fn release_fault(rollouts: &Rollouts) -> Result<(), WorldError> {
    let mut config = rollouts.draft("r42").await?;
    config.pool.max = 2;
    rollouts.roll_out(config).await
}
