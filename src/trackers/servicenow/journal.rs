//! A journal as one text, for those who may read the record but not the rows of its journal.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// A line of a journal, as far as its text tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) at: Timestamp,
    /// The name that its author shows, which identifies nobody.
    pub(super) by: String,
    pub(super) text: String,
}

/// Reads a journal's text, youngest line first as it stands there; times are taken for UTC.
///
/// The text has no escaping: a note that looks like the head of another one is read as another one.
/// This is for people to read; nothing is ever concluded from who stands there.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let mut found: Vec<Line> = Vec::new();
    for line in text.lines() {
        match head(line) {
            Some((at, by)) => found.push(Line { at, by, text: String::new() }),
            None => {
                if let Some(last) = found.last_mut() {
                    last.text.push_str(line);
                    last.text.push('\n');
                }
            }
        }
    }
    for line in &mut found {
        line.text.truncate(line.text.trim_end().len());
    }
    found
}

/// `2026-11-20 11:02:03 - Name (Work notes)`
fn head(line: &str) -> Option<(Timestamp, String)> {
    let (at, rest) = line.split_once(" - ")?;
    let (by, kind) = rest.rsplit_once(" (")?;
    kind.strip_suffix(')').filter(|kind| !kind.is_empty() && !by.is_empty())?;
    Some((moment(at)?, by.to_owned()))
}

/// A moment as ServiceNow writes it, in UTC and without saying so.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let at = DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok()?;
    Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// A moment as a query wants it.
pub(super) fn written(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_is_taken_apart_into_its_lines() {
        let text = "2026-11-20 11:02:03 - On-call engineer (Work notes)\nrolled back\n\nit helped\n\n\
                    2026-11-20 11:00:00 - Wheelhouse (Work notes)\nfound - it (probably)\n\n";
        let found = lines(text);
        let told: Vec<_> =
            found.iter().map(|line| (line.by.as_str(), line.text.as_str())).collect();
        let expected = [
            ("On-call engineer", "rolled back\n\nit helped"),
            ("Wheelhouse", "found - it (probably)"),
        ];
        assert_eq!(told, expected);
        assert_eq!(written(found[0].at), "2026-11-20 11:02:03");
    }

    #[test]
    fn what_is_no_head_is_text_or_nothing() {
        assert!(lines("").is_empty());
        assert!(lines("no head at all\n").is_empty());
        assert!(head("2026-13-40 11:02:03 - A (Work notes)").is_none());
        assert!(head("2026-11-20 11:02:03 - (Work notes)").is_none());
    }
}
