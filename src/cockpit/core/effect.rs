//! What the driver shall do: everything that leaves the core, as data.

use jiff::Timestamp;

use super::model::{AskId, DraftKey, Layout, Mice, Occasion, Progress, Remembered, Replaying};
use crate::wire::Command;

/// One thing that the driver does for the core; its outcome, if any, comes back as a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    // --- the hub
    /// Ask the hub; the answer comes back as `Message::Answered` with the same `ask`.
    Send {
        /// What the answer will name.
        ask: AskId,
        /// What to ask.
        command: Box<Command>,
    },

    // --- time
    /// Send `Message::Ticked` at this moment of the wall clock, or as soon after it as possible.
    WakeAt(Timestamp),

    // --- the terminal
    /// Put a text on the person's clipboard.
    Copy(String),
    /// Open a link in the person's browser; it is an address of the web, checked once more there.
    OpenLink(String),
    /// Let the person go on writing in their own editor.
    OpenEditor {
        /// What is written so far.
        text: String,
    },
    /// Name the terminal's window.
    SetTitle(String),
    /// Call the person, if they want to be called for this.
    Notify {
        /// What happened.
        occasion: Occasion,
        /// In a few words, made of our own words and of text made safe.
        what: String,
    },
    /// Show in the terminal's tab whether agents work or wait.
    SetProgress(Progress),
    /// Take the mouse, or leave it to the terminal.
    CaptureMouse(Mice),
    /// Use the next theme.
    NextTheme,
    /// Draw every cell again.
    Redraw,
    /// Stop the process and give the terminal back until the shell resumes it.
    Suspend,
    /// Leave the cockpit.
    Quit,

    // --- what the next start finds again
    /// Keep an unfinished text; an empty one is forgotten.
    SaveDraft {
        /// What it is for.
        key: DraftKey,
        /// The text.
        text: String,
    },
    /// Keep how the panes are laid out.
    SaveLayout(Layout),
    /// Keep searches, bookmarks, and what was written.
    Remember(Remembered),

    // --- watching a recording
    /// Play differently.
    Play(Replaying),
}
