//! The search: one question to the past, newest first, that no text can break.

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::history::{decode_entry, text, title};
use super::write::PER_MS;
use super::{History, JournalError};
use crate::incident::{Hit, Query};

/// How many words of a question count; the rest is left out.
const MOST_WORDS: usize = 32;

/// How many characters of one word or phrase count.
const LONGEST_WORD: usize = 256;

/// How many hits a question gets that does not say.
const USUAL_HITS: u32 = 50;

/// How many hits a question gets at most.
const MOST_HITS: u32 = 1000;

impl History {
    /// Finds entries, newest first; text that means nothing to the search finds nothing and never fails.
    pub fn search(&self, query: &Query) -> Result<Vec<Hit>, JournalError> {
        let words = match_of(&query.text);
        if words.is_none() && !query.text.trim().is_empty() {
            return Ok(Vec::new());
        }
        self.read(|db| find(db, query, words))
    }
}

fn find(db: &Connection, query: &Query, words: Option<String>) -> Result<Vec<Hit>, JournalError> {
    let (sql, params) = question(query, words);
    let limit = if query.limit == 0 { USUAL_HITS } else { query.limit.min(MOST_HITS) };
    let mut question = db.prepare_cached(&sql)?;
    let mut rows = question.query(params_from_iter(params))?;
    let mut hits = Vec::new();
    while hits.len() < usize::try_from(limit).unwrap_or(usize::MAX)
        && let Some(row) = rows.next()?
    {
        hits.extend(hit(db, row, query)?);
    }
    Ok(hits)
}

/// Reads a row, unless it was written in the right millisecond and yet too early.
fn hit(db: &Connection, row: &Row<'_>, query: &Query) -> Result<Option<Hit>, JournalError> {
    let entry = decode_entry(db, text(row, 0)?)?;
    if query.since.is_some_and(|since| entry.at < since) {
        return Ok(None);
    }
    let incident_title = title(db, text(row, 1)?)?;
    Ok(Some(Hit { entry, incident_title }))
}

/// The statement for a question; the rows of the search index come newest first by themselves.
fn question(query: &Query, words: Option<String>) -> (String, Vec<Value>) {
    let (from, ord) = match words {
        Some(_) => ("words JOIN entry ON entry.ord = words.rowid", "words.rowid"),
        None => ("entry", "entry.ord"),
    };
    let conditions = [
        ("words MATCH".to_owned(), words.map(Value::Text)),
        ("entry.incident =".to_owned(), query.incident.map(|id| Value::Text(id.to_string()))),
        ("entry.actor_kind =".to_owned(), query.actor.map(|kind| Value::Text(kind.word().into()))),
        (format!("{ord} >="), query.since.map(first_ord)),
    ];
    let (mut wanted, mut params) = (vec!["true".to_owned()], Vec::new());
    for (condition, value) in conditions {
        if let Some(value) = value {
            params.push(value);
            wanted.push(format!("{condition} ?{}", params.len()));
        }
    }
    if !query.kinds.is_empty() {
        // Words of our own, never text from outside.
        let kinds = query.kinds.iter().map(|kind| format!("'{}'", kind.word()));
        let kinds: Vec<_> = kinds.collect();
        wanted.push(format!("entry.kind IN ({})", kinds.join(", ")));
    }
    let wanted = wanted.join(" AND ");
    let what = "SELECT entry.json, entry.incident FROM";
    (format!("{what} {from} WHERE {wanted} ORDER BY {ord} DESC"), params)
}

/// The first place that an entry of a moment can have.
fn first_ord(moment: Timestamp) -> Value {
    Value::Integer(moment.as_millisecond().saturating_mul(PER_MS))
}

/// Turns what somebody typed into an expression of the search index: words that must all occur, with an
/// ending `*` for any ending, and `"…"` for phrases. Everything is quoted, so that nothing in it is
/// syntax; `None` if no word is in it.
fn match_of(typed: &str) -> Option<String> {
    let clean: String = typed.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut rest = clean.trim_start();
    let mut words = Vec::new();
    while !rest.is_empty() && words.len() < MOST_WORDS {
        let (word, after) = next_word(rest);
        words.extend(quoted(word, &mut rest, after));
    }
    (!words.is_empty()).then(|| words.join(" "))
}

/// Splits off the next word or phrase, without its quotes.
fn next_word(text: &str) -> (&str, &str) {
    if let Some(phrase) = text.strip_prefix('"') {
        return phrase.split_once('"').unwrap_or((phrase, ""));
    }
    let end = text.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(text.len());
    text.split_at(end)
}

/// Quotes a word or phrase for the index and moves on; `None` if it holds nothing to search for.
fn quoted<'text>(word: &str, rest: &mut &'text str, after: &'text str) -> Option<String> {
    let (starred, after) = match after.strip_prefix('*') {
        Some(after) => (true, after),
        None => (word.ends_with('*'), after),
    };
    *rest = after.trim_start();
    let word: String = word.trim_end_matches('*').chars().take(LONGEST_WORD).collect();
    let holds_word = word.chars().any(char::is_alphanumeric);
    holds_word.then(|| format!("\"{word}\"{}", if starred { " *" } else { "" }))
}
