//! Killed with SIGKILL while it delivers, a hub loses nothing and writes nothing twice.
//!
//! The child is this test binary again. `WHEELHOUSE_CRASH_CYCLES` asks for more than the usual kills.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::mpsc;
use wheelhouse::hub::{Delivering, Route};
use wheelhouse::incident::{Alert, Body, Entry, EntryId, Severity, decode};
use wheelhouse::journal::{Journal, Record};
use wheelhouse::settings::Clock;
use wheelhouse::trackers::{AccountKind, Cursor, LocalStore, LocalTracker, Tracker};
use wheelhouse::wire::DeliveryStage;

/// Names the directory in which the child works, and the number from which it counts.
const CHILD: &str = "WHEELHOUSE_DELIVERY_CHILD";

/// Says how often the child is killed.
const CYCLES: &str = "WHEELHOUSE_CRASH_CYCLES";

/// How much faster than the wall clock time passes here: a settling time of seconds takes moments.
const SPEED: f64 = 100.0;

#[expect(clippy::disallowed_methods, reason = "the test and its child speak through it")]
fn asked_for(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Entry number `number` of the one incident; the first is its alert.
pub(crate) fn entry(number: u128) -> Entry {
    let at = Timestamp::from_second(1_800_000_000).unwrap();
    let alert = Alert {
        title: "checkout fails".into(),
        severity: Severity::Sev2,
        service: "checkout".into(),
        dedup_key: "k".to_owned(),
        firing: true,
        labels: BTreeMap::new(),
    };
    Entry {
        id: EntryId::from_parts(at, number),
        incident: EntryId::from_parts(at, 1).into(),
        actor: "agent:primary@eu1".parse().unwrap(),
        at,
        first_seen: at,
        body: if number == 1 { Body::Alert(alert) } else { Body::Comment },
        text: format!("entry {number}").into(),
        refs: Vec::new(),
        origins: Vec::new(),
    }
}

/// A hub's delivery on a directory, with the tracker in the same directory.
struct Works {
    journal: Journal,
    tracker: LocalTracker,
    delivering: Delivering,
    stages: mpsc::Receiver<wheelhouse::wire::Delivery>,
}

fn begin(dir: &Path) -> Works {
    let clock = Clock::at_speed(SPEED);
    let journal = Journal::open(dir).unwrap();
    let store = LocalStore::open(&dir.join("tracker"), clock.clone()).unwrap();
    let account = store.admit("wheelhouse", AccountKind::Bot).unwrap();
    let tracker = LocalTracker::owned("local", store, account);
    let (told, stages) = mpsc::channel(100_000);
    let trackers: Vec<Arc<dyn Tracker>> = vec![Arc::new(tracker.clone())];
    let route = Route { journal: journal.clone(), trackers, clock, told, seed: 1 };
    Works { delivering: Delivering::start(route), journal, tracker, stages }
}

/// Records and delivers until it is killed, if it is the child.
#[test]
fn the_child_of_the_delivery_test_delivers_until_it_is_killed() {
    let Some(told) = asked_for(CHILD) else { return };
    let (from, dir) = told.split_once(' ').unwrap();
    let mut number: u128 = from.parse().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let works = begin(Path::new(dir));
        loop {
            let record = Record::owed(entry(number), &["local".to_owned()]);
            works.journal.append(vec![record]).await.unwrap();
            let mut out = std::io::stdout().lock();
            writeln!(out, "recorded {number}").unwrap();
            out.flush().unwrap();
            number += 1;
        }
    });
}

/// Lets a child work, and kills it after so many acknowledgements; says up to where it counted.
fn kill_after(acks: usize, from: u128, dir: &Path) -> u128 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg("deliveries::the_child_of_the_delivery_test_delivers_until_it_is_killed")
        .env(CHILD, format!("{from} {}", dir.display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut recorded = lines.map_while(Result::ok).filter_map(|line| {
        line.split_once("recorded ").and_then(|(_, number)| number.parse::<u128>().ok())
    });
    let last = recorded.by_ref().take(acks).last().expect("the child ended by itself");
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(9), "the child did not end by the kill");
    // What it acknowledged until then counts too.
    recorded.last().unwrap_or(last)
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_was_acknowledged_stands_in_the_tracker_once_after_any_kill() {
    let cycles: usize = asked_for(CYCLES).map_or(25, |cycles| cycles.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let mut rng = fastrand::Rng::with_seed(54);
    let (mut from, mut acknowledged) = (1, Vec::new());
    for _ in 0..cycles {
        let last = kill_after(rng.usize(1..30), from, dir.path());
        acknowledged.extend(from..=last);
        // The one after it may be recorded too, and nobody was told.
        from = last + 2;
    }
    let mut works = begin(dir.path());
    while !works.journal.owed().unwrap().is_empty() {
        let moved = works.stages.recv().await.unwrap();
        assert!(!matches!(moved.stage, DeliveryStage::Parked { .. }), "{moved:?}");
    }
    works.delivering.end().await;
    let mut copies = BTreeMap::<EntryId, u32>::new();
    let items = works.tracker.incidents(&Cursor::default()).await.unwrap().found;
    assert_eq!(items.len(), 1);
    *copies.entry(decode(&items[0].text).unwrap().trailer.id).or_default() += 1;
    for native in works.tracker.find(&items[0].id, "[wheelhouse").await.unwrap() {
        *copies.entry(decode(&native.text).unwrap().trailer.id).or_default() += 1;
    }
    let twice: Vec<_> = copies.iter().filter(|(_, copies)| **copies > 1).collect();
    assert!(twice.is_empty(), "written twice: {twice:?}");
    for number in &acknowledged {
        assert!(copies.contains_key(&entry(*number).id), "entry {number} is lost");
    }
    assert!(acknowledged.len() >= cycles);
}
