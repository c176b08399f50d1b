//! Tests of the delivery against a tracker that fails by a script.

mod meanwhile;
mod parts;
mod protocol;
mod scripted;
mod weather;
