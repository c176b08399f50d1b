//! A terminal that takes its time for every frame, as one at the end of a long line does.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Size;
use wheelhouse::cockpit::core::{Mice, Progress};
use wheelhouse::cockpit::driver::{Manners, Surface};
use wheelhouse::cockpit::terminal::{Screen, TerminalError};

/// The terminal, and how long it takes.
pub(crate) struct Slow {
    pub(crate) screen: Screen,
    pub(crate) frame: Duration,
}

type Done = Result<(), TerminalError>;

impl Surface for Slow {
    fn size(&self) -> Result<Size, TerminalError> {
        self.screen.size()
    }

    fn resized(&mut self, size: Size) -> Done {
        self.screen.resized(size)
    }

    fn draw(&mut self, view: impl FnOnce(&mut Frame<'_>)) -> Done {
        // Nothing is waited for here: this is the slowness itself.
        std::thread::sleep(self.frame);
        self.screen.draw(view).map(drop)
    }

    fn redraw(&mut self) -> Done {
        self.screen.redraw()
    }

    fn set_title(&mut self, title: &str) -> Done {
        self.screen.set_title(title)
    }

    fn copy(&mut self, text: &str, manners: Manners) -> Result<&'static str, TerminalError> {
        self.screen.copy(text, manners)
    }

    fn notify(&mut self, what: &str, manners: Manners) -> Done {
        self.screen.notify(what, manners)
    }

    fn set_progress(&mut self, progress: Progress, manners: Manners) -> Done {
        self.screen.set_progress(progress, manners)
    }

    fn set_mouse(&mut self, mice: Mice) -> Done {
        self.screen.set_mouse(mice)
    }

    fn leave(&mut self) -> Done {
        self.screen.leave()
    }

    fn retake(&mut self) -> Done {
        self.screen.retake()
    }

    fn suspend(&mut self) -> Done {
        self.screen.suspend().map(drop)
    }

    fn stop(&mut self) -> Done {
        self.screen.stop()
    }
}
