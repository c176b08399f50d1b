//! The loop, in its phases: take what has come, draw if something changed, wait.

use std::io;

use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Size;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::editor::Editing;
use super::hands::Hands;
use super::look::Look;
use super::outside::Outside;
use super::pace::{FramePace, Wanted};
use super::settings::CockpitSettings;
use super::surface::Surface;
use crate::cockpit::core::{AskId, Input, Message, Model, Replaying, Screen, Sight, Timed, update};
use crate::cockpit::keeper::Keeper;
use crate::cockpit::keymap::Reader;
use crate::cockpit::link;
use crate::cockpit::player::{Player, Rewound};
use crate::cockpit::recorder::Recorder;
use crate::cockpit::terminal::{Ending, Panicked, Signal, TerminalError};
use crate::incident::{Actor, Notice, Trouble};
use crate::wire::{Command, Frame, Link, RecordingHeader};

/// Most messages that wait for the loop; whoever sends more waits.
const MOST_WAITING: usize = 1024;

/// Most messages taken before the loop looks at the person's hands again.
pub(super) const MOST_AT_ONCE: usize = 512;

/// Why the cockpit cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum CockpitError {
    /// The terminal does not obey or is gone.
    #[error(transparent)]
    Terminal(#[from] TerminalError),
    /// The recording could not be begun.
    #[error("record into {path}: {cause}")]
    Recording {
        /// The file.
        path: String,
        /// Why.
        cause: std::io::Error,
    },
}

/// How the cockpit was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// The person quit.
    ByPerson,
    /// There are no hands any more: the terminal is gone, or the script of a test has ended.
    WithoutHands,
    /// The outside ended it.
    BySignal(Ending),
}

/// The cockpit before it runs.
#[derive(Debug)]
pub struct Cockpit {
    source: Source,
    settings: CockpitSettings,
    idle: watch::Sender<bool>,
}

/// Where frames come from.
#[derive(Debug)]
enum Source {
    Hub(Link),
    Recording(RecordingHeader, Vec<Frame>),
}

impl Cockpit {
    /// A cockpit that follows a hub.
    pub fn live(link: Link, settings: CockpitSettings) -> Self {
        Self { source: Source::Hub(link), settings, idle: watch::Sender::new(false) }
    }

    /// A cockpit that plays a recording.
    pub fn replay(header: RecordingHeader, frames: Vec<Frame>, settings: CockpitSettings) -> Self {
        let source = Source::Recording(header, frames);
        Self { source, settings, idle: watch::Sender::new(false) }
    }

    /// Says whether everything that has come is on the screen and nothing asked is unanswered.
    pub fn idle(&self) -> watch::Receiver<bool> {
        self.idle.subscribe()
    }

    /// Runs until it is left.
    ///
    /// # Errors
    /// The terminal does not obey, or the recording cannot be begun.
    pub async fn run<S: Surface, H: Hands>(
        self,
        surface: &mut S,
        hands: &mut H,
        outside: Outside,
    ) -> Result<Left, CockpitError> {
        let mut driver = Driver::new(self, surface, hands)?;
        // The first frame stands before anything was asked of anybody.
        driver.begin()?;
        let left = driver.turn(outside).await;
        driver.end();
        Ok(left?)
    }
}

/// The loop's own things.
pub(super) struct Driver<'a, S, H> {
    pub(super) surface: &'a mut S,
    pub(super) hands: &'a mut H,
    pub(super) settings: CockpitSettings,
    pub(super) look: Look,
    pub(super) keeper: Option<Keeper>,
    pub(super) left: Option<Left>,
    pub(super) editing: Option<Editing>,
    pub(super) model: Model,
    pub(super) reader: Reader,
    source: Option<Source>,
    link: Option<Link>,
    player: Option<Player>,
    recorder: Option<Recorder>,
    inbox: mpsc::Receiver<Message>,
    outbox: mpsc::Sender<Message>,
    tasks: JoinSet<()>,
    unanswered: usize,
    settled: bool,
    wake: Option<Timestamp>,
    pub(super) pace: FramePace,
    idle: watch::Sender<bool>,
}

/// What the loop waited for.
enum Came {
    Signal(Signal),
    Panicked(Panicked),
    Hand(Option<io::Result<Timed>>),
    Message(Message),
    Edited(Result<String, Notice>),
    Time,
}

impl<'a, S: Surface, H: Hands> Driver<'a, S, H> {
    fn new(cockpit: Cockpit, surface: &'a mut S, hands: &'a mut H) -> Result<Self, CockpitError> {
        let Cockpit { source, settings, idle } = cockpit;
        let Size { width: columns, height: rows } = surface.size()?;
        let wall = settings.wall.now();
        let me = match &source {
            Source::Hub(link) => link.principal().actor.clone(),
            Source::Recording(..) => Actor::wheelhouse(),
        };
        let mut model = Model::new(wall, Screen { columns, rows }, me);
        model.mice = settings.mice;
        model.coming = settings.coming;
        let keeper = settings.state.clone().map(Keeper::new);
        if let Some(layout) = keeper.as_ref().and_then(Keeper::layout_kept) {
            model.lay_out(layout);
        }
        let recorder = begin_recording(&settings)?;
        let (outbox, inbox) = mpsc::channel(MOST_WAITING);
        Ok(Self {
            surface,
            hands,
            look: Look::new(&settings),
            keeper,
            left: None,
            editing: None,
            model,
            reader: Reader::new(),
            source: Some(source),
            link: None,
            player: None,
            recorder,
            inbox,
            outbox,
            tasks: JoinSet::new(),
            unanswered: 0,
            settled: false,
            wake: None,
            pace: FramePace::new(),
            idle,
            settings,
        })
    }

    fn begin(&mut self) -> Result<(), TerminalError> {
        self.tick()?;
        self.draw()?;
        match self.source.take() {
            Some(Source::Hub(link)) => {
                let follow =
                    link::follow(link.clone(), self.settings.wall.clone(), self.outbox.clone());
                self.tasks.spawn(follow);
                self.link = Some(link);
            }
            Some(Source::Recording(header, frames)) => {
                let player = Player::new(&header, frames, self.settings.wall.now());
                let (state, marks) = (player.state(), player.marks());
                self.player = Some(player);
                self.take(Message::RecordingOpened(marks))?;
                self.take(Message::Replayed(state))?;
                self.take(Message::LinkUp)?;
                self.take(Message::CaughtUp)?;
            }
            None => {}
        }
        if let Some(remembered) = self.keeper.as_ref().and_then(Keeper::remembered_kept) {
            self.take(Message::Remembered(remembered))?;
        }
        match self.keeper.as_ref().map(Keeper::drafts_kept) {
            Some(Ok(drafts)) if !drafts.is_empty() => self.take(Message::DraftsRestored(drafts)),
            Some(Err(error)) => {
                let notice = Notice::new(Trouble::Failed, "the drafts could not be read");
                self.take(Message::Warned(notice.detail(error.to_string())))
            }
            _ => Ok(()),
        }
    }

    async fn turn(&mut self, mut outside: Outside) -> Result<Left, TerminalError> {
        loop {
            // ===== Message phase: everything that has come, but not for ever =====
            self.tick()?;
            self.drain()?;
            if let Some(left) = self.left {
                return Ok(left);
            }
            // ===== Draw phase: if something changed, and not faster than can be seen =====
            if self.editing.is_none() && self.pace.may_draw(&self.inbox) {
                self.draw()?;
            }
            // ===== Wait phase: nothing runs until something comes =====
            self.say_whether_idle();
            let came = self.wait(&mut outside).await;
            self.came(came)?;
        }
    }

    /// Waits for one thing; what the person does comes first.
    async fn wait(&mut self, outside: &mut Outside) -> Came {
        let wake = self.next_wake();
        let full = !self.inbox.is_empty();
        let Outside { signals, panics } = outside;
        let has_keys = self.editing.is_none();
        tokio::select! {
            biased;
            signal = Outside::signal(signals) => Came::Signal(signal),
            input = self.hands.next(), if has_keys => Came::Hand(input),
            result = Editing::ended(&mut self.editing) => Came::Edited(result),
            message = self.inbox.recv() => message.map_or(Came::Time, Came::Message),
            panicked = Outside::panic(panics) => Came::Panicked(panicked),
            () = until(wake), if !full => Came::Time,
        }
    }

    fn came(&mut self, came: Came) -> Result<(), TerminalError> {
        match came {
            Came::Signal(signal) => self.signalled(signal)?,
            Came::Edited(result) => {
                self.close_editor(result)?;
                self.pace.want(Wanted::Now);
            }
            Came::Panicked(panicked) => {
                let notice = Notice::new(Trouble::Failed, panicked.to_string());
                self.take(Message::Warned(notice.hint("quit and start again if something hangs")))?;
            }
            Came::Hand(heard) => self.heard(heard)?,
            Came::Message(message) => {
                self.tick()?;
                self.take(message)?;
            }
            Came::Time => {}
        }
        Ok(())
    }

    fn signalled(&mut self, signal: Signal) -> Result<(), TerminalError> {
        match signal {
            // An interrupt typed into the editor is the editor's; it reaches us only by the way.
            Signal::End(Ending::Interrupted) | Signal::Continued if self.editing.is_some() => {}
            Signal::End(ending) => self.left = Some(Left::BySignal(ending)),
            Signal::Stop if self.editing.is_some() => self.surface.stop()?,
            Signal::Stop => {
                self.hands.let_go();
                self.surface.suspend()?;
                self.told_again()?;
                self.pace.want(Wanted::Now);
            }
            Signal::Continued => {
                self.surface.retake()?;
                self.told_again()?;
                self.pace.want(Wanted::Now);
            }
        }
        Ok(())
    }

    /// Tells the terminal again what it forgot while it belonged to somebody else, and asks for its size:
    /// nobody tells a stopped job that it changed.
    pub(super) fn told_again(&mut self) -> Result<(), TerminalError> {
        let Size { width: columns, height: rows } = self.surface.size()?;
        if (Screen { columns, rows }) != self.model.screen {
            let at = self.settings.wall.now();
            self.hand(Timed { at, input: Input::Resize { columns, rows } })?;
        }
        self.surface.set_progress(self.model.progress, self.settings.manners)
    }

    /// Says what time it is.
    pub(super) fn tick(&mut self) -> Result<(), TerminalError> {
        let wall = self.settings.wall.now();
        if self.wake.is_some_and(|at| at <= wall) {
            self.wake = None;
            self.pace.want(Wanted::Soon);
        }
        let now = match &self.player {
            Some(player) => player.now(wall),
            None => self.settings.clock.now(),
        };
        let effects = update(&mut self.model, Message::Ticked { wall, now });
        self.perform(effects)
    }

    /// Takes what waits: from the hub, or from the recording.
    fn drain(&mut self) -> Result<(), TerminalError> {
        for _ in 0..MOST_AT_ONCE {
            let Ok(message) = self.inbox.try_recv() else { break };
            self.take(message)?;
        }
        let wall = self.settings.wall.now();
        for _ in 0..MOST_AT_ONCE {
            let Some(player) = &mut self.player else { break };
            let Some(frame) = player.take_due(wall) else { break };
            let state = player.state();
            self.take(Message::Framed(frame))?;
            self.take(Message::Replayed(state))?;
            self.tick()?;
        }
        Ok(())
    }

    /// Gives the core a message and does what it asks for.
    pub(super) fn take(&mut self, message: Message) -> Result<(), TerminalError> {
        let folded = self.model.folded;
        let frame = match &message {
            Message::Framed(frame) => Some(std::sync::Arc::clone(frame)),
            Message::Answered { .. } => {
                self.unanswered = self.unanswered.saturating_sub(1);
                None
            }
            Message::CaughtUp | Message::LinkLost { .. } => {
                self.settled = true;
                None
            }
            _ => None,
        };
        let effects = update(&mut self.model, message);
        if let Some(frame) = frame.filter(|_| self.model.folded > folded) {
            self.record(&frame);
        }
        self.pace.want(Wanted::Soon);
        self.perform(effects)
    }

    fn record(&mut self, frame: &std::sync::Arc<Frame>) {
        let Some(recorder) = &mut self.recorder else { return };
        let before = recorder.lost();
        recorder.record(frame);
        let total = recorder.lost();
        if total > before {
            // It only counts: nothing follows from it that would have to be performed.
            let _none = update(&mut self.model, Message::RecorderLost { total });
        }
    }

    /// Asks the hub without waiting for the answer.
    pub(super) fn send(&mut self, ask: AskId, command: Box<Command>) -> Option<Message> {
        self.unanswered += 1;
        let Some(link) = self.link.clone() else {
            let notice = Notice::new(Trouble::Usage, "there is no hub behind a recording");
            return Some(Message::Answered { ask, result: Err(notice) });
        };
        let out = self.outbox.clone();
        self.tasks.spawn(async move {
            let result = link.ask(*command).await.map(Box::new);
            // The loop has ended if nobody takes it.
            let _unheard = out.send(Message::Answered { ask, result }).await.is_err();
        });
        None
    }

    /// Sees to it that the loop turns at this moment of the wall clock.
    pub(super) fn wake_at(&mut self, at: Timestamp) {
        self.wake = Some(self.wake.map_or(at, |known| known.min(at)));
    }

    /// Plays the recording differently.
    pub(super) fn play(&mut self, wanted: Replaying) -> Option<Message> {
        let player = self.player.as_mut()?;
        let rewound = player.play(wanted, self.settings.wall.now());
        let state = player.state();
        if rewound == Rewound::Yes {
            // It only forgets: nothing follows from it that would have to be performed.
            let _none = update(&mut self.model, Message::Rewound);
        }
        Some(Message::Replayed(state))
    }

    fn draw(&mut self) -> Result<(), TerminalError> {
        let mut sight = Sight::default();
        let (look, model, settings) = (&self.look, &self.model, &self.settings);
        self.surface.draw(|frame| sight = look.draw(frame, model, settings))?;
        self.pace.drew();
        let at = self.settings.wall.now();
        let effects = update(&mut self.model, Message::Drawn { at, sight });
        self.perform(effects)
    }

    /// When the loop turns by itself: for a timer, for a frame held back, or for the recording.
    fn next_wake(&self) -> Option<Instant> {
        let wall = self.settings.wall.now();
        let due = self.player.as_ref().and_then(|player| player.due_at(wall));
        let timer = self.wake.into_iter().chain(due).min().map(|at| {
            let ahead = at.duration_since(wall).max(SignedDuration::ZERO).unsigned_abs();
            Instant::now() + self.settings.wall.wall(ahead)
        });
        let frame = self.pace.due().filter(|_| self.editing.is_none());
        timer.into_iter().chain(frame).min()
    }

    fn say_whether_idle(&self) {
        let wall = self.settings.wall.now();
        let plays = self.player.as_ref().and_then(|player| player.due_at(wall));
        let idle = self.settled
            && self.editing.is_none()
            && plays.is_none_or(|at| at > wall)
            && self.unanswered == 0
            && self.inbox.is_empty()
            && self.pace.is_at_rest();
        self.idle.send_if_modified(|known| std::mem::replace(known, idle) != idle);
    }

    fn end(self) {
        if let Some(Err(error)) = self.recorder.map(Recorder::finish) {
            tracing::warn!(%error, "failed to finish the recording");
        }
    }
}

async fn until(wake: Option<Instant>) {
    match wake {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

fn begin_recording(settings: &CockpitSettings) -> Result<Option<Recorder>, CockpitError> {
    let Some(path) = &settings.recording else { return Ok(None) };
    let recorder = Recorder::begin(path, settings.clock.now());
    recorder
        .map(Some)
        .map_err(|cause| CockpitError::Recording { path: path.display().to_string(), cause })
}
