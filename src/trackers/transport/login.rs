//! The login: what shows who we are now, and another secret once a tracker takes this one no more.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::RequestBuilder;
use tokio::sync::Mutex;

use super::auth::Auth;
use crate::settings::Unsaid;

/// How long nobody is asked for another secret after there was none: a program may take ten seconds to say
/// the same again, and a keyring may ask a person.
const PAUSE: Duration = Duration::from_mins(1);

/// What was shown with a request.
pub(super) struct Shown {
    pub(super) auth: Auth,
    /// What nobody may be told: this secret, and those before it.
    pub(super) unsaid: Unsaid,
    /// How many secrets were shown before it.
    pub(super) number: u64,
}

/// How one transport shows who it is.
pub(super) struct Login {
    shown: RwLock<Arc<Shown>>,
    /// Before when nobody is asked again.
    not_before: Mutex<Timestamp>,
}

impl Login {
    /// Shows this; the request only tells what it looks like then.
    pub(super) fn new(auth: Auth, request: RequestBuilder) -> Self {
        let unsaid = auth.unsaid(request);
        let shown = RwLock::new(Arc::new(Shown { auth, unsaid, number: 0 }));
        Self { shown, not_before: Mutex::new(Timestamp::MIN) }
    }

    /// What is shown now.
    pub(super) fn now(&self) -> Arc<Shown> {
        Arc::clone(&self.shown.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Fetches the secret again, because a tracker did not take what was shown: tokens run out. Says whether
    /// there is another one now.
    pub(super) async fn renew(
        &self,
        refused: &Arc<Shown>,
        request: RequestBuilder,
        now: Timestamp,
    ) -> bool {
        // Those who are refused at the same time wait for the one who asks.
        let mut not_before = self.not_before.lock().await;
        if !Arc::ptr_eq(refused, &self.now()) {
            return true;
        }
        if now < *not_before {
            return false;
        }
        match refused.auth.again().await {
            Ok(Some(auth)) => {
                let unsaid = refused.unsaid.and(auth.unsaid(request));
                let shown = Arc::new(Shown { auth, unsaid, number: refused.number + 1 });
                *self.shown.write().unwrap_or_else(PoisonError::into_inner) = shown;
                tracing::info!("a tracker refused the secret, and there is another one now");
                true
            }
            Ok(None) => {
                *not_before = now.checked_add(PAUSE).unwrap_or(Timestamp::MAX);
                false
            }
            Err(notice) => {
                *not_before = now.checked_add(PAUSE).unwrap_or(Timestamp::MAX);
                tracing::warn!(why = notice.what, "a refused secret cannot be fetched again");
                false
            }
        }
    }
}
