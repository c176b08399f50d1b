//! The shelf of one item: what is known to stand there, as it was seen last.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use crate::incident::{Body, Change, Digest, EntryId, IncidentId, Origin};
use crate::journal::{History, JournalError};
use crate::trackers::ItemStatus;

/// What is known to stand in an item.
#[derive(Debug, Default)]
pub(super) struct Shelf(BTreeMap<String, Kept>);

/// One copy, as it was seen last.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Kept {
    entry: EntryId,
    version: Digest,
    /// Whether nothing was ever told of a change of it.
    is_first: bool,
    gone: bool,
    /// Since when it is missing, if it is.
    missing: Option<Timestamp>,
}

/// When somebody looked, and for how long what is missing may only be late: lists lag.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) at: Timestamp,
    pub(super) lag: Duration,
}

/// What a reading of an item from its beginning found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) remotes: BTreeSet<String>,
    /// How the ids begin of which not all were asked for.
    pub(super) unread: BTreeSet<&'static str>,
}

impl Found {
    /// Nothing yet, but what always stands there.
    pub(super) fn of(remote: &str) -> Self {
        Self { remotes: BTreeSet::from([remote.to_owned()]), unread: BTreeSet::new() }
    }

    /// Whether something was asked for, or could have been, and did not come.
    fn lacks(&self, remote: &str) -> bool {
        !self.remotes.contains(remote) && !self.unread.iter().any(|it| remote.starts_with(it))
    }
}

/// How a copy compares with what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Met {
    /// It is not known.
    New,
    /// It is as it was.
    Same,
    /// It says something else, or stands there again.
    Changed(EntryId),
}

impl Shelf {
    /// What the journal knows of an item.
    pub(super) fn load(
        history: &History,
        incident: IncidentId,
        (tracker, item): (&str, &str),
    ) -> Result<Self, JournalError> {
        let mut shelf = Self::default();
        shelf.learn(history.copies_in(tracker, item)?);
        for correction in history.corrections(incident)? {
            let Body::Correction(correction) = correction.body else { continue };
            match correction.change {
                Change::EditedUpstream { origin } if is_here(&origin, tracker, item) => {
                    shelf.put(correction.of, &origin);
                    shelf.changed(&origin.remote);
                }
                Change::RemovedUpstream { origin } if is_here(&origin, tracker, item) => {
                    shelf.take(&origin.remote);
                }
                Change::EditedUpstream { .. }
                | Change::RemovedUpstream { .. }
                | Change::Amended => {}
            }
        }
        Ok(shelf)
    }

    /// Takes note of copies that were delivered since; what is known already stays as it was seen last.
    pub(super) fn learn(&mut self, copies: Vec<(EntryId, Origin)>) {
        for (entry, origin) in copies {
            if !self.0.contains_key(&origin.remote) {
                self.put(entry, &origin);
            }
        }
    }

    /// Compares what stands there now.
    pub(super) fn meet(&mut self, remote: &str, version: Digest) -> Met {
        let Some(kept) = self.0.get_mut(remote) else { return Met::New };
        kept.missing = None;
        if kept.gone || kept.version != version { Met::Changed(kept.entry) } else { Met::Same }
    }

    /// Takes note of a copy.
    pub(super) fn put(&mut self, entry: EntryId, origin: &Origin) {
        let version = origin.version;
        let kept = Kept { entry, version, is_first: true, gone: false, missing: None };
        self.0.insert(origin.remote.clone(), kept);
    }

    /// Takes note that a change of a copy was told.
    pub(super) fn changed(&mut self, remote: &str) {
        if let Some(kept) = self.0.get_mut(remote) {
            kept.is_first = false;
        }
    }

    /// Whether a copy stands there as it was seen first, as far as was ever told.
    pub(super) fn is_as_first_seen(&self, remote: &str) -> bool {
        self.0.get(remote).is_some_and(|kept| kept.is_first && !kept.gone)
    }

    /// Whether it was told that a copy is gone.
    pub(super) fn is_gone(&self, remote: &str) -> bool {
        self.0.get(remote).is_some_and(|kept| kept.gone)
    }

    /// Takes note that a copy is gone; `false` if it was gone already, or never there.
    pub(super) fn take(&mut self, remote: &str) -> bool {
        let kept = self.0.get_mut(remote);
        kept.is_some_and(|kept| !std::mem::replace(&mut kept.gone, true))
    }

    /// Takes note that a copy is missing; `true` if it has been for so long that no list is that late.
    pub(super) fn misses(&mut self, remote: &str, look: Look) -> bool {
        let Some(kept) = self.0.get_mut(remote).filter(|kept| !kept.gone) else { return false };
        let Some(since) = kept.missing else {
            kept.missing = Some(look.at);
            return false;
        };
        since.checked_add(look.lag).is_ok_and(|until| look.at >= until)
    }

    /// What is missing after the whole item was read, and was before: each with its entry and what it
    /// said last.
    pub(super) fn missing(&mut self, found: &Found, look: Look) -> Vec<(String, EntryId, Digest)> {
        for (remote, kept) in &mut self.0 {
            // It may stand there, for all that is known now.
            if !found.lacks(remote) {
                kept.missing = None;
            }
        }
        let absent = |(remote, kept): (&String, &Kept)| {
            let is_absent = !kept.gone && stands(remote).is_none() && found.lacks(remote);
            is_absent.then(|| (remote.clone(), kept.entry, kept.version))
        };
        let mut missing: Vec<_> = self.0.iter().filter_map(absent).collect();
        missing.retain(|(remote, ..)| self.misses(remote, look));
        missing
    }

    /// Whether something is missing that may only be late.
    pub(super) fn has_doubts(&self) -> bool {
        self.0.values().any(|kept| !kept.gone && kept.missing.is_some())
    }

    /// The ids of the copies that should stand there beside the item's own text.
    pub(super) fn known(&self, item: &str) -> BTreeSet<String> {
        self.standing(item).cloned().collect()
    }

    /// How many copies should stand there beside the item's own text.
    pub(super) fn expected(&self, item: &str) -> usize {
        self.standing(item).count()
    }

    fn standing(&self, item: &str) -> impl Iterator<Item = &String> {
        let is_there = move |remote: &str, kept: &Kept| {
            !kept.gone && remote != item && stands(remote).is_none()
        };
        self.0.iter().filter(move |(remote, kept)| is_there(remote, kept)).map(|(remote, _)| remote)
    }

    /// Where the item was said to stand, by the list alone, when that was last told.
    pub(super) fn told(&self) -> Option<ItemStatus> {
        let told = self.0.keys().filter_map(|remote| stands(remote));
        told.max_by_key(|(_, second)| *second).map(|(status, _)| status)
    }
}

/// What stands for the remote id of a status that only the list of items tells, since a moment.
pub(super) fn told_by_list(status: ItemStatus, at: Timestamp) -> String {
    format!("{} {}", status.word(), at.as_second())
}

/// The status that such an id tells, with its second; it is no entry of the item, and never missing.
fn stands(remote: &str) -> Option<(ItemStatus, i64)> {
    let (word, second) = remote.split_once(' ')?;
    let mut known = [ItemStatus::Open, ItemStatus::Closed].into_iter();
    Some((known.find(|status| status.word() == word)?, second.parse().ok()?))
}

fn is_here(origin: &Origin, tracker: &str, item: &str) -> bool {
    origin.tracker == tracker && origin.item == item
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(remote: &str, text: &str) -> Origin {
        Origin {
            tracker: "t".to_owned(),
            item: "1".to_owned(),
            remote: remote.to_owned(),
            version: Digest::of("text", &[text.as_bytes()]),
        }
    }

    #[test]
    fn a_copy_is_gone_only_when_it_is_missing_for_longer_than_lists_lag() {
        let entry = EntryId::from_parts(Timestamp::UNIX_EPOCH, 1);
        let (none, lag) = (Found::default(), Duration::from_secs(5));
        let look = |second| Look { at: Timestamp::from_second(second).unwrap(), lag };
        let mut shelf = Shelf::default();
        shelf.put(entry, &origin("7", "a"));
        assert!(shelf.missing(&none, look(0)).is_empty());
        assert!(shelf.missing(&none, look(4)).is_empty() && shelf.has_doubts());
        assert_eq!(shelf.meet("7", origin("7", "a").version), Met::Same, "it was a lagging list");
        assert!(!shelf.has_doubts() && shelf.missing(&none, look(9)).is_empty());
        assert_eq!(shelf.missing(&none, look(14)).len(), 1);
        shelf.take("7");
        assert!(shelf.missing(&none, look(20)).is_empty(), "and it is told once");
        assert_eq!(shelf.meet("7", origin("7", "a").version), Met::Changed(entry));
    }

    #[test]
    fn what_was_not_all_asked_for_is_not_missing() {
        let entry = EntryId::from_parts(Timestamp::UNIX_EPOCH, 1);
        let look = |second| Look {
            at: Timestamp::from_second(second).unwrap(),
            lag: Duration::from_secs(5),
        };
        let mut shelf = Shelf::default();
        ["sign:7", "7"].iter().for_each(|remote| shelf.put(entry, &origin(remote, "a")));
        let some = || Found { unread: BTreeSet::from(["sign:"]), ..Found::default() };
        assert!(shelf.missing(&Found::default(), look(0)).is_empty());
        let gone = |missing: Vec<(String, EntryId, Digest)>| -> Vec<String> {
            missing.into_iter().map(|(remote, ..)| remote).collect()
        };
        assert_eq!(gone(shelf.missing(&some(), look(9))), ["7"]);
        assert!(shelf.take("7") && !shelf.has_doubts(), "the other may stand there");
        assert!(shelf.missing(&Found::default(), look(20)).is_empty(), "it is doubted anew");
        assert_eq!(gone(shelf.missing(&Found::default(), look(25))), ["sign:7"]);
    }

    #[test]
    fn a_status_that_only_the_list_tells_is_no_copy_and_the_last_one_is_remembered() {
        let mut shelf = Shelf::default();
        for (second, status) in [(9, ItemStatus::Closed), (10, ItemStatus::Open)] {
            let remote = told_by_list(status, Timestamp::from_second(second).unwrap());
            shelf.put(EntryId::from_parts(Timestamp::UNIX_EPOCH, 1), &origin(&remote, "a"));
        }
        assert_eq!((shelf.told(), shelf.expected("opening")), (Some(ItemStatus::Open), 0));
        let look = Look { at: Timestamp::MAX, lag: Duration::ZERO };
        assert!((0..2).all(|_| shelf.missing(&Found::default(), look).is_empty()));
        assert_eq!(stands("closed by somebody"), None);
    }
}
