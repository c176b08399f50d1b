//! What the loop runs against in its tests: a scripted pair of hands, and a hub that says little.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::tz::TimeZone;
use ratatui::buffer::Cell;
use tokio::sync::{broadcast, mpsc, watch};

use crate::cockpit::core::fixture::{entry_id, ms};
use crate::cockpit::core::{Held, Input, Key, KeyStroke, Mice, Timed};
use crate::cockpit::driver::{Canvas, Cockpit, CockpitSettings, Hands, Left, Manners, Outside};
use crate::cockpit::keymap::{DEFAULT, Keymap};
use crate::cockpit::theme::{Depth, Themes};
use crate::incident::{Entry, Principal, Proof};
use crate::settings::Clock;
use crate::wire::{Asked, Command, Feed, FeedEvent, Frame, Link, Reply};

/// One thing that a script does.
#[derive(Debug)]
pub(super) enum Step {
    /// Presses keys, written as in a keymap, 120 ms apart.
    Keys(&'static str),
    /// Types a text, a key every 90 ms.
    Types(&'static str),
    /// Does nothing for so many milliseconds.
    Waits(u64),
    /// The hub tells something.
    Tells(Vec<FeedEvent>),
    /// The terminal has another size.
    Resizes(u16, u16),
    /// Another window becomes active.
    LooksAway,
}

/// Hands that follow a script, each step once everything before it is on the screen.
pub(super) struct Script {
    events: VecDeque<Move>,
    idle: watch::Receiver<bool>,
    clock: Clock,
    hub: HubHandle,
    pub let_go: usize,
}

#[derive(Debug)]
enum Move {
    After(u64, Input),
    Tell(Vec<FeedEvent>),
}

impl Script {
    pub(super) fn new(
        steps: Vec<Step>,
        idle: watch::Receiver<bool>,
        clock: Clock,
        hub: HubHandle,
    ) -> Self {
        let events = steps.into_iter().flat_map(moves).collect();
        Self { events, idle, clock, hub, let_go: 0 }
    }
}

fn moves(step: Step) -> Vec<Move> {
    let key = |millis, stroke| Move::After(millis, Input::Key(stroke));
    match step {
        Step::Keys(keys) => keys.split(' ').map(|key_| key(120, stroke(key_))).collect(),
        Step::Types(text) => {
            let typed = |sign| key(90, KeyStroke::plain(Key::Char(sign)));
            text.chars().map(typed).collect()
        }
        Step::Waits(millis) => vec![Move::After(millis, Input::FocusGained)],
        Step::Tells(events) => vec![Move::Tell(events)],
        Step::LooksAway => vec![Move::After(0, Input::FocusLost)],
        Step::Resizes(columns, rows) => vec![Move::After(0, Input::Resize { columns, rows })],
    }
}

fn stroke(key: &str) -> KeyStroke {
    let sign = |text: &str| Key::Char(text.chars().next().unwrap());
    match key {
        "enter" => KeyStroke::plain(Key::Enter),
        "esc" => KeyStroke::plain(Key::Esc),
        "tab" => KeyStroke::plain(Key::Tab),
        "space" => KeyStroke::plain(Key::Char(' ')),
        _ => match key.strip_prefix("ctrl-") {
            Some(text) => KeyStroke::new(sign(text), Held { ctrl: true, ..Held::default() }),
            None => KeyStroke::plain(sign(key)),
        },
    }
}

impl Hands for Script {
    async fn next(&mut self) -> Option<io::Result<Timed>> {
        loop {
            // What the hub was told still has to come through the link: let everybody turn.
            for _ in 0..16 {
                tokio::task::yield_now().await;
                self.idle.wait_for(|idle| *idle).await.ok()?;
            }
            match self.events.pop_front()? {
                Move::After(millis, input) => {
                    self.clock.advance(Duration::from_millis(millis));
                    return Some(Ok(Timed { at: self.clock.now(), input }));
                }
                Move::Tell(events) => events.into_iter().for_each(|event| self.hub.tell(event)),
            }
        }
    }

    fn let_go(&mut self) {
        self.let_go += 1;
    }
}

/// A hub that remembers what it was asked, and says that it is recorded.
#[derive(Clone)]
pub(super) struct HubHandle {
    told: Arc<Mutex<Vec<Arc<Frame>>>>,
    live: broadcast::Sender<Arc<Frame>>,
    asked: Arc<Mutex<Vec<Command>>>,
    clock: Clock,
}

impl HubHandle {
    pub(super) fn new(clock: Clock) -> Self {
        let live = broadcast::Sender::new(64);
        Self { told: Arc::default(), live, asked: Arc::default(), clock }
    }

    /// Tells everybody.
    pub(super) fn tell(&self, event: FeedEvent) {
        let mut told = self.told.lock().unwrap();
        let seq = told.len() as u64 + 1;
        let frame = Arc::new(Frame { run: None, seq, at: self.clock.now(), event });
        told.push(Arc::clone(&frame));
        let _nobody = self.live.send(frame).is_err();
    }

    /// What it was asked.
    pub(super) fn asked(&self) -> Vec<Command> {
        let asked = self.asked.lock().unwrap();
        // What is only asked changes nothing outside.
        let acts = asked.iter().filter(|command| !matches!(command, Command::LastTime { .. }));
        acts.cloned().collect()
    }

    async fn serve(self, mut asks: mpsc::Receiver<Asked>) {
        while let Some(asked) = asks.recv().await {
            match asked {
                Asked::Follow { reply } => {
                    let live = self.live.subscribe();
                    let backlog = self.told.lock().unwrap().clone();
                    let _gone = reply.send(Feed { backlog, live }).is_err();
                }
                Asked::Command { command, reply, .. } => {
                    self.asked.lock().unwrap().push(*command);
                    let _gone = reply.send(Ok(Reply::Recorded { entry: entry_id(200) })).is_err();
                }
            }
        }
    }
}

pub(super) fn arrives(entry: Entry) -> FeedEvent {
    FeedEvent::EntryArrived { entry: Box::new(entry) }
}

pub(super) fn settings(clock: &Clock) -> CockpitSettings {
    CockpitSettings {
        keymap: Keymap::load(DEFAULT, None).unwrap(),
        themes: Themes::begin("mono", None, Depth::None).unwrap(),
        zone: TimeZone::UTC,
        wall: clock.clone(),
        clock: clock.clone(),
        state: None,
        recording: None,
        editor: None,
        browser: None,
        mice: Mice::default(),
        coming: None,
        occasions: Vec::new(),
        manners: Manners::default(),
    }
}

pub(super) fn person() -> Principal {
    let actor = "human:ada".parse().unwrap();
    Principal { actor, proof: Proof::LocalUser, roles: Vec::new() }
}

/// What is left when the loop has ended.
pub(super) struct After {
    pub left: Left,
    pub surface: Canvas,
    pub hub: HubHandle,
    pub let_go: usize,
}

impl After {
    /// The last screen as text.
    pub(super) fn screen(&self) -> String {
        text_of(&self.surface)
    }
}

/// A screen as text.
pub(super) fn text_of(surface: &Canvas) -> String {
    let buffer = surface.terminal.backend().buffer();
    let rows = buffer.content.chunks(usize::from(buffer.area.width).max(1));
    let row = |cells: &[Cell]| {
        let text: String = cells.iter().map(Cell::symbol).collect();
        text.trim_end().to_owned()
    };
    rows.map(row).collect::<Vec<_>>().join("\n")
}

/// Runs a cockpit of 160×45 against a hub that begins with these entries.
pub(super) async fn run(entries: Vec<Entry>, steps: Vec<Step>) -> After {
    run_with(entries, steps, |settings| settings).await
}

pub(super) async fn run_with(
    entries: Vec<Entry>,
    steps: Vec<Step>,
    change: impl FnOnce(CockpitSettings) -> CockpitSettings,
) -> After {
    run_beside(entries, steps, change, |_| async {}).await
}

/// The same with something that happens beside the script, as far as that lets it.
pub(super) async fn run_beside<F: Future<Output = ()>>(
    entries: Vec<Entry>,
    steps: Vec<Step>,
    change: impl FnOnce(CockpitSettings) -> CockpitSettings,
    beside: impl FnOnce(HubHandle) -> F,
) -> After {
    let clock = Clock::held_at(ms(20_000));
    let hub = HubHandle::new(clock.clone());
    for entry in entries {
        hub.tell(arrives(entry));
    }
    let (asks, asked) = mpsc::channel(16);
    let serving = tokio::spawn(hub.clone().serve(asked));
    let cockpit = Cockpit::live(Link::new(person(), asks), change(settings(&clock)));
    let mut script = Script::new(steps, cockpit.idle(), clock, hub.clone());
    let mut surface = surface();
    let running = cockpit.run(&mut surface, &mut script, Outside::default());
    let (left, ()) = tokio::join!(running, beside(hub.clone()));
    let left = left.unwrap();
    serving.abort();
    After { left, surface, hub, let_go: script.let_go }
}

pub(super) fn surface() -> Canvas {
    Canvas::new(160, 45).unwrap()
}

/// Hands that press these keys at once, whether anything answers or not.
pub(super) struct Hasty(VecDeque<Timed>);

impl Hands for Hasty {
    async fn next(&mut self) -> Option<io::Result<Timed>> {
        self.0.pop_front().map(Ok)
    }

    fn let_go(&mut self) {}
}

pub(super) fn hasty(keys: &'static str) -> Hasty {
    let timed = |key| Timed { at: ms(0), input: Input::Key(stroke(key)) };
    Hasty(keys.split(' ').map(timed).collect())
}
