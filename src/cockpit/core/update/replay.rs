//! Watching a recording: how it plays, never what it says.

use super::super::action::Action;
use super::super::effect::Effect;
use super::super::model::{Mark, Marked, Model, Pace, Replaying};
use super::tell;

/// The speeds, in steps.
const SPEEDS: [u32; 7] = [1, 2, 5, 10, 20, 50, 100];

/// A jump goes over a tenth of the recording.
const JUMPS: usize = 10;

/// A recording is there.
pub(super) fn opened(model: &mut Model, marks: Vec<Mark>) -> Vec<Effect> {
    model.marks = marks;
    Vec::new()
}

/// It plays from its beginning again: what it told has not happened yet.
pub(super) fn rewound(model: &mut Model) -> Vec<Effect> {
    model.forget();
    Vec::new()
}

/// The recording plays differently.
pub(super) fn moved(model: &mut Model, replaying: Replaying) -> Vec<Effect> {
    model.replaying = Some(replaying);
    Vec::new()
}

/// Somebody wants it to play differently.
pub(super) fn asked(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(playing) = model.replaying else {
        return tell::refuse(model, "this is live: only a recording can be played differently");
    };
    let Replaying { played, frames, .. } = playing;
    let pace = match (action, playing.pace) {
        (Action::ReplayBack, _) => Pace::JumpingTo(played.saturating_sub((frames / JUMPS).max(1))),
        (Action::ReplayPreviousDecision, _) => match decision_before(model, played) {
            Some(before) => Pace::JumpingTo(before),
            None => return tell::refuse(model, "nobody was asked before this"),
        },
        (_, Pace::Ended) => return tell::refuse(model, "the recording has ended"),
        (Action::ReplayForward, _) => {
            Pace::JumpingTo((played + (frames / JUMPS).max(1)).min(frames))
        }
        (Action::ReplayPause, Pace::Playing) => Pace::Paused,
        (Action::ReplayPause, _) => Pace::Playing,
        (Action::ReplayStep, _) => Pace::Stepping,
        (Action::ReplayNextDecision, _) => Pace::ToNextDecision,
        (_, pace) => pace,
    };
    let step = SPEEDS.iter().position(|speed| *speed >= playing.speed).unwrap_or(0);
    let step = match action {
        Action::ReplayFaster => step + 1,
        Action::ReplaySlower => step.saturating_sub(1),
        _ => step,
    };
    let speed = SPEEDS.get(step).copied().unwrap_or(100);
    let wanted = Replaying { pace, speed, ..playing };
    model.replaying = Some(wanted);
    vec![Effect::Play(wanted)]
}

/// Where people were asked before; the question that was just seen does not count.
fn decision_before(model: &Model, played: usize) -> Option<usize> {
    let decisions = model.marks.iter().filter(|mark| mark.what == Marked::Decision);
    decisions.map(|mark| mark.played).rfind(|at| *at < played)
}
