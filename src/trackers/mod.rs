//! The systems of record, each behind one connector.
//!
//! A [`Tracker`] appends and reads; nothing here can change or remove what a tracker holds. Not one of
//! the great trackers knows an idempotent append: the delivery protocol of the hub makes up for it, by
//! an id in every text and by reading back. `local` is a real tracker for teams that have none.
//!
//! A connector is a folder of its own over the one `transport`: what it sends is checked in tests against
//! the vendor's published schema, what it gets is read leniently and kept as it came. The contract that
//! every connector keeps is in `tests/trackers`.

mod able;
mod error;
mod github;
mod jira;
mod lenient;
mod local;
mod native;
mod pagerduty;
mod roundup;
mod servicenow;
mod tracker;
mod transport;
mod webhook;

pub use able::{Access, Capabilities, Carrier, Probe};
pub use error::TrackerError;
pub use github::{GithubSetup, GithubTracker};
pub use jira::{JiraAuth, JiraSetup, JiraTracker};
pub use local::{LocalStore, LocalTracker, Secret};
pub use native::{
    Account, AccountKind, Appended, Cursor, Item, ItemId, ItemStatus, Native, NativeKind, NewItem,
    Opened, Page, Vouched,
};
pub use pagerduty::{PagerdutyAuth, PagerdutySetup, PagerdutyTracker};
pub use roundup::{RoundupSetup, RoundupTracker};
pub use servicenow::{ServicenowAuth, ServicenowSetup, ServicenowTracker};
pub use tracker::{Answer, Tracker};
pub use webhook::Signing;
