//! What every tracker must do, told as one story on one server.

use std::sync::Arc;

use wheelhouse::trackers::{
    Appended, Cursor, Item, ItemId, ItemStatus, Native, NativeKind, NewItem, Opened, Tracker,
    TrackerError,
};

use super::{Fate, Seen, Watch};

/// A connector on its server.
pub(crate) struct Bench {
    pub(crate) tracker: Arc<dyn Tracker>,
    /// What stands between the two; a tracker without requests has none.
    pub(crate) watch: Option<Watch>,
    /// Whether a write leaves everything alone that anybody wrote.
    pub(crate) is_harmless: fn(&Seen) -> bool,
    /// The id of an item that is not there.
    pub(crate) nowhere: &'static str,
}

/// Lets the whole contract run.
pub(crate) async fn holds(bench: &Bench) {
    let item = what_is_written_is_read_back(bench).await;
    a_status_goes_round(bench, &item).await;
    a_link_is_added_once(bench, &item).await;
    if let Some(watch) = &bench.watch {
        an_unclear_write_is_found_by_its_id(bench, watch, &item).await;
        an_unclear_opening_is_found_by_its_id(bench, watch).await;
        a_second_step_is_tried_again(bench, watch, &item).await;
        refusals_have_their_kinds(bench, watch, &item).await;
        no_request_edits_or_removes(bench, watch);
    }
}

/// A text as the hub writes it: with something that is hard to carry, and its id in the last line.
fn text(number: u32) -> String {
    format!(
        "p99 rose to 2.4 s — “käse” 🧀\n\n```json\n{{\"a\": [1, \"<b>\"]}}\n```\n\n{}",
        trailer(number)
    )
}

fn trailer(number: u32) -> String {
    format!("[wheelhouse 1 01KAGX5T0A7Q8ZJ5N3M4P{number:05} finding agent:primary@eu1]")
}

async fn opened(bench: &Bench, number: u32) -> Result<Opened, TrackerError> {
    bench.tracker.open(&new(number)).await
}

fn new(number: u32) -> NewItem {
    NewItem { title: format!("checkout 5xx ({number})"), text: text(number) }
}

async fn what_is_written_is_read_back(bench: &Bench) -> ItemId {
    let tracker = &bench.tracker;
    let own = tracker.probe().await.unwrap().account;
    assert!(!own.id.is_empty(), "an account has an id");
    let Opened::Stored { item } = opened(bench, 1).await.unwrap() else { panic!("not opened") };
    let mut remotes = Vec::new();
    for number in 2..5 {
        match tracker.append(&item, &text(number)).await.unwrap() {
            Appended::Stored { remote } => remotes.push(Some(remote)),
            Appended::Accepted => remotes.push(None),
            other => panic!("{other:?}"),
        }
    }
    let texts = texts(bench, &item).await;
    assert_eq!(texts.len(), 3, "each entry stands there once, and the item's own text is none");
    assert!(texts.is_sorted_by_key(|native| native.created), "the oldest comes first: {texts:#?}");
    for (remote, number) in remotes.iter().zip(2..) {
        // Some trackers keep no order within a second.
        let says = |native: &&Native| native.text.for_storage().contains(&trailer(number));
        let native = texts.iter().find(says).unwrap_or_else(|| panic!("{number}: {texts:#?}"));
        assert_same(native.text.for_storage(), &text(number));
        assert_eq!(native.author.id, own.id);
        assert!(remote.as_ref().is_none_or(|remote| *remote == native.remote), "{remote:?}");
        let found = tracker.find(&item, &trailer(number)).await.unwrap();
        assert_eq!(found, std::slice::from_ref(native));
    }
    let found = tracker.find_item(&new(1)).await.unwrap();
    let [found] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((&found.id, &found.author.id), (&item, &own.id));
    assert_same(found.text.for_storage(), &text(1));
    item
}

async fn a_status_goes_round(bench: &Bench, item: &ItemId) {
    for status in [ItemStatus::Closed, ItemStatus::Closed, ItemStatus::Open] {
        match bench.tracker.set_status(item, status).await {
            // Some never open again what is over, and say so.
            Err(TrackerError::Refused { .. }) if status == ItemStatus::Open => return,
            done => done.unwrap(),
        }
        assert_eq!(read_item(bench, item).await.status, status);
    }
}

async fn a_link_is_added_once(bench: &Bench, item: &ItemId) {
    if !bench.tracker.capabilities().links {
        let refused = bench.tracker.relate(item, "elsewhere", "https://partner.example/").await;
        assert!(matches!(refused, Err(TrackerError::Refused { .. })), "{refused:?}");
        return;
    }
    let url = "https://partner.example/items/7";
    for _ in 0..2 {
        bench.tracker.relate(item, "the partner's item", url).await.unwrap();
    }
    assert!(bench.tracker.find(item, url).await.unwrap().len() <= 1);
}

/// Whichever request of an append gets lost, and whichever way: reading back and sending the same again
/// ends with one copy.
async fn an_unclear_write_is_found_by_its_id(bench: &Bench, watch: &Watch, item: &ItemId) {
    let mut number = 10;
    for fate in [Fate::LoseAnswer, Fate::LoseRequest] {
        for before in 0..2 {
            number += 1;
            watch.plan(std::iter::repeat_n(None, before).chain([Some(fate)]));
            let written = bench.tracker.append(item, &text(number)).await.unwrap();
            watch.plan([]);
            let found = bench.tracker.find(item, &trailer(number)).await.unwrap();
            if found.is_empty() {
                assert!(matches!(written, Appended::Unknown { .. }), "{fate:?}: {written:?}");
                bench.tracker.append(item, &text(number)).await.unwrap();
            }
            let found = bench.tracker.find(item, &trailer(number)).await.unwrap();
            assert_eq!(found.len(), 1, "{fate:?} after {before} requests");
        }
    }
}

async fn an_unclear_opening_is_found_by_its_id(bench: &Bench, watch: &Watch) {
    let writes = || watch.seen().iter().filter(|seen| seen.is_write()).count();
    let before = writes();
    opened(bench, 20).await.unwrap();
    let last = writes() - before - 1;
    watch.plan(std::iter::repeat_n(None, last).chain([Some(Fate::LoseAnswer)]));
    let unclear = opened(bench, 21).await.unwrap();
    watch.plan([]);
    assert!(matches!(unclear, Opened::Unknown { .. }), "{unclear:?}");
    assert_eq!(bench.tracker.find_item(&new(21)).await.unwrap().len(), 1);
}

/// Where an append takes two steps, somebody else may be at the item when the second one comes.
async fn a_second_step_is_tried_again(bench: &Bench, watch: &Watch, item: &ItemId) {
    for (status, number) in [(409, 28), (412, 29)] {
        watch.plan([None, Some(Fate::Refuse(status))]);
        let written = bench.tracker.append(item, &text(number)).await.unwrap();
        watch.plan([]);
        let is_there = matches!(written, Appended::Stored { .. } | Appended::Accepted);
        assert!(is_there, "{status}: {written:?}");
        let found = bench.tracker.find(item, &trailer(number)).await.unwrap();
        assert_eq!(found.len(), 1, "{status}");
    }
}

async fn refusals_have_their_kinds(bench: &Bench, watch: &Watch, item: &ItemId) {
    let refused = async |status| {
        watch.plan([Some(Fate::Refuse(status))]);
        let written = bench.tracker.append(item, &text(30)).await;
        watch.plan([]);
        written
    };
    assert!(matches!(refused(422).await, Ok(Appended::Rejected { .. })));
    assert!(matches!(refused(413).await, Ok(Appended::Rejected { .. })));
    assert!(matches!(refused(401).await, Err(TrackerError::Unauthorized { .. })));
    assert!(matches!(refused(404).await, Err(TrackerError::NotFound { .. })));
    assert!(refused(429).await.unwrap_err().is_passing());
    assert!(refused(425).await.unwrap_err().is_passing());
    assert!(matches!(refused(408).await, Ok(Appended::Unknown { .. })), "it may have arrived");
    assert!(bench.tracker.find(item, &trailer(30)).await.unwrap().is_empty());
    let nowhere = ItemId::from(bench.nowhere.to_owned());
    let lost = bench.tracker.append(&nowhere, &text(31)).await;
    assert!(matches!(lost, Err(TrackerError::NotFound { .. })), "{lost:?}");
}

fn no_request_edits_or_removes(bench: &Bench, watch: &Watch) {
    let seen = watch.seen();
    assert!(seen.iter().any(Seen::is_write), "nothing was watched");
    for write in seen.iter().filter(|seen| seen.is_write()) {
        assert!((bench.is_harmless)(write), "this may change what somebody wrote: {write:?}");
    }
}

/// Every text of an item, read page by page.
async fn texts(bench: &Bench, item: &ItemId) -> Vec<Native> {
    let (mut texts, mut from) = (Vec::new(), Cursor::default());
    loop {
        let page = bench.tracker.entries(item, &from).await.unwrap();
        texts.extend(page.found.into_iter().filter(|native| native.kind == NativeKind::Text));
        if page.complete {
            return texts;
        }
        from = page.next;
    }
}

async fn read_item(bench: &Bench, item: &ItemId) -> Item {
    let mut from = Cursor::default();
    loop {
        let page = bench.tracker.incidents(&from).await.unwrap();
        if let Some(found) = page.found.into_iter().find(|found| found.id == *item) {
            return found;
        }
        assert!(!page.complete, "the item is not listed");
        from = page.next;
    }
}

/// A tracker may change line endings and what is blank at the end.
fn assert_same(held: &str, written: &str) {
    let lines = |text: &str| text.trim_end().lines().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(lines(held), lines(written));
}
