//! PagerDuty: incidents, their notes, and their log, over REST v2.
//!
//! A note can be posted under anybody's name by whoever holds a general-access key, and it can be changed
//! and deleted since November 2025: it proves nothing about who wrote it. Nothing here does either.
//! Sources: the REST v2 reference and changelog of developer.pagerduty.com.

mod connector;
mod paging;
mod reading;
mod setup;

pub use connector::PagerdutyTracker;
pub use setup::{PagerdutyAuth, PagerdutySetup};
