//! The shape of the local tracker's file, whose rows the database itself keeps from changing.

/// The version of the shape.
pub(super) const VERSION: u32 = 1;

/// The tables; `status` and `link` are histories, the latest row counts.
pub(super) const TABLES: &str = "
CREATE TABLE account (
    id   INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('human', 'bot', 'service')),
    name TEXT NOT NULL
) STRICT;
CREATE TABLE token (
    hash    BLOB PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE item (
    id      INTEGER PRIMARY KEY,
    title   TEXT NOT NULL,
    text    TEXT NOT NULL,
    author  INTEGER NOT NULL REFERENCES account (id),
    created TEXT NOT NULL
) STRICT;
CREATE TABLE entry (
    id      INTEGER PRIMARY KEY,
    item    INTEGER NOT NULL REFERENCES item (id),
    text    TEXT NOT NULL,
    author  INTEGER NOT NULL REFERENCES account (id),
    created TEXT NOT NULL
) STRICT;
CREATE INDEX entry_item ON entry (item, id);
CREATE TABLE status (
    id      INTEGER PRIMARY KEY,
    item    INTEGER NOT NULL REFERENCES item (id),
    status  TEXT NOT NULL CHECK (status IN ('open', 'closed')),
    author  INTEGER NOT NULL REFERENCES account (id),
    created TEXT NOT NULL
) STRICT;
CREATE INDEX status_item ON status (item, id);
CREATE TABLE link (
    id      INTEGER PRIMARY KEY,
    item    INTEGER NOT NULL REFERENCES item (id),
    title   TEXT NOT NULL,
    url     TEXT NOT NULL,
    author  INTEGER NOT NULL REFERENCES account (id),
    created TEXT NOT NULL
) STRICT;
";

/// Makes the database refuse every change and removal.
pub(super) fn guards() -> String {
    let guard = |table: &str, act: &str| {
        format!(
            "CREATE TRIGGER {table}_no_{act} BEFORE {act} ON {table} \
             BEGIN SELECT RAISE(ABORT, 'the tracker is append-only'); END;\n"
        )
    };
    let tables = ["account", "token", "item", "entry", "status", "link"];
    tables.iter().flat_map(|table| [guard(table, "update"), guard(table, "delete")]).collect()
}
