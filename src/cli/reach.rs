//! Reaching the hub: the one that runs, or one that lives for this command.

use tokio::sync::mpsc;

use super::session::Session;
use crate::hub::{Hub, Plan, attach};
use crate::incident::{Notice, Trouble};
use crate::journal::Journal;
use crate::wire::{Gates, Link};

/// A hub that can be asked.
pub(super) struct Reached {
    /// The person's connection.
    pub link: Link,
    own: Option<Hub>,
}

impl Reached {
    /// Whether a hub runs beside this command, with agents that hear about it at once.
    pub(super) fn is_running(&self) -> bool {
        self.own.is_none()
    }

    /// Ends the hub that lived for this command.
    pub(super) async fn leave(self) {
        if let Some(hub) = self.own {
            hub.stop().await;
        }
    }
}

/// Reaches the hub of the data directory.
///
/// # Errors
/// The hub that runs refuses, or none runs and the journal cannot be written.
pub(super) async fn hub(session: &mut Session) -> Result<Reached, Notice> {
    match attach(&session.paths()?.socket()).await {
        Ok(link) => Ok(Reached { link, own: None }),
        Err(notice) if notice.trouble == Trouble::Unreachable => own(session).await,
        Err(notice) => Err(notice),
    }
}

async fn own(session: &mut Session) -> Result<Reached, Notice> {
    let settings = session.settings()?;
    let person = session.person(&settings)?;
    let journal = Journal::open(&session.paths()?.data)?;
    // Nothing is delivered while a command runs: what is owed is paid by the next hub that stays.
    let (_, deliveries) = mpsc::channel(1);
    let gates = Gates {
        hub: "command-line".to_owned(),
        halted: false,
        people: vec![person.actor.clone()],
        trackers: settings.records(),
        partners: Vec::new(),
    };
    let (clock, policy) = (session.clock.clone(), settings.policy);
    let hub = Hub::start(Plan { journal, clock, policy, gates, deliveries, seed: None }).await?;
    Ok(Reached { link: hub.link(person), own: Some(hub) })
}
