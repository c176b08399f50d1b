//! What is too long for a tracker goes in parts, whatever happens to each of them.

use std::time::Duration;

use super::scripted::{Fate, SETTLE, Stage, alert, comment, written};
use crate::incident::{Entry, Untrusted, decode, from_pieces};

const SECOND: Duration = Duration::from_secs(1);

fn long() -> Entry {
    let lines: Vec<String> = (0..2_400).map(|n| format!("line {n}")).collect();
    Entry { text: lines.join("\n").into(), ..comment(2) }
}

/// What stands in the one item, put together again.
fn put_together(stage: &Stage) -> (Vec<String>, String) {
    let texts = stage.tracker.texts();
    let decoded = texts.iter().map(|text| decode(&text.as_str().into()).unwrap());
    let pieces: Vec<_> = decoded.filter(|it| it.trailer.id == comment(2).id).collect();
    let named = pieces.iter().map(|piece| piece.trailer.part.unwrap().to_string()).collect();
    (named, from_pieces(pieces.iter().map(|piece| piece.text.for_storage())))
}

#[tokio::test]
async fn a_text_that_is_too_long_goes_in_parts_with_one_id() {
    let mut stage = Stage::opened().await;
    stage.owe([long(), comment(3)]).await;
    stage.drive().await;
    let (named, text) = put_together(&stage);
    assert_eq!(named, ["1/3", "2/3", "3/3"]);
    assert_eq!(Untrusted::from(text), long().text);
    assert_eq!(stage.tracker.texts().last(), Some(&written(&comment(3))), "order is kept");
    assert_eq!(stage.journal.entry(comment(2).id).unwrap().unwrap().origins.len(), 3);
    assert!(stage.tracker.texts().iter().all(|text| text.chars().count() <= 10_000));
}

#[tokio::test]
async fn whatever_happens_to_a_part_every_part_stands_there_once() {
    for fate in [Fate::LostBefore, Fate::LostAfter, Fate::Late(SECOND), Fate::Down, Fate::Accepted]
    {
        for place in 0..3 {
            let mut stage = Stage::opened().await;
            stage.tracker.plan(vec![Fate::Stored; place]);
            stage.tracker.plan([fate]);
            stage.owe([long()]).await;
            stage.drive().await;
            stage.clock.advance(10 * SETTLE);
            let (named, text) = put_together(&stage);
            assert_eq!(named, ["1/3", "2/3", "3/3"], "{fate:?} of {place}");
            assert_eq!(Untrusted::from(text), long().text);
        }
    }
}

#[tokio::test]
async fn parts_go_on_where_a_hub_that_ended_left_off() {
    for written in 1..3 {
        let mut stage = Stage::opened().await;
        stage.tracker.plan(vec![Fate::Stored; written]);
        stage.tracker.plan([Fate::Silent]);
        stage.owe([long()]).await;
        let (mut outbox, _stages) = stage.outbox();
        outbox.take().await.unwrap();
        while stage.tracker.texts().len() <= written {
            outbox.begin_and_end_some().await;
        }
        drop(outbox);
        stage.drive().await;
        let (named, text) = put_together(&stage);
        assert_eq!(named, ["1/3", "2/3", "3/3"], "after {written}");
        assert_eq!(Untrusted::from(text), long().text);
    }
}

#[tokio::test]
async fn an_alert_that_is_too_long_opens_its_item_with_its_first_part() {
    let mut stage = Stage::set();
    stage.owe([Entry { text: long().text, ..alert() }, comment(2)]).await;
    stage.drive().await;
    assert_eq!((stage.tracker.items(), stage.tracker.texts().len()), (1, 3));
}
