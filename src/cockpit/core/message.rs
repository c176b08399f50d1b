//! What can happen: everything that reaches the core, in one order.

use std::sync::Arc;

use jiff::Timestamp;

use super::input::Reading;
use super::model::{AskId, DraftKey, Mark, Remembered, Replaying, Sight};
use crate::incident::Notice;
use crate::wire::{Frame, Reply};

/// One thing that happened. Time is one of them: nothing here reads a clock.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    // --- time
    /// Time has passed. The driver says so before every batch of other messages.
    Ticked {
        /// The person's time: gestures, the recall window, and notices live by it.
        wall: Timestamp,
        /// The hub's time: entries, calls, and expiries live by it. In a demonstration that runs
        /// faster, and in a replay, it is not the person's.
        now: Timestamp,
    },

    // --- the hub
    /// The feed is there; what comes next is what there was, from its beginning.
    LinkUp,
    /// All that there was has come; from now on frames are news.
    CaughtUp,
    /// The feed broke off.
    LinkLost {
        /// Why.
        why: Notice,
        /// When the next attempt begins, on the wall clock; none if there will be none.
        retry_at: Option<Timestamp>,
    },
    /// The hub told something.
    Framed(Arc<Frame>),
    /// The hub answered a command; an unknown `ask` is ignored.
    Answered {
        /// What was asked.
        ask: AskId,
        /// The answer.
        result: Result<Box<Reply>, Notice>,
    },

    // --- the person
    /// Something came from the terminal and the keymap read it.
    Pressed {
        /// When, on the wall clock.
        at: Timestamp,
        /// What the keymap made of it.
        reading: Reading,
    },
    /// A frame was drawn; what stands on it can be seen from now on.
    Drawn {
        /// When, on the wall clock.
        at: Timestamp,
        /// What the view found out: sizes, and what stands where.
        sight: Sight,
    },
    /// The person's editor ended.
    EditorReturned(Result<String, Notice>),
    /// A text was sent where it shall get onto the clipboard.
    Copied {
        /// Where: the terminal, a tmux, …
        to: &'static str,
    },

    // --- what the last run left
    /// Unfinished texts were found.
    DraftsRestored(Vec<(DraftKey, String)>),
    /// Searches, bookmarks and texts were found.
    Remembered(Remembered),

    // --- the machinery around
    /// Something went wrong that the person should know.
    Warned(Notice),
    /// Something was done that the person asked for.
    Mentioned(Notice),
    /// The recorder could not keep up.
    RecorderLost {
        /// How many frames are missing in the recording so far.
        total: u64,
    },
    /// A recording is there, with what is marked in it.
    RecordingOpened(Vec<Mark>),
    /// The recording plays from its beginning again.
    Rewound,
    /// The recording plays differently, or has come to its end.
    Replayed(Replaying),
}
