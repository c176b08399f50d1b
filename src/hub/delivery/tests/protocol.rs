//! Every single fate of a write, and what becomes of the entry.

use std::time::Duration;

use super::scripted::{Fate, SETTLE, Stage, alert, comment, written};
use crate::hub::delivery::version;
use crate::incident::{Body, Entry, Evidence, EvidenceSource, Part, Resolution, decode, payload};
use crate::journal::Record;
use crate::wire::{Delivery, DeliveryStage, Posted};

const SECOND: Duration = Duration::from_secs(1);

async fn after(fates: impl IntoIterator<Item = Fate>) -> Stage {
    let mut stage = Stage::opened().await;
    stage.tracker.plan(fates);
    stage.owe([comment(2), comment(3)]).await;
    stage.drive().await;
    stage
}

fn both() -> Vec<String> {
    vec![written(&comment(2)), written(&comment(3))]
}

#[tokio::test]
async fn an_entry_that_is_owed_is_written_in_order() {
    let mut stage = Stage::set();
    stage.owe([alert(), comment(2), comment(3)]).await;
    stage.drive().await;
    assert_eq!((stage.tracker.items(), stage.tracker.texts()), (1, both()));
    assert_eq!(stage.told_of(comment(3).id), ["sending", "written"]);
    assert!(stage.journal.owed().unwrap().is_empty());
    let entry = stage.journal.entry(comment(2).id).unwrap().unwrap();
    assert_eq!(entry.origins[0].tracker, "scripted");
    assert_eq!(entry.origins[0].item, "1");
    assert_eq!(stage.tracker.most_in_flight(), 1);
}

#[tokio::test]
async fn every_text_carries_the_id_of_its_entry_in_its_last_line() {
    let stage = after([]).await;
    let last = stage.tracker.texts()[0].lines().next_back().unwrap().to_owned();
    assert_eq!(last, format!("[wheelhouse 1 {} comment agent:primary@eu1]", comment(2).id));
}

#[tokio::test]
async fn whatever_happens_to_a_write_the_entry_stands_there_once() {
    let fates = [
        Fate::LostBefore,
        Fate::LostAfter,
        Fate::Late(SECOND),
        Fate::Late(29 * SECOND),
        Fate::Lagging(20 * SECOND),
        Fate::LostAndLagging(20 * SECOND),
        Fate::Accepted,
        Fate::Down,
        Fate::Throttled(600 * SECOND),
    ];
    for fate in fates {
        let stage = after([fate]).await;
        stage.clock.advance(10 * SETTLE);
        let mut texts = stage.tracker.texts();
        texts.sort();
        assert_eq!(texts, both(), "{fate:?}");
        let stages = stage.told_of(comment(2).id);
        assert_eq!(stages.last(), Some(&"written"), "{fate:?}: {stages:?}");
    }
}

/// 60: the tracker does it only after everybody had given it up.
#[tokio::test]
async fn a_write_that_comes_after_the_settling_time_stands_there_twice_under_one_id() {
    let stage = after([Fate::Late(SETTLE + 60 * SECOND)]).await;
    stage.clock.advance(10 * SETTLE);
    let copies = |number| {
        let text = written(&comment(number));
        stage.tracker.texts().iter().filter(|held| **held == text).count()
    };
    assert_eq!((copies(2), copies(3)), (2, 1), "nothing that is there can be taken back");
    let entry = stage.journal.entry(comment(2).id).unwrap().unwrap();
    assert_eq!(entry.origins.len(), 1, "the reader adds the other place to the same entry");
}

/// 63: whoever asks to wait is waited for, and nobody overtakes.
#[tokio::test]
async fn a_limit_keeps_the_order() {
    for fates in [vec![Fate::Throttled(600 * SECOND)], vec![Fate::Throttled(SECOND); 7]] {
        let stage = after(fates).await;
        assert_eq!(stage.tracker.texts(), both());
        assert_eq!(stage.tracker.most_in_flight(), 1);
    }
}

#[tokio::test]
async fn a_lost_answer_is_read_back_and_never_sent_again() {
    let stage = after([Fate::LostAfter]).await;
    assert_eq!(stage.told_of(comment(2).id), ["sending", "settling", "written"]);
    assert_eq!(stage.tracker.held.lock().unwrap().writes, 3);
}

/// 61: that a list does not show it yet is no absence, as long as the tracker may still settle.
#[tokio::test]
async fn a_lost_answer_is_not_sent_again_while_lists_lag() {
    for lag in [SECOND, 20 * SECOND, 29 * SECOND] {
        let stage = after([Fate::LostAndLagging(lag)]).await;
        let mut texts = stage.tracker.texts();
        texts.sort();
        assert_eq!(texts, both(), "{lag:?}");
        assert_eq!(
            stage.tracker.held.lock().unwrap().writes,
            3,
            "the alert and each once, {lag:?}"
        );
        let stages = stage.told_of(comment(2).id);
        assert_eq!(stages.last(), Some(&"written"), "{lag:?}: {stages:?}");
        assert!(!stages.contains(&"owed"), "{lag:?}: {stages:?}");
    }
}

#[tokio::test]
async fn absence_is_believed_only_after_the_settling_time() {
    let began = Stage::set().clock.now();
    let stage = after([Fate::LostBefore]).await;
    let stages = stage.journal.stages(comment(2).id, "scripted").unwrap();
    let words: Vec<_> = stages.iter().map(|owed| owed.delivery.stage.word()).collect();
    assert_eq!(words, ["owed", "sending", "settling", "owed", "sending", "written"]);
    assert!(stages[4].at.duration_since(began) >= SETTLE.try_into().unwrap());
}

#[tokio::test]
async fn a_tracker_that_is_down_for_an_hour_loses_nothing_and_keeps_the_order() {
    let stage = after([Fate::Down; 100]).await;
    assert_eq!(stage.tracker.texts(), both());
    let hours = stage.clock.now().duration_since(Stage::set().clock.now()).as_hours();
    assert!(hours >= 1, "a hundred tries took {hours} h");
}

#[tokio::test]
async fn a_rejected_entry_is_parked_and_the_others_go_on() {
    let stage = after([Fate::Rejected]).await;
    let why = "comments are locked".to_owned();
    assert_eq!(stage.stage_of(comment(2).id), DeliveryStage::Parked { why });
    assert_eq!(stage.tracker.texts(), [written(&comment(3))]);
}

#[tokio::test]
async fn a_parked_entry_that_is_owed_again_is_delivered() {
    let mut stage = after([Fate::Rejected]).await;
    let delivery = Delivery {
        entry: comment(2).id,
        tracker: "scripted".to_owned(),
        stage: DeliveryStage::Owed { retry_at: None, why: None },
    };
    let record = Record::Delivery { delivery, at: stage.clock.now() };
    stage.journal.append(vec![record]).await.unwrap();
    stage.drive().await;
    assert_eq!(stage.tracker.texts().len(), 2);
}

#[tokio::test]
async fn an_entry_that_is_lost_again_and_again_is_parked() {
    let stage = after([Fate::LostBefore; 8]).await;
    let parked = stage.stage_of(comment(2).id);
    assert!(matches!(parked, DeliveryStage::Parked { .. }), "{parked:?}");
    assert_eq!(stage.tracker.texts(), [written(&comment(3))]);
}

#[tokio::test]
async fn nothing_is_sent_again_while_the_tracker_cannot_be_read() {
    let mut stage = Stage::opened().await;
    stage.tracker.plan([Fate::LostAfter]);
    stage.tracker.held.lock().unwrap().failing_reads = 50;
    stage.owe([comment(2)]).await;
    stage.drive().await;
    assert_eq!(stage.tracker.texts(), [written(&comment(2))]);
}

#[tokio::test]
async fn somebody_who_writes_our_id_first_cannot_suppress_an_entry() {
    let mut stage = Stage::opened().await;
    let ours = written(&comment(2));
    stage.tracker.squat("1", &ours, "stranger");
    stage.tracker.squat("1", &ours.replace("finding", "nothing"), "7");
    stage.tracker.squat("1", &format!("> {}", ours.replace('\n', "\n> ")), "7");
    stage.tracker.plan([Fate::LostBefore]);
    stage.owe([comment(2)]).await;
    stage.drive().await;
    let DeliveryStage::Written { remote } = stage.stage_of(comment(2).id) else { panic!() };
    assert_eq!(remote, "5", "the stranger, the forger, and the quotation came before it");
}

#[tokio::test]
async fn an_entry_on_a_late_page_is_found() {
    let mut stage = Stage::opened().await;
    (0..10).for_each(|n| stage.tracker.squat("1", &format!("chatter {n}"), "stranger"));
    stage.tracker.plan([Fate::LostAfter]);
    stage.owe([comment(2)]).await;
    stage.drive().await;
    assert_eq!(stage.tracker.held.lock().unwrap().writes, 2);
    assert_eq!(stage.tracker.texts().len(), 11);
}

#[tokio::test]
async fn an_item_is_opened_once_whatever_happens_to_its_opening() {
    for fate in [Fate::LostAfter, Fate::LostBefore, Fate::Late(SETTLE / 2), Fate::Down] {
        let mut stage = Stage::set();
        stage.tracker.plan([fate]);
        stage.owe([alert(), comment(2), comment(3)]).await;
        stage.drive().await;
        assert_eq!((stage.tracker.items(), stage.tracker.texts()), (1, both()), "{fate:?}");
    }
}

#[tokio::test]
async fn an_incident_without_an_item_there_gets_one_before_its_entries() {
    let mut stage = Stage::set();
    stage.journal.append(vec![Record::entry(alert())]).await.unwrap();
    stage.owe([comment(2), comment(3)]).await;
    stage.drive().await;
    assert_eq!((stage.tracker.items(), stage.tracker.texts()), (1, both()));
}

#[tokio::test]
async fn what_an_entry_says_for_machines_stands_there_too() {
    let mut stage = Stage::opened().await;
    let evidence = Evidence {
        source: EvidenceSource::Log,
        reference: "checkout.log:7".into(),
        call: None,
        measures: None,
        series: Vec::new(),
    };
    stage.owe([Entry { body: Body::Evidence(evidence.clone()), ..comment(2) }]).await;
    stage.drive().await;
    let decoded = decode(&stage.tracker.texts()[0].as_str().into()).unwrap();
    let (name, value) = payload(&decoded.text).unwrap();
    assert_eq!((name.as_str(), serde_json::from_value(value).ok()), ("evidence", Some(evidence)));
}

#[tokio::test]
async fn the_end_of_an_incident_closes_its_item_and_is_tried_until_it_does() {
    let mut stage = Stage::opened().await;
    let resolution = Resolution { cause: "a pool".into(), by: None, verified: true };
    stage.tracker.held.lock().unwrap().failing_closings = 3;
    stage.owe([Entry { body: Body::Resolution(resolution), ..comment(2) }, comment(3)]).await;
    stage.drive().await;
    assert_eq!(stage.tracker.held.lock().unwrap().closed, 1);
    assert_eq!(stage.tracker.texts().len(), 2, "it is written once");
    assert_eq!(stage.stage_of(comment(2).id).word(), "written");
}

#[tokio::test]
async fn what_a_person_gave_up_is_not_written() {
    let stage = Stage::opened().await;
    stage.owe([comment(2), comment(3)]).await;
    let stage_of = DeliveryStage::Dropped { why: "a duplicate".to_owned() };
    let delivery =
        Delivery { entry: comment(2).id, tracker: "scripted".to_owned(), stage: stage_of };
    let (mut outbox, _stages) = stage.outbox();
    outbox.take().await.unwrap();
    let record = Record::Delivery { delivery, at: stage.clock.now() };
    stage.journal.append(vec![record]).await.unwrap();
    outbox.drive().await;
    assert_eq!(stage.tracker.texts(), [written(&comment(3))]);
    assert!(stage.journal.unpaid().unwrap().is_empty());
}

#[tokio::test]
async fn an_opening_that_a_person_gave_up_is_not_owed_again_by_what_comes_later() {
    let mut stage = Stage::set();
    stage.tracker.plan([Fate::Rejected]);
    stage.owe([alert()]).await;
    stage.drive().await;
    for given_up in [false, true] {
        if given_up {
            let stage_of = DeliveryStage::Dropped { why: "not there".to_owned() };
            let tracker = "scripted".to_owned();
            let delivery = Delivery { entry: alert().id, tracker, stage: stage_of };
            let record = Record::Delivery { delivery, at: stage.clock.now() };
            stage.journal.append(vec![record]).await.unwrap();
        }
        let before = stage.stage_of(alert().id);
        stage.owe([comment(if given_up { 3 } else { 2 })]).await;
        let (mut outbox, _stages) = stage.outbox();
        outbox.take().await.unwrap();
        outbox.begin_and_end_some().await;
        assert_eq!(stage.stage_of(alert().id), before);
        assert_eq!(stage.tracker.items(), 0);
    }
}

#[tokio::test]
async fn a_hub_that_ends_in_the_middle_of_a_write_does_not_write_again() {
    let mut stage = Stage::opened().await;
    stage.tracker.plan([Fate::Silent]);
    stage.owe([comment(2), comment(3)]).await;
    let (mut outbox, _stages) = stage.outbox();
    outbox.take().await.unwrap();
    outbox.begin();
    while stage.tracker.texts().is_empty() {
        tokio::task::yield_now().await;
    }
    drop(outbox);
    assert_eq!(stage.stage_of(comment(2).id).word(), "sending");
    stage.drive().await;
    assert_eq!(stage.told_of(comment(2).id), ["settling", "written"]);
    assert_eq!(stage.tracker.texts(), both());
}

#[tokio::test]
async fn what_is_owed_to_a_tracker_that_is_not_configured_stays_owed() {
    let mut stage = Stage::opened().await;
    let record = Record::owed(comment(2), &["jira".to_owned()]);
    stage.journal.append(vec![record]).await.unwrap();
    stage.drive().await;
    let owed = stage.journal.owed().unwrap();
    assert_eq!(owed.len(), 1);
    assert_eq!(owed[0].delivery.tracker, "jira");
}

/// An upgrade between the write and the reading back, after which entries are written in other words.
#[tokio::test]
async fn what_an_earlier_version_sent_is_known_by_what_it_sent() {
    let mut stage = Stage::opened().await;
    stage.owe([comment(2), comment(3)]).await;
    let earlier = written(&comment(2)).replace("finding 2", "finding 2, as it used to be written");
    let text = Some(Posted { part: Part::new(1, 1).unwrap(), version: version(&earlier) });
    stage.record(comment(2).id, DeliveryStage::Sending { text }).await;
    stage.tracker.squat("1", &earlier, "7");
    stage.drive().await;
    assert_eq!(stage.tracker.texts(), [earlier, written(&comment(3))]);
    assert_eq!(stage.stage_of(comment(2).id).word(), "written");
}
