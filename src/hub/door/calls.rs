//! Who calls with webhooks, and which calls were heard already.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, StatusCode};

use super::guard::text;
use crate::incident::Digest;
use crate::settings::Secret;
use crate::trackers::Signing;

/// How many calls are remembered.
const MOST_REMEMBERED: usize = 4_096;

/// A tracker that calls, and the secret that it signs with.
#[derive(Debug, Clone)]
pub struct Caller {
    /// How it signs.
    pub signing: Signing,
    /// What it signs with.
    pub secret: Secret,
}

/// Every caller, and the calls that were heard.
#[derive(Debug, Default)]
pub(super) struct Calls {
    callers: BTreeMap<String, Caller>,
    heard: Mutex<Heard>,
}

#[derive(Debug, Default)]
struct Heard {
    known: HashSet<Digest>,
    order: VecDeque<Digest>,
}

impl Calls {
    pub(super) fn by(callers: BTreeMap<String, Caller>) -> Self {
        Self { callers, heard: Mutex::default() }
    }

    /// Says why a call does not count, if it does not; one that counts will not count again.
    pub(super) fn hear(
        &self,
        tracker: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<(), StatusCode> {
        // Who is not known and what is not signed look the same from outside.
        let caller = self.callers.get(tracker).ok_or(StatusCode::UNAUTHORIZED)?;
        let Signing { header, delivery, .. } = caller.signing;
        let signed = text(headers, header)
            .is_some_and(|value| caller.signing.admits(&caller.secret, body, value));
        if !signed {
            return Err(StatusCode::UNAUTHORIZED);
        }
        let name = delivery.and_then(|delivery| text(headers, delivery)).unwrap_or_default();
        let heard = || self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        // The name of a delivery is not signed, the body is: a captured call cannot be renamed.
        let by_body = Digest::of("webhook-body", &[tracker.as_bytes(), body]);
        let by_name = Digest::of("webhook-name", &[tracker.as_bytes(), name.as_bytes()]);
        let is_new = heard().take_in(by_body) && (name.is_empty() || heard().take_in(by_name));
        // Not 409, although it is one: Jira sends again up to five times what is answered so.
        if is_new { Ok(()) } else { Err(StatusCode::UNAUTHORIZED) }
    }
}

impl Heard {
    fn take_in(&mut self, call: Digest) -> bool {
        if !self.known.insert(call) {
            return false;
        }
        self.order.push_back(call);
        if self.order.len() > MOST_REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}
