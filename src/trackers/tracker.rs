//! The tracker: what every connector does, and nothing that could change what was written.

use std::collections::BTreeSet;
use std::fmt;

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use super::{
    Account, Appended, Capabilities, Cursor, Item, ItemId, ItemStatus, Native, NativeKind, NewItem,
    Opened, Page, Probe, Signing, TrackerError, Vouched,
};

/// How far a tracker's clock and ours may be apart, so that what was opened later than an entry was written
/// is not taken for earlier.
const CLOCKS_APART: SignedDuration = SignedDuration::from_hours(24);

/// What a tracker answers, once it does.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, TrackerError>>;

/// A system of record behind one connector, under one account.
///
/// There is no update and no removal. An error means that nothing was written; an outcome that is not
/// known is no error but [`Appended::Unknown`], to be resolved by reading back and never by sending again.
pub trait Tracker: Send + Sync + fmt::Debug {
    /// The name that the settings give it.
    fn name(&self) -> &str;

    /// Where it keeps its accounts: connections to the same place know the same accounts by the same ids.
    fn realm(&self) -> String {
        self.name().to_owned()
    }

    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// How it signs what it sends when something changes; `None` if it does not sign.
    fn signing(&self) -> Option<Signing> {
        None
    }

    /// How often another secret took the place of the one before: who we are may have changed with it.
    fn logins(&self) -> u64 {
        0
    }

    /// Asks who it thinks we are, which also shows that it is there and takes our token, and looks at one
    /// real item where rights can hide things silently.
    fn probe(&self) -> Answer<'_, Probe>;

    /// Reads its items from a place on; from the beginning all of them, later those that changed.
    ///
    /// What changed in the last moments before a reading may come again.
    fn incidents<'a>(&'a self, from: &'a Cursor) -> Answer<'a, Page<Item>>;

    /// Reads the entries of an item from a place on; from the beginning all of them, later those that are
    /// new or changed. The item's own text is not among them.
    ///
    /// What came in the last moments before a reading may come again. What was removed is missing from
    /// the next reading from the beginning.
    fn entries<'a>(&'a self, item: &'a ItemId, from: &'a Cursor) -> Answer<'a, Page<Native>>;

    /// Reads the entries of an item like [`Tracker::entries`], in a reading from its beginning to its end,
    /// knowing the ids of those that were read before.
    ///
    /// What was read and may not be read any more was not removed: it stays among what is found, its ids are
    /// named as unread, or the reading is refused.
    fn entries_again<'a>(
        &'a self,
        item: &'a ItemId,
        from: &'a Cursor,
        _known: &'a BTreeSet<String>,
    ) -> Answer<'a, Page<Native>> {
        self.entries(item, from)
    }

    /// Opens an item.
    fn open<'a>(&'a self, item: &'a NewItem) -> Answer<'a, Opened>;

    /// Writes an entry; seen by the team alone, unless the settings of the connector say otherwise.
    fn append<'a>(&'a self, item: &'a ItemId, text: &'a str) -> Answer<'a, Appended>;

    /// Says where an item stands; asked again, it changes nothing.
    fn set_status<'a>(&'a self, item: &'a ItemId, status: ItemStatus) -> Answer<'a, ()>;

    /// Links an item to an address elsewhere, for people to follow; asked again, it adds nothing.
    fn relate<'a>(&'a self, item: &'a ItemId, title: &'a str, url: &'a str) -> Answer<'a, ()>;

    /// Reads every text of an item that contains the words, from all pages and never from a search,
    /// because searches lag.
    ///
    /// Nothing is written, with one exception: the id of an entry is what delivery looks for, and once that
    /// entry is found, a connector may finish what writing it began.
    fn find<'a>(&'a self, item: &'a ItemId, words: &'a str) -> Answer<'a, Vec<Native>> {
        Box::pin(async move {
            let (mut found, mut from) = (Vec::new(), Cursor::default());
            loop {
                let page = self.entries(item, &from).await?;
                let holds = |native: &Native| {
                    native.kind == NativeKind::Text && native.text.for_storage().contains(words)
                };
                found.extend(page.found.into_iter().filter(holds));
                if page.complete {
                    return Ok(found);
                }
                from = further(&from, page.next)?;
            }
        })
    }

    /// Asks how a text came about, before it counts as somebody's will: what lists say of it may not be all
    /// that the tracker knows. Only ever asked for the few texts that decide something.
    fn vouch<'a>(&'a self, native: &'a Native) -> Answer<'a, Vouched> {
        Box::pin(async move { Ok(Vouched::by(native)) })
    }

    /// Where reading items begins with those that changed at a moment or later; at the beginning if the
    /// tracker cannot tell them apart.
    fn items_since(&self, _: Timestamp) -> Cursor {
        Cursor::default()
    }

    /// Reads its items from a place on, also those that the settings leave out: what we open may be one.
    fn all_items<'a>(&'a self, from: &'a Cursor) -> Answer<'a, Page<Item>> {
        self.incidents(from)
    }

    /// Reads the items that were opened with a text under our id, from all pages and never from a search.
    ///
    /// Those that came since our id was made are looked at first; that it is among none of them is believed
    /// only after all others were looked at, because clocks go wrong.
    fn find_item<'a>(&'a self, new: &'a NewItem) -> Answer<'a, Vec<Item>> {
        Box::pin(async move {
            let Some(id) = new.id() else { return Ok(Vec::new()) };
            let since = id.minted_at().checked_sub(CLOCKS_APART).unwrap_or(Timestamp::MIN);
            let (words, since) = (id.to_string(), self.items_since(since));
            let found = opened_with(self, &words, since.clone()).await?;
            if found.is_empty() && since != Cursor::default() {
                return opened_with(self, &words, Cursor::default()).await;
            }
            Ok(found)
        })
    }
}

/// The items from a place on whose first text contains the words.
async fn opened_with<T: Tracker + ?Sized>(
    tracker: &T,
    words: &str,
    mut from: Cursor,
) -> Result<Vec<Item>, TrackerError> {
    let mut found = Vec::new();
    loop {
        let page = tracker.all_items(&from).await?;
        found.extend(page.found.into_iter().filter(|it| it.text.for_storage().contains(words)));
        if page.complete {
            return Ok(found);
        }
        from = further(&from, page.next)?;
    }
}

/// Names an address in an item, once, where a tracker has no links of its own that people see.
pub(super) async fn name_once(
    tracker: &dyn Tracker,
    (own, item): (&Account, &ItemId),
    (text, url): (&str, &str),
) -> Result<(), TrackerError> {
    if tracker.find(item, url).await?.iter().any(|found| found.author.id == own.id) {
        return Ok(());
    }
    match tracker.append(item, text).await? {
        Appended::Stored { .. } | Appended::Accepted => Ok(()),
        Appended::Rejected { why } => Err(TrackerError::Refused { why }),
        Appended::Unknown { why } => Err(TrackerError::Unreachable { why }),
    }
}

/// A tracker that says there is more and stays where it is would be read for ever.
fn further(from: &Cursor, next: Cursor) -> Result<Cursor, TrackerError> {
    if *from == next {
        let why = "it says that there is more and does not say where".to_owned();
        return Err(TrackerError::Broken { why });
    }
    Ok(next)
}
