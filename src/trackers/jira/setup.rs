//! Where Jira is, as whom it is entered, and which of its issues are incidents.

use crate::settings::{Clock, Secret, Visibility};

/// Where Jira is, and as whom it is entered.
#[derive(Debug, Clone)]
pub struct JiraSetup {
    /// The address of the site, or of the gateway for scoped tokens.
    pub url: String,
    /// How the account is proved.
    pub auth: JiraAuth,
    /// The key of the project.
    pub project: String,
    /// The type of the issues that are opened.
    pub issue_type: String,
    /// Which issues of the project are read, in JQL; all of them if absent.
    pub filter: Option<String>,
    /// Whether entries are written for the team or for everybody.
    pub visibility: Visibility,
    /// What time it is.
    pub clock: Clock,
}

/// How an account is proved.
#[derive(Debug, Clone)]
pub enum JiraAuth {
    /// A token of an account's own, with the account's address.
    Basic {
        /// The address.
        email: String,
        /// The token.
        token: Secret,
    },
    /// A token of OAuth.
    Bearer(Secret),
}
