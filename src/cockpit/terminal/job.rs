//! Stopping the process for the shell's job control, and noticing when it may go on.

use std::io;
#[cfg(unix)]
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether stopping would bring a shell back rather than freeze the terminal.
///
/// A process that leads its session has no shell above it: nobody would continue it. Under a guard,
/// the job is the guard.
#[cfg(unix)]
pub(super) fn may_stop() -> bool {
    let own = rustix::process::getpid();
    let job = if GUARDED.load(Ordering::Relaxed) {
        rustix::process::getppid().unwrap_or(own)
    } else {
        own
    };
    rustix::process::getsid(None).is_ok_and(|leader| leader != job)
}

/// Whether the parent of this process is its guard.
#[cfg(unix)]
static GUARDED: AtomicBool = AtomicBool::new(false);

/// Takes note that the parent of this process is its guard.
#[cfg(unix)]
pub(super) fn under_guard() {
    GUARDED.store(true, Ordering::Relaxed);
}

/// Stops this process; returns when it is continued in the foreground.
///
/// It stops itself rather than by SIGTSTP, which the kernel drops where no shell is watching. A
/// process continued in the background stops again, as it would on touching the terminal.
#[cfg(unix)]
pub(super) fn stop() -> io::Result<()> {
    loop {
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP)?;
        if is_foreground()? {
            return Ok(());
        }
    }
}

#[cfg(unix)]
fn is_foreground() -> io::Result<bool> {
    let foreground = rustix::termios::tcgetpgrp(io::stdin())?;
    Ok(foreground == rustix::process::getpgrp())
}

/// There is no job control here.
#[cfg(not(unix))]
pub(super) fn may_stop() -> bool {
    false
}

/// There is no job control here.
#[cfg(not(unix))]
pub(super) fn stop() -> io::Result<()> {
    Ok(())
}
