//! What the user chose, and what the process finds around it: paths, clock, environment.
//!
//! [`Environment::read`] is the one place that asks the system for variables, [`Clock`] the one that asks
//! for the time, and [`burden()`] tells what it would take to read an answer. [`Paths`] says where everything
//! lies, [`Settings`] what the person wrote there. A secret is never in the settings: [`SecretPlace`] says
//! where it is kept, and [`Unsaid`] hides it in what a server says back.

mod account;
mod burden;
mod clock;
mod environment;
mod fetch;
mod file;
#[cfg(test)]
mod file_tests;
mod keys;
mod layer;
mod logging;
mod mend;
mod mistake;
mod paths;
mod private;
mod said;
mod schema;
mod secret;
mod tracker;
#[cfg(test)]
mod tracker_tests;
mod unsaid;
mod visibility;

pub use burden::burden;
pub use clock::Clock;
pub use environment::{ColourWish, Environment};
pub use file::{Loaded, PartnerPlace, Settings};
pub use layer::{DoorPlace, Glyphs, Notifications, Notify, People, Ui};
pub use logging::Log;
pub use mistake::{Mistake, Mistakes, did_you_mean, line_of};
pub use paths::{ConfigOrigin, Paths, Wished};
pub use said::{Said, SaidBy};
pub use schema::{DEFAULT_FILE, schema};
pub use secret::{NotAPlace, Secret, SecretPlace};
pub use tracker::{
    Accounts, PagerdutyScheme, ServicenowScheme, TrackerKind, TrackerPlace, TrackerRole,
};
pub use unsaid::Unsaid;
pub use visibility::Visibility;
