//! Tests of the transport against a server that misbehaves in every way it knows.

mod echoing;
mod moving;
mod peer;
mod reading;
mod renewing;
mod writing;
