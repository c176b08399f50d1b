//! Documents as Jira takes them: whether one is valid, how long it is, and what it says.

use serde_json::{Value, json};

/// Whether a value is a document, as far as Jira looks before it keeps one.
pub(super) fn is_document(value: &Value) -> bool {
    value.get("type") == Some(&json!("doc"))
        && value.get("version") == Some(&json!(1))
        && value.get("content").and_then(Value::as_array).is_some_and(|it| it.iter().all(is_node))
}

fn is_node(value: &Value) -> bool {
    let Some(kind) = value.get("type").and_then(Value::as_str) else { return false };
    let text = value.get("text").and_then(Value::as_str);
    if kind == "text" && text.is_none_or(str::is_empty) {
        return false;
    }
    let content = value.get("content").and_then(Value::as_array);
    content.is_none_or(|content| content.iter().all(is_node))
}

/// Everything that a document says, block by block.
pub(in crate::sandbox::lookalikes) fn text_of(document: &Value) -> String {
    let mut text = String::new();
    gather(document, &mut text);
    text.trim_end().to_owned()
}

fn gather(node: &Value, into: &mut String) {
    let kind = node.get("type").and_then(Value::as_str).unwrap_or_default();
    match kind {
        "text" => into.push_str(node.get("text").and_then(Value::as_str).unwrap_or_default()),
        "hardBreak" => into.push('\n'),
        _ => {
            for child in node.get("content").and_then(Value::as_array).into_iter().flatten() {
                gather(child, into);
            }
            if ["paragraph", "heading", "codeBlock"].contains(&kind) {
                into.push('\n');
            }
        }
    }
}

/// A document of plain paragraphs, such as somebody types.
pub(in crate::sandbox::lookalikes) fn of_text(text: &str) -> Value {
    let paragraph = |line: &str| {
        let words = json!({ "type": "text", "text": line });
        let content = if line.is_empty() { json!([]) } else { json!([words]) };
        json!({ "type": "paragraph", "content": content })
    };
    json!({ "type": "doc", "version": 1, "content": text.lines().map(paragraph).collect::<Vec<_>>() })
}
