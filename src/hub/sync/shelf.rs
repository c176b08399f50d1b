//! The shelf of one item: what is known to stand there, as it was seen last.

use std::collections::{BTreeMap, BTreeSet};

use crate::incident::{Body, Change, Digest, EntryId, IncidentId, Origin};
use crate::journal::{History, JournalError};

/// In how many whole readings in a row a copy must be missing before it counts as removed: lists lag.
const ABSENCES: u8 = 2;

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
    absences: u8,
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
        for (entry, origin) in history.copies_in(tracker, item)? {
            shelf.put(entry, &origin);
        }
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

    /// Compares what stands there now.
    pub(super) fn meet(&mut self, remote: &str, version: Digest) -> Met {
        let Some(kept) = self.0.get_mut(remote) else { return Met::New };
        kept.absences = 0;
        if kept.gone || kept.version != version { Met::Changed(kept.entry) } else { Met::Same }
    }

    /// Takes note of a copy.
    pub(super) fn put(&mut self, entry: EntryId, origin: &Origin) {
        let version = origin.version;
        let kept = Kept { entry, version, is_first: true, gone: false, absences: 0 };
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

    /// Takes note that a copy is gone; `false` if it was gone already, or never there.
    pub(super) fn take(&mut self, remote: &str) -> bool {
        let kept = self.0.get_mut(remote);
        kept.is_some_and(|kept| !std::mem::replace(&mut kept.gone, true))
    }

    /// What is missing after the whole item was read, for the second time in a row: each with its
    /// entry and what it said last.
    pub(super) fn missing(&mut self, found: &BTreeSet<String>) -> Vec<(String, EntryId, Digest)> {
        let mut missing = Vec::new();
        for (remote, kept) in self.0.iter_mut().filter(|(_, kept)| !kept.gone) {
            if found.contains(remote) {
                continue;
            }
            kept.absences = kept.absences.saturating_add(1);
            if kept.absences >= ABSENCES {
                missing.push((remote.clone(), kept.entry, kept.version));
            }
        }
        missing
    }

    /// How many copies should stand there beside the item's own text.
    pub(super) fn expected(&self, item: &str) -> usize {
        self.0.iter().filter(|(remote, kept)| !kept.gone && *remote != item).count()
    }
}

fn is_here(origin: &Origin, tracker: &str, item: &str) -> bool {
    origin.tracker == tracker && origin.item == item
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

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
    fn a_copy_is_gone_only_when_two_readings_in_a_row_miss_it() {
        let entry = EntryId::from_parts(Timestamp::UNIX_EPOCH, 1);
        let mut shelf = Shelf::default();
        shelf.put(entry, &origin("7", "a"));
        assert!(shelf.missing(&BTreeSet::new()).is_empty());
        assert_eq!(shelf.meet("7", origin("7", "a").version), Met::Same, "it was a lagging list");
        assert!(shelf.missing(&BTreeSet::new()).is_empty());
        assert_eq!(shelf.missing(&BTreeSet::new()).len(), 1);
        shelf.take("7");
        assert!(shelf.missing(&BTreeSet::new()).is_empty(), "and it is told once");
        assert_eq!(shelf.meet("7", origin("7", "a").version), Met::Changed(entry));
    }
}
