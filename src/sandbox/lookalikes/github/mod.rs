//! A server that looks like GitHub's APIs, as far as issues and their comments go.

mod answers;
mod graphql;
mod paging;
mod shapes;

pub(super) use answers::{answer, limited};
pub(super) use shapes::{comment, issue, user};
