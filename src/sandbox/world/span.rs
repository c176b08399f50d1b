//! Trace spans as OTLP-JSON, and the trace context that travels between the services.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::physics::mix;

/// The header of W3C trace context.
pub(super) const TRACEPARENT: &str = "traceparent";

/// The trace that a request belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Trace {
    id: u128,
    /// The span of the caller, if it made one.
    parent: u64,
}

/// Which side of a call a span was measured on; the numbers are OTLP's `SpanKind`.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Internal = 1,
    Server = 2,
    Client = 3,
}

/// One measured piece of work.
#[derive(Debug)]
pub(super) struct Span {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) id: u64,
    pub(super) parent: u64,
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    pub(super) attributes: Vec<(&'static str, Value)>,
    /// Why it failed, if it did.
    pub(super) failure: Option<String>,
}

impl Trace {
    /// Draws the trace of order number `order`, as the edge would start it.
    pub(super) fn of_order(seed: u64, order: u64) -> Self {
        let high = mix(seed ^ mix(order));
        Self { id: (u128::from(high) << 64) | u128::from(mix(high)), parent: 0 }
    }

    /// Reads a `traceparent` header.
    pub(super) fn parse(header: &str) -> Option<Self> {
        let mut parts = header.split('-');
        let (_version, id, parent) = (parts.next()?, parts.next()?, parts.next()?);
        let fits = id.len() == 32 && parent.len() == 16;
        let id = u128::from_str_radix(id, 16).ok().filter(|id| fits && *id != 0)?;
        Some(Self { id, parent: u64::from_str_radix(parent, 16).ok()? })
    }

    /// The header that makes the callee's spans children of `span`.
    pub(super) fn header(self, span: u64) -> String {
        format!("00-{:032x}-{span:016x}-01", self.id)
    }

    /// The id of the `ordinal`-th span below the caller's; never zero, which OTLP reserves.
    pub(super) fn span(self, ordinal: u64) -> u64 {
        let low = u64::try_from(self.id & u128::from(u64::MAX)).unwrap_or_default();
        mix(low ^ mix(self.parent.wrapping_add(ordinal))).max(1)
    }

    pub(super) fn parent(self) -> u64 {
        self.parent
    }

    /// The id as telemetry writes it: 32 hexadecimal digits.
    pub(super) fn hex(self) -> String {
        format!("{:032x}", self.id)
    }
}

/// The process that measured a batch of spans.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    pub(super) service: &'static str,
    pub(super) instance: String,
}

/// Writes `spans` as one `ExportTraceServiceRequest`.
pub(super) fn export(resource: &Resource, trace: Trace, spans: &[Span]) -> Value {
    let about = [
        ("service.name", json!(resource.service)),
        ("service.instance.id", json!(resource.instance)),
    ];
    let spans: Vec<Value> = spans.iter().map(|span| encoded(trace, span)).collect();
    json!({ "resourceSpans": [{
        "resource": { "attributes": attributes(&about) },
        "scopeSpans": [{ "scope": { "name": resource.service }, "spans": spans }],
    }]})
}

fn encoded(trace: Trace, span: &Span) -> Value {
    let mut value = json!({
        "traceId": trace.hex(),
        "spanId": format!("{:016x}", span.id),
        "name": span.name,
        "kind": span.kind as u8,
        "startTimeUnixNano": span.start.as_nanosecond().to_string(),
        "endTimeUnixNano": span.end.as_nanosecond().to_string(),
        "attributes": attributes(&span.attributes),
        "status": match &span.failure {
            Some(message) => json!({ "code": 2, "message": message }),
            None => json!({}),
        },
    });
    if let (Some(fields), true) = (value.as_object_mut(), span.parent != 0) {
        fields.insert("parentSpanId".to_owned(), json!(format!("{:016x}", span.parent)));
    }
    value
}

fn attributes(pairs: &[(&'static str, Value)]) -> Vec<Value> {
    let wrapped = |value: &Value| match value {
        Value::Bool(on) => json!({ "boolValue": on }),
        Value::Number(number) if number.is_f64() => json!({ "doubleValue": number }),
        // OTLP-JSON writes 64-bit integers as strings.
        Value::Number(number) => json!({ "intValue": number.to_string() }),
        Value::String(text) => json!({ "stringValue": text }),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            json!({ "stringValue": value.to_string() })
        }
    };
    pairs.iter().map(|(key, value)| json!({ "key": key, "value": wrapped(value) })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_survives_its_header() {
        let trace = Trace::of_order(1, 2);
        let header = trace.header(trace.span(1));
        let received = Trace::parse(&header).expect("our own header");
        assert_eq!(received.hex(), trace.hex());
        assert_eq!(received.parent(), trace.span(1));
        assert_ne!(received.span(1), trace.span(1));
    }

    #[test]
    fn a_malformed_header_is_no_trace() {
        let zeros = format!("00-{}-{}-01", "0".repeat(32), "0".repeat(16));
        for header in ["", "00", "00-12-34-01", zeros.as_str(), "00-é-é-01"] {
            assert_eq!(Trace::parse(header), None, "{header:?}");
        }
    }
}
