//! The real binary on the command line: what it prints where, how it ends, and what it never does.

mod choosing;
mod deciding;
mod home;
mod owing;
mod prompted;
mod reading;
mod recorded;
mod sandboxed;
mod secrets;
mod surroundings;
