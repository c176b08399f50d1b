//! Why a terminal cannot be taken or is lost, and what to do about it.

use std::io;

use crate::incident::{Notice, Trouble};

/// What the process finds at its ends; read where the environment is read.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// The value of `TERM`.
    pub term: Option<&'a str>,
    /// Whether keys can come from the standard input.
    pub stdin_is_terminal: bool,
    /// Whether the standard output can be drawn on.
    pub stdout_is_terminal: bool,
}

/// Why the screen cannot be had, or is gone.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// Nothing that a person types can arrive.
    #[error("the standard input is not a terminal")]
    NoKeys,
    /// Nothing that is drawn can be seen.
    #[error("the standard output is not a terminal")]
    NoScreen,
    /// The terminal says that it cannot be drawn on.
    #[error("the terminal is {0:?}, which cannot be drawn on")]
    Dumb(String),
    /// The terminal was closed while it was ours: end the loop, nobody is there.
    #[error("the terminal is gone")]
    Gone,
    /// The terminal did not obey.
    #[error("the terminal did not obey: {0}")]
    Failed(#[source] io::Error),
}

impl TerminalError {
    /// What a person can do instead, if anything.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoKeys | Self::NoScreen => Some(
                "run it in a terminal, or use `wheelhouse timeline`, `wheelhouse decisions` and \
                 the other reading commands, which work in pipes",
            ),
            Self::Dumb(_) => Some(
                "set TERM to what your terminal is, such as xterm-256color, or use the reading \
                 commands, such as `wheelhouse timeline`",
            ),
            Self::Gone | Self::Failed(_) => None,
        }
    }
}

impl From<TerminalError> for Notice {
    fn from(error: TerminalError) -> Self {
        let trouble = match error {
            TerminalError::NoKeys | TerminalError::NoScreen | TerminalError::Dumb(_) => {
                Trouble::Usage
            }
            TerminalError::Gone | TerminalError::Failed(_) => Trouble::Failed,
        };
        let hint = error.hint().map(str::to_owned);
        Self { hint, ..Self::new(trouble, format!("no cockpit here: {error}")) }
    }
}

impl From<io::Error> for TerminalError {
    fn from(error: io::Error) -> Self {
        if is_gone(&error) { Self::Gone } else { Self::Failed(error) }
    }
}

/// A closed terminal answers writes with EIO or EPIPE, and reads with EIO or their end.
fn is_gone(error: &io::Error) -> bool {
    let kinds = [io::ErrorKind::BrokenPipe, io::ErrorKind::UnexpectedEof];
    kinds.contains(&error.kind()) || errno_says_gone(error)
}

#[cfg(unix)]
fn errno_says_gone(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let gone = [Errno::IO, Errno::NXIO, Errno::BADF, Errno::NODEV];
    error.raw_os_error().is_some_and(|code| gone.contains(&Errno::from_raw_os_error(code)))
}

#[cfg(not(unix))]
fn errno_says_gone(_: &io::Error) -> bool {
    false
}

/// Whether a cockpit can be drawn here.
///
/// # Errors
/// It cannot, and why.
pub fn check(surroundings: &Surroundings<'_>) -> Result<(), TerminalError> {
    if !surroundings.stdin_is_terminal {
        return Err(TerminalError::NoKeys);
    }
    if !surroundings.stdout_is_terminal {
        return Err(TerminalError::NoScreen);
    }
    match surroundings.term {
        // Windows knows no TERM.
        None if cfg!(windows) => Ok(()),
        None | Some("") => Err(TerminalError::Dumb("unknown".to_owned())),
        Some("dumb") => Err(TerminalError::Dumb("dumb".to_owned())),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Surroundings<'static> =
        Surroundings { term: Some("xterm"), stdin_is_terminal: true, stdout_is_terminal: true };

    #[test]
    fn a_terminal_that_can_be_drawn_on_is_taken() {
        assert!(check(&GOOD).is_ok());
    }

    #[test]
    fn anything_else_is_refused_with_a_way_out() {
        let worse = [
            Surroundings { stdin_is_terminal: false, ..GOOD },
            Surroundings { stdout_is_terminal: false, ..GOOD },
            Surroundings { term: Some("dumb"), ..GOOD },
            Surroundings { term: Some(""), ..GOOD },
            Surroundings { term: None, ..GOOD },
        ];
        for surroundings in worse {
            let refused = check(&surroundings).unwrap_err();
            assert!(refused.hint().is_some(), "{surroundings:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_closed_terminal_is_told_from_a_failing_one() {
        let from = |code| TerminalError::from(io::Error::from_raw_os_error(code));
        assert!(matches!(from(rustix::io::Errno::IO.raw_os_error()), TerminalError::Gone));
        assert!(matches!(from(rustix::io::Errno::PIPE.raw_os_error()), TerminalError::Gone));
        assert!(matches!(from(rustix::io::Errno::NOMEM.raw_os_error()), TerminalError::Failed(_)));
    }
}
