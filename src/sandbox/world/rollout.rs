//! The one path on which `checkout` is changed: rollouts, rollbacks, scaling and restarts.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::WorldError;
use super::changes::{Author, Change, ChangeKind, ChangeLog};
use super::checkout::{Process, Surroundings};
use super::config::{Config, Difference, is_revision, summarised};
use super::deployment::Deployment;
use super::tasks::Tasks;
use crate::settings::Clock;

/// The largest pool that `ledger` lets a client have.
const POOL_LIMIT: usize = 200;

/// Changes `checkout`, one operation at a time.
#[derive(Debug)]
pub(super) struct Rollouts {
    files: ConfigFiles,
    clock: Clock,
    live: Mutex<Live>,
}

#[derive(Debug)]
struct Live {
    deployment: Deployment,
    changes: ChangeLog,
}

/// What is to be done to `checkout`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Operation {
    /// Puts an earlier revision in force again.
    Rollback { to: String },
    /// Sets the pool's size in the running process; lasts until the next rollout or restart.
    Scale { pool_max: usize },
    /// Replaces the process; the configuration stays the current revision.
    Restart,
}

/// Whether an operation is done or only described.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Act,
    DryRun,
}

/// What an operation changes, or would change.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Effect {
    action: ChangeKind,
    /// True if nothing was done.
    dry_run: bool,
    summary: String,
    revision: String,
    diff: Vec<Difference>,
    affected: Vec<&'static str>,
    downtime: bool,
    /// Whether another operation restores what was before.
    reversible: bool,
    note: &'static str,
}

impl Rollouts {
    /// Deploys `checkout` with its first configuration.
    pub(super) async fn deploy(
        dir: &Path,
        around: Surroundings,
        tasks: Tasks,
        config: Config,
    ) -> Result<Self, WorldError> {
        let changes = ChangeLog::begin(dir).await?;
        let files = ConfigFiles { dir: dir.join("config") };
        let clock = around.clock.clone();
        files.write(&config).await?;
        files.make_current(&config.revision).await?;
        let deployment = Deployment::start(around, tasks, config.clone()).await?;
        let rollouts = Self { files, clock, live: Mutex::new(Live { deployment, changes }) };
        let live = rollouts.live.lock().await;
        let summary = format!("deployed checkout with configuration {}", config.revision);
        let change = rollouts.change(ChangeKind::Deploy, Author::ReleasePipeline, &config.revision);
        live.changes.append(&Change { summary, ..change }).await?;
        drop(live);
        Ok(rollouts)
    }

    /// Where `checkout` listens; a restart does not move it.
    pub(super) async fn url(&self) -> String {
        self.live.lock().await.deployment.url()
    }

    /// Writes a new revision and puts it in force.
    pub(super) async fn roll_out(&self, config: Config) -> Result<(), WorldError> {
        let live = self.live.lock().await;
        self.files.write(&config).await?;
        let (kind, author) = (ChangeKind::Rollout, Author::ReleasePipeline);
        self.put_in_force(&live, config, self.change(kind, author, "")).await
    }

    /// The revision after the current one, to be changed and rolled out.
    pub(super) async fn draft(&self, revision: &str) -> Result<Config, WorldError> {
        let _live = self.live.lock().await;
        Ok(Config { revision: revision.to_owned(), ..self.files.current().await? })
    }

    /// Does `operation`, or describes it.
    pub(super) async fn operate(
        &self,
        operation: Operation,
        mode: Mode,
    ) -> Result<Effect, WorldError> {
        let mut live = self.live.lock().await;
        let current = self.files.current().await?;
        let target = match &operation {
            Operation::Rollback { to } => self.files.read(to).await?,
            Operation::Restart => current,
            Operation::Scale { pool_max } => {
                scaled(live.deployment.process()?.in_force(), *pool_max)?
            }
        };
        // A process that failed to come back has nothing in force, and only a restart gets it
        // going.
        let before = live.deployment.process().map_or_else(|_| target.clone(), Process::in_force);
        let effect = Effect::of(&operation, mode, &before, &target);
        if mode == Mode::DryRun {
            return Ok(effect);
        }
        let mut change = self.change(effect.action, Author::Admin, &target.revision);
        change.summary.clone_from(&effect.summary);
        change.diff.clone_from(&effect.diff);
        match operation {
            Operation::Rollback { .. } => self.put_in_force(&live, target, change).await?,
            Operation::Scale { pool_max } => {
                live.changes.append(&change).await?;
                live.deployment.process()?.resize(pool_max);
            }
            Operation::Restart => {
                live.changes.append(&change).await?;
                live.deployment.restart(target).await?;
            }
        }
        Ok(effect)
    }

    /// What is configured, what is in force, and which revisions there are.
    pub(super) async fn inspect(&self) -> Result<Value, WorldError> {
        let live = self.live.lock().await;
        let process = live.deployment.process()?;
        Ok(json!({
            "configured": self.files.current().await?,
            "in_force": process.in_force(),
            "revisions": self.files.revisions().await?,
            "health": process.health(),
        }))
    }

    /// The rollout proper, the same for good and bad revisions and for rollbacks.
    async fn put_in_force(
        &self,
        live: &Live,
        config: Config,
        change: Change,
    ) -> Result<(), WorldError> {
        let process = live.deployment.process()?;
        let before = process.in_force();
        let diff = before.differences(&config);
        let (old, new) = (&before.revision, &config.revision);
        let summary = format!("configuration {old} → {new}: {}", summarised(&diff));
        let revision = config.revision.clone();
        self.files.make_current(&revision).await?;
        live.changes.append(&Change { revision, summary, diff, ..change }).await?;
        process.reload(config);
        Ok(())
    }

    fn change(&self, kind: ChangeKind, actor: Author, revision: &str) -> Change {
        Change {
            ts: self.clock.now(),
            kind,
            target: "checkout",
            actor,
            revision: revision.to_owned(),
            summary: String::new(),
            diff: Vec::new(),
        }
    }
}

fn scaled(mut config: Config, pool_max: usize) -> Result<Config, WorldError> {
    if !(1..=POOL_LIMIT).contains(&pool_max) {
        return Err(WorldError::Refused(format!(
            "scale to {pool_max}: 1 to {POOL_LIMIT} is possible"
        )));
    }
    config.pool.max = pool_max;
    Ok(config)
}

impl Effect {
    fn of(operation: &Operation, mode: Mode, before: &Config, after: &Config) -> Self {
        let diff = before.differences(after);
        let (action, affected, note) = match operation {
            Operation::Rollback { .. } => (
                ChangeKind::Rollback,
                vec!["checkout/config", "checkout/pool"],
                "reloaded without a restart; stays until the next rollout",
            ),
            Operation::Scale { .. } => (
                ChangeKind::Scale,
                vec!["checkout/pool"],
                "the running process only; the next rollout or restart undoes it",
            ),
            Operation::Restart => (
                ChangeKind::Restart,
                vec!["checkout/process", "checkout/pool"],
                "open requests drain; new ones are refused until the process is back",
            ),
        };
        let summary = match operation {
            Operation::Rollback { to } => {
                format!("roll checkout back to {to}: {}", summarised(&diff))
            }
            Operation::Scale { .. } => format!("scale checkout: {}", summarised(&diff)),
            Operation::Restart => {
                format!("restart checkout with {}: {}", after.revision, summarised(&diff))
            }
        };
        Self {
            action,
            dry_run: mode == Mode::DryRun,
            summary,
            revision: after.revision.clone(),
            diff,
            affected,
            downtime: *operation == Operation::Restart,
            reversible: *operation != Operation::Restart,
            note,
        }
    }
}

/// The configuration as files: one per revision, and `current`, which names the one in force.
#[derive(Debug)]
struct ConfigFiles {
    dir: PathBuf,
}

impl ConfigFiles {
    async fn write(&self, config: &Config) -> Result<(), WorldError> {
        let path = self.dir.join(format!("{}.json", config.revision));
        let failed = |source| WorldError::Files { path: path.clone(), source };
        tokio::fs::create_dir_all(&self.dir).await.map_err(failed)?;
        let text = serde_json::to_string_pretty(config).map_err(|e| failed(e.into()))? + "\n";
        tokio::fs::write(&path, text).await.map_err(failed)
    }

    /// Names `revision` as the current one; a reader sees the old name or the new, never half of
    /// one.
    async fn make_current(&self, revision: &str) -> Result<(), WorldError> {
        let (path, next) = (self.dir.join("current"), self.dir.join(".current.next"));
        tokio::fs::write(&next, revision).await.map_err(WorldError::files(&next))?;
        tokio::fs::rename(&next, &path).await.map_err(WorldError::files(path))
    }

    async fn current(&self) -> Result<Config, WorldError> {
        let path = self.dir.join("current");
        let revision = tokio::fs::read_to_string(&path).await.map_err(WorldError::files(path))?;
        self.read(revision.trim()).await
    }

    async fn read(&self, revision: &str) -> Result<Config, WorldError> {
        let unknown = || WorldError::Refused(format!("find revision {revision:?}"));
        if !is_revision(revision) {
            return Err(unknown());
        }
        let path = self.dir.join(format!("{revision}.json"));
        if !tokio::fs::try_exists(&path).await.map_err(WorldError::files(&path))? {
            return Err(unknown());
        }
        let text = tokio::fs::read_to_string(&path).await.map_err(WorldError::files(path))?;
        let unreadable = |source| WorldError::Unreadable { revision: revision.to_owned(), source };
        serde_json::from_str(&text).map_err(unreadable)
    }

    async fn revisions(&self) -> Result<Vec<String>, WorldError> {
        let failed = |source| WorldError::Files { path: self.dir.clone(), source };
        let mut entries = tokio::fs::read_dir(&self.dir).await.map_err(failed)?;
        let mut revisions = Vec::new();
        while let Some(entry) = entries.next_entry().await.map_err(failed)? {
            let name = entry.file_name();
            let revision = name.to_str().and_then(|name| name.strip_suffix(".json"));
            revisions.extend(revision.filter(|name| is_revision(name)).map(str::to_owned));
        }
        revisions.sort();
        Ok(revisions)
    }
}
