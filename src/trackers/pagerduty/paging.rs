//! Long lists: page by page, and in parts where PagerDuty tells no row beyond some number.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::reading::{Further, OVERLAP, Seen};
use crate::trackers::TrackerError;
use crate::trackers::lenient::{self, before, lacking, moment};
use crate::trackers::transport::{Request, Transport};

/// How many rows a page has.
const PAGE: usize = 100;
/// How many rows of a list are read before another part of it is begun: the real one refuses whatever ends
/// beyond row 10,000.
const MOST_ROWS: usize = 9000;
/// How long a part of a list is; no longer than half a year is allowed, whichever half.
const PART: SignedDuration = SignedDuration::from_hours(24 * 180);
/// What is told in whole seconds.
const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// Rows of a list: whether there are more, and when reading them began.
pub(super) struct Rows {
    pub(super) found: Vec<Value>,
    pub(super) more: Option<More>,
    pub(super) began: Timestamp,
}

/// Where there are more rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum More {
    /// From a row on.
    Row(usize),
    /// Where no row is told any more: the last one that was is of this moment.
    Beyond(Timestamp),
}

/// Reads some pages of a list from a row on.
///
/// What is refused there is taken for a list that ends, wherever its end may be by now: from its last row on
/// another part can be read. A place that was kept and is refused is left for what stands before it.
pub(super) async fn pages(
    transport: &Transport,
    request: &Request,
    (list, seen): (&str, Seen),
    (most, now): (usize, Timestamp),
) -> Result<Rows, TrackerError> {
    let (mut found, mut began) = (Vec::new(), seen.began);
    let mut end = MOST_ROWS;
    let mut offset = seen.offset.min(end - PAGE);
    let mut back = [offset.saturating_sub(PAGE), 0].into_iter();
    let mut read = 0;
    while read < most {
        let page = request.clone().query("limit", PAGE.to_string());
        let reply = match transport.read(&page.query("offset", offset.to_string())).await {
            Err(TrackerError::Refused { .. }) if offset > 0 => {
                end = offset;
                if !found.is_empty() {
                    break;
                }
                offset = back.next().unwrap_or_default();
                continue;
            }
            reply => reply?,
        };
        // Its own clock, because it compares with that.
        began = began.or(reply.date);
        let rows = lenient::list(&reply.json, list);
        found.extend_from_slice(rows);
        if reply.json.pointer("/more") != Some(&Value::Bool(true)) || rows.is_empty() {
            return Ok(Rows { found, more: None, began: began.unwrap_or(now) });
        }
        (offset, read) = (offset + rows.len(), read + 1);
        if offset + PAGE > end {
            break;
        }
    }
    let more = if offset + PAGE > end {
        let last = found.last().and_then(|row| moment(row, "/created_at"));
        More::Beyond(last.ok_or_else(|| lacking("when the last row was created"))?)
    } else {
        More::Row(offset)
    };
    Ok(Rows { found, more: Some(more), began: began.unwrap_or(now) })
}

/// When a part of a list ends that begins at a moment.
pub(super) fn end_of(from: Timestamp) -> Timestamp {
    later(from, PART)
}

/// Where a list whose oldest rows stand first goes on: a part begins where the one before ended, until one
/// ends after the reading began.
pub(super) fn forward(rows: &Rows, part: Option<Timestamp>) -> Option<Further> {
    Some(match (rows.more, part) {
        (Some(More::Row(row)), _) => Further::Row(row),
        (Some(More::Beyond(last)), None) => Further::Window(before(last, OVERLAP)),
        (Some(More::Beyond(last)), Some(part)) => {
            let next = [before(last, OVERLAP), last].into_iter().find(|next| *next > part);
            // More rows of one second than are told: they cannot be reached, but those after it can.
            Further::Window(next.unwrap_or_else(|| later(part, SECOND)))
        }
        (None, Some(part)) if end_of(part) <= rows.began => {
            Further::Window(before(end_of(part), OVERLAP))
        }
        (None, _) => return None,
    })
}

/// Where a list whose youngest rows stand first goes on: a part ends where the one before began, until the
/// beginning that was asked for.
pub(super) fn backward(rows: &Rows, seen: Seen) -> Option<Further> {
    let last = match rows.more? {
        More::Row(row) => return Some(Further::Row(row)),
        More::Beyond(last) => last,
    };
    let next = match seen.window {
        None => later(last, OVERLAP),
        Some(part) => {
            let next = [later(last, OVERLAP), later(last, SECOND)];
            next.into_iter().find(|next| *next < part).unwrap_or_else(|| before(part, SECOND))
        }
    };
    let is_left = seen.since.is_none_or(|since| next > since);
    is_left.then_some(Further::Window(next))
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-20T{text}Z").parse().unwrap()
    }

    fn rows(more: Option<More>) -> Rows {
        Rows { found: Vec::new(), more, began: at("11:00:00") }
    }

    #[test]
    fn a_part_begins_where_the_one_before_ended_and_never_stands_still() {
        let beyond = |last: &str, part| forward(&rows(Some(More::Beyond(at(last)))), part).unwrap();
        let begins = |text: &str| Further::Window(at(text));
        assert_eq!(beyond("10:00:00", None), begins("09:58:00"));
        assert_eq!(beyond("10:00:00", Some(at("09:00:00"))), begins("09:58:00"));
        assert_eq!(beyond("10:00:00", Some(at("09:59:00"))), begins("10:00:00"));
        assert_eq!(beyond("10:00:00", Some(at("10:00:00"))), begins("10:00:01"));
        assert_eq!(forward(&rows(None), Some(at("10:00:00"))), None);
        let old = before(at("11:00:00"), PART);
        let further = forward(&rows(None), Some(old)).unwrap();
        assert_eq!(further, begins("10:58:00"), "it ended when the reading began");
    }

    #[test]
    fn a_log_goes_back_until_its_beginning_and_never_stands_still() {
        let beyond = |last: &str, window, since| {
            let seen = Seen { window, since: Some(since), ..Seen::default() };
            backward(&rows(Some(More::Beyond(at(last)))), seen)
        };
        let ends = |text: &str| Some(Further::Window(at(text)));
        let since = at("09:00:00");
        assert_eq!(beyond("10:00:00", None, since), ends("10:02:00"));
        assert_eq!(beyond("10:00:00", Some(at("10:01:00")), since), ends("10:00:01"));
        assert_eq!(beyond("10:00:00", Some(at("10:00:01")), since), ends("10:00:00"));
        assert_eq!(beyond("10:00:00", Some(at("10:00:01")), at("10:00:00")), None);
        let row = rows(Some(More::Row(300)));
        assert_eq!(backward(&row, Seen::default()), Some(Further::Row(300)));
    }
}
