//! The timeline: every entry of an incident, from every tracker, in one order.
//!
//! Copies of one entry are recognised by its id and by where they stand, and become one row. What
//! was seen first is kept; an edit upstream is a new entry, never a changed one. The order depends
//! on the entries alone: on when they were written, then on their ids, and not on who told of them
//! first.

mod copies;
mod order;

#[cfg(test)]
mod tests;

pub use order::{Arrival, Cursor, Timeline};
