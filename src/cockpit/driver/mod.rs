//! The driver: the one loop that connects the pure core with terminal, hub, timers and files.
//!
//! ```text
//! hands ───── keymap ──┐
//! link or player ──────┼─► Message ─► update(&mut model, message) ─► Vec<Effect> ─► performed here
//! timers ──────────────┘                       └─► drawn when something changed, and no faster
//! ```
//!
//! - `run`: the loop in its phases. `hearing`: what the person does. `effects`: what the core asks for.
//!   `outside`: signals and panics.
//! - `pace`: when a frame is drawn; `look`: the one call of the view; `editor`, `browser`: the person's own.
//! - `surface` and `hands`: the terminal as the loop needs it, so that tests put a [`Canvas`]
//!   and a script in its place and run the production loop.
//! - `settings`: what the loop is given.

mod browser;
mod editor;
mod effects;
mod hands;
mod hearing;
mod look;
mod outside;
mod pace;
mod run;
mod settings;
mod surface;
#[cfg(test)]
mod tests;

pub use hands::{Hands, Keyboard};
pub use outside::Outside;
pub use run::{Cockpit, CockpitError, Left};
pub use settings::{Calling, CockpitSettings, Glyphs, Manners};
pub use surface::{Canvas, Surface};
