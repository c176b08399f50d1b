//! The loop itself: what it draws and when, what it records, and how it ends.

use tokio::sync::mpsc;

use super::bench::{
    HubHandle, Script, Step, arrives, hasty, person, run, run_with, settings, surface, text_of,
};
use crate::cockpit::core::fixture::{actor, alert, comment, incident, ms};
use crate::cockpit::driver::{Cockpit, CockpitSettings, Left, Outside};
use crate::incident::{ExchangeEvent, Exchanged};
use crate::settings::Clock;
use crate::wire::{FeedEvent, Frame, Link, RECORDING_VERSION, RecordingHeader, read_recording};

fn said(n: i64) -> FeedEvent {
    let text = format!("thought {n}").into();
    let what = Exchanged::Said { by: actor("agent:primary@demo"), text };
    let event = ExchangeEvent { incident: incident(), at: ms(n), what };
    FeedEvent::ExchangeMoved { event: Box::new(event) }
}

#[tokio::test]
async fn the_first_frame_waits_for_nobody() {
    let (asks, _never_served) = mpsc::channel(1);
    let clock = Clock::held_at(ms(0));
    let cockpit = Cockpit::live(Link::new(person(), asks), settings(&clock));
    let mut surface = surface();
    let left = cockpit.run(&mut surface, &mut hasty("q"), Outside::default()).await.unwrap();
    assert_eq!(left, Left::ByPerson);
    assert_eq!(surface.frames, 1);
}

#[tokio::test]
async fn an_idle_cockpit_draws_nothing() {
    let few = run(vec![alert()], vec![]).await.surface.frames;
    let steps = (0..20).map(|_| Step::Tells(Vec::new())).collect();
    let after = run(vec![alert()], steps).await;
    assert!(few <= 3 && after.surface.frames <= 3, "{few} then {}", after.surface.frames);
}

#[tokio::test]
async fn a_burst_of_ten_thousand_events_is_folded_whole_and_drawn_a_few_times() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("burst.jsonl");
    let record =
        |settings: CockpitSettings| CockpitSettings { recording: Some(path.clone()), ..settings };
    let mut events: Vec<_> = (0..10_000).map(said).collect();
    events.push(arrives(comment(9, "human:bo", "the last of all")));
    let after = run_with(vec![alert()], vec![Step::Tells(events)], record).await;
    let screen = after.screen();
    assert!(screen.contains("thought 9999") && screen.contains("the last of all"), "{screen}");
    let (_, frames) = read_recording(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(frames.len(), 10_002);
    assert!(after.surface.frames < 200, "{} frames", after.surface.frames);
}

#[tokio::test]
async fn a_recording_plays_to_the_same_screen() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("one.jsonl");
    let record =
        |settings: CockpitSettings| CockpitSettings { recording: Some(path.clone()), ..settings };
    let entries = vec![alert(), comment(2, "human:bo", "the pool is too small")];
    let live = run_with(entries, vec![], record).await;
    let (header, frames) = read_recording(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(frames.len(), 2);
    let clock = Clock::held_at(ms(0));
    let cockpit = Cockpit::replay(header, frames, settings(&clock));
    let mut surface = surface();
    let hub = HubHandle::new(clock.clone());
    let mut script = Script::new(Vec::new(), cockpit.idle(), clock, hub);
    cockpit.run(&mut surface, &mut script, Outside::default()).await.unwrap();
    let played = text_of(&surface);
    for part in ["checkout answers with errors", "the pool is too small"] {
        assert!(live.screen().contains(part), "{}", live.screen());
        assert!(played.contains(part), "{played}");
    }
}

#[tokio::test]
async fn a_recording_is_gone_through_forwards_and_backwards() {
    let entry = |n: u8, text: &str| Frame {
        run: None,
        seq: n.into(),
        at: ms(i64::from(n) * 1000),
        event: arrives(if n == 1 { alert() } else { comment(n, "human:bo", text) }),
    };
    let frames: Vec<Frame> = (1..=10).map(|n| entry(n, &format!("thought {n}."))).collect();
    let header = RecordingHeader { wheelhouse_recording: RECORDING_VERSION, began: ms(0) };
    for (keys, there, not_there) in [
        ("space .", "thought 2.", "thought 3."),
        ("} } }", "thought 4.", "thought 5."),
        ("} } } {", "thought 3.", "thought 4."),
        ("} } } } { {", "thought 3.", "thought 4."),
    ] {
        let clock = Clock::held_at(ms(0));
        let cockpit = Cockpit::replay(header.clone(), frames.clone(), settings(&clock));
        let mut surface = surface();
        let hub = HubHandle::new(clock.clone());
        let mut script = Script::new(vec![Step::Keys(keys)], cockpit.idle(), clock, hub);
        cockpit.run(&mut surface, &mut script, Outside::default()).await.unwrap();
        let screen = text_of(&surface);
        assert!(screen.contains(there) && !screen.contains(not_there), "{keys}: {screen}");
        assert!(screen.contains("replay") && !screen.contains("● live"), "{keys}: {screen}");
    }
}

#[tokio::test]
async fn a_recording_that_cannot_be_begun_ends_before_the_screen_is_touched() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let (asks, _asked) = mpsc::channel(1);
    let clock = Clock::held_at(ms(0));
    let settings = CockpitSettings { recording: Some(file.path().to_owned()), ..settings(&clock) };
    let cockpit = Cockpit::live(Link::new(person(), asks), settings);
    let mut surface = surface();
    let error = cockpit.run(&mut surface, &mut hasty("q"), Outside::default()).await.unwrap_err();
    assert!(error.to_string().starts_with("record into"), "{error}");
    assert_eq!(surface.frames, 0);
}
