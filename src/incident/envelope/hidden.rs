//! The JSON that trackers with HTML comments carry in front of the text.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::neutral::HIDDEN_MARK;
use super::trailer::{ClaimedActor, Part, Trailer};
use crate::incident::{Digest, EntryId, IncidentId, Kind};

/// What stands between [`HIDDEN_MARK`] and the JSON.
const VERSION: &str = ":v1 ";
const END: &str = " -->";
/// Longest first line that is looked at, in bytes.
const MOST_BYTES: usize = 8 * 1024;
/// Most references that are written.
const MOST_REFS: usize = 128;

/// What the hidden JSON claims beyond the trailer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// The incident that the entry is said to belong to.
    pub incident: IncidentId,
    /// When the entry is said to have been written.
    pub at: Timestamp,
    /// The entries that it is said to rest on; at most 128 are written.
    pub refs: Vec<EntryId>,
}

/// The JSON itself, under the short names that trackers store.
#[derive(Serialize, Deserialize)]
pub(super) struct Hidden {
    v: u8,
    id: EntryId,
    inc: IncidentId,
    kind: Kind,
    by: ClaimedActor,
    at: Timestamp,
    #[serde(default, rename = "ref", skip_serializing_if = "Vec::is_empty")]
    refs: Vec<EntryId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    part: Option<Part>,
    h: Digest,
}

impl Hidden {
    pub(super) fn new(trailer: &Trailer, details: &Details, text: &str) -> Self {
        Self {
            v: 1,
            id: trailer.id,
            inc: details.incident,
            kind: trailer.kind,
            by: trailer.actor.clone(),
            at: details.at,
            refs: details.refs.iter().take(MOST_REFS).copied().collect(),
            part: trailer.part,
            h: digest(text),
        }
    }

    /// Reads the first line of a text; anything but an exact and short one is `None`.
    pub(super) fn read(line: &str) -> Option<Self> {
        if line.len() > MOST_BYTES {
            return None;
        }
        let json = line.strip_prefix(HIDDEN_MARK)?.strip_prefix(VERSION)?.strip_suffix(END)?;
        serde_json::from_str::<Self>(json).ok().filter(|hidden| hidden.v == 1)
    }

    /// The line, which no Markdown renderer shows and no content can end early.
    pub(super) fn write(&self) -> Option<String> {
        let json = serde_json::to_string(self).ok()?;
        Some(format!("{HIDDEN_MARK}{VERSION}{}{END}", escape(&json)))
    }

    /// Whether it claims the same as the trailer.
    pub(super) fn agrees(&self, trailer: &Trailer) -> bool {
        let Trailer { id, kind, actor, part } = trailer;
        (self.id, self.kind, &self.by, self.part) == (*id, *kind, actor, *part)
    }

    /// Whether the text is the one that was posted.
    pub(super) fn covers(&self, text: &str) -> bool {
        self.h == digest(text)
    }

    pub(super) fn details(self) -> Details {
        Details { incident: self.inc, at: self.at, refs: self.refs }
    }
}

/// Digest of a text as trackers keep it: whatever they make of line endings and blanks at the end.
fn digest(text: &str) -> Digest {
    Digest::of("text", &[text.trim_end().replace("\r\n", "\n").as_bytes()])
}

/// Escapes what could end or start an HTML comment; these only occur inside of JSON strings.
fn escape(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    let mut last = ' ';
    for c in json.chars() {
        match c {
            '<' => escaped.push_str("\\u003c"),
            '>' => escaped.push_str("\\u003e"),
            '-' if last == '-' => escaped.push_str("\\u002d"),
            _ => escaped.push(c),
        }
        last = c;
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_the_json_can_end_the_comment() {
        let json = serde_json::to_string("--> <!-- ---- <script>").unwrap();
        let escaped = escape(&json);
        assert!(!escaped.contains("--") && !escaped.contains(['<', '>']), "{escaped}");
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), "--> <!-- ---- <script>");
    }
}
