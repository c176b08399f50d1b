//! Text from outside: hostile until shown, and shown without hiding anything.
//!
//! [`Untrusted`] holds what a tracker, an agent or a log said, byte for byte. It cannot be printed,
//! formatted or drawn. [`Untrusted::show`] turns it into [`Safe`], in which every character that a
//! terminal would obey or swallow stands as a visible mark, and which is bounded before anything
//! is drawn. Nothing is removed: [`Untrusted::unshow`] finds the original again.

mod identifier;
mod marks;
mod safe;
mod show;
mod untrusted;

#[cfg(test)]
mod tests;

pub use identifier::{Uninspectable, inspectable};
pub use safe::Safe;
pub(in crate::incident) use show::head;
pub use show::{Blanks, Lines, Manner};
pub use untrusted::Untrusted;
