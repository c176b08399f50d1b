//! What the loop is given: keys, themes, clocks, and where things are kept.

use std::path::PathBuf;

use jiff::tz::TimeZone;

use crate::cockpit::core::{Mice, Occasion};
use crate::cockpit::keymap::Keymap;
use crate::cockpit::theme::Themes;
use crate::settings::Clock;

/// What the loop is given.
#[derive(Debug)]
pub struct CockpitSettings {
    /// Which keys ask for what.
    pub keymap: Keymap,
    /// The theme in use, and those that the person goes through.
    pub themes: Themes,
    /// The zone in which times are written.
    pub zone: TimeZone,
    /// The person's clock.
    pub wall: Clock,
    /// The hub's clock: another one only if a demonstration runs faster.
    pub clock: Clock,
    /// Where drafts and the layout are kept; nothing is kept without.
    pub state: Option<PathBuf>,
    /// The file to record into, which must not be there yet.
    pub recording: Option<PathBuf>,
    /// The person's editor, as a command line for the shell.
    pub editor: Option<String>,
    /// The program that opens links; none where no browser could be seen.
    pub browser: Option<String>,
    /// Who has the mouse at first.
    pub mice: Mice,
    /// What is about to happen, for a person who looks at a screen that is still empty.
    pub coming: Option<&'static str>,
    /// What calls a person who looks elsewhere.
    pub occasions: Vec<Occasion>,
    /// What the terminal understands.
    pub manners: Manners,
}

/// What the terminal understands beyond drawing; found out from the environment.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manners {
    /// How it calls a person who looks elsewhere.
    pub calling: Calling,
    /// Whether its tab shows progress (OSC 9;4).
    pub progress: bool,
    /// Whether a tmux stands between, which passes such things on only when asked to.
    pub tmux: bool,
    /// With which signs it is drawn on.
    pub glyphs: Glyphs,
}

/// The signs that are drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Glyphs {
    /// Everything that a terminal of today has.
    #[default]
    Unicode,
    /// ASCII alone.
    Ascii,
}

/// How a terminal calls a person who looks elsewhere; a bell rings with each but the last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Calling {
    /// With a bell alone.
    #[default]
    Bell,
    /// By OSC 9, as iTerm2, `WezTerm` and Windows Terminal have it.
    Osc9,
    /// By OSC 777, as urxvt, foot and Ghostty have it.
    Osc777,
    /// By OSC 99, as kitty has it.
    Osc99,
    /// Not at all.
    Off,
}
