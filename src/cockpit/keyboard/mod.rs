//! Reading the keyboard: the bytes of the terminal become inputs, each with the moment at which it came.
//!
//! - `decoder` cuts the bytes into keys, sequences, pastes, and answers of the terminal; `sequence` says
//!   what a control sequence means, `paste` bounds a paste.
//! - `listening` is the thread that waits for the bytes. It stamps what comes before anybody else can be
//!   busy, so that no slow frame makes keys out of one burst look like keys pressed one after another.
//!
//! This is not left to crossterm 0.29: it keeps a paste that never ends whole in memory and hears nothing
//! else meanwhile, hands the answers of a terminal on as keys, and goes on reading in the middle of a
//! sequence while an editor has the terminal.

mod decoder;
#[cfg(test)]
mod decoder_tests;
mod listening;
mod paste;
mod sequence;

pub use decoder::Decoder;
pub(super) use listening::Listening;
