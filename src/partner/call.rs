//! A call to a partner: how long it may take, and what is heard of it before its answer.

use std::time::Duration;

/// How long a call may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Longest silence; each reported step starts it anew.
    pub silence: Duration,
    /// Longest time in all, whatever is reported.
    pub total: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { silence: Duration::from_secs(30), total: Duration::from_mins(5) }
    }
}

/// One step that a partner reported while it worked.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// How far it is; grows with each step.
    pub done: f64,
    /// Where it would be complete, when the partner knows.
    pub total: Option<f64>,
    /// The partner's words; may be empty.
    pub message: String,
}

/// One thing that is heard of a call before its answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// The partner reported how far it is.
    Progressed(Progress),
    /// It works on the call as a task, and said that it goes on.
    Polled,
}
