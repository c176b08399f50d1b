//! The connectors on the look-alikes of their vendors, with all that can go wrong on the way.

mod behaviour;
mod delivered;
mod faults;
mod linked;
mod pagerduty;
mod requests;
mod servicenow;
mod stage;
mod story;
mod vendors;
mod vouching;
mod whole;

pub(crate) use stage::Stage;
