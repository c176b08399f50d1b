//! What only the list of items tells.

use std::collections::BTreeSet;
use std::time::Duration;

use super::board::person;
use super::stage::Stage;
use crate::incident::Kind;

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
