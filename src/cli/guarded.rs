//! Running what takes the terminal under a guard, which gives the terminal back if that is killed.

use std::io::{IsTerminal, stdin, stdout};
use std::process::Command;

use super::exit::Exit;
use super::session::Session;
use crate::cockpit::terminal::{Guarded, end_with_guard, guard};
use crate::incident::{Notice, Trouble};
use crate::settings::{Environment, Settings};

/// What a guarded process finds in its environment.
const GUARDED: &str = "WHEELHOUSE_GUARDED";

/// Runs this very command again under a guard; none if it shall run here.
pub(super) async fn guarded(session: &Session) -> Option<Result<Exit, Notice>> {
    if session.environment.variable(GUARDED).is_some() {
        if let Err(error) = end_with_guard() {
            tracing::warn!(%error, "the guard cannot be followed to its end");
        }
        return None;
    }
    // What is wrong with the settings is told by the command itself.
    let settings = Settings::load(&session.paths().ok()?).ok()?.settings;
    let is_shown = stdin().is_terminal() && stdout().is_terminal();
    if !is_shown || !settings.ui.guard {
        return None;
    }
    let mut command = Command::new(Environment::program().ok()?);
    command.args(Environment::arguments()).env(GUARDED, "1");
    Some(guard(command).await.map(exit).map_err(|error| {
        Notice::new(Trouble::Failed, "the cockpit could not be watched over")
            .detail(error.to_string())
            .hint("set ui.guard = false to run it without")
    }))
}

fn exit(guarded: Guarded) -> Exit {
    match guarded {
        Guarded::Ended(code) => {
            Exit::ALL.into_iter().find(|exit| exit.code() == code).unwrap_or(Exit::Failed)
        }
        Guarded::Killed => Exit::Killed,
    }
}
