//! Moments as people type them: a timestamp, or how far away it is.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};

use crate::incident::{Notice, Trouble};

/// A moment in the past: a timestamp, or how long before now.
///
/// # Errors
/// It is neither.
pub(super) fn before(text: &str, now: Timestamp) -> Result<Timestamp, Notice> {
    read(text, now, |now, span| now.checked_sub(span))
}

/// A moment in the future: a timestamp, or how long after now.
///
/// # Errors
/// It is neither.
pub(super) fn after(text: &str, now: Timestamp) -> Result<Timestamp, Notice> {
    read(text, now, |now, span| now.checked_add(span))
}

fn read(
    text: &str,
    now: Timestamp,
    apart: impl Fn(Zoned, Span) -> Result<Zoned, jiff::Error>,
) -> Result<Timestamp, Notice> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    let span = text.parse::<Span>().ok().filter(|span| span.is_positive());
    // Days are days of the reader's calendar.
    let there = span.and_then(|span| apart(now.to_zoned(TimeZone::system()), span).ok());
    there.map(|there| there.timestamp()).ok_or_else(|| {
        let shown: String = text.escape_debug().take(64).collect();
        Notice::new(Trouble::Usage, format!("`{shown}` is no moment"))
            .hint("write 2026-11-20T14:00:00Z, or how far away it is: 90m, 2h, 7 days")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_timestamp_or_a_distance() {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let told = |moment: Timestamp| moment.to_string();
        assert_eq!(told(before("90m", now).unwrap()), "2026-11-20T10:30:00Z");
        assert_eq!(told(after("2h", now).unwrap()), "2026-11-20T14:00:00Z");
        assert_eq!(told(before("2026-11-01T00:00:00Z", now).unwrap()), "2026-11-01T00:00:00Z");
        assert_eq!(before("soon", now).unwrap_err().trouble, Trouble::Usage);
        assert_eq!(after("-5m", now).unwrap_err().trouble, Trouble::Usage);
    }
}
