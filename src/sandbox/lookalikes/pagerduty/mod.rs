//! A server that looks like PagerDuty's REST API, as far as incidents and their notes go.

mod answers;
mod shapes;

pub(super) use answers::{answer, limited};
pub(super) use shapes::{incident, note, person};
