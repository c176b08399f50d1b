//! Tests of the delivery against a tracker that fails by a script.

mod parts;
mod protocol;
mod scripted;
mod weather;
