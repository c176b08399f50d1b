//! A long run in bad weather: nothing is lost, and nothing is there twice.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::scripted::{Fate, SETTLE, Stage, alert, comment, written};
use crate::hub::delivery::{Delivering, Route};
use crate::settings::Clock;
use crate::trackers::{AccountKind, Cursor, LocalStore, LocalTracker, Tracker};
use crate::wire::DeliveryStage;

/// Says how many entries are delivered in bad weather, when it is not the usual few.
const POSTS: &str = "WHEELHOUSE_POSTS";

/// Says how many entries are owed while every tracker is down.
const OWED: &str = "WHEELHOUSE_OWED";

#[expect(clippy::disallowed_methods, reason = "a longer run is asked for from outside")]
fn asked_for(name: &str, usual: u128) -> u128 {
    std::env::var(name).ok().map_or(usual, |asked| asked.parse().unwrap())
}

/// How many entries one run delivers.
const ENTRIES: u128 = 150;

/// Draws a fate: of ten writes, three go wrong somehow.
fn draw(rng: &mut fastrand::Rng) -> Fate {
    let later = Duration::from_millis(rng.u64(1..28_000));
    match rng.u32(0..32) {
        0 | 1 => Fate::LostBefore,
        2 | 3 => Fate::LostAfter,
        4 => Fate::Late(later),
        5 => Fate::Lagging(later),
        6 => Fate::Down,
        7 => Fate::Throttled(later),
        8 => Fate::Accepted,
        9 => Fate::LostAndLagging(later),
        _ => Fate::Stored,
    }
}

#[tokio::test]
async fn in_bad_weather_nothing_is_lost_and_nothing_is_there_twice() {
    let runs = asked_for(POSTS, 4 * ENTRIES).div_ceil(ENTRIES);
    for seed in 0..u64::try_from(runs).unwrap() {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut stage = Stage::set();
        stage.tracker.plan((0..3 * ENTRIES).map(|_| draw(&mut rng)));
        stage.owe([alert()]).await;
        stage.owe((2..ENTRIES + 2).map(comment)).await;
        // The hub ends again and again in the middle of its work.
        for _ in 0..20 {
            let (mut outbox, _stages) = stage.outbox();
            outbox.take().await.unwrap();
            outbox.begin();
            for _ in 0..rng.u32(0..20) {
                tokio::task::yield_now().await;
            }
            drop(outbox);
            stage.clock.advance(Duration::from_millis(rng.u64(0..60_000)));
        }
        stage.drive().await;
        stage.clock.advance(10 * SETTLE);
        let mut copies = BTreeMap::<String, u32>::new();
        stage.tracker.texts().into_iter().for_each(|text| *copies.entry(text).or_default() += 1);
        let expected = (2..ENTRIES + 2).map(|number| (written(&comment(number)), 1));
        assert_eq!(copies, expected.collect(), "seed {seed}");
        assert_eq!(stage.tracker.items(), 1, "seed {seed}");
        assert_eq!(stage.tracker.most_in_flight(), 1, "seed {seed}");
    }
}

#[tokio::test]
async fn after_an_hour_without_any_tracker_everything_drains_in_order() {
    let owed = asked_for(OWED, 250);
    let mut stage = Stage::opened().await;
    let began = stage.clock.now();
    let hour = Duration::from_hours(1);
    stage.tracker.held.lock().unwrap().down_until = began.checked_add(hour).ok();
    stage.owe((2..owed + 2).map(comment)).await;
    stage.drive().await;
    let expected: Vec<String> = (2..owed + 2).map(|number| written(&comment(number))).collect();
    assert_eq!(stage.tracker.texts(), expected);
    assert_eq!(stage.tracker.most_in_flight(), 1);
    let asked = stage.tracker.held.lock().unwrap().writes;
    let more = u128::from(asked) - owed;
    assert!(more < 120, "a tracker that is down is left alone: it was asked {more} times");
}

#[tokio::test]
async fn the_journal_wakes_the_delivery_and_nobody_waits_for_it() {
    let stage = Stage::set();
    let dir = tempfile::tempdir().unwrap();
    let store = LocalStore::open(&dir.path().join("tracker.sqlite3"), Clock::real()).unwrap();
    let (_, secret) = store.add_account("wheelhouse", AccountKind::Service).unwrap();
    let tracker = Arc::new(LocalTracker::enter("scripted", store, secret.reveal()).unwrap());
    let (told, mut stages) = mpsc::channel(16);
    let (journal, clock) = (stage.journal.clone(), Clock::real());
    let trackers: Vec<Arc<dyn Tracker>> = vec![tracker.clone()];
    let delivering = Delivering::start(Route { journal, trackers, clock, told, seed: 1 });
    stage.owe([alert()]).await;
    stage.owe([comment(2)]).await;
    let mut written = 0;
    while written < 2 {
        let stage = stages.recv().await.unwrap().stage;
        written += u32::from(matches!(stage, DeliveryStage::Written { .. }));
    }
    delivering.end().await;
    let item = tracker.incidents(&Cursor::default()).await.unwrap().found.remove(0);
    assert_eq!(item.title, "checkout fails for one in five".into());
    let entries = tracker.entries(&item.id, &Cursor::default()).await.unwrap().found;
    assert_eq!(entries.len(), 1);
    let told = crate::incident::decode(&entries[0].text).unwrap();
    assert_eq!((told.trailer.id, told.text), (comment(2).id, comment(2).text));
}
