//! How a recording plays.

use jiff::Timestamp;

/// How a recording plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replaying {
    /// Whether and how it moves.
    pub pace: Pace,
    /// How many times faster than it happened: 1 to 100.
    pub speed: u32,
    /// How many frames were played.
    pub played: usize,
    /// How many frames there are.
    pub frames: usize,
    /// When the recording began.
    pub began: Timestamp,
}

/// A place in a recording that people look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// How many frames are played when it is seen.
    pub played: usize,
    /// What is there.
    pub what: Marked,
}

/// What is at a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marked {
    /// Something went wrong: a call failed or was lost, an action failed.
    Trouble,
    /// People were asked.
    Decision,
}

/// Whether and how a recording moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// It plays.
    Playing,
    /// It stands still.
    Paused,
    /// It plays one frame and then stands still.
    Stepping,
    /// It plays up to the next proposal at once and then stands still.
    ToNextDecision,
    /// It plays at once until so many frames are played, from the beginning if need be, and then
    /// stands still.
    JumpingTo(usize),
    /// There is nothing left to play.
    Ended,
}
