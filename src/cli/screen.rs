//! Opening the cockpit on a terminal, and closing it whatever happens.

use std::io::{IsTerminal, stdin, stdout};
use std::path::PathBuf;

use jiff::tz::TimeZone;

use crate::cockpit::core::{Mice, Occasion};
use crate::cockpit::driver::{
    Cockpit, CockpitError, CockpitSettings, Keyboard, Left, Manners, Outside,
};
use crate::cockpit::keymap::Keymap;
use crate::cockpit::terminal::{
    Pointer, Screen, Strokes, Surroundings, TerminalError, check, watch_panics, watch_signals,
};
use crate::cockpit::theme::{Depth, Themes};
use crate::incident::{Notice, Trouble};
use crate::settings::Clock;
use crate::wire::{Frame, Link, RecordingHeader};

/// Where what is shown comes from.
pub(super) enum Source {
    /// A hub that lives.
    Hub(Link),
    /// A recording of one that did.
    Recording(RecordingHeader, Vec<Frame>),
}

/// How the cockpit shall look and be steered.
pub(super) struct Look {
    /// The name of the theme.
    pub theme: String,
    /// The name of the keymap.
    pub keymap: String,
    /// The person's own themes.
    pub own_themes: Option<PathBuf>,
    /// The person's own keymaps.
    pub own_keymaps: Option<PathBuf>,
    /// How many colours the terminal has.
    pub depth: Depth,
    /// What the terminal calls itself.
    pub term: Option<String>,
    /// The person's editor, as a command line for the shell.
    pub editor: Option<String>,
    /// The program that opens links; none where no browser could be seen.
    pub browser: Option<String>,
    /// What the terminal understands.
    pub manners: Manners,
    /// How much the terminal says about keys.
    pub strokes: Strokes,
    /// What is about to happen, for a person who looks at a screen that is still empty.
    pub coming: Option<&'static str>,
    /// What calls a person who looks elsewhere.
    pub occasions: Vec<Occasion>,
    /// Whether the mouse is taken.
    pub pointer: Pointer,
    /// The clock of what is shown.
    pub clock: Clock,
    /// Where drafts and the layout are kept.
    pub state: Option<PathBuf>,
    /// The file to record into.
    pub recording: Option<PathBuf>,
}

/// Shows the cockpit until it is left. The terminal is given back however this ends.
pub(super) async fn show(source: Source, look: Look) -> Result<Left, Notice> {
    check(&Surroundings {
        stdin_is_terminal: stdin().is_terminal(),
        stdout_is_terminal: stdout().is_terminal(),
        term: look.term.as_deref(),
    })?;
    let themes = Themes::begin(&look.theme, look.own_themes, look.depth)?;
    let keymap = Keymap::load(&look.keymap, look.own_keymaps.as_deref())?;
    let settings = CockpitSettings {
        keymap,
        themes,
        zone: TimeZone::system(),
        wall: Clock::real(),
        clock: look.clock,
        state: look.state,
        recording: look.recording,
        editor: look.editor,
        browser: look.browser,
        mice: match look.pointer {
            Pointer::Cockpit => Mice::Captured,
            Pointer::Terminal => Mice::Released,
        },
        coming: look.coming,
        occasions: look.occasions,
        manners: look.manners,
    };
    let wall = settings.wall.clone();
    let cockpit = match source {
        Source::Hub(link) => Cockpit::live(link, settings),
        Source::Recording(header, frames) => Cockpit::replay(header, frames, settings),
    };
    // Watched before the terminal is taken, so that no signal finds it taken and unwatched.
    let signals = watch_signals().map_err(|error| {
        Notice::new(Trouble::Failed, "signals cannot be watched").detail(error.to_string())
    })?;
    let mut keyboard = Keyboard::new(wall).map_err(|error| {
        Notice::new(Trouble::Failed, "the keyboard cannot be watched").detail(error.to_string())
    })?;
    let outside = Outside { signals: Some(signals), panics: Some(watch_panics()) };
    let mut screen = Screen::take(look.pointer)?;
    screen.ask_for(look.strokes)?;
    let left = cockpit.run(&mut screen, &mut keyboard, outside).await;
    // Nobody reads any more before the terminal is given back.
    drop(keyboard);
    drop(screen);
    match left {
        // A write may find it out before a key or a signal does.
        Err(CockpitError::Terminal(TerminalError::Gone)) => Ok(Left::WithoutHands),
        left => left.map_err(|error| {
            Notice::new(Trouble::Failed, "the cockpit ended").detail(error.to_string())
        }),
    }
}
