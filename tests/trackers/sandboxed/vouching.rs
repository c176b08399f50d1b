//! How a comment came about, as each connector is told by its look-alike.

use wheelhouse::sandbox::lookalikes::{Fault, FaultLine, Vendor};
use wheelhouse::trackers::{Cursor, ItemId, Native, NativeKind, TrackerError, Vouched};

use super::stage::{Stage, VENDORS};

/// The texts of an item.
async fn texts(stage: &Stage, item: &ItemId) -> Vec<Native> {
    let (found, _) = stage.read(item, &Cursor::default()).await;
    found.into_iter().filter(|native| native.kind == NativeKind::Text).collect()
}

/// What somebody writes there, as it is read.
async fn said(stage: &Stage, item: &ItemId) -> Native {
    let name = stage.name();
    stage.sandbox.comment(stage.vendor, &name, ("on-call", "/approve x")).await.unwrap();
    texts(stage, item).await.pop().unwrap()
}

#[tokio::test]
async fn every_tracker_vouches_for_what_somebody_wrote_there() {
    for vendor in VENDORS {
        let stage = Stage::of(vendor).await;
        let item = stage.item().await;
        let said = said(&stage, &item).await;
        assert_eq!(stage.tracker.vouch(&said).await, Ok(Vouched::FirstHand), "{vendor}");
    }
}

#[tokio::test]
async fn github_tells_what_came_by_mail() {
    let stage = Stage::of(Vendor::Github).await;
    let (item, name) = (stage.item().await, stage.name());
    stage.sandbox.mail(stage.vendor, &name, ("on-call", "/approve x")).await.unwrap();
    let said = texts(&stage, &item).await.pop().unwrap();
    assert_eq!(Vouched::by(&said), Vouched::FirstHand, "a list does not tell");
    assert_eq!(stage.tracker.vouch(&said).await, Ok(Vouched::Mailed));
}

#[tokio::test]
async fn github_tells_who_edited_what_within_the_second_in_which_it_was_written() {
    let stage = Stage::of(Vendor::Github).await;
    let (item, name) = (stage.item().await, stage.name());
    let note = stage.sandbox.comment(stage.vendor, &name, ("on-call", "hm")).await.unwrap();
    stage.sandbox.edit(note, ("commander", "/approve x")).await.unwrap();
    let said = texts(&stage, &item).await.pop().unwrap();
    assert_eq!(Vouched::by(&said), Vouched::FirstHand, "a list does not tell");
    let vouched = stage.tracker.vouch(&said).await;
    assert_eq!(vouched, Ok(Vouched::Edited { by: Some("commander".into()) }));
}

#[tokio::test]
async fn github_that_cannot_be_asked_vouches_for_nothing_and_is_asked_again() {
    let stage = Stage::of(Vendor::Github).await;
    let item = stage.item().await;
    let said = said(&stage, &item).await;
    for status in [403, 500, 503] {
        // A read is tried twice.
        let line = FaultLine::of_reads(Fault::ErrorBefore(status)).times(2);
        stage.sandbox.fault(stage.vendor, line);
        assert!(stage.tracker.vouch(&said).await.is_err(), "{status}");
        stage.sandbox.mend(stage.vendor);
        assert_eq!(stage.tracker.vouch(&said).await, Ok(Vouched::FirstHand), "{status}");
    }
    stage.sandbox.fault(stage.vendor, FaultLine::of_reads(Fault::DropBefore).times(1));
    assert_eq!(stage.tracker.vouch(&said).await, Ok(Vouched::FirstHand), "it is only a read");
}

#[tokio::test]
async fn github_without_graphql_says_so_for_good() {
    let stage = Stage::of(Vendor::Github).await;
    let item = stage.item().await;
    let said = said(&stage, &item).await;
    stage.sandbox.fault(stage.vendor, FaultLine::of_reads(Fault::ErrorBefore(404)).times(1));
    let vouched = stage.tracker.vouch(&said).await;
    assert!(matches!(&vouched, Ok(Vouched::Unsaid { why }) if why.contains("GraphQL")));
    let without_id = Native { raw: serde_json::json!({}), ..said };
    let vouched = stage.tracker.vouch(&without_id).await;
    assert!(matches!(vouched, Ok(Vouched::Unsaid { .. })), "{vouched:?}");
}

#[tokio::test]
async fn github_vouches_for_nothing_that_is_not_there_any_more() {
    let stage = Stage::of(Vendor::Github).await;
    let (item, name) = (stage.item().await, stage.name());
    let note = stage.sandbox.comment(stage.vendor, &name, ("on-call", "/approve x")).await.unwrap();
    let said = texts(&stage, &item).await.pop().unwrap();
    stage.sandbox.remove(note, "on-call").await.unwrap();
    let vouched = stage.tracker.vouch(&said).await;
    assert!(matches!(vouched, Err(TrackerError::NotFound { .. })), "{vouched:?}");
}
