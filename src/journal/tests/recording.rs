//! What is recorded is there, once, in its place, and stays as it was.

use super::support::{alert, at, comment, incident, journal, record};
use crate::incident::{
    Body, Digest, EvidenceSource, ExchangeEvent, Exchanged, IncidentStatus, Origin, Sample, Status,
};
use crate::journal::{Appended, Journal, JournalError, Record};
use crate::wire::{Delivery, DeliveryStage};

fn keyed(entry: crate::incident::Entry, key: &str) -> Record {
    Record::Entry { entry: Box::new(entry), owed_to: Vec::new(), key: Some(key.to_owned()) }
}

#[tokio::test]
async fn what_is_recorded_survives_the_end_of_the_hub() {
    let (dir, journal) = journal();
    let entries = vec![alert(), comment(1, "pool is full"), comment(2, "rolled back")];
    record(&journal, entries.clone()).await;
    drop(journal);
    let history = Journal::open_readonly(dir.path()).unwrap();
    assert_eq!(history.entries(None, None, 10).unwrap().entries, entries);
    assert_eq!(history.entry(entries[1].id).unwrap().as_ref(), Some(&entries[1]));
}

#[tokio::test]
async fn pages_join_without_gap_or_repetition_in_both_directions() {
    let (_dir, journal) = journal();
    record(
        &journal,
        (0..25).map(|ms| comment(ms / 10, "x")).enumerate().map(|(n, entry)| {
            let id = crate::incident::EntryId::from_parts(entry.at, n as u128);
            crate::incident::Entry { id, ..entry }
        }),
    )
    .await;
    let history = journal.history();
    let (mut forward, mut after) = (Vec::new(), None);
    loop {
        let page = history.entries(Some(incident()), after, 4).unwrap();
        forward.extend(page.entries);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let (mut backward, mut before) = (Vec::new(), None);
    loop {
        let page = history.latest(None, before, 5).unwrap();
        backward.extend(page.entries);
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    backward.reverse();
    assert_eq!(forward.len(), 25);
    assert_eq!(forward, backward);
    assert!(forward.is_sorted_by_key(|entry| entry.at));
}

#[tokio::test]
async fn a_late_entry_takes_its_place() {
    let (_dir, journal) = journal();
    record(&journal, [comment(5, "later")]).await;
    record(&journal, [comment(3, "earlier")]).await;
    let entries = journal.history().entries(None, None, 10).unwrap().entries;
    assert_eq!(entries, [comment(3, "earlier"), comment(5, "later")]);
}

#[tokio::test]
async fn a_second_entry_with_a_known_key_is_the_first_one() {
    let (_dir, journal) = journal();
    let first = comment(1, "pool is full");
    let taken = journal.append(vec![keyed(first.clone(), "k")]).await.unwrap();
    assert_eq!(taken, [Appended::New]);
    let taken = journal.append(vec![keyed(comment(2, "said again"), "k")]).await.unwrap();
    assert_eq!(taken, [Appended::Known(first.id)]);
    let mut other = comment(3, "another author's key");
    other.actor = "human:grace".parse().unwrap();
    assert_eq!(journal.append(vec![keyed(other, "k")]).await.unwrap(), [Appended::New]);
    assert_eq!(journal.history().entries(None, None, 10).unwrap().entries.len(), 2);
}

#[tokio::test]
async fn a_known_id_with_other_content_is_never_replaced() {
    let (_dir, journal) = journal();
    record(&journal, [comment(1, "as first seen")]).await;
    let forged = journal.append(vec![
        Record::entry(comment(2, "goes down with its call")),
        Record::entry(comment(1, "as somebody would like it")),
    ]);
    let id = comment(1, "").id;
    assert_eq!(forged.await, Err(JournalError::OtherContent { entry: id }));
    let entries = journal.history().entries(None, None, 10).unwrap().entries;
    assert_eq!(entries, [comment(1, "as first seen")]);
}

#[tokio::test]
async fn a_bad_call_does_not_fail_its_neighbours() {
    let (_dir, journal) = journal();
    record(&journal, [comment(1, "as first seen")]).await;
    let call = |ms, text| journal.append(vec![Record::entry(comment(ms, text))]);
    let (good, bad, also_good) =
        tokio::join!(call(2, "good"), call(1, "other content"), call(3, "good too"));
    assert_eq!((good, also_good), (Ok(vec![Appended::New]), Ok(vec![Appended::New])));
    assert!(matches!(bad, Err(JournalError::OtherContent { .. })));
    assert_eq!(journal.history().entries(None, None, 10).unwrap().entries.len(), 3);
}

#[tokio::test]
async fn a_copy_seen_in_a_tracker_is_an_origin_and_not_a_second_entry() {
    let (_dir, journal) = journal();
    record(&journal, [comment(1, "pool is full")]).await;
    let origin = |remote: &str| Origin {
        tracker: "local".to_owned(),
        item: "7".to_owned(),
        remote: remote.to_owned(),
        version: Digest::of("test", &[b"pool is full"]),
    };
    let mut read_back = comment(1, "pool is full");
    read_back.first_seen = at(900);
    read_back.origins = vec![origin("41")];
    let taken = journal.append(vec![Record::entry(read_back.clone())]).await.unwrap();
    assert_eq!(taken, [Appended::Known(read_back.id)]);
    let copied = Record::Copied { entry: read_back.id, origin: origin("42") };
    journal.append(vec![copied.clone(), copied]).await.unwrap();
    let entries = journal.history().entries(None, None, 10).unwrap().entries;
    let expected = crate::incident::Entry {
        origins: vec![origin("41"), origin("42")],
        ..comment(1, "pool is full")
    };
    assert_eq!(entries, [expected]);
}

#[tokio::test]
async fn what_cannot_be_read_back_is_not_acknowledged() {
    let (_dir, journal) = journal();
    let mut entry = comment(1, "latency");
    entry.body = Body::Evidence(crate::incident::Evidence {
        source: EvidenceSource::Metric,
        reference: "p99".into(),
        call: None,
        measures: None,
        series: vec![Sample { at: at(0), value: f64::NAN }],
    });
    let taken = journal.append(vec![Record::entry(entry)]).await;
    assert!(matches!(taken, Err(JournalError::Unreadable { .. })), "{taken:?}");
}

#[tokio::test]
async fn the_latest_row_says_how_far_a_delivery_is() {
    let (_dir, journal) = journal();
    let trackers = ["jira".to_owned(), "local".to_owned()];
    let records = vec![
        Record::owed(alert(), &trackers[1..]),
        Record::owed(comment(1, "pool is full"), &trackers),
    ];
    journal.append(records).await.unwrap();
    let stage = |tracker: &str, stage| Record::Delivery {
        delivery: Delivery { entry: comment(1, "").id, tracker: tracker.to_owned(), stage },
        at: at(9),
    };
    let written = DeliveryStage::Written { remote: "41".to_owned() };
    journal.append(vec![stage("local", DeliveryStage::Sending { text: None })]).await.unwrap();
    let cut_off = journal.deliveries(comment(1, "").id).unwrap();
    let cut_off: Vec<_> = cut_off.iter().map(|owed| owed.delivery.stage.word()).collect();
    assert_eq!(cut_off, ["owed", "sending"]);
    journal.append(vec![stage("local", written.clone())]).await.unwrap();
    let owed = journal.history().owed().unwrap();
    let owed: Vec<_> =
        owed.iter().map(|owed| (owed.delivery.entry, owed.delivery.tracker.as_str())).collect();
    assert_eq!(owed, [(alert().id, "local"), (comment(1, "").id, "jira")]);
    let stages = journal.history().stages(comment(1, "").id, "local").unwrap();
    assert_eq!(stages.len(), 3);
    assert_eq!(stages[2].delivery.stage, written);
    assert_eq!(journal.history().owed_since(0).unwrap().len(), 2);
    let end = journal.history().outbox_end().unwrap();
    assert!(journal.history().owed_since(end).unwrap().is_empty());
}

#[tokio::test]
async fn a_delivery_of_something_that_is_not_recorded_is_refused() {
    let (_dir, journal) = journal();
    let delivery = Delivery {
        entry: comment(1, "").id,
        tracker: "local".to_owned(),
        stage: DeliveryStage::Sending { text: None },
    };
    let taken = journal.append(vec![Record::Delivery { delivery, at: at(1) }]).await;
    assert!(matches!(taken, Err(JournalError::Refused { .. })), "{taken:?}");
}

#[tokio::test]
async fn an_incident_looks_in_the_list_as_its_entries_say() {
    let (_dir, journal) = journal();
    let mut verifying = comment(2, "measuring");
    verifying.body = Body::Status(Status::Incident { to: IncidentStatus::Verifying });
    record(&journal, [alert(), comment(1, "rolled back"), verifying, comment(3, "done?")]).await;
    let incidents = journal.history().incidents().unwrap();
    assert_eq!(incidents.len(), 1);
    assert_eq!(incidents[0].status, IncidentStatus::Verifying);
    assert_eq!((incidents[0].entries, incidents[0].latest), (4, at(3)));
}

#[tokio::test]
async fn the_exchange_comes_back_in_order() {
    let (_dir, journal) = journal();
    let said = |ms, text: &str| ExchangeEvent {
        incident: incident(),
        at: at(ms),
        what: Exchanged::Said { by: "agent:primary".parse().unwrap(), text: text.into() },
    };
    let events = vec![said(1, "looks at the logs"), said(0, "calls the partner")];
    journal.append(events.iter().cloned().map(Record::Exchanged).collect()).await.unwrap();
    assert_eq!(journal.history().exchange(incident()).unwrap(), events);
}

#[tokio::test]
async fn the_first_item_of_an_incident_stays() {
    let (_dir, journal) = journal();
    for item in ["7", "8"] {
        let (tracker, item) = ("local".to_owned(), item.to_owned());
        let linked = Record::Linked { incident: incident(), tracker, item, at: at(0) };
        journal.append(vec![linked]).await.unwrap();
    }
    assert_eq!(journal.history().item(incident(), "local").unwrap().as_deref(), Some("7"));
    assert_eq!(journal.history().item(incident(), "jira").unwrap(), None);
}

#[tokio::test]
async fn more_entries_than_one_millisecond_has_places_are_all_kept() {
    let (_dir, journal) = journal();
    let many = (0..4100_u128).map(|n| crate::incident::Entry {
        id: crate::incident::EntryId::from_parts(at(0), n),
        ..comment(0, "burst")
    });
    record(&journal, many).await;
    assert_eq!(journal.history().entries(None, None, 5000).unwrap().entries.len(), 4100);
}

#[tokio::test]
async fn what_a_person_gave_up_stays_given_up_and_what_stands_there_cannot_be() {
    let (_dir, journal) = journal();
    let owed = Record::owed(comment(1, "pool is full"), &["local".to_owned()]);
    journal.append(vec![owed]).await.unwrap();
    let entry = comment(1, "").id;
    let to = async |stage: DeliveryStage| {
        let delivery = Delivery { entry, tracker: "local".to_owned(), stage };
        let taken = journal.append(vec![Record::Delivery { delivery, at: at(2) }]).await?;
        Ok::<_, JournalError>(taken[0])
    };
    let dropped = || DeliveryStage::Dropped { why: "a duplicate".to_owned() };
    assert_eq!(to(dropped()).await, Ok(Appended::New));
    let why = Some("connection refused".to_owned());
    for late in [
        DeliveryStage::Sending { text: None },
        DeliveryStage::Owed { retry_at: None, why },
        DeliveryStage::Ambiguous { settle_at: at(3) },
        DeliveryStage::Parked { why: "locked".to_owned() },
    ] {
        assert_eq!(to(late).await, Ok(Appended::Known(entry)));
        assert_eq!(journal.stage(entry, "local").unwrap(), Some(dropped()));
    }
    let again = DeliveryStage::Owed { retry_at: None, why: None };
    assert_eq!(to(again).await, Ok(Appended::New), "a person wants it after all");
    assert_eq!(to(dropped()).await, Ok(Appended::New));
    let written = DeliveryStage::Written { remote: "41".to_owned() };
    assert_eq!(to(written.clone()).await, Ok(Appended::New), "it had left before");
    assert!(matches!(to(dropped()).await, Err(JournalError::Refused { .. })));
    assert_eq!(journal.stage(entry, "local").unwrap(), Some(written));
}
