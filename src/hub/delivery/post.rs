//! The post: one tracker, and who it says we are.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore};

use super::text;
use super::texts::Texts;
use crate::incident::{Body, Entry, IncidentId, ItemLink, Origin, Status, Untrusted};
use crate::trackers::{
    Account, Appended, ItemId, ItemStatus, Native, NewItem, Opened, Tracker, TrackerError,
};
use crate::wire::Posted;

/// What stands for the remote id where the copy is the text that opened the item: items and entries
/// are counted apart in some trackers, so an item's own id may be that of an entry too.
pub(in crate::hub) const OPENING: &str = "opening";

/// How many calls one tracker gets at a time, over all of its items.
const MOST_AT_ONCE: usize = 4;

/// How long a call may take before its outcome counts as unknown; connectors give up long before. However
/// fast the clock runs, this is time on the wall: a call that is only slow must not land after all.
const LONGEST_CALL: Duration = Duration::from_mins(1);

/// One tracker, as the delivery uses it.
#[derive(Debug)]
pub(super) struct Post {
    tracker: Arc<dyn Tracker>,
    own: Mutex<Own>,
    at_once: Semaphore,
}

/// The accounts under which we write, or wrote.
#[derive(Debug, Default)]
struct Own {
    accounts: BTreeSet<String>,
    /// For which login that was asked last.
    asked: Option<u64>,
}

/// Where an entry goes.
pub(super) enum Place {
    /// Into a new item, which it opens.
    New,
    /// Into an item that is open.
    Item(ItemId),
}

/// How a write ended.
pub(super) enum Sent {
    /// It stands there.
    Stored(Origin),
    /// It was taken, or may have been; reading back will tell.
    Unclear { why: String },
    /// A person must look.
    Rejected { why: String },
}

impl Post {
    pub(super) fn new(tracker: Arc<dyn Tracker>) -> Self {
        Self { tracker, own: Mutex::default(), at_once: Semaphore::new(MOST_AT_ONCE) }
    }

    /// The configured name of the tracker.
    pub(super) fn name(&self) -> &str {
        self.tracker.name()
    }

    /// How long after an unclear outcome absence can be believed.
    pub(super) fn settle(&self) -> Duration {
        self.tracker.capabilities().settle
    }

    /// The texts that the tracker gets of an entry, beside those that it was sent; says why if it can never
    /// take them.
    pub(super) fn texts(&self, entry: &Entry, posted: Vec<Posted>) -> Result<Texts, String> {
        let parts = text::parts(entry, self.tracker.capabilities()).ok_or_else(|| {
            let most = self.tracker.capabilities().max_chars;
            format!("it cannot be cut into parts of {most} characters, the most the tracker takes")
        })?;
        Ok(Texts::new(parts, posted))
    }

    /// Writes one text of an entry.
    pub(super) async fn send(
        &self,
        entry: &Entry,
        part: &str,
        to: &Place,
    ) -> Result<Sent, TrackerError> {
        let _turn = self.turn().await?;
        // Before the first byte leaves: what is written now is known again by who we are now.
        self.own().await?;
        let write = self.write(entry, part, to);
        let sent = tokio::time::timeout(LONGEST_CALL, write).await;
        sent.unwrap_or_else(|_| Ok(Sent::Unclear { why: silent().to_string() }))
    }

    async fn write(&self, entry: &Entry, part: &str, to: &Place) -> Result<Sent, TrackerError> {
        match to {
            Place::New => {
                let new = NewItem { title: text::title(entry), text: part.to_owned() };
                Ok(match self.tracker.open(&new).await? {
                    Opened::Stored { item } => Sent::Stored(self.opened(&item, &new.text)),
                    Opened::Rejected { why } => Sent::Rejected { why },
                    Opened::Unknown { why } => Sent::Unclear { why },
                })
            }
            Place::Item(item) => Ok(match self.tracker.append(item, part).await? {
                Appended::Stored { remote } => Sent::Stored(self.origin(item, remote, part)),
                Appended::Rejected { why } => Sent::Rejected { why },
                Appended::Unknown { why } => Sent::Unclear { why },
                Appended::Accepted => {
                    let why = "the tracker took it without saying where it stands".to_owned();
                    Sent::Unclear { why }
                }
            }),
        }
    }

    /// Looks for the copies of an entry that we wrote ourselves and that say what we wrote.
    pub(super) async fn find(
        &self,
        entry: &Entry,
        texts: &Texts,
        at: &Place,
    ) -> Result<Vec<Origin>, TrackerError> {
        let _turn = self.turn().await?;
        let look = self.look(entry, texts, at);
        let found = tokio::time::timeout(LONGEST_CALL, look).await;
        found.unwrap_or_else(|_| Err(silent()))
    }

    async fn look(
        &self,
        entry: &Entry,
        texts: &Texts,
        at: &Place,
    ) -> Result<Vec<Origin>, TrackerError> {
        let own = self.own().await?;
        let mark = entry.id.to_string();
        let is_ours = |author: &Account, held: &Untrusted| {
            own.contains(&author.id) && texts.has(text::version(held.for_storage()))
        };
        Ok(match at {
            Place::New => {
                let Some(first) = texts.get(0) else { return Ok(Vec::new()) };
                let new = NewItem { title: text::title(entry), text: first.to_owned() };
                let mut found = self.tracker.find_item(&new).await?;
                found.retain(|item| is_ours(&item.author, &item.text));
                found.iter().map(|item| self.opened(&item.id, item.text.for_storage())).collect()
            }
            Place::Item(item) => {
                let mut found = self.tracker.find(item, &mark).await?;
                found.retain(|held| is_ours(&held.author, &held.text));
                let origin = |held: Native| self.origin(item, held.remote, held.text.for_storage());
                found.into_iter().map(origin).collect()
            }
        })
    }

    /// Who we are there, and who we were before: what was written then is ours as well.
    async fn own(&self) -> Result<BTreeSet<String>, TrackerError> {
        let (mut own, logins) = (self.own.lock().await, self.tracker.logins());
        if own.asked != Some(logins) {
            let probe = tokio::time::timeout(LONGEST_CALL, self.tracker.probe()).await;
            own.accounts.insert(probe.unwrap_or_else(|_| Err(silent()))?.account.id);
            own.asked = Some(logins);
        }
        Ok(own.accounts.clone())
    }

    /// Does to the item itself what an entry that stands there says of it; asked again, it changes nothing.
    pub(super) async fn follow_up(&self, entry: &Entry, item: &ItemId) -> Result<(), TrackerError> {
        let follow_up = async {
            let _turn = self.turn().await?;
            match &entry.body {
                Body::Resolution(_) => self.tracker.set_status(item, ItemStatus::Closed).await,
                Body::Status(Status::Incident { to }) if to.is_over() => {
                    self.tracker.set_status(item, ItemStatus::Closed).await
                }
                Body::Status(Status::Items { at }) => self.relate(item, at).await,
                _ => Ok(()),
            }
        };
        let done = tokio::time::timeout(LONGEST_CALL, follow_up).await;
        done.unwrap_or_else(|_| Err(silent()))
    }

    async fn relate(&self, item: &ItemId, at: &[ItemLink]) -> Result<(), TrackerError> {
        let elsewhere = at.iter().filter(|link| link.tracker != self.tracker.name());
        for link in elsewhere.filter(|_| self.tracker.capabilities().links) {
            let Some(url) = &link.url else { continue };
            let title = format!("{} {}", link.tracker, link.item);
            self.tracker.relate(item, &title, url.for_storage()).await?;
        }
        Ok(())
    }

    async fn turn(&self) -> Result<tokio::sync::SemaphorePermit<'_>, TrackerError> {
        let closed = |_| TrackerError::Unreachable { why: "the delivery has ended".to_owned() };
        self.at_once.acquire().await.map_err(closed)
    }

    /// The text that opens an item is a copy of the entry, and its id is that of the item.
    fn opened(&self, item: &ItemId, text: &str) -> Origin {
        self.origin(item, OPENING.to_owned(), text)
    }

    fn origin(&self, item: &ItemId, remote: String, text: &str) -> Origin {
        Origin {
            tracker: self.tracker.name().to_owned(),
            item: item.to_string(),
            remote,
            version: text::version(text),
        }
    }
}

/// Nobody answers.
fn silent() -> TrackerError {
    let why = format!("no answer for {} s", LONGEST_CALL.as_secs());
    TrackerError::Unreachable { why }
}

impl Place {
    /// Where an entry of an incident goes; `None` if its item is not open yet.
    pub(super) fn of(entry: &Entry, item: Option<String>) -> Option<Self> {
        match item {
            Some(item) => Some(Self::Item(item.into())),
            None if IncidentId::from(entry.id) == entry.incident => Some(Self::New),
            None => None,
        }
    }
}
