//! GitHub Issues, on github.com or on a server of one's own.
//!
//! An incident is an issue, an entry a comment. What happened to an issue otherwise (closed, labelled,
//! mentioned elsewhere), reactions, and GitHub's own suggestions of agents are read as well.
//!
//! GitHub tells to the second when a comment was written and when it was last changed. A change within the
//! second in which it was written is therefore not told from none, and REST has no other word for it: the
//! payload of a webhook says that there was a change, and is a hint that proves nothing. Whoever may change
//! other people's comments can speak for them for that one second.
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
