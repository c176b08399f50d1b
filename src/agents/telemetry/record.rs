//! One log record, read leniently from a line of JSON.

use jiff::Timestamp;
use serde_json::{Map, Value};

/// How bad a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

impl Level {
    /// The word for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }

    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::String(word) => Self::word(word),
            Value::Number(number) => number.as_u64().map(Self::number),
            _ => None,
        }
    }

    fn word(word: &str) -> Option<Self> {
        let word = word.to_ascii_lowercase();
        Some(match word.trim_end_matches(|character: char| character.is_ascii_digit()) {
            "trace" | "verbose" => Self::Trace,
            "debug" => Self::Debug,
            "info" | "information" | "notice" => Self::Info,
            "warn" | "warning" => Self::Warn,
            "error" | "err" | "severe" => Self::Error,
            "fatal" | "critical" | "crit" | "panic" | "alert" | "emergency" | "emerg" => {
                Self::Fatal
            }
            _ => return None,
        })
    }

    /// Up to 24 as in OpenTelemetry, above as in pino and bunyan (10 trace … 60 fatal).
    fn number(number: u64) -> Self {
        match number {
            0..=4 => Self::Trace,
            5..=8 => Self::Debug,
            9..=12 | 25..=39 => Self::Info,
            13..=16 | 40..=49 => Self::Warn,
            17..=20 | 50..=59 => Self::Error,
            _ => Self::Fatal,
        }
    }
}

/// One log record.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) at: Timestamp,
    pub(super) level: Level,
    pub(super) service: String,
    pub(super) message: String,
    pub(super) trace: String,
    all: Map<String, Value>,
}

impl Record {
    /// Reads a line; `None` when it is no JSON object with an instant.
    pub(super) fn read(line: &str) -> Option<Self> {
        let Ok(Value::Object(all)) = serde_json::from_str(line) else { return None };
        let first = |names: &[&str]| names.iter().find_map(|name| all.get(*name));
        let text =
            |names: &[&str]| first(names).and_then(Value::as_str).unwrap_or_default().to_owned();
        let at = first(&["ts", "time", "timestamp", "@timestamp"]).and_then(instant)?;
        let level = first(&["level", "severity", "lvl", "severityNumber"]).and_then(Level::read);
        Some(Self {
            at,
            level: level.unwrap_or(Level::Info),
            service: text(&["service", "service.name", "svc", "logger"]),
            message: text(&["message", "msg", "body", "error"]),
            trace: text(&["trace_id", "traceId", "trace"]),
            all,
        })
    }

    /// A field by its name, at the top or below `fields` or `attributes`, as text.
    pub(super) fn field(&self, name: &str) -> Option<String> {
        match name {
            "level" | "severity" => return Some(self.level.name().to_owned()),
            "service" => return Some(self.service.clone()),
            "message" | "msg" => return Some(self.message.clone()),
            "trace_id" => return Some(self.trace.clone()),
            _ => {}
        }
        let inner = |outer: &str| self.all.get(outer).and_then(|value| value.get(name));
        let value = self.all.get(name).or_else(|| inner("fields")).or_else(|| inner("attributes"));
        value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }
}

/// An instant as RFC 3339, or as a number since the epoch whose size tells its unit.
fn instant(value: &Value) -> Option<Timestamp> {
    if let Some(text) = value.as_str() {
        return match text.parse() {
            Ok(at) => Some(at),
            Err(_not_rfc3339) => epoch(text.parse().ok()?),
        };
    }
    epoch(value.as_f64()?)
}

fn epoch(number: f64) -> Option<Timestamp> {
    // 1e11 s lies in the year 5138 and 1e11 ms in 1973: each unit has a range of its own.
    let seconds = match number.abs() {
        size if size < 1e11 => number,
        size if size < 1e14 => number / 1e3,
        size if size < 1e17 => number / 1e6,
        _ => number / 1e9,
    };
    let since = jiff::SignedDuration::try_from_secs_f64(seconds).ok()?;
    Timestamp::UNIX_EPOCH.checked_add(since).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_field_names_are_understood() {
        for line in [
            r#"{"ts":"2026-11-20T14:00:00Z","level":"ERROR","message":"m","service":"s"}"#,
            r#"{"time":1795183200,"severity":"error","msg":"m","service.name":"s"}"#,
            r#"{"timestamp":1795183200000,"level":50,"body":"m","svc":"s"}"#,
            r#"{"@timestamp":"1795183200000000000","severityNumber":17,"msg":"m","logger":"s"}"#,
        ] {
            let record = Record::read(line).unwrap();
            assert_eq!(record.at.to_string(), "2026-11-20T14:00:00Z", "{line}");
            assert_eq!(record.level, Level::Error, "{line}");
            assert_eq!((record.message.as_str(), record.service.as_str()), ("m", "s"));
        }
    }

    #[test]
    fn what_is_no_record_is_none() {
        for line in ["", "null", "[1]", "plain text", r#"{"msg":"no instant"}"#, "{"] {
            assert!(Record::read(line).is_none(), "{line}");
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(Record::read(&format!(r#"{{"ts":1,"x":{deep}}}"#)).is_none());
        assert!(Record::read(r#"{"ts":1e308}"#).is_none());
    }

    #[test]
    fn fields_are_found_below_fields_too() {
        let record = Record::read(r#"{"ts":1,"a":1,"fields":{"route":"/pay"}}"#).unwrap();
        assert_eq!(record.field("a").as_deref(), Some("1"));
        assert_eq!(record.field("route").as_deref(), Some("/pay"));
        assert_eq!(record.field("level").as_deref(), Some("info"));
        assert_eq!(record.field("nothing"), None);
    }
}
