//! Where ServiceNow is, as whom it is entered, and what an instance calls things.

use crate::settings::{Clock, Secret, Visibility};

/// Where ServiceNow is, and as whom it is entered.
#[derive(Debug, Clone)]
pub struct ServicenowSetup {
    /// The address of the instance.
    pub url: String,
    /// The name of the user as whom everything is written.
    pub user: String,
    /// How it is proved.
    pub auth: ServicenowAuth,
    /// Whether entries are written for the team or for everybody.
    pub visibility: Visibility,
    /// Which incidents are read, as an encoded query; all of them if absent.
    pub filter: Option<String>,
    /// The value of `state` that means that an incident is over, by which it is closed.
    pub closed_state: String,
    /// The value of `close_code` that the instance wants at the end, if it wants one.
    pub close_code: Option<String>,
    /// Whether what happens in an incident is written there, its end among it.
    pub is_record: bool,
    /// What time it is.
    pub clock: Clock,
}

/// How a user is proved.
#[derive(Debug, Clone)]
pub enum ServicenowAuth {
    /// A password.
    Password(Secret),
    /// A token of OAuth.
    Bearer(Secret),
    /// A key of the REST API.
    Key(Secret),
}
