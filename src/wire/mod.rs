//! What leaves the process: feed frames, commands, and recordings.
//!
//! A [`Link`] is one principal's connection to a hub. It carries [`Command`]s to the hub, [`Reply`]s
//! back, and the feed of [`Frame`]s. Cockpits and agents know the hub through this room alone.

mod command;
mod frame;
mod link;
mod recording;
#[cfg(test)]
pub(crate) mod samples;

pub use command::{Command, Draft, Reply, Request};
pub use frame::{Delivery, DeliveryStage, FeedEvent, Frame, Gates, Posted, Reach, TrackerStanding};
pub use link::{Asked, Feed, Link, MOST_LAGGING, MOST_WAITING};
pub use recording::{
    RECORDING_VERSION, RecordingError, RecordingHeader, header_line, read_recording,
};
