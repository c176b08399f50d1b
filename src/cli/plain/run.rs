//! The loop: what comes from the hub, from the recording and from the person, one after the other.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::desk::{Desk, Times};
use super::lines::{self, say};
use super::stdin::Typed;
use super::talk::{Next, refuse};
use crate::cli::output::Output;
use crate::cockpit::core::{Message, Pace};
use crate::cockpit::{Player, Rewound, follow};
use crate::incident::{Actor, Notice};
use crate::settings::Clock;
use crate::wire::{Command, Frame, Link, RecordingHeader, Reply};

/// Most messages that wait for the loop; whoever sends more waits.
const MOST_WAITING: usize = 1024;

/// Where what is told comes from.
pub(in crate::cli) enum PlainSource {
    /// A hub that lives.
    Hub(Link),
    /// A recording of one that did.
    Recording(RecordingHeader, Vec<Frame>),
}

/// The cockpit in lines, before it runs.
pub(in crate::cli) struct Plain {
    /// Where what is told comes from.
    pub source: PlainSource,
    /// What the person types.
    pub typed: mpsc::Receiver<Typed>,
    /// Whether to go on when nothing more can be typed.
    pub goes_on: bool,
    /// The person's clock.
    pub wall: Clock,
    /// The hub's clock.
    pub clock: Clock,
}

/// How long what was sent can be taken back.
const RECALL: SignedDuration = SignedDuration::from_secs(5);

/// Something on its way to the hub that has not left.
struct Held {
    command: Command,
    until: Timestamp,
}

/// Something that came.
enum Came {
    Typed(Option<Typed>),
    Message(Message),
    Answered(&'static str, Result<Reply, Notice>),
    Time,
}

struct Loop {
    desk: Desk,
    link: Option<Link>,
    player: Option<Player>,
    inbox: mpsc::Receiver<Message>,
    typed: mpsc::Receiver<Typed>,
    can_type: bool,
    goes_on: bool,
    held: Vec<Held>,
    asks: JoinSet<(&'static str, Result<Reply, Notice>)>,
    wall: Clock,
    clock: Clock,
    _following: JoinSet<()>,
}

impl Plain {
    /// Runs until the person leaves, nobody reads any more, or the recording has ended and nothing more
    /// can be typed.
    pub(in crate::cli) async fn run(self, output: &mut Output) {
        let mut turning = self.begin(output);
        while turning.goes_on() && !output.is_closed() {
            output.flush();
            let came = turning.wait().await;
            if turning.came(came, output) == Go::Leave {
                return;
            }
        }
    }

    fn begin(self, output: &mut Output) -> Loop {
        let Self { source, typed, goes_on, wall, clock } = self;
        let (heard, inbox) = mpsc::channel(MOST_WAITING);
        let me = match &source {
            PlainSource::Hub(link) => link.principal().actor.clone(),
            PlainSource::Recording(..) => Actor::wheelhouse(),
        };
        let mut following = JoinSet::new();
        let (mut link, mut player) = (None, None);
        let mut desk = Desk::new(me, wall.now(), TimeZone::system());
        match source {
            PlainSource::Hub(hub) => {
                following.spawn(follow(hub.clone(), wall.clone(), heard));
                link = Some(hub);
            }
            PlainSource::Recording(header, frames) => {
                let played = Player::new(&header, frames, wall.now());
                desk.hear(Message::RecordingOpened(played.marks()), output);
                desk.hear(Message::Replayed(played.state()), output);
                desk.hear(Message::LinkUp, output);
                desk.hear(Message::CaughtUp, output);
                player = Some(played);
            }
        }
        Loop {
            desk,
            link,
            player,
            inbox,
            typed,
            can_type: true,
            goes_on,
            held: Vec::new(),
            asks: JoinSet::new(),
            wall,
            clock,
            _following: following,
        }
    }
}

/// Whether to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Go {
    On,
    Leave,
}

impl Loop {
    /// Whether anything can still come that is worth waiting for.
    fn goes_on(&self) -> bool {
        let plays = self
            .player
            .as_ref()
            .is_some_and(|player| !matches!(player.state().pace, Pace::Ended | Pace::Paused));
        let catches_up = self.player.is_none() && !self.desk.is_live;
        let under_way = !self.asks.is_empty() || !self.held.is_empty();
        self.can_type || self.goes_on || plays || catches_up || under_way
    }

    async fn wait(&mut self) -> Came {
        let leaves = self.held.iter().map(|held| held.until).min();
        let plays = self.player.as_ref().and_then(|player| player.due_at(self.wall.now()));
        let due = [leaves, plays].into_iter().flatten().min();
        let now = self.wall.now();
        let wait = due.map(|due| Duration::try_from(due.duration_since(now)).unwrap_or_default());
        let wall = self.wall.clone();
        let sleep = async move {
            match wait {
                Some(wait) => wall.sleep(wait).await,
                None => std::future::pending().await,
            }
        };
        let has_feed = self.player.is_none();
        tokio::select! {
            biased;
            // What the hub told before something was typed is heard before it.
            Some(message) = self.inbox.recv(), if has_feed => Came::Message(message),
            Some(joined) = self.asks.join_next(), if !self.asks.is_empty() => match joined {
                Ok((what, result)) => Came::Answered(what, result),
                Err(error) => {
                    tracing::error!(%error, "a question to the hub broke off");
                    Came::Time
                }
            },
            typed = self.typed.recv(), if self.can_type => Came::Typed(typed),
            () = sleep => Came::Time,
        }
    }

    fn times(&self) -> Times {
        let wall = self.wall.now();
        let hub = self.player.as_ref().map_or_else(|| self.clock.now(), |player| player.now(wall));
        Times { wall, hub }
    }

    fn came(&mut self, came: Came, output: &mut Output) -> Go {
        self.desk.pass(self.times());
        match came {
            Came::Message(message) => self.desk.hear(message, output),
            Came::Answered(what, result) => self.answered(what, result, output),
            Came::Typed(None) => self.can_type = false,
            Came::Typed(Some(typed)) => return self.typed(&typed, output),
            Came::Time => self.play(output),
        }
        self.release(output);
        Go::On
    }

    fn typed(&mut self, typed: &Typed, output: &mut Output) -> Go {
        match self.desk.typed(typed, output) {
            Next::Stay => {}
            Next::Leave => {
                while !self.held.is_empty() {
                    self.recall(output);
                }
                return Go::Leave;
            }
            Next::Recall if self.held.is_empty() => {
                say(output, "nothing can be taken back any more");
            }
            Next::Recall => self.recall(output),
            Next::Ask(command) => self.hold(*command, output),
            Next::Play(wanted) => {
                let now = self.wall.now();
                let Some(player) = &mut self.player else { return Go::On };
                let before = player.state().speed;
                let rewound = player.play(wanted, now);
                let state = player.state();
                if rewound == Rewound::Yes {
                    self.desk.hear(Message::Rewound, output);
                }
                self.desk.hear(Message::Replayed(state), output);
                if state.speed != before {
                    say(output, format!("{} times as fast as it happened", state.speed));
                }
                self.play(output);
            }
        }
        Go::On
    }

    /// Holds what can be taken back; what only asks, or can only make things safer, leaves at once.
    fn hold(&mut self, command: Command, output: &mut Output) {
        if self.link.is_none() {
            return say(output, "this is a recording: nothing can be sent");
        }
        let waits = match &command {
            Command::Decide { .. } | Command::Post { .. } | Command::GiveUp { .. } => true,
            Command::Halt { halted, .. } => !halted,
            _ => false,
        };
        if !waits {
            return self.ask(command, output);
        }
        say(output, format!("{} leaves in 5 seconds; type u to take it back", named(&command)));
        let until = self.wall.now().saturating_add(RECALL).unwrap_or(Timestamp::MAX);
        self.held.push(Held { command, until });
    }

    /// Takes back what was held last.
    fn recall(&mut self, output: &mut Output) {
        if let Some(held) = self.held.pop() {
            say(output, format!("{} is taken back; nothing was sent", named(&held.command)));
        }
    }

    /// Sends what was held long enough.
    fn release(&mut self, output: &mut Output) {
        let now = self.wall.now();
        let held = std::mem::take(&mut self.held);
        let (due, waits): (Vec<_>, Vec<_>) = held.into_iter().partition(|held| held.until <= now);
        self.held = waits;
        for held in due {
            self.ask(held.command, output);
        }
    }

    fn ask(&mut self, command: Command, output: &mut Output) {
        let Some(link) = self.link.clone() else { return };
        let what = named(&command);
        if !what.is_empty() {
            say(output, format!("{what} is sent"));
        }
        self.asks.spawn(async move { (what, link.ask(command).await) });
    }

    fn answered(&mut self, what: &str, result: Result<Reply, Notice>, output: &mut Output) {
        match result {
            Ok(Reply::Decided { entry, missing, .. }) => {
                self.desk.own.insert(entry);
                let more = match missing {
                    0 => String::new(),
                    missing => format!("; {missing} more people must approve"),
                };
                say(output, format!("{what} is recorded as entry {}{more}", entry.short()));
            }
            Ok(Reply::Recorded { entry }) => {
                self.desk.own.insert(entry);
                say(output, format!("{what} is recorded as entry {}", entry.short()));
            }
            Ok(Reply::Found { hits }) => lines::hits(&self.desk, &hits, output),
            Ok(_) => say(output, "done"),
            Err(notice) => refuse(output, &notice),
        }
    }

    /// Plays what is due.
    fn play(&mut self, output: &mut Output) {
        let Some(player) = &mut self.player else { return };
        let before = player.state();
        while let Some(frame) = player.take_due(self.wall.now()) {
            let hub = player.now(self.wall.now());
            self.desk.pass(Times { wall: self.wall.now(), hub });
            self.desk.hear(Message::Framed(frame), output);
        }
        if player.state() != before {
            self.desk.hear(Message::Replayed(player.state()), output);
        }
    }
}

/// What a command is to the person who sent it; nothing for what only asks.
fn named(command: &Command) -> &'static str {
    match command {
        Command::Decide { .. } => "your answer",
        Command::Post { .. } => "your comment",
        Command::Halt { halted: true, .. } => "your halt",
        Command::Halt { halted: false, .. } => "your release",
        Command::GiveUp { .. } => "your giving up",
        Command::Redeliver { .. } => "another try",
        _ => "",
    }
}
