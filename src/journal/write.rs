//! Rows into tables: every insertion that the journal makes, inside the transaction of the writer.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::JournalError;
use super::record::{DeliveryRow, EntryRow, Noted, OriginRow, Row, WRITTEN, untried};
use crate::incident::EntryId;

/// How many order keys one millisecond has.
pub(super) const PER_MS: i64 = 1 << 12;

/// Inserts one row, or finds that it is there.
pub(super) fn note(db: &Connection, row: &Row) -> Result<Noted, JournalError> {
    match row {
        Row::Entry(row) => note_entry(db, row),
        Row::Claim { row, proposal, digest } => note_claim(db, row, proposal, digest),
        Row::Exchanged { incident, json } => {
            let sql = "INSERT INTO exchange (incident, json) VALUES (?1, ?2)";
            db.prepare_cached(sql)?.execute(params![incident, json])?;
            Ok(Noted::New)
        }
        Row::Delivery(row) => note_stage(db, row),
        Row::Copied(origin) => note_origin(db, origin),
        Row::Linked { incident, tracker, item, at_ms } => {
            let sql = "INSERT INTO item (incident, tracker, item, at_ms) VALUES (?1, ?2, ?3, ?4) \
                       ON CONFLICT DO NOTHING";
            db.prepare_cached(sql)?.execute(params![incident, tracker, item, at_ms])?;
            Ok(Noted::New)
        }
        Row::Read { tracker, place, at_ms } => {
            let sql = "INSERT INTO reading (tracker, at_ms, place) VALUES (?1, ?2, ?3)";
            db.prepare_cached(sql)?.execute(params![tracker, at_ms, place])?;
            Ok(Noted::New)
        }
    }
}

fn note_entry(db: &Connection, row: &EntryRow) -> Result<Noted, JournalError> {
    if let Some(known) = known_by_key(db, row)? {
        return Ok(Noted::Known(known));
    }
    let id = row.id.to_string();
    let sql = "SELECT digest FROM entry WHERE id = ?1";
    let known: Option<Vec<u8>> =
        db.prepare_cached(sql)?.query_row([&id], |found| found.get(0)).optional()?;
    match known {
        Some(digest) if digest != row.digest.bytes() => {
            return Err(JournalError::OtherContent { entry: row.id });
        }
        Some(_) => {
            row.origins.iter().try_for_each(|origin| note_origin(db, origin).map(|_| ()))?;
            return Ok(Noted::Known(row.id));
        }
        None => {}
    }
    insert_entry(db, row, &id)?;
    Ok(Noted::New)
}

fn known_by_key(db: &Connection, row: &EntryRow) -> Result<Option<EntryId>, JournalError> {
    let Some(key) = &row.key else { return Ok(None) };
    let sql = "SELECT entry FROM asked WHERE actor = ?1 AND incident = ?2 AND key = ?3";
    let found: Option<String> = db
        .prepare_cached(sql)?
        .query_row(params![row.actor, row.incident, key], |found| found.get(0))
        .optional()?;
    found.map(|id| read_id(&id)).transpose()
}

pub(super) fn read_id(text: &str) -> Result<EntryId, JournalError> {
    let unreadable = |cause: crate::incident::IdError| JournalError::Unreadable {
        what: "an id".to_owned(),
        cause: cause.to_string(),
    };
    text.parse().map_err(unreadable)
}

fn insert_entry(db: &Connection, row: &EntryRow, id: &str) -> Result<(), JournalError> {
    let ord = free_ord(db, row.at_ms)?;
    let sql = "INSERT INTO entry (ord, id, incident, kind, actor_kind, digest, json) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    db.prepare_cached(sql)?.execute(params![
        ord,
        id,
        row.incident,
        row.kind,
        row.actor_kind,
        row.digest.bytes(),
        row.json
    ])?;
    let sql = "INSERT INTO words (rowid, text) VALUES (?1, ?2)";
    db.prepare_cached(sql)?.execute(params![ord, row.words])?;
    for origin in &row.origins {
        note_origin(db, origin)?;
    }
    let owed = serde_json::to_string(&untried())
        .map_err(|cause| JournalError::unreadable("a delivery", &cause))?;
    for tracker in &row.owed_to {
        note_delivery(db, (id, tracker), row.seen_ms, untried().word(), &owed)?;
    }
    if let Some(key) = &row.key {
        let sql = "INSERT INTO asked (actor, incident, key, entry) VALUES (?1, ?2, ?3, ?4)";
        db.prepare_cached(sql)?.execute(params![row.actor, row.incident, key, id])?;
    }
    if let Some(proposal) = &row.outcome_of {
        // What was told of an action before it was claimed is no outcome of the claim.
        let sql = "INSERT INTO outcome (proposal, entry) SELECT ?1, ?2 \
                   WHERE EXISTS (SELECT 1 FROM claim WHERE claim.proposal = ?1)";
        db.prepare_cached(sql)?.execute(params![proposal, id])?;
    }
    Ok(())
}

/// The first order key that is free in the millisecond, or in the ones after it when 4096 entries were
/// written in one.
fn free_ord(db: &Connection, at_ms: i64) -> Result<i64, JournalError> {
    let first = at_ms.saturating_mul(PER_MS);
    let sql = "SELECT max(ord) FROM entry WHERE ord >= ?1 AND ord < ?2";
    let mut latest = db.prepare_cached(sql)?;
    let mut from = first;
    loop {
        let until = from.saturating_add(PER_MS);
        let taken: Option<i64> = latest.query_row([from, until], |found| found.get(0))?;
        match taken {
            None => return Ok(from),
            Some(taken) if taken + 1 < until => return Ok(taken + 1),
            Some(_) => from = until,
        }
    }
}

fn note_origin(db: &Connection, row: &OriginRow) -> Result<Noted, JournalError> {
    let sql = "INSERT INTO origin (entry, tracker, item, remote, json) VALUES (?1, ?2, ?3, ?4, ?5) \
               ON CONFLICT DO NOTHING";
    let OriginRow { entry, origin, json } = row;
    let (tracker, item, remote) = (&origin.tracker, &origin.item, &origin.remote);
    db.prepare_cached(sql)?.execute(params![entry, tracker, item, remote, json])?;
    Ok(Noted::New)
}

/// Inserts a stage, unless it may not follow the one that holds: between looking and recording, somebody
/// else may have recorded another.
fn note_stage(db: &Connection, row: &DeliveryRow) -> Result<Noted, JournalError> {
    let DeliveryRow { entry, tracker, at_ms, stage, json, never_after } = row;
    let sql = "SELECT stage FROM delivery WHERE entry = ?1 AND tracker = ?2 \
               ORDER BY seq DESC LIMIT 1";
    let held: Option<String> = match never_after {
        Some(_) => {
            db.prepare_cached(sql)?.query_row([entry, tracker], |it| it.get(0)).optional()?
        }
        None => None,
    };
    match held.as_deref() {
        held @ Some(WRITTEN) if held == *never_after => {
            let cause = format!("entry {entry} stands in {tracker} already");
            Err(JournalError::Refused { cause })
        }
        held @ Some(_) if held == *never_after => Ok(Noted::Known(read_id(entry)?)),
        _ => {
            note_delivery(db, (entry, tracker), *at_ms, stage, json)?;
            Ok(Noted::New)
        }
    }
}

fn note_delivery(
    db: &Connection,
    (entry, tracker): (&str, &str),
    at_ms: i64,
    stage: &str,
    json: &str,
) -> Result<(), JournalError> {
    let sql =
        "INSERT INTO delivery (entry, tracker, at_ms, stage, json) VALUES (?1, ?2, ?3, ?4, ?5)";
    db.prepare_cached(sql)?.execute(params![entry, tracker, at_ms, stage, json])?;
    Ok(())
}

/// Compares and swaps: the table has one row for a proposal, and the entry goes in with it or not at all.
fn note_claim(
    db: &Connection,
    row: &EntryRow,
    proposal: &str,
    digest: &str,
) -> Result<Noted, JournalError> {
    let sql = "SELECT entry.id, entry.json FROM claim JOIN entry ON entry.id = claim.entry \
               WHERE claim.proposal = ?1";
    let taken: Option<(String, String)> = db
        .prepare_cached(sql)?
        .query_row([proposal], |found| Ok((found.get(0)?, found.get(1)?)))
        .optional()?;
    if let Some((id, json)) = taken {
        return Ok(Noted::Taken { at: claimed_at(&json)?, entry: read_id(&id)? });
    }
    // A claim must be a fresh entry: one that is known already claims nothing a second time.
    if let Noted::Known(entry) = note_entry(db, row)? {
        return Err(JournalError::OtherContent { entry });
    }
    let sql = "INSERT INTO claim (proposal, digest, entry) VALUES (?1, ?2, ?3)";
    db.prepare_cached(sql)?.execute(params![proposal, digest, row.id.to_string()])?;
    Ok(Noted::New)
}

fn claimed_at(json: &str) -> Result<Timestamp, JournalError> {
    let entry: crate::incident::Entry =
        serde_json::from_str(json).map_err(|cause| JournalError::unreadable("a claim", &cause))?;
    Ok(entry.at)
}
