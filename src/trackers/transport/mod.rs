//! The one way in which connectors speak HTTP: careful with secrets, redirects, bodies and repetitions.
//!
//! Only reads are repeated. A write is sent once; whether it arrived is told as [`Written`], and an
//! error means that it provably did not. No vendor's client library does that: those that repeat
//! anything repeat posts as well. Only what a tracker refused because it did not take our secret goes out
//! again, if another secret is kept there by now: tokens run out.

mod auth;
mod client;
mod gate;
mod kept;
mod limit;
mod login;
mod reply;
mod request;
mod said;
#[cfg(test)]
mod tests;

pub(super) use auth::Auth;
pub(super) use client::{Limits, Setup, Transport};
pub(super) use reply::{Reply, Written};
pub(super) use request::Request;
