//! The exit codes: what a script can do about how it ended.

use crate::incident::{Notice, Trouble};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// It did what was asked.
    Done,
    /// Something failed that nobody could have known.
    Failed,
    /// The request was not well formed.
    Usage,
    /// What was named does not exist.
    NotFound,
    /// Who asked may not do it.
    NotAllowed,
    /// Another system does not answer.
    Unreachable,
    /// Somebody was faster, or what was seen has changed.
    Conflict,
    /// The time to wait ran out.
    TimedOut,
    /// Its terminal was closed.
    HungUp,
    /// Somebody interrupted it.
    Interrupted,
    /// Somebody ended it.
    Terminated,
    /// It was killed, and could not end in order.
    Killed,
}

impl Exit {
    /// Every way to end.
    pub const ALL: [Self; 12] = [
        Self::Done,
        Self::Failed,
        Self::Usage,
        Self::NotFound,
        Self::NotAllowed,
        Self::Unreachable,
        Self::Conflict,
        Self::TimedOut,
        Self::HungUp,
        Self::Interrupted,
        Self::Terminated,
        Self::Killed,
    ];

    /// The code that the process ends with.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NotFound => 3,
            Self::NotAllowed => 4,
            Self::Unreachable => 5,
            Self::Conflict => 6,
            Self::TimedOut => 7,
            // 128 and the number of the signal, as shells count.
            Self::HungUp => 129,
            Self::Interrupted => 130,
            Self::Terminated => 143,
            Self::Killed => 137,
        }
    }

    /// What it means, for the help and the man page.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Usage => "not well formed: arguments, settings, or an answer without its reason",
            Self::NotFound => "what was named does not exist",
            Self::NotAllowed => "not allowed, or a credential is missing",
            Self::Unreachable => "a hub, partner or tracker does not answer",
            Self::Conflict => "decided already, or changed since it was read",
            Self::TimedOut => "the wait ran out",
            Self::HungUp => "the terminal was closed",
            Self::Interrupted => "interrupted",
            Self::Terminated => "ended by a signal",
            Self::Killed => "killed; the terminal was given back",
        }
    }
}

impl From<Trouble> for Exit {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Failed => Self::Failed,
            Trouble::Usage => Self::Usage,
            Trouble::NotFound => Self::NotFound,
            Trouble::NotAllowed => Self::NotAllowed,
            Trouble::Unreachable => Self::Unreachable,
            Trouble::Conflict => Self::Conflict,
            Trouble::TimedOut => Self::TimedOut,
        }
    }
}

/// Ends a command on an interruption; a cockpit hears the signals itself, and gives the terminal back.
pub(super) async fn interruptible(
    command: impl Future<Output = Result<Exit, Notice>>,
) -> Result<Exit, Notice> {
    tokio::select! {
        // First, so that an interruption is listened for before the command can ask anything.
        biased;
        interrupted = tokio::signal::ctrl_c() => match interrupted {
            Ok(()) => Ok(Exit::Interrupted),
            Err(error) => Err(Notice::new(Trouble::Failed, "an interruption cannot be heard")
                .detail(error.to_string())),
        },
        result = command => result,
    }
}

/// The table of all codes, for the help and the man page.
pub(super) fn table() -> String {
    let row = |exit: &Exit| format!("  {:>3}  {}", exit.code(), exit.meaning());
    let rows: Vec<String> = Exit::ALL.iter().map(row).collect();
    format!("Exit codes:\n{}", rows.join("\n"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_is_another_one_and_stands_in_the_table() {
        let codes: BTreeSet<u8> = Exit::ALL.iter().map(|exit| exit.code()).collect();
        assert_eq!(codes.len(), Exit::ALL.len());
        let table = table();
        for exit in Exit::ALL {
            assert!(table.contains(&format!("{:>3}  {}", exit.code(), exit.meaning())));
        }
    }
}
