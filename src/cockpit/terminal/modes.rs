//! The modes a cockpit needs of a terminal, as the bytes that set and unset them.

use std::io::{self, Write};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
    EnableFocusChange, EnableMouseCapture,
};
use crossterm::queue;
use crossterm::style::{Attribute, SetAttribute};
use crossterm::terminal::{EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen};

/// Who gets the mouse.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Pointer {
    /// The cockpit: wheel and clicks are inputs.
    #[default]
    Cockpit,
    /// The terminal, which selects and copies.
    Terminal,
}

/// Saves the window's title on the terminal's stack, and brings it back (xterm's `XTWINOPS` 22, 23).
const SAVE_TITLE: &str = "\x1b[22;0t";
const RESTORE_TITLE: &str = "\x1b[23;0t";

/// Clicks, drags and the wheel, in the form without limits (xterm's modes 1000, 1002, 1006).
///
/// Crossterm's own command also asks for every movement, which would wake an idle cockpit.
const BUTTONS: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";

/// Asks for keys that cannot be told apart otherwise, and takes that back: the first flag of kitty's
/// keyboard protocol alone. Terminals without it do not know the sequence and pass over it.
pub(super) const DISAMBIGUATE: &str = "\x1b[>1u";
pub(super) const AMBIGUOUS: &str = "\x1b[<1u";

/// The longest window title, in characters.
const TITLE_MAX: usize = 64;

/// Writes what remembers the window's title; once, since the terminal keeps a stack.
pub(super) fn save_title(out: &mut impl Write) -> io::Result<()> {
    out.write_all(SAVE_TITLE.as_bytes())
}

/// Writes what takes the screen.
pub(super) fn enter(out: &mut impl Write, pointer: Pointer) -> io::Result<()> {
    queue!(out, EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange, Hide)?;
    point(out, pointer)
}

/// Writes what gives or takes the mouse.
pub(super) fn point(out: &mut impl Write, pointer: Pointer) -> io::Result<()> {
    match pointer {
        Pointer::Cockpit if cfg!(windows) => queue!(out, EnableMouseCapture),
        Pointer::Cockpit => out.write_all(BUTTONS.as_bytes()),
        Pointer::Terminal => queue!(out, DisableMouseCapture),
    }
}

/// Writes what undoes every mode, whichever of them are on and wherever a frame was cut off.
pub(super) fn leave(out: &mut impl Write) -> io::Result<()> {
    queue!(
        out,
        EndSynchronizedUpdate,
        DisableMouseCapture,
        DisableFocusChange,
        DisableBracketedPaste,
        SetAttribute(Attribute::Reset),
        LeaveAlternateScreen,
        Show
    )?;
    out.write_all(RESTORE_TITLE.as_bytes())
}

/// A window title from `text`: printable ASCII, at most 64 characters; anything else is a `?`.
pub(super) fn title(text: &str) -> String {
    let plain = |sign: char| if sign == ' ' || sign.is_ascii_graphic() { sign } else { '?' };
    text.chars().map(plain).take(TITLE_MAX).collect()
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU16;

    use super::*;

    /// A terminal that has read `bytes`.
    fn after(bytes: &[u8]) -> vt100::Parser {
        let size = |cells| NonZeroU16::new(cells).unwrap();
        let mut terminal = vt100::Parser::new(size(24), size(80), 0);
        terminal.process(bytes);
        terminal
    }

    #[test]
    fn leaving_undoes_all_that_entering_did() {
        let mut bytes = Vec::new();
        enter(&mut bytes, Pointer::Cockpit).unwrap();
        let taken = after(&bytes);
        assert!(taken.screen().alternate_screen() && taken.screen().bracketed_paste());
        assert!(taken.screen().hide_cursor());
        assert_ne!(taken.screen().mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        leave(&mut bytes).unwrap();
        let left = after(&bytes);
        assert!(!left.screen().alternate_screen() && !left.screen().bracketed_paste());
        assert!(!left.screen().hide_cursor());
        assert_eq!(left.screen().mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    }

    #[test]
    fn every_private_mode_that_is_set_is_unset() {
        let mut set = Vec::new();
        enter(&mut set, Pointer::Cockpit).unwrap();
        let mut unset = Vec::new();
        leave(&mut unset).unwrap();
        let (set, unset) = (String::from_utf8(set).unwrap(), String::from_utf8(unset).unwrap());
        let mut modes = 0;
        for mode in set.split("\x1b[?").filter_map(|rest| rest.split_once('h')).map(|(n, _)| n) {
            assert!(unset.contains(&format!("\x1b[?{mode}l")), "mode {mode} stays on");
            modes += 1;
        }
        assert!(modes >= 4, "{set:?}");
        assert!(unset.contains("\x1b[?25h"), "the cursor stays hidden");
    }

    #[test]
    fn a_title_is_short_and_cannot_act() {
        assert_eq!(title("checkout \x1b]0;x\x07 – é\u{202e}"), "checkout ?]0;x? ? ??");
        assert_eq!(title(&"x".repeat(500)).len(), 64);
    }
}
