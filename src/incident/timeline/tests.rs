//! That the timeline is one order, whoever told of the entries and in whatever sequence.

use std::collections::BTreeSet;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::incident::{
    Body, Change, Correction, Digest, Entry, EntryId, IncidentId, Origin, Untrusted,
};

fn time(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn id(n: u128) -> EntryId {
    EntryId::from_parts(time(0), n)
}

fn entry(n: u128, at: i64) -> Entry {
    Entry {
        id: id(n),
        incident: IncidentId::from(id(0)),
        actor: "agent:primary@eu1".parse().unwrap(),
        at: time(at),
        first_seen: time(at + 1),
        body: Body::Comment,
        text: format!("entry {n}").into(),
        refs: Vec::new(),
        origins: Vec::new(),
    }
}

fn origin(tracker: &str, remote: u128, version: u8) -> Origin {
    Origin {
        tracker: tracker.to_owned(),
        item: "7".to_owned(),
        remote: remote.to_string(),
        version: Digest::of("text", &[&[version]]),
    }
}

fn ids(timeline: &Timeline) -> Vec<EntryId> {
    timeline.entries().map(|entry| entry.id).collect()
}

fn all(timeline: &Timeline) -> Vec<Entry> {
    timeline.entries().cloned().collect()
}

/// Sightings of a few entries in a few places: duplicates, edits, back-dating, and comments that
/// two hubs gave different ids.
fn sightings() -> impl Strategy<Value = Vec<Entry>> {
    let places = prop::collection::vec((0_usize..3, 0_u128..5, 0_u8..3), 0..3);
    let sighting = (0_u128..8, 0_i64..6, 0_i64..4, places, 0_u8..2).prop_map(
        |(n, at, seen, places, wording)| {
            let trackers = ["github", "jira", "local"];
            Entry {
                first_seen: time(seen),
                text: Untrusted::from(format!("wording {wording}")),
                origins: places
                    .iter()
                    .map(|&(t, remote, v)| origin(trackers[t], remote, v))
                    .collect(),
                ..entry(n, at)
            }
        },
    );
    prop::collection::vec(sighting, 0..14)
}

fn shuffled() -> impl Strategy<Value = (Vec<Entry>, Vec<Entry>, usize)> {
    sightings().prop_flat_map(|entries| {
        let len = entries.len();
        (Just(entries.clone()), Just(entries).prop_shuffle(), 0..=len)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_order_of_arrival_makes_no_difference((one, other, split) in shuffled()) {
        let bulk: Timeline = one.iter().cloned().collect();
        let mut single = Timeline::new();
        for entry in &other {
            single.insert(entry.clone());
        }
        let mut mixed = Timeline::new();
        mixed.extend(other[split..].iter().cloned());
        for entry in &other[..split] {
            mixed.insert(entry.clone());
        }
        prop_assert_eq!(all(&bulk), all(&single));
        prop_assert_eq!(all(&bulk), all(&mixed));
    }

    #[test]
    fn the_order_is_total_and_finds_everything((one, _, _) in shuffled()) {
        let timeline: Timeline = one.iter().cloned().collect();
        let rows: Vec<_> = timeline.entries().map(|entry| (entry.at, entry.id)).collect();
        prop_assert!(rows.is_sorted() && rows.windows(2).all(|pair| pair[0] != pair[1]));
        prop_assert_eq!(timeline.len(), rows.len());
        for entry in &one {
            let kept = timeline.get(entry.id).expect("every id is found");
            prop_assert!(kept.first_seen <= entry.first_seen, "what was seen first is kept");
            for origin in &entry.origins {
                prop_assert!(kept.origins.iter().any(|o| (&o.tracker, &o.remote) == (&origin.tracker, &origin.remote)));
            }
            let position = timeline.position(entry.id).expect("every entry has a position");
            prop_assert_eq!(timeline.window(position..position + 1).next(), Some(kept));
        }
    }

    #[test]
    fn telling_everything_again_changes_nothing((one, other, _) in shuffled()) {
        let mut timeline: Timeline = one.into_iter().collect();
        let (before, cursor) = (all(&timeline), timeline.cursor());
        for entry in other {
            prop_assert_eq!(timeline.insert(entry), Arrival::Known);
        }
        prop_assert_eq!(all(&timeline), before);
        prop_assert_eq!(timeline.since(cursor).count(), 0);
    }

    #[test]
    fn a_follower_is_told_everything((one, other, split) in shuffled()) {
        let mut timeline: Timeline = one[..split].iter().cloned().collect();
        let mut follower: BTreeSet<EntryId> = ids(&timeline).into_iter().collect();
        let cursor = timeline.cursor();
        timeline.extend(other);
        for told in timeline.since(cursor) {
            follower.insert(told.id);
            follower.retain(|id| !timeline.aliases(told.id).contains(id));
        }
        prop_assert_eq!(follower, ids(&timeline).into_iter().collect());
    }

    #[test]
    fn splitting_entries_over_trackers_makes_no_difference(homes in prop::collection::vec((0_usize..4, any::<bool>()), 0..40)) {
        let entries: Vec<Entry> = (1..).zip(&homes).map(|(n, _)| entry(n, i64::try_from(n % 7).unwrap())).collect();
        let mut trackers = vec![Vec::new(); 4];
        for (entry, &(home, twice)) in entries.iter().zip(&homes) {
            trackers[home].push(entry.clone());
            if twice {
                trackers[(home + 1) % 4].push(entry.clone());
            }
        }
        let merged: Timeline = trackers.into_iter().flatten().collect();
        let whole: Timeline = entries.into_iter().collect();
        prop_assert_eq!(all(&merged), all(&whole));
    }
}

#[test]
fn a_late_entry_takes_its_place_and_keeps_both_times() {
    let mut timeline = Timeline::new();
    assert_eq!(timeline.insert(entry(1, 10)), Arrival::Last);
    assert_eq!(timeline.insert(entry(2, 30)), Arrival::Last);
    let late = Entry { first_seen: time(90), ..entry(3, 20) };
    assert_eq!(timeline.insert(late), Arrival::Late(1));
    assert_eq!(ids(&timeline), [id(1), id(3), id(2)]);
    let late = timeline.get(id(3)).unwrap();
    assert_eq!((late.at, late.first_seen), (time(20), time(90)));
}

#[test]
fn entries_of_the_same_moment_stand_in_order_of_their_ids() {
    let timeline: Timeline = [entry(3, 5), entry(1, 5), entry(2, 5)].into_iter().collect();
    assert_eq!(ids(&timeline), [id(1), id(2), id(3)]);
}

/// 60: it was given up, written again, and came after all.
#[test]
fn a_copy_that_stands_twice_in_one_tracker_is_counted_and_parts_are_not() {
    let mut timeline = Timeline::default();
    for (tracker, remote, version) in
        [("github", 1, 0), ("jira", 9, 0), ("github", 2, 1), ("pager", 4, 0), ("github", 1, 0)]
    {
        let copy = Entry { origins: vec![origin(tracker, remote, version)], ..entry(1, 5) };
        timeline.insert(copy);
    }
    let doubled = |timeline: &Timeline| {
        let kept = timeline.get(entry(1, 5).id).unwrap();
        let counted = kept.doubled().into_iter();
        counted.map(|(tracker, count)| (tracker.to_owned(), count)).collect::<Vec<_>>()
    };
    assert_eq!(doubled(&timeline), [], "two parts of it, and its copies elsewhere");
    for (remote, version) in [(3, 1), (7, 0), (8, 1)] {
        let again = Entry { origins: vec![origin("github", remote, version)], ..entry(1, 5) };
        timeline.insert(again);
    }
    assert_eq!(
        doubled(&timeline),
        [("github".to_owned(), 3)],
        "by the part that stands most often"
    );
}

#[test]
fn copies_in_two_trackers_are_one_row_with_both_origins() {
    let on_github = Entry { origins: vec![origin("github", 1, 0)], ..entry(1, 5) };
    let on_jira =
        Entry { origins: vec![origin("jira", 9, 0)], first_seen: time(50), ..entry(1, 6) };
    let mut timeline = Timeline::new();
    timeline.insert(on_jira);
    assert_eq!(timeline.insert(on_github), Arrival::Copy);
    assert_eq!(timeline.len(), 1);
    let kept = timeline.get(id(1)).unwrap();
    assert_eq!(kept.origins, [origin("github", 1, 0), origin("jira", 9, 0)]);
    assert_eq!((kept.at, kept.first_seen), (time(5), time(6)));
}

#[test]
fn one_comment_under_two_ids_is_one_row_found_by_both() {
    let seen_here = Entry { origins: vec![origin("github", 1, 0)], ..entry(1, 5) };
    let seen_elsewhere =
        Entry { origins: vec![origin("github", 1, 0)], first_seen: time(60), ..entry(2, 5) };
    let timeline: Timeline = [seen_elsewhere, seen_here].into_iter().collect();
    assert_eq!(ids(&timeline), [id(1)]);
    assert_eq!(timeline.get(id(2)), timeline.get(id(1)));
    assert_eq!(timeline.position(id(2)), Some(0));
}

#[test]
fn an_entry_that_links_two_rows_makes_them_one() {
    let a = Entry { origins: vec![origin("github", 1, 0)], ..entry(1, 5) };
    let b = Entry { origins: vec![origin("jira", 2, 0)], ..entry(2, 9) };
    let both = Entry { origins: vec![origin("github", 1, 0), origin("jira", 2, 0)], ..entry(3, 7) };
    let mut timeline: Timeline = [a, b].into_iter().collect();
    assert_eq!(timeline.len(), 2);
    timeline.insert(both);
    assert_eq!(ids(&timeline), [id(1)]);
    assert_eq!(timeline.entries().count(), timeline.len());
}

#[test]
fn an_edit_upstream_is_a_new_row_and_the_first_text_stays() {
    let first = Entry { origins: vec![origin("github", 1, 0)], ..entry(1, 5) };
    let read_again = Entry {
        text: "edited".into(),
        origins: vec![origin("github", 1, 1)],
        first_seen: time(60),
        ..entry(1, 5)
    };
    let change = Change::EditedUpstream { origin: origin("github", 1, 1) };
    let correction = Entry {
        body: Body::Correction(Correction { of: id(1), change }),
        origins: vec![origin("github", 1, 1)],
        ..entry(2, 60)
    };
    let timeline: Timeline = [correction, read_again, first.clone()].into_iter().collect();
    assert_eq!(ids(&timeline), [id(1), id(2)]);
    assert_eq!(timeline.get(id(1)), Some(&first));
}

#[test]
fn places_with_confusing_names_stay_apart() {
    let at = |tracker: &str, item: &str, remote: &str| Origin {
        tracker: tracker.into(),
        item: item.into(),
        remote: remote.into(),
        version: Digest::of("text", &[]),
    };
    let one = Entry { origins: vec![at("a", "b1:", "c")], ..entry(1, 1) };
    let other = Entry { origins: vec![at("a", "b", "1:c")], ..entry(2, 2) };
    let timeline: Timeline = [one, other].into_iter().collect();
    assert_eq!(timeline.len(), 2);
}

#[test]
fn a_window_reaches_no_further_than_the_end() {
    let timeline: Timeline = (1..=5).map(|n| entry(n, i64::try_from(n).unwrap())).collect();
    let window: Vec<_> = timeline.window(3..9).map(|entry| entry.id).collect();
    assert_eq!(window, [id(4), id(5)]);
    assert_eq!(timeline.window(7..9).count(), 0);
}
