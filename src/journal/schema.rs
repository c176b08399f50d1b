//! The shape of the database, as the steps that lead there.

/// The steps, oldest first; a step that has shipped never changes.
pub(super) const STEPS: &[&str] = &[FIRST, SECOND];

/// The newest version that this build knows.
pub(super) fn known() -> u32 {
    u32::try_from(STEPS.len()).unwrap_or(u32::MAX)
}

/// `ord` is the order key: the millisecond at which the entry was written, times 4096, plus a counter.
/// It is row id, search row id, and cursor at once, so that newest-first needs no sorting anywhere.
const FIRST: &str = "
CREATE TABLE entry (
    ord        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    incident   TEXT NOT NULL,
    kind       TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    digest     BLOB NOT NULL,
    json       TEXT NOT NULL
) STRICT;
CREATE INDEX entry_incident ON entry (incident, ord);
CREATE INDEX entry_opener ON entry (ord) WHERE id = incident;

CREATE VIRTUAL TABLE words USING fts5 (
    text, content = '', tokenize = \"unicode61 remove_diacritics 2 tokenchars '-_'\"
);
INSERT INTO words (words, rank) VALUES ('automerge', 0);

CREATE TABLE origin (
    entry   TEXT NOT NULL REFERENCES entry (id),
    tracker TEXT NOT NULL,
    item    TEXT NOT NULL,
    remote  TEXT NOT NULL,
    json    TEXT NOT NULL,
    PRIMARY KEY (entry, tracker, item, remote)
) STRICT, WITHOUT ROWID;

CREATE TABLE asked (
    actor    TEXT NOT NULL,
    incident TEXT NOT NULL,
    key      TEXT NOT NULL,
    entry    TEXT NOT NULL REFERENCES entry (id),
    PRIMARY KEY (actor, incident, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE delivery (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    entry   TEXT NOT NULL REFERENCES entry (id),
    tracker TEXT NOT NULL,
    at_ms   INTEGER NOT NULL,
    stage   TEXT NOT NULL,
    json    TEXT NOT NULL
) STRICT;
CREATE INDEX delivery_latest ON delivery (entry, tracker, seq);

CREATE TABLE item (
    incident TEXT NOT NULL,
    tracker  TEXT NOT NULL,
    item     TEXT NOT NULL,
    at_ms    INTEGER NOT NULL,
    PRIMARY KEY (incident, tracker)
) STRICT, WITHOUT ROWID;

CREATE TABLE claim (
    proposal TEXT PRIMARY KEY,
    digest   TEXT NOT NULL,
    entry    TEXT NOT NULL UNIQUE REFERENCES entry (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE outcome (
    proposal TEXT NOT NULL,
    entry    TEXT NOT NULL REFERENCES entry (id),
    PRIMARY KEY (proposal, entry)
) STRICT, WITHOUT ROWID;

CREATE TABLE exchange (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    incident TEXT NOT NULL,
    json     TEXT NOT NULL
) STRICT;
CREATE INDEX exchange_incident ON exchange (incident, seq);
";

/// Finds what stands in an item, and keeps how far the list of a tracker's items was read.
const SECOND: &str = "
CREATE INDEX origin_item ON origin (tracker, item);
CREATE INDEX item_tracker ON item (tracker, at_ms);

CREATE TABLE reading (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    tracker TEXT NOT NULL,
    at_ms   INTEGER NOT NULL,
    place   TEXT NOT NULL
) STRICT;
CREATE INDEX reading_latest ON reading (tracker, seq);
";

/// The tables whose rows nobody may change or remove.
const KEPT: [&str; 9] =
    ["entry", "origin", "asked", "delivery", "item", "claim", "outcome", "exchange", "reading"];

/// Makes the database itself refuse every change and every removal of what was recorded.
pub(super) fn guards() -> String {
    let guard = |table: &str, act: &str| {
        format!(
            "CREATE TRIGGER IF NOT EXISTS {table}_no_{act} BEFORE {act} ON {table} \
             BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;\n"
        )
    };
    KEPT.iter().flat_map(|table| [guard(table, "update"), guard(table, "delete")]).collect()
}
