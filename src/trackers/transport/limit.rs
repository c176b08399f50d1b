//! How long a tracker wants to be left alone, in every dialect that trackers speak.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::reply::{date, http_date};

/// How long to wait when a tracker does not say.
const UNSAID: Duration = Duration::from_mins(1);

/// How long to wait at most, whatever a tracker says.
const LONGEST: Duration = Duration::from_hours(1);

/// Smallest number that is a moment and no span, in seconds; it was one in 2001.
const MOMENTS: i64 = 1_000_000_000;

/// Whom a limit concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Everything that this account asks.
    Account,
    /// Only what was asked about.
    Item,
}

/// How long to wait, if this refusal is about asking too much or too early.
pub(super) fn of_refusal(
    status: StatusCode,
    headers: &HeaderMap,
    said: &str,
    now: Timestamp,
) -> Option<(Duration, Scope)> {
    let said = said.to_ascii_lowercase();
    let told = headers.contains_key(RETRY_AFTER) || remaining(headers) == Some(0);
    match status.as_u16() {
        429 => {}
        // Only a read comes here with it: what became of a write, this does not say.
        503 if headers.contains_key(RETRY_AFTER) => {}
        403 if told || said.contains("rate limit") || said.contains("abuse detection") => {}
        // Too early, or somebody else writes: the same request can succeed in a moment. (Only a read comes
        // here with 408.)
        408 | 409 | 423 | 425 => {
            return Some((retry_after(headers, now).unwrap_or(Duration::ZERO), Scope::Item));
        }
        _ => return None,
    }
    let wait = retry_after(headers, now).or_else(|| reset(headers, now)).unwrap_or(UNSAID);
    let reason = headers.get("ratelimit-reason").and_then(|reason| reason.to_str().ok());
    let per_issue = reason.is_some_and(|reason| reason.contains("per-issue"));
    Some((wait, if per_issue { Scope::Item } else { Scope::Account }))
}

/// How long to wait if this answer was the last one for now.
pub(super) fn of_answer(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    if remaining(headers) == Some(0) { reset(headers, now) } else { None }
}

fn text<'a>(headers: &'a HeaderMap, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| headers.get(*name)?.to_str().ok()).map(str::trim)
}

fn remaining(headers: &HeaderMap) -> Option<u64> {
    text(headers, &["x-ratelimit-remaining", "ratelimit-remaining"])?.parse().ok()
}

/// Seconds, or a moment by the tracker's clock.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = text(headers, &["retry-after"])?;
    match text.parse::<u64>() {
        Ok(seconds) => Some(Duration::from_secs(seconds).min(LONGEST)),
        Err(_) => Some(until(http_date(text)?, headers, now)),
    }
}

/// Seconds (`PagerDuty`), seconds since 1970 (GitHub, `ServiceNow`), or a moment (Jira).
fn reset(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = text(headers, &["x-ratelimit-reset", "ratelimit-reset"])?;
    match text.parse::<i64>() {
        Ok(moment) if moment >= MOMENTS => {
            Some(until(Timestamp::from_second(moment).ok()?, headers, now))
        }
        Ok(seconds) => Some(Duration::from_secs(u64::try_from(seconds).ok()?).min(LONGEST)),
        Err(_) => Some(until(text.parse().ok()?, headers, now)),
    }
}

/// How long it is until a moment of the tracker's clock, which may not be ours.
fn until(moment: Timestamp, headers: &HeaderMap, now: Timestamp) -> Duration {
    let there = date(headers).unwrap_or(now);
    Duration::try_from(moment.duration_since(there)).unwrap_or(Duration::ZERO).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect::<HeaderMap>()
    }

    fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    fn wait(status: u16, pairs: &[(&'static str, &str)], said: &str) -> Option<(u64, Scope)> {
        let status = StatusCode::from_u16(status).unwrap();
        let (wait, scope) = of_refusal(status, &headers(pairs), said, now())?;
        Some((wait.as_secs(), scope))
    }

    #[test]
    fn every_dialect_says_how_long_to_wait() {
        let account = |seconds| Some((seconds, Scope::Account));
        assert_eq!(wait(429, &[("retry-after", "7")], ""), account(7));
        let date = "Fri, 15 Jan 2027 08:00:30 GMT";
        assert_eq!(wait(429, &[("retry-after", date)], ""), account(30));
        let github = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1800000090")];
        assert_eq!(wait(403, &github, ""), account(90));
        let pagerduty = [("ratelimit-remaining", "0"), ("ratelimit-reset", "12")];
        assert_eq!(wait(429, &pagerduty, ""), account(12));
        assert_eq!(wait(429, &[("x-ratelimit-reset", "1800000005")], ""), account(5));
        assert_eq!(wait(429, &[("x-ratelimit-reset", "2027-01-15T08:00:09Z")], ""), account(9));
        let jira = [("retry-after", "3"), ("ratelimit-reason", "jira-per-issue-on-write")];
        assert_eq!(wait(429, &jira, ""), Some((3, Scope::Item)));
        assert_eq!(wait(429, &[], ""), account(60));
    }

    #[test]
    fn a_limit_is_told_from_a_refusal() {
        let said = "You have exceeded a secondary rate limit";
        assert_eq!(wait(403, &[], said), Some((60, Scope::Account)));
        let abuse = "You have triggered an abuse detection mechanism. Please wait a few minutes.";
        assert_eq!(wait(403, &[], abuse), Some((60, Scope::Account)));
        assert_eq!(wait(403, &[("retry-after", "90")], abuse), Some((90, Scope::Account)));
        assert_eq!(wait(403, &[], "Your account was suspended for abuse"), None);
        assert_eq!(
            wait(403, &[("x-ratelimit-remaining", "4999")], "Resource not accessible"),
            None
        );
        assert_eq!(wait(422, &[("retry-after", "9")], ""), None);
        assert_eq!(wait(409, &[], ""), Some((0, Scope::Item)));
        assert_eq!(wait(503, &[("retry-after", "8")], ""), Some((8, Scope::Account)));
        assert_eq!(wait(503, &[], ""), None);
    }

    #[test]
    fn the_trackers_clock_counts_for_its_moments_and_no_wait_is_endless() {
        let behind =
            [("date", "Fri, 15 Jan 2027 07:00:00 GMT"), ("x-ratelimit-reset", "1799996405")];
        assert_eq!(wait(429, &behind, ""), Some((5, Scope::Account)));
        assert_eq!(wait(429, &[("retry-after", "99999999999")], ""), Some((3600, Scope::Account)));
        assert_eq!(wait(429, &[("x-ratelimit-reset", "1")], ""), Some((1, Scope::Account)));
        assert_eq!(wait(429, &[("retry-after", "-5")], ""), Some((60, Scope::Account)));
    }

    #[test]
    fn the_last_answer_for_now_closes_the_door_too() {
        let last = headers(&[("ratelimit-remaining", "0"), ("ratelimit-reset", "4")]);
        assert_eq!(of_answer(&last, now()), Some(Duration::from_secs(4)));
        let more = headers(&[("ratelimit-remaining", "1"), ("ratelimit-reset", "4")]);
        assert_eq!(of_answer(&more, now()), None);
    }
}
