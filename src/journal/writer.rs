//! The writer: one thread that owns the one connection that writes, and commits in groups.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{Notify, mpsc, oneshot};

use super::directory::Lock;
use super::record::{Noted, Row};
use super::{JournalError, connect, write};

/// How many askers may wait for the writer before further ones wait to be taken.
const MOST_WAITING: usize = 1024;

/// How many calls are committed together at most.
const MOST_GROUPED: usize = 512;

/// After how many commits the pieces of the search index are merged, when nobody waits.
const MERGE_EVERY: u32 = 64;

/// After how many commits the write-ahead log moves into the database, when nobody waits.
const CHECKPOINT_EVERY: u32 = 256;

/// After how many commits it moves even though somebody waits, so that it cannot grow for ever.
const CHECKPOINT_AT_LAST: u32 = 8 * CHECKPOINT_EVERY;

/// One call: all of its rows are recorded, or none.
pub(super) struct Call {
    pub(super) rows: Vec<Row>,
    pub(super) reply: oneshot::Sender<Result<Vec<Noted>, JournalError>>,
}

/// The way to the thread; dropping it waits until everything that was taken is committed.
#[derive(Debug)]
pub(super) struct Writer {
    calls: Option<mpsc::Sender<Call>>,
    owing: Arc<Notify>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread; it holds the lock of the directory for as long as it lives.
    pub(super) fn start(
        path: PathBuf,
        connection: Connection,
        lock: Lock,
    ) -> Result<Self, JournalError> {
        let (calls, queue) = mpsc::channel(MOST_WAITING);
        let owing = Arc::new(Notify::new());
        let mut desk = Desk {
            path,
            connection: Some(connection),
            owing: Arc::clone(&owing),
            unmerged: 0,
            unmoved: 0,
        };
        let thread = std::thread::Builder::new().name("journal".to_owned()).spawn(move || {
            desk.run(queue);
            drop(lock);
        })?;
        Ok(Self { calls: Some(calls), owing, thread: Some(thread) })
    }

    /// Wakes whoever delivers.
    pub(super) fn owing(&self) -> &Notify {
        &self.owing
    }

    /// Hands a call over and waits for its commit.
    pub(super) async fn call(&self, rows: Vec<Row>) -> Result<Vec<Noted>, JournalError> {
        let (reply, answer) = oneshot::channel();
        let calls = self.calls.as_ref().ok_or(JournalError::Ended)?;
        calls.send(Call { rows, reply }).await.map_err(|_| JournalError::Ended)?;
        answer.await.map_err(|_| JournalError::Ended)?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.calls = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the journal's writer ended with a panic");
        }
    }
}

/// What the thread works with.
struct Desk {
    path: PathBuf,
    /// Absent after the storage failed: a handle on which a sync failed is never used again.
    connection: Option<Connection>,
    owing: Arc<Notify>,
    unmerged: u32,
    unmoved: u32,
}

impl Desk {
    fn run(&mut self, mut queue: mpsc::Receiver<Call>) {
        while let Some(first) = queue.blocking_recv() {
            let mut group = vec![first];
            while group.len() < MOST_GROUPED {
                match queue.try_recv() {
                    Ok(next) => group.push(next),
                    Err(_) => break,
                }
            }
            self.commit(group);
            self.tidy(queue.is_empty());
        }
        self.unmoved = CHECKPOINT_AT_LAST;
        self.tidy(true);
    }

    fn commit(&mut self, group: Vec<Call>) {
        let rows: Vec<&[Row]> = group.iter().map(|call| call.rows.as_slice()).collect();
        match self.together(&rows) {
            Ok(noted) => group.into_iter().zip(noted).for_each(|(call, noted)| {
                self.tell(&call.rows);
                answer(call.reply, Ok(noted));
            }),
            // One bad call must not fail its neighbours: none of them is recorded yet, so each goes again.
            Err(error) if !error.is_storage() && group.len() > 1 => {
                for Call { rows, reply } in group {
                    let noted = self.together(&[&rows]);
                    self.tell(&rows);
                    answer(reply, noted.map(|noted| noted.into_iter().flatten().collect()));
                }
            }
            Err(error) => group.into_iter().for_each(|call| answer(call.reply, Err(error.clone()))),
        }
    }

    /// Records the calls in one transaction.
    fn together(&mut self, calls: &[&[Row]]) -> Result<Vec<Vec<Noted>>, JournalError> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => connect::writer(&self.path)?,
        };
        let result = in_transaction(&mut connection, calls);
        match &result {
            Err(error) if error.is_storage() => {
                tracing::error!(%error, "the journal stops recording");
            }
            _ => self.connection = Some(connection),
        }
        self.unmerged += 1;
        self.unmoved += 1;
        result
    }

    /// Wakes whoever delivers, if a tracker is owed something now.
    fn tell(&self, rows: &[Row]) {
        if rows.iter().any(Row::owes) {
            self.owing.notify_one();
        }
    }

    /// Does what makes later commits and searches cheap, after everybody has their answer.
    fn tidy(&mut self, idle: bool) {
        let Some(connection) = &self.connection else { return };
        if idle && self.unmerged >= MERGE_EVERY {
            self.unmerged = 0;
            let merged =
                connection.execute_batch("INSERT INTO words (words, rank) VALUES ('merge', 64);");
            told(merged, "merge the search index");
        }
        if self.unmoved >= if idle { CHECKPOINT_EVERY } else { CHECKPOINT_AT_LAST } {
            self.unmoved = 0;
            let moved = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
            told(moved, "move the write-ahead log");
        }
    }
}

fn in_transaction(
    connection: &mut Connection,
    calls: &[&[Row]],
) -> Result<Vec<Vec<Noted>>, JournalError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let note = |rows: &&[Row]| rows.iter().map(|row| write::note(&transaction, row)).collect();
    let noted = calls.iter().map(note).collect::<Result<_, _>>()?;
    transaction.commit()?;
    Ok(noted)
}

fn answer(
    reply: oneshot::Sender<Result<Vec<Noted>, JournalError>>,
    noted: Result<Vec<Noted>, JournalError>,
) {
    if reply.send(noted).is_err() {
        tracing::debug!("whoever asked for a record did not wait for it");
    }
}

/// Nothing was promised about housekeeping, so its failure is told and nothing else.
fn told(result: Result<(), rusqlite::Error>, what: &str) {
    if let Err(error) = result {
        tracing::warn!(%error, "failed to {what}");
    }
}
