//! Taking the terminal, drawing on it, and giving it back: after quitting, a panic, or a signal.
//!
//! Every mode that is set is unset exactly once, whoever comes first: `held` keeps the record,
//! `modes` the bytes. Only the thread that owns the [`Screen`] may restore it for a panic; a panic
//! elsewhere is reported and the screen stays up. A terminal that is gone ends the loop
//! ([`TerminalError::Gone`]). SIGKILL cannot be caught: the `guard`, a parent process,
//! mends what it leaves.

mod ground;
#[cfg(unix)]
mod guard;
mod held;
mod job;
mod modes;
mod panics;
mod refusal;
mod screen;
mod signals;

pub use ground::Ground;
pub(super) use ground::probe_ground;
#[cfg(unix)]
pub use guard::{Guarded, end_with_guard, guard};
pub use modes::Pointer;
pub use panics::{Panicked, watch as watch_panics};
pub use refusal::{Surroundings, TerminalError, check};
pub use screen::{Screen, Strokes, Suspended};
pub use signals::{Ending, Signal, watch as watch_signals};
