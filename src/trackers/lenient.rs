//! Reading what a tracker says without trusting its shape: official examples break official schemas.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::TrackerError;

/// The text at a place.
pub(super) fn text<'a>(json: &'a Value, place: &str) -> Option<&'a str> {
    json.pointer(place)?.as_str()
}

/// The text at a place, or nothing.
pub(super) fn text_or_empty<'a>(json: &'a Value, place: &str) -> &'a str {
    text(json, place).unwrap_or_default()
}

/// The list at a place; an empty one if there is none.
pub(super) fn list<'a>(json: &'a Value, place: &str) -> &'a [Value] {
    json.pointer(place).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The number at a place.
pub(super) fn number(json: &Value, place: &str) -> Option<usize> {
    json.pointer(place)?.as_u64()?.try_into().ok()
}

/// The moment at a place, with or without a colon in its offset.
pub(super) fn moment(json: &Value, place: &str) -> Option<Timestamp> {
    let text = text(json, place)?;
    let loose = || Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text);
    text.parse().or_else(|_| loose()).ok()
}

/// An answer that lacks what nothing can be done without.
pub(super) fn lacking(what: &str) -> TrackerError {
    TrackerError::Broken { why: format!("it lacks {what}") }
}

/// What can be understood of a list. The rest is left out and told: one strange row must not stop all others
/// from being read, now and whenever it is asked for again.
pub(super) fn understood<T>(rows: impl Iterator<Item = Result<T, TrackerError>>) -> Vec<T> {
    let told = |error: &TrackerError| tracing::warn!(%error, "left out what cannot be understood");
    rows.filter_map(|row| row.inspect_err(told).ok()).collect()
}

/// By how much a tracker's clock is ahead of ours.
pub(super) fn skew(there: Option<Timestamp>, here: Timestamp) -> Option<SignedDuration> {
    there.map(|there| there.duration_since(here))
}

/// A moment earlier by an overlap, so that what came in between two readings is not missed.
pub(super) fn before(moment: Timestamp, overlap: SignedDuration) -> Timestamp {
    moment.checked_sub(overlap).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn moments_are_read_as_every_vendor_writes_them() {
        let json = json!({ "jira": "2026-11-20T11:02:03.000+0000", "pagerduty": "2026-11-20T11:02:03Z",
            "abroad": "2026-11-20T12:02:03+01:00", "none": "soon" });
        let read = |place: &str| moment(&json, place);
        assert_eq!(read("/jira"), read("/pagerduty"));
        assert_eq!(read("/abroad"), read("/pagerduty"));
        assert!(read("/jira").is_some());
        assert_eq!((read("/none"), read("/missing")), (None, None));
    }

    #[test]
    fn one_strange_row_hides_no_other() {
        let rows = [Ok(1), Err(lacking("an id")), Ok(3)];
        assert_eq!(understood(rows.into_iter()), [1, 3]);
    }
}
