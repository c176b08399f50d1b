//! A request and its answer, without anything of the network.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::fault::Weather;
use super::item::{Act, Note, Way, Who};
use super::vendor::Vendor;

/// A request that came in, as it is remembered; tokens are not.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// Whom it asked.
    pub vendor: Vendor,
    /// The method, in capitals.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query, decoded, in its order.
    pub query: Vec<(String, String)>,
    /// The body, where it was JSON.
    pub body: Value,
}

/// A request, and everything that its answer depends on beside the memory.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) asked: Asked,
    /// Headers that the look-alikes read, by lower-case name.
    pub(super) headers: Vec<(String, String)>,
    /// The address of the server itself.
    pub(super) base: String,
    pub(super) now: Timestamp,
    pub(super) weather: Weather,
}

impl Ask {
    /// The method, and the path cut at its slashes.
    pub(super) fn line(&self) -> (&str, Vec<&str>) {
        let path = self.asked.path.split('/').filter(|part| !part.is_empty()).collect();
        (&self.asked.method, path)
    }

    /// The first value of a parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let mut found = self.asked.query.iter().filter(|(key, _)| key == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// Every value of a parameter that may stand there several times.
    pub(super) fn parameters<'a>(&'a self, name: &str) -> Vec<&'a str> {
        let found = self.asked.query.iter().filter(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).collect()
    }

    /// A parameter that is a number, or what holds without it.
    pub(super) fn number(&self, name: &str, otherwise: usize) -> usize {
        self.parameter(name).and_then(|text| text.parse().ok()).unwrap_or(otherwise)
    }

    /// A header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whoever it is by, doing something now.
    pub(super) fn act(&self, by: Who) -> Act {
        Act { by, at: self.now, way: Way::Direct }
    }

    /// The youngest moment that lists show.
    pub(super) fn listed_until(&self) -> Timestamp {
        self.now.checked_sub(self.weather.lag).unwrap_or(Timestamp::MIN)
    }

    /// The notes that a list shows.
    pub(super) fn listed<'a>(&self, notes: &'a [Note]) -> Vec<&'a Note> {
        let until = self.listed_until();
        let silent = self.weather.silent;
        notes.iter().filter(|note| !silent && note.is_listed(until)).collect()
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<Value>,
}

impl Answered {
    /// An answer with a body.
    pub(super) fn of(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body: Some(body) }
    }

    /// Success without a body.
    pub(super) fn empty() -> Self {
        Self { status: 204, headers: Vec::new(), body: None }
    }

    /// Adds a header.
    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// Whole seconds, rounded up, as headers count them.
pub(super) fn whole_seconds(span: Duration) -> u64 {
    span.as_secs() + u64::from(span.subsec_nanos() > 0)
}

/// Decodes base 64, as Basic authentication writes it.
pub(super) fn base64(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in text.trim_end_matches('=').bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = (held << 6 | u32::from(digit)) & 0xFF_FFFF;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xFF).ok()?);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_decoded() {
        assert_eq!(base64("YWRtaW46cHc=").as_deref(), Some("admin:pw"));
        assert_eq!(base64("b24tY2FsbDp4").as_deref(), Some("on-call:x"));
        assert_eq!(base64("***"), None);
    }
}
