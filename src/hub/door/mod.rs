//! The door: what other systems tell a hub over HTTP, on this machine alone unless a proxy stands in front.
//!
//! `POST /alerts/alertmanager` takes alerts from whoever shows the token, and answers 202 only after they
//! are on disk. `POST /webhooks/{tracker}` is a hint to read that tracker now: it is signed, it counts
//! once, and nothing in it is believed. A request of a web page is refused, whatever it carries.

mod calls;
mod guard;
mod serve;
#[cfg(test)]
mod tests;

pub use calls::Caller;
pub use serve::{Door, Doorstep};
