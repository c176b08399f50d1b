//! The cockpit's pure heart: what can come in, what can be asked for, and what follows from it.
//!
//! Nothing here names a terminal, a network, a file, the environment or a clock: time, keys and
//! frames come in as values, so that a recording replays exactly.
//!
//! - `message`: what can happen. `effect`: what the driver shall do. `model`: what is known.
//! - `action`: the one list of what a key can ask for, and where each is valid.
//! - `filter`: the language that says which lines of a list are shown.
//! - `keys`: a stroke in the one form in which strokes can be compared.
//! - `input`: what came from the terminal, and how a gesture is told from a burst of bytes.

mod action;
mod effect;
mod filter;
#[cfg(test)]
pub(in crate::cockpit) mod fixture;
mod input;
mod keys;
mod message;
mod model;
mod update;

pub use action::{Action, Context, Weight};
pub use effect::Effect;
pub use filter::{Field as FilterField, Filter, Scope, Traits};
pub use input::{BURST, Gesture, Input, Mouse, MouseAct, PASTE_MAX, QUIET, Reading, Timed};
pub use keys::{Continuation, Held, Key, KeyRow, KeyStroke, spelled};
pub use message::Message;
pub use model::*;
pub use update::update;
