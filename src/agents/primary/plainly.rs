//! Structured answers of tools as lines that people read: `name: value`, nested by indentation.

use serde_json::Value;

/// Writes a value as lines; what is empty is said to be none.
pub(super) fn plainly(value: &Value) -> String {
    let mut lines = Vec::new();
    write(value, 0, &mut lines);
    lines.join("\n")
}

/// The field in which a tool says in a sentence what it does.
const SUMMARY: &str = "summary";

fn write(value: &Value, depth: usize, lines: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(fields) => {
            // What the tool says of it in a sentence comes first.
            let summary = fields.get(SUMMARY).and_then(Value::as_str).filter(|_| depth == 0);
            lines.extend(summary.map(str::to_owned));
            for (name, value) in fields {
                if name == SUMMARY && summary.is_some() {
                    continue;
                }
                if let Some(text) = flat(value) {
                    lines.push(format!("{indent}{name}: {text}"));
                } else {
                    lines.push(format!("{indent}{name}:"));
                    write(value, depth + 1, lines);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                match flat(item) {
                    Some(text) => lines.push(format!("{indent}- {text}")),
                    None => write(item, depth, lines),
                }
            }
        }
        other => lines.push(format!("{indent}{}", plain(other))),
    }
}

/// A value that fits on the line of its name: a plain one, or a list of plain ones.
fn flat(value: &Value) -> Option<String> {
    match value {
        Value::Array(items) if items.is_empty() => Some("none".to_owned()),
        Value::Array(items) if items.iter().all(|item| !item.is_array() && !item.is_object()) => {
            Some(items.iter().map(plain).collect::<Vec<_>>().join(", "))
        }
        Value::Array(_) | Value::Object(_) => None,
        plain_one => Some(plain(plain_one)),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "none".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_reads_as_lines() {
        let value = serde_json::json!({
            "action": "rollback",
            "affected": ["config", "pool"],
            "diff": [{ "key": "pool.max", "from": 2, "to": 20 }],
            "notes": [],
            "summary": "back to r41",
        });
        let lines = "back to r41\naction: rollback\naffected: config, pool\ndiff:\n  from: 2\n  key: pool.max\n  \
                     to: 20\nnotes: none";
        assert_eq!(plainly(&value), lines);
    }
}
