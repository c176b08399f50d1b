//! What the sandbox holds: items, their notes, and what became of them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::cast::SandboxAccount;
use super::ids::short_id;
use super::vendor::Vendor;

/// Whoever did something.
pub(super) type Who = &'static SandboxAccount;

/// Who does it, when, and which way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Act {
    pub(super) by: Who,
    pub(super) at: Timestamp,
    pub(super) way: Way,
}

/// Which way something comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Way {
    /// Through the tracker's own page, or its API.
    Direct,
    /// As an answer to a mail that the tracker sent.
    Mail,
}

/// An issue, an incident, a record: whatever the tracker calls it.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) vendor: Vendor,
    /// Counted from 1 in each tracker.
    pub(super) number: u64,
    pub(super) title: String,
    /// The first text, in the tracker's own form.
    pub(super) body: Value,
    pub(super) author: Who,
    /// Where it stands, in the tracker's own word.
    pub(super) state: String,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    /// How often it was changed.
    pub(super) changes: u64,
    /// Whatever else the tracker keeps of it.
    pub(super) fields: BTreeMap<String, Value>,
    pub(super) notes: Vec<Note>,
    pub(super) moves: Vec<Move>,
    pub(super) links: Vec<Link>,
}

/// A comment, a note, a line of a journal.
#[derive(Debug, Clone)]
pub(super) struct Note {
    /// Counted over the whole sandbox.
    pub(super) number: u64,
    pub(super) author: Who,
    pub(super) created: Timestamp,
    /// When it was last changed; when it was written if never.
    pub(super) updated: Timestamp,
    /// Who changed it last, if somebody did.
    pub(super) editor: Option<Who>,
    pub(super) way: Way,
    /// The text, in the tracker's own form.
    pub(super) body: Value,
    pub(super) seen_by: SeenBy,
    pub(super) properties: BTreeMap<String, Value>,
}

/// Who may see a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum SeenBy {
    /// The team alone.
    Team,
    /// Also whoever asked for help.
    Everybody,
}

/// A change of where an item stands.
#[derive(Debug, Clone)]
pub(super) struct Move {
    pub(super) number: u64,
    pub(super) by: Who,
    pub(super) at: Timestamp,
    pub(super) from: String,
    pub(super) to: String,
}

/// A link to somewhere else.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub(super) number: u64,
    pub(super) global_id: String,
    pub(super) title: String,
    pub(super) url: String,
}

impl Item {
    /// What people call it.
    pub(super) fn name(&self) -> String {
        let project = self.fields.get("project").and_then(Value::as_str).unwrap_or("OPS");
        match self.vendor {
            Vendor::Github => self.number.to_string(),
            Vendor::Pagerduty => short_id('Q', self.number),
            Vendor::Servicenow => format!("INC{:07}", 10_000 + self.number),
            Vendor::Jira => format!("{project}-{}", self.number),
        }
    }
}

impl Note {
    /// Whether a list shows it when lists lag behind.
    pub(super) fn is_listed(&self, until: Timestamp) -> bool {
        self.created <= until
    }

    /// Its text where that is plain text.
    pub(super) fn text(&self) -> &str {
        self.body.as_str().unwrap_or_default()
    }
}
