//! The directory, the lock, the settings, and the versions.

use std::os::unix::fs::PermissionsExt;

use rusqlite::Connection;

use super::support::{comment, journal, record};
use crate::incident::{Notice, Trouble};
use crate::journal::{Journal, JournalError, connect, directory, schema};

fn mode(path: &std::path::Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn the_directory_and_its_files_are_private() {
    let outer = tempfile::tempdir().unwrap();
    let dir = outer.path().join("data").join("wheelhouse");
    let journal = Journal::open(&dir).unwrap();
    record(&journal, [comment(1, "x")]).await;
    assert_eq!(mode(&dir), 0o700);
    for file in std::fs::read_dir(&dir).unwrap() {
        let file = file.unwrap().path();
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[test]
fn a_directory_that_others_can_write_to_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o775)).unwrap();
    let refused = Journal::open(dir.path()).unwrap_err();
    assert!(matches!(refused, JournalError::NotPrivate { mode: 0o775, .. }), "{refused:?}");
}

#[test]
fn a_second_hub_is_refused_with_the_process_of_the_first() {
    let (dir, journal) = journal();
    let refused = Journal::open(dir.path()).unwrap_err();
    let pid = Some(std::process::id());
    assert_eq!(refused, JournalError::InUse { dir: dir.path().to_owned(), pid });
    let notice = Notice::from(refused);
    assert_eq!(notice.trouble, Trouble::Conflict);
    assert!(notice.hint.is_some());
    drop(journal);
    Journal::open(dir.path()).unwrap();
}

#[test]
fn a_lock_left_behind_by_a_process_that_is_gone_does_not_hold() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("journal.lock"), "4194304\nrubbish").unwrap();
    let _journal = Journal::open(dir.path()).unwrap();
    let lock = std::fs::read_to_string(dir.path().join("journal.lock")).unwrap();
    assert_eq!(lock.trim(), std::process::id().to_string());
}

#[test]
fn reading_where_nothing_was_recorded_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let missing = Journal::open_readonly(dir.path()).unwrap_err();
    assert_eq!(missing, JournalError::Missing { dir: dir.path().to_owned() });
    assert!(!directory::database(dir.path()).exists());
}

#[tokio::test]
async fn somebody_can_read_while_the_hub_writes() {
    let (dir, journal) = journal();
    let reader = Journal::open_readonly(dir.path()).unwrap();
    record(&journal, [comment(1, "x")]).await;
    assert_eq!(reader.entries(None, None, 9).unwrap().entries.len(), 1);
}

#[test]
fn a_newer_journal_is_refused_and_left_alone() {
    let (dir, journal) = journal();
    drop(journal);
    let path = directory::database(dir.path());
    let newer = schema::known() + 1;
    Connection::open(&path).unwrap().pragma_update(None, "user_version", newer).unwrap();
    let expected = JournalError::Newer { found: newer, known: schema::known() };
    assert_eq!(Journal::open(dir.path()).unwrap_err(), expected);
    assert_eq!(Journal::open_readonly(dir.path()).unwrap_err(), expected);
}

#[test]
fn an_upgrade_that_was_cut_off_is_taken_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = directory::database(dir.path());
    // A crash before the commit leaves an empty database: the first step is taken from its beginning.
    drop(Connection::open(&path).unwrap());
    let journal = Journal::open(dir.path()).unwrap();
    drop(journal);
    let version: u32 = Connection::open(&path)
        .unwrap()
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(version, schema::known());
}

#[test]
fn a_file_that_is_no_journal_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(directory::database(dir.path()), "not a database, ".repeat(100)).unwrap();
    let refused = Journal::open(dir.path()).unwrap_err();
    assert!(matches!(refused, JournalError::Corrupt { .. }), "{refused:?}");
}

#[tokio::test]
async fn the_database_itself_refuses_changes_and_removals() {
    let (dir, journal) = journal();
    record(&journal, [comment(1, "x")]).await;
    drop(journal);
    let db = connect::writer(&directory::database(dir.path())).unwrap();
    for act in ["UPDATE entry SET json = ''", "DELETE FROM entry", "DELETE FROM origin"] {
        let result = db.execute_batch(act);
        let empty = act.ends_with("origin");
        assert_eq!(result.is_ok(), empty, "{act}: {result:?}");
    }
    let replace = "REPLACE INTO entry SELECT * FROM entry";
    assert!(db.execute_batch(replace).unwrap_err().to_string().contains("append-only"));
}

#[tokio::test]
async fn a_full_disk_is_said_and_nothing_is_acknowledged() {
    let (dir, journal) = journal();
    record(&journal, [comment(1, "kept")]).await;
    drop(journal);
    let path = directory::database(dir.path());
    let connection = connect::writer(&path).unwrap();
    connection.pragma_update(None, "max_page_count", 30).unwrap();
    let lock = directory::lock(dir.path()).unwrap();
    let writer = crate::journal::writer::Writer::start(path, connection, lock).unwrap();
    let long = "long ".repeat(200_000);
    let row = crate::journal::record::Row::of(crate::journal::Record::entry(comment(2, &long)));
    let noted = writer.call(vec![row.unwrap()]).await;
    assert!(matches!(noted, Err(JournalError::DiskFull { .. })), "no row fits");
    drop(writer);
    let journal = Journal::open(dir.path()).unwrap();
    assert_eq!(journal.history().entries(None, None, 9).unwrap().entries, [comment(1, "kept")]);
}
