//! What stands under the account of our token: what we wrote ourselves is known by that, not by the account.

use std::collections::BTreeSet;
use std::time::Duration;

use super::board::{Board, OWN, account, now, person};
use super::stage::Stage;
use crate::hub::delivery::version;
use crate::incident::{Body, Kind, Part, Resolution, Untrusted};
use crate::journal::Record;
use crate::settings::Clock;
use crate::trackers::{Account, AccountKind};
use crate::wire::{Command, Delivery, DeliveryStage, Draft, Posted, Reply};

fn own() -> Account {
    account(OWN, "wheelhouse", AccountKind::Bot)
}

/// Says that the incident is over, which closes its items.
async fn resolved(stage: &mut Stage) {
    let draft = Draft {
        incident: stage.incident,
        body: Body::Resolution(Resolution { cause: "the pool".into(), by: None, verified: false }),
        text: "it is over".into(),
        refs: Vec::new(),
        key: None,
    };
    stage.agent.ask(Command::Post { draft }).await.unwrap();
    stage.deliver().await;
}

#[tokio::test]
async fn what_somebody_does_by_hand_under_our_account_is_told_and_what_we_did_is_not() {
    let mut stage = Stage::set().await;
    stage.board().post("1", &own(), "typed by hand");
    stage.board().close_as("1", &own());
    stage.read().await;
    assert_eq!(stage.comments().len(), 2, "{:?}", stage.comments());
    stage.clock.advance(Duration::from_mins(10));
    resolved(&mut stage).await;
    stage.read_all().await;
    assert_eq!(stage.comments().len(), 2, "the delivery closed it: {:?}", stage.comments());
    stage.clock.advance(Duration::from_mins(10));
    stage.board().close_as("1", &own());
    stage.read().await;
    assert_eq!(stage.comments().len(), 3, "{:?}", stage.comments());
    let mut stage = stage.restart().await;
    stage.read_all().await;
    assert_eq!(stage.comments().len(), 3, "{:?}", stage.comments());
}

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

#[tokio::test]
async fn a_suggestion_whose_state_changes_is_shown_again() {
    let mut stage = Stage::set().await;
    let agent = account("8", "triage", AccountKind::Bot);
    let remote = stage.board().suggest("1", &agent, "suggests to add label sev1 (pending)");
    stage.read().await;
    assert_eq!(stage.comments().len(), 1);
    stage.board().edit(&remote, "suggests to add label sev1 (accepted)");
    stage.read().await;
    stage.read_all().await;
    let told = stage.entries(Kind::Correction);
    assert_eq!(told.len(), 1);
    assert!(told[0].text.for_storage().ends_with("(accepted)"), "{:?}", told[0].text);
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
    stage.boards[1].open_as(own(), "disk full", "typed by hand under our account");
    stage.read().await;
    assert_eq!(alerts(&stage), ["typed by hand under our account".into()]);
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

/// An upgrade between the write and its first reading, after which entries are written in other words.
#[tokio::test]
async fn what_an_earlier_version_of_ours_sent_is_ours_before_the_delivery_says_so() {
    let mut stage = Stage::set().await;
    let draft = Draft {
        incident: stage.incident,
        body: Body::Comment,
        text: "found it".into(),
        refs: Vec::new(),
        key: None,
    };
    let Ok(Reply::Recorded { entry }) = stage.agent.ask(Command::Post { draft }).await else {
        panic!()
    };
    let earlier = format!(
        "found it, as it was written then\n\n[wheelhouse 1 {entry} comment agent:primary@test]"
    );
    let text = Some(Posted { part: Part::new(1, 1).unwrap(), version: version(&earlier) });
    let delivery =
        Delivery { entry, tracker: "board".to_owned(), stage: DeliveryStage::Sending { text } };
    let record = Record::Delivery { delivery, at: stage.clock.now() };
    stage.journal.append(vec![record]).await.unwrap();
    stage.board().post("1", &own(), &earlier);
    stage.read().await;
    assert_eq!(stage.comments(), ["found it"]);
    assert_eq!(stage.journal.entry(entry).unwrap().unwrap().origins.len(), 1);
}
