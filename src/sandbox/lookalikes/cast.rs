//! Who has an account in the sandbox, and how a request proves whose it is.

use std::collections::BTreeMap;

use super::ids::{account_id, short_id, sys_id};
use super::vendor::Vendor;

/// What stands behind an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Being {
    /// Somebody who types into the tracker's own page.
    Person,
    /// An app or an integration.
    Bot,
}

/// An account, the same one in every tracker of the sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxAccount {
    /// The name it signs in with.
    pub login: &'static str,
    /// The name it shows.
    pub name: &'static str,
    /// What stands behind it.
    pub being: Being,
    number: u64,
}

/// Everybody who has an account: roles instead of names, because there are no such people.
pub(super) const CAST: [SandboxAccount; 4] = [
    account("wheelhouse", "Wheelhouse", Being::Bot, 1),
    account("on-call", "On-call engineer", Being::Person, 2),
    account("commander", "Incident commander", Being::Person, 3),
    account("monitor", "Monitoring", Being::Bot, 4),
];

const fn account(
    login: &'static str,
    name: &'static str,
    being: Being,
    number: u64,
) -> SandboxAccount {
    SandboxAccount { login, name, being, number }
}

impl SandboxAccount {
    /// The address it signs in with; nothing is ever sent there.
    pub fn email(&self) -> String {
        format!("{}@sandbox.invalid", self.login)
    }

    /// The immutable id that a tracker gives it.
    pub fn id(&self, vendor: Vendor) -> String {
        match vendor {
            Vendor::Github => self.github_id().to_string(),
            Vendor::Pagerduty => short_id('P', 1_000_000 + self.number),
            Vendor::Servicenow => sys_id("sys_user", self.number),
            Vendor::Jira => account_id(self.number),
        }
    }

    /// The number that GitHub gives it.
    pub(super) fn github_id(&self) -> u64 {
        90_000_000 + self.number
    }
}

/// The account of a login.
pub(super) fn of_login(login: &str) -> Option<&'static SandboxAccount> {
    CAST.iter().find(|account| account.login == login)
}

/// The account of an address.
pub(super) fn of_email(email: &str) -> Option<&'static SandboxAccount> {
    CAST.iter().find(|account| account.email().eq_ignore_ascii_case(email))
}

/// Which token makes whoever holds it which account.
#[derive(Debug, Clone)]
pub(super) struct Tokens(BTreeMap<(Vendor, String), &'static SandboxAccount>);

impl Tokens {
    /// Draws a token for every account of every tracker.
    pub(super) fn draw(mut random: impl FnMut() -> u128) -> Self {
        let mut tokens = BTreeMap::new();
        for vendor in Vendor::ALL {
            for account in &CAST {
                let token = format!("sandbox_{}_{:032x}", vendor.word(), random());
                tokens.insert((vendor, token), account);
            }
        }
        Self(tokens)
    }

    /// Whose token it is.
    pub(super) fn holder(&self, vendor: Vendor, token: &str) -> Option<&'static SandboxAccount> {
        self.0.get(&(vendor, token.to_owned())).copied()
    }

    /// The token of an account.
    pub(super) fn of(&self, vendor: Vendor, login: &str) -> Option<&str> {
        let held = self.0.iter().find(|((of, _), who)| *of == vendor && who.login == login);
        held.map(|((_, token), _)| token.as_str())
    }
}
