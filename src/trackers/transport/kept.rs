//! What was read before, so that reading it again costs nothing while it has not changed.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use reqwest::header::{ETAG, HeaderMap, HeaderValue, LAST_MODIFIED};

use super::reply::Reply;

/// How much is kept, in bytes of memory.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// An answer, and what its tracker wants to see to say that it still holds.
#[derive(Debug, Clone)]
pub(super) struct Former {
    pub(super) etag: Option<HeaderValue>,
    pub(super) last_modified: Option<HeaderValue>,
    pub(super) reply: Reply,
}

/// Answers by address; the oldest go first.
#[derive(Debug, Default)]
pub(super) struct Kept(Mutex<Shelf>);

#[derive(Debug, Default)]
struct Shelf {
    by_url: BTreeMap<String, Former>,
    oldest_first: VecDeque<String>,
    bytes: usize,
}

impl Kept {
    /// The answer that this address gave before.
    pub(super) fn find(&self, url: &str) -> Option<Former> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).by_url.get(url).cloned()
    }

    /// Keeps an answer if its tracker can say later whether it still holds.
    pub(super) fn keep(&self, url: &str, headers: &HeaderMap, reply: &Reply) {
        let (etag, last_modified) =
            (headers.get(ETAG).cloned(), headers.get(LAST_MODIFIED).cloned());
        if etag.is_none() && last_modified.is_none() || reply.burden > MOST_BYTES {
            return;
        }
        let former = Former { etag, last_modified, reply: reply.clone() };
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.remove(url);
        shelf.bytes += reply.burden;
        shelf.by_url.insert(url.to_owned(), former);
        shelf.oldest_first.push_back(url.to_owned());
        while shelf.bytes > MOST_BYTES
            && let Some(oldest) = shelf.oldest_first.front().cloned()
        {
            shelf.remove(&oldest);
        }
    }
}

impl Shelf {
    fn remove(&mut self, url: &str) {
        if let Some(former) = self.by_url.remove(url) {
            self.bytes = self.bytes.saturating_sub(former.reply.burden);
            self.oldest_first.retain(|kept| kept != url);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn reply(burden: usize) -> Reply {
        Reply { json: Value::Null, more: false, total: None, date: None, etag: None, burden }
    }

    #[test]
    fn the_oldest_answers_make_room_and_those_without_a_version_are_not_kept() {
        let kept = Kept::default();
        let versioned = HeaderMap::from_iter([(ETAG, HeaderValue::from_static("\"1\""))]);
        for name in ["a", "b", "c", "b"] {
            kept.keep(name, &versioned, &reply(MOST_BYTES / 2));
        }
        kept.keep("d", &HeaderMap::new(), &reply(1));
        let held = |name| kept.find(name).is_some();
        assert_eq!(["a", "b", "c", "d"].map(held), [false, true, true, false]);
    }
}
