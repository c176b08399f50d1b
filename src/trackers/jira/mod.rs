//! Jira Cloud: issues, their comments, and their history, over REST v3.
//!
//! A comment is a document and no text; what is written comes back line for line. The envelope's hidden
//! line travels beside it, as the comment's property `wheelhouse`, in the same request. On projects of a
//! service desk a comment is public unless its property `sd.public.comment` says otherwise: here it does,
//! unless the settings ask for the contrary.
//!
//! What its states are called is a team's own affair: whether one means the end, its category says. Pages are
//! named at the site, which a gateway for scoped tokens is not.

mod connector;
mod document;
mod hidden;
mod reading;
mod rights;
mod setup;
mod statuses;

pub use connector::JiraTracker;
pub use setup::{JiraAuth, JiraSetup};
