//! The stretch of time that a question is about.

use jiff::{SignedDuration, Timestamp};

use super::TelemetryError;

/// The longest window, in hours.
const HOURS_MAX: i64 = 7 * 24;

/// A stretch of time, from its first instant up to and without its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First instant inside.
    pub from: Timestamp,
    /// First instant after.
    pub to: Timestamp,
}

impl Window {
    /// Reads a window as asked: two instants, or `minutes` before `to`, or before `now`.
    pub fn asked(
        (from, to): (&str, &str),
        minutes: u32,
        now: Timestamp,
    ) -> Result<Self, TelemetryError> {
        let to = if to.trim().is_empty() { now } else { instant("to", to)? };
        let from = if from.trim().is_empty() {
            if minutes == 0 {
                return Err(TelemetryError::unclear("minutes", "must be at least 1"));
            }
            let back = SignedDuration::from_mins(i64::from(minutes));
            to.checked_sub(back).map_err(|error| out_of_range("minutes", &error))?
        } else {
            instant("from", from)?
        };
        if from >= to {
            return Err(TelemetryError::unclear("from", format!("{from} is not before {to}")));
        }
        if to.duration_since(from) > SignedDuration::from_hours(HOURS_MAX) {
            let why = format!("the window is longer than {HOURS_MAX} hours; narrow it");
            return Err(TelemetryError::unclear("from", why));
        }
        Ok(Self { from, to })
    }

    /// Whether an instant lies inside.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }

    /// How long it is.
    pub fn span(&self) -> SignedDuration {
        self.to.duration_since(self.from)
    }

    /// The window of the same length just before.
    pub fn preceding(&self) -> Self {
        let from = self.from.checked_sub(self.span()).unwrap_or(Timestamp::MIN);
        Self { from, to: self.from }
    }

    /// The part of `count` equal parts in which an instant inside lies.
    pub fn part(&self, at: Timestamp, count: usize) -> Option<usize> {
        if !self.holds(at) {
            return None;
        }
        let count = i128::try_from(count).ok()?;
        let passed = at.duration_since(self.from).as_nanos();
        usize::try_from(passed * count / self.span().as_nanos().max(1)).ok()
    }

    /// The first instant of the part `index` of `count`.
    pub fn start_of(&self, index: usize, count: usize) -> Timestamp {
        let share = index as f64 / count.max(1) as f64;
        after(self.from, self.span().as_secs_f64() * share)
    }
}

impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.3}/{:.3}", self.from, self.to)
    }
}

/// Reads an instant that a caller wrote.
pub(super) fn instant(argument: &'static str, text: &str) -> Result<Timestamp, TelemetryError> {
    text.trim().parse().map_err(|_error: jiff::Error| {
        let why = format!("{text:?} is no instant; write it like 2026-11-20T14:03:00Z");
        TelemetryError::unclear(argument, why)
    })
}

fn out_of_range(argument: &'static str, error: &jiff::Error) -> TelemetryError {
    TelemetryError::unclear(argument, error.to_string())
}

/// The instant `seconds` after another, to the millisecond, kept within what a timestamp can say.
///
/// Telemetry is not more exact than that, and a computed instant with nine digits would claim it is.
pub(super) fn after(at: Timestamp, seconds: f64) -> Timestamp {
    let Ok(by) = SignedDuration::try_from_secs_f64(seconds) else { return at };
    let end = if seconds < 0.0 { Timestamp::MIN } else { Timestamp::MAX };
    let exact = at.checked_add(by).unwrap_or(end);
    exact.round(jiff::Unit::Millisecond).unwrap_or(exact)
}

/// An instant as people write it; what is structured has it in full.
pub(super) fn clock(at: Timestamp) -> impl std::fmt::Display {
    at.strftime("%H:%M:%S UTC")
}

/// Seconds since the epoch.
pub(super) fn seconds(at: Timestamp) -> f64 {
    at.as_duration().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-20T14:00:00Z";

    fn asked(from: &str, to: &str, minutes: u32) -> Result<Window, TelemetryError> {
        Window::asked((from, to), minutes, NOW.parse().unwrap())
    }

    #[test]
    fn a_window_without_ends_reaches_back_from_now() {
        let window = asked("", "", 15).unwrap();
        assert_eq!(window.to_string(), "2026-11-20T13:45:00.000Z/2026-11-20T14:00:00.000Z");
        assert_eq!(window.preceding().from.to_string(), "2026-11-20T13:30:00Z");
    }

    #[test]
    fn a_window_that_makes_no_sense_says_which_argument_to_change() {
        let said = |result: Result<Window, TelemetryError>| result.unwrap_err().to_string();
        assert!(said(asked("yesterday", "", 1)).starts_with("understand `from`: \"yesterday\""));
        assert!(said(asked(NOW, NOW, 1)).contains("is not before"));
        assert!(said(asked("", "", 0)).contains("`minutes`"));
        assert!(said(asked("2020-01-01T00:00:00Z", "", 1)).contains("narrow it"));
    }

    #[test]
    fn an_instant_belongs_to_one_part() {
        let window = asked("", "", 10).unwrap();
        let at = |text: &str| window.part(text.parse().unwrap(), 10);
        assert_eq!(at("2026-11-20T13:50:00Z"), Some(0));
        assert_eq!(at("2026-11-20T13:59:59.999Z"), Some(9));
        assert_eq!(at("2026-11-20T14:00:00Z"), None);
        assert_eq!(window.start_of(9, 10).to_string(), "2026-11-20T13:59:00Z");
    }
}
