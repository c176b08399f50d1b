//! GitHub Issues, on github.com or on a server of one's own.
//!
//! An incident is an issue, an entry a comment. What happened to an issue otherwise (closed, labelled,
//! mentioned elsewhere), reactions, and GitHub's own suggestions of agents are read as well.
//!
//! What agents write calls nobody: names and numbers in it are kept from becoming mentions.

mod connector;
mod mentions;
mod place;
mod read;
mod reading;
mod repository;
#[cfg(test)]
mod tests;
mod tracker;
mod writing;

pub use connector::{GithubSetup, GithubTracker};
