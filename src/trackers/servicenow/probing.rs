//! The probe: who we are, and what would surprise people later.

use serde_json::Value;

use super::reading::Seen;
use super::tables::Tables;
use crate::incident::{Notice, Trouble};
use crate::settings::Visibility;
use crate::trackers::lenient::{self, skew, text};
use crate::trackers::transport::Request;
use crate::trackers::{AccountKind, Probe, TrackerError};

/// How many incidents are looked at for one that has a journal.
const LOOKED_AT: usize = 5;
/// How many conditions of a filter are looked at.
const MOST_PIECES: usize = 8;

/// Asks who we are, and looks at real incidents.
pub(super) async fn probe(tables: &Tables) -> Result<Probe, TrackerError> {
    let (account, now) = (tables.own().await?, tables.now());
    let newest = Request::get(&["incident"])
        .query("sysparm_query", "ORDERBYDESCsys_updated_on")
        .query("sysparm_fields", "sys_id,work_notes,comments")
        .query("sysparm_display_value", "all")
        .query("sysparm_limit", LOOKED_AT.to_string());
    let newest = tables.read(&newest).await?;
    let mut traps = Vec::new();
    traps.extend(journals(tables, lenient::list(&newest.json, "/result")).await?);
    traps.extend(ignored(tables, newest.total).await?);
    if tables.setup.visibility == Visibility::Public {
        traps.push(seen_by_callers());
    }
    if account.kind == AccountKind::Unknown {
        traps.push(nobody_known());
    }
    if tables.setup.is_record && tables.setup.close_code.is_none() {
        traps.push(codeless());
    }
    let (skew, is_sandbox) = (skew(newest.date, now), tables.is_sandbox());
    Ok(Probe { skew, traps, is_sandbox, ..Probe::of(account) })
}

/// Looks whether rows of a journal are hidden, in an incident that shows that it has some.
async fn journals(tables: &Tables, newest: &[Value]) -> Result<Option<Notice>, TrackerError> {
    let shows = |row: &&Value| {
        let text = |element| text(row, &format!("/{element}/display_value"));
        ["work_notes", "comments"].into_iter().filter_map(text).any(|text| !text.is_empty())
    };
    let Some(row) = newest.iter().find(shows) else {
        return Ok((!newest.is_empty()).then(unknown));
    };
    let Some(id) = text(row, "/sys_id/value") else { return Ok(Some(unknown())) };
    let journal = tables.journal(&id.to_owned().into(), &Seen::default()).await?;
    Ok(lenient::list(&journal.json, "/result").is_empty().then(hidden))
}

/// Looks whether every condition of the filter leaves something out: one that is mistyped is ignored.
async fn ignored(tables: &Tables, all: Option<usize>) -> Result<Vec<Notice>, TrackerError> {
    let (Some(filter), Some(all)) = (&tables.setup.filter, all.filter(|all| *all > 0)) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for piece in pieces(filter).into_iter().take(MOST_PIECES) {
        let request = Request::get(&["incident"])
            .query("sysparm_query", &piece)
            .query("sysparm_fields", "sys_id")
            .query("sysparm_limit", "1");
        if tables.read(&request).await?.total == Some(all) {
            found.push(filters_nothing(&piece));
        }
    }
    Ok(found)
}

/// The conditions of a query of which each must hold; alternatives stay together.
fn pieces(query: &str) -> Vec<String> {
    if query.contains("^NQ") {
        return vec![query.to_owned()];
    }
    let mut pieces: Vec<String> = Vec::new();
    for piece in query.split('^').filter(|piece| !piece.is_empty() && *piece != "EQ") {
        match pieces.last_mut().filter(|_| piece.starts_with("OR")) {
            _ if piece.starts_with("ORDERBY") => {}
            Some(last) => last.extend(["^", piece]),
            None => pieces.push(piece.to_owned()),
        }
    }
    pieces
}

fn filters_nothing(piece: &str) -> Notice {
    let what = format!(
        "the filter leaves nothing out by {piece:?}: ServiceNow ignores what it does not know"
    );
    Notice::new(Trouble::Usage, what)
        .hint("name fields as the instance does, or take out what every incident fulfils")
}

fn unknown() -> Notice {
    let what = "no incident shows a journal: whether ServiceNow hides its rows is not known";
    Notice::new(Trouble::NotFound, what).hint("write a work note into one, and look again")
}

fn hidden() -> Notice {
    let what = "ServiceNow hides the rows of its journal from this user";
    Notice::new(Trouble::NotAllowed, what)
        .hint("let the user read sys_journal_field; until then nobody can tell what was written")
}

fn nobody_known() -> Notice {
    let what = "ServiceNow does not show this user who is a person: nobody can decide there";
    Notice::new(Trouble::NotAllowed, what).hint(
        "let the user read user_name, internal_integration_user, and web_service_access_only of sys_user",
    )
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_taken_apart_into_what_must_hold() {
        assert_eq!(
            pieces("active=true^priority=1^ORpriority=2^ORDERBYnumber"),
            ["active=true", "priority=1^ORpriority=2"]
        );
        assert_eq!(pieces("active=true^NQpriority=1"), ["active=true^NQpriority=1"]);
        assert_eq!(pieces("^EQ"), [""; 0]);
    }
}
