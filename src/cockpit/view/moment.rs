//! Moments: clock times in the person's zone, ages, spans, and countdowns, in fixed columns.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::ink::{Words, ours};

/// `14:02:31`.
pub(super) fn clock(at: Timestamp, zone: &TimeZone) -> Words {
    ours(at.to_zoned(zone.clone()).strftime("%H:%M:%S").to_string())
}

/// `14:02`.
pub(super) fn minute(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M").to_string()
}

/// `2026-11-20 14:02:31 UTC`.
pub(super) fn date(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string()
}

/// `UTC`, or the zone's short name or offset at that moment.
pub(super) fn zone_word(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Z").to_string()
}

/// A span in the two largest units that matter: `380 ms`, `2.4 s`, `4m 12s`, `1h 03m`, `2d 4h`.
pub(super) fn span(length: SignedDuration) -> String {
    let length = length.max(SignedDuration::ZERO);
    let seconds = length.as_secs();
    match seconds {
        0 if length.as_millis() < 1000 && length.as_millis() > 0 => {
            format!("{} ms", length.as_millis())
        }
        0..10 => format!("{:.1} s", length.as_millis_f64() / 1000.0),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        3600..86400 => format!("{}h {:02}m", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{}d {}h", seconds / 86400, seconds % 86400 / 3600),
    }
}

/// How long something has lasted so far, in whole seconds, so that it does not flicker: `4 s`, `4m 12s`.
pub(super) fn whole(length: SignedDuration) -> String {
    match length.as_secs().max(0) {
        seconds @ 0..60 => format!("{seconds} s"),
        _ => span(length),
    }
}

/// An age in one unit, for narrow columns: `12s`, `4m`, `3h`, `2d`.
pub(super) fn age(length: SignedDuration) -> String {
    let seconds = length.as_secs().max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86400),
    }
}

/// What is left of a deadline: `12:04`, `1:02:10`, or `0:00`.
pub(super) fn countdown(left: SignedDuration) -> String {
    let seconds = left.as_secs().max(0);
    let (hours, minutes) = (seconds / 3600, seconds % 3600 / 60);
    match hours {
        0 => format!("{minutes}:{:02}", seconds % 60),
        _ => format!("{hours}:{minutes:02}:{:02}", seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_names_the_units_that_matter() {
        let spans = [0, 380, 2400, 42_000, 252_000, 3_790_000, 190_000_000];
        let texts: Vec<_> = spans.map(|ms| span(SignedDuration::from_millis(ms))).into();
        assert_eq!(texts, ["0.0 s", "380 ms", "2.4 s", "42 s", "4m 12s", "1h 03m", "2d 4h"]);
    }

    #[test]
    fn a_countdown_stops_at_nothing() {
        assert_eq!(countdown(SignedDuration::from_secs(724)), "12:04");
        assert_eq!(countdown(SignedDuration::from_secs(3730)), "1:02:10");
        assert_eq!(countdown(SignedDuration::from_secs(-5)), "0:00");
    }
}
