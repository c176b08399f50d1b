//! The story of the demonstration: a world that breaks, agents that investigate it, a hub between them.
//!
//! Nothing here is staged: the world fails by itself, the alert is measured, the partners are programs of
//! their own that speak MCP, and what people approve really changes the world.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::primary::principal;
use super::props::Props;
use super::sources;
use crate::agents::primary::{Investigation, Means, Outcome, Pen, Runbook, Switchboard};
use crate::hub::{Delivering, Hub, Plan, Reading, Route, Syncing, from_alertmanager};
use crate::incident::{ActorKind, Alert, IncidentId, Notice, Policy, Principal, Tier, Trouble};
use crate::journal::Journal;
use crate::partner::Endpoint;
use crate::sandbox::world::{self, World};
use crate::settings::Clock;
use crate::wire::{Command, Gates, Link, Reply};

/// How the demonstration shall go.
pub(super) struct Stage {
    /// Where everything is kept; a world of its own is made inside.
    pub dir: PathBuf,
    /// The seed of the world, the agents, and the ids.
    pub seed: u64,
    /// What time it is; a faster clock makes a faster story.
    pub clock: Clock,
    /// Who watches and decides.
    pub person: Principal,
    /// This program, to be started again as the partner agents.
    pub program: PathBuf,
    /// What entries are written to and read from.
    pub props: Props,
}

/// A demonstration under way.
pub(super) struct Story {
    /// The person's connection to the hub.
    pub link: Link,
    /// How the investigation ends, once it has.
    pub outcome: oneshot::Receiver<Result<Outcome, Notice>>,
    hub: Hub,
    delivering: Delivering,
    syncing: Syncing,
    props: Props,
    world: World,
    pump: JoinHandle<()>,
}

/// How long a proposal of the demonstration can be approved, in seconds: long enough to read it twice,
/// short enough to see one expire.
const VALID_S: u64 = 180;

/// How many alerts and deliveries may wait.
const WAITING: usize = 64;

impl Story {
    /// Sets the stage and lets the world run.
    pub(super) async fn begin(stage: Stage) -> Result<Self, Notice> {
        let Stage { dir, seed, clock, person, program, props } = stage;
        let journal = Journal::open(&dir)?;
        let gates = gates(&person, &props)?;
        let (told, deliveries) = mpsc::channel(WAITING);
        let delivering = Delivering::start(Route {
            journal: journal.clone(),
            trackers: props.trackers.clone(),
            clock: clock.clone(),
            told,
            seed,
        });
        let hub = Hub::start(Plan {
            journal: journal.clone(),
            clock: clock.clone(),
            policy: policy(),
            gates,
            deliveries,
            seed: Some(seed),
        })
        .await?;
        let syncing = Syncing::start(Reading {
            sources: sources::of(&props.settings, &props.trackers),
            accounts: sources::accounts(&props.settings, &person)?,
            journal,
            clock: clock.clone(),
            witness: hub.witness(),
            seed,
        });
        let (mut world, admin_token) = world(&dir, seed, clock.clone()).await?;
        let cast = Cast {
            primary: hub.link(agent("primary")?),
            monitor: hub.link(system("alertmanager")?),
            switchboard: Arc::new(Switchboard::new(partners(&program, &world), Some(seed))),
            values: values(&world),
            admin_token,
            clock,
        };
        let (ended, outcome) = oneshot::channel();
        let alerts = world.take_alerts().ok_or_else(|| {
            Notice::new(Trouble::Failed, "the alerts of the world were taken already")
        })?;
        let pump = tokio::spawn(cast.play(alerts, ended));
        let link = hub.link(person);
        Ok(Self { link, outcome, hub, delivering, syncing, props, world, pump })
    }

    /// Ends everything: no process, task, or port is left behind, and everything recorded is kept.
    pub(super) async fn end(self) {
        self.pump.abort();
        // Aborting is how it ends; there is nothing in the result.
        drop(self.pump.await);
        self.syncing.end().await;
        self.hub.stop().await;
        self.delivering.end().await;
        drop(self.props);
        self.world.shutdown().await;
    }
}

/// Who plays, and with what.
struct Cast {
    primary: Link,
    monitor: Link,
    switchboard: Arc<Switchboard>,
    values: BTreeMap<String, String>,
    admin_token: String,
    clock: Clock,
}

impl Cast {
    /// Brings every alert to the hub, and the primary agent to the first new incident.
    async fn play(
        self,
        mut alerts: mpsc::Receiver<serde_json::Value>,
        ended: oneshot::Sender<Result<Outcome, Notice>>,
    ) {
        let mut ended = Some(ended);
        let mut investigation = tokio::task::JoinSet::new();
        loop {
            tokio::select! {
                alert = alerts.recv() => {
                    let Some(payload) = alert else { break };
                    match self.received(&payload).await {
                        Ok(Some((incident, alert))) => {
                            investigation.spawn(investigate(self.means(incident, alert)));
                        }
                        Ok(None) => {}
                        Err(notice) => tracing::error!(what = ?notice.what, "an alert was lost"),
                    }
                }
                Some(outcome) = investigation.join_next() => {
                    let broke = |error| Err(Notice::new(Trouble::Failed, format!("{error}")));
                    let outcome = outcome.unwrap_or_else(broke);
                    // Later incidents of the same story end by themselves.
                    if let Some(ended) = ended.take() {
                        let _nobody_waits = ended.send(outcome).is_err();
                    }
                }
            }
        }
    }

    /// Opens an incident for a firing alert; `None` when it belongs to a known one.
    async fn received(
        &self,
        payload: &serde_json::Value,
    ) -> Result<Option<(IncidentId, Alert)>, Notice> {
        let alerts = from_alertmanager(&payload.to_string()).map_err(|error| {
            Notice::new(Trouble::Usage, "an alert could not be read").detail(error.to_string())
        })?;
        for (alert, text) in alerts {
            let command = Command::OpenIncident { alert: alert.clone(), text };
            if let Reply::Opened { incident, known: false } = self.monitor.ask(command).await? {
                return Ok(Some((incident, alert)));
            }
        }
        Ok(None)
    }

    fn means(&self, incident: IncidentId, alert: Alert) -> Result<Means, Notice> {
        let books = Runbook::embedded().map_err(|error| failed(&error))?;
        let label = |name: &str| alert.labels.get(name).map(|it| it.for_storage().to_owned());
        let book = books.into_iter().find(|book| book.applies(label)).ok_or_else(|| {
            Notice::new(Trouble::NotFound, "no runbook applies to the alert")
                .hint("write one whose `match` fits the labels of the alert")
        })?;
        let (link, clock) = (self.primary.clone(), self.clock.clone());
        Ok(Means {
            pen: Pen { link, clock, incident },
            book: Arc::new(book),
            alert,
            values: self.values.clone(),
            switchboard: Arc::clone(&self.switchboard),
            tool_token: Some(self.admin_token.clone()),
        })
    }
}

async fn investigate(means: Result<Means, Notice>) -> Result<Outcome, Notice> {
    let investigation = Investigation::new(means?).map_err(|error| failed(&error))?;
    investigation.run().await.map_err(|error| failed(&error))
}

fn failed(error: &dyn std::error::Error) -> Notice {
    Notice::new(Trouble::Failed, "the investigation broke off").detail(error.to_string())
}

async fn world(dir: &std::path::Path, seed: u64, clock: Clock) -> Result<(World, String), Notice> {
    let token = format!("{:032x}", fastrand::u128(..));
    let dir = dir.join("world").join(clock.now().as_millisecond().to_string());
    let plan = world::Plan::new(dir, seed, clock, &token);
    let world = World::start(plan).await.map_err(|error| {
        Notice::new(Trouble::Failed, "the demonstration's world does not start")
            .detail(error.to_string())
            .hint("choose another --data-dir")
    })?;
    Ok((world, token))
}

/// Two programs of their own: one is spoken to over its standard streams, and so is the other, which is
/// another deployment and knows the changes alone.
fn partners(program: &std::path::Path, world: &World) -> BTreeMap<String, Endpoint> {
    let partner = |offer: &str| Endpoint::Command {
        argv: vec![
            program.display().to_string(),
            "agent".to_owned(),
            "partner".to_owned(),
            "--stdio".to_owned(),
            "--data".to_owned(),
            world.dir().display().to_string(),
            "--offer".to_owned(),
            offer.to_owned(),
        ],
        env: BTreeMap::new(),
    };
    BTreeMap::from([
        ("telemetry".to_owned(), partner("logs,traces,metrics")),
        ("changes".to_owned(), partner("changes")),
    ])
}

fn values(world: &World) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("service_url".to_owned(), world.url().to_string()),
        ("admin_url".to_owned(), world.admin_url().clone()),
        ("telemetry".to_owned(), world.dir().display().to_string()),
    ])
}

/// The default policy, with proposals that expire while somebody is still watching.
fn policy() -> Policy {
    let mut policy = Policy::default();
    for tier in policy.tiers.values_mut() {
        *tier = Tier { valid_s: VALID_S, escalate_s: VALID_S / 3, ..tier.clone() };
    }
    policy
}

fn gates(person: &Principal, props: &Props) -> Result<Gates, Notice> {
    Ok(Gates {
        hub: "demo".to_owned(),
        halted: false,
        people: sources::people(&props.settings, person)?,
        trackers: props.trackers.iter().map(|tracker| tracker.name().to_owned()).collect(),
        partners: vec!["changes".to_owned(), "telemetry".to_owned()],
    })
}

fn agent(name: &str) -> Result<Principal, Notice> {
    principal(ActorKind::Agent, name, Some("demo"))
}

fn system(name: &str) -> Result<Principal, Notice> {
    principal(ActorKind::System, name, None)
}
