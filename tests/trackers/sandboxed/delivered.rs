//! Entries on their way through the real connectors: whatever happens there, each stands there once.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use wheelhouse::hub::{Delivering, Route};
use wheelhouse::incident::{EntryId, decode};
use wheelhouse::journal::{Journal, Record};
use wheelhouse::sandbox::lookalikes::{Fault, FaultLine, Sandbox, SandboxPlan, Vendor};
use wheelhouse::settings::{Clock, Visibility};
use wheelhouse::trackers::Tracker;
use wheelhouse::wire::DeliveryStage;

use super::stage::{VENDORS, entering};
use crate::deliveries::entry;

/// How fast the clock runs: the time in which an outcome settles takes three seconds.
const SPEED: f64 = 50.0;

/// How many entries are delivered; the first one opens the item.
const ENTRIES: u128 = 9;

/// What goes wrong, one write after the other, and with every read.
fn script() -> Vec<FaultLine> {
    let seconds = Duration::from_secs;
    let writes = [
        Fault::DropAfter,
        Fault::DropBefore,
        Fault::ErrorAfter(502),
        Fault::ErrorBefore(503),
        Fault::Limit(Some(seconds(7))),
        Fault::Limit(None),
        Fault::Late(seconds(20)),
        Fault::ErrorAfter(500),
        Fault::DropAfter,
    ];
    let once = writes.into_iter().map(|fault| FaultLine::of_writes(fault).times(1));
    once.chain([FaultLine::of_reads(Fault::Lag(seconds(10)))]).collect()
}

/// Delivers everything to one look-alike, and says what stands there then.
async fn delivered(vendor: Vendor) -> Vec<EntryId> {
    let (dir, clock) = (tempfile::tempdir().unwrap(), Clock::at_speed(SPEED));
    let faults = script().into_iter().map(|line| (vendor, line)).collect();
    let plan = SandboxPlan { faults, ..SandboxPlan::new(1, clock.clone()) };
    let sandbox = Sandbox::start(plan).await.unwrap();
    let token = sandbox.token(vendor, "wheelhouse").unwrap();
    let whose = (vendor, Visibility::Internal, "wheelhouse");
    let tracker = entering((sandbox.base(vendor), &token), &clock, whose).await;
    let journal = Journal::open(dir.path()).unwrap();
    let name = [tracker.name().to_owned()];
    let records = (1..=ENTRIES).map(|number| Record::owed(entry(number), &name));
    journal.append(records.collect()).await.unwrap();
    let (told, mut stages) = mpsc::channel(1000);
    let trackers: Vec<Arc<dyn Tracker>> = vec![tracker];
    let route = Route { journal: journal.clone(), trackers, clock, told, seed: 1 };
    let delivering = Delivering::start(route);
    while !journal.owed().unwrap().is_empty() {
        let moved = stages.recv().await.unwrap();
        assert!(!matches!(moved.stage, DeliveryStage::Parked { .. }), "{vendor}: {moved:?}");
    }
    delivering.end().await;
    let items = sandbox.items(vendor);
    assert_eq!(items.len(), 1, "{vendor} has one item");
    let id = |text: &str| decode(&text.into()).unwrap().trailer.id;
    items[0].notes.iter().map(|note| id(&note.text)).collect()
}

/// 57 to 61 and 63, from the journal to the tracker and back.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_on_the_way_every_entry_stands_there_once_and_in_order() {
    let expected: Vec<EntryId> = (2..=ENTRIES).map(|number| entry(number).id).collect();
    let all = VENDORS.map(|vendor| tokio::spawn(delivered(vendor)));
    for (vendor, found) in VENDORS.into_iter().zip(all) {
        assert_eq!(found.await.unwrap(), expected, "{vendor}");
    }
}
