//! What only the list of items tells, and what it opens.

use std::collections::BTreeSet;
use std::time::Duration;

use super::board::{Board, account, now, person};
use super::stage::Stage;
use crate::incident::{Kind, Untrusted};
use crate::settings::Clock;
use crate::trackers::AccountKind;

#[tokio::test]
async fn a_status_that_only_the_list_tells_is_told_once_however_often_the_hub_starts() {
    let mut stage = Stage::set().await;
    stage.board().post("1", &person("9", "grace"), "on it");
    stage.read().await;
    stage.board().close_silently("1");
    stage.read().await;
    let told: BTreeSet<String> = stage.comments().into_iter().collect();
    assert_eq!(told.len(), 2, "{told:?}");
    for _ in 0..2 {
        stage.clock.advance(Duration::from_mins(10));
        stage = stage.restart().await;
        stage.board().post("1", &person("9", "grace"), "on it");
        stage.read_all().await;
        let again = stage.comments().into_iter().filter(|text| text.contains("closed there now"));
        assert_eq!(again.count(), 1);
    }
    assert!(stage.entries(Kind::Correction).is_empty(), "it was never an entry of the item");
}

/// A stage where what is opened on the pager is an alert, and what was opened there `before` it is read.
async fn with_pager(before: impl FnOnce(&Board, &Clock)) -> Stage {
    let clock = Clock::held_at(now());
    let (board, pager) = (Board::new("board", &clock), Board::new("pager", &clock));
    before(&pager, &clock);
    let mut stage = Stage::on(clock, vec![board, pager]).await;
    stage.read().await;
    stage
}

/// What the alerts that somebody opened in a tracker say.
fn alerts(stage: &Stage) -> Vec<Untrusted> {
    let opened =
        stage.entries(Kind::Alert).into_iter().filter(|entry| entry.incident != stage.incident);
    opened.map(|entry| entry.text).collect()
}

#[tokio::test]
async fn an_item_that_another_hub_opened_opens_nothing_here() {
    let mut stage = with_pager(|_, _| {}).await;
    let marked = "97 %\n\n[wheelhouse 1 01KAGX5T0A7Q8Z01KAGX5T0A7Q alert system:grafana]";
    stage.boards[1].open_as(account("8", "their hub", AccountKind::Bot), "disk full", marked);
    stage.boards[1].open_as(person("9", "grace"), "disk full", marked);
    stage.read().await;
    assert!(alerts(&stage).is_empty(), "{:?}", alerts(&stage));
}

#[tokio::test]
async fn what_was_open_long_before_a_tracker_was_first_read_is_no_alert() {
    let grace = person("9", "grace");
    let stage = with_pager(|pager, clock| {
        pager.open_as(grace.clone(), "a wish of last year", "could it be blue?");
        clock.advance(Duration::from_hours(2));
        pager.open_as(grace.clone(), "disk full", "97 %");
        clock.advance(Duration::from_mins(30));
    })
    .await;
    assert_eq!(alerts(&stage), ["97 %".into()]);
    let mut stage = stage.restart().await;
    stage.clock.advance(Duration::from_hours(2));
    stage.boards[1].open_as(grace.clone(), "disk full again", "98 %");
    stage.clock.advance(Duration::from_hours(2));
    stage = stage.restart().await;
    stage.read().await;
    assert_eq!(alerts(&stage), ["97 %".into(), "98 %".into()], "it came while nobody read");
}

#[tokio::test]
async fn where_the_settings_choose_the_alerts_old_ones_count_too() {
    let clock = Clock::held_at(now());
    let (board, mut pager) = (Board::new("board", &clock), Board::new("pager", &clock));
    pager.chosen = true;
    pager.open_as(person("9", "grace"), "disk full since yesterday", "97 %");
    clock.advance(Duration::from_hours(24));
    let mut stage = Stage::on(clock, vec![board, pager]).await;
    stage.read().await;
    assert_eq!(alerts(&stage), ["97 %".into()]);
}
