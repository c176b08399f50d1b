//! The envelope: what Wheelhouse writes around a text so that it is found again in any tracker.
//!
//! Human text comes first; the machine part is the last line, `[wheelhouse 1 <id> <kind> <actor>]`,
//! and where a tracker can hide it a JSON comment in front. Both are claims of whoever wrote the
//! text: they name an entry and *never* prove who wrote it, which is why [`decode`] yields a
//! [`ClaimedActor`] and no [`Actor`](super::Actor). People answer in the same place by typing
//! `/approve <id>`; [`typed_command`] reads that.

mod blocks;
mod codec;
mod command;
mod hidden;
mod neutral;
mod parts;
mod payload;
mod trailer;

#[cfg(test)]
mod tests;

pub use codec::{Decoded, Doubt, decode, encode, encode_with};
pub use command::{Miss, NearMiss, TypedCommand, typed_command};
pub use hidden::Details;
pub use neutral::neutralise;
pub use parts::{from_pieces, into_pieces};
pub use payload::{Page, payload, with_payload};
pub use trailer::{ClaimedActor, Part, Trailer};
