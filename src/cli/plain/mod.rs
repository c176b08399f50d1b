//! The cockpit in lines: for screen readers, pipes, and terminals that cannot be drawn on.
//!
//! The same feed folded into the same model, the same commands through the same hub, and the same rules
//! of deciding; only the surface differs. Each change is one line, nothing that was written changes, and
//! every question is answered by a number or by words. A grave answer is typed as a word after the
//! question has been read: what comes with the same breath as the question, such as a paste, is refused.

mod choice;
mod desk;
mod hear;
mod lines;
mod looking;
mod run;
mod stdin;
mod talk;
#[cfg(test)]
mod tests;

pub(super) use run::{Plain, PlainSource};
pub(super) use stdin::stdin;
