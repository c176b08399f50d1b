//! The local tracker as one account sees it.

use std::time::Duration;

use super::LocalStore;
use crate::trackers::{
    Access, Account, Answer, Appended, Capabilities, Carrier, Cursor, Item, ItemId, ItemStatus,
    Native, NewItem, Opened, Page, Probe, Tracker, TrackerError,
};

/// The longest text, in characters.
const MAX_CHARS: usize = 1 << 20;

/// The local tracker under one account.
#[derive(Debug, Clone)]
pub struct LocalTracker {
    name: String,
    store: LocalStore,
    account: Account,
}

impl LocalTracker {
    /// Enters the tracker with a token.
    pub fn enter(name: &str, store: LocalStore, token: &str) -> Result<Self, TrackerError> {
        let account = store.authenticate(token)?.ok_or_else(|| {
            let why = "it is nobody's".to_owned();
            TrackerError::Unauthorized { why }
        })?;
        Ok(Self { name: name.to_owned(), store, account })
    }

    /// Enters the tracker as an account that the owner of the file was admitted as.
    pub fn owned(name: &str, store: LocalStore, account: Account) -> Self {
        Self { name: name.to_owned(), store, account }
    }

    /// Asks the store on a thread that may wait for the disk.
    fn ask<T: Send + 'static>(
        &self,
        act: impl FnOnce(&LocalStore, &Account) -> Result<T, TrackerError> + Send + 'static,
    ) -> Answer<'static, T> {
        let (store, account) = (self.store.clone(), self.account.clone());
        Box::pin(async move {
            let done = tokio::task::spawn_blocking(move || act(&store, &account)).await;
            done.map_err(|error| TrackerError::Broken { why: error.to_string() })?
        })
    }
}

impl Tracker for LocalTracker {
    fn name(&self) -> &str {
        &self.name
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            max_chars: MAX_CHARS,
            carrier: Carrier::Trailer,
            links: true,
            proves_author: true,
            tells_openings: true,
            settle: Duration::from_secs(5),
        }
    }

    fn probe(&self) -> Answer<'_, Probe> {
        let account = self.account.clone();
        let probe = Probe { access: Access::Write, ..Probe::of(account) };
        Box::pin(async move { Ok(probe) })
    }

    fn incidents<'a>(&'a self, from: &'a Cursor) -> Answer<'a, Page<Item>> {
        let from = from.clone();
        self.ask(move |store, _| store.items(&from))
    }

    fn entries<'a>(&'a self, item: &'a ItemId, from: &'a Cursor) -> Answer<'a, Page<Native>> {
        let (item, from) = (item.clone(), from.clone());
        self.ask(move |store, _| store.entries(&item, &from))
    }

    fn open<'a>(&'a self, item: &'a NewItem) -> Answer<'a, Opened> {
        let item = item.clone();
        self.ask(move |store, by| match store.open_item(by, &item) {
            Ok(item) => Ok(Opened::Stored { item }),
            // A commit that the disk interrupted may have happened.
            Err(TrackerError::Unreachable { why }) => Ok(Opened::Unknown { why }),
            Err(error) => Err(error),
        })
    }

    fn append<'a>(&'a self, item: &'a ItemId, text: &'a str) -> Answer<'a, Appended> {
        let (item, text) = (item.clone(), text.to_owned());
        self.ask(move |store, by| {
            if text.trim().is_empty() || text.chars().count() > MAX_CHARS {
                let why = format!("a text has 1 to {MAX_CHARS} characters");
                return Ok(Appended::Rejected { why });
            }
            match store.append(by, &item, &text) {
                Ok(remote) => Ok(Appended::Stored { remote }),
                // A commit that the disk interrupted may have happened.
                Err(TrackerError::Unreachable { why }) => Ok(Appended::Unknown { why }),
                Err(error) => Err(error),
            }
        })
    }

    fn set_status<'a>(&'a self, item: &'a ItemId, status: ItemStatus) -> Answer<'a, ()> {
        let item = item.clone();
        self.ask(move |store, by| store.set_status(by, &item, status))
    }

    fn relate<'a>(&'a self, item: &'a ItemId, title: &'a str, url: &'a str) -> Answer<'a, ()> {
        let (item, title, url) = (item.clone(), title.to_owned(), url.to_owned());
        self.ask(move |store, by| store.relate(by, &item, (&title, &url)))
    }
}
