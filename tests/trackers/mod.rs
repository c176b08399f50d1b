//! One contract for every tracker: what is written is found again, and nothing is ever changed or removed.
//!
//! A connector joins by making a [`Bench`] and letting [`holds`] run on it. A [`Watch`] stands between the
//! connector and its server: it sees every request, and loses or refuses what a test tells it to.

mod contract;
mod github;
mod local;
mod sandboxed;
mod schema;
mod watch;

pub(crate) use contract::{Bench, holds};
pub(crate) use sandboxed::Stage;
pub(crate) use schema::Schema;
pub(crate) use watch::{Fate, Seen, Watch};
