//! Playing a recording: the same frames at another pace, as one more source of messages.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::core::{Mark, Marked, Pace, Replaying};
use crate::incident::{Action, Body, Exchanged, Outcome, Stage};
use crate::wire::{FeedEvent, Frame, RecordingHeader};

/// The longest silence that is played; a longer one is shortened to this, in recorded time.
const LONGEST_SILENCE: SignedDuration = SignedDuration::from_secs(30);

/// Plays a recording.
#[derive(Debug)]
pub struct Player {
    frames: Vec<Arc<Frame>>,
    state: Replaying,
    /// The moment of the wall clock at which the recorded time was `reached`.
    since: Timestamp,
    /// The recorded time then.
    reached: Timestamp,
}

impl Player {
    /// Plays from the beginning, from now on.
    pub fn new(header: &RecordingHeader, frames: Vec<Frame>, wall: Timestamp) -> Self {
        let began = frames.first().map_or(header.began, |first| first.at);
        let state =
            Replaying { pace: Pace::Playing, speed: 1, played: 0, frames: frames.len(), began };
        let frames = frames.into_iter().map(Arc::new).collect();
        Self { frames, state, since: wall, reached: began }
    }

    /// How it plays.
    pub fn state(&self) -> Replaying {
        self.state
    }

    /// The recorded time at a moment of the wall clock.
    pub fn now(&self, wall: Timestamp) -> Timestamp {
        if self.state.pace != Pace::Playing {
            return self.reached;
        }
        let speed = i32::try_from(self.state.speed).unwrap_or(1);
        let passed = wall.duration_since(self.since).saturating_mul(speed);
        let now = self.reached.checked_add(passed).unwrap_or(Timestamp::MAX);
        self.next().map_or(self.reached, |next| now.min(next.at.max(self.reached)))
    }

    /// What is marked in it.
    pub fn marks(&self) -> Vec<Mark> {
        let mark = |(at, frame): (usize, &Arc<Frame>)| {
            let what = if asks(frame) {
                Some(Marked::Decision)
            } else {
                went_wrong(frame).then_some(Marked::Trouble)
            };
            what.map(|what| Mark { played: at + 1, what })
        };
        self.frames.iter().enumerate().filter_map(mark).collect()
    }

    /// Plays differently from now on, from its beginning if what is wished lies behind.
    pub fn play(&mut self, wanted: Replaying, wall: Timestamp) -> Rewound {
        self.reached = self.now(wall);
        self.since = wall;
        self.state.pace = wanted.pace;
        self.state.speed = wanted.speed.clamp(1, 100);
        match wanted.pace {
            Pace::JumpingTo(target) if target < self.state.played => {
                self.state.played = 0;
                self.reached = self.state.began;
                if target == 0 {
                    self.state.pace = Pace::Paused;
                }
                Rewound::Yes
            }
            Pace::JumpingTo(target) if target == self.state.played => {
                self.state.pace = Pace::Paused;
                Rewound::No
            }
            _ => Rewound::No,
        }
    }

    /// The moment of the wall clock at which the next frame is due; none if none will be.
    pub fn due_at(&self, wall: Timestamp) -> Option<Timestamp> {
        let next = self.next()?;
        match self.state.pace {
            Pace::Paused | Pace::Ended => None,
            Pace::Stepping | Pace::ToNextDecision | Pace::JumpingTo(_) => Some(wall),
            Pace::Playing => {
                let ahead = next.at.duration_since(self.reached).min(LONGEST_SILENCE);
                let speed = i32::try_from(self.state.speed).unwrap_or(1);
                let ahead = ahead.max(SignedDuration::ZERO) / speed;
                self.since.checked_add(ahead).ok()
            }
        }
    }

    /// The next frame, if it is due.
    pub fn take_due(&mut self, wall: Timestamp) -> Option<Arc<Frame>> {
        if self.due_at(wall)? > wall {
            return None;
        }
        let frame = Arc::clone(self.next()?);
        let due = self.due_at(wall).unwrap_or(wall);
        self.state.played += 1;
        self.reached = self.reached.max(frame.at);
        // What was due earlier than now keeps the frames after it in time.
        self.since = if self.state.pace == Pace::Playing { due } else { wall };
        self.state.pace = match self.state.pace {
            _ if self.next().is_none() => Pace::Ended,
            Pace::Stepping => Pace::Paused,
            Pace::ToNextDecision if asks(&frame) => Pace::Paused,
            Pace::JumpingTo(target) if self.state.played >= target => Pace::Paused,
            pace => pace,
        };
        Some(frame)
    }

    fn next(&self) -> Option<&Arc<Frame>> {
        self.frames.get(self.state.played)
    }
}

/// Whether everything is told again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rewound {
    /// From the beginning.
    Yes,
    /// What was told stands.
    No,
}

/// Whether a call or an action went wrong there.
fn went_wrong(frame: &Frame) -> bool {
    match &frame.event {
        FeedEvent::EntryArrived { entry } => match &entry.body {
            Body::Action(Action { stage, .. }) => {
                matches!(stage, Stage::Executed { ok: false, .. } | Stage::Lost { .. })
            }
            _ => false,
        },
        FeedEvent::ExchangeMoved { event } => matches!(
            &event.what,
            Exchanged::CallEnded { outcome: Outcome::Failed { .. } | Outcome::Lost { .. }, .. }
        ),
        _ => false,
    }
}

fn asks(frame: &Frame) -> bool {
    match &frame.event {
        FeedEvent::EntryArrived { entry } => matches!(entry.body, Body::Proposal(_)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cockpit::core::fixture::{comment, ms, proposal, remedy};
    use crate::incident::Risk;
    use crate::wire::RECORDING_VERSION;

    fn recorded() -> Player {
        let entries = [
            (0, comment(1, "human:bo", "a")),
            (1000, comment(2, "human:bo", "b")),
            (4000, proposal(3, remedy(), Risk::Medium)),
            (600_000, comment(4, "human:bo", "c")),
        ];
        let frame = |(seq, (at, entry))| {
            let event = FeedEvent::EntryArrived { entry: Box::new(entry) };
            Frame { run: None, seq, at: ms(at), event }
        };
        let frames = (1..).zip(entries).map(frame).collect();
        let header = RecordingHeader { wheelhouse_recording: RECORDING_VERSION, began: ms(0) };
        Player::new(&header, frames, ms(0))
    }

    fn play(player: &mut Player, pace: Pace, speed: u32, wall: i64) -> Rewound {
        player.play(Replaying { pace, speed, ..player.state() }, ms(wall))
    }

    #[test]
    fn a_jump_back_begins_again_and_stops_where_it_was_wished() {
        let mut player = recorded();
        assert_eq!(play(&mut player, Pace::JumpingTo(3), 1, 0), Rewound::No);
        assert_eq!(taken(&mut player, 0), 3);
        assert_eq!(player.state().pace, Pace::Paused);
        assert_eq!(play(&mut player, Pace::JumpingTo(1), 1, 0), Rewound::Yes);
        assert_eq!(player.now(ms(0)), ms(0));
        assert_eq!(taken(&mut player, 0), 1);
        assert_eq!((player.state().played, player.state().pace), (1, Pace::Paused));
        assert_eq!(play(&mut player, Pace::JumpingTo(0), 1, 0), Rewound::Yes);
        assert_eq!((taken(&mut player, 0), player.state().pace), (0, Pace::Paused));
    }

    #[test]
    fn decisions_are_marked_where_they_are_seen() {
        let mark = Mark { played: 3, what: Marked::Decision };
        assert_eq!(recorded().marks(), [mark]);
    }

    fn taken(player: &mut Player, wall: i64) -> usize {
        std::iter::from_fn(|| player.take_due(ms(wall))).count()
    }

    #[test]
    fn it_plays_as_it_happened() {
        let mut player = recorded();
        assert_eq!(taken(&mut player, 0), 1);
        assert_eq!(taken(&mut player, 999), 0);
        assert_eq!(taken(&mut player, 1000), 1);
        assert_eq!(player.now(ms(2500)), ms(2500));
    }

    #[test]
    fn ten_times_faster_is_ten_times_faster() {
        let mut player = recorded();
        taken(&mut player, 0);
        play(&mut player, Pace::Playing, 10, 0);
        assert_eq!(taken(&mut player, 100), 1);
        assert_eq!(taken(&mut player, 400), 1);
        assert_eq!(player.now(ms(500)), ms(5000));
    }

    #[test]
    fn a_long_silence_is_shortened() {
        let mut player = recorded();
        assert_eq!(taken(&mut player, 34_000), 4);
        assert_eq!(player.state().pace, Pace::Ended);
        assert_eq!(player.now(ms(99_000)), ms(600_000));
    }

    #[test]
    fn a_paused_recording_stands_still_and_steps_once() {
        let mut player = recorded();
        taken(&mut player, 0);
        play(&mut player, Pace::Paused, 1, 500);
        assert_eq!(taken(&mut player, 99_000), 0);
        assert_eq!(player.now(ms(99_000)), ms(500));
        play(&mut player, Pace::Stepping, 1, 99_000);
        assert_eq!(taken(&mut player, 99_000), 1);
        assert_eq!(player.state().pace, Pace::Paused);
    }

    #[test]
    fn it_runs_up_to_the_next_decision() {
        let mut player = recorded();
        play(&mut player, Pace::ToNextDecision, 1, 0);
        assert_eq!(taken(&mut player, 0), 3);
        assert_eq!(player.state().pace, Pace::Paused);
        assert_eq!(player.now(ms(9)), ms(4000));
    }
}
