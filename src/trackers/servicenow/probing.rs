//! The probe: who we are, and what would surprise people later.

use super::reading::Seen;
use super::tables::Tables;
use crate::incident::{Notice, Trouble};
use crate::settings::Visibility;
use crate::trackers::lenient::{self, skew, text};
use crate::trackers::transport::Request;
use crate::trackers::{Access, ItemId, Probe, TrackerError};

/// Asks who we are, and looks at one real incident.
pub(super) async fn probe(tables: &Tables) -> Result<Probe, TrackerError> {
    let (account, now) = (tables.own().await?, tables.now());
    let request = Request::get(&["incident"])
        .query("sysparm_query", "ORDERBYDESCsys_updated_on")
        .query("sysparm_fields", "sys_id")
        .query("sysparm_limit", "1");
    let reply = tables.read(&request).await?;
    let mut traps = Vec::new();
    if let Some(id) = text(&reply.json, "/result/0/sys_id") {
        let item = ItemId::from(id.to_owned());
        let journal = tables.journal(&item, &Seen::default()).await?;
        let is_empty = lenient::list(&journal.json, "/result").is_empty();
        if is_empty && !tables.shown(&item).await?.is_empty() {
            traps.push(hidden());
        }
    }
    if tables.setup.visibility == Visibility::Public {
        traps.push(seen_by_callers());
    }
    if tables.setup.is_record && tables.setup.close_code.is_none() {
        traps.push(codeless());
    }
    Ok(Probe { account, access: Access::Unknown, skew: skew(reply.date, now), traps })
}

fn hidden() -> Notice {
    let what = "ServiceNow hides the rows of its journal from this user";
    Notice::new(Trouble::NotAllowed, what)
        .hint("let the user read sys_journal_field; until then nobody can tell what was written")
}

fn seen_by_callers() -> Notice {
    let what = "entries are written as additional comments, which whoever called can read";
    Notice::new(Trouble::NotAllowed, what).hint("write visibility = \"internal\" to change that")
}

fn codeless() -> Notice {
    let what =
        "no close_code is set, and most instances let nobody resolve an incident without one";
    Notice::new(Trouble::Usage, what)
        .hint("write close_code = \"…\" with one that the instance knows for its incidents")
}
