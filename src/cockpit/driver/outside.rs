//! What comes from outside while nobody presses a key: signals, panics, messages, time.

use tokio::sync::mpsc::Receiver;

use crate::cockpit::terminal::{Panicked, Signal};

/// The sources that the process opens before the loop begins; tests have none.
#[derive(Debug, Default)]
pub struct Outside {
    /// Requests to end, to stop, and to go on.
    pub signals: Option<Receiver<Signal>>,
    /// Parts of the process that failed.
    pub panics: Option<Receiver<Panicked>>,
}

impl Outside {
    /// The next signal; waits for ever if there are none.
    pub(super) async fn signal(signals: &mut Option<Receiver<Signal>>) -> Signal {
        next(signals).await
    }

    /// The next failure; waits for ever if there are none.
    pub(super) async fn panic(panics: &mut Option<Receiver<Panicked>>) -> Panicked {
        next(panics).await
    }
}

async fn next<T>(source: &mut Option<Receiver<T>>) -> T {
    if let Some(receiver) = source
        && let Some(item) = receiver.recv().await
    {
        return item;
    }
    *source = None;
    std::future::pending().await
}
