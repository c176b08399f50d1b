//! What a tracker says when it refuses, in any of the shapes that trackers use.

use serde_json::Value;

use crate::incident::Untrusted;
use crate::settings::Unsaid;

/// The longest message that is told, in characters.
const LONGEST: usize = 300;

/// How much of a message is looked through for what must not be told, in characters.
const MOST_READ: usize = 16 * 1024;

/// The most parts of a message that are told.
const MOST: usize = 8;

/// The message of a refusal, on one line and safe to show; empty if there is none.
///
/// What must not be told is taken out before anything is cut: half a secret is not recognised, and is
/// half of a secret.
pub(super) fn said(json: &Value, unsaid: &Unsaid) -> String {
    let mut parts = Vec::new();
    gather(json, &mut parts);
    parts.truncate(MOST);
    let whole = parts.join("; ");
    let told = match whole.char_indices().nth(MOST_READ).and_then(|(end, _)| whole.get(..end)) {
        Some(beginning) => unsaid.hide_cut(beginning),
        None => unsaid.hide(&whole),
    };
    let told = Untrusted::from(told).line().to_string();
    told.chars().take(LONGEST).collect()
}

/// Gathers `message`, `detail`, `errors` and their like; anything else may hold what we sent.
fn gather(json: &Value, parts: &mut Vec<String>) {
    match json {
        Value::String(text) => parts.push(text.clone()),
        Value::Array(list) => list.iter().take(MOST).for_each(|one| gather(one, parts)),
        Value::Object(map) => {
            if let (Some(Value::String(field)), Some(Value::String(code))) =
                (map.get("field"), map.get("code"))
            {
                parts.push(format!("{field}: {code}"));
            }
            for name in ["message", "msg", "detail", "error", "errorMessages"] {
                map.get(name).into_iter().for_each(|told| gather(told, parts));
            }
            match map.get("errors") {
                Some(Value::Object(fields)) => {
                    let told = fields
                        .iter()
                        .filter_map(|(field, told)| Some(format!("{field}: {}", told.as_str()?)));
                    parts.extend(told.take(MOST));
                }
                Some(told) => gather(told, parts),
                None => {}
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(json: &Value) -> String {
        super::said(json, &Unsaid::default())
    }

    #[test]
    fn every_dialect_of_refusal_is_understood() {
        let github = json!({
            "message": "Validation Failed", "documentation_url": "https://docs.example",
            "errors": [{ "resource": "Issue", "field": "title", "code": "missing_field" }],
        });
        assert_eq!(said(&github), "Validation Failed; title: missing_field");
        let nested = json!({ "error": { "code": 2001, "message": "Invalid", "errors": ["From"] } });
        assert_eq!(said(&nested), "Invalid; From");
        let table =
            json!({ "error": { "message": "No Record", "detail": "ACL" }, "status": "failure" });
        assert_eq!(said(&table), "No Record; ACL");
        let fields = json!({ "errorMessages": ["Bad"], "errors": { "summary": "required" } });
        assert_eq!(said(&fields), "Bad; summary: required");
        assert_eq!(said(&json!({ "error": { "status": 400, "msg": "missing" } })), "missing");
        assert_eq!(said(&Value::Null), "");
    }

    #[test]
    fn a_message_of_nothing_but_backslashes_is_short_as_well() {
        let unsaid = Unsaid::of(["s3cret-token".to_owned()]);
        let said = super::said(&json!({ "message": "\\".repeat(1 << 20) }), &unsaid);
        assert_eq!(said, "\\".repeat(LONGEST));
    }

    #[test]
    fn a_message_is_short_and_safe() {
        let hostile = json!({ "message": format!("\u{1b}[2J{}", "x".repeat(10_000)) });
        let said = said(&hostile);
        assert!(said.starts_with("␛[2Jxx") && said.chars().count() <= LONGEST, "{said}");
    }
}
