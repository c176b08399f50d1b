//! ServiceNow: incidents and their journals, over the Table API.
//!
//! It is silent twice: without the right to read `sys_journal_field` it answers with success and nothing,
//! and a piece of a query that it does not understand it ignores. So every row is checked again here, and
//! an empty journal is believed only if the record shows none either. Work notes are for the team;
//! additional comments, which a customer sees, take an explicit setting.
//!
//! Its audit tells who moved an incident to which state, if it may be read; without it the list alone tells
//! where an incident stands. What a rule made of the state because we wrote, and was put back, is left out,
//! unless it opened or closed the incident.
//!
//! Its journal names authors by names that can be given to somebody else. Whoever shall decide must be
//! readable in `sys_user` with the day on which the user was made, and been there before the note.

mod audit;
mod authors;
mod connector;
mod journal;
mod probing;
mod reading;
mod rule;
mod setup;
mod tables;

pub use connector::ServicenowTracker;
pub use setup::{ServicenowAuth, ServicenowSetup};
