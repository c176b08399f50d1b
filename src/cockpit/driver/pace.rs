//! When a frame is drawn: at once for the person, else not faster than can be seen.

use std::time::Duration;

use tokio::sync::mpsc::Receiver;
use tokio::time::Instant;

/// The shortest time between two frames that nobody pressed a key for.
const BETWEEN_FRAMES: Duration = Duration::from_millis(16);

/// The longest time for which a full queue may hold a frame back.
const LONGEST_UNDRAWN: Duration = Duration::from_millis(33);

/// Whether a frame is wanted, and when the last one was drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct FramePace {
    wanted: Wanted,
    since: Instant,
    drawn: Instant,
}

/// Whether a frame is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wanted {
    /// Nothing changed.
    No,
    /// Something changed; it can wait for more.
    Soon,
    /// The person did something and looks for its effect.
    Now,
}

impl FramePace {
    /// The first frame is wanted at once.
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self { wanted: Wanted::Now, since: now, drawn: now }
    }

    /// Takes note that something changed.
    pub(super) fn want(&mut self, wanted: Wanted) {
        if self.wanted == Wanted::No {
            self.since = Instant::now();
        }
        self.wanted = self.wanted.max(wanted);
    }

    /// Whether to draw now, or to take what waits in the queue first.
    pub(super) fn may_draw<T>(&self, queue: &Receiver<T>) -> bool {
        let quiet = queue.is_empty() || self.since.elapsed() >= LONGEST_UNDRAWN;
        match self.wanted {
            Wanted::No => false,
            Wanted::Soon => quiet && self.drawn.elapsed() >= BETWEEN_FRAMES,
            // However much waits: the key itself is taken, and a person looks for what it does.
            Wanted::Now => true,
        }
    }

    /// A frame was drawn.
    pub(super) fn drew(&mut self) {
        self.wanted = Wanted::No;
        self.drawn = Instant::now();
    }

    /// When the frame that is wanted may be drawn at the latest; none if none is wanted.
    pub(super) fn due(&self) -> Option<Instant> {
        (self.wanted != Wanted::No).then(|| self.drawn + BETWEEN_FRAMES)
    }

    /// Whether everything that changed was drawn.
    pub(super) fn is_at_rest(&self) -> bool {
        self.wanted == Wanted::No
    }
}
