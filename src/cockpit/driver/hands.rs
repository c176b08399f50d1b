//! The person's hands: inputs from the terminal, as a source that can be let go of.

use std::io::{self, IsTerminal as _, stdin};

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cockpit::core::{Input, Timed};
use crate::cockpit::keyboard::Listening;
use crate::settings::Clock;

/// Where the person's inputs come from.
#[expect(
    async_fn_in_trait,
    reason = "the loop runs where it is awaited; nothing needs it to be Send"
)]
pub trait Hands {
    /// The next input, with the moment at which it came; none if there will be none. Waiting for it may
    /// be given up at any time.
    async fn next(&mut self) -> Option<io::Result<Timed>>;

    /// Stops reading, so that an editor or a shell can have the keys; the next wait begins again.
    fn let_go(&mut self);
}

/// The keyboard and mouse of the terminal, and its size.
#[derive(Debug)]
pub struct Keyboard {
    clock: Clock,
    resized: Signal,
    listening: Option<Listening>,
}

impl Keyboard {
    /// Reads nothing before the first wait, but misses no change of the size from now on. The moments are
    /// those of this clock.
    ///
    /// # Errors
    /// The system cannot watch for changes of the size.
    pub fn new(clock: Clock) -> io::Result<Self> {
        let resized = signal(SignalKind::window_change())?;
        Ok(Self { clock, resized, listening: None })
    }

    fn sized(&self) -> io::Result<Timed> {
        let (columns, rows) = crossterm::terminal::size()?;
        Ok(Timed { at: self.clock.now(), input: Input::Resize { columns, rows } })
    }
}

impl Hands for Keyboard {
    async fn next(&mut self) -> Option<io::Result<Timed>> {
        if self.listening.is_none() {
            if !stdin().is_terminal() {
                return None;
            }
            match Listening::begin(self.clock.clone()) {
                Ok(listening) => self.listening = Some(listening),
                Err(error) => return Some(Err(error)),
            }
        }
        let listening = self.listening.as_mut()?;
        tokio::select! {
            biased;
            _ = self.resized.recv() => Some(self.sized()),
            heard = listening.next() => heard,
        }
    }

    fn let_go(&mut self) {
        self.listening = None;
    }
}
