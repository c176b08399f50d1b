//! The past answers every kind of question, and no question breaks it.

use proptest::prelude::*;

use super::support::{alert, at, comment, journal, record};
use crate::incident::{ActorKind, Entry, Kind, Query};
use crate::journal::Journal;

async fn filled() -> (tempfile::TempDir, Journal) {
    let (dir, journal) = journal();
    let mut finding = comment(3, "the pool redis-3fa1 ran out of connections");
    finding.actor = "agent:primary@eu1".parse().unwrap();
    let entries = [
        alert(),
        comment(1, "Überlastung of the connection pool"),
        comment(2, "pool exhausted: redis-3fa2 is full"),
        finding,
        comment(4, "certificates are fine, connections ran out of luck"),
    ];
    record(&journal, entries).await;
    (dir, journal)
}

fn found(journal: &Journal, query: &Query) -> Vec<i64> {
    let hits = journal.history().search(query).unwrap();
    hits.iter().map(|hit| hit.entry.at.as_millisecond() - at(0).as_millisecond()).collect()
}

fn text(text: &str) -> Query {
    Query { text: text.to_owned(), ..Query::default() }
}

#[tokio::test]
async fn every_class_of_question_is_answered_newest_first() {
    let (_dir, journal) = filled().await;
    let cases: &[(&str, &[i64])] = &[
        ("pool", &[3, 2, 1]),
        ("POOL", &[3, 2, 1]),
        ("pool connections", &[3]),
        ("uberlastung", &[1]),
        ("redis-3fa1", &[3]),
        ("redis", &[]),
        ("redis-3fa*", &[3, 2]),
        ("cert*", &[4]),
        ("\"ran out of connections\"", &[3]),
        ("\"ran out\" luck", &[4]),
        ("\"ran out of con\"*", &[3]),
        ("\"unclosed phrase", &[]),
        ("\"connection pool", &[1]),
        ("checkout", &[0]),
        ("primary", &[3]),
        ("", &[4, 3, 2, 1, 0]),
        ("   ", &[4, 3, 2, 1, 0]),
        ("***", &[]),
        ("pool AND", &[]),
        ("pool NOT exhausted", &[]),
        ("text:pool", &[]),
        ("pool)", &[3, 2, 1]),
    ];
    for (question, expected) in cases {
        assert_eq!(found(&journal, &text(question)), *expected, "{question:?}");
    }
}

#[tokio::test]
async fn filters_narrow_what_words_find() {
    let (_dir, journal) = filled().await;
    let by_agents = Query { actor: Some(ActorKind::Agent), ..text("pool") };
    assert_eq!(found(&journal, &by_agents), [3]);
    let alerts = Query { kinds: vec![Kind::Alert, Kind::Verdict], ..text("") };
    assert_eq!(found(&journal, &alerts), [0]);
    let recent = Query { since: Some(at(2)), ..text("pool") };
    assert_eq!(found(&journal, &recent), [3, 2]);
    let newest = Query { limit: 1, ..text("pool") };
    assert_eq!(found(&journal, &newest), [3]);
    let elsewhere = Query { incident: Some(comment(9, "").id.into()), ..text("pool") };
    assert!(found(&journal, &elsewhere).is_empty());
}

#[tokio::test]
async fn a_hit_names_its_incident() {
    let (_dir, journal) = filled().await;
    let hits = journal.history().search(&text("certificates")).unwrap();
    assert_eq!(hits[0].incident_title.for_storage(), "checkout fails for one in five");
}

#[tokio::test]
async fn an_entry_is_found_as_soon_as_it_is_recorded() {
    let (_dir, journal) = filled().await;
    for ms in 10..200 {
        let word = format!("word{ms}");
        record(&journal, [Entry { text: word.as_str().into(), ..comment(ms, "") }]).await;
        assert_eq!(found(&journal, &text(&word)), [ms]);
    }
}

#[test]
fn no_question_fails() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (_dir, journal) = runtime.block_on(filled());
    let fragment = prop_oneof![
        Just("\"".to_owned()),
        Just("*".to_owned()),
        Just("NEAR(a b, 2)".to_owned()),
        Just(" OR ".to_owned()),
        Just("^-+:{}()[]'\\;--".to_owned()),
        Just("\0".to_owned()),
        ".{0,8}",
        any::<String>(),
    ];
    let questions = proptest::collection::vec(fragment, 0..80).prop_map(|parts| parts.concat());
    proptest!(ProptestConfig::with_cases(256), |(question in questions)| {
        let found = journal.history().search(&text(&question));
        prop_assert!(found.is_ok(), "{:?}: {:?}", question, found);
    });
}
