//! The store: accounts, items, and entries in one file.

use std::fs::OpenOptions;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{
    Connection, OptionalExtension, Row, ToSql, TransactionBehavior, params, params_from_iter,
};
use serde_json::json;

use super::{Secret, schema, token};
use crate::incident::Untrusted;
use crate::settings::{Clock, Visibility};
use crate::trackers::{
    Account, AccountKind, Cursor, Item, ItemId, ItemStatus, Native, NativeKind, NewItem, Page,
    TrackerError,
};

/// How many rows a page has.
const PAGE: usize = 100;

/// The file of the local tracker; cheap to clone.
#[derive(Debug, Clone)]
pub struct LocalStore {
    db: Arc<Mutex<Connection>>,
    clock: Clock,
}

impl LocalStore {
    /// Opens the file, making it readable for its owner alone if it is missing.
    pub fn open(path: &Path, clock: Clock) -> Result<Self, TrackerError> {
        make_file(path).map_err(|error| TrackerError::Unreachable { why: error.to_string() })?;
        let mut db = Connection::open(path)?;
        db.busy_timeout(Duration::from_secs(5))?;
        db.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA recursive_triggers = ON; PRAGMA trusted_schema = OFF;",
        )?;
        prepare(&mut db)?;
        Ok(Self { db: Arc::new(Mutex::new(db)), clock })
    }

    /// Adds an account and draws its first token.
    pub fn add_account(
        &self,
        name: &str,
        kind: AccountKind,
    ) -> Result<(Account, Secret), TrackerError> {
        let secret = Secret::draw()?;
        let id = self.with(|db| {
            let transaction = db.transaction()?;
            let sql = "INSERT INTO account (kind, name) VALUES (?1, ?2)";
            transaction.execute(sql, params![kind.word(), name])?;
            let id = transaction.last_insert_rowid();
            let sql = "INSERT INTO token (hash, account) VALUES (?1, ?2)";
            transaction.execute(sql, params![token::hash(secret.reveal()), id])?;
            transaction.commit()?;
            Ok(id)
        })?;
        Ok((Account { id: id.to_string(), kind, name: name.into() }, secret))
    }

    /// The account of this name and kind, added if there is none; for whoever owns the file and needs no
    /// token, such as the hub. It is the same account at every start, so that what it wrote before an end
    /// is still known to be its own.
    pub fn admit(&self, name: &str, kind: AccountKind) -> Result<Account, TrackerError> {
        let id = self.with(|db| {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let sql = "INSERT INTO account (kind, name) SELECT ?1, ?2 WHERE NOT EXISTS \
                       (SELECT 1 FROM account WHERE kind = ?1 AND name = ?2)";
            transaction.execute(sql, params![kind.word(), name])?;
            let sql = "SELECT min(id) FROM account WHERE kind = ?1 AND name = ?2";
            let found = |row: &Row<'_>| row.get::<_, i64>(0);
            let id = transaction.query_row(sql, params![kind.word(), name], found)?;
            transaction.commit()?;
            Ok(id)
        })?;
        Ok(Account { id: id.to_string(), kind, name: name.into() })
    }

    /// Draws a further token for an account.
    pub fn add_token(&self, account: &Account) -> Result<Secret, TrackerError> {
        let secret = Secret::draw()?;
        let id = number(&account.id, "account")?;
        self.with(|db| {
            let sql = "INSERT INTO token (hash, account) VALUES (?1, ?2)";
            db.execute(sql, params![token::hash(secret.reveal()), id])?;
            Ok(())
        })?;
        Ok(secret)
    }

    /// Says whose token it is; `None` if it is nobody's.
    pub fn authenticate(&self, token: &str) -> Result<Option<Account>, TrackerError> {
        self.with(|db| {
            let sql = "SELECT account.id, account.kind, account.name FROM token \
                       JOIN account ON account.id = token.account WHERE token.hash = ?1";
            Ok(db.query_row(sql, [token::hash(token)], |row| account(row, 0)).optional()?)
        })
    }

    /// Opens an item.
    pub(super) fn open_item(&self, by: &Account, item: &NewItem) -> Result<ItemId, TrackerError> {
        let id = self.insert(by, "item (title, text, author, created)", &[&item.title, &item.text]);
        Ok(id?.to_string().into())
    }

    /// Writes an entry.
    pub(super) fn append(
        &self,
        by: &Account,
        item: &ItemId,
        text: &str,
    ) -> Result<String, TrackerError> {
        let item = number(item.as_str(), "item")?;
        Ok(self.insert(by, "entry (item, text, author, created)", &[&item, &text])?.to_string())
    }

    /// Says where an item stands.
    pub(super) fn set_status(
        &self,
        by: &Account,
        item: &ItemId,
        status: ItemStatus,
    ) -> Result<(), TrackerError> {
        let item = number(item.as_str(), "item")?;
        self.insert(by, "status (item, status, author, created)", &[&item, &status.word()])?;
        Ok(())
    }

    /// Links an item, unless it is linked there already.
    pub(super) fn relate(
        &self,
        by: &Account,
        item: &ItemId,
        (title, url): (&str, &str),
    ) -> Result<(), TrackerError> {
        let item = number(item.as_str(), "item")?;
        let is_linked: bool = self.with(|db| {
            let sql = "SELECT EXISTS (SELECT 1 FROM link WHERE item = ?1 AND url = ?2)";
            Ok(db.query_row(sql, params![item, url], |row| row.get(0))?)
        })?;
        if !is_linked {
            self.insert(by, "link (item, title, url, author, created)", &[&item, &title, &url])?;
        }
        Ok(())
    }

    /// Inserts a row: the values, then who wrote it, then when.
    fn insert(
        &self,
        by: &Account,
        into: &'static str,
        values: &[&dyn ToSql],
    ) -> Result<i64, TrackerError> {
        let (author, now) = (number(&by.id, "account")?, self.clock.now().to_string());
        let values: Vec<_> = values.iter().copied().chain([&author as &dyn ToSql, &now]).collect();
        let places = vec!["?"; values.len()].join(", ");
        self.with(|db| {
            let sql = format!("INSERT INTO {into} VALUES ({places})");
            db.prepare_cached(&sql)?.execute(params_from_iter(values))?;
            Ok(db.last_insert_rowid())
        })
    }

    /// Reads items from a place on.
    pub(super) fn items(&self, from: &Cursor) -> Result<Page<Item>, TrackerError> {
        let sql = "SELECT item.id, item.title, item.text, item.created, account.id, account.kind, \
                   account.name, (SELECT status FROM status WHERE status.item = item.id \
                   ORDER BY status.id DESC LIMIT 1) \
                   FROM item JOIN account ON account.id = item.author \
                   WHERE item.id > ?1 ORDER BY item.id LIMIT ?2";
        self.page(sql, None, from, item)
    }

    /// Reads the entries of an item from a place on.
    pub(super) fn entries(&self, of: &ItemId, from: &Cursor) -> Result<Page<Native>, TrackerError> {
        let sql = "SELECT entry.id, entry.text, entry.created, account.id, account.kind, \
                   account.name FROM entry JOIN account ON account.id = entry.author \
                   WHERE entry.id > ?1 AND entry.item = ?3 ORDER BY entry.id LIMIT ?2";
        self.page(sql, Some(number(of.as_str(), "item")?), from, native)
    }

    fn page<T>(
        &self,
        sql: &str,
        of: Option<i64>,
        from: &Cursor,
        read: fn(&Row<'_>) -> Result<(i64, T), TrackerError>,
    ) -> Result<Page<T>, TrackerError> {
        let mut last = if from.as_str().is_empty() { 0 } else { number(from.as_str(), "place")? };
        let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
        let (after, mut found) = (last, Vec::new());
        self.with(|db| {
            let mut question = db.prepare_cached(sql)?;
            let mut rows = match of {
                Some(of) => question.query(params![after, limit, of])?,
                None => question.query(params![after, limit])?,
            };
            while let Some(row) = rows.next()? {
                let (id, one) = read(row)?;
                last = id;
                found.push(one);
            }
            Ok(())
        })?;
        let complete = found.len() < PAGE;
        Ok(Page { found, next: last.to_string().into(), complete, unread: Vec::new() })
    }

    fn with<T>(
        &self,
        act: impl FnOnce(&mut Connection) -> Result<T, TrackerError>,
    ) -> Result<T, TrackerError> {
        act(&mut self.db.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn prepare(db: &mut Connection) -> Result<(), TrackerError> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > schema::VERSION {
        let why = format!("the file has version {found}, this build knows {}", schema::VERSION);
        return Err(TrackerError::Refused { why });
    }
    if found == 0 {
        transaction.execute_batch(schema::TABLES)?;
        transaction.execute_batch(&schema::guards())?;
        transaction.pragma_update(None, "user_version", schema::VERSION)?;
    }
    Ok(transaction.commit()?)
}

fn account(row: &Row<'_>, first: usize) -> rusqlite::Result<Account> {
    let (id, kind): (i64, String) = (row.get(first)?, row.get(first + 1)?);
    let name: String = row.get(first + 2)?;
    let kind = AccountKind::from_word(&kind);
    Ok(Account { id: id.to_string(), kind, name: Untrusted::from(name) })
}

fn item(row: &Row<'_>) -> Result<(i64, Item), TrackerError> {
    let (id, title, text): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let created: String = row.get(3)?;
    let status: Option<String> = row.get(7)?;
    let closed = status.as_deref() == Some(ItemStatus::Closed.word());
    let item = Item {
        id: id.to_string().into(),
        raw: json!({ "id": id, "title": title, "text": text, "created": created }),
        title: title.into(),
        text: text.into(),
        author: account(row, 4)?,
        status: if closed { ItemStatus::Closed } else { ItemStatus::Open },
        created: moment(&created)?,
        updated: None,
        url: None,
    };
    Ok((id, item))
}

fn native(row: &Row<'_>) -> Result<(i64, Native), TrackerError> {
    let (id, text, created): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let native = Native {
        remote: id.to_string(),
        kind: NativeKind::Text,
        author: account(row, 3)?,
        created: moment(&created)?,
        updated: None,
        visibility: Visibility::Internal,
        url: None,
        raw: json!({ "id": id, "text": text, "created": created }),
        text: text.into(),
    };
    Ok((id, native))
}

fn moment(text: &str) -> Result<jiff::Timestamp, TrackerError> {
    text.parse().map_err(|error: jiff::Error| TrackerError::Broken { why: error.to_string() })
}

fn number(text: &str, what: &str) -> Result<i64, TrackerError> {
    let shown: String = text.escape_debug().take(32).collect();
    text.parse().map_err(|_| TrackerError::NotFound { what: format!("{what} `{shown}`") })
}

#[cfg(unix)]
fn make_file(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).map(drop)
}

#[cfg(not(unix))]
fn make_file(path: &Path) -> std::io::Result<()> {
    OpenOptions::new().write(true).create(true).truncate(false).open(path).map(drop)
}

impl From<rusqlite::Error> for TrackerError {
    fn from(error: rusqlite::Error) -> Self {
        let why = error.to_string();
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::ConstraintViolation) => Self::Refused { why },
            Some(_) => Self::Unreachable { why },
            None => Self::Broken { why },
        }
    }
}
