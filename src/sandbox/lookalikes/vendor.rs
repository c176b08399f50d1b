//! The trackers that are looked like.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A kind of tracker that a sandbox server looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Vendor {
    /// GitHub Issues, REST.
    Github,
    /// PagerDuty, REST v2.
    Pagerduty,
    /// ServiceNow, the Table API.
    Servicenow,
    /// Jira Cloud, REST v3.
    Jira,
}

impl Vendor {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 4] = [Self::Github, Self::Pagerduty, Self::Servicenow, Self::Jira];

    /// The word for it in settings and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Pagerduty => "pagerduty",
            Self::Servicenow => "servicenow",
            Self::Jira => "jira",
        }
    }

    /// Its name, as its makers write it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Github => "GitHub",
            Self::Pagerduty => "PagerDuty",
            Self::Servicenow => "ServiceNow",
            Self::Jira => "Jira",
        }
    }
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The word names none of the trackers that are looked like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("one of github, pagerduty, servicenow, jira is expected")]
pub struct UnknownVendor;

impl FromStr for Vendor {
    type Err = UnknownVendor;

    fn from_str(word: &str) -> Result<Self, UnknownVendor> {
        Self::ALL.into_iter().find(|vendor| vendor.word() == word).ok_or(UnknownVendor)
    }
}
