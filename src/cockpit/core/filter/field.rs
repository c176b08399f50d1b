//! The fields that a filter can name, and the values that they can have, list by list.

/// The list that a filter narrows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// The incidents.
    Incidents,
    /// The turns of an exchange.
    Exchange,
    /// The entries of a timeline.
    #[default]
    Timeline,
    /// The decisions.
    Decisions,
}

/// Makes the enum and its words from one list.
macro_rules! fields {
    ($( $variant:ident, $word:literal; )+) => {
        /// Something that a line has and that a filter can ask for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is what its word says, in the README's table")]
        pub enum Field {
            $( $variant, )+
        }

        impl Field {
            const ALL: &'static [Self] = &[$( Self::$variant ),+];

            /// The word before the colon.
            pub fn word(self) -> &'static str {
                match self { $( Self::$variant => $word, )+ }
            }
        }
    };
}

fields! {
    Kind, "kind";
    From, "from";
    To, "to";
    Tool, "tool";
    Status, "status";
    Tracker, "tracker";
    Is, "is";
    Severity, "severity";
    Service, "service";
    Risk, "risk";
    Id, "id";
}

impl Field {
    /// The field that a word names in a list.
    pub(super) fn of(word: &str, scope: Scope) -> Option<Self> {
        Self::known(scope).iter().copied().find(|field| field.word() == word)
    }

    /// The fields of the lines of a list.
    pub fn known(scope: Scope) -> &'static [Self] {
        match scope {
            Scope::Incidents => &[Self::Severity, Self::Status, Self::Service, Self::Is, Self::Id],
            Scope::Exchange => {
                &[Self::Tool, Self::Status, Self::From, Self::To, Self::Is, Self::Id]
            }
            Scope::Timeline => {
                &[Self::Kind, Self::From, Self::Tracker, Self::Status, Self::Is, Self::Id]
            }
            Scope::Decisions => {
                &[Self::Risk, Self::Status, Self::Kind, Self::From, Self::Is, Self::Id]
            }
        }
    }

    /// The values that it can have in a list; none if any text may stand there.
    pub fn values(self, scope: Scope) -> Option<&'static [&'static str]> {
        Some(match (self, scope) {
            (Self::Kind, Scope::Timeline) => &KINDS,
            (Self::Kind, Scope::Decisions) => &["action", "handoff", "question", "close"],
            (Self::Status, Scope::Exchange) => &["open", "answered", "failed", "lost"],
            (Self::Status, Scope::Incidents) => &[
                "investigating",
                "mitigating",
                "verifying",
                "resolved",
                "needs-person",
                "taken-over",
            ],
            (Self::Is, Scope::Exchange) => &["error", "call", "said", "open", "retried"],
            (Self::Is, Scope::Timeline) => &[
                "error", "human", "agent", "system", "decision", "late", "edited", "removed",
                "owed", "evidence",
            ],
            (Self::Is, Scope::Incidents) => &["open", "over", "waiting"],
            (Self::Is, Scope::Decisions) => &["waiting", "over", "stale"],
            (Self::Severity, _) => &["sev1", "sev2", "sev3", "sev4"],
            (Self::Risk, _) => &["read", "low", "medium", "high", "critical"],
            _ => return None,
        })
    }

    /// The known word nearest to one that is not known.
    pub(super) fn nearest<'a>(
        word: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Option<&'a str> {
        let likeness = |known: &&str| strsim::jaro_winkler(word, known);
        let best = known.into_iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
        (likeness(&best) > 0.75).then_some(best)
    }

    /// Whether a word names a field of any list.
    pub(super) fn exists(word: &str) -> bool {
        Self::ALL.iter().any(|field| field.word() == word)
    }
}

const KINDS: [&str; 11] = [
    "alert",
    "finding",
    "evidence",
    "action",
    "proposal",
    "verdict",
    "comment",
    "handoff",
    "status",
    "resolution",
    "correction",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::Kind;

    #[test]
    fn every_kind_of_entry_can_be_asked_for() {
        assert_eq!(KINDS, Kind::ALL.map(Kind::word));
    }
}
