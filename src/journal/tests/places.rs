//! Items, copies, corrections, and what is not paid: what the readers of trackers go by.

use super::support::{alert, at, comment, incident};
use crate::incident::{
    Body, Change, Correction, Digest, Entry, IncidentStatus, Origin, Resolution, Status,
};
use crate::journal::{Journal, Record};
use crate::wire::{Delivery, DeliveryStage};

fn origin(item: &str, remote: &str) -> Origin {
    Origin {
        tracker: "board".to_owned(),
        item: item.to_owned(),
        remote: remote.to_owned(),
        version: Digest::of("text", &[]),
    }
}

fn linked(tracker: &str, item: &str, ms: i64) -> Record {
    let (tracker, item) = (tracker.to_owned(), item.to_owned());
    Record::Linked { incident: incident(), tracker, item, at: at(ms) }
}

async fn opened() -> (tempfile::TempDir, Journal) {
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::open(dir.path()).unwrap();
    journal.append(vec![Record::entry(alert()), linked("board", "7", 1)]).await.unwrap();
    (dir, journal)
}

#[tokio::test]
async fn an_item_leads_to_its_incident_and_back() {
    let (_dir, journal) = opened().await;
    journal.append(vec![linked("pager", "P1", 5)]).await.unwrap();
    assert_eq!(journal.incident_at("board", "7").unwrap(), Some(incident()));
    assert_eq!(journal.incident_at("pager", "7").unwrap(), None);
    let names = |links: Vec<crate::journal::Linked>| -> Vec<String> {
        links.into_iter().map(|link| format!("{} {}", link.tracker, link.item)).collect()
    };
    assert_eq!(names(journal.items(incident()).unwrap()), ["board 7", "pager P1"]);
    assert_eq!(names(journal.linked_since("pager", at(5)).unwrap()), ["pager P1"]);
    assert!(journal.linked_since("pager", at(6)).unwrap().is_empty());
    assert_eq!(journal.incident(incident()).unwrap().unwrap().entries, 1);
}

#[tokio::test]
async fn what_stands_in_an_item_is_found_with_its_corrections() {
    let (_dir, journal) = opened().await;
    let said = Entry { origins: vec![origin("7", "3")], ..comment(2, "said there") };
    let change = Change::RemovedUpstream { origin: origin("7", "3") };
    let body = Body::Correction(Correction { of: said.id, change });
    let correction = Entry { body, ..comment(3, "gone") };
    journal
        .append(vec![Record::entry(said.clone()), Record::entry(correction.clone())])
        .await
        .unwrap();
    assert_eq!(journal.copies_in("board", "7").unwrap(), [(said.id, origin("7", "3"))]);
    assert!(journal.copies_in("board", "8").unwrap().is_empty());
    assert_eq!(journal.corrections(incident()).unwrap(), [correction]);
}

#[tokio::test]
async fn the_latest_place_of_a_reading_is_kept() {
    let (_dir, journal) = opened().await;
    assert_eq!(journal.read_to("board").unwrap(), None);
    assert_eq!(journal.first_read("board").unwrap(), None);
    for (place, ms) in [("12", 1), ("15", 2)] {
        let (tracker, place) = ("board".to_owned(), place.to_owned());
        journal.append(vec![Record::Read { tracker, place, at: at(ms) }]).await.unwrap();
    }
    assert_eq!(journal.read_to("board").unwrap().as_deref(), Some("15"));
    assert_eq!(journal.first_read("board").unwrap(), Some(at(1)));
}

#[tokio::test]
async fn what_says_that_an_incident_is_over_is_found() {
    let (_dir, journal) = opened().await;
    let resolution = Resolution { cause: "the pool".into(), by: None, verified: true };
    let bodies = [
        Body::Status(Status::Incident { to: IncidentStatus::Investigating }),
        Body::Resolution(resolution),
        Body::Status(Status::Dispatch { halted: true }),
        Body::Status(Status::Incident { to: IncidentStatus::Resolved }),
    ];
    let entries = (2..).zip(bodies).map(|(ms, body)| Entry { body, ..comment(ms, "so it is") });
    let entries: Vec<Entry> = entries.collect();
    journal.append(entries.iter().cloned().map(Record::entry).collect()).await.unwrap();
    let found = journal.endings(incident()).unwrap();
    assert_eq!(found, [entries[1].clone(), entries[3].clone()]);
}

#[tokio::test]
async fn a_row_that_is_not_paid_keeps_its_number_and_its_age() {
    let (_dir, journal) = opened().await;
    let owed = ["board".to_owned()];
    let entries = [comment(2, "a"), comment(3, "b"), comment(4, "c")];
    let records = entries.iter().map(|entry| Record::owed(entry.clone(), &owed)).collect();
    journal.append(records).await.unwrap();
    let before = journal.unpaid().unwrap();
    assert_eq!(before.len(), 3);
    let moved = |entry: &Entry, stage| Record::Delivery {
        delivery: Delivery { entry: entry.id, tracker: "board".to_owned(), stage },
        at: at(900),
    };
    let why = "no".to_owned();
    journal
        .append(vec![
            moved(&entries[0], DeliveryStage::Written { remote: "1".to_owned() }),
            moved(&entries[1], DeliveryStage::Dropped { why: why.clone() }),
            moved(&entries[2], DeliveryStage::Parked { why: why.clone() }),
        ])
        .await
        .unwrap();
    let after = journal.unpaid().unwrap();
    assert_eq!(after.len(), 1);
    assert_eq!((after[0].row, after[0].since), (before[2].row, before[2].since));
    assert_eq!(after[0].owed.delivery.stage, DeliveryStage::Parked { why });
    assert!(journal.owed().unwrap().is_empty());
    let dropped = journal.stage(entries[1].id, "board").unwrap();
    assert_eq!(dropped.unwrap().word(), "dropped");
}
