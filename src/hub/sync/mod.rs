//! Sync: what reads the trackers, so that what others write there is seen here; nobody ever waits for it.
//!
//! Each tracker has a reader of its own. It lists what changed, reads the items of open incidents, and
//! now and then reads them from the beginning, because trackers let people change and remove what stands
//! there and some say nothing of it. What it finds goes to the hub as [`Sighting`]s: an entry of somebody
//! else, another copy of one of ours, a change, a removal. What was seen first is kept.
//!
//! Who moves an item on without closing it, acknowledges it or puts it on hold, is told, and contradicts no
//! proposal. What the settings leave out of a list is looked for now and then if it is an item of ours. Where nothing is
//! written, an item that names an item of an incident belongs to it.
//!
//! An item that cannot be read keeps no other one from being read. That something is gone is believed after
//! the time for which lists lag, never of what a tracker did not tell to its end, and of a whole item only
//! while others show something: rights that were taken away look the same.
//!
//! A copy counts as ours only if id, account, and text agree; anything else is somebody else's, whatever
//! marker it carries. Who wrote something is the tracker's word about the account, and [`Accounts`] says
//! who stands behind it; an account that a token of ours belongs to never decides, and whatever somebody
//! does by hand under it is told as theirs. Before a verdict is told that lets something run, the proposal
//! is read again where it was typed: it must still read as we posted it. Before any verdict is told, the tracker
//! is asked how that text came about; while it cannot be asked, the verdict waits and is read again.

mod accounts;
mod author;
mod joining;
mod listing;
mod lookout;
mod meeting;
mod posted;
mod reader;
mod seeking;
mod shelf;
mod sighting;
mod source;
mod standing;
mod syncing;
#[cfg(test)]
mod tests;
mod trouble;
mod vouching;
mod waiting;
mod watch;

pub use accounts::{Accounts, Known};
pub(in crate::hub) use lookout::Lookout;
pub use sighting::Witness;
pub(super) use sighting::{Place, Said, Seen, Sighting, Telling, Turned, Voice};
pub use source::{Alerts, Source};
pub use syncing::{Hint, Reading, Syncing};
