//! What a tracker answered, in so far as it can be taken in.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::Response;
use reqwest::header::{DATE, HeaderMap, LINK};
use serde_json::Value;

use crate::settings::burden;
use crate::trackers::{Appended, ItemId, Opened, TrackerError};

/// How much memory the values of an answer may take, in bytes.
const MOST_HELD: usize = 40 * 1024 * 1024;

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    /// What it says; null if it says nothing, or after a write nothing that can be read.
    pub(crate) json: Value,
    /// Whether it says that there is another page.
    pub(crate) more: bool,
    /// How many rows a list has in all, if it says.
    pub(crate) total: Option<usize>,
    /// What time it was over there.
    pub(crate) date: Option<Timestamp>,
    /// The version of what was read, for writes that must name it.
    pub(crate) etag: Option<String>,
    /// How much memory it takes at most, in bytes.
    pub(super) burden: usize,
}

/// How a write ended, when it may have arrived.
#[derive(Debug)]
pub(crate) enum Written {
    /// The tracker took it.
    Stored(Reply),
    /// The tracker refuses it for good.
    Rejected {
        /// The status of its answer.
        status: u16,
        /// What it says.
        why: String,
    },
    /// Whether it arrived is not known.
    Unknown {
        /// What happened.
        why: String,
    },
}

impl Written {
    /// As the end of an append, whose id is found in the answer.
    pub(crate) fn appended(self, id: impl FnOnce(&Value) -> Option<String>) -> Appended {
        match self {
            Self::Stored(reply) => match id(&reply.json) {
                Some(remote) => Appended::Stored { remote },
                None => Appended::Accepted,
            },
            Self::Rejected { why, .. } => Appended::Rejected { why },
            Self::Unknown { why } => Appended::Unknown { why },
        }
    }

    /// As the end of opening an item, whose id is found in the answer.
    pub(crate) fn opened(self, id: impl FnOnce(&Value) -> Option<ItemId>) -> Opened {
        match self {
            Self::Stored(reply) => match id(&reply.json) {
                Some(item) => Opened::Stored { item },
                None => Opened::Unknown { why: "it was taken without an id".to_owned() },
            },
            Self::Rejected { why, .. } => Opened::Rejected { why },
            Self::Unknown { why } => Opened::Unknown { why },
        }
    }

    /// As the end of something that may be asked again.
    pub(crate) fn done(self) -> Result<Reply, TrackerError> {
        match self {
            Self::Stored(reply) => Ok(reply),
            Self::Rejected { why, .. } => Err(TrackerError::Refused { why }),
            Self::Unknown { why } => Err(TrackerError::Unreachable { why }),
        }
    }
}

impl Reply {
    /// Takes in an answer whose body has been read.
    pub(super) fn new(headers: &HeaderMap, body: &[u8]) -> Result<Self, TrackerError> {
        let burden = burden(body);
        // A short text can hold very many values; they are counted before there are any.
        if burden > MOST_HELD {
            let why = format!("its answer would take more than {MOST_HELD} bytes of memory");
            return Err(TrackerError::Broken { why });
        }
        let json = if body.iter().all(u8::is_ascii_whitespace) {
            Value::Null
        } else {
            // Its own message would repeat nothing of the text: only where it stopped.
            serde_json::from_slice(body)
                .map_err(|error| TrackerError::Broken { why: format!("no JSON: {error}") })?
        };
        let text = |name: &str| Some(headers.get(name)?.to_str().ok()?.to_owned());
        Ok(Self {
            json,
            more: names_more(headers),
            total: text("x-total-count").and_then(|total| total.parse().ok()),
            date: date(headers),
            etag: text("etag"),
            burden,
        })
    }
}

/// Reads the body, but no more of it than this once it is decoded: a length that is told in advance is
/// that of the compressed body.
pub(super) async fn body(answer: &mut Response, most: usize) -> Result<Vec<u8>, TrackerError> {
    let mut body = Vec::new();
    loop {
        let chunk = answer.chunk().await.map_err(|error| lost(&error))?;
        let Some(chunk) = chunk else { return Ok(body) };
        if body.len() + chunk.len() > most {
            let why = format!("it answers with more than {most} bytes");
            return Err(TrackerError::Broken { why });
        }
        body.extend_from_slice(&chunk);
    }
}

/// What a connection that failed says: its deepest cause, because the others name the address.
pub(super) fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let Some(mut cause) = std::error::Error::source(error) else {
        return "the connection failed".to_owned();
    };
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

pub(super) fn lost(error: &reqwest::Error) -> TrackerError {
    TrackerError::Unreachable { why: cause(error) }
}

/// The time of the `Date` header.
pub(super) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    http_date(headers.get(DATE)?.to_str().ok()?)
}

/// A time as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(super) fn http_date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text).ok()
}

/// Whether a `Link` header names another page. Where it leads to does not matter: connectors count their pages
/// themselves, so that no answer leads them anywhere.
fn names_more(headers: &HeaderMap) -> bool {
    let link = headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
    link.flat_map(|line| line.split(',')).any(|entry| {
        let mut parameters = entry.split(';').skip(1).map(str::trim);
        parameters.any(|parameter| parameter == "rel=\"next\"" || parameter == "rel=next")
    })
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn another_page_is_told_by_a_link() {
        let more = |link: &str| names_more(&HeaderMap::from_iter([(LINK, link.parse().unwrap())]));
        assert!(more("<https://host.example/?page=2>; rel=\"next\", <x?page=9>; rel=\"last\""));
        assert!(more("<?after=a%2Cb>; rel=next"));
        assert!(!more("<https://host.example/api?page=1>; rel=\"prev\"") && !more("rubbish"));
        assert!(!names_more(&HeaderMap::new()));
    }

    #[test]
    fn a_date_is_read_as_http_writes_it() {
        let date = http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        assert_eq!(date.to_string(), "1994-11-06T08:49:37Z");
        assert_eq!(http_date("soon"), None);
    }
}
