//! A tracker in memory in which anybody writes, edits, and removes, and which can fail to be read.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::settings::{Clock, Visibility};
use crate::trackers::{
    Access, Account, AccountKind, Answer, Appended, Capabilities, Carrier, Cursor, Item, ItemId,
    ItemStatus, Native, NativeKind, NewItem, Opened, Page, Probe, Tracker, TrackerError, Vouched,
};

/// How much is on a page, so that a reader that stops at the first one is found out.
const PAGE: usize = 3;

/// The account that our token belongs to.
pub(super) const OWN: &str = "7";

/// An account of the board.
pub(super) fn account(id: &str, name: &str, kind: AccountKind) -> Account {
    Account { id: id.to_owned(), kind, name: name.into() }
}

/// A person's account.
pub(super) fn person(id: &str, name: &str) -> Account {
    account(id, name, AccountKind::Human)
}

/// What the board holds; the number says when it was last changed.
#[derive(Debug, Default)]
pub(super) struct Held {
    changes: u64,
    posted: u64,
    pub(super) items: Vec<(u64, Item)>,
    natives: Vec<(u64, ItemId, Native)>,
    /// Why nothing can be read now.
    pub(super) down: Option<TrackerError>,
    /// An item that is not there any more.
    pub(super) missing: Option<(ItemId, TrackerError)>,
    /// Whether entries are hidden without a word.
    pub(super) hides: bool,
    pub(super) skew: Option<SignedDuration>,
    /// Whether it says of itself that it is a look-alike.
    pub(super) is_sandbox: bool,
    /// How many calls read something, and how many of them looked at what the list leaves out.
    pub(super) reads: usize,
    pub(super) searches: usize,
    /// Why nobody can look at what the list leaves out.
    pub(super) unsearchable: Option<TrackerError>,
    /// What the board knows of texts beyond what its lists say.
    came: BTreeMap<String, Vouched>,
    /// Of which texts it was asked how they came about, and why it does not tell now.
    pub(super) vouches: Vec<String>,
    pub(super) mute: Option<TrackerError>,
    pub(super) related: Vec<(ItemId, String)>,
}

/// The tracker.
#[derive(Debug, Clone)]
pub(super) struct Board {
    name: String,
    clock: Clock,
    pub(super) max_chars: usize,
    pub(super) proves_author: bool,
    /// Where it keeps its accounts, and the account that our token belongs to.
    pub(super) realm: String,
    pub(super) own: String,
    /// Whether the settings choose which of its items are alerts.
    pub(super) chosen: bool,
    /// Whether the settings leave everything out of the list that says nothing of `incident`.
    pub(super) filters: bool,
    pub(super) held: Arc<Mutex<Held>>,
}

impl Board {
    pub(super) fn new(name: &str, clock: &Clock) -> Self {
        Self {
            name: name.to_owned(),
            clock: clock.clone(),
            max_chars: 20_000,
            proves_author: true,
            realm: name.to_owned(),
            own: OWN.to_owned(),
            chosen: false,
            filters: false,
            held: Arc::default(),
        }
    }

    fn us(&self) -> Account {
        account(&self.own, "wheelhouse", AccountKind::Bot)
    }

    /// Opens an item as somebody.
    pub(super) fn open_as(&self, by: Account, title: &str, text: &str) -> ItemId {
        let mut held = self.held.lock().unwrap();
        held.changes += 1;
        let id = ItemId::from((held.items.len() + 1).to_string());
        let item = Item {
            id: id.clone(),
            title: title.into(),
            text: text.into(),
            author: by,
            status: ItemStatus::Open,
            created: self.clock.now(),
            updated: Some(self.clock.now()),
            url: Some(format!("https://{}.test/{id}", self.name).into()),
            raw: Value::Null,
        };
        let changes = held.changes;
        held.items.push((changes, item));
        id
    }

    /// Writes an entry as somebody.
    pub(super) fn post(&self, item: &str, by: &Account, text: &str) -> String {
        self.put(item, by, text, NativeKind::Text)
    }

    fn put(&self, item: &str, by: &Account, text: &str, kind: NativeKind) -> String {
        let mut held = self.held.lock().unwrap();
        held.changes += 1;
        held.posted += 1;
        let remote = held.posted.to_string();
        let native = Native {
            remote: remote.clone(),
            kind,
            author: by.clone(),
            created: self.clock.now(),
            updated: None,
            text: text.into(),
            visibility: Visibility::Internal,
            url: None,
            raw: Value::Null,
        };
        let changes = held.changes;
        held.natives.push((changes, item.to_owned().into(), native));
        held.touch(item);
        remote
    }

    /// Writes an entry as somebody, of which the board alone knows how it came about.
    pub(super) fn post_by(&self, by: &Account, text: &str, came: Vouched) -> String {
        let remote = self.post("1", by, text);
        self.held.lock().unwrap().came.insert(remote.clone(), came);
        remote
    }

    /// Changes an entry; the author stays the one who wrote it.
    pub(super) fn edit(&self, remote: &str, text: &str) {
        let now = self.clock.now();
        self.change(remote, |native| {
            native.text = text.into();
            native.updated = Some(now);
        });
    }

    /// Changes an entry so that nothing but its text tells.
    pub(super) fn edit_silently(&self, remote: &str, text: &str) {
        let mut held = self.held.lock().unwrap();
        let found = held.natives.iter_mut().find(|(_, _, native)| native.remote == remote);
        found.unwrap().2.text = text.into();
    }

    fn change(&self, remote: &str, change: impl FnOnce(&mut Native)) {
        let mut held = self.held.lock().unwrap();
        held.changes += 1;
        let changes = held.changes;
        let found = held.natives.iter_mut().find(|(_, _, native)| native.remote == remote);
        let (at, item, native) = found.unwrap();
        *at = changes;
        change(native);
        let item = item.to_string();
        held.touch(&item);
    }

    /// Removes an entry.
    pub(super) fn remove(&self, remote: &str) {
        self.held.lock().unwrap().natives.retain(|(_, _, native)| native.remote != remote);
    }

    /// Removes every entry of an item.
    pub(super) fn empty(&self, item: &str) {
        self.held.lock().unwrap().natives.retain(|(_, of, _)| of.as_str() != item);
    }

    /// Closes an item as somebody, which the board notes.
    pub(super) fn close_as(&self, item: &str, by: &Account) {
        self.put(item, by, "closed it", NativeKind::Status(ItemStatus::Closed));
    }

    /// Moves an item as somebody, so that it is neither opened nor closed.
    pub(super) fn move_as(&self, item: &str, by: &Account, words: &str) -> String {
        self.put(item, by, words, NativeKind::Moved)
    }

    /// Closes an item so that nothing but the list of items tells.
    pub(super) fn close_silently(&self, item: &str) {
        let (now, mut held) = (self.clock.now(), self.held.lock().unwrap());
        held.touch(item);
        let found = held.items.iter_mut().find(|(_, held)| held.id.as_str() == item);
        let (_, found) = found.unwrap();
        (found.status, found.updated) = (ItemStatus::Closed, Some(now));
    }

    /// Suggests something as the board's own agent.
    pub(super) fn suggest(&self, item: &str, by: &Account, text: &str) -> String {
        self.put(item, by, text, NativeKind::Suggestion)
    }

    /// Changes the text that opened an item.
    pub(super) fn edit_item(&self, item: &str, text: &str) {
        let mut held = self.held.lock().unwrap();
        held.touch(item);
        let found = held.items.iter_mut().find(|(_, held)| held.id.as_str() == item);
        found.unwrap().1.text = text.into();
    }

    /// Every text of an item, oldest first.
    pub(super) fn texts(&self, item: &str) -> Vec<String> {
        let held = self.held.lock().unwrap();
        let here = held.natives.iter().filter(|(_, of, _)| of.as_str() == item);
        here.map(|(_, _, native)| native.text.for_storage().to_owned()).collect()
    }

    /// How many items it has.
    pub(super) fn items(&self) -> usize {
        self.held.lock().unwrap().items.len()
    }
}

fn page<T>(from: &Cursor, mut found: Vec<(u64, T)>) -> Page<T> {
    let from: u64 = from.as_str().parse().unwrap_or(0);
    found.retain(|(at, _)| *at > from);
    found.sort_by_key(|(at, _)| *at);
    let complete = found.len() <= PAGE;
    found.truncate(PAGE);
    let next = found.last().map_or(from, |(at, _)| *at).to_string().into();
    Page {
        found: found.into_iter().map(|(_, one)| one).collect(),
        next,
        complete,
        unread: Vec::new(),
    }
}

impl Held {
    fn touch(&mut self, item: &str) {
        self.changes += 1;
        let changes = self.changes;
        let found = self.items.iter_mut().find(|(_, held)| held.id.as_str() == item);
        if let Some((at, _)) = found {
            *at = changes;
        }
    }

    fn read(&mut self) -> Result<(), TrackerError> {
        self.reads += 1;
        self.down.clone().map_or(Ok(()), Err)
    }
}

impl Tracker for Board {
    fn name(&self) -> &str {
        &self.name
    }

    fn realm(&self) -> String {
        self.realm.clone()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            max_chars: self.max_chars,
            carrier: Carrier::Trailer,
            links: true,
            proves_author: self.proves_author,
            tells_openings: true,
            settle: Duration::from_secs(5),
        }
    }

    fn probe(&self) -> Answer<'_, Probe> {
        Box::pin(async {
            let mut held = self.held.lock().unwrap();
            held.read()?;
            let account = self.us();
            let (access, skew, is_sandbox) = (Access::Write, held.skew, held.is_sandbox);
            Ok(Probe { access, skew, is_sandbox, ..Probe::of(account) })
        })
    }

    fn incidents<'a>(&'a self, from: &'a Cursor) -> Answer<'a, Page<Item>> {
        Box::pin(async {
            let items = {
                let mut held = self.held.lock().unwrap();
                held.read()?;
                let gone = held.missing.as_ref().map(|(gone, _)| gone.clone());
                let shows = |item: &Item| !self.filters || item.title == "incident".into();
                let here = held.items.iter().filter(|(_, item)| Some(&item.id) != gone.as_ref());
                here.filter(|(_, item)| shows(item)).cloned().collect()
            };
            Ok(page(from, items))
        })
    }

    fn items_since(&self, _: Timestamp) -> Cursor {
        if self.filters { "0".to_owned().into() } else { Cursor::default() }
    }

    fn all_items<'a>(&'a self, from: &'a Cursor) -> Answer<'a, Page<Item>> {
        Box::pin(async {
            let mut held = self.held.lock().unwrap();
            held.read()?;
            held.searches += 1;
            if let Some(error) = held.unsearchable.clone() {
                return Err(error);
            }
            Ok(page(from, held.items.clone()))
        })
    }

    fn entries<'a>(&'a self, item: &'a ItemId, from: &'a Cursor) -> Answer<'a, Page<Native>> {
        Box::pin(async move {
            let natives = {
                let mut held = self.held.lock().unwrap();
                held.read()?;
                if let Some((_, error)) = held.missing.as_ref().filter(|(gone, _)| gone == item) {
                    return Err(error.clone());
                }
                let hides = held.hides;
                let here = held.natives.iter().filter(|(_, of, _)| of == item && !hides);
                here.map(|(at, _, native)| (*at, native.clone())).collect()
            };
            Ok(page(from, natives))
        })
    }

    fn open<'a>(&'a self, item: &'a NewItem) -> Answer<'a, Opened> {
        let item = self.open_as(self.us(), &item.title, &item.text);
        Box::pin(async move { Ok(Opened::Stored { item }) })
    }

    fn append<'a>(&'a self, item: &'a ItemId, text: &'a str) -> Answer<'a, Appended> {
        let remote = self.post(item.as_str(), &self.us(), text);
        Box::pin(async move { Ok(Appended::Stored { remote }) })
    }

    fn vouch<'a>(&'a self, native: &'a Native) -> Answer<'a, Vouched> {
        let mut held = self.held.lock().unwrap();
        held.vouches.push(native.remote.clone());
        let came = held.came.get(&native.remote).cloned();
        let told = held.mute.clone().map_or(Ok(came.unwrap_or(Vouched::by(native))), Err);
        Box::pin(async move { told })
    }

    fn set_status<'a>(&'a self, item: &'a ItemId, _: ItemStatus) -> Answer<'a, ()> {
        self.close_as(item.as_str(), &self.us());
        Box::pin(async { Ok(()) })
    }

    fn relate<'a>(&'a self, item: &'a ItemId, _: &'a str, url: &'a str) -> Answer<'a, ()> {
        self.held.lock().unwrap().related.push((item.clone(), url.to_owned()));
        Box::pin(async { Ok(()) })
    }
}

/// The present of the tests.
pub(super) fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}
