//! What cannot be read, is very long, or is gone altogether: everything else is read all the same.

use std::time::Duration;

use super::board::person;
use super::stage::Stage;
use crate::incident::Kind;
use crate::trackers::{Account, TrackerError};
use crate::wire::Reach;

fn grace() -> Account {
    person("9", "grace")
}

/// A stage with two items, of which the first is full of lines.
async fn two_items() -> Stage {
    let mut stage = Stage::set().await;
    stage.another_incident().await;
    for n in 0..5 {
        stage.board().post("1", &grace(), &format!("line {n}"));
    }
    for n in 0..2 {
        stage.board().post("2", &grace(), &format!("another item {n}"));
    }
    stage.read().await;
    stage
}

/// Lets time pass until everything is read from its beginning again, and says something elsewhere.
async fn later(stage: &mut Stage, said: &str) {
    stage.clock.advance(Duration::from_secs(301));
    stage.board().post("2", &grace(), said);
    stage.readers[0].turn().await;
}

#[tokio::test]
async fn an_item_that_cannot_be_read_keeps_no_other_one_from_being_read() {
    let mut stage = two_items().await;
    let refused = TrackerError::Refused { why: "it hides its journal".to_owned() };
    stage.board().held.lock().unwrap().missing = Some(("1".to_owned().into(), refused));
    later(&mut stage, "do you see it?").await;
    assert!(stage.comments().contains(&"do you see it?".to_owned()));
    let standing = stage.standings().await.pop().unwrap();
    assert!(matches!(&standing.reach, Reach::Lagging { why, .. } if why.contains("item 1")));
    stage.board().held.lock().unwrap().missing = None;
    stage.board().post("1", &grace(), "here again");
    later(&mut stage, "and now?").await;
    assert!(stage.comments().contains(&"here again".to_owned()));
    assert_eq!(stage.standings().await.pop().unwrap().reach.word(), "current");
}

#[tokio::test]
async fn an_item_on_which_the_tracker_does_not_answer_stops_the_others_once_at_most() {
    let mut stage = two_items().await;
    let silent = TrackerError::Unreachable { why: "HTTP 500".to_owned() };
    stage.board().held.lock().unwrap().missing = Some(("1".to_owned().into(), silent));
    later(&mut stage, "do you see it?").await;
    later(&mut stage, "and now?").await;
    assert!(stage.comments().contains(&"and now?".to_owned()), "{:?}", stage.comments());
}

#[tokio::test]
async fn an_item_whose_every_entry_was_removed_is_believed_once_others_show_something() {
    let mut stage = two_items().await;
    stage.board().empty("1");
    later(&mut stage, "first").await;
    assert!(stage.comments().contains(&"first".to_owned()));
    assert!(stage.entries(Kind::Correction).is_empty(), "rights could have been taken away");
    for said in ["second", "third", "fourth"] {
        later(&mut stage, said).await;
    }
    assert_eq!(stage.entries(Kind::Correction).len(), 5);
    assert_eq!(stage.standings().await.pop().unwrap().reach.word(), "current");
    stage.board().post("1", &grace(), "anybody here?");
    later(&mut stage, "yes").await;
    assert!(stage.comments().contains(&"anybody here?".to_owned()));
}

#[tokio::test]
async fn while_every_item_reads_as_empty_nothing_counts_as_removed() {
    let mut stage = two_items().await;
    stage.board().held.lock().unwrap().hides = true;
    for _ in 0..8 {
        later(&mut stage, "nobody sees this").await;
    }
    assert!(stage.entries(Kind::Correction).is_empty());
    assert_eq!(stage.standings().await.pop().unwrap().reach.word(), "lagging");
}

#[tokio::test]
async fn an_item_of_very_many_pages_is_read_to_its_end_in_several_rounds() {
    let mut stage = Stage::set().await;
    for n in 0..700 {
        stage.board().post("1", &grace(), &format!("line {n}"));
    }
    for _ in 0..4 {
        stage.readers[0].turn().await;
    }
    assert_eq!(stage.comments().len(), 700);
    stage.board().remove("650");
    for _ in 0..2 {
        stage.clock.advance(Duration::from_secs(301));
        for _ in 0..4 {
            stage.readers[0].turn().await;
        }
    }
    assert_eq!(stage.entries(Kind::Correction).len(), 1, "the end is read again, too");
    let told = stage.standings().await;
    let told = told.iter().filter(|told| told.remarks.iter().any(|it| it.contains("so long")));
    assert_eq!(told.count(), 1, "and it is said once");
}

#[tokio::test]
async fn where_reading_goes_on_is_recorded_now_and_then() {
    let mut stage = Stage::set().await;
    stage.read().await;
    let place = stage.journal.read_to("board").unwrap();
    assert!(place.is_some());
    for n in 0..5 {
        stage.clock.advance(Duration::from_secs(15));
        stage.board().post("1", &grace(), &format!("line {n}"));
        stage.read().await;
    }
    assert_eq!(stage.comments().len(), 5);
    assert_eq!(stage.journal.read_to("board").unwrap(), place);
    stage.clock.advance(Duration::from_secs(301));
    stage.read().await;
    assert_ne!(stage.journal.read_to("board").unwrap(), place);
}

#[tokio::test]
async fn a_hint_makes_a_removal_known_soon() {
    let mut stage = Stage::set().await;
    let remote = stage.board().post("1", &grace(), "do it");
    stage.board().post("1", &grace(), "another");
    stage.read().await;
    stage.clock.advance(Duration::from_mins(1));
    stage.board().remove(&remote);
    stage.board().post("1", &grace(), "it is gone");
    for _ in 0..2 {
        stage.readers[0].hurry();
        stage.read().await;
        stage.clock.advance(Duration::from_secs(31));
    }
    assert_eq!(stage.entries(Kind::Correction).len(), 1);
}

#[tokio::test]
async fn a_sandbox_under_the_name_of_a_real_tracker_is_called_one() {
    let mut stage = Stage::set().await;
    stage.board().held.lock().unwrap().is_sandbox = true;
    stage.readers[0].turn().await;
    let standing = stage.standings().await.pop().unwrap();
    assert_eq!(standing.remarks, ["it is a sandbox, nothing in it is real"]);
}
