//! A server that looks like GitHub's REST API, as far as issues and their comments go.

mod answers;
mod paging;
mod shapes;

pub(super) use answers::{answer, limited};
pub(super) use shapes::{comment, issue, user};
