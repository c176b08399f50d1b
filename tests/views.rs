//! Every pane and panel at the sizes people have, as text with its ink, and as pictures.

use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Style};
use wheelhouse::cockpit::core::{Action, Mark, Marked, Message, Model, Pace, Replaying};
use wheelhouse::cockpit::keymap::Keymap;
use wheelhouse::cockpit::theme::{Depth, Role, Theme};
use wheelhouse::cockpit::view::{Lens, Memo, draw, plain};
use wheelhouse::incident::{Alert, Body, Digest, Entry, Notice, Origin, Severity, Trouble};
use wheelhouse::wire::{FeedEvent, Reach, TrackerStanding};

use crate::support::night;
use crate::support::story::{PRIMARY, Story, moment};
use crate::support::svg::{Canvas, DARK, LIGHT, assert_screenshot};
use crate::support::{as_text, assert_screen, no_roles};

/// The sizes that must all look right.
const SIZES: [(u16, u16); 3] = [(80, 24), (160, 45), (200, 60)];

fn theme(name: &str) -> Theme {
    Theme::load(name, None, Depth::Full).unwrap()
}

fn drawn(model: &Model, theme: &Theme) -> Buffer {
    let keys = Keymap::load("default", None).unwrap().rows();
    let lens = Lens { theme, keys: &keys, zone: &TimeZone::UTC, memo: &Memo::default() };
    let backend = TestBackend::new(model.screen.columns, model.screen.rows);
    let mut terminal = Terminal::new(backend).unwrap();
    terminal
        .draw(|frame| {
            draw(frame, model, &lens);
        })
        .unwrap();
    terminal.backend().buffer().clone()
}

/// The roles that a style may stand for in a theme.
fn roles(theme: &Theme, style: Style) -> Option<String> {
    let ground = theme.style(Role::Surface).bg.unwrap_or(Color::Reset);
    let is = |role: &&Role| {
        let known = theme.style(**role);
        known.fg == style.fg
            && known.bg.unwrap_or(ground) == style.bg.unwrap_or(ground)
            && known.add_modifier == style.add_modifier
    };
    let names: Vec<_> = Role::ALL.iter().filter(is).map(|role| role.name()).collect();
    (!names.is_empty()).then(|| names.join(" or "))
}

pub(crate) fn compare(name: &str, story: &Story, (columns, rows): (u16, u16)) {
    let theme = theme("night");
    let buffer = drawn(&story.model(columns, rows), &theme);
    let name = format!("view_{name}_{columns}x{rows}");
    assert_screen!(name, &buffer, &|style| roles(&theme, style));
}

/// The letters of the screen, row by row.
pub(crate) fn letters(story: &Story, (columns, rows): (u16, u16)) -> String {
    let text = as_text(&drawn(&story.model(columns, rows), &theme("night")), &no_roles);
    text.split_once("--- ink").unwrap().0.to_owned()
}

fn compare_at_every_size(name: &str, story: &Story) {
    for size in SIZES {
        compare(name, story, size);
    }
}

/// The night, then what the person does.
pub(crate) fn after(actions: &[Action]) -> Story {
    let mut story = night::checkout();
    for action in actions {
        story.presses(*action);
    }
    story.passes(1);
    story
}

#[test]
fn a_night_is_watched() {
    compare_at_every_size("watch", &night::checkout());
    compare("watch", &night::checkout(), (120, 40));
}

#[test]
fn where_an_incident_stands_is_seen_before_how_old_it_is() {
    for (title, columns) in [("checkout fails", 100), ("18 % of checkout requests fail", 120)] {
        let mut story = Story::new("14:01:40");
        let alert = Alert {
            title: title.into(),
            severity: Severity::Sev1,
            service: "checkout".into(),
            dedup_key: title.into(),
            firing: true,
            labels: std::collections::BTreeMap::new(),
        };
        story.entry("system:alertmanager", Body::Alert(alert), "503");
        story.at("14:09:00");
        let header = letters(&story, (columns, 40)).lines().nth(1).unwrap().to_owned();
        assert!(header.contains("◔ investigating"), "{header}");
    }
}

/// 60: the tracker did it after all, long after it was given up and written again.
#[test]
fn a_copy_that_stands_twice_in_one_tracker_is_marked() {
    let mut story = Story::new("14:01:40");
    story.fires();
    story.written(PRIMARY, Body::Comment, "looking into the pool");
    let frames = story.frames();
    let entry = frames.iter().rev().find_map(|frame| match &frame.event {
        FeedEvent::EntryArrived { entry } => Some(entry.clone()),
        _ => None,
    });
    let entry = entry.unwrap();
    let mut seen = |tracker: &str, remote: &str, version: &[u8]| {
        let origin = Origin {
            tracker: tracker.to_owned(),
            item: "142".to_owned(),
            remote: remote.to_owned(),
            version: Digest::of("text", &[version]),
        };
        let entry = Box::new(Entry { origins: vec![origin], ..(*entry).clone() });
        story.tell(FeedEvent::EntryArrived { entry });
        [(200, 60), (160, 45), (80, 24)].map(|size| letters(&story, size))
    };
    for (remote, part) in [("1", "part one"), ("2", "part two"), ("1", "part one")] {
        let screens = seen("github", remote, part.as_bytes());
        assert!(screens[0].contains("✓ github pagerduty"), "{}", screens[0]);
        assert!(
            screens.iter().all(|screen| !screen.contains('×')),
            "each of two parts is there once"
        );
    }
    let screens = seen("github", "8", b"part one");
    for (screen, badge) in screens.iter().zip(["✓ github ×2 pagerduty", "✓2 github ×2", "×2"])
    {
        assert!(screen.contains(badge), "{screen}");
    }
}

#[test]
fn what_is_resolved_grows_no_older() {
    let mut story = night::checkout();
    story.presses(Action::FocusIncidents).presses(Action::SelectLast);
    for clock in ["14:10:00", "17:10:00"] {
        story.at(clock);
        let screen = letters(&story, (160, 45));
        assert!(screen.lines().nth(1).unwrap().contains("✓ resolved in 12m 52s"), "{screen}");
        assert!(screen.contains("SEV3  ✓ resolved in 12m"), "{screen}");
    }
}

#[test]
fn an_empty_cockpit_says_what_would_fill_it() {
    let story = Story::new("14:00:00");
    compare("empty", &story, (160, 45));
    compare("empty", &story, (80, 24));
    let mut recorded = Story::new("14:00:00");
    let pace = Pace::Paused;
    let began = jiff::Timestamp::UNIX_EPOCH;
    recorded.push(Message::Replayed(Replaying { pace, speed: 1, played: 0, frames: 100, began }));
    compare("empty_replay", &recorded, (80, 24));
    let mut model = story.model(80, 24);
    model.coming = Some("A bad rollout is on its way.");
    let theme = theme("night");
    let expecting = drawn(&model, &theme);
    assert_screen!("view_expecting_80x24", &expecting, &|style| roles(&theme, style));
}

#[test]
fn every_pane_can_have_the_whole_screen() {
    for (name, focus) in [
        ("incidents", Action::FocusIncidents),
        ("exchange", Action::FocusExchange),
        ("timeline", Action::FocusTimeline),
        ("decisions", Action::FocusDecisions),
    ] {
        compare_at_every_size(name, &after(&[focus, Action::Zoom]));
    }
}

#[test]
fn a_recording_says_so_and_shows_where_people_were_asked() {
    for size in [(160, 45), (80, 24)] {
        compare("replay", &replaying(), size);
    }
}

pub(crate) fn replaying() -> Story {
    let mut story = night::checkout();
    let mark = |played, what| Mark { played, what };
    let marks = vec![
        mark(31, Marked::Trouble),
        mark(62, Marked::Decision),
        mark(80, Marked::Trouble),
        mark(95, Marked::Decision),
    ];
    story.push(Message::RecordingOpened(marks));
    let replaying = Replaying {
        pace: Pace::Paused,
        speed: 10,
        played: 62,
        frames: 100,
        began: jiff::Timestamp::UNIX_EPOCH,
    };
    story.push(Message::Replayed(replaying));
    story
}

#[test]
fn a_card_shows_exactly_what_would_run() {
    compare_at_every_size("card", &card());
}

fn card() -> Story {
    let mut story = after(&[Action::OpenCard]);
    story.remembers(night::before());
    story
}

#[test]
fn a_card_that_was_just_opened_is_not_armed() {
    let mut story = night::checkout();
    story.presses(Action::OpenCard);
    compare("card_unarmed", &story, (80, 24));
}

#[test]
fn a_grave_action_asks_for_the_targets_name() {
    let mut story = after(&[Action::OpenCard, Action::Approve]);
    story.types("checkout/co");
    compare("target", &story, (160, 45));
}

#[test]
fn a_denial_asks_for_its_reason() {
    let mut story = after(&[Action::OpenCard, Action::Deny]);
    story.types("Not before the freeze ends.");
    compare_at_every_size("deny", &story);
}

#[test]
fn a_handoff_can_be_redirected() {
    compare_at_every_size("redirect", &redirecting());
}

fn redirecting() -> Story {
    let mut story = night::with_another();
    story.presses(Action::Redirect).passes(1);
    story
}

#[test]
fn a_comment_is_written_where_the_incident_is_seen() {
    let mut story = after(&[Action::Comment]);
    story.types("I see 4 connections on every pod.");
    compare("comment", &story, (80, 24));
}

#[test]
fn a_comment_is_previewed_as_it_will_be_read() {
    let mut story = after(&[Action::Comment]);
    story.types(
        "**Hold on**: `r41` has the old certificate, see [the note](https://example.org/41).",
    );
    story.presses(Action::Preview);
    compare("preview", &story, (80, 24));
}

#[test]
fn help_shows_the_live_keymap() {
    compare_at_every_size("help", &after(&[Action::Help]));
}

#[test]
fn a_search_finds_what_was_written() {
    let mut story = after(&[Action::Search]);
    story.types("pool").finds("pool");
    compare_at_every_size("search", &story);
}

#[test]
fn a_call_can_be_read_in_full() {
    compare("opened", &after(&[Action::Open, Action::RawJson]), (160, 45));
}

#[test]
fn the_outbox_shows_what_is_owed_since_when_and_why() {
    compare("outbox", &outbox(), (160, 45));
    compare("outbox", &outbox(), (80, 24));
    let mut story = outbox();
    story.presses(Action::GiveUp).types("Nobody reads it there any more.");
    compare("give_up", &story, (80, 24));
}

fn outbox() -> Story {
    let mut story = night::checkout();
    let tracker = |name: &str, reach| TrackerStanding {
        name: name.to_owned(),
        reach,
        skew_s: None,
        remarks: Vec::new(),
    };
    let since = moment("13:58:20");
    let why = "connection refused".to_owned();
    let pagerduty = tracker("pagerduty", Reach::Unreachable { since, why });
    let remark = "human:on-call cannot decide there: this hub holds a token of this account";
    let github = TrackerStanding {
        skew_s: Some(-42),
        remarks: vec![remark.to_owned()],
        ..tracker("github", Reach::Current { since })
    };
    story.tell(FeedEvent::TrackerMoved { tracker: pagerduty });
    story.tell(FeedEvent::TrackerMoved { tracker: github });
    story.presses(Action::Outbox).passes(90);
    story
}

#[test]
fn an_incident_is_seen_from_its_sides() {
    compare("hypotheses", &after(&[Action::Hypotheses]), (160, 45));
    compare("charts", &after(&[Action::Charts]), (160, 45));
    compare("charts", &after(&[Action::Charts]), (80, 24));
    compare("handoffs", &after(&[Action::Handoffs]), (160, 45));
    compare("links", &after(&[Action::OpenCard, Action::FollowLink]), (160, 45));
}

#[test]
fn a_filter_says_what_it_does_not_know() {
    let mut story = after(&[Action::FocusTimeline, Action::Filter]);
    story.types("kind:finding is:eror");
    compare("filter", &story, (160, 45));
}

#[test]
fn a_small_screen_says_why_nothing_can_be_decided() {
    compare("cramped", &night::checkout(), (59, 15));
}

#[test]
fn a_lost_hub_is_seen_everywhere_it_matters() {
    let mut story = night::checkout();
    story.tell(FeedEvent::FramesMissed { count: 12 });
    let why = Notice::new(Trouble::Unreachable, "the hub does not answer");
    story.push(Message::LinkLost { why, retry_at: None });
    story.passes(9);
    compare("lost", &story, (160, 45));
}

#[test]
fn no_size_is_too_small_or_too_long_to_draw() {
    let theme = theme("mono");
    for actions in [vec![], vec![Action::OpenCard], vec![Action::Help], vec![Action::Comment]] {
        let story = after(&actions);
        for columns in (0..=60).step_by(5).chain([1, 2]) {
            for rows in (0..=25).step_by(4).chain([1, 2]) {
                drawn(&story.model(columns, rows), &theme);
            }
        }
        for (columns, rows) in [(1, u16::MAX), (u16::MAX, 1)] {
            drawn(&story.model(columns, rows), &theme);
        }
    }
}

#[test]
fn what_is_selected_and_what_is_focused_is_seen_without_colours() {
    let theme = Theme::load("night", None, Depth::None).unwrap();
    let screen = |actions: &[Action]| drawn(&after(actions).model(160, 45), &theme);
    let last = screen(&[Action::FocusTimeline, Action::SelectLast]);
    assert!(last.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    for other in [
        &[Action::FocusTimeline, Action::SelectLast, Action::SelectPrevious][..],
        &[Action::FocusTimeline, Action::SelectLast, Action::FocusDecisions],
    ] {
        let other = screen(other);
        let differ = last.content.iter().zip(&other.content).filter(|(one, two)| one != two);
        assert!(differ.count() > 0);
    }
}

fn picture(name: &str, story: &Story, (columns, rows): (u16, u16), look: (&str, &Canvas)) {
    assert_screenshot(name, &drawn(&story.model(columns, rows), &theme(look.0)), look.1);
}

/// The ten scenes that a newcomer should see, each as a picture in the README.
#[test]
fn the_pictures_show_what_the_view_draws() {
    const WIDE: (u16, u16) = (160, 45);
    let night = ("night", &DARK);
    let mut searching = after(&[Action::Search]);
    searching.types("pool").finds("pool");
    picture("live-investigation", &night::checkout(), WIDE, night);
    picture("decision-card", &card(), WIDE, night);
    picture("redirect", &redirecting(), WIDE, night);
    picture("hypotheses", &after(&[Action::Hypotheses]), WIDE, night);
    picture("charts", &after(&[Action::Charts]), WIDE, ("catppuccin-mocha", &DARK));
    picture("search", &searching, WIDE, ("paper", &LIGHT));
    picture("outbox", &outbox(), WIDE, ("nord", &DARK));
    picture("help", &after(&[Action::Help]), (100, 30), ("gruvbox-dark", &DARK));
    picture("replay", &replaying(), WIDE, night);
    picture("80x24", &night::checkout(), (80, 24), night);
}

#[test]
fn every_picture_is_one_of_a_scene() {
    let readme = include_str!("../README.md");
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/screenshots");
    let files = std::fs::read_dir(dir).unwrap().map(|file| file.unwrap().file_name());
    let mut files: Vec<String> = files.map(|name| name.into_string().unwrap()).collect();
    files.sort();
    assert_eq!(files.len(), 10, "{files:?}");
    for file in files {
        assert!(readme.contains(&format!("screenshots/{file}")), "{file} is not in the README");
    }
}

#[test]
fn the_screen_can_be_drawn_in_ascii_alone() {
    for (name, story) in [
        ("ascii_watch", night::checkout()),
        ("ascii_charts", after(&[Action::Charts])),
        ("ascii_card", card()),
    ] {
        let mut buffer = drawn(&story.model(100, 30), &theme("mono"));
        plain(&mut buffer);
        assert!(buffer.content.iter().all(|cell| cell.symbol().is_ascii()));
        assert_screen!(format!("view_{name}_100x30"), &buffer);
    }
}
