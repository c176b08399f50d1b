//! What every connector says when something goes wrong.

use std::time::Duration;

use wheelhouse::sandbox::lookalikes::{Fault, FaultLine};
use wheelhouse::settings::Visibility;
use wheelhouse::trackers::{Appended, TrackerError};

use super::stage::{Stage, VENDORS, entering, trailer};

/// How an append ends under a fault, and how many copies stand there afterwards.
async fn under(stage: &Stage, fault: Fault) -> (Result<Appended, TrackerError>, usize) {
    let item = stage.item().await;
    stage.sandbox.fault(stage.vendor, FaultLine::of_writes(fault).times(1));
    let ended = stage.tracker.append(&item, &stage.entry(1, "found it")).await;
    let found = stage.tracker.find(&item, &trailer(1).to_string()).await;
    (ended, found.map_or(0, |found| found.len()))
}

#[tokio::test]
async fn a_broken_connection_is_an_unknown_outcome_whatever_was_done() {
    for vendor in VENDORS {
        for (fault, copies) in [
            (Fault::DropBefore, 0),
            (Fault::DropAfter, 1),
            (Fault::ErrorBefore(503), 0),
            (Fault::ErrorAfter(502), 1),
        ] {
            let stage = Stage::of(vendor).await;
            let (ended, found) = under(&stage, fault).await;
            assert!(matches!(ended, Ok(Appended::Unknown { .. })), "{vendor} {fault}: {ended:?}");
            assert_eq!(found, copies, "{vendor} {fault}");
        }
    }
}

#[tokio::test]
async fn what_comes_late_is_an_unknown_outcome_and_comes_all_the_same() {
    for vendor in VENDORS {
        let stage = Stage::of(vendor).await;
        let late = Fault::Late(Duration::from_millis(20));
        let (ended, _) = under(&stage, late).await;
        assert!(matches!(ended, Ok(Appended::Unknown { .. })), "{vendor}: {ended:?}");
        while stage.sandbox.items(vendor)[0].notes.is_empty() {
            tokio::task::yield_now().await;
        }
        let item = stage.tracker.find_item(&stage.new_item(0)).await.unwrap().remove(0).id;
        let found = stage.tracker.find(&item, &trailer(1).to_string()).await.unwrap();
        assert_eq!(found.len(), 1, "{vendor}");
    }
}

#[tokio::test]
async fn a_slow_answer_is_waited_for() {
    for vendor in VENDORS {
        let stage = Stage::of(vendor).await;
        let (ended, copies) = under(&stage, Fault::Slow(Duration::from_millis(50))).await;
        assert!(matches!(ended, Ok(Appended::Stored { .. } | Appended::Accepted)), "{ended:?}");
        assert_eq!(copies, 1, "{vendor}");
    }
}

/// 61: where a page ends, and long after.
#[tokio::test]
async fn a_copy_is_found_once_however_many_comments_stand_before_it() {
    for vendor in VENDORS {
        let stage = Stage::of(vendor).await;
        let (item, name) = (stage.item().await, stage.name());
        let mut before = 0;
        for (number, comments) in (1..).zip([99, 100, 101, 250]) {
            // Our own copies of the rounds before stand there, too.
            for _ in before..comments - (number - 1) {
                stage.sandbox.comment(vendor, &name, ("on-call", "chatter")).await.unwrap();
            }
            before = comments - (number - 1);
            stage.sandbox.fault(vendor, FaultLine::of_writes(Fault::DropAfter).times(1));
            let text = stage.entry(u128::try_from(number).unwrap(), "found it");
            let ended = stage.tracker.append(&item, &text).await;
            assert!(matches!(ended, Ok(Appended::Unknown { .. })), "{vendor}: {ended:?}");
            let id = trailer(u128::try_from(number).unwrap()).to_string();
            let found = stage.tracker.find(&item, &id).await.unwrap();
            assert_eq!(found.len(), 1, "{vendor} after {comments}");
        }
    }
}

#[tokio::test]
async fn a_limit_is_an_error_that_says_how_long_to_wait_and_nothing_was_written() {
    for vendor in VENDORS {
        let stage = Stage::of(vendor).await;
        let item = stage.item().await;
        let limit = Fault::Limit(Some(Duration::from_secs(30)));
        stage.sandbox.fault(vendor, FaultLine::of_writes(limit).times(1));
        let ended = stage.tracker.append(&item, &stage.entry(1, "found it")).await.unwrap_err();
        assert_eq!(ended.retry_after(), Some(Duration::from_secs(30)), "{vendor}");
        assert!(stage.sandbox.items(vendor)[0].notes.is_empty(), "{vendor}");
        stage.clock.advance(Duration::from_secs(30));
        stage.write(&item, 1, "found it").await;
    }
}

#[tokio::test]
async fn a_limit_without_a_time_is_waited_for_all_the_same() {
    for vendor in VENDORS {
        let stage = Stage::of(vendor).await;
        let (ended, _) = under(&stage, Fault::Limit(None)).await;
        let wait = ended.unwrap_err().retry_after().unwrap();
        assert!(wait >= Duration::from_secs(1), "{vendor}: {wait:?}");
    }
}

#[tokio::test]
async fn a_list_that_lags_shows_it_later() {
    for vendor in VENDORS {
        let stage = Stage::of(vendor).await;
        let item = stage.item().await;
        stage.write(&item, 1, "found it").await;
        let lag = Duration::from_secs(40);
        stage.sandbox.fault(vendor, FaultLine::of_reads(Fault::Lag(lag)));
        let find = async || stage.tracker.find(&item, &trailer(1).to_string()).await;
        let early = find().await;
        assert!(early.is_err() || early.unwrap().is_empty(), "{vendor}");
        stage.clock.advance(lag);
        assert_eq!(find().await.unwrap().len(), 1, "{vendor}");
    }
}

#[tokio::test]
async fn a_token_that_is_nobodys_is_told_and_never_repeated() {
    for vendor in VENDORS {
        let stage = Stage::of(vendor).await;
        let other = Stage::of(vendor).await;
        let token = stage.sandbox.token(vendor, "wheelhouse").unwrap();
        let whose = (vendor, Visibility::Internal, "wheelhouse");
        let door = (other.sandbox.base(vendor), token.as_str());
        let stranger = entering(door, &other.clock, whose).await;
        let refused = stranger.probe().await.unwrap_err();
        assert!(matches!(refused, TrackerError::Unauthorized { .. }), "{vendor}: {refused:?}");
        assert!(!format!("{refused:?} {refused}").contains(&token), "{vendor}");
        assert!(!format!("{:?}", stage.tracker).contains(&token), "{vendor}");
    }
}

#[tokio::test]
async fn what_somebody_makes_of_an_entry_at_once_is_seen_as_it_stands() {
    for vendor in VENDORS {
        for fault in [Fault::Edit, Fault::Delete] {
            let stage = Stage::of(vendor).await;
            let (ended, copies) = under(&stage, fault).await;
            let is_written = matches!(ended, Ok(Appended::Stored { .. } | Appended::Accepted));
            assert!(is_written, "{vendor} {fault}: {ended:?}");
            assert_eq!(copies, 0, "{vendor} {fault}: it says something else, or nothing");
            let notes = stage.sandbox.items(vendor)[0].notes.len();
            assert_eq!(notes, usize::from(fault == Fault::Edit), "{vendor} {fault}");
        }
    }
}
