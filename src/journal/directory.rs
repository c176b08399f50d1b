//! The directory of a journal: private, and written by one process at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::JournalError;

/// The name of the database in the directory.
const DATABASE: &str = "journal.sqlite3";

/// The name of the lock in the directory.
const LOCK: &str = "journal.lock";

/// Longest text that is read out of a lock; a pid has at most ten digits.
const LONGEST_PID: u64 = 16;

/// The one permission to write in a directory; given back when dropped, or when the process ends in
/// whatever way, because the system holds it and not the file.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// Where the database of a directory stands.
pub(super) fn database(dir: &Path) -> PathBuf {
    dir.join(DATABASE)
}

/// Makes the directory if there is none, refuses one that others can write to, and locks it.
pub(super) fn lock(dir: &Path) -> Result<Lock, JournalError> {
    make_private(dir)?;
    let mut file = private(OpenOptions::new().read(true).write(true).create(true))
        .truncate(false)
        .open(dir.join(LOCK))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let pid = holder(&mut file);
            return Err(JournalError::InUse { dir: dir.to_owned(), pid });
        }
        Err(TryLockError::Error(error)) => return Err(error.into()),
    }
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())?;
    Ok(Lock { _file: file })
}

/// Makes the database file readable for its owner alone, before anything is written to it.
pub(super) fn make_database(path: &Path) -> Result<(), JournalError> {
    private(OpenOptions::new().write(true).create(true)).truncate(false).open(path)?;
    Ok(())
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(LONGEST_PID).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(unix)]
fn make_private(dir: &Path) -> Result<(), JournalError> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};

    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let mode = std::fs::metadata(dir)?.permissions().mode() & 0o777;
    if mode & 0o022 != 0 {
        return Err(JournalError::NotPrivate { path: dir.to_owned(), mode });
    }
    Ok(())
}

#[cfg(not(unix))]
fn make_private(dir: &Path) -> Result<(), JournalError> {
    Ok(std::fs::create_dir_all(dir)?)
}
