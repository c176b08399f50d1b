//! The one record of whether the terminal is ours, so that it is given back exactly once.
//!
//! It is a static because a process has one terminal, and because a panic hook and a signal must
//! find it from any thread.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};

use super::modes::{self, Pointer};

/// Whether the terminal is ours; whoever writes to it holds the lock.
static HELD: Mutex<Record> = Mutex::new(Record { whose: Whose::Shells, undo: Vec::new() });

/// Whose the terminal is, and what besides the modes is undone when it is given back.
#[derive(Debug)]
struct Record {
    whose: Whose,
    undo: Vec<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Ours,
    Shells,
}

/// Takes the terminal; taking it again sets every mode anew.
///
/// # Errors
/// The terminal cannot be written to; then nothing is left changed.
pub(super) fn take(pointer: Pointer) -> io::Result<()> {
    let mut held = lock();
    // A shell may have changed the line's modes while the process was stopped.
    disable_raw_mode()?;
    enable_raw_mode()?;
    let before = std::mem::replace(&mut held.whose, Whose::Ours);
    let taken = send(|out| {
        if before == Whose::Shells {
            modes::save_title(out)?;
        }
        modes::enter(out, pointer)
    });
    if taken.is_err() {
        give_back(&mut held)?;
    }
    taken
}

/// Gives the terminal back, unless that has been done.
pub(super) fn restore() -> io::Result<()> {
    give_back(&mut lock())
}

/// Gives the terminal back even if the thread that draws is stuck: for a panic and for the last
/// second before an end.
pub(super) fn restore_at_once() -> io::Result<()> {
    match HELD.try_lock() {
        Ok(mut held) => give_back(&mut held),
        Err(TryLockError::Poisoned(held)) => give_back(&mut held.into_inner()),
        Err(TryLockError::WouldBlock) => leave(&[]),
    }
}

/// Whether the terminal is ours; if that cannot be told, it is.
pub(super) fn is_ours() -> bool {
    HELD.try_lock().map_or(true, |held| held.whose == Whose::Ours)
}

/// Writes to the terminal while it is ours; what comes too late is dropped.
pub(super) fn write(bytes: &[u8]) -> io::Result<()> {
    let held = lock();
    if held.whose == Whose::Shells {
        return Ok(());
    }
    flush(bytes)
}

/// Remembers what undoes something that was asked of the terminal; the same bytes count once.
pub(super) fn undo_with(bytes: &'static str) {
    let mut held = lock();
    if !held.undo.contains(&bytes) {
        held.undo.push(bytes);
    }
}

fn lock() -> MutexGuard<'static, Record> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

fn give_back(held: &mut Record) -> io::Result<()> {
    if held.whose == Whose::Shells {
        return Ok(());
    }
    held.whose = Whose::Shells;
    leave(&std::mem::take(&mut held.undo))
}

/// Line modes first: they need no bytes to go through.
fn leave(undo: &[&str]) -> io::Result<()> {
    let line = disable_raw_mode();
    let screen = send(|out| {
        undo.iter().try_for_each(|bytes| out.write_all(bytes.as_bytes()))?;
        modes::leave(out)
    });
    line.and(screen)
}

fn send(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> io::Result<()> {
    let mut bytes = Vec::new();
    write(&mut bytes)?;
    flush(&bytes)
}

fn flush(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}
