//! The connector: one instance, under one account.

use serde_json::Value;
use tokio::sync::OnceCell;

use super::read::{self, Statuses};
use crate::settings::{Clock, Secret};
use crate::trackers::transport::{Auth, Limits, Request, Setup, Transport};
use crate::trackers::{Account, AccountKind, TrackerError};

/// What the connector needs.
#[derive(Debug)]
pub struct RoundupSetup {
    /// The address of the instance.
    pub url: String,
    /// The name of our account.
    pub user: String,
    /// Its password.
    pub password: Secret,
    /// What time it is.
    pub clock: Clock,
}

/// Issues of one Roundup instance.
#[derive(Debug)]
pub struct RoundupTracker {
    pub(super) name: String,
    user: String,
    pub(super) url: String,
    pub(super) clock: Clock,
    pub(super) transport: Transport,
    own: OnceCell<Account>,
    statuses: OnceCell<Statuses>,
}

impl RoundupTracker {
    /// Makes the connector; nothing is asked yet.
    ///
    /// # Errors
    /// The address makes no sense.
    pub fn new(name: &str, setup: RoundupSetup) -> Result<Self, TrackerError> {
        let RoundupSetup { url, user, password, clock } = setup;
        // Roundup takes no change whose origin is not its own address.
        let origin: String = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        let headers = vec![("x-requested-with", "rest".to_owned()), ("origin", origin)];
        let transport = Transport::new(Setup {
            base: url.clone(),
            auth: Auth::Basic { user: user.clone(), secret: password },
            headers,
            limits: Limits::default(),
            clock: clock.clone(),
        })?;
        let (own, statuses, name) = (OnceCell::new(), OnceCell::new(), name.to_owned());
        let url = url.trim_end_matches('/').to_owned();
        Ok(Self { name, user, url, clock, transport, own, statuses })
    }

    pub(super) async fn own(&self) -> Result<&Account, TrackerError> {
        let asked = async || {
            let request = list("user", "username").query("username", self.user.clone());
            let reply = self.transport.read(&request).await?;
            let mut rows = read::collection(&reply.json).iter();
            let is_own = |raw: &&Value| read::word(raw, "username").as_ref() == Some(&self.user);
            let id = rows.find(is_own).and_then(|raw| read::word(raw, "id"));
            let what = "account of this name".to_owned();
            let id = id.ok_or(TrackerError::NotFound { what })?;
            let name = self.user.as_str().into();
            Ok(Account { id, kind: AccountKind::Unknown, name })
        };
        self.own.get_or_try_init(asked).await
    }

    pub(super) async fn statuses(&self) -> Result<&Statuses, TrackerError> {
        let asked = async || {
            let reply = self.transport.read(&list("status", "name")).await?;
            Ok(Statuses::read(&reply.json))
        };
        self.statuses.get_or_try_init(asked).await
    }
}

/// Asks for the rows of a class.
pub(super) fn list(class: &str, fields: &str) -> Request {
    // The third level of detail holds the text itself instead of where to fetch it.
    Request::get(&["rest", "data", class]).query("@fields", fields).query("@verbose", "3")
}
