//! The guard: the cockpit's parent process, which gives the terminal back where the cockpit cannot.
//!
//! Nothing can catch SIGKILL, and a process that the system ends for want of memory restores nothing.
//! The guard only waits: it passes signals on, stops when the cockpit stops, ends with its exit code,
//! and if the cockpit was killed puts the terminal back into the modes and settings it found.

use std::io::{self, Write as _};
use std::process::Command;

use rustix::process::{
    Pid, Signal as Number, WaitOptions, WaitStatus, getpid, kill_process, waitpid,
};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

use super::signals::{Ending, Signal, Source};
use super::{job, modes};

/// How a guarded process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guarded {
    /// By itself, with this code.
    Ended(u8),
    /// By a signal that it could not catch; the terminal was given back for it.
    Killed,
}

/// Runs a command that takes the terminal, and waits for its end; call it outside of any spawned task.
///
/// # Errors
/// The command cannot be started, or the terminal's settings cannot be read.
pub async fn guard(mut command: Command) -> io::Result<Guarded> {
    let at_rest = tcgetattr(io::stdin())?;
    let mut signals = Source::new()?;
    let child = command.spawn()?;
    let pid = Pid::from_child(&child);
    let mut ended = tokio::task::spawn_blocking(move || wait(pid));
    let status = loop {
        tokio::select! {
            status = &mut ended => break status.map_err(io::Error::other)??,
            signal = signals.next() => pass_on(pid, signal),
        }
    };
    if status.terminating_signal().is_some() {
        give_back(&at_rest)?;
        return Ok(Guarded::Killed);
    }
    let code = status.exit_status().and_then(|code| u8::try_from(code).ok());
    Ok(Guarded::Ended(code.unwrap_or(1)))
}

/// Ends this process in order when its guard is killed, since nobody would be left to watch over it.
///
/// # Errors
/// The system cannot be asked for it.
pub fn end_with_guard() -> io::Result<()> {
    job::under_guard();
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    rustix::process::set_parent_process_death_signal(Some(Number::HUP))?;
    Ok(())
}

/// Waits for the end; whoever stops is stopped with, so that a shell sees its job stop.
fn wait(pid: Pid) -> io::Result<WaitStatus> {
    loop {
        let Some((_, status)) = waitpid(Some(pid), WaitOptions::UNTRACED)? else { continue };
        if !status.stopped() {
            return Ok(status);
        }
        // The cockpit is continued by whoever continues the guard: a shell continues the whole job, and
        // `pass_on` tells it when somebody continued the guard alone. Not from here, because this
        // thread may run on for a moment before the process really stops.
        kill_process(getpid(), Number::STOP)?;
    }
}

fn pass_on(pid: Pid, signal: Signal) {
    let number = match signal {
        Signal::End(Ending::HungUp) => Number::HUP,
        Signal::End(Ending::Interrupted) => Number::INT,
        Signal::End(Ending::Terminated) => Number::TERM,
        Signal::Stop => Number::TSTP,
        Signal::Continued => Number::CONT,
    };
    if let Err(error) = kill_process(pid, number) {
        tracing::debug!(%error, "the cockpit has ended already");
    }
}

fn give_back(at_rest: &Termios) -> io::Result<()> {
    tcsetattr(io::stdin(), OptionalActions::Now, at_rest)?;
    let mut bytes = Vec::from(modes::AMBIGUOUS);
    modes::leave(&mut bytes)?;
    let mut out = io::stdout().lock();
    out.write_all(&bytes)?;
    out.flush()
}
