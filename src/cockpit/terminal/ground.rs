//! Asking the terminal for its colours, before anything else reads from it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use terminal_colorsaurus::{QueryOptions, ThemeMode, theme_mode};

/// How long the answer may take.
const PATIENCE: Duration = Duration::from_millis(200);

/// What lies under the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// Dark, for light text.
    Dark,
    /// Light, for dark text.
    Light,
}

/// Asks the terminal whether its ground is dark or light; none if it does not say.
///
/// The question ends with one that every terminal answers, so that most are done at once. Never ask
/// while keys are read: an answer that comes late would be read as keys.
pub(in crate::cockpit) fn probe_ground() -> Option<Ground> {
    let mut options = QueryOptions::default();
    options.timeout = PATIENCE;
    match theme_mode(options) {
        Ok(ThemeMode::Dark) => Some(Ground::Dark),
        Ok(ThemeMode::Light) => Some(Ground::Light),
        Err(error) => {
            tracing::debug!(%error, "the terminal does not tell its colours");
            None
        }
    }
}
