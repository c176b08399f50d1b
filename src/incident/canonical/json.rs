//! JSON in the one spelling that is shown, hashed, stored and executed.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use crate::incident::text::{Manner, Safe, Untrusted};

/// Longest canonical text, in bytes: what [`Manner::EXACT`] shows without a cut.
pub(super) const MOST_BYTES: usize = Manner::EXACT.cap;
/// Deepest nesting of arrays and objects.
const MOST_LEVELS: usize = 64;
/// Largest integer that every JSON implementation reads alike: 2^53 - 1.
pub(super) const MOST_INTEGER: i64 = 9_007_199_254_740_991;

/// JSON in the one spelling of RFC 8785: the bytes that are shown, hashed, stored and executed.
///
/// Strings, booleans, `null`, integers strictly between -2^53 and 2^53, arrays and objects, nested
/// at most 64 deep, at most 64 KiB long. No fractions, because implementations disagree on them,
/// and no key twice. Serialised as a string that holds these bytes; reading back any other
/// spelling fails, so that what was approved is never quietly rewritten.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(into = "String", try_from = "String")]
#[schemars(with = "String")]
pub struct Canonical(String);

/// Why a text has no canonical form.
#[derive(Debug, thiserror::Error)]
pub enum CanonicalError {
    /// It is longer than a person can be asked to read.
    #[error("read {bytes} bytes of arguments: at most 65536 are allowed")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// It is not JSON, or JSON that two readers may understand differently.
    #[error("read the arguments as canonical JSON: {0}")]
    Ambiguous(#[from] serde_json::Error),
    /// It was stored as canonical and is not: somebody changed it.
    #[error("read the stored arguments: they are not in canonical form")]
    Rewritten,
}

impl Canonical {
    /// Brings JSON text into canonical form.
    ///
    /// # Errors
    /// Refuses what could be understood in two ways; see [`CanonicalError`].
    pub fn parse(json: &str) -> Result<Self, CanonicalError> {
        if json.len() > MOST_BYTES {
            return Err(CanonicalError::TooLong { bytes: json.len() });
        }
        let mut reader = serde_json::Deserializer::from_str(json);
        let node = Level(0).deserialize(&mut reader)?;
        reader.end()?;
        let text = serde_json::to_string(&node)?;
        if text.len() > MOST_BYTES {
            return Err(CanonicalError::TooLong { bytes: text.len() });
        }
        Ok(Self(text))
    }

    /// Brings a JSON value into canonical form.
    ///
    /// # Errors
    /// Refuses what could be understood in two ways; see [`CanonicalError`].
    pub fn from_value(value: &serde_json::Value) -> Result<Self, CanonicalError> {
        Self::parse(&value.to_string())
    }

    /// The canonical bytes, for storing, hashing, sending and executing, never for a screen.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same as a JSON value, for handing to a tool.
    pub fn to_value(&self) -> serde_json::Value {
        serde_json::from_str(&self.0).unwrap_or_default()
    }

    /// The bytes with every character visible and nothing cut, for the decision card.
    pub fn show(&self) -> Safe {
        Untrusted::from(self.0.as_str()).show(&Manner::EXACT)
    }
}

impl From<Canonical> for String {
    fn from(canonical: Canonical) -> Self {
        canonical.0
    }
}

impl TryFrom<String> for Canonical {
    type Error = CanonicalError;

    fn try_from(text: String) -> Result<Self, CanonicalError> {
        let canonical = Self::parse(&text)?;
        if canonical.0 == text { Ok(canonical) } else { Err(CanonicalError::Rewritten) }
    }
}

/// A JSON value that has exactly one spelling.
enum Node {
    Null,
    Bool(bool),
    Integer(i64),
    Text(String),
    Array(Vec<Self>),
    Object(BTreeMap<Key, Self>),
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::Array(items) => serializer.collect_seq(items),
            Self::Object(members) => {
                serializer.collect_map(members.iter().map(|(key, value)| (&key.0, value)))
            }
        }
    }
}

/// A member's name, ordered by UTF-16 code units as RFC 8785 section 3.2.3 asks.
#[derive(PartialEq, Eq)]
struct Key(String);

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.encode_utf16().cmp(other.0.encode_utf16())
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Reads a node at a nesting level.
#[derive(Clone, Copy)]
struct Level(usize);

impl Level {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.0 < MOST_LEVELS {
            Ok(Self(self.0 + 1))
        } else {
            Err(E::custom("nested more than 64 levels deep"))
        }
    }
}

impl<'de> DeserializeSeed<'de> for Level {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without fractions")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Node, E> {
        if value.unsigned_abs() <= MOST_INTEGER.unsigned_abs() {
            Ok(Node::Integer(value))
        } else {
            Err(E::custom("an integer beyond 2^53 is read differently by different programs"))
        }
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Node, E> {
        self.visit_i64(i64::try_from(value).unwrap_or(i64::MAX))
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Node, E> {
        Err(E::custom("a fraction, an exponent or -0 is spelled differently by different programs"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let level = self.deeper()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(level)? {
            array.push(item);
        }
        Ok(Node::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Node, A::Error> {
        let level = self.deeper()?;
        let mut object = BTreeMap::new();
        while let Some(key) = members.next_key::<String>()? {
            let value = members.next_value_seed(level)?;
            if object.contains_key(&Key(key.clone())) {
                let key = Untrusted::from(key).show(&Manner::LINE.capped(64));
                return Err(A::Error::custom(format_args!("the key `{key}` stands there twice")));
            }
            object.insert(Key(key), value);
        }
        Ok(Node::Object(object))
    }
}
