//! The outbox: what trackers are still owed, and what was claimed and never ended.

use jiff::Timestamp;
use rusqlite::{Connection, Row};

use super::history::{decode, decoded_rows, text};
use super::write::read_id;
use super::{History, JournalError};
use crate::incident::{EntryId, IncidentId, ProposalId};
use crate::wire::{Delivery, DeliveryStage, Posted};

/// An entry on its way to one tracker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// The incident that the entry belongs to.
    pub incident: IncidentId,
    /// What is owed to whom, and how far it is.
    pub delivery: Delivery,
    /// When it came there.
    pub at: Timestamp,
}

/// A row of the outbox that is not paid: owed, on its way, or parked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpaid {
    /// Names it for people; the same for as long as the journal lives.
    pub row: i64,
    /// When it was first owed.
    pub since: Timestamp,
    /// What is owed to whom, and how far it is.
    pub owed: Owed,
}

/// Every row, with the incident of its entry.
const ROWS: &str = "SELECT entry.incident, delivery.entry, delivery.tracker, \
    delivery.json, delivery.at_ms FROM delivery JOIN entry ON entry.id = delivery.entry";

impl History {
    /// What is not yet with a tracker and not given up, in the order in which it was first owed.
    pub fn owed(&self) -> Result<Vec<Owed>, JournalError> {
        let sql = format!(
            "WITH known AS (SELECT min(seq) AS first, max(seq) AS latest FROM delivery \
             GROUP BY entry, tracker) \
             {ROWS} JOIN known ON known.latest = delivery.seq \
             WHERE delivery.stage NOT IN ('written', 'parked', 'dropped') ORDER BY known.first"
        );
        self.read(|db| rows(db, &sql, []))
    }

    /// What is not with a tracker and was not given up by a person, parked or not, oldest first.
    pub fn unpaid(&self) -> Result<Vec<Unpaid>, JournalError> {
        let sql = "WITH known AS (SELECT min(seq) AS first, max(seq) AS latest FROM delivery \
                   GROUP BY entry, tracker) \
                   SELECT entry.incident, delivery.entry, delivery.tracker, delivery.json, \
                   delivery.at_ms, known.first, \
                   (SELECT at_ms FROM delivery WHERE seq = known.first) \
                   FROM delivery JOIN entry ON entry.id = delivery.entry \
                   JOIN known ON known.latest = delivery.seq \
                   WHERE delivery.stage NOT IN ('written', 'dropped') ORDER BY known.first";
        self.read(|db| {
            let mut question = db.prepare_cached(sql)?;
            let mut rows = question.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let since = Timestamp::from_millisecond(row.get(6)?).unwrap_or(Timestamp::MAX);
                found.push(Unpaid { row: row.get(5)?, since, owed: owed(row)? });
            }
            Ok(found)
        })
    }

    /// How far an entry is on its way to one tracker; `None` if it was never owed there.
    pub fn stage(&self, of: EntryId, tracker: &str) -> Result<Option<DeliveryStage>, JournalError> {
        let sql = "SELECT json FROM delivery WHERE entry = ?1 AND tracker = ?2 \
                   ORDER BY seq DESC LIMIT 1";
        self.read(|db| Ok(decoded_rows(db, sql, [&of.to_string(), tracker])?.pop()))
    }

    /// What was newly owed after a row of the outbox and was not touched since, in order.
    pub fn owed_since(&self, seq: i64) -> Result<Vec<Owed>, JournalError> {
        let sql = format!(
            "{ROWS} WHERE delivery.seq > ?1 AND delivery.stage = 'owed' AND delivery.seq = \
             (SELECT max(later.seq) FROM delivery AS later \
             WHERE later.entry = delivery.entry AND later.tracker = delivery.tracker) \
             ORDER BY delivery.seq"
        );
        self.read(|db| rows(db, &sql, [seq]))
    }

    /// The latest row of the outbox, 0 if it has none.
    pub fn outbox_end(&self) -> Result<i64, JournalError> {
        let sql = "SELECT coalesce(max(seq), 0) FROM delivery";
        self.read(|db| Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?))
    }

    /// What each tracker that was owed an entry has of it now.
    pub fn deliveries(&self, of: EntryId) -> Result<Vec<Owed>, JournalError> {
        let sql = format!(
            "{ROWS} WHERE delivery.seq IN \
             (SELECT max(seq) FROM delivery WHERE entry = ?1 GROUP BY tracker) \
             ORDER BY delivery.tracker"
        );
        self.read(|db| rows(db, &sql, [of.to_string()]))
    }

    /// Every stage that an entry went through on its way to one tracker, oldest first.
    pub fn stages(&self, of: EntryId, tracker: &str) -> Result<Vec<Owed>, JournalError> {
        let sql = format!(
            "{ROWS} WHERE delivery.entry = ?1 AND delivery.tracker = ?2 ORDER BY delivery.seq"
        );
        self.read(|db| rows(db, &sql, [&of.to_string(), tracker]))
    }

    /// What of an entry was sent to one tracker, in order; whether it arrived is another question.
    pub fn posted(&self, of: EntryId, tracker: &str) -> Result<Vec<Posted>, JournalError> {
        let sql = "SELECT json FROM delivery WHERE entry = ?1 AND tracker = ?2 \
                   AND stage = 'sending' ORDER BY seq";
        let stages = self.read(|db| decoded_rows(db, sql, [&of.to_string(), tracker]))?;
        let posted = |stage| match stage {
            DeliveryStage::Sending { text } => text,
            _ => None,
        };
        Ok(stages.into_iter().filter_map(posted).collect())
    }

    /// The claims after which nothing was heard, whatever was heard before: whether the action ran is not
    /// known.
    pub fn claims_without_outcome(&self) -> Result<Vec<ProposalId>, JournalError> {
        let sql = "SELECT proposal FROM claim WHERE NOT EXISTS \
                   (SELECT 1 FROM outcome WHERE outcome.proposal = claim.proposal) \
                   ORDER BY proposal";
        self.read(|db| {
            let mut question = db.prepare_cached(sql)?;
            let mut rows = question.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(read_id(text(row, 0)?)?.into());
            }
            Ok(found)
        })
    }
}

fn rows(
    db: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
) -> Result<Vec<Owed>, JournalError> {
    let mut question = db.prepare_cached(sql)?;
    let mut rows = question.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(owed(row)?);
    }
    Ok(found)
}

fn owed(row: &Row<'_>) -> Result<Owed, JournalError> {
    let at = Timestamp::from_millisecond(row.get(4)?).unwrap_or(Timestamp::MAX);
    let delivery = Delivery {
        entry: read_id(text(row, 1)?)?,
        tracker: row.get(2)?,
        stage: decode(text(row, 3)?)?,
    };
    Ok(Owed { incident: read_id(text(row, 0)?)?.into(), delivery, at })
}
