//! Tests of the local tracker.

use jiff::Timestamp;

use super::{LocalStore, LocalTracker};
use crate::settings::Clock;
use crate::trackers::{
    AccountKind, Appended, Cursor, ItemId, ItemStatus, NewItem, Opened, Tracker, TrackerError,
};

fn store() -> (tempfile::TempDir, LocalStore) {
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::held_at(Timestamp::UNIX_EPOCH);
    let store = LocalStore::open(&dir.path().join("tracker.sqlite3"), clock).unwrap();
    (dir, store)
}

fn enter(store: &LocalStore, name: &str, kind: AccountKind) -> LocalTracker {
    let (_, secret) = store.add_account(name, kind).unwrap();
    LocalTracker::enter("local", store.clone(), secret.reveal()).unwrap()
}

async fn opened(tracker: &LocalTracker) -> ItemId {
    let new = NewItem { title: "checkout fails".to_owned(), text: "error rate 21 %".to_owned() };
    match tracker.open(&new).await.unwrap() {
        Opened::Stored { item } => item,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_token_makes_a_principal_and_is_not_kept() {
    let (dir, store) = store();
    let (ada, secret) = store.add_account("ada", AccountKind::Human).unwrap();
    let (bot, other) = store.add_account("primary", AccountKind::Bot).unwrap();
    assert_eq!(store.authenticate(secret.reveal()).unwrap(), Some(ada));
    assert_eq!(store.authenticate(other.reveal()).unwrap().unwrap().kind, AccountKind::Bot);
    assert_eq!(store.authenticate(store.add_token(&bot).unwrap().reveal()).unwrap(), Some(bot));
    assert_eq!(store.authenticate("").unwrap(), None);
    assert_eq!(store.authenticate(&secret.reveal()[..20]).unwrap(), None);
    assert!(!format!("{secret:?}").contains(secret.reveal()));
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let token = secret.reveal().as_bytes();
        assert!(!bytes.windows(token.len()).any(|window| window == token));
    }
}

#[test]
fn whoever_owns_the_file_is_the_same_account_at_every_start() {
    let (dir, store) = store();
    let own = store.admit("wheelhouse", AccountKind::Service).unwrap();
    drop(store);
    let clock = Clock::held_at(Timestamp::UNIX_EPOCH);
    let store = LocalStore::open(&dir.path().join("tracker.sqlite3"), clock).unwrap();
    assert_eq!(store.admit("wheelhouse", AccountKind::Service).unwrap(), own);
    assert_ne!(store.admit("wheelhouse", AccountKind::Bot).unwrap().id, own.id);
}

#[test]
fn a_token_that_is_nobodys_does_not_enter() {
    let (_dir, store) = store();
    let entered = LocalTracker::enter("local", store, "wh_00");
    assert!(matches!(entered, Err(TrackerError::Unauthorized { .. })));
}

#[tokio::test]
async fn what_is_written_is_read_in_order_with_its_author() {
    let (_dir, store) = store();
    let (ada, bot) =
        (enter(&store, "ada", AccountKind::Human), enter(&store, "primary", AccountKind::Bot));
    let (item, other) = (opened(&bot).await, opened(&bot).await);
    for n in 0..250 {
        let writer = if n % 2 == 0 { &ada } else { &bot };
        writer.append(&item, &format!("entry {n}")).await.unwrap();
    }
    ada.append(&other, "elsewhere").await.unwrap();
    let (mut texts, mut from) = (Vec::new(), Cursor::default());
    loop {
        let page = ada.entries(&item, &from).await.unwrap();
        texts.extend(page.found.into_iter().map(|native| (native.text, native.author.kind)));
        from = page.next;
        if page.complete {
            break;
        }
    }
    assert_eq!(texts.len(), 250);
    assert_eq!(texts[249], ("entry 249".into(), AccountKind::Bot));
    assert_eq!(bot.find(&item, "entry 24").await.unwrap().len(), 11);
    assert!(ada.entries(&item, &from).await.unwrap().found.is_empty());
}

#[tokio::test]
async fn the_same_text_twice_stands_there_twice() {
    let (_dir, store) = store();
    let bot = enter(&store, "primary", AccountKind::Bot);
    let item = opened(&bot).await;
    let first = bot.append(&item, "same").await.unwrap();
    assert_ne!(bot.append(&item, "same").await.unwrap(), first);
    assert_eq!(bot.find(&item, "same").await.unwrap().len(), 2);
}

#[tokio::test]
async fn the_latest_status_counts_and_the_earlier_ones_stay() {
    let (dir, store) = store();
    let bot = enter(&store, "primary", AccountKind::Bot);
    let item = opened(&bot).await;
    for status in [ItemStatus::Closed, ItemStatus::Open, ItemStatus::Closed] {
        bot.set_status(&item, status).await.unwrap();
        let items = bot.incidents(&Cursor::default()).await.unwrap();
        assert_eq!(items.found[0].status, status);
    }
    let db = rusqlite::Connection::open(dir.path().join("tracker.sqlite3")).unwrap();
    let kept: i64 = db.query_row("SELECT count(*) FROM status", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 3);
}

#[tokio::test]
async fn the_database_itself_refuses_changes_and_removals() {
    let (dir, store) = store();
    let bot = enter(&store, "primary", AccountKind::Bot);
    let item = opened(&bot).await;
    bot.append(&item, "as first written").await.unwrap();
    bot.relate(&item, "partner's item", "https://example.test/7").await.unwrap();
    let db = rusqlite::Connection::open(dir.path().join("tracker.sqlite3")).unwrap();
    for act in [
        "UPDATE entry SET text = 'as somebody would like it'",
        "DELETE FROM entry",
        "DELETE FROM item",
        "UPDATE link SET url = ''",
        "DELETE FROM token",
        "UPDATE account SET kind = 'human'",
    ] {
        let refused = db.execute_batch(act).unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{act}: {refused}");
    }
    assert_eq!(bot.find(&item, "as first written").await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let (_dir, store) = store();
    let bot = enter(&store, "primary", AccountKind::Bot);
    let item = opened(&bot).await;
    let empty = bot.append(&item, "  ").await.unwrap();
    assert!(matches!(empty, Appended::Rejected { .. }), "{empty:?}");
    let missing = bot.append(&"99".to_owned().into(), "text").await;
    assert!(matches!(missing, Err(TrackerError::Refused { .. })), "{missing:?}");
    let hostile = bot.append(&"1; DROP TABLE entry".to_owned().into(), "text").await;
    assert!(matches!(hostile, Err(TrackerError::NotFound { .. })), "{hostile:?}");
}
