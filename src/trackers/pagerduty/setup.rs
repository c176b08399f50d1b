//! Where PagerDuty is, and as whom it is entered.

use crate::settings::{Clock, Secret};

/// Where PagerDuty is, and as whom it is entered.
#[derive(Debug)]
pub struct PagerdutySetup {
    /// The address of its API.
    pub url: String,
    /// How it is proved who we are.
    pub auth: PagerdutyAuth,
    /// The address of the user as whom everything is written.
    pub from: String,
    /// The id of the service whose incidents are read, and on which new ones are opened.
    pub service: String,
    /// Whether what happens in an incident is written there.
    pub is_record: bool,
    /// What time it is.
    pub clock: Clock,
}

/// How it is proved who we are.
#[derive(Debug)]
pub enum PagerdutyAuth {
    /// A key of the REST API.
    Key(Secret),
    /// A token of OAuth.
    Bearer(Secret),
}
