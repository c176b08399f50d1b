//! The connector as a tracker.

use std::time::Duration;

use jiff::Timestamp;

use super::connector::GithubTracker;
use super::place::{self, IssuesPlace};
use crate::trackers::{
    Answer, Appended, Capabilities, Carrier, Cursor, Item, ItemId, ItemStatus, Native, NewItem,
    Opened, Page, Probe, Signing, Tracker, Vouched,
};

/// The longest text, in characters. GitHub takes 65,536 of a kind that it does not describe; what keeps names
/// and numbers from calling anybody takes room, too.
const MAX_CHARS: usize = 40_000;

impl Tracker for GithubTracker {
    fn name(&self) -> &str {
        &self.name
    }

    /// See <https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries>.
    fn signing(&self) -> Option<Signing> {
        Some(Signing {
            header: "x-hub-signature-256",
            prefix: "sha256=",
            delivery: Some("x-github-delivery"),
        })
    }

    fn realm(&self) -> String {
        format!("github {}", self.url)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            max_chars: MAX_CHARS,
            carrier: Carrier::Comment,
            links: true,
            proves_author: true,
            tells_openings: true,
            settle: Duration::from_secs(150),
        }
    }

    fn logins(&self) -> u64 {
        self.transport.logins()
    }

    fn probe(&self) -> Answer<'_, Probe> {
        Box::pin(self.asked_who_we_are())
    }

    fn incidents<'a>(&'a self, from: &'a Cursor) -> Answer<'a, Page<Item>> {
        Box::pin(async move { self.read_items(place::read(from)?, &self.labels).await })
    }

    fn items_since(&self, since: Timestamp) -> Cursor {
        place::write(&IssuesPlace { since: Some(since), pages: 0 }).unwrap_or_default()
    }

    fn all_items<'a>(&'a self, from: &'a Cursor) -> Answer<'a, Page<Item>> {
        Box::pin(async move { self.read_items(place::read(from)?, &[]).await })
    }

    fn entries<'a>(&'a self, item: &'a ItemId, from: &'a Cursor) -> Answer<'a, Page<Native>> {
        Box::pin(async move { self.read_entries(item, place::read(from)?).await })
    }

    fn open<'a>(&'a self, item: &'a NewItem) -> Answer<'a, Opened> {
        Box::pin(self.opened(item))
    }

    fn append<'a>(&'a self, item: &'a ItemId, text: &'a str) -> Answer<'a, Appended> {
        Box::pin(self.appended(item, text))
    }

    fn find<'a>(&'a self, item: &'a ItemId, words: &'a str) -> Answer<'a, Vec<Native>> {
        Box::pin(self.found(item, words))
    }

    fn vouch<'a>(&'a self, native: &'a Native) -> Answer<'a, Vouched> {
        Box::pin(self.vouched(native))
    }

    fn set_status<'a>(&'a self, item: &'a ItemId, status: ItemStatus) -> Answer<'a, ()> {
        Box::pin(self.stands(item, status))
    }

    fn relate<'a>(&'a self, item: &'a ItemId, title: &'a str, url: &'a str) -> Answer<'a, ()> {
        Box::pin(self.related(item, title, url))
    }
}
