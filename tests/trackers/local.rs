//! The local tracker, which no request reaches.

use std::sync::Arc;

use wheelhouse::settings::Clock;
use wheelhouse::trackers::{AccountKind, LocalStore, LocalTracker};

use super::{Bench, holds};

#[tokio::test]
async fn the_contract_holds_for_the_local_tracker() {
    let dir = tempfile::tempdir().unwrap();
    let store = LocalStore::open(&dir.path().join("tracker.sqlite"), Clock::real()).unwrap();
    let account = store.admit("wheelhouse", AccountKind::Bot).unwrap();
    let tracker = Arc::new(LocalTracker::owned("local", store, account));
    holds(&Bench { tracker, watch: None, is_harmless: |_| true, nowhere: "999999" }).await;
}
