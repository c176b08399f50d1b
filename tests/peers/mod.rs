//! Wheelhouse with programs that others wrote: an MCP client, a metrics server, an alert sender, trackers,
//! and a schema.
//!
//! `tests/run` installs them; plain `cargo test` names each test that it did not run without them.

mod alertmanager;
mod client;
mod daemon;
mod emulate;
mod graphql;
mod pinned;
mod prometheus;
mod roundup;
mod served;
mod telemetry;
mod tls;
