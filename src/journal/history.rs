//! The history: everything that was recorded, read beside the writer.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::de::DeserializeOwned;

use super::{JournalError, connect};
use crate::incident::{
    Body, Entry, EntryId, ExchangeEvent, Incident, IncidentId, Origin, Status, Untrusted,
};

/// How many connections wait for the next question.
const MOST_IDLE: usize = 4;

/// Reads what was recorded; cheap to clone. A page takes microseconds, a search milliseconds at most.
#[derive(Debug, Clone)]
pub struct History(Arc<Readers>);

#[derive(Debug)]
struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

/// A place in the order in which entries were written; later places compare greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor(i64);

/// Some entries in a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The entries, in the order that was asked for.
    pub entries: Vec<Entry>,
    /// Where the next page begins, unless this is the last one.
    pub next: Option<Cursor>,
}

impl History {
    pub(super) fn at(path: PathBuf) -> Result<Self, JournalError> {
        let first = connect::reader(&path)?;
        Ok(Self(Arc::new(Readers { path, idle: Mutex::new(vec![first]) })))
    }

    /// Lends a connection to a question.
    pub(super) fn read<T>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        let idle = || self.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = idle().pop();
        let connection = match waiting {
            Some(connection) => connection,
            None => connect::reader(&self.0.path)?,
        };
        let answer = question(&connection);
        let mut idle = idle();
        if idle.len() < MOST_IDLE {
            idle.push(connection);
        }
        answer
    }

    /// Reads entries oldest first, of one incident or of all, after a place.
    ///
    /// An entry that arrives late takes its place by when it was written: a reader that has passed this
    /// place does not meet it again.
    pub fn entries(
        &self,
        of: Option<IncidentId>,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page, JournalError> {
        let after = after.map_or(i64::MIN, |cursor| cursor.0);
        let sql = match of {
            Some(_) => "SELECT ord, json FROM entry WHERE incident = ?1 AND ord > ?2 ORDER BY ord",
            None => "SELECT ord, json FROM entry WHERE ?1 IS NULL AND ord > ?2 ORDER BY ord",
        };
        self.page(sql, of, after, limit)
    }

    /// Reads entries newest first, of one incident or of all, before a place.
    pub fn latest(
        &self,
        of: Option<IncidentId>,
        before: Option<Cursor>,
        limit: usize,
    ) -> Result<Page, JournalError> {
        let before = before.map_or(i64::MAX, |cursor| cursor.0);
        let sql = match of {
            Some(_) => {
                "SELECT ord, json FROM entry WHERE incident = ?1 AND ord < ?2 ORDER BY ord DESC"
            }
            None => "SELECT ord, json FROM entry WHERE ?1 IS NULL AND ord < ?2 ORDER BY ord DESC",
        };
        self.page(sql, of, before, limit)
    }

    fn page(
        &self,
        sql: &str,
        of: Option<IncidentId>,
        from: i64,
        limit: usize,
    ) -> Result<Page, JournalError> {
        self.read(|db| {
            let mut question = db.prepare_cached(sql)?;
            let mut rows = question.query(params![of.map(|id| id.to_string()), from])?;
            let (mut entries, mut last) = (Vec::new(), None);
            while let Some(row) = rows.next()? {
                if entries.len() == limit {
                    return Ok(Page { entries, next: last });
                }
                last = Some(Cursor(row.get(0)?));
                entries.push(decode_entry(db, text(row, 1)?)?);
            }
            Ok(Page { entries, next: None })
        })
    }

    /// Reads the latest entries of all incidents, oldest first.
    pub fn latest_entries(&self, limit: usize) -> Result<Vec<Entry>, JournalError> {
        let mut entries = self.latest(None, None, limit)?.entries;
        entries.reverse();
        Ok(entries)
    }

    /// The last entry that halted every dispatch, or let it go on.
    pub fn last_dispatch(&self) -> Result<Option<Entry>, JournalError> {
        let sql = "SELECT json FROM entry WHERE kind = 'status' \
                   AND json LIKE '%\"dispatch\"%' ORDER BY ord DESC";
        self.read(|db| {
            let mut question = db.prepare_cached(sql)?;
            let mut rows = question.query([])?;
            while let Some(row) = rows.next()? {
                let entry = decode_entry(db, text(row, 0)?)?;
                if matches!(entry.body, Body::Status(Status::Dispatch { .. })) {
                    return Ok(Some(entry));
                }
            }
            Ok(None)
        })
    }

    /// Reads one entry.
    pub fn entry(&self, id: EntryId) -> Result<Option<Entry>, JournalError> {
        self.read(|db| entry(db, &id.to_string()))
    }

    /// The incidents at a glance, oldest first.
    pub fn incidents(&self) -> Result<Vec<Incident>, JournalError> {
        self.read(|db| {
            let sql = "SELECT json FROM entry WHERE id = incident ORDER BY ord";
            let openers: Vec<Entry> = decoded_rows(db, sql, [])?;
            let glances = openers.iter().filter_map(|opener| glance(db, opener).transpose());
            glances.collect()
        })
    }

    /// What happened on the direct channel about one incident, in order.
    pub fn exchange(&self, of: IncidentId) -> Result<Vec<ExchangeEvent>, JournalError> {
        let sql = "SELECT json FROM exchange WHERE incident = ?1 ORDER BY seq";
        self.read(|db| decoded_rows(db, sql, [of.to_string()]))
    }

    /// The item that an incident has in a tracker.
    pub fn item(&self, of: IncidentId, tracker: &str) -> Result<Option<String>, JournalError> {
        let sql = "SELECT item FROM item WHERE incident = ?1 AND tracker = ?2";
        self.read(|db| {
            let mut question = db.prepare_cached(sql)?;
            Ok(question.query_row([&of.to_string(), tracker], |row| row.get(0)).optional()?)
        })
    }
}

/// Folds an incident out of the entries that change how it looks in a list.
pub(super) fn glance(db: &Connection, opener: &Entry) -> Result<Option<Incident>, JournalError> {
    let Some(mut incident) = Incident::opened_by(opener) else { return Ok(None) };
    let of = incident.id.to_string();
    let sql = "SELECT json FROM entry WHERE incident = ?1 AND id <> ?1 \
               AND kind IN ('alert', 'status', 'resolution') ORDER BY ord";
    for entry in decoded_rows::<Entry>(db, sql, [&of])? {
        incident.apply(&entry);
    }
    let sql = "SELECT count(*) FROM entry WHERE incident = ?1";
    let count: i64 = db.prepare_cached(sql)?.query_row([&of], |row| row.get(0))?;
    incident.entries = usize::try_from(count).unwrap_or(usize::MAX);
    let sql = "SELECT json FROM entry WHERE incident = ?1 ORDER BY ord DESC LIMIT 1";
    if let Some(last) = decoded_rows::<Entry>(db, sql, [&of])?.first() {
        incident.latest = incident.latest.max(last.at);
    }
    Ok(Some(incident))
}

/// The title of an incident, empty if its opening alert is not recorded here.
pub(super) fn title(db: &Connection, of: &str) -> Result<Untrusted, JournalError> {
    Ok(match entry(db, of)?.map(|entry| entry.body) {
        Some(Body::Alert(alert)) => alert.title,
        _ => Untrusted::default(),
    })
}

fn entry(db: &Connection, id: &str) -> Result<Option<Entry>, JournalError> {
    let sql = "SELECT json FROM entry WHERE id = ?1";
    let json: Option<String> =
        db.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?;
    json.map(|json| decode_entry(db, &json)).transpose()
}

/// Reads an entry and adds where copies of it stand.
pub(super) fn decode_entry(db: &Connection, json: &str) -> Result<Entry, JournalError> {
    let mut entry: Entry = decode(json)?;
    let sql = "SELECT json FROM origin WHERE entry = ?1 ORDER BY tracker, item, remote";
    entry.origins = decoded_rows::<Origin>(db, sql, [entry.id.to_string()])?;
    Ok(entry)
}

pub(super) fn decode<T: DeserializeOwned>(json: &str) -> Result<T, JournalError> {
    serde_json::from_str(json).map_err(|cause| JournalError::unreadable("a record", &cause))
}

/// Reads the first column of every row as JSON.
pub(super) fn decoded_rows<T: DeserializeOwned>(
    db: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
) -> Result<Vec<T>, JournalError> {
    let mut question = db.prepare_cached(sql)?;
    let mut rows = question.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(decode(text(row, 0)?)?);
    }
    Ok(found)
}

/// The text of a column, without copying it.
pub(super) fn text<'row>(row: &'row Row<'_>, column: usize) -> Result<&'row str, JournalError> {
    row.get_ref(column)?.as_str().map_err(|cause| JournalError::Unreadable {
        what: "a column".to_owned(),
        cause: cause.to_string(),
    })
}
