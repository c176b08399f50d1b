//! What can be recorded, and its form on disk.

use jiff::Timestamp;

use super::JournalError;
use crate::incident::{
    Action, Body, Digest, Entry, EntryId, ExchangeEvent, IncidentId, Origin, ProposalId, Stage,
};
use crate::wire::{Delivery, DeliveryStage};

/// The word of a stage that stands in a tracker.
pub(super) const WRITTEN: &str = "written";

/// The word of a stage that a person gave up.
pub(super) const DROPPED: &str = "dropped";

/// Something to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// An entry, with the trackers that it is owed to.
    Entry {
        /// The entry.
        entry: Box<Entry>,
        /// The configured names of the trackers that shall have it.
        owed_to: Vec<String>,
        /// The author's own key: a second entry of this author on this incident with the same key is
        /// the first one.
        key: Option<String>,
    },
    /// Something that happened on the direct channel.
    Exchanged(ExchangeEvent),
    /// A recorded entry came closer to a tracker, or was held up.
    ///
    /// What a person gave up goes no further: such a record is taken as known, unless it says that the
    /// entry stands there all the same, or that a person wants it again. What stands there is not given up.
    Delivery {
        /// How far it is.
        delivery: Delivery,
        /// When it came there.
        at: Timestamp,
    },
    /// A copy of a recorded entry was seen in a tracker.
    Copied {
        /// The entry.
        entry: EntryId,
        /// Where the copy stands.
        origin: Origin,
    },
    /// An incident got its item in a tracker; the first one stays.
    Linked {
        /// The incident.
        incident: IncidentId,
        /// The configured name of the tracker.
        tracker: String,
        /// The tracker's own id of the item.
        item: String,
        /// When.
        at: Timestamp,
    },
    /// The list of a tracker's items was read up to a place.
    Read {
        /// The configured name of the tracker.
        tracker: String,
        /// The tracker's own word for the place.
        place: String,
        /// When.
        at: Timestamp,
    },
}

impl Record {
    /// An entry that is owed to nobody.
    pub fn entry(entry: Entry) -> Self {
        Self::Entry { entry: Box::new(entry), owed_to: Vec::new(), key: None }
    }

    /// An entry that is owed to these trackers.
    pub fn owed(entry: Entry, owed_to: &[String]) -> Self {
        Self::Entry { entry: Box::new(entry), owed_to: owed_to.to_vec(), key: None }
    }
}

/// How a record was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// It is recorded now.
    New,
    /// It was recorded before, as this entry; nothing was changed.
    Known(EntryId),
}

/// How a claim ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// It is the first one: what was claimed may run, once.
    Won,
    /// The permission was claimed before.
    Taken {
        /// When.
        at: Timestamp,
    },
}

/// How a row was taken.
pub(super) enum Noted {
    New,
    Known(EntryId),
    Taken { at: Timestamp, entry: EntryId },
}

/// A record in its form on disk, made by whoever asks so that the writer has little left to do.
pub(super) enum Row {
    Entry(EntryRow),
    Claim { row: EntryRow, proposal: String, digest: String },
    Exchanged { incident: String, json: String },
    Delivery(DeliveryRow),
    Copied(OriginRow),
    Linked { incident: String, tracker: String, item: String, at_ms: i64 },
    Read { tracker: String, place: String, at_ms: i64 },
}

/// An entry in its form on disk.
pub(super) struct EntryRow {
    pub(super) id: EntryId,
    pub(super) at_ms: i64,
    pub(super) seen_ms: i64,
    pub(super) incident: String,
    pub(super) kind: &'static str,
    pub(super) actor_kind: &'static str,
    pub(super) actor: String,
    pub(super) digest: Digest,
    pub(super) json: String,
    pub(super) words: String,
    pub(super) origins: Vec<OriginRow>,
    pub(super) owed_to: Vec<String>,
    pub(super) key: Option<String>,
    /// The decision whose outcome it tells, if it does.
    pub(super) outcome_of: Option<String>,
}

/// A stage of a delivery, in its form on disk.
pub(super) struct DeliveryRow {
    pub(super) entry: String,
    pub(super) tracker: String,
    pub(super) at_ms: i64,
    pub(super) stage: &'static str,
    pub(super) json: String,
    /// What it may not follow.
    pub(super) never_after: Option<&'static str>,
}

/// Where a copy of an entry stands, in its form on disk.
pub(super) struct OriginRow {
    pub(super) entry: String,
    pub(super) origin: Origin,
    pub(super) json: String,
}

impl Row {
    pub(super) fn of(record: Record) -> Result<Self, JournalError> {
        Ok(match record {
            Record::Entry { entry, owed_to, key } => {
                Self::Entry(EntryRow { key, ..EntryRow::of(*entry, owed_to)? })
            }
            Record::Exchanged(event) => {
                let json = encoded("an exchange", &event)?;
                Self::Exchanged { incident: event.incident.to_string(), json }
            }
            Record::Delivery { delivery, at } => Self::Delivery(DeliveryRow::of(delivery, at)?),
            Record::Copied { entry, origin } => Self::Copied(OriginRow::of(entry, origin)?),
            Record::Linked { incident, tracker, item, at } => {
                let (incident, at_ms) = (incident.to_string(), at.as_millisecond());
                Self::Linked { incident, tracker, item, at_ms }
            }
            Record::Read { tracker, place, at } => {
                Self::Read { tracker, place, at_ms: at.as_millisecond() }
            }
        })
    }

    /// A claim, whose entry must say itself what it claims; any other record is refused.
    pub(super) fn claim(
        proposal: ProposalId,
        digest: Digest,
        record: Record,
    ) -> Result<Self, JournalError> {
        let claims = |entry: &Entry| match &entry.body {
            Body::Action(Action { proposal: of, stage: Stage::Claimed { digest: what } }) => {
                (*of, *what) == (proposal, digest)
            }
            _ => false,
        };
        match record {
            Record::Entry { entry, owed_to, key } if claims(&entry) => {
                let row = EntryRow { key, ..EntryRow::of(*entry, owed_to)? };
                Ok(Self::Claim { row, proposal: proposal.to_string(), digest: digest.to_string() })
            }
            _ => Err(JournalError::NotAClaim { proposal }),
        }
    }

    /// Whether a tracker is owed something because of it.
    pub(super) fn owes(&self) -> bool {
        match self {
            Self::Entry(row) | Self::Claim { row, .. } => !row.owed_to.is_empty(),
            Self::Delivery(row) => row.stage == untried().word(),
            Self::Exchanged { .. } | Self::Copied(_) | Self::Linked { .. } | Self::Read { .. } => {
                false
            }
        }
    }
}

impl EntryRow {
    fn of(mut entry: Entry, owed_to: Vec<String>) -> Result<Self, JournalError> {
        let origins = std::mem::take(&mut entry.origins);
        let origins = origins.into_iter().map(|origin| OriginRow::of(entry.id, origin));
        let json = encoded("an entry", &entry)?;
        // What cannot be read back must not be acknowledged: a measured value that is no number, say.
        serde_json::from_str::<Entry>(&json)
            .map_err(|cause| JournalError::unreadable(format!("entry {}", entry.id), &cause))?;
        Ok(Self {
            id: entry.id,
            at_ms: entry.at.as_millisecond(),
            seen_ms: entry.first_seen.as_millisecond(),
            incident: entry.incident.to_string(),
            kind: entry.body.kind().word(),
            actor_kind: entry.actor.kind().word(),
            actor: entry.actor.to_string(),
            words: super::words::words_of(&entry),
            outcome_of: outcome_of(&entry.body),
            origins: origins.collect::<Result<_, _>>()?,
            digest: content(entry)?,
            json,
            owed_to,
            key: None,
        })
    }
}

impl DeliveryRow {
    fn of(delivery: Delivery, at: Timestamp) -> Result<Self, JournalError> {
        let Delivery { entry, tracker, stage } = delivery;
        let never_after = match &stage {
            DeliveryStage::Dropped { .. } => Some(WRITTEN),
            // It had left before anybody gave it up.
            DeliveryStage::Written { .. } => None,
            again if *again == untried() => None,
            _ => Some(DROPPED),
        };
        let json = encoded("a delivery", &stage)?;
        let (entry, at_ms, stage) = (entry.to_string(), at.as_millisecond(), stage.word());
        Ok(Self { entry, tracker, at_ms, stage, json, never_after })
    }
}

impl OriginRow {
    fn of(entry: EntryId, origin: Origin) -> Result<Self, JournalError> {
        let json = encoded("an origin", &origin)?;
        Ok(Self { entry: entry.to_string(), origin, json })
    }
}

/// Digests what an entry says; when it was first seen, and where copies stand, is not part of it.
fn content(mut entry: Entry) -> Result<Digest, JournalError> {
    entry.first_seen = entry.at;
    Ok(Digest::of("journal-entry", &[encoded("an entry", &entry)?.as_bytes()]))
}

fn outcome_of(body: &Body) -> Option<String> {
    let Body::Action(action) = body else { return None };
    match action.stage {
        Stage::Claimed { .. } => None,
        Stage::Executed { .. } | Stage::Lost { .. } | Stage::Verified { .. } => {
            Some(action.proposal.to_string())
        }
    }
}

fn encoded(what: &str, value: &impl serde::Serialize) -> Result<String, JournalError> {
    serde_json::to_string(value).map_err(|cause| JournalError::unreadable(what, &cause))
}

/// The stage of an entry that is owed and was never tried.
pub(super) fn untried() -> DeliveryStage {
    DeliveryStage::Owed { retry_at: None, why: None }
}
