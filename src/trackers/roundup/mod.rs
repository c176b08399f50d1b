//! Issues of a Roundup instance.
//!
//! An incident is an issue, an entry one of its messages; the first message is the issue's own text.
//! Roundup links a message to its issue in a second step: a message whose second step failed belongs to
//! nothing and is seen by nobody.

mod connector;
mod read;
mod reading;
mod tracker;
mod writing;

pub use connector::{RoundupSetup, RoundupTracker};
