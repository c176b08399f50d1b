//! The transitions of the core, as prose: no input, no output, no clock.

mod arriving;
mod choosing;
mod deciding;
mod deferring;
mod forcing;
mod interleaving;
mod jumping;
mod keeping;
mod listing;
mod owing;
mod pointing;
mod sending;
mod telling;
mod writing;
