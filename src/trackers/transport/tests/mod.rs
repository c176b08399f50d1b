//! Tests of the transport against a server that misbehaves in every way it knows.

mod echoing;
mod peer;
mod reading;
mod writing;
