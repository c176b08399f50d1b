//! A server that looks like ServiceNow's Table API, with its journal and its two silences.

mod answers;
mod query;
mod rows;

pub(super) use answers::{answer, limited};
