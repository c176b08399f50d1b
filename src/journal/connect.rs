//! Connections to the database, with the settings that the promises of the journal rest on.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::{JournalError, directory, schema};

/// How long a connection waits for another one, such as a backup.
const BUSY: Duration = Duration::from_secs(5);

/// The oldest SQLite that has the fix for the corruption when a write-ahead log is reset.
const OLDEST_SQLITE: i32 = 3_051_003;

/// Opens the one connection that writes, making or upgrading the database.
pub(super) fn writer(path: &Path) -> Result<Connection, JournalError> {
    directory::make_database(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    refuse_newer(&connection)?;
    connection.execute_batch(
        "PRAGMA page_size = 8192;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA fullfsync = ON;
         PRAGMA checkpoint_fullfsync = ON;
         PRAGMA foreign_keys = ON;
         PRAGMA recursive_triggers = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA mmap_size = 0;
         PRAGMA wal_autocheckpoint = 0;
         PRAGMA journal_size_limit = 67108864;",
    )?;
    assert_settings(&connection)?;
    migrate(&mut connection)?;
    Ok(connection)
}

/// Opens a connection that can only read, beside the one that writes.
pub(super) fn reader(path: &Path) -> Result<Connection, JournalError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    refuse_newer(&connection)?;
    connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -16000;")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn version(connection: &Connection) -> Result<u32, JournalError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

fn refuse_newer(connection: &Connection) -> Result<(), JournalError> {
    let (found, known) = (version(connection)?, schema::known());
    if found > known { Err(JournalError::Newer { found, known }) } else { Ok(()) }
}

/// Reads back what was set: a file system or a build of SQLite may refuse a setting without a word.
fn assert_settings(connection: &Connection) -> Result<(), JournalError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        let found = rusqlite::version().to_owned();
        return Err(JournalError::Unsafe { setting: "the version of SQLite", found });
    }
    let expected = [
        ("journal_mode", "wal"),
        ("synchronous", "2"),
        ("foreign_keys", "1"),
        ("recursive_triggers", "1"),
        ("busy_timeout", "5000"),
    ];
    for (setting, expected) in expected {
        let value: rusqlite::types::Value =
            connection.pragma_query_value(None, setting, |row| row.get(0))?;
        let found = match value {
            rusqlite::types::Value::Text(text) => text,
            rusqlite::types::Value::Integer(number) => number.to_string(),
            other => format!("{other:?}"),
        };
        if found != expected {
            return Err(JournalError::Unsafe { setting, found });
        }
    }
    Ok(())
}

/// Takes the steps that this database has not seen, all of them or none.
fn migrate(connection: &mut Connection) -> Result<(), JournalError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    if found < schema::known() {
        let seen = usize::try_from(found).unwrap_or(usize::MAX);
        for step in schema::STEPS.iter().skip(seen) {
            transaction.execute_batch(step)?;
        }
        transaction.execute_batch(&schema::guards())?;
        transaction.pragma_update(None, "user_version", schema::known())?;
    }
    Ok(transaction.commit()?)
}
