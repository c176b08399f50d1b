//! What people do while a step is under way, and what they are asked when a tracker cannot tell.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::scripted::{Fate, SETTLE, Stage, alert, comment, written};
use crate::hub::delivery::Outbox;
use crate::trackers::TrackerError;
use crate::wire::DeliveryStage;

fn again() -> DeliveryStage {
    DeliveryStage::Owed { retry_at: None, why: None }
}

fn given_up() -> DeliveryStage {
    DeliveryStage::Dropped { why: "a duplicate".to_owned() }
}

/// A stage on which a write of comment 2 with this fate waits for what comes meanwhile.
async fn under_way(fate: Fate) -> (Stage, Outbox, Arc<Notify>) {
    let stage = Stage::opened().await;
    let gate = Arc::new(Notify::new());
    stage.tracker.held.lock().unwrap().gate = Some(Arc::clone(&gate));
    stage.tracker.plan([fate]);
    stage.owe([comment(2)]).await;
    let (mut outbox, _stages) = stage.outbox();
    outbox.take().await.unwrap();
    outbox.begin();
    while stage.tracker.held.lock().unwrap().writes < 2 {
        tokio::task::yield_now().await;
    }
    (stage, outbox, gate)
}

fn open(stage: &Stage, gate: &Notify) {
    stage.tracker.held.lock().unwrap().gate = None;
    gate.notify_one();
}

#[tokio::test]
async fn what_is_given_up_while_it_is_sent_is_not_sent_again() {
    for fate in [Fate::Down, Fate::Throttled(Duration::from_secs(9)), Fate::LostBefore] {
        let (stage, mut outbox, gate) = under_way(fate).await;
        stage.record(comment(2).id, given_up()).await;
        open(&stage, &gate);
        outbox.drive().await;
        assert_eq!(stage.stages_of(comment(2).id), ["owed", "sending", "dropped"], "{fate:?}");
        assert!(stage.tracker.texts().is_empty(), "{fate:?}");
    }
}

#[tokio::test]
async fn what_arrives_although_it_was_given_up_is_told() {
    let (stage, mut outbox, gate) = under_way(Fate::Stored).await;
    stage.record(comment(2).id, given_up()).await;
    open(&stage, &gate);
    outbox.drive().await;
    let stages = stage.stages_of(comment(2).id);
    assert_eq!(stages, ["owed", "sending", "dropped", "written"]);
}

#[tokio::test]
async fn what_is_wanted_again_while_it_may_arrive_is_looked_for_first() {
    for fate in [Fate::LostAfter, Fate::Late(SETTLE / 2)] {
        let (stage, mut outbox, gate) = under_way(fate).await;
        stage.record(comment(2).id, given_up()).await;
        open(&stage, &gate);
        outbox.drive().await;
        stage.record(comment(2).id, again()).await;
        outbox.drive().await;
        assert_eq!(stage.stage_of(comment(2).id).word(), "written", "{fate:?}");
        stage.clock.advance(10 * SETTLE);
        assert_eq!(stage.tracker.texts(), [written(&comment(2))], "{fate:?}");
    }
}

#[tokio::test]
async fn what_is_tried_again_before_its_step_has_ended_is_delivered() {
    let (stage, mut outbox, gate) = under_way(Fate::Rejected).await;
    open(&stage, &gate);
    while stage.stage_of(comment(2).id).word() != "parked" {
        tokio::task::yield_now().await;
    }
    stage.record(comment(2).id, again()).await;
    // It is known still: this reading passes it over.
    outbox.take().await.unwrap();
    outbox.drive().await;
    assert_eq!(stage.tracker.texts(), [written(&comment(2))]);
}

#[tokio::test]
async fn an_outcome_that_nobody_may_read_is_parked_and_looked_for_when_it_is_tried_again() {
    let why = "no right".to_owned();
    let what = "item".to_owned();
    for error in [TrackerError::Unauthorized { why }, TrackerError::NotFound { what }] {
        let mut stage = Stage::opened().await;
        stage.tracker.plan([Fate::LostAfter]);
        stage.tracker.held.lock().unwrap().unreadable = Some(error.clone());
        let began = stage.clock.now();
        stage.owe([comment(2), comment(3)]).await;
        stage.drive().await;
        let DeliveryStage::Parked { why } = stage.stage_of(comment(2).id) else { panic!() };
        assert!(why.contains("may have arrived") && why.contains(&error.to_string()), "{why}");
        assert!(stage.clock.now().duration_since(began) >= SETTLE.try_into().unwrap());
        assert_eq!(stage.stage_of(comment(3).id).word(), "written", "it holds up nobody");
        stage.tracker.held.lock().unwrap().unreadable = None;
        stage.record(comment(2).id, again()).await;
        stage.drive().await;
        assert_eq!(stage.stage_of(comment(2).id).word(), "written");
        assert_eq!(stage.tracker.texts(), [written(&comment(2)), written(&comment(3))]);
    }
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_believed_only_if_it_stays() {
    let mut stage = Stage::opened().await;
    stage.tracker.plan([Fate::Senseless; 20]);
    stage.owe([comment(2)]).await;
    stage.drive().await;
    assert_eq!(stage.tracker.texts(), [written(&comment(2))]);
    stage.tracker.plan([Fate::Senseless; 30]);
    stage.owe([comment(3)]).await;
    stage.drive().await;
    assert_eq!(stage.stage_of(comment(3).id).word(), "parked");
}

#[tokio::test]
async fn an_opening_that_could_not_be_recorded_is_owed_when_it_can() {
    let stage = Stage::set();
    stage.journal.append(vec![crate::journal::Record::entry(alert())]).await.unwrap();
    stage.owe([comment(2)]).await;
    let file = std::fs::read_dir(stage.dir.path()).unwrap().map(|it| it.unwrap().path());
    let file = file.into_iter().find(|path| path.extension().is_some_and(|it| it == "sqlite3"));
    let other = rusqlite::Connection::open(file.unwrap()).unwrap();
    let sql = format!(
        "CREATE TRIGGER broken BEFORE INSERT ON delivery WHEN new.entry = '{}' \
         BEGIN SELECT RAISE(ABORT, 'broken'); END",
        alert().id
    );
    other.execute_batch(&sql).unwrap();
    let (mut outbox, _stages) = stage.outbox();
    outbox.take().await.unwrap_err();
    other.execute_batch("DROP TRIGGER broken").unwrap();
    outbox.drive().await;
    assert_eq!((stage.tracker.items(), stage.tracker.texts()), (1, vec![written(&comment(2))]));
}

#[tokio::test]
async fn what_was_written_under_another_account_of_ours_is_known_after_the_secret_changed() {
    let (stage, mut outbox, gate) = under_way(Fate::LostAfter).await;
    stage.owe([comment(3)]).await;
    open(&stage, &gate);
    while stage.tracker.texts().is_empty() {
        outbox.begin_and_end_some().await;
    }
    stage.tracker.held.lock().unwrap().logins = 1;
    stage.tracker.plan([Fate::Accepted]);
    outbox.drive().await;
    assert_eq!(stage.tracker.texts(), [written(&comment(2)), written(&comment(3))]);
    assert_eq!(stage.stage_of(comment(3).id).word(), "written", "and so is what is written now");
}
