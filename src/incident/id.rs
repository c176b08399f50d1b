//! Identifiers: ULIDs that say what they name, sortable by the moment they were minted.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use ulid::Ulid;

use super::as_text::as_text;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an id: 26 characters of Crockford base 32 in capitals are expected")]
pub struct IdError {
    text: String,
}

fn parse(text: &str) -> Result<Ulid, IdError> {
    let ulid = Ulid::from_string(text).ok().filter(|ulid| ulid.to_string() == text);
    ulid.ok_or_else(|| IdError { text: text.escape_debug().take(64).collect() })
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Ulid);

        impl $name {
            /// Builds an id from the moment it is minted (milliseconds) and 80 random bits.
            pub fn from_parts(at: Timestamp, random: u128) -> Self {
                let ms = u64::try_from(at.as_millisecond()).unwrap_or(0);
                Self(Ulid::from_parts(ms, random))
            }

            /// The moment the id was minted, to the millisecond.
            pub fn minted_at(self) -> Timestamp {
                let ms = i64::try_from(self.0.timestamp_ms()).unwrap_or(i64::MAX);
                Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
            }

            /// The last six characters, for lists; never enough to decide anything.
            pub fn short(self) -> String {
                self.to_string().split_off(20)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse(text).map(Self)
            }
        }

        as_text!($name, "^[0-9A-HJKMNP-TV-Z]{26}$");
    };
}

id! {
    /// Names one entry, everywhere and for ever.
    EntryId
}
id! {
    /// Names one incident: the id of the entry that opened it.
    IncidentId
}
id! {
    /// Names one proposal and its decision: the id of the entry that carries the proposal.
    ProposalId
}
id! {
    /// Names one handoff: the id of the entry that offered it.
    HandoffId
}
id! {
    /// Names one run of a hub, so that what it told before is known when it tells it again.
    RunId
}
id! {
    /// Names one logical call on the direct channel.
    CallId
}

macro_rules! begun_by_entry {
    ($($name:ident),+) => {$(
        impl From<EntryId> for $name {
            fn from(id: EntryId) -> Self {
                Self(id.0)
            }
        }

        impl From<$name> for EntryId {
            fn from(id: $name) -> Self {
                Self(id.0)
            }
        }
    )+};
}

begun_by_entry!(IncidentId, ProposalId, HandoffId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_text() {
        let id = EntryId::from_parts(Timestamp::from_millisecond(1_700_000_000_123).unwrap(), 7);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.minted_at().as_millisecond(), 1_700_000_000_123);
        assert_eq!(EntryId::from(ProposalId::from(id)), id);
    }

    #[test]
    fn a_prefix_or_lower_case_is_refused() {
        let id = EntryId::from_parts(Timestamp::UNIX_EPOCH, 123_456).to_string();
        assert!(id[..25].parse::<EntryId>().is_err());
        assert!("01kagx5t0a7q8z01kagx5t0a7q".parse::<EntryId>().is_err());
    }
}
