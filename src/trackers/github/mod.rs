//! GitHub Issues, on github.com or on a server of one's own.
//!
//! An incident is an issue, an entry a comment. What happened to an issue otherwise (closed, labelled,
//! mentioned elsewhere), reactions, and GitHub's own suggestions of agents are read as well.
//!
//! GitHub's REST API tells to the second when a comment was written and when it was last changed, so that a
//! change within the second in which it was written looks like none, and it has no word for a comment that
//! came by e-mail. GraphQL tells both: a comment that is to decide something is asked for there once more.
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
mod vouching;
mod writing;

pub use connector::{GithubSetup, GithubTracker};
