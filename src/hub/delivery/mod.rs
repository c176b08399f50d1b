//! Delivery: what pays the entries that trackers are owed; nobody ever waits for it.
//!
//! Not one tracker offers an append that can be repeated without harm, so the protocol makes up for it.
//! "Sending" is committed before the first byte leaves. What ends without an answer is *ambiguous*: it is
//! read back, and only if it is still missing after the tracker's settling time is it sent again, with
//! the same id in its text. A copy counts as ours only if id, author, and text agree, so that nobody can
//! suppress an entry by writing its id first. What was sent is recorded with "sending": another version may
//! write the same entry otherwise, and must know it all the same.
//!
//! A text that is longer than a tracker takes goes in parts with one id; which of them stand there is
//! known by what they say. What an entry means for its item, a link or its end, follows once it stands.
//!
//! What a person gives up goes no further, even if a step is under way; and whatever is owed again after it
//! was doubted is looked for before it is sent.
//!
//! Each item has its own lane: one write in flight, in the order in which the entries were recorded.

mod doubt;
mod lane;
mod outbox;
mod post;
mod step;
#[cfg(test)]
mod tests;
mod text;
mod texts;

#[cfg(test)]
pub(super) use outbox::Outbox;
pub use outbox::{Delivering, Route};
pub(super) use post::OPENING;
pub(super) use text::{parts, version};
