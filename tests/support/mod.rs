//! What the tests stand on: the rules' view of sources, screens as text and pictures, a terminal, peers.

mod house;
pub(crate) mod night;
mod peer;
pub(crate) mod pty;
pub(crate) mod slow;
mod snapshot;
mod source;
pub(crate) mod story;
pub(crate) mod svg;

pub(crate) use house::House;
pub(crate) use peer::{
    ALERTMANAGER, EMULATE, GITHUB_SCHEMA, MCP_CLIENT, PROMETHEUS, Peer, ROUNDUP,
};
pub(crate) use snapshot::{as_text, assert_screen, no_roles};
pub(crate) use source::Source;
