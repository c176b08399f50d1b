//! One frame of the whole cockpit, 200 columns by 60 rows, through to the bytes for the terminal.

use std::cell::{OnceCell, RefCell};
use std::io::{Write, sink};
use std::sync::Arc;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use wheelhouse::cockpit::core::{Action, Gesture, KeyRow, Message, Model, Reading, Screen, update};
use wheelhouse::cockpit::keymap::Keymap;
use wheelhouse::cockpit::theme::{Depth, Theme};
use wheelhouse::cockpit::view::{Lens, Memo, draw};
use wheelhouse::incident::Entry;
use wheelhouse::wire::{FeedEvent, Frame};

use crate::history::{self, MILLION};

const SCREEN: Screen = Screen { columns: 200, rows: 60 };

/// How many entries a short history has.
const SHORT: u32 = 1000;

/// A cockpit that has been told a history of one incident.
struct Told {
    model: Model,
    count: u32,
}

impl Told {
    fn new(count: u32) -> Self {
        let model = Model::new(history::start(), SCREEN, "human:on-call".parse().unwrap());
        let mut told = Self { model, count: 0 };
        told.hears(Message::LinkUp);
        told.arrives(history::alert(0));
        while told.count < count {
            told.next();
        }
        told.hears(Message::CaughtUp);
        told.tick();
        told
    }

    fn hears(&mut self, message: Message) {
        update(&mut self.model, message);
    }

    fn now(&self) -> Timestamp {
        history::at(self.count)
    }

    fn tick(&mut self) {
        let now = self.now();
        self.hears(Message::Ticked { wall: now, now });
    }

    fn arrives(&mut self, entry: Entry) {
        self.count += 1;
        let event = FeedEvent::EntryArrived { entry: Box::new(entry) };
        let frame = Frame { run: None, seq: self.count.into(), at: self.now(), event };
        self.hears(Message::Framed(Arc::new(frame)));
    }

    fn next(&mut self) {
        self.arrives(history::entry(self.count, history::incident(0)));
    }

    fn presses(&mut self, action: Action) {
        let at = self.now();
        let quiet = Some(SignedDuration::from_secs(1));
        let gesture = Gesture { began: at, at, quiet, pace: None };
        self.hears(Message::Pressed { at, reading: Reading::Asked { action, gesture } });
    }
}

/// A terminal that takes every byte and shows none.
struct Desk {
    terminal: Terminal<CrosstermBackend<Box<dyn Write>>>,
    theme: Theme,
    keys: Vec<KeyRow>,
    memo: Memo,
}

impl Desk {
    fn new() -> Self {
        let out: Box<dyn Write> = Box::new(sink());
        let viewport = Viewport::Fixed(Rect::new(0, 0, SCREEN.columns, SCREEN.rows));
        let options = TerminalOptions { viewport };
        let terminal = Terminal::with_options(CrosstermBackend::new(out), options).unwrap();
        let theme = Theme::load("night", None, Depth::Full).unwrap();
        let keys = Keymap::load("default", None).unwrap().rows();
        Self { terminal, theme, keys, memo: Memo::default() }
    }

    fn draw(&mut self, model: &Model) {
        let zone = &TimeZone::UTC;
        let lens = Lens { theme: &self.theme, keys: &self.keys, zone, memo: &self.memo };
        let drawn = self.terminal.draw(|frame| {
            draw(frame, model, &lens);
        });
        drawn.unwrap();
    }
}

/// What is drawn, and the terminal it is drawn on; made when the first benchmark that needs it runs.
struct Stage {
    entries: u32,
    made: OnceCell<RefCell<(Told, Desk)>>,
}

impl Stage {
    fn of(entries: u32) -> Self {
        Self { entries, made: OnceCell::new() }
    }

    /// Measures frames before each of which something happens; `settle` happens once before all.
    fn measure(
        &self,
        group: &mut BenchmarkGroup<'_, WallTime>,
        name: &str,
        settle: &[Action],
        mut happen: impl FnMut(&mut Told),
    ) {
        group.bench_function(format!("{} entries, {name}", self.entries), |bencher| {
            let make = || RefCell::new((Told::new(self.entries), Desk::new()));
            let mut stage = self.made.get_or_init(make).borrow_mut();
            let (told, desk) = &mut *stage;
            settle.iter().for_each(|action| told.presses(*action));
            desk.draw(&told.model);
            bencher.iter(|| {
                happen(told);
                desk.draw(&told.model);
            });
        });
    }
}

/// A million entries are told to the core one by one, once for all: some seconds and a gigabyte.
pub(crate) fn measure(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("frame");
    group.sample_size(50);
    for entries in [SHORT, MILLION] {
        let stage = Stage::of(entries);
        stage.measure(&mut group, "at the newest", &[], |_told| {});
        stage.measure(&mut group, "one arrives", &[], Told::next);
        for (name, turns) in [
            ("select up and down", [Action::SelectPrevious, Action::SelectNext]),
            ("page up and down", [Action::PageUp, Action::PageDown]),
        ] {
            let mut turns = turns.into_iter().cycle();
            stage.measure(&mut group, name, &[Action::FocusTimeline, Action::SelectLast], |told| {
                turns.next().into_iter().for_each(|action| told.presses(action));
            });
        }
        let back = [Action::FocusTimeline, Action::SelectFirst];
        stage.measure(&mut group, "at the oldest", &back, |_told| {});
    }
    group.finish();
}
