//! One span of a trace, read from OTLP-JSON in any of its customary spellings.

use jiff::Timestamp;
use serde_json::Value;

/// One span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) trace: String,
    pub(super) id: String,
    /// Empty for the root of a trace.
    pub(super) parent: String,
    pub(super) service: String,
    pub(super) name: String,
    /// Nanoseconds since the epoch.
    pub(super) start: i64,
    /// Nanoseconds since the epoch, never before the start.
    pub(super) end: i64,
    pub(super) failed: bool,
    /// What the failure says, may be empty.
    pub(super) complaint: String,
    /// `file:line` it was read from.
    pub(super) place: String,
}

impl Span {
    /// How long it took, in nanoseconds.
    pub(super) fn duration(&self) -> i64 {
        self.end - self.start
    }

    /// When it began.
    pub(super) fn began(&self) -> Timestamp {
        Timestamp::from_nanosecond(i128::from(self.start)).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Service and operation.
    pub(super) fn operation(&self) -> String {
        if self.service.is_empty() {
            return self.name.clone();
        }
        format!("{} {}", self.service, self.name)
    }
}

/// Reads an `ExportTraceServiceRequest`; `None` when it is none.
///
/// The specification writes nanoseconds as text and ids as lower-case hexadecimal; exporters also
/// write numbers and upper case, and before 2022 `instrumentationLibrarySpans`.
pub(super) fn spans(request: &Value, place: &str) -> Option<Vec<Span>> {
    let resources = either(request, &["resourceSpans", "resource_spans"])?.as_array()?;
    let mut out = Vec::new();
    for resource in resources {
        let attributes = resource.get("resource").and_then(|inner| inner.get("attributes"));
        let service = attribute(attributes, "service.name").unwrap_or_default();
        let names = ["scopeSpans", "scope_spans", "instrumentationLibrarySpans"];
        for scope in either(resource, &names).and_then(Value::as_array).into_iter().flatten() {
            let listed = scope.get("spans").and_then(Value::as_array);
            out.extend(listed.into_iter().flatten().filter_map(|one| span(one, &service, place)));
        }
    }
    Some(out)
}

fn span(value: &Value, service: &str, place: &str) -> Option<Span> {
    let text = |names: &[&str]| {
        either(value, names).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let nanos = |names: &[&str]| either(value, names).and_then(nanoseconds);
    let start = nanos(&["startTimeUnixNano", "start_time_unix_nano"])?;
    let end = nanos(&["endTimeUnixNano", "end_time_unix_nano"])?;
    let status = value.get("status");
    let code = status.and_then(|status| status.get("code"));
    let failed = code.is_some_and(|code| code == 2 || code == "STATUS_CODE_ERROR");
    let said = status.and_then(|status| status.get("message")).and_then(Value::as_str);
    let complaint = match said {
        Some(said) if !said.is_empty() => said.to_owned(),
        _ => exception(value).unwrap_or_default(),
    };
    let parent = id(&text(&["parentSpanId", "parent_span_id"]));
    Some(Span {
        trace: id(&text(&["traceId", "trace_id"])),
        id: id(&text(&["spanId", "span_id"])),
        parent: if parent.bytes().all(|byte| byte == b'0') { String::new() } else { parent },
        service: service.to_owned(),
        name: text(&["name"]),
        start,
        end: end.max(start),
        failed,
        complaint,
        place: place.to_owned(),
    })
}

fn either<'a>(value: &'a Value, names: &[&str]) -> Option<&'a Value> {
    names.iter().find_map(|name| value.get(name))
}

fn id(text: &str) -> String {
    if text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        text.to_ascii_lowercase()
    } else {
        text.to_owned()
    }
}

fn nanoseconds(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// The text of an attribute in OTLP's list of keys and typed values.
fn attribute(attributes: Option<&Value>, key: &str) -> Option<String> {
    let found = attributes?.as_array()?.iter().find(|one| one.get("key").is_some_and(|k| k == key));
    let value = found?.get("value")?;
    either(value, &["stringValue", "string_value"])?.as_str().map(str::to_owned)
}

/// What a recorded exception says.
fn exception(span: &Value) -> Option<String> {
    let events = span.get("events")?.as_array()?;
    events.iter().find_map(|event| {
        let attributes = event.get("attributes");
        attribute(attributes, "exception.message").or(attribute(attributes, "exception.type"))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_spellings_of_nanoseconds_and_status_are_read() {
        let request = json!({ "resourceSpans": [{
            "resource": { "attributes": [
                { "key": "service.name", "value": { "stringValue": "checkout" } }
            ] },
            "scopeSpans": [{ "spans": [
                { "traceId": "AB", "spanId": "01", "parentSpanId": "", "name": "POST /pay",
                  "startTimeUnixNano": "1000", "endTimeUnixNano": "5000",
                  "status": { "code": 2, "message": "pool timed out" } },
                { "traceId": "ab", "spanId": "02", "parentSpanId": "01", "name": "acquire",
                  "startTimeUnixNano": 2000, "endTimeUnixNano": 1000,
                  "status": { "code": "STATUS_CODE_ERROR" },
                  "events": [{ "name": "exception", "attributes": [
                      { "key": "exception.message", "value": { "stringValue": "no slot" } }
                  ] }] },
                { "spanId": "03", "name": "no times" },
            ] }],
        }] });
        let spans = spans(&request, "traces/spans.ndjson:1").unwrap();
        assert_eq!(spans.len(), 2);
        assert_eq!((spans[0].trace.as_str(), spans[0].parent.as_str()), ("ab", ""));
        assert_eq!((spans[0].duration(), spans[0].failed), (4000, true));
        assert_eq!(spans[0].operation(), "checkout POST /pay");
        assert_eq!((spans[1].duration(), spans[1].complaint.as_str()), (0, "no slot"));
    }

    #[test]
    fn what_is_no_export_request_is_none() {
        for value in [json!(null), json!({}), json!({ "resourceSpans": 7 })] {
            assert_eq!(spans(&value, ""), None);
        }
        let odd = json!({ "resourceSpans": [{ "scopeSpans": [{ "spans": [7, {}] }] }, 5] });
        assert_eq!(spans(&odd, ""), Some(vec![]));
    }
}
