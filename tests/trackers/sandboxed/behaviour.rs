//! What every connector does when nothing goes wrong.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::SignedDuration;

use wheelhouse::incident::decode;
use wheelhouse::sandbox::lookalikes::{Fault, Vendor};
use wheelhouse::settings::Visibility;
use wheelhouse::trackers::{AccountKind, Cursor, ItemStatus, Native, NativeKind};

use super::stage::{Stage, VENDORS, trailer};

fn texts(found: &[Native]) -> Vec<&str> {
    let texts = found.iter().filter(|native| native.kind == NativeKind::Text);
    texts.map(|native| native.text.for_storage().trim_end()).collect()
}

#[tokio::test]
async fn what_is_written_is_found_under_our_own_account_and_says_what_was_sent() {
    for vendor in VENDORS {
        let stage = Stage::of(vendor).await;
        let own = stage.tracker.probe().await.unwrap().account;
        let item = stage.item().await;
        let sent = stage.write(&item, 1, "cause: pool\nsize: 2\n\n```json\n{\"a\":1}\n```").await;
        let found = stage.tracker.find(&item, &trailer(1).to_string()).await.unwrap();
        assert_eq!(texts(&found), [sent.as_str()], "{vendor}");
        assert_eq!(found[0].author.id, own.id, "{vendor}");
        assert_eq!(found[0].created, stage.clock.now(), "{vendor}");
        assert_eq!(decode(&found[0].text).unwrap().trailer, trailer(1));
        assert!(stage.tracker.find(&item, &trailer(2).to_string()).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn an_item_is_opened_by_us_and_found_by_what_was_written_into_it() {
    for vendor in VENDORS {
        let stage = Stage::of(vendor).await;
        let own = stage.tracker.probe().await.unwrap().account;
        let item = stage.item().await;
        let found = stage.tracker.find_item(&stage.new_item(0)).await.unwrap();
        assert_eq!(found.len(), 1, "{vendor}");
        assert_eq!((&found[0].id, &found[0].author.id), (&item, &own.id), "{vendor}");
        assert_eq!(found[0].text.for_storage(), stage.entry(0, "error rate 21 %"), "{vendor}");
        assert_eq!(found[0].status, ItemStatus::Open);
        assert!(
            stage
                .read(&item, &Cursor::default())
                .await
                .0
                .iter()
                .all(|native| { native.kind != NativeKind::Text })
        );
    }
}

#[tokio::test]
async fn everything_is_read_to_the_end_and_later_only_what_is_new() {
    for vendor in VENDORS {
        let stage = Stage::of(vendor).await;
        let item = stage.item().await;
        for number in 0..230 {
            let said = ("on-call", format!("note {number}"));
            let name = stage.name();
            stage.sandbox.comment(vendor, &name, (said.0, &said.1)).await.unwrap();
            stage.clock.advance(Duration::from_secs(7));
        }
        let (all, from) = stage.read(&item, &Cursor::default()).await;
        let distinct: BTreeSet<&str> = texts(&all).into_iter().collect();
        assert_eq!(distinct.len(), 230, "{vendor}");
        stage.clock.advance(Duration::from_mins(10));
        let name = stage.name();
        stage.sandbox.comment(vendor, &name, ("on-call", "new")).await.unwrap();
        let (later, _) = stage.read(&item, &from).await;
        assert!(texts(&later).contains(&"new"), "{vendor}");
        assert!(later.len() < 100, "{vendor}: {} were read again", later.len());
    }
}

#[tokio::test]
async fn an_item_that_changed_is_listed_again() {
    for vendor in VENDORS {
        let stage = Stage::of(vendor).await;
        let (first, second) = (stage.item_of(0).await, stage.item_of(90).await);
        stage.clock.advance(Duration::from_hours(1));
        let (all, from) = stage.items(&Cursor::default()).await;
        let ids: BTreeSet<_> = all.iter().map(|item| item.id.clone()).collect();
        assert_eq!(ids, BTreeSet::from([first.clone(), second.clone()]), "{vendor}");
        stage.clock.advance(Duration::from_hours(1));
        stage.write(&first, 1, "still failing").await;
        let (later, _) = stage.items(&from).await;
        let ids: BTreeSet<_> = later.iter().map(|item| item.id.clone()).collect();
        assert!(ids.contains(&first), "{vendor}");
        // Those that ask for what is as young as the youngest get that one again.
        let overlaps = [Vendor::Github, Vendor::Servicenow].contains(&vendor);
        assert!(!ids.contains(&second) || overlaps, "{vendor}");
    }
}

#[tokio::test]
async fn people_are_told_from_bots_where_the_tracker_tells() {
    for vendor in VENDORS {
        let stage = Stage::of(vendor).await;
        let item = stage.item().await;
        stage.write(&item, 1, "found it").await;
        let name = stage.name();
        stage.sandbox.comment(vendor, &name, ("commander", "/approve it")).await.unwrap();
        let (found, _) = stage.read(&item, &Cursor::default()).await;
        let kind = |says: &str| {
            let native = found.iter().find(|native| native.text.for_storage().contains(says));
            native.unwrap().author.kind
        };
        let expected = (AccountKind::Bot, AccountKind::Human);
        assert_eq!((kind("found it"), kind("/approve it")), expected, "{vendor}");
    }
}

#[tokio::test]
async fn what_is_written_is_for_the_team_unless_the_settings_say_otherwise() {
    for vendor in VENDORS {
        let stage = Stage::of(vendor).await;
        let item = stage.item().await;
        stage.write(&item, 1, "found it").await;
        // A repository is private as a whole, or not at all.
        let is_internal = stage.sandbox.items(vendor)[0].notes[0].is_internal;
        assert!(is_internal || vendor == Vendor::Github, "{vendor}");
        let (found, _) = stage.read(&item, &Cursor::default()).await;
        let told = found.iter().find(|native| native.kind == NativeKind::Text).unwrap();
        assert_eq!(told.visibility, Visibility::Internal, "{vendor}");
    }
    for vendor in [Vendor::Servicenow, Vendor::Jira] {
        let stage = Stage::seen_by(vendor, Visibility::Public, "wheelhouse").await;
        let item = stage.item().await;
        stage.write(&item, 1, "found it").await;
        assert!(!stage.sandbox.items(vendor)[0].notes[0].is_internal, "{vendor}");
        let traps = stage.tracker.probe().await.unwrap().traps;
        assert!(traps.iter().any(|trap| trap.what.contains("can read")), "{traps:?}");
    }
}

#[tokio::test]
async fn an_item_is_closed_once_however_often_it_is_asked() {
    for vendor in VENDORS {
        let stage = Stage::of(vendor).await;
        let item = stage.item().await;
        for _ in 0..2 {
            stage.tracker.set_status(&item, ItemStatus::Closed).await.unwrap();
        }
        let (items, _) = stage.items(&Cursor::default()).await;
        assert_eq!(items[0].status, ItemStatus::Closed, "{vendor}");
        let (found, _) = stage.read(&item, &Cursor::default()).await;
        let closings = found.iter().filter(|it| it.kind == NativeKind::Status(ItemStatus::Closed));
        assert_eq!(closings.count(), 1, "{vendor}");
    }
}

#[tokio::test]
async fn what_is_edited_or_removed_over_there_shows_in_the_next_full_reading() {
    for vendor in VENDORS {
        let stage = Stage::of(vendor).await;
        let item = stage.item().await;
        let name = stage.name();
        let say = async |text| stage.sandbox.comment(vendor, &name, ("on-call", text)).await;
        let (first, second) = (say("first").await.unwrap(), say("second").await.unwrap());
        stage.clock.advance(Duration::from_mins(1));
        stage.sandbox.edit(first, ("commander", "not what was said")).await.unwrap();
        stage.sandbox.remove(second, "commander").await.unwrap();
        let (found, _) = stage.read(&item, &Cursor::default()).await;
        assert_eq!(texts(&found), ["not what was said"], "{vendor}");
        let told = found.iter().find(|it| it.kind == NativeKind::Text).unwrap();
        let is_told = vendor != Vendor::Servicenow;
        assert_eq!(told.updated.is_some(), is_told, "{vendor}");
    }
}

#[tokio::test]
async fn the_trackers_clock_is_compared_with_ours() {
    for vendor in VENDORS {
        let stage = Stage::of(vendor).await;
        stage.sandbox.fault(vendor, Fault::Skew(SignedDuration::from_secs(-90)).into());
        let probe = stage.tracker.probe().await.unwrap();
        assert_eq!(probe.skew, Some(SignedDuration::from_secs(-90)), "{vendor}");
        assert!(probe.is_sandbox, "{vendor} says that nothing in it is real");
    }
}
