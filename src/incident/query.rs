//! The question to the past: one query, the same for people and for agents.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ActorKind, Entry, IncidentId, Kind};

/// What to look for in the entries of all incidents; an absent field matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Query {
    /// Words that must all occur; an ending `*` matches any ending, `"…"` an exact phrase.
    pub text: String,
    /// Only entries of these kinds.
    pub kinds: Vec<Kind>,
    /// Only entries by this kind of actor: `human` finds what people overrode.
    pub actor: Option<ActorKind>,
    /// Only entries of this incident.
    pub incident: Option<IncidentId>,
    /// Only entries written at or after this moment.
    pub since: Option<Timestamp>,
    /// At most this many, newest first; 0 means 50.
    pub limit: u32,
}

/// One entry that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Hit {
    /// The entry.
    pub entry: Entry,
    /// The title of its incident.
    pub incident_title: super::Untrusted,
}
