//! What a panic does: the owner of the screen gives it back and says what happened, anyone else
//! only reports.

use std::fmt;
use std::io::{self, Write};
use std::panic::{self, PanicHookInfo};
use std::thread::{self, ThreadId};

use tokio::sync::mpsc::{self, Receiver, Sender};

use super::held;

/// How many reports wait to be shown; further ones are in the log alone.
const WAITING_MAX: usize = 16;

/// The longest message that is shown, in characters.
const MESSAGE_MAX: usize = 400;

/// A part of the program that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panicked {
    /// The thread's name.
    pub thread: String,
    /// The file and line in the source.
    pub place: String,
    /// What was said, on one line, with every control character escaped.
    pub message: String,
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a part of wheelhouse failed: {} ({}, {})", self.message, self.place, self.thread)
    }
}

impl Panicked {
    fn new(about: &PanicHookInfo<'_>) -> Self {
        let payload = about.payload();
        let said = payload.downcast_ref::<&str>().copied();
        let said = said.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let place =
            about.location().map_or_else(|| "unknown place".to_owned(), ToString::to_string);
        let current = thread::current();
        let thread = current.name().unwrap_or("unnamed thread").escape_debug().to_string();
        Self { thread, place, message: plain(said.unwrap_or("no message")) }
    }
}

/// One line in which nothing acts on a terminal: a panic's message may hold text from outside.
fn plain(said: &str) -> String {
    said.chars().take(MESSAGE_MAX).flat_map(char::escape_debug).collect()
}

/// Watches for panics from now on; call it on the thread that will own the screen.
///
/// A panic of that thread, outside of any spawned task, gives the terminal back and is printed.
/// Any other panic never touches the terminal: it is logged, and comes out of the receiver so that
/// the screen can say so.
pub fn watch() -> Receiver<Panicked> {
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    let owner = thread::current().id();
    panic::set_hook(Box::new(move |about| report(owner, &sender, about)));
    receiver
}

fn report(owner: ThreadId, sender: &Sender<Panicked>, about: &PanicHookInfo<'_>) {
    let panicked = Panicked::new(about);
    tracing::error!(?panicked, "panicked");
    let is_task = tokio::task::try_id().is_some();
    let owns_screen = thread::current().id() == owner && !is_task;
    if !owns_screen && held::is_ours() {
        if sender.try_send(panicked).is_err() {
            tracing::warn!("a panic could not be shown on screen");
        }
        return;
    }
    let restored = held::restore_at_once();
    let mut stderr = io::stderr().lock();
    let printed = writeln!(stderr, "{panicked}");
    if let Err(error) = restored.and(printed) {
        tracing::warn!(%error, "failed to give the terminal back after a panic");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_with_escapes_is_one_harmless_line() {
        let message = plain("bad \x1b[31m\r\n\u{9b}2J\u{202e}x");
        assert!(message.chars().all(|sign| !sign.is_control()), "{message:?}");
        assert!(message.contains("\\u{1b}[31m") && message.contains("\\u{202e}"), "{message:?}");
    }

    #[test]
    fn a_message_is_bounded() {
        assert_eq!(plain(&"x".repeat(10_000)).len(), MESSAGE_MAX);
    }
}
