//! The hub: one task that owns the desk, and the handle through which links to it are made.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use super::desk::Desk;
use super::error::HubError;
use super::feed::Stream;
use super::mint::{Mint, run_id};
use super::sync::{Lookout, Sighting, Witness};
use crate::incident::{
    Action, Actor, Body, Decisions, Entry, EntryId, Policy, Principal, ProposalId, Stage, Untrusted,
};
use crate::journal::Journal;
use crate::settings::Clock;
use crate::wire::{Asked, Delivery, DeliveryStage, FeedEvent, Gates, Link, MOST_WAITING};

/// What a hub is made of.
pub struct Plan {
    /// Where it records.
    pub journal: Journal,
    /// What time it is.
    pub clock: Clock,
    /// Which acts need whom.
    pub policy: Policy,
    /// What it says about itself.
    pub gates: Gates,
    /// Stages that deliveries reach.
    pub deliveries: mpsc::Receiver<Delivery>,
    /// Makes its ids repeatable, for demonstrations and tests.
    pub seed: Option<u64>,
}

/// A running hub.
pub struct Hub {
    asks: mpsc::Sender<Asked>,
    witness: Witness,
    end: CancellationToken,
    task: JoinHandle<()>,
}

/// How many sightings may wait; commands go first.
const MOST_UNSEEN: usize = 16;

/// How many of the latest entries are read back into the feed when a hub starts, beside everything about
/// what is not over.
const MOST_READ_BACK: usize = 5_000;

impl Hub {
    /// Starts a hub on what its journal holds.
    pub async fn start(plan: Plan) -> Result<Self, HubError> {
        let Plan { journal, clock, policy, gates, deliveries, seed } = plan;
        let mut desk = Desk {
            journal,
            mint: Mint::new(clock.clone(), seed),
            policy,
            gates,
            stream: Stream::new(run_id(&clock, seed)),
            incidents: BTreeMap::new(),
            decisions: Decisions::default(),
            handoffs: BTreeMap::new(),
            waiting: BTreeMap::new(),
            called: BTreeSet::new(),
            parked: Vec::new(),
            alerts: BTreeMap::new(),
            slip: clock.slip(),
            lookout: Lookout::new(clock.clone()),
            looking: JoinSet::new(),
        };
        desk.read_back().await?;
        let (open, halted) = (desk.decisions.open_ones().count(), desk.decisions.is_halted());
        tracing::info!(incidents = desk.incidents.len(), open, halted, "the hub begins");
        desk.tell_gates();
        let (asks, inbox) = mpsc::channel(MOST_WAITING);
        let (seen, sightings) = mpsc::channel(MOST_UNSEEN);
        let end = CancellationToken::new();
        let witness = Witness::new(seen, desk.lookout.clone());
        let hearing = Hearing { inbox, sightings, deliveries };
        let task = tokio::spawn(run(desk, hearing, clock, end.clone()));
        Ok(Self { asks, witness, end, task })
    }

    /// Connects a principal; who it is has been established by the caller.
    pub fn link(&self, by: Principal) -> Link {
        Link::new(by, self.asks.clone())
    }

    /// Where the readers of trackers tell what they see.
    pub fn witness(&self) -> Witness {
        self.witness.clone()
    }

    /// Ends the hub after what it is doing; everything recorded is kept.
    pub async fn stop(self) {
        self.end.cancel();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the hub ended badly");
        }
        tracing::info!("the hub ended");
    }
}

/// Whom the desk hears.
struct Hearing {
    inbox: mpsc::Receiver<Asked>,
    sightings: mpsc::Receiver<Sighting>,
    deliveries: mpsc::Receiver<Delivery>,
}

async fn run(mut desk: Desk, hearing: Hearing, clock: Clock, end: CancellationToken) {
    let Hearing { mut inbox, mut sightings, mut deliveries } = hearing;
    loop {
        let wait = desk.next_deadline().map(|at| {
            let left = at.duration_since(clock.now());
            Duration::try_from(left).unwrap_or_default()
        });
        let deadline = async {
            match wait {
                Some(wait) => clock.sleep(wait).await,
                None => std::future::pending().await,
            }
        };
        // Ending comes first, so that a stream of commands cannot keep a hub alive.
        tokio::select! {
            biased;
            () = end.cancelled() => break,
            Some(delivery) = deliveries.recv() => {
                note(&delivery);
                let at = desk.mint.now();
                desk.stream.send(at, FeedEvent::DeliveryMoved { delivery });
            }
            asked = inbox.recv() => match asked {
                Some(Asked::Command { by, command, reply }) => desk.take(&by, *command, reply).await,
                Some(Asked::Follow { reply }) => {
                    let _gone = reply.send(desk.stream.follow()).is_err();
                }
                None => break,
            },
            Some(Sighting { seen, reply }) = sightings.recv() => {
                let _gone = reply.send(desk.witness(seen).await).is_err();
            }
            Some(looked) = desk.looking.join_next() => match looked {
                Ok(looked) => desk.looked(looked).await,
                Err(error) => tracing::error!(%error, "a look at a tracker ended badly"),
            },
            () = deadline => {
                if let Err(notice) = desk.pass_time().await {
                    tracing::error!(what = ?notice.what, "a deadline could not be recorded");
                    clock.sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }
}

/// Logs what holds a copy up; what it says is the tracker's own text, so that it is escaped.
fn note(delivery: &Delivery) {
    let Delivery { entry, tracker, stage } = delivery;
    match stage {
        DeliveryStage::Parked { why } => tracing::warn!(%entry, tracker, ?why, "a copy is parked"),
        DeliveryStage::Dropped { why } => {
            tracing::info!(%entry, tracker, ?why, "a copy is given up");
        }
        DeliveryStage::Owed { why: Some(why), .. } => {
            tracing::info!(%entry, tracker, ?why, "a copy is held up");
        }
        DeliveryStage::Owed { why: None, .. }
        | DeliveryStage::Sending { .. }
        | DeliveryStage::Ambiguous { .. }
        | DeliveryStage::Written { .. } => {}
    }
}

impl Desk {
    /// Reads back what an earlier run recorded, and names what it lost sight of.
    async fn read_back(&mut self) -> Result<(), HubError> {
        let cut_off = self.journal.claims_without_outcome()?;
        for entry in self.remembered(&cut_off)? {
            self.retell(entry);
        }
        let incidents: Vec<_> = self.incidents.keys().copied().collect();
        for incident in incidents {
            for event in self.journal.exchange(incident)? {
                let at = event.at;
                self.stream.send(at, FeedEvent::ExchangeMoved { event: Box::new(event) });
            }
        }
        let lost: Vec<Entry> = cut_off.into_iter().filter_map(|id| self.lost(id)).collect();
        let records = lost.iter().map(|entry| self.owed(entry, None)).collect();
        self.journal.append(records).await?;
        for entry in lost {
            self.tell(entry);
        }
        for unpaid in self.journal.unpaid()? {
            let delivery = unpaid.owed.delivery;
            self.stream.send(unpaid.since, FeedEvent::DeliveryMoved { delivery });
        }
        Ok(())
    }

    /// The latest entries, and before them whatever still has force, however old: a halt, and everything
    /// about incidents that are not over or that hold a claim that was cut off.
    fn remembered(&self, cut_off: &[ProposalId]) -> Result<Vec<Entry>, HubError> {
        let latest = self.journal.latest_entries(MOST_READ_BACK)?;
        if latest.len() < MOST_READ_BACK {
            return Ok(latest);
        }
        let mut incidents = BTreeSet::new();
        for claimed in cut_off {
            incidents.extend(self.journal.entry((*claimed).into())?.map(|entry| entry.incident));
        }
        let open = self.journal.incidents()?.into_iter().filter(|it| !it.status.is_over());
        incidents.extend(open.map(|incident| incident.id));
        let mut entries: Vec<Entry> = self.journal.last_dispatch()?.into_iter().collect();
        for incident in incidents {
            entries.extend(self.journal.entries(Some(incident), None, usize::MAX)?.entries);
        }
        let known: BTreeSet<EntryId> = latest.iter().map(|entry| entry.id).collect();
        entries.retain(|entry| !known.contains(&entry.id));
        entries.sort_by_key(|entry| (entry.at, entry.id));
        entries.dedup_by_key(|entry| entry.id);
        entries.extend(latest);
        Ok(entries)
    }

    /// A claim that a crash cut off from its outcome: a person must look, no machine tries again.
    fn lost(&mut self, id: ProposalId) -> Option<Entry> {
        let incident = self.decisions.get(id)?.incident;
        let detail = Untrusted::from("the hub ended between the claim and the report");
        let stage = Stage::Lost { detail };
        let body = Body::Action(Action { proposal: id, stage });
        let text = "Unknown whether it ran: the hub ended in between. No machine tries it again.";
        let mut entry = self.mint.entry(incident, &Actor::wheelhouse(), body, text.into());
        entry.refs = vec![id.into()];
        Some(entry)
    }
}
