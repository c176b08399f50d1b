//! The primary agent: it owns an incident from its alert to its end.
//!
//! Its knowledge is runbooks in TOML; what it believes is computed from what it measured and what its
//! partners answered. A remedy that does not help is found out by its own verification, rules its cause
//! out, and leads to the next proposal. It writes entries once it has findings, and waits for people but
//! never for a tracker.

mod acting;
#[cfg(test)]
mod acting_tests;
mod beliefs;
mod caller;
mod case;
mod error;
#[cfg(test)]
mod fixture;
mod handing;
#[cfg(test)]
mod handing_tests;
mod investigation;
#[cfg(test)]
mod investigation_tests;
mod knowledge;
mod look;
mod pen;
mod plainly;
mod remarks;
mod runbook;
mod tally;
mod told;
mod watching;
mod web;

pub use beliefs::{Belief, beliefs};
pub use caller::{Call, Switchboard};
pub use case::Means;
pub use error::PrimaryError;
pub use investigation::{Investigation, Outcome};
pub use knowledge::{Knowledge, Learned};
pub use pen::Pen;
pub use runbook::{Runbook, RunbookError};
