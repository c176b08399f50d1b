//! The taken terminal: drawing whole frames, stepping aside for a shell, and giving it back.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate, SetTitle};
use crossterm::{Command, queue};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Rect, Size};
use ratatui::{Frame, Terminal};

use super::modes::{self, Pointer};
use super::refusal::TerminalError;
use super::{held, job};

/// The terminal while it is ours; dropping it gives it back.
///
/// Hold it on the main thread, outside of any spawned task: that is what the panic hook takes for
/// the owner of the screen, and where stopping the process takes effect at once.
#[derive(Debug)]
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Outlet>>,
    outlet: Outlet,
    pointer: Pointer,
    strokes: Strokes,
    title: String,
}

/// How much the terminal is asked to say about keys.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Strokes {
    /// As terminals of old do.
    #[default]
    Plain,
    /// Keys that are the same byte there are told apart, where the terminal is known to do so.
    Disambiguated,
}

/// Whether the process was stopped for the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspended {
    /// It was, and goes on.
    Yes,
    /// There is no shell to return to, so nothing happened.
    NoShell,
}

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    /// The terminal does not obey; it is left as it was.
    pub fn take(pointer: Pointer) -> Result<Self, TerminalError> {
        let outlet = Outlet::default();
        held::take(pointer)?;
        let built = Terminal::new(CrosstermBackend::new(outlet.clone()));
        let terminal = built.or_else(|error| held::restore().and(Err(error)))?;
        Ok(Self { terminal, outlet, pointer, strokes: Strokes::Plain, title: String::new() })
    }

    /// Asks for keys that terminals of old cannot tell apart; every retaking asks again.
    ///
    /// # Errors
    /// [`TerminalError::Gone`] if nobody is there any more.
    pub fn ask_for(&mut self, strokes: Strokes) -> Result<(), TerminalError> {
        self.strokes = strokes;
        if strokes == Strokes::Disambiguated {
            held::undo_with(modes::AMBIGUOUS);
            self.outlet.write_all(modes::DISAMBIGUATE.as_bytes())?;
        }
        self.release().map(drop)
    }

    /// Remembers what undoes something that was said, for when the terminal is given back.
    pub fn undo_with(&self, bytes: &'static str) {
        held::undo_with(bytes);
    }

    /// Draws a frame in one piece, and says how many bytes it took.
    ///
    /// # Errors
    /// [`TerminalError::Gone`] if nobody is there any more.
    pub fn draw(&mut self, view: impl FnOnce(&mut Frame<'_>)) -> Result<usize, TerminalError> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(view)?;
        queue!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        self.release()
    }

    /// Makes the next frame draw every cell, whatever is on the screen now.
    ///
    /// It never clears through ratatui, which would ask the terminal for the cursor and wait.
    ///
    /// # Errors
    /// The terminal's size cannot be read.
    pub fn redraw(&mut self) -> Result<(), TerminalError> {
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::new(0, 0, size.width, size.height))?;
        Ok(())
    }

    /// Sets the window's title: a constant of ours with sanitised text; see the rules in `modes`.
    ///
    /// # Errors
    /// [`TerminalError::Gone`] if nobody is there any more.
    pub fn set_title(&mut self, text: &str) -> Result<(), TerminalError> {
        let title = modes::title(text);
        if title == self.title {
            return Ok(());
        }
        queue!(self.outlet, SetTitle(&title))?;
        self.title = title;
        self.release().map(drop)
    }

    /// Its size, in cells.
    ///
    /// # Errors
    /// The terminal's size cannot be read.
    pub fn size(&self) -> Result<Size, TerminalError> {
        Ok(self.terminal.size()?)
    }

    /// Says something to the terminal besides drawing; the command answers for its own text.
    ///
    /// # Errors
    /// [`TerminalError::Gone`] if nobody is there any more.
    pub fn say(&mut self, command: impl Command) -> Result<(), TerminalError> {
        queue!(self.outlet, command)?;
        self.release().map(drop)
    }

    /// Gives the mouse to the cockpit or to the terminal.
    ///
    /// # Errors
    /// [`TerminalError::Gone`] if nobody is there any more.
    pub fn set_pointer(&mut self, pointer: Pointer) -> Result<(), TerminalError> {
        self.pointer = pointer;
        modes::point(&mut self.outlet, pointer)?;
        self.release().map(drop)
    }

    /// Who has the mouse.
    pub fn pointer(&self) -> Pointer {
        self.pointer
    }

    /// Gives the terminal back for a while, to an editor or a shell; stop reading keys first.
    ///
    /// # Errors
    /// The terminal does not obey.
    pub fn leave(&mut self) -> Result<(), TerminalError> {
        self.outlet.bytes().clear();
        Ok(held::restore()?)
    }

    /// Takes the terminal again, after [`Screen::leave`] or after being continued.
    ///
    /// # Errors
    /// The terminal does not obey.
    pub fn retake(&mut self) -> Result<(), TerminalError> {
        held::take(self.pointer)?;
        self.ask_for(self.strokes)?;
        let title = std::mem::take(&mut self.title);
        self.set_title(&title)?;
        self.redraw()
    }

    /// Stops the process for the shell, and takes the terminal again when it is continued.
    ///
    /// # Errors
    /// The terminal does not obey.
    pub fn suspend(&mut self) -> Result<Suspended, TerminalError> {
        if !job::may_stop() {
            return Ok(Suspended::NoShell);
        }
        self.leave()?;
        let stopped = job::stop();
        self.retake()?;
        Ok(stopped.map(|()| Suspended::Yes)?)
    }

    /// Stops the process with whoever has the terminal now, and returns when it is continued.
    ///
    /// # Errors
    /// The process cannot be stopped.
    pub fn stop(&mut self) -> Result<(), TerminalError> {
        if job::may_stop() { Ok(job::stop()?) } else { Ok(()) }
    }

    fn release(&mut self) -> Result<usize, TerminalError> {
        let bytes = std::mem::take(&mut *self.outlet.bytes());
        held::write(&bytes)?;
        Ok(bytes.len())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if let Err(error) = held::restore() {
            // Nobody is there to be told; the log is.
            tracing::warn!(%error, "failed to give the terminal back");
        }
    }
}

/// Collects the bytes of a frame until it is whole: ratatui flushes in the middle of one.
#[derive(Debug, Default, Clone)]
struct Outlet(Arc<Mutex<Vec<u8>>>);

impl Outlet {
    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// Keeps the bytes: only a whole frame leaves.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
