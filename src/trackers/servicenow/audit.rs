//! The audit: what became of the state of an incident, for those who may read it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use super::reading::Seen;
use super::tables::{Tables, paged};
use crate::trackers::lenient::{self, text};
use crate::trackers::{ItemId, TrackerError};

/// How many pages of it are read of one incident.
const MOST_PAGES: usize = 50;

/// The audit of an instance. Many may not read it: then the list alone tells where an incident stands, and
/// nobody is asked again.
#[derive(Debug, Default)]
pub(super) struct Audit {
    is_closed: AtomicBool,
}

impl Audit {
    /// Every change of the state of an incident since a time, oldest first; none if nobody may read them.
    pub(super) async fn states(
        &self,
        tables: &Tables,
        (item, since): (&ItemId, &str),
    ) -> Result<Vec<Value>, TrackerError> {
        let conditions = vec![
            format!("documentkey={item}"),
            "tablename=incident".to_owned(),
            "fieldname=state".to_owned(),
        ];
        let mut seen = Seen { since: since.to_owned(), ..Seen::default() };
        let (mut found, mut known) = (Vec::new(), BTreeSet::new());
        for _ in 0..MOST_PAGES {
            // Also if it was closed in between: half of it would be less than nothing.
            if self.is_closed.load(Ordering::Relaxed) {
                return Ok(Vec::new());
            }
            let order = (&seen, "sys_created_on");
            let reply = match tables.rows(("sys_audit", conditions.clone()), order).await {
                Err(TrackerError::Refused { .. } | TrackerError::NotFound { .. }) => {
                    self.is_closed.store(true, Ordering::Relaxed);
                    continue;
                }
                reply => reply?,
            };
            let rows = lenient::list(&reply.json, "/result");
            let page = paged::<Value>(&seen, Vec::new(), (rows, "/sys_created_on"), reply.more);
            // Those of the last second of a page come again.
            let is_new =
                |row: &&Value| text(row, "/sys_id").is_some_and(|id| known.insert(id.to_owned()));
            found.extend(rows.iter().filter(is_new).cloned());
            if page.complete {
                return Ok(found);
            }
            seen = Seen::of(&page.next)?;
        }
        let why = format!("the audit of an incident has more than {MOST_PAGES} pages");
        Err(TrackerError::Broken { why })
    }
}
