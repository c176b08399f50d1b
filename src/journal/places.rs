//! The places: which item an incident has in which tracker, and what of ours and of others stands there.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::history::{decode, decoded_rows, glance, text};
use super::write::read_id;
use super::{History, JournalError};
use crate::incident::{Body, Entry, EntryId, Incident, IncidentId, Origin, Status};

/// An item of a tracker that belongs to an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// The incident.
    pub incident: IncidentId,
    /// The configured name of the tracker.
    pub tracker: String,
    /// The tracker's own id of the item.
    pub item: String,
    /// When it was linked.
    pub at: Timestamp,
}

impl History {
    /// The items of a tracker that were linked at a moment or later, oldest first.
    pub fn linked_since(
        &self,
        tracker: &str,
        since: Timestamp,
    ) -> Result<Vec<Linked>, JournalError> {
        let sql = "SELECT incident, tracker, item, at_ms FROM item \
                   WHERE tracker = ?1 AND at_ms >= ?2 ORDER BY at_ms, incident";
        self.read(|db| links(db, sql, params![tracker, since.as_millisecond()]))
    }

    /// The items of an incident, by the name of the tracker.
    pub fn items(&self, of: IncidentId) -> Result<Vec<Linked>, JournalError> {
        let sql = "SELECT incident, tracker, item, at_ms FROM item \
                   WHERE incident = ?1 ORDER BY tracker";
        self.read(|db| links(db, sql, params![of.to_string()]))
    }

    /// The incident that an item of a tracker belongs to.
    pub fn incident_at(
        &self,
        tracker: &str,
        item: &str,
    ) -> Result<Option<IncidentId>, JournalError> {
        let sql = "SELECT incident FROM item WHERE tracker = ?1 AND item = ?2";
        self.read(|db| {
            let mut question = db.prepare_cached(sql)?;
            let found: Option<String> =
                question.query_row([tracker, item], |row| row.get(0)).optional()?;
            found.map(|id| Ok(read_id(&id)?.into())).transpose()
        })
    }

    /// One incident at a glance.
    pub fn incident(&self, id: IncidentId) -> Result<Option<Incident>, JournalError> {
        let sql = "SELECT json FROM entry WHERE id = ?1 AND incident = ?1";
        self.read(|db| match decoded_rows::<Entry>(db, sql, [id.to_string()])?.first() {
            Some(opener) => glance(db, opener),
            None => Ok(None),
        })
    }

    /// Every entry of which a copy stands in an item, with the copy as it was first seen.
    pub fn copies_in(
        &self,
        tracker: &str,
        item: &str,
    ) -> Result<Vec<(EntryId, Origin)>, JournalError> {
        let sql = "SELECT entry, json FROM origin WHERE tracker = ?1 AND item = ?2 ORDER BY entry";
        self.read(|db| {
            let mut question = db.prepare_cached(sql)?;
            let mut rows = question.query([tracker, item])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push((read_id(text(row, 0)?)?, decode(text(row, 1)?)?));
            }
            Ok(found)
        })
    }

    /// The corrections of an incident, in the order in which they were written.
    pub fn corrections(&self, of: IncidentId) -> Result<Vec<Entry>, JournalError> {
        let sql = "SELECT json FROM entry WHERE incident = ?1 AND kind = 'correction' ORDER BY ord";
        self.read(|db| decoded_rows(db, sql, [of.to_string()]))
    }

    /// The entries of an incident that say that it is over, in the order in which they were written.
    pub fn endings(&self, of: IncidentId) -> Result<Vec<Entry>, JournalError> {
        let sql = "SELECT json FROM entry WHERE incident = ?1 \
                   AND kind IN ('resolution', 'status') ORDER BY ord";
        let mut found: Vec<Entry> = self.read(|db| decoded_rows(db, sql, [of.to_string()]))?;
        found.retain(|entry| match &entry.body {
            Body::Resolution(_) => true,
            Body::Status(Status::Incident { to }) => to.is_over(),
            _ => false,
        });
        Ok(found)
    }

    /// When the list of a tracker's items was first read, if it ever was.
    pub fn first_read(&self, tracker: &str) -> Result<Option<Timestamp>, JournalError> {
        let sql = "SELECT at_ms FROM reading WHERE tracker = ?1 ORDER BY seq LIMIT 1";
        self.read(|db| {
            let mut question = db.prepare_cached(sql)?;
            let at: Option<i64> = question.query_row([tracker], |row| row.get(0)).optional()?;
            Ok(at.and_then(|at| Timestamp::from_millisecond(at).ok()))
        })
    }

    /// How far the list of a tracker's items was read.
    pub fn read_to(&self, tracker: &str) -> Result<Option<String>, JournalError> {
        let sql = "SELECT place FROM reading WHERE tracker = ?1 ORDER BY seq DESC LIMIT 1";
        self.read(|db| {
            let mut question = db.prepare_cached(sql)?;
            Ok(question.query_row([tracker], |row| row.get(0)).optional()?)
        })
    }
}

fn links(
    db: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
) -> Result<Vec<Linked>, JournalError> {
    let mut question = db.prepare_cached(sql)?;
    let mut rows = question.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(Linked {
            incident: read_id(text(row, 0)?)?.into(),
            tracker: row.get(1)?,
            item: row.get(2)?,
            at: Timestamp::from_millisecond(row.get(3)?).unwrap_or(Timestamp::MAX),
        });
    }
    Ok(found)
}
