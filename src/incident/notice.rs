//! What a person is told: what happened, what to do about it, and the detail behind it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the reader of a notice can do about it; maps to the exit codes of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    /// Something failed that the reader could not have known.
    Failed,
    /// The request was not well formed.
    Usage,
    /// What was named does not exist.
    NotFound,
    /// Who asked may not do it.
    NotAllowed,
    /// Another system does not answer.
    Unreachable,
    /// Somebody or something was faster, or what was seen has changed.
    Conflict,
    /// The time to wait ran out.
    TimedOut,
}

/// A message for a person; every field is made of our own words and of text already made safe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Notice {
    /// What the reader can do about it.
    pub trouble: Trouble,
    /// What happened, where.
    pub what: String,
    /// What to do next.
    pub hint: Option<String>,
    /// The chain of causes, for those who want it.
    pub detail: Option<String>,
}

impl Notice {
    /// Says what happened.
    pub fn new(trouble: Trouble, what: impl Into<String>) -> Self {
        Self { trouble, what: what.into(), hint: None, detail: None }
    }

    /// Adds what to do next.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the cause behind it.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Notice {}
