//! What others write is seen once, where it stands, and what was seen first is kept.

use std::time::Duration;

use super::board::{Board, OWN, account, now, person};
use super::stage::{Stage, is_comment_by};
use crate::hub::delivery::parts;
use crate::incident::{
    Body, Change, DecisionState, Decisions, Digest, Entry, EntryId, IncidentStatus, Kind, Origin,
    Risk, Status,
};
use crate::journal::Record;
use crate::settings::Clock;
use crate::trackers::{AccountKind, Tracker, TrackerError};
use crate::wire::{Command, Draft, FeedEvent, Reach};

/// The agent's comment, delivered.
async fn posted(stage: &mut Stage, text: &str) -> Entry {
    let draft = Draft {
        incident: stage.incident,
        body: Body::Comment,
        text: text.into(),
        refs: Vec::new(),
        key: None,
    };
    stage.agent.ask(Command::Post { draft }).await.unwrap();
    stage.deliver().await;
    stage.entries(Kind::Comment).pop().unwrap()
}

#[tokio::test]
async fn what_others_write_is_an_entry_once_with_where_and_when() {
    let mut stage = Stage::set().await;
    stage.board().post("1", &person("9", "Grace H."), "I see it in eu-1 too");
    stage.clock.advance(Duration::from_mins(1));
    for _ in 0..3 {
        stage.read().await;
    }
    let found = stage.entries(Kind::Comment);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].actor.to_string(), "human:Grace-H-9@board");
    assert_eq!(found[0].text, "I see it in eu-1 too".into());
    assert_eq!((found[0].at, found[0].first_seen), (now(), stage.clock.now()));
    assert_eq!((&*found[0].origins[0].item, &*found[0].origins[0].remote), ("1", "1"));
    assert_eq!(found[0].incident, stage.incident);
}

#[tokio::test]
async fn who_acknowledges_is_told_once_by_name_and_contradicts_nothing() {
    let mut stage = Stage::set().await;
    let asked = stage.propose(Risk::Medium).await;
    stage.deliver().await;
    stage.read().await;
    stage.clock.advance(Duration::from_mins(1));
    stage.board().move_as("1", &person("9", "Grace H."), "acknowledged");
    let before = stage.entries(Kind::Comment).len();
    stage.read().await;
    stage.read_all().await;
    let mut stage = stage.restart().await;
    stage.read_all().await;
    let told = stage.entries(Kind::Comment).split_off(before);
    let words = told.iter().map(|entry| entry.text.for_storage());
    let words: Vec<&str> = words.filter(|words| words.contains("in board")).collect();
    assert_eq!(words, ["human:Grace-H-9@board in board 1: acknowledged"]);
    assert_eq!(told[0].at, now() + Duration::from_mins(1), "when she did");
    assert_eq!(stage.entries(Kind::Alert).len(), 1, "no alert begins or ends with it");
    let known = stage.journal.history().incident(stage.incident).unwrap().unwrap();
    assert_eq!(known.status, IncidentStatus::Investigating);
    let all = stage.journal.entries(None, None, 1000).unwrap().entries;
    let decisions = Decisions::fold(&all);
    let decision = decisions.get(asked.0).unwrap();
    assert_eq!((&decision.state, &*decision.stale_by), (&DecisionState::Open, &[][..]));
}

#[tokio::test]
async fn everything_is_read_however_many_pages_there_are() {
    let mut stage = Stage::set().await;
    for n in 0..50 {
        stage.board().post("1", &person("9", "grace"), &format!("line {n}"));
    }
    stage.read().await;
    assert_eq!(stage.comments().len(), 50);
    assert_eq!(stage.comments()[49], "line 49");
}

#[tokio::test]
async fn a_reader_that_starts_anew_tells_nothing_twice() {
    let mut stage = Stage::set().await;
    let remote = stage.board().post("1", &person("9", "grace"), "one");
    let gone = stage.board().post("1", &person("9", "grace"), "two");
    stage.board().post("1", &person("9", "grace"), "three");
    stage.read().await;
    stage.board().edit(&remote, "won");
    stage.board().remove(&gone);
    stage.read_all().await;
    let told = stage.journal.entries(None, None, 100).unwrap().entries.len();
    let mut stage = stage.restart().await;
    stage.read_all().await;
    assert_eq!(stage.journal.entries(None, None, 100).unwrap().entries.len(), told);
}

#[tokio::test]
async fn while_nothing_changes_nothing_is_told_and_little_is_asked() {
    let mut stage = Stage::set().await;
    stage.board().post("1", &person("9", "grace"), "one");
    stage.read().await;
    let (told, asked) = (stage.events().await.len(), stage.board().held.lock().unwrap().reads);
    for _ in 0..10 {
        stage.clock.advance(Duration::from_secs(15));
        stage.read().await;
    }
    assert_eq!(stage.events().await.len(), told);
    let asked = stage.board().held.lock().unwrap().reads - asked;
    assert!(asked <= 10, "one look at the list each time, and {asked} were asked");
}

#[tokio::test]
async fn our_own_entries_stand_in_the_tracker_and_not_twice_in_the_timeline() {
    let mut stage = Stage::set().await;
    let ours = posted(&mut stage, "the pool is exhausted").await;
    // The same entry by the same account in one more place, as after a write that came late.
    let text = stage.board().texts("1").pop().unwrap();
    let own = account(OWN, "wheelhouse", AccountKind::Bot);
    stage.board().post("1", &own, &text);
    let before = stage.entries(Kind::Comment).len();
    stage.read().await;
    assert_eq!(stage.entries(Kind::Comment).len(), before);
    assert_eq!(stage.journal.entry(ours.id).unwrap().unwrap().origins.len(), 2);
    let events = stage.events().await;
    let told = events.iter().rev().find_map(|event| match event {
        FeedEvent::EntryArrived { entry } if entry.id == ours.id => Some(entry.origins.len()),
        _ => None,
    });
    assert_eq!(told, Some(2), "whoever follows sees the further place");
}

#[tokio::test]
async fn a_marker_of_ours_in_the_text_of_somebody_else_is_theirs() {
    let mut stage = Stage::set().await;
    posted(&mut stage, "the pool is exhausted").await;
    let text = stage.board().texts("1").pop().unwrap();
    stage.board().post("1", &person("9", "mallory"), &text);
    let forged = text.replace("exhausted", "fine");
    stage.board().post("1", &account(OWN, "wheelhouse", AccountKind::Bot), &forged);
    stage.read().await;
    let found = stage.entries(Kind::Comment);
    assert_eq!(found.len(), 3);
    assert_eq!(found[1].text, text.into(), "shown with its marker");
    assert!(is_comment_by(&found[1], "human:mallory-9@board"));
    assert_eq!(found[2].text, forged.into());
    assert_ne!(found[2].actor.to_string(), "agent:primary@test", "the account wrote it, no more");
}

#[tokio::test]
async fn an_edit_is_an_entry_and_what_was_seen_first_stays() {
    let mut stage = Stage::set().await;
    let remote = stage.board().post("1", &person("9", "grace"), "do it");
    stage.read().await;
    let first = stage.entries(Kind::Comment).remove(0);
    stage.board().edit(&remote, "do not do it");
    stage.read().await;
    stage.read_all().await;
    assert_eq!(stage.journal.entry(first.id).unwrap().unwrap().text, "do it".into());
    let told = stage.entries(Kind::Correction);
    assert_eq!(told.len(), 1);
    let Body::Correction(correction) = &told[0].body else { panic!() };
    assert_eq!(correction.of, first.id);
    assert!(
        matches!(&correction.change, Change::EditedUpstream { origin } if origin.remote == remote)
    );
    assert!(told[0].text.for_storage().ends_with("do not do it"));
}

#[tokio::test]
async fn what_an_older_build_recorded_under_another_version_is_no_edit() {
    let mut stage = Stage::set().await;
    let (said, at) = ("I see it too", stage.clock.now());
    let remote = stage.board().post("1", &person("9", "grace"), said);
    let origin = Origin {
        tracker: "board".to_owned(),
        item: "1".to_owned(),
        remote: remote.clone(),
        version: Digest::of("as it was named once", &[said.as_bytes()]),
    };
    let entry = Entry {
        id: EntryId::from_parts(at, 77),
        incident: stage.incident,
        actor: "human:grace".parse().unwrap(),
        at,
        first_seen: at,
        body: Body::Comment,
        text: said.into(),
        refs: Vec::new(),
        origins: vec![origin],
    };
    stage.journal.append(vec![Record::entry(entry)]).await.unwrap();
    stage.read_all().await;
    assert!(stage.entries(Kind::Correction).is_empty());
    for (told, text) in [(1, "I do not"), (2, said)] {
        stage.board().edit(&remote, text);
        stage.read().await;
        assert_eq!(stage.entries(Kind::Correction).len(), told, "{text} is a change");
    }
}

#[tokio::test]
async fn an_edit_that_the_tracker_does_not_tell_is_found_too() {
    let mut stage = Stage::set().await;
    let remote = stage.board().post("1", &person("9", "grace"), "do it");
    stage.read().await;
    stage.board().edit_silently(&remote, "do not do it");
    stage.read().await;
    assert!(stage.entries(Kind::Correction).is_empty(), "nothing was asked yet");
    stage.read_all().await;
    assert_eq!(stage.entries(Kind::Correction).len(), 1);
}

#[tokio::test]
async fn an_edit_of_what_opened_the_item_is_found() {
    let mut stage = Stage::set().await;
    stage.read().await;
    stage.board().edit_item("1", "nothing to see here");
    stage.read().await;
    let told = stage.entries(Kind::Correction);
    let Body::Correction(correction) = &told[0].body else { panic!() };
    assert_eq!(correction.of, stage.incident.into());
}

#[tokio::test]
async fn a_removal_is_an_entry_and_told_once() {
    let mut stage = Stage::set().await;
    let remote = stage.board().post("1", &person("9", "grace"), "do it");
    stage.board().post("1", &person("9", "grace"), "another");
    stage.read().await;
    stage.board().remove(&remote);
    stage.read_all().await;
    stage.read_all().await;
    let told = stage.entries(Kind::Correction);
    assert_eq!(told.len(), 1);
    let Body::Correction(correction) = &told[0].body else { panic!() };
    assert!(matches!(correction.change, Change::RemovedUpstream { .. }));
    assert_eq!(stage.comments(), ["do it", "another"]);
}

#[tokio::test]
async fn rights_that_were_taken_away_do_not_look_like_removals() {
    let mut stage = Stage::set().await;
    for n in 0..5 {
        stage.board().post("1", &person("9", "grace"), &format!("line {n}"));
    }
    stage.read().await;
    stage.board().held.lock().unwrap().hides = true;
    for _ in 0..4 {
        stage.clock.advance(Duration::from_secs(301));
        stage.readers[0].turn().await;
    }
    assert!(stage.entries(Kind::Correction).is_empty());
    let standing = stage.standings().await.pop().unwrap();
    assert!(matches!(&standing.reach, Reach::Lagging { why, .. } if why.contains("empty")));
}

#[tokio::test]
async fn a_tracker_that_cannot_be_read_is_told_with_since_when() {
    let mut stage = Stage::set().await;
    stage.readers[0].turn().await;
    let down = TrackerError::Unreachable { why: "connection refused".to_owned() };
    stage.board().held.lock().unwrap().down = Some(down);
    let since = stage.clock.now();
    let mut waits = Vec::new();
    for _ in 0..5 {
        waits.push(stage.readers[0].turn().await);
        stage.clock.advance(Duration::from_mins(1));
    }
    assert!(waits[4] > waits[0], "it is asked less and less often: {waits:?}");
    stage.board().held.lock().unwrap().down = None;
    stage.board().held.lock().unwrap().skew = Some(jiff::SignedDuration::from_secs(90));
    stage.clock.advance(Duration::from_mins(10));
    stage.readers[0].turn().await;
    let told = stage.standings().await;
    let words: Vec<_> = told.iter().map(|told| told.reach.word()).collect();
    assert_eq!(words, ["current", "unreachable", "current"]);
    assert_eq!((told[1].reach.since(), told[2].skew_s), (since, Some(90)));
}

#[tokio::test]
async fn closing_an_item_there_is_told_with_who_did_it() {
    let mut stage = Stage::set().await;
    stage.board().close_as("1", &person("9", "grace"));
    stage.read().await;
    stage.read_all().await;
    let found = stage.entries(Kind::Comment);
    assert_eq!(found.len(), 1);
    assert!(is_comment_by(&found[0], "human:grace-9@board"), "{:?}", found[0].actor);
    let incident = stage.journal.incident(stage.incident).unwrap().unwrap();
    assert_eq!(incident.status, IncidentStatus::Investigating, "nothing was measured");
}

#[tokio::test]
async fn a_long_text_of_another_hub_is_one_entry() {
    let mut stage = Stage::with(|board| board.max_chars = 400).await;
    let lines: Vec<String> = (0..40).map(|n| format!("finding number {n}\n")).collect();
    let text = lines.concat();
    let ours = posted(&mut stage, &text).await;
    stage.read().await;
    assert_eq!(stage.entries(Kind::Comment).len(), 1, "ours in parts is known as ours");
    let theirs = Entry { actor: "agent:other@eu2".parse().unwrap(), ..ours };
    let sent = parts(&theirs, stage.board().capabilities()).unwrap();
    let (last, first) = sent.split_last().unwrap();
    let bot = account("8", "other", AccountKind::Bot);
    first.iter().for_each(|part| drop(stage.board().post("1", &bot, part)));
    stage.read().await;
    assert_eq!(stage.entries(Kind::Comment).len(), 1, "the last part is missing");
    stage.board().post("1", &bot, last);
    stage.read().await;
    let found = stage.entries(Kind::Comment);
    assert_eq!((found.len(), found[1].origins.len()), (2, sent.len()));
    assert!(found[1].text.for_storage().starts_with(&text), "{:?}", found[1].text);
}

#[tokio::test]
async fn parts_whose_others_never_come_are_shown_as_they_are() {
    let mut stage = Stage::set().await;
    let part = "half\n\n[wheelhouse 1 01KAGX5T0A7Q8Z01KAGX5T0A7Q finding agent:other@eu2 1/2]";
    stage.board().post("1", &account("8", "other", AccountKind::Bot), part);
    stage.read().await;
    assert!(stage.comments().is_empty());
    stage.read_all().await;
    assert_eq!(stage.comments(), [part]);
}

#[tokio::test]
async fn an_item_that_others_open_where_alerts_come_from_opens_an_incident() {
    let clock = Clock::held_at(now());
    let (pager, board) = (Board::new("pager", &clock), Board::new("board", &clock));
    let mut stage = Stage::on(clock, vec![board, pager]).await;
    let pager = stage.boards[1].clone();
    let monitor = account("5", "monitor", AccountKind::Service);
    let item = pager.open_as(monitor.clone(), "disk full", "97 %");
    stage.boards[0].open_as(person("9", "grace"), "a wish", "could it be blue?");
    stage.read().await;
    stage.read().await;
    let incidents = stage.journal.incidents().unwrap();
    assert_eq!(incidents.len(), 2, "a wish on the other board is no alert");
    assert_eq!(incidents[1].title, "disk full".into());
    stage.deliver().await;
    assert_eq!((pager.items(), stage.boards[0].items()), (2, 3), "it is opened on the board alone");
    pager.post(item.as_str(), &person("9", "grace"), "on it");
    pager.close_as(item.as_str(), &monitor);
    stage.read().await;
    let incident = stage.journal.incident(incidents[1].id).unwrap().unwrap();
    assert_eq!((incident.firing, stage.comments().len()), (false, 1));
}

#[tokio::test]
async fn the_items_of_an_incident_are_linked_to_each_other_once() {
    let clock = Clock::held_at(now());
    let boards = vec![Board::new("board", &clock), Board::new("mirror", &clock)];
    let mut stage = Stage::on(clock, boards).await;
    for _ in 0..3 {
        stage.read().await;
        stage.deliver().await;
    }
    let links: Vec<_> = stage.entries(Kind::Status);
    assert_eq!(links.len(), 1);
    assert!(matches!(&links[0].body, Body::Status(Status::Items { at }) if at.len() == 2));
    for (board, other) in [(0, "https://mirror.test/1"), (1, "https://board.test/1")] {
        let texts = stage.boards[board].texts("1");
        assert!(texts.iter().any(|text| text.contains(other)), "{texts:?}");
        assert_eq!(stage.boards[board].held.lock().unwrap().related[0].1, other);
    }
    assert_eq!(stage.journal.entry(links[0].id).unwrap().unwrap().origins.len(), 2);
}

#[tokio::test]
async fn an_item_that_is_gone_is_told_and_not_asked_for_again() {
    let mut stage = Stage::set().await;
    stage.read().await;
    let gone = TrackerError::NotFound { what: "item `1`".to_owned() };
    stage.board().held.lock().unwrap().missing = Some(("1".to_owned().into(), gone));
    stage.read_all().await;
    stage.read_all().await;
    assert_eq!(stage.entries(Kind::Correction).len(), 1);
}

#[tokio::test]
async fn what_we_opened_is_linked_and_looked_at_although_the_settings_leave_it_out() {
    let clock = Clock::held_at(now());
    let mut filtered = Board::new("filtered", &clock);
    filtered.filters = true;
    let mut stage = Stage::on(clock.clone(), vec![Board::new("board", &clock), filtered]).await;
    stage.boards[1].open_as(person("9", "grace"), "not of ours", "lunch");
    stage.read().await;
    let told = stage.entries(Kind::Status);
    let [Entry { body: Body::Status(Status::Items { at }), .. }] = told.as_slice() else {
        panic!("{told:?}")
    };
    let urls: Vec<&str> = at.iter().map(|link| link.url.as_ref().unwrap().for_storage()).collect();
    assert_eq!(urls, ["https://board.test/1", "https://filtered.test/1"]);
    assert_eq!(stage.entries(Kind::Alert).len(), 1, "what the settings leave out opens nothing");

    let searches = |stage: &Stage| stage.boards[1].held.lock().unwrap().searches;
    let before = searches(&stage);
    for _ in 0..10 {
        stage.clock.advance(Duration::from_secs(15));
        stage.read().await;
    }
    assert_eq!(searches(&stage), before, "it is not looked for again in each round");
    stage.boards[1].edit_item("1", "nothing is wrong");
    stage.boards[1].close_silently("1");
    stage.read_all().await;
    assert_eq!(stage.entries(Kind::Correction).len(), 1, "its opening reads otherwise");
    let closed = |text: &&String| text.ends_with("It is closed there now");
    assert_eq!(stage.comments().iter().filter(closed).count(), 1);
}

#[tokio::test]
async fn what_cannot_be_looked_for_keeps_nothing_else_from_being_read() {
    let clock = Clock::held_at(now());
    let mut filtered = Board::new("board", &clock);
    filtered.filters = true;
    let mut stage = Stage::on(clock.clone(), vec![filtered]).await;
    let slow = TrackerError::Unreachable { why: "HTTP 504".to_owned() };
    stage.board().held.lock().unwrap().unsearchable = Some(slow);
    stage.board().post("1", &person("9", "grace"), "on it");
    for _ in 0..4 {
        stage.readers[0].turn().await;
        stage.clock.advance(Duration::from_secs(15));
    }
    assert_eq!(stage.comments(), ["on it"]);
    let searches = stage.board().held.lock().unwrap().searches;
    assert!(searches <= 2, "it is not looked for in each round: {searches}");
    assert_ne!(stage.standings().await[0].reach.word(), "current", "and it is told");
}
