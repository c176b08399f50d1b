//! What the loop draws on: the real terminal, or any backend in tests.

use std::convert::Infallible;

use crossterm::Command;
use crossterm::clipboard::CopyToClipboard;
use ratatui::Frame;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;

use super::settings::{Calling, Manners};
use crate::cockpit::core::{Mice, Progress};
use crate::cockpit::terminal::{Pointer, Screen, TerminalError};

/// What the loop draws on.
pub trait Surface {
    /// Its size, in cells.
    fn size(&self) -> Result<Size, TerminalError>;
    /// Takes note of a new size.
    fn resized(&mut self, size: Size) -> Result<(), TerminalError>;
    /// Draws a whole frame.
    fn draw(&mut self, view: impl FnOnce(&mut Frame<'_>)) -> Result<(), TerminalError>;
    /// Makes the next frame draw every cell.
    fn redraw(&mut self) -> Result<(), TerminalError>;
    /// Names the window.
    fn set_title(&mut self, title: &str) -> Result<(), TerminalError>;
    /// Sends a text to the clipboard and says where it went.
    fn copy(&mut self, text: &str, manners: Manners) -> Result<&'static str, TerminalError>;
    /// Calls the person.
    fn notify(&mut self, what: &str, manners: Manners) -> Result<(), TerminalError>;
    /// Shows in the tab whether agents work or wait.
    fn set_progress(&mut self, progress: Progress, manners: Manners) -> Result<(), TerminalError>;
    /// Takes the mouse, or leaves it to the terminal.
    fn set_mouse(&mut self, mice: Mice) -> Result<(), TerminalError>;
    /// Gives the terminal back for a while.
    fn leave(&mut self) -> Result<(), TerminalError>;
    /// Takes the terminal again.
    fn retake(&mut self) -> Result<(), TerminalError>;
    /// Stops the process until the shell continues it.
    fn suspend(&mut self) -> Result<(), TerminalError>;
    /// Stops the process while the terminal belongs to somebody else, and takes nothing afterwards.
    fn stop(&mut self) -> Result<(), TerminalError>;
}

impl Surface for Screen {
    fn size(&self) -> Result<Size, TerminalError> {
        Self::size(self)
    }

    /// Even back at the size it had, a terminal has lost what did not fit in between.
    fn resized(&mut self, _: Size) -> Result<(), TerminalError> {
        Self::redraw(self)
    }

    fn draw(&mut self, view: impl FnOnce(&mut Frame<'_>)) -> Result<(), TerminalError> {
        Self::draw(self, view).map(drop)
    }

    fn redraw(&mut self) -> Result<(), TerminalError> {
        Self::redraw(self)
    }

    fn set_title(&mut self, title: &str) -> Result<(), TerminalError> {
        Self::set_title(self, title)
    }

    fn copy(&mut self, text: &str, manners: Manners) -> Result<&'static str, TerminalError> {
        self.say(CopyToClipboard::to_clipboard_from(text))?;
        if !manners.tmux {
            return Ok("the terminal's clipboard by OSC 52");
        }
        // A tmux takes it itself, or passes it on, or both: which of them is its own setting.
        self.say(Copied { text, manners })?;
        Ok("tmux by OSC 52; it takes it where its `set-clipboard` is `on`")
    }

    fn notify(&mut self, what: &str, manners: Manners) -> Result<(), TerminalError> {
        self.say(Called { what, manners })
    }

    fn set_progress(&mut self, progress: Progress, manners: Manners) -> Result<(), TerminalError> {
        if !manners.progress {
            return Ok(());
        }
        self.undo_with(if manners.tmux { NO_PROGRESS_TMUX } else { NO_PROGRESS });
        self.say(Shown { progress, manners })
    }

    fn set_mouse(&mut self, mice: Mice) -> Result<(), TerminalError> {
        self.set_pointer(match mice {
            Mice::Captured => Pointer::Cockpit,
            Mice::Released => Pointer::Terminal,
        })
    }

    fn leave(&mut self) -> Result<(), TerminalError> {
        Self::leave(self)
    }

    fn retake(&mut self) -> Result<(), TerminalError> {
        Self::retake(self)
    }

    fn suspend(&mut self) -> Result<(), TerminalError> {
        Self::suspend(self).map(drop)
    }

    fn stop(&mut self) -> Result<(), TerminalError> {
        Self::stop(self)
    }
}

/// A screen in memory, for tests and pictures: what is not drawn is written down.
#[derive(Debug)]
pub struct Canvas {
    /// What is drawn on.
    pub terminal: Terminal<TestBackend>,
    /// What was done besides drawing, such as `copy …`, in order.
    pub done: Vec<String>,
    /// How many frames were drawn.
    pub frames: usize,
}

impl Canvas {
    /// A screen of this size.
    ///
    /// # Errors
    /// None: a screen in memory cannot fail, which the type of its backend says.
    pub fn new(columns: u16, rows: u16) -> Result<Self, Infallible> {
        let terminal = Terminal::new(TestBackend::new(columns, rows))?;
        Ok(Self { terminal, done: Vec::new(), frames: 0 })
    }

    fn note(&mut self, what: String) {
        self.done.push(what);
    }
}

impl Surface for Canvas {
    fn size(&self) -> Result<Size, TerminalError> {
        self.terminal.size().map_err(never)
    }

    fn resized(&mut self, size: Size) -> Result<(), TerminalError> {
        self.terminal.backend_mut().resize(size.width, size.height);
        Ok(())
    }

    fn draw(&mut self, view: impl FnOnce(&mut Frame<'_>)) -> Result<(), TerminalError> {
        self.frames += 1;
        self.terminal.draw(view).map(drop).map_err(never)
    }

    fn redraw(&mut self) -> Result<(), TerminalError> {
        self.note("redraw".to_owned());
        Ok(())
    }

    fn set_title(&mut self, title: &str) -> Result<(), TerminalError> {
        self.note(format!("title {title}"));
        Ok(())
    }

    fn copy(&mut self, text: &str, _: Manners) -> Result<&'static str, TerminalError> {
        self.note(format!("copy {text}"));
        Ok("a test")
    }

    fn notify(&mut self, what: &str, _: Manners) -> Result<(), TerminalError> {
        self.note(format!("notify {what}"));
        Ok(())
    }

    fn set_progress(&mut self, progress: Progress, _: Manners) -> Result<(), TerminalError> {
        self.note(format!("progress {progress:?}"));
        Ok(())
    }

    fn set_mouse(&mut self, mice: Mice) -> Result<(), TerminalError> {
        self.note(format!("mouse {mice:?}"));
        Ok(())
    }

    fn leave(&mut self) -> Result<(), TerminalError> {
        self.note("leave".to_owned());
        Ok(())
    }

    fn retake(&mut self) -> Result<(), TerminalError> {
        self.note("retake".to_owned());
        Ok(())
    }

    fn suspend(&mut self) -> Result<(), TerminalError> {
        self.note("suspend".to_owned());
        Ok(())
    }

    fn stop(&mut self) -> Result<(), TerminalError> {
        self.note("stop".to_owned());
        Ok(())
    }
}

fn never(error: Infallible) -> TerminalError {
    match error {}
}

/// What takes the progress out of the tab again.
const NO_PROGRESS: &str = "\x1b]9;4;0;0\x1b\\";
const NO_PROGRESS_TMUX: &str = "\x1bPtmux;\x1b\x1b]9;4;0;0\x1b\x1b\\\x1b\\";

/// A text for the clipboard, passed on by a tmux.
struct Copied<'a> {
    text: &'a str,
    manners: Manners,
}

impl Command for Copied<'_> {
    fn write_ansi(&self, f: &mut impl std::fmt::Write) -> std::fmt::Result {
        let mut sequence = String::new();
        CopyToClipboard::to_clipboard_from(self.text).write_ansi(&mut sequence)?;
        passed(f, self.manners, &sequence)
    }

    #[cfg(windows)]
    fn execute_winapi(&self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A bell, and a notification where the terminal has them.
struct Called<'a> {
    what: &'a str,
    manners: Manners,
}

impl Command for Called<'_> {
    fn write_ansi(&self, f: &mut impl std::fmt::Write) -> std::fmt::Result {
        let what = plain(self.what);
        let sequence = match self.manners.calling {
            Calling::Off => return Ok(()),
            Calling::Bell => return f.write_char('\x07'),
            Calling::Osc9 => format!("\x1b]9;{what}\x1b\\"),
            Calling::Osc777 => format!("\x1b]777;notify;wheelhouse;{what}\x1b\\"),
            Calling::Osc99 => format!("\x1b]99;;{what}\x1b\\"),
        };
        passed(f, self.manners, &sequence)?;
        f.write_char('\x07')
    }

    #[cfg(windows)]
    fn execute_winapi(&self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The state of the terminal's tab, in the sequence of `ConEmu` (OSC 9;4).
struct Shown {
    progress: Progress,
    manners: Manners,
}

impl Command for Shown {
    fn write_ansi(&self, f: &mut impl std::fmt::Write) -> std::fmt::Result {
        let state = match self.progress {
            Progress::Idle => "0;0",
            Progress::Working => "3;0",
            Progress::Waiting => "4;100",
            Progress::Broken => "2;100",
        };
        passed(f, self.manners, &format!("\x1b]9;4;{state}\x1b\\"))
    }

    #[cfg(windows)]
    fn execute_winapi(&self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Printable ASCII of at most 120 characters: more could end the sequence, or be another.
fn plain(what: &str) -> String {
    let plain = |sign: char| if sign == ' ' || sign.is_ascii_graphic() { sign } else { '?' };
    what.chars().map(plain).map(|sign| if sign == ';' { ',' } else { sign }).take(120).collect()
}

/// Writes a sequence, wrapped where a tmux passes on only what is wrapped.
fn passed(f: &mut impl std::fmt::Write, manners: Manners, sequence: &str) -> std::fmt::Result {
    if manners.tmux {
        write!(f, "\x1bPtmux;{}\x1b\\", sequence.replace('\x1b', "\x1b\x1b"))
    } else {
        f.write_str(sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(command: &impl Command) -> String {
        let mut text = String::new();
        command.write_ansi(&mut text).unwrap();
        text
    }

    #[test]
    fn a_notification_cannot_end_itself_early() {
        for (calling, begins) in [
            (Calling::Osc9, "\x1b]9;"),
            (Calling::Osc777, "\x1b]777;notify;wheelhouse;"),
            (Calling::Osc99, "\x1b]99;;"),
        ] {
            let manners = Manners { calling, ..Manners::default() };
            let text = written(&Called { what: "x\x1b\\\x07;4;1 é", manners });
            assert_eq!(text, format!("{begins}x?\\?,4,1 ?\x1b\\\x07"));
        }
    }

    #[test]
    fn without_notifications_there_is_a_bell_unless_nothing_is_wanted() {
        assert_eq!(written(&Called { what: "x", manners: Manners::default() }), "\x07");
        let manners = Manners { calling: Calling::Off, ..Manners::default() };
        assert_eq!(written(&Called { what: "x", manners }), "");
    }

    #[test]
    fn a_tmux_gets_it_wrapped_and_hears_the_bell_itself() {
        let manners =
            Manners { tmux: true, progress: true, calling: Calling::Osc99, ..Manners::default() };
        let text = written(&Shown { progress: Progress::Waiting, manners });
        assert_eq!(text, "\x1bPtmux;\x1b\x1b]9;4;4;100\x1b\x1b\\\x1b\\");
        assert!(written(&Called { what: "x", manners }).ends_with("\x1b\\\x07"));
        let text = written(&Copied { text: "hi", manners });
        assert_eq!(text, "\x1bPtmux;\x1b\x1b]52;c;aGk=\x1b\x1b\\\x1b\\");
    }

    #[test]
    fn the_tab_is_cleared_in_the_words_in_which_it_is_filled() {
        let manners = Manners { progress: true, ..Manners::default() };
        assert_eq!(written(&Shown { progress: Progress::Idle, manners }), NO_PROGRESS);
        let manners = Manners { tmux: true, ..manners };
        assert_eq!(written(&Shown { progress: Progress::Idle, manners }), NO_PROGRESS_TMUX);
    }
}
