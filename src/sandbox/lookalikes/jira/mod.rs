//! A server that looks like Jira Cloud's REST API v3, with documents instead of texts.

mod answers;
mod document;
mod search;
mod shapes;

pub(super) use answers::{answer, limited};
pub(super) use document::{of_text, text_of};
pub(super) use shapes::{comment, issue, user};
