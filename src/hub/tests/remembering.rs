//! What a hub remembers, and what it tells those who ask.

use super::house::{House, alert};
use crate::incident::{Answer, Body, IncidentStatus, Query, Risk, Status};
use crate::wire::{Command, Draft, Reply};

#[tokio::test]
async fn the_same_key_is_the_same_entry() {
    let house = House::open().await;
    let draft = || Draft {
        incident: house.incident,
        body: Body::Comment,
        text: "looking".into(),
        refs: Vec::new(),
        key: Some("once".to_owned()),
    };
    let first = house.agent.ask(Command::Post { draft: draft() }).await.unwrap();
    let second = house.agent.ask(Command::Post { draft: draft() }).await.unwrap();
    assert_eq!(first, second);
}

#[tokio::test]
async fn people_and_agents_find_the_same_through_the_same_query() {
    let house = House::open().await;
    let asked = house.propose(Risk::Medium).await;
    let answer = Answer::Deny { reason: "the replica lags".into() };
    House::decide(&house.ada, asked, answer).await.unwrap();
    let query = Query { text: "replica lags".to_owned(), ..Query::default() };
    let search = || Command::Search { query: query.clone() };
    let by_person = house.ada.ask(search()).await.unwrap();
    let by_agent = house.agent.ask(search()).await.unwrap();
    assert_eq!(by_person, by_agent);
    let Reply::Found { hits } = by_person else { panic!() };
    assert!(!hits.is_empty());
}

#[tokio::test]
async fn what_became_of_the_same_before_is_remembered_with_who_overrode_it_and_why() {
    let house = House::open().await;
    let first = house.propose(Risk::Medium).await;
    let answer = Answer::Deny { reason: "the replica lags".into() };
    House::decide(&house.ada, first, answer).await.unwrap();
    let (again, _) = house.propose(Risk::Medium).await;
    let reply = house.grace.ask(Command::LastTime { proposal: again }).await.unwrap();
    let Reply::Remembered { precedents } = reply else { panic!() };
    let [told] = precedents.as_slice() else { panic!("{precedents:?}") };
    assert_eq!((told.proposal, told.outcome.as_str()), (first.0, "denied"));
    assert_eq!(told.by, ["human:ada".parse().unwrap()]);
    assert_eq!(told.reason, Some("the replica lags".into()));
}

/// Alertmanager sends what is over after people have closed the incident: nothing new begins with that.
#[tokio::test]
async fn that_an_alert_is_over_opens_nothing() {
    let house = House::open().await;
    let closed = Status::Incident { to: IncidentStatus::Resolved };
    house.post(&house.ada, Body::Status(closed)).await.unwrap();
    let incident = house.incident;
    assert_eq!(house.alerts(alert(false)).await, Ok(Reply::Opened { incident, known: true }));
    let other = crate::incident::Alert { dedup_key: "k2".to_owned(), ..alert(false) };
    assert!(house.alerts(other).await.is_err(), "nobody here ever heard of it");
    let again = house.alerts(alert(true)).await;
    assert!(matches!(again, Ok(Reply::Opened { incident: new, known: false }) if new != incident));
}
