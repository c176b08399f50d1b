//! What people keep by hand in a tracker that is only read joins the incident that it names.

use super::board::{Board, now, person};
use super::stage::{Stage, is_comment_by};
use crate::incident::{Kind, Risk};
use crate::settings::Clock;
use crate::trackers::{Account, ItemId};

/// Somebody whom the settings name, and who may not decide.
fn linus() -> Account {
    person("3", "linus")
}

/// A stage with a second tracker that is only read, in which somebody keeps an item with these words.
async fn kept(title: &str, text: &str) -> (Stage, ItemId) {
    let clock = Clock::held_at(now());
    let tickets = Board::new("tickets", &clock);
    let item = tickets.open_as(linus(), title, text);
    let mut stage = Stage::on(clock.clone(), vec![Board::new("board", &clock), tickets]).await;
    stage.read().await;
    (stage, item)
}

#[tokio::test]
async fn an_item_that_names_an_item_of_an_incident_joins_it() {
    let (mut stage, item) = kept("Checkout fails", "see https://board.test/1 for more").await;
    let joined = stage.journal.item(stage.incident, "tickets").unwrap();
    assert_eq!(joined.as_deref(), Some(item.as_str()));
    stage.boards[1].post(item.as_str(), &linus(), "the bank called");
    stage.read().await;
    let told = stage.entries(Kind::Comment);
    assert!(told.iter().all(|entry| is_comment_by(entry, "human:linus")), "{told:#?}");
    let words: Vec<&str> = told.iter().map(|entry| entry.text.for_storage()).collect();
    assert_eq!(words, ["Checkout fails\n\nsee https://board.test/1 for more", "the bank called"]);
    stage.deliver().await;
    assert_eq!(
        stage.boards[1].texts(item.as_str()),
        ["the bank called"],
        "nothing is written there"
    );
    assert!(stage.board().texts("1").iter().any(|text| text.contains("https://tickets.test/")));
    stage.read_all().await;
    let mut stage = stage.restart().await;
    stage.read_all().await;
    assert_eq!(stage.entries(Kind::Comment).len(), 2, "and each once");
}

#[tokio::test]
async fn an_item_that_names_another_or_none_stays_out() {
    for text in ["see https://board.test/12", "see board.test/1", "see https://tickets.test/1"] {
        let (stage, _) = kept("Checkout fails", text).await;
        assert_eq!(stage.journal.item(stage.incident, "tickets").unwrap(), None, "{text}");
        assert!(stage.entries(Kind::Comment).is_empty(), "{text}");
    }
}

#[tokio::test]
async fn an_item_of_a_stranger_stays_out() {
    let clock = Clock::held_at(now());
    let tickets = Board::new("tickets", &clock);
    let text = "see https://board.test/1";
    tickets.open_as(person("9", "stranger"), "Checkout fails", text);
    let mut stage = Stage::on(clock.clone(), vec![Board::new("board", &clock), tickets]).await;
    stage.read().await;
    assert_eq!(stage.journal.item(stage.incident, "tickets").unwrap(), None);
    stage.boards[1].open_as(linus(), "Checkout fails", text);
    stage.read().await;
    assert!(stage.journal.item(stage.incident, "tickets").unwrap().is_some(), "nor takes a place");
}

#[tokio::test]
async fn an_item_waits_until_the_one_that_it_names_is_known() {
    let (mut stage, _) = kept("Checkout fails", "see https://board.test/2").await;
    let incident = stage.another_incident().await;
    assert_eq!(stage.journal.item(incident, "tickets").unwrap(), None);
    stage.read().await;
    assert!(stage.journal.item(incident, "tickets").unwrap().is_some());
}

#[tokio::test]
async fn an_item_decides_nothing_by_what_it_is_called() {
    let clock = Clock::held_at(now());
    let tickets = Board::new("tickets", &clock);
    let mut stage = Stage::on(clock.clone(), vec![Board::new("board", &clock), tickets]).await;
    let (asked, _) = stage.propose(Risk::Medium).await;
    stage.deliver().await;
    let title = format!("/approve {asked}");
    stage.boards[1].open_as(person("1", "Ada L."), &title, "see https://board.test/1");
    stage.read().await;
    stage.read().await;
    assert!(stage.journal.item(stage.incident, "tickets").unwrap().is_some());
    assert!(stage.state(asked).await.is_open());
}
