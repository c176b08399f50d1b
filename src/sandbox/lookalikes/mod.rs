//! Look-alikes of the trackers that teams already have: GitHub, PagerDuty, ServiceNow, and Jira.
//!
//! Four HTTP servers on the loopback interface share one memory and behave like the real ones as far as
//! connectors use them: pages, validators, rate limits, roles, limits of length, silences. A fault script
//! ([`FaultLine`]) makes them fail on purpose. Nothing here is a copy of anybody's code or data, and every
//! answer, page and name says that this is a sandbox.
//!
//! ```text
//! connection ─► cut ─► door ─► fault ─► {github, pagerduty, servicenow, jira} ─► store ─► hooks
//!                                people ─► Sandbox::{comment, mail, edit, …} ────────┘
//! ```
//!
//! Each vendor is a pure function from a memory and an [`Asked`] request to an answer.

mod act;
mod ask;
mod cast;
mod cut;
mod door;
mod error;
mod fault;
mod github;
mod happening;
mod hooks;
mod ids;
mod item;
mod jira;
mod page;
mod pagerduty;
mod plan;
mod porch;
mod running;
mod servicenow;
mod store;
#[cfg(test)]
mod tests;
mod vendor;

pub use act::{SandboxAct, SandboxDone, SandboxItem, SandboxNote};
pub use ask::Asked;
pub use cast::{Being, SandboxAccount};
pub use error::SandboxError;
pub use fault::{Fault, FaultLine, Meets, UnknownFault};
pub use hooks::Hook;
pub use plan::SandboxPlan;
pub use porch::{Porch, PorchKey};
pub use running::Sandbox;
pub use vendor::{UnknownVendor, Vendor};
