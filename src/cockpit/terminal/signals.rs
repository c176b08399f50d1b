//! Signals: an orderly end within a second, stopping and going on.

use std::io;
use std::process;
use std::time::Duration;

use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time;

use super::held;

/// How long the cockpit has to flush and to give the terminal back before it is ended.
const GRACE: Duration = Duration::from_millis(840);

/// How long after a request to end another one may be the same.
const ECHO: Duration = Duration::from_millis(20);

/// How long giving the terminal back may take at the very end.
const LAST: Duration = Duration::from_millis(90);

/// What the outside asks of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// End, in order and soon.
    End(Ending),
    /// Stop for the shell: see [`super::Screen::suspend`].
    Stop,
    /// Continued after a stop: see [`super::Screen::retake`].
    Continued,
}

/// Why the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The terminal was closed.
    HungUp,
    /// Someone interrupted it.
    Interrupted,
    /// Someone ended it.
    Terminated,
}

impl Ending {
    /// The exit code: 128 and the signal's number, as shells count.
    pub fn code(self) -> u8 {
        match self {
            Self::HungUp => 129,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

/// Watches for signals from now on; call it in a runtime with more than one thread.
///
/// The first request to end comes out of the receiver. If the process is still there a second
/// later, or is asked again, the terminal is given back and the process ends with its code.
///
/// # Errors
/// The system cannot watch for signals.
pub fn watch() -> io::Result<Receiver<Signal>> {
    let (sender, receiver) = mpsc::channel(8);
    let source = Source::new()?;
    tokio::spawn(pass_on(source, sender));
    Ok(receiver)
}

async fn pass_on(mut source: Source, sender: Sender<Signal>) {
    loop {
        let signal = source.next().await;
        if sender.try_send(signal).is_err() {
            tracing::warn!(?signal, "nobody takes signals");
        }
        if let Signal::End(ending) = signal {
            return end_after_grace(source, ending).await;
        }
    }
}

async fn end_after_grace(mut source: Source, ending: Ending) {
    let ends = async |source: &mut Source| while !matches!(source.next().await, Signal::End(_)) {};
    // A shell tells everybody of its job, and the guard passes on what it hears: that is one request.
    let echoes = async { while time::timeout(ECHO, ends(&mut source)).await.is_ok() {} };
    let echoed = time::timeout(ECHO * 3, echoes).await;
    tracing::debug!(?echoed, ?ending, "asked to end");
    if time::timeout(GRACE, ends(&mut source)).await.is_err() {
        tracing::warn!("the cockpit did not end in time");
    }
    // A terminal that takes no bytes must not keep the process.
    let restored = time::timeout(LAST, tokio::task::spawn_blocking(held::restore_at_once)).await;
    if !matches!(restored, Ok(Ok(Ok(())))) {
        tracing::warn!(?restored, "failed to give the terminal back at the end");
    }
    process::exit(i32::from(ending.code()));
}

/// The signals of this system.
#[cfg(unix)]
pub(super) struct Source {
    hung_up: tokio::signal::unix::Signal,
    interrupted: tokio::signal::unix::Signal,
    terminated: tokio::signal::unix::Signal,
    stop: tokio::signal::unix::Signal,
    continued: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Source {
    pub(super) fn new() -> io::Result<Self> {
        use rustix::process::Signal as Number;
        use tokio::signal::unix::{SignalKind, signal};
        let of = |number: Number| signal(SignalKind::from_raw(number.as_raw()));
        Ok(Self {
            hung_up: of(Number::HUP)?,
            interrupted: of(Number::INT)?,
            terminated: of(Number::TERM)?,
            stop: of(Number::TSTP)?,
            continued: of(Number::CONT)?,
        })
    }

    pub(super) async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminated.recv() => Signal::End(Ending::Terminated),
            _ = self.interrupted.recv() => Signal::End(Ending::Interrupted),
            _ = self.hung_up.recv() => Signal::End(Ending::HungUp),
            _ = self.stop.recv() => Signal::Stop,
            _ = self.continued.recv() => Signal::Continued,
        }
    }
}

/// The signals of this system.
#[cfg(not(unix))]
pub(super) struct Source;

#[cfg(not(unix))]
impl Source {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self)
    }

    pub(super) async fn next(&mut self) -> Signal {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Signal::End(Ending::Interrupted),
            Err(_) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_those_that_shells_expect() {
        let codes = [Ending::HungUp, Ending::Interrupted, Ending::Terminated].map(Ending::code);
        assert_eq!(codes, [129, 130, 143]);
    }
}
