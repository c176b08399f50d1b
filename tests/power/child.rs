//! The child: records one row after the other, and says of each when it was told that it is recorded.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::Connection;
use wheelhouse::incident::{Body, Entry, EntryId};
use wheelhouse::journal::{Journal, Record};

/// Says in which way and in which directory the child records.
pub(super) const CHILD: &str = "WHEELHOUSE_POWER_CHILD";

/// How this test binary runs the child.
pub(super) const TEST: &str = "power::child::the_child_of_the_power_test_records_and_ends";

/// Where the child says what it was told is recorded.
pub(super) const TOLD: &str = "told";

/// How many rows it records: enough for the write-ahead log to move into the database several times.
pub(super) const ROWS: u128 = 700;

#[expect(clippy::disallowed_methods, reason = "the test and its child speak through it")]
pub(super) fn asked_for(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

pub(super) fn database(dir: &Path) -> PathBuf {
    dir.join("journal.sqlite3")
}

pub(super) fn entry(number: u128) -> Entry {
    let at = Timestamp::from_second(1_800_000_000).unwrap();
    let id = |number| EntryId::from_parts(at, number);
    let words = "of a finding that is long ".repeat(usize::try_from(number % 97).unwrap());
    Entry {
        id: id(number),
        incident: id(1).into(),
        actor: "agent:primary@eu1".parse().unwrap(),
        at,
        first_seen: at,
        body: Body::Comment,
        text: format!("entry{number} {words}").into(),
        refs: Vec::new(),
        origins: Vec::new(),
    }
}

fn say(told: &mut File, number: u128) {
    told.write_all(format!("{number}\n").as_bytes()).unwrap();
}

/// The journal itself, as a hub uses it.
fn by_the_journal(dir: &Path, told: &mut File) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let journal = Journal::open(dir).unwrap();
        for number in 1..=ROWS {
            let record = Record::owed(entry(number), &["local".to_owned()]);
            journal.append(vec![record]).await.unwrap();
            say(told, number);
        }
    });
}

/// The journal's database without the journal, as careful as it is told.
fn by_hand(dir: &Path, synchronous: &str, told: &mut File) {
    let db = Connection::open(database(dir)).unwrap();
    db.pragma_update(None, "synchronous", synchronous).unwrap();
    db.pragma_update(None, "wal_autocheckpoint", 256).unwrap();
    for number in 1..=ROWS {
        let sql = "INSERT INTO exchange (incident, json) VALUES ('', ?1)";
        db.execute(sql, [number.to_string()]).unwrap();
        say(told, number);
    }
}

/// Records and ends, if it is the child.
#[test]
fn the_child_of_the_power_test_records_and_ends() {
    let Some(asked) = asked_for(CHILD) else { return };
    let (way, dir) = asked.split_once(' ').unwrap();
    let dir = Path::new(dir);
    let mut told = OpenOptions::new().append(true).create(true).open(dir.join(TOLD)).unwrap();
    match way {
        "journal" => by_the_journal(dir, &mut told),
        synchronous => by_hand(dir, synchronous, &mut told),
    }
}
