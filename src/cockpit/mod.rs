//! The screen: what a person sees of the incidents, and how they decide.
//!
//! ```text
//! terminal ─ input ─┐                                      ┌─ view(&model, &theme, frame)
//! hub feed ─ link ──┼─► one bounded channel of Message ─► update(&mut model, message) ─► Vec<Effect>
//! timers ── driver ─┘
//! ```
//!
//! - `core` decides and is pure; `theme` and `keymap` say how it looks and is steered.
//! - `keyboard` and `terminal` are the only rooms that speak to the terminal: reading what a person does,
//!   and taking it and giving it back.
//! - `driver` is the loop; `link` follows the hub, `player` plays a recording, `recorder` makes one,
//!   `keeper` keeps what the next start finds again, `ground` finds out whether the terminal is dark.
//! - `shelf` keeps the theme and keymap files, embedded ones and the person's own.

pub mod core;
pub mod driver;
pub mod keyboard;
pub mod keymap;
pub mod terminal;
pub mod theme;
pub mod view;

mod ground;
mod keeper;
mod link;
mod player;
mod recorder;
mod shelf;

pub use ground::{Hints, ground, known_ground};
pub use link::follow;
pub use player::{Player, Rewound};
pub use shelf::{Listed, Origin};
