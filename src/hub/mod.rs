//! The engine: it records, tells, decides, and delivers.
//!
//! A [`Hub`] is one task that owns the desk. Everything reaches it through a [`Link`](crate::wire::Link)
//! that carries an established principal; every entry is committed to the journal before anybody is
//! told; what is owed to trackers is paid by [`Delivering`], and what others write there is read by
//! [`Syncing`]; nobody waits for either.

mod alerts;
mod deciding;
mod delivery;
mod desk;
mod door;
mod error;
mod feed;
mod handing;
mod hearing;
#[expect(clippy::module_inception, reason = "the hub is what the room is about")]
mod hub;
mod jumping;
mod looking;
mod memory;
mod mint;
mod owing;
mod pace;
mod socket;
mod sync;
#[cfg(test)]
mod tests;
mod witnessing;
mod words;

pub use alerts::{AlertError, from_alertmanager};
pub use delivery::{Delivering, Route};
pub use door::{Caller, Door, Doorstep};
pub use error::HubError;
pub use hub::{Hub, Plan};
pub use socket::{Socket, attach};
pub use sync::{Accounts, Alerts, Hint, Known, Reading, Source, Syncing, Witness};
