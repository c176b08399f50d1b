//! What a person does at the terminal, in the core's own plain form and with its moment.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::action::Action;
use super::keys::{Continuation, KeyStroke};

/// The longest paste that is kept, in bytes; the rest is counted and dropped.
pub const PASTE_MAX: usize = 64 * 1024;

/// How long the keyboard must have been still before a grave action is heard.
pub const QUIET: Duration = Duration::from_millis(400);

/// Strokes closer together than this come from a machine: a paste without brackets, a terminal's
/// reply, or bytes after a forged end of paste. Fast typists stay above 30 ms between keys.
pub const BURST: Duration = Duration::from_millis(15);

/// One thing that came from the terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Input {
    /// A key was pressed, or a movement key is held down.
    Key(KeyStroke),
    /// A text was pasted. It is never an action, whatever it holds.
    Paste {
        /// The text as it came, at most [`PASTE_MAX`] bytes.
        text: String,
        /// How many bytes were too many.
        dropped: usize,
    },
    /// The terminal has another size, in cells.
    Resize {
        /// Columns.
        columns: u16,
        /// Rows.
        rows: u16,
    },
    /// The terminal's window became active.
    FocusGained,
    /// Another window became active.
    FocusLost,
    /// Something happened with the mouse.
    Mouse(Mouse),
}

/// Something that happened with the mouse, at a cell counted from the upper left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mouse {
    /// What happened.
    pub act: MouseAct,
    /// The column, from 0.
    pub column: u16,
    /// The row, from 0.
    pub row: u16,
}

/// What happened with the mouse; other buttons than the first are left to the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MouseAct {
    /// The button went down.
    Pressed,
    /// The mouse moved with the button down.
    Dragged,
    /// The button went up.
    Released,
    /// The wheel turned towards older lines.
    WheelUp,
    /// The wheel turned towards newer lines.
    WheelDown,
}

/// An input with the moment at which it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timed {
    /// When it was read, on the caller's clock.
    pub at: Timestamp,
    /// What it is.
    pub input: Input,
}

/// What a keymap made of an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// A binding was completed.
    Asked {
        /// The action.
        action: Action,
        /// How it was asked for.
        gesture: Gesture,
    },
    /// A chord has begun and may go on with one of these.
    Waiting(Vec<Continuation>),
    /// A chord was begun and left; nothing happens.
    Abandoned,
    /// No binding: where a text is typed, the stroke belongs to it.
    Typed(KeyStroke),
    /// Not a key: passed on as it came.
    Passed(Input),
}

/// How an action was asked for: what tells a person from a burst of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gesture {
    /// When the first stroke was read.
    pub began: Timestamp,
    /// When the last stroke was read.
    pub at: Timestamp,
    /// How long no key and no paste had come before the first stroke; none if none ever did.
    pub quiet: Option<SignedDuration>,
    /// The shortest time between two strokes; none for a single stroke.
    pub pace: Option<SignedDuration>,
}

impl Gesture {
    /// Whether a person may have meant it: quiet before, and no stroke on the heels of another.
    ///
    /// Whoever shows the thing to be decided also asks that it stood on screen for [`QUIET`]
    /// before [`Gesture::began`].
    pub fn is_deliberate(&self) -> bool {
        let still = self.quiet.is_none_or(|quiet| quiet >= signed(QUIET));
        let paced = self.pace.is_none_or(|pace| pace >= signed(BURST));
        still && paced
    }

    /// Whether the strokes began at least [`QUIET`] after `shown`.
    pub fn began_well_after(&self, shown: Timestamp) -> bool {
        self.began.duration_since(shown) >= signed(QUIET)
    }
}

fn signed(span: Duration) -> SignedDuration {
    SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).unwrap()
    }

    fn gesture(quiet: i64, pace: i64) -> Gesture {
        Gesture {
            began: after(1000),
            at: after(1000 + pace),
            quiet: Some(SignedDuration::from_millis(quiet)),
            pace: Some(SignedDuration::from_millis(pace)),
        }
    }

    #[test]
    fn a_chord_after_stillness_is_deliberate() {
        assert!(gesture(400, 80).is_deliberate());
        assert!(!gesture(399, 80).is_deliberate());
    }

    #[test]
    fn strokes_on_the_heels_of_another_are_a_burst() {
        assert!(!gesture(5000, 1).is_deliberate());
    }

    #[test]
    fn what_was_typed_ahead_of_the_card_does_not_count() {
        assert!(!gesture(5000, 80).began_well_after(after(700)));
        assert!(gesture(5000, 80).began_well_after(after(600)));
    }
}
