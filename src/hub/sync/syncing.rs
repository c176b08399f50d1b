//! Syncing: the readers as tasks that nobody awaits, and the hints that wake them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::accounts::Accounts;
use super::reader::Reader;
use super::sighting::Witness;
use super::source::{Addresses, Source};
use crate::journal::Journal;
use crate::settings::Clock;

/// How long a tracker is left alone at least, however often it calls.
const LEAST_REST: Duration = Duration::from_secs(1);

/// What is read, and for whom.
#[derive(Debug)]
pub struct Reading {
    /// The trackers.
    pub sources: Vec<Source>,
    /// Who stands behind their accounts.
    pub accounts: Accounts,
    /// What is known already.
    pub journal: Journal,
    /// What time it is.
    pub clock: Clock,
    /// The hub that is told.
    pub witness: Witness,
    /// Spreads the waits; the same seed waits the same.
    pub seed: u64,
}

/// Wakes the reader of a tracker; what is said with a hint is never believed.
#[derive(Debug, Clone, Default)]
pub struct Hint(BTreeMap<String, Arc<Notify>>);

impl Hint {
    /// A hint to a reader that is played.
    #[cfg(test)]
    pub(in crate::hub) fn to(tracker: &str, reader: Arc<Notify>) -> Self {
        Self(BTreeMap::from([(tracker.to_owned(), reader)]))
    }

    /// Asks for a reading of a tracker; `false` if nobody reads it.
    pub fn read(&self, tracker: &str) -> bool {
        self.0.get(tracker).map(|reader| reader.notify_one()).is_some()
    }
}

/// The running readers; they end when dropped.
#[derive(Debug)]
pub struct Syncing {
    end: CancellationToken,
    readers: JoinSet<()>,
    hint: Hint,
}

impl Syncing {
    /// Starts a reader for each tracker.
    pub fn start(reading: Reading) -> Self {
        let Reading { sources, accounts, journal, clock, witness, seed } = reading;
        let (accounts, addresses) = (Arc::new(accounts), Addresses::default());
        let (end, mut readers, mut hint) =
            (CancellationToken::new(), JoinSet::new(), Hint::default());
        for (number, source) in (0..).zip(sources.clone()) {
            let wake = Arc::new(Notify::new());
            hint.0.insert(source.tracker.name().to_owned(), Arc::clone(&wake));
            let reader = Reader::new(
                source,
                (journal.history().clone(), clock.clone(), witness.clone()),
                (Arc::clone(&accounts), Arc::clone(&addresses)),
                seed.wrapping_add(number),
            )
            .beside(&sources);
            readers.spawn(run(reader, clock.clone(), wake, end.clone()));
        }
        Self { end, readers, hint }
    }

    /// What wakes the readers.
    pub fn hint(&self) -> Hint {
        self.hint.clone()
    }

    /// Ends the readers; what they had not told is read again at the next start.
    pub async fn end(mut self) {
        self.end.cancel();
        while let Some(ended) = self.readers.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a reader of a tracker ended with a panic");
            }
        }
    }
}

impl Drop for Syncing {
    fn drop(&mut self) {
        self.end.cancel();
    }
}

async fn run(mut reader: Reader, clock: Clock, wake: Arc<Notify>, end: CancellationToken) {
    loop {
        let rest = tokio::select! {
            () = end.cancelled() => return,
            rest = reader.turn() => rest,
        };
        let mut rested = std::pin::pin!(clock.sleep(rest));
        let mut woken = std::pin::pin!(async {
            wake.notified().await;
            clock.sleep(LEAST_REST).await;
        });
        loop {
            tokio::select! {
                () = end.cancelled() => return,
                () = &mut rested => break,
                () = &mut woken => {
                    reader.hurry();
                    break;
                }
                Some(look) = reader.looks.recv() => tokio::select! {
                    () = end.cancelled() => return,
                    () = reader.look_out(look) => {}
                },
            }
        }
    }
}
