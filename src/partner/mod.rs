//! Speaking to agents over the direct channel: calling them, and being called by them.
//!
//! The Model Context Protocol stays behind this door. [`Partner`] calls an agent that runs as a child
//! process or behind a URL; [`serve_http`] and [`serve_stdio`] let an agent of ours be called, in both
//! eras of the protocol (stateless since 2026-07-28, sessions before). Reconnecting is the caller's
//! choice: a [`Partner`] whose channel broke says so and is replaced, never revived behind the
//! caller's back, because a lost call may have happened.

mod bounded;
mod call;
mod client;
#[cfg(test)]
mod echo_tests;
mod endpoint;
mod error;
mod http;
mod listening;
mod overhear;
mod serve;
mod task;
mod token;

pub use call::{Limits, Progress, Step};
pub use client::{Answer, Partner, Peer, Tool};
pub use endpoint::Endpoint;
pub use error::PartnerError;
pub use http::{Reach, http_client};
pub use listening::{Patience, listen, whole};
pub use serve::{Access, Doorway, Serving, serve_http, serve_io, serve_stdio};
pub use token::Token;

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
pub(crate) mod misleading;
#[cfg(test)]
pub(crate) mod packed;
#[cfg(test)]
mod tests;
