//! A loss of power: every state that the disk can be left in is rebuilt from a recording, and opened.
//!
//! A child records while a preloaded library notes every change of its files. What was not synced when the
//! power went may be there, or not, or in parts: each state that follows is written out and read back.
//! `WHEELHOUSE_POWER_STATES` asks for more states than the usual few.

mod child;
mod disk;
mod recording;
mod survival;
