//! What an analysis found and what it rests on: the shapes every answer shares.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The longest text from outside that an answer repeats, in characters.
pub(super) const TEXT_MAX: usize = 400;

/// Which telemetry a piece of evidence comes from.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Offer {
    /// Log records.
    Logs,
    /// Trace spans.
    Traces,
    /// Time series.
    Metrics,
    /// Records of what was changed.
    Changes,
}

impl Offer {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Logs, Self::Traces, Self::Metrics, Self::Changes];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Logs => "logs",
            Self::Traces => "traces",
            Self::Metrics => "metrics",
            Self::Changes => "changes",
        }
    }
}

impl std::str::FromStr for Offer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = text.trim();
        let found = Self::ALL.into_iter().find(|offer| offer.name() == wanted);
        found.ok_or_else(|| format!("{wanted:?} is none of logs, traces, metrics, changes"))
    }
}

/// Where somebody can look for themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// Kind of telemetry.
    pub kind: Offer,
    /// `file:line`, a trace id, or a query with its window.
    pub reference: String,
}

impl Evidence {
    /// Points at something.
    pub(super) fn new(kind: Offer, reference: impl Into<String>) -> Self {
        Self { kind, reference: reference.into() }
    }
}

/// How much was read, and what could not be used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Lines read.
    pub lines: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Lines that were too long to look at.
    pub too_long: u64,
    /// Lines that were no record of this kind.
    pub unusable: u64,
    /// Whether reading stopped at the cap, so that something may be missing.
    pub cut: bool,
}

impl Coverage {
    /// Counts another reading in.
    pub(super) fn add(&mut self, other: &Self) {
        self.lines += other.lines;
        self.bytes += other.bytes;
        self.too_long += other.too_long;
        self.unusable += other.unusable;
        self.cut |= other.cut;
    }

    /// A clause that says what is missing, empty when nothing is.
    pub(super) fn caveat(&self) -> String {
        let mut parts = Vec::new();
        if self.too_long > 0 {
            parts.push(format!("{} lines were too long to read", self.too_long));
        }
        if self.unusable > 0 {
            parts.push(format!("{} lines were not usable", self.unusable));
        }
        if self.cut {
            parts.push("reading stopped at its cap".to_owned());
        }
        if parts.is_empty() { String::new() } else { format!(" Note: {}.", parts.join("; ")) }
    }
}

/// Shortens a text from outside, and says so with an ellipsis.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(TEXT_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Rounds to three decimals: more would only claim a precision that is not there.
pub(super) fn round(value: f64) -> f64 {
    if value.abs() < 1.0 { (value * 1e6).round() / 1e6 } else { (value * 1e3).round() / 1e3 }
}

/// One noun with its number.
pub(super) fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
