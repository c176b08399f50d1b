//! The hub of a process that stays, such as a cockpit: with its trackers, its delivery, and its socket.

use std::collections::BTreeSet;

use tokio::sync::mpsc;

use super::session::Session;
use super::{doorway, sources, tracking};
use crate::hub::{Delivering, Door, Hub, Plan, Reading, Route, Socket, Syncing};
use crate::incident::{Actor, ActorKind, Notice, Principal, Proof};
use crate::journal::Journal;
use crate::settings::Settings;
use crate::wire::{Gates, Link};

/// How many stages of deliveries may wait to be told.
const WAITING: usize = 64;

/// A hub with everything around it.
pub(super) struct House {
    /// The person's connection.
    pub(super) link: Link,
    hub: Hub,
    delivering: Delivering,
    syncing: Syncing,
    door: Option<Door>,
    socket: Socket,
}

impl House {
    /// Starts the hub of the data directory.
    ///
    /// # Errors
    /// Another process holds the journal, or something there cannot be opened.
    pub(super) async fn open(
        session: &Session,
        settings: &Settings,
        name: &'static str,
    ) -> Result<Self, Notice> {
        let (paths, clock) = (session.paths()?, session.clock.clone());
        let person = session.person(settings)?;
        let journal = Journal::open(&paths.data)?;
        let trackers = tracking::open(settings, session).await?;
        let records: BTreeSet<String> = settings.records().into_iter().collect();
        let (told, deliveries) = mpsc::channel(WAITING);
        let gates = Gates {
            hub: name.to_owned(),
            halted: false,
            people: sources::people(settings, &person)?,
            trackers: settings.records(),
            partners: settings.partners.keys().cloned().collect(),
        };
        let delivering = Delivering::start(Route {
            journal: journal.clone(),
            trackers: trackers.iter().filter(|it| records.contains(it.name())).cloned().collect(),
            clock: clock.clone(),
            told,
            seed: fastrand::u64(..),
        });
        let plan = Plan {
            journal: journal.clone(),
            clock: clock.clone(),
            policy: settings.policy.clone(),
            gates,
            deliveries,
            seed: None,
        };
        let hub = Hub::start(plan).await?;
        let syncing = Syncing::start(Reading {
            sources: sources::of(settings, &trackers),
            accounts: sources::accounts(settings, &person)?,
            journal,
            clock,
            witness: hub.witness(),
            seed: fastrand::u64(..),
        });
        let monitor = Actor::new(ActorKind::System, "alertmanager", None);
        let monitor = Principal {
            actor: monitor.unwrap_or_else(|_| Actor::wheelhouse()),
            proof: Proof::Token,
            roles: Vec::new(),
        };
        let caller = (hub.link(monitor), syncing.hint());
        let door = doorway::open(settings, session, &trackers, caller).await?;
        let link = hub.link(person);
        let socket = Socket::open(&paths.socket(), link.clone()).await?;
        Ok(Self { link, hub, delivering, syncing, door, socket })
    }

    /// Connects another principal, such as an agent of this process.
    pub(super) fn link_of(&self, by: Principal) -> Link {
        self.hub.link(by)
    }

    /// Ends everything; what was recorded is kept.
    pub(super) async fn close(self) {
        if let Some(door) = self.door {
            door.close().await;
        }
        self.socket.close().await;
        self.syncing.end().await;
        self.hub.stop().await;
        self.delivering.end().await;
    }
}
