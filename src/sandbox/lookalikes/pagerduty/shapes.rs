//! What PagerDuty's answers look like.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::sandbox::lookalikes::cast::Being;
use crate::sandbox::lookalikes::ids::short_id;
use crate::sandbox::lookalikes::item::{Item, Note, Who};
use crate::sandbox::lookalikes::vendor::Vendor;

/// The only service.
pub(super) const SERVICE: &str = "PSANDBOX";

/// The service, asked for by its id.
pub(super) fn service() -> Value {
    json!({ "service": { "id": SERVICE, "type": "service", "name": "Sandbox",
        "summary": "Sandbox", "status": "active" } })
}

/// PagerDuty tells whole seconds here.
fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Whoever did something.
pub(in crate::sandbox::lookalikes) fn person(who: Who) -> Value {
    let kind = if who.being == Being::Bot { "bot_user_reference" } else { "user_reference" };
    let id = who.id(Vendor::Pagerduty);
    json!({ "id": id, "type": kind, "summary": who.name, "self": null, "html_url": null })
}

/// An incident; `base` is the address of the server.
pub(in crate::sandbox::lookalikes) fn incident(item: &Item, base: &str) -> Value {
    let service = json!({ "id": SERVICE, "type": "service_reference", "summary": "sandbox",
        "self": null, "html_url": null });
    json!({
        "id": item.name(),
        "type": "incident",
        "incident_number": item.number,
        "title": item.title,
        "summary": format!("[#{}] {}", item.number, item.title),
        "status": item.state,
        "incident_key": item.fields.get("incident_key"),
        "urgency": item.fields.get("urgency").and_then(Value::as_str).unwrap_or("high"),
        "created_at": moment(item.created),
        "updated_at": moment(item.updated),
        "html_url": format!("{base}/incidents/{}", item.name()),
        "service": item.fields.get("service").cloned().unwrap_or(service),
        "body": { "type": "incident_body", "details": item.body },
        "first_trigger_log_entry": { "id": short_id('R', item.number * 1_000_000),
            "type": "trigger_log_entry", "agent": person(item.author) },
        "last_status_change_by": item.moves.last().map(|it| person(it.by)),
        "priority": null,
    })
}

/// A note.
pub(in crate::sandbox::lookalikes) fn note(note: &Note) -> Value {
    json!({
        "id": short_id('P', note.number),
        "user": person(note.author),
        "channel": { "summary": "The PagerDuty website or APIs" },
        "content": note.body,
        "created_at": moment(note.created),
        "updated_at": moment(note.updated),
    })
}

/// Everything that the log of an incident tells, with when it happened.
pub(super) fn logged(item: &Item, notes: &[&Note]) -> Vec<(Timestamp, Value)> {
    let line = |number: u64, kind: &str, (by, at): (Who, Timestamp)| {
        let incident = json!({ "id": item.name(), "type": "incident_reference",
            "summary": item.title, "service": item.fields.get("service") });
        let told = json!({
            "id": short_id('R', item.number * 1_000_000 + number), "type": kind,
            "summary": format!("{} by {}", kind.trim_end_matches("_log_entry"), by.name),
            "created_at": moment(at), "agent": person(by), "channel": { "type": "api" },
            "incident": incident,
        });
        (at, told)
    };
    let mut all = vec![line(0, "trigger_log_entry", (item.author, item.created))];
    all.extend(item.moves.iter().map(|it| {
        let kind = match it.to.as_str() {
            "resolved" => "resolve_log_entry",
            "acknowledged" => "acknowledge_log_entry",
            _ => "unacknowledge_log_entry",
        };
        line(it.number, kind, (it.by, it.at))
    }));
    let noted =
        |note: &&Note| line(1000 + note.number, "annotate_log_entry", (note.author, note.created));
    all.extend(notes.iter().map(noted));
    all
}
