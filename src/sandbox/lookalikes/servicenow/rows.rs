//! The tables: incidents, their journal, and the users.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::query::Row;
use crate::sandbox::lookalikes::cast::{Being, CAST};
use crate::sandbox::lookalikes::ids::sys_id;
use crate::sandbox::lookalikes::item::{Item, Move, Note, SeenBy};
use crate::sandbox::lookalikes::vendor::Vendor;

/// ServiceNow tells whole seconds of UTC, without saying that it is UTC.
pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The id of an incident.
pub(super) fn incident_id(item: &Item) -> String {
    sys_id("incident", item.number)
}

/// An incident.
pub(super) fn incident(item: &Item) -> Row {
    let text = |name: &str| item.fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let is_over = ["6", "7", "8"].contains(&item.state.as_str());
    let mut row = Row::from([
        ("sys_id", incident_id(item)),
        ("number", item.name()),
        ("short_description", item.title.clone()),
        ("description", item.body.as_str().unwrap_or_default().to_owned()),
        ("state", item.state.clone()),
        ("active", (!is_over).to_string()),
        ("opened_by", item.author.id(Vendor::Servicenow)),
        ("sys_created_by", item.author.login.to_owned()),
        ("sys_created_on", moment(item.created)),
        ("sys_updated_on", moment(item.updated)),
        ("sys_mod_count", item.changes.to_string()),
        // Journals are never among the values of a record.
        ("work_notes", String::new()),
        ("comments", String::new()),
    ]);
    for name in FREE {
        row.insert(name, text(name).to_owned());
    }
    row
}

/// Fields that are kept as they are given.
pub(super) const FREE: [&str; 10] = [
    "close_code",
    "close_notes",
    "correlation_id",
    "correlation_display",
    "impact",
    "urgency",
    "assignment_group",
    "assigned_to",
    "parent_incident",
    "problem_id",
];

/// A line of the journal.
pub(super) fn journal(item: &Item, note: &Note) -> Row {
    Row::from([
        ("sys_id", sys_id("sys_journal_field", note.number)),
        ("name", "incident".to_owned()),
        ("element", element(note).to_owned()),
        ("element_id", incident_id(item)),
        ("value", note.text().to_owned()),
        ("sys_created_on", moment(note.created)),
        ("sys_created_by", note.author.login.to_owned()),
    ])
}

/// What became of an incident's state, line by line.
pub(super) fn audit(item: &Item) -> Vec<Row> {
    let row = |it: &Move| {
        Row::from([
            ("sys_id", sys_id("sys_audit", item.number * 1_000_000 + it.number)),
            ("tablename", "incident".to_owned()),
            ("documentkey", incident_id(item)),
            ("fieldname", "state".to_owned()),
            ("oldvalue", it.from.clone()),
            ("newvalue", it.to.clone()),
            ("user", it.by.login.to_owned()),
            ("sys_created_by", it.by.login.to_owned()),
            ("sys_created_on", moment(it.at)),
        ])
    };
    item.moves.iter().map(row).collect()
}

/// Which journal a note stands in.
fn element(note: &Note) -> &'static str {
    match note.seen_by {
        SeenBy::Team => "work_notes",
        SeenBy::Everybody => "comments",
    }
}

/// A journal as one text, youngest first, as its field shows it.
pub(super) fn shown(item: &Item, name: &str) -> String {
    let of_journal = item.notes.iter().rev().filter(|note| element(note) == name);
    let label = if name == "work_notes" { "Work notes" } else { "Additional comments" };
    let lines = of_journal.map(|note| {
        let (at, who) = (moment(note.created), note.author.name);
        format!("{at} - {who} ({label})\n{}\n\n", note.text())
    });
    lines.collect()
}

/// The users.
pub(super) fn users() -> Vec<Row> {
    let row = |who: &crate::sandbox::lookalikes::cast::SandboxAccount| {
        Row::from([
            ("sys_id", who.id(Vendor::Servicenow)),
            ("user_name", who.login.to_owned()),
            ("name", who.name.to_owned()),
            ("email", who.email()),
            ("active", "true".to_owned()),
            // Before anything that plays in a sandbox.
            ("sys_created_on", "2001-01-01 00:00:00".to_owned()),
            ("internal_integration_user", (who.being == Being::Bot).to_string()),
            ("web_service_access_only", "false".to_owned()),
        ])
    };
    CAST.iter().map(row).collect()
}

/// A row as JSON, with the fields that were asked for.
pub(super) fn told(row: &Row, fields: Option<&str>) -> Value {
    let wanted = |name: &str| fields.is_none_or(|fields| fields.split(',').any(|it| it == name));
    let told = row.iter().filter(|(name, _)| wanted(name));
    told.map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
