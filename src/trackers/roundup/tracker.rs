//! The connector as a tracker.

use std::time::Duration;

use super::connector::RoundupTracker;
use crate::trackers::{
    Answer, Appended, Capabilities, Carrier, Cursor, Item, ItemId, ItemStatus, Native, NewItem,
    Opened, Page, Probe, Tracker,
};

/// The longest text, in characters.
const MAX_CHARS: usize = 1 << 20;

impl Tracker for RoundupTracker {
    fn name(&self) -> &str {
        &self.name
    }

    fn realm(&self) -> String {
        format!("roundup {}", self.url)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            max_chars: MAX_CHARS,
            carrier: Carrier::Trailer,
            links: true,
            // It proves the account, and knows nothing of who or what stands behind one.
            proves_author: false,
            tells_openings: true,
            settle: Duration::from_mins(1),
        }
    }

    fn logins(&self) -> u64 {
        self.transport.logins()
    }

    fn probe(&self) -> Answer<'_, Probe> {
        Box::pin(self.asked_who_we_are())
    }

    fn incidents<'a>(&'a self, from: &'a Cursor) -> Answer<'a, Page<Item>> {
        Box::pin(self.read_items(from))
    }

    fn entries<'a>(&'a self, item: &'a ItemId, from: &'a Cursor) -> Answer<'a, Page<Native>> {
        Box::pin(self.read_entries(item, from))
    }

    fn open<'a>(&'a self, item: &'a NewItem) -> Answer<'a, Opened> {
        Box::pin(self.opened(item))
    }

    fn append<'a>(&'a self, item: &'a ItemId, text: &'a str) -> Answer<'a, Appended> {
        Box::pin(self.appended(item, text))
    }

    fn set_status<'a>(&'a self, item: &'a ItemId, status: ItemStatus) -> Answer<'a, ()> {
        Box::pin(self.stands(item, status))
    }

    fn relate<'a>(&'a self, item: &'a ItemId, title: &'a str, url: &'a str) -> Answer<'a, ()> {
        Box::pin(self.related(item, title, url))
    }
}
