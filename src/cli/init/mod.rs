//! `wheelhouse init`: looks for what is on this machine and writes an annotated settings file.
//!
//! What is found is named, never shown: of a token the name of its variable, of a program its name.

mod finding;
mod writing;

pub(super) use writing::{InitArgs, run};
