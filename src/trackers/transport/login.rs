//! The login: what shows who we are now, and another secret once a tracker takes this one no more.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::RequestBuilder;
use tokio::sync::Mutex;

use super::auth::Auth;
use crate::settings::Unsaid;

/// How long nobody is asked for another secret after there was none, or one that was not taken either: a
/// program may take ten seconds to say the same again, and a keyring may ask a person.
const PAUSE: Duration = Duration::from_mins(1);

/// Of how many secrets nothing is told: the one that is shown, and those before it. Nobody echoes the others
/// any more, and some places have another one each time.
const UNTOLD: usize = 8;

/// What was shown with a request.
pub(super) struct Shown {
    pub(super) auth: Auth,
    /// What nobody may be told: this secret, and the latest before it.
    pub(super) unsaid: Unsaid,
    /// The same, one by one, this secret last.
    latest: Vec<Unsaid>,
    /// How many secrets were shown before it.
    pub(super) number: u64,
    /// When it was fetched, if it took the place of another.
    fetched: Option<Timestamp>,
    /// Whether a tracker did anything for it.
    is_proven: AtomicBool,
}

impl Shown {
    fn new(auth: Auth, latest: Vec<Unsaid>, number: u64, fetched: Option<Timestamp>) -> Self {
        let unsaid = latest.iter().cloned().fold(Unsaid::default(), |all, one| all.and(one));
        Self { auth, unsaid, latest, number, fetched, is_proven: AtomicBool::new(false) }
    }

    /// Takes note that a tracker did something for it.
    pub(super) fn prove(&self) {
        self.is_proven.store(true, Ordering::Relaxed);
    }

    /// Whether it is too new to ask for yet another one: nothing shows that a new one is of any use.
    fn is_on_trial(&self, now: Timestamp) -> bool {
        let is_new = self.fetched.is_some_and(|fetched| now < after_pause(fetched));
        is_new && !self.is_proven.load(Ordering::Relaxed)
    }
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
        let latest = vec![auth.unsaid(request)];
        let shown = RwLock::new(Arc::new(Shown::new(auth, latest, 0, None)));
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
        if now < *not_before || refused.is_on_trial(now) {
            return false;
        }
        match refused.auth.again().await {
            Ok(Some(auth)) => {
                let before =
                    refused.latest.iter().skip((refused.latest.len() + 1).saturating_sub(UNTOLD));
                let latest = before.cloned().chain([auth.unsaid(request)]).collect();
                let shown = Arc::new(Shown::new(auth, latest, refused.number + 1, Some(now)));
                *self.shown.write().unwrap_or_else(PoisonError::into_inner) = shown;
                tracing::info!("a tracker refused the secret, and there is another one now");
                true
            }
            Ok(None) => {
                *not_before = after_pause(now);
                false
            }
            Err(notice) => {
                *not_before = after_pause(now);
                tracing::warn!(why = notice.what, "a refused secret cannot be fetched again");
                false
            }
        }
    }
}

fn after_pause(from: Timestamp) -> Timestamp {
    from.checked_add(PAUSE).unwrap_or(Timestamp::MAX)
}
