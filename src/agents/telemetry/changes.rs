//! What was changed around an instant, the closest before it first.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::finding::{Coverage, Evidence, Offer, count, cut, round};
use super::read::Place;
use super::window::{Window, clock};

/// Most records of a window that are ranked.
const CHANGES_MAX: usize = 10_000;

/// What was changed around an instant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeReport {
    /// One paragraph in words.
    pub summary: String,
    /// The window that was looked at.
    pub window: String,
    /// The instant the changes are compared with.
    pub around: Timestamp,
    /// Changes in the window.
    pub count: u64,
    /// The closest before the instant first; those after it come last, since they cannot be a cause.
    pub changes: Vec<Change>,
    /// What was read.
    pub coverage: Coverage,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// Who, as the record says.
    pub actor: String,
    /// What kind: rollout, configuration, migration…
    pub kind: String,
    /// Revision it leads to.
    pub revision: String,
    /// What it was about.
    pub summary: String,
    /// What it changed, shortened.
    pub diff: String,
    /// Seconds from the change to the instant; negative when it came after.
    pub seconds_before: f64,
    /// Where it is recorded.
    pub evidence: Evidence,
}

/// A line of `changes.ndjson`; what is not there stays empty.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Written {
    #[serde(alias = "ts", alias = "timestamp", alias = "at")]
    time: Option<Timestamp>,
    #[serde(alias = "author", alias = "user")]
    actor: String,
    kind: String,
    #[serde(alias = "version")]
    revision: String,
    #[serde(alias = "message")]
    summary: String,
    diff: serde_json::Value,
}

/// Takes lines one by one.
#[derive(Debug)]
pub(super) struct ChangeScan {
    window: Window,
    around: Timestamp,
    changes: Vec<Change>,
}

impl ChangeScan {
    /// A scan of a window for changes around an instant.
    pub(super) fn new(window: Window, around: Timestamp) -> Self {
        Self { window, around, changes: Vec::new() }
    }

    /// Takes a line and says whether it records a change.
    pub(super) fn see(&mut self, place: &Place, line: &str) -> bool {
        let Ok(written) = serde_json::from_str::<Written>(line) else { return false };
        let Some(at) = written.time else { return false };
        if !self.window.holds(at) || self.changes.len() >= CHANGES_MAX {
            return true;
        }
        let diff = match &written.diff {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => cut(text),
            other => cut(&other.to_string()),
        };
        self.changes.push(Change {
            at,
            actor: cut(&written.actor),
            kind: cut(&written.kind),
            revision: cut(&written.revision),
            summary: cut(&written.summary),
            diff,
            seconds_before: round(self.around.duration_since(at).as_secs_f64()),
            evidence: Evidence::new(Offer::Changes, place.to_string()),
        });
        true
    }

    /// What was found, at most `limit` changes.
    pub(super) fn report(self, limit: usize, coverage: Coverage) -> ChangeReport {
        let mut changes = self.changes;
        changes.sort_by(|a, b| {
            let rank = |change: &Change| (change.seconds_before < 0.0, change.seconds_before.abs());
            let ((late, gap), (other_late, other_gap)) = (rank(a), rank(b));
            late.cmp(&other_late).then(gap.total_cmp(&other_gap))
        });
        let mut report = ChangeReport {
            summary: String::new(),
            window: self.window.to_string(),
            around: self.around,
            count: changes.len() as u64,
            changes: changes.into_iter().take(limit).collect(),
            coverage,
        };
        report.summary = summary(&report);
        report
    }
}

fn summary(report: &ChangeReport) -> String {
    let caveat = report.coverage.caveat();
    let found = count(report.count, "change");
    let Some(first) = report.changes.first() else {
        return format!("Nothing is recorded as changed in {}.{caveat}", report.window);
    };
    if first.seconds_before < 0.0 {
        return format!("{found}, none of them before {}.{caveat}", clock(report.around));
    }
    format!(
        "{found}. The closest before {}: {} {} by {}, {} s earlier: {} ({}).{caveat}",
        clock(report.around),
        first.kind,
        first.revision,
        first.actor,
        first.seconds_before,
        first.summary,
        first.evidence.reference,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_change_before_the_instant_comes_first() {
        let at = |text: &str| text.parse().unwrap();
        let window = Window { from: at("2026-11-20T13:00:00Z"), to: at("2026-11-20T15:00:00Z") };
        let mut scan = ChangeScan::new(window, at("2026-11-20T14:00:00Z"));
        let lines = [
            r#"{"time":"2026-11-20T13:10:00Z","actor":"ci","kind":"rollout","revision":"41"}"#,
            r#"{"time":"2026-11-20T14:00:05Z","actor":"ops","kind":"scale","revision":"9"}"#,
            r#"{"time":"2026-11-20T13:59:30Z","actor":"ci","kind":"config","revision":"42",
               "summary":"shrink the pool","diff":{"pool":[20,2]}}"#,
            r#"{"time":"2026-11-19T13:59:30Z","kind":"config","revision":"7"}"#,
        ];
        for (line, text) in (1..).zip(lines) {
            let place = Place { file: "changes.ndjson".into(), line };
            assert!(scan.see(&place, &text.replace('\n', "")));
        }
        assert!(!scan.see(&Place { file: "changes.ndjson".into(), line: 9 }, "{}"));
        let report = scan.report(10, Coverage::default());
        let order: Vec<&str> =
            report.changes.iter().map(|change| change.revision.as_str()).collect();
        assert_eq!(order, ["42", "41", "9"]);
        assert_eq!(report.changes[0].seconds_before.to_string(), "30");
        assert_eq!(report.changes[0].diff, r#"{"pool":[20,2]}"#);
        assert_eq!(report.changes[0].evidence.reference, "changes.ndjson:3");
        assert!(report.summary.contains("config 42 by ci, 30 s earlier: shrink the pool"));
    }
}
