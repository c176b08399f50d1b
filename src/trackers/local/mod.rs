//! The local tracker: a real one, in one SQLite file, for teams that have none.
//!
//! Like every great tracker it knows no idempotent append: what arrives twice stands there twice.

mod schema;
mod store;
#[cfg(test)]
mod tests;
mod token;
mod tracker;

pub use store::LocalStore;
pub use token::Secret;
pub use tracker::LocalTracker;
