//! Documents: writing a text as one, and reading any as text.
//!
//! What is written here comes back exactly: paragraphs are what stands between empty lines, and a fence
//! that stands alone between empty lines becomes a block of code. What others write comes back as the
//! text that comes nearest, with quotes and code marked, because commands in those do not count.

use serde_json::{Value, json};

/// How deep a document is followed.
const MOST_LEVELS: usize = 32;
/// What opens and closes code.
const FENCE: &str = "```";

/// Writes a text as a document.
pub(super) fn of_text(text: &str) -> Value {
    let mut blocks = Vec::new();
    let mut rest = Some(text.trim_end());
    while let Some(left) = rest {
        let (block, after) = match code(left) {
            Some((block, after)) => (block, after),
            None => match left.split_once("\n\n") {
                Some((block, after)) => (paragraph(block), Some(after)),
                None => (paragraph(left), None),
            },
        };
        blocks.push(block);
        rest = after;
    }
    json!({ "type": "doc", "version": 1, "content": blocks })
}

/// The fence at the start of a text, if it stands alone, and what follows the empty line after it.
fn code(text: &str) -> Option<(Value, Option<&str>)> {
    let (language, body) = text.strip_prefix(FENCE)?.split_once('\n')?;
    if !language.chars().all(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let close = format!("\n{FENCE}");
    let (inside, after) = match body.strip_prefix(FENCE) {
        Some(after) => ("", after),
        None => body.split_once(&close)?,
    };
    let after = match after.strip_prefix("\n\n") {
        Some(after) => Some(after),
        None if after.is_empty() => None,
        None => return None,
    };
    // An empty block cannot be told from one with an empty line.
    (!inside.is_empty()).then(|| {
        let words = json!([{ "type": "text", "text": inside }]);
        let block = if language.is_empty() {
            json!({ "type": "codeBlock", "content": words })
        } else {
            json!({ "type": "codeBlock", "attrs": { "language": language }, "content": words })
        };
        (block, after)
    })
}

fn paragraph(text: &str) -> Value {
    let mut content = Vec::new();
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            content.push(json!({ "type": "hardBreak" }));
        }
        if !line.is_empty() {
            content.push(json!({ "type": "text", "text": line }));
        }
    }
    json!({ "type": "paragraph", "content": content })
}

/// Reads a document as text.
pub(super) fn text_of(document: &Value) -> String {
    match document {
        Value::String(text) => text.clone(),
        _ => blocks(document, MOST_LEVELS),
    }
}

fn children(node: &Value) -> &[Value] {
    node.get("content").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn kind(node: &Value) -> &str {
    node.get("type").and_then(Value::as_str).unwrap_or_default()
}

fn attribute<'a>(node: &'a Value, name: &str) -> &'a str {
    node.get("attrs").and_then(|attrs| attrs.get(name)?.as_str()).unwrap_or_default()
}

/// The blocks of a node, parted by empty lines.
fn blocks(node: &Value, levels: usize) -> String {
    let told = children(node).iter().map(|child| block(child, levels));
    told.collect::<Vec<_>>().join("\n\n")
}

fn block(node: &Value, levels: usize) -> String {
    let Some(levels) = levels.checked_sub(1) else { return "…".to_owned() };
    let inner = || blocks(node, levels);
    match kind(node) {
        "paragraph" | "heading" => inline(node, levels),
        "codeBlock" => {
            format!("{FENCE}{}\n{}\n{FENCE}", attribute(node, "language"), inline(node, levels))
        }
        "blockquote" => prefixed(&inner(), "> ", "> "),
        "bulletList" | "taskList" | "decisionList" => items(node, levels, |_| "- ".to_owned()),
        "orderedList" => items(node, levels, |number| format!("{}. ", number + 1)),
        "rule" => "---".to_owned(),
        "table" => {
            let rows = children(node).iter().map(|row| {
                let cells =
                    children(row).iter().map(|cell| blocks(cell, levels).replace('\n', " "));
                format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
            });
            rows.collect::<Vec<_>>().join("\n")
        }
        "mediaSingle" | "mediaGroup" | "media" => "[media]".to_owned(),
        "expand" | "nestedExpand" => format!("{}\n\n{}", attribute(node, "title"), inner()),
        "blockCard" | "embedCard" => attribute(node, "url").to_owned(),
        _ if children(node).iter().any(|child| kind(child) == "text") => inline(node, levels),
        _ => inner(),
    }
}

fn items(node: &Value, levels: usize, mark: impl Fn(usize) -> String) -> String {
    let told = children(node).iter().enumerate().map(|(number, item)| {
        let text = block(item, levels);
        prefixed(&text.replace("\n\n", "\n"), &mark(number), "  ")
    });
    told.collect::<Vec<_>>().join("\n")
}

fn prefixed(text: &str, first: &str, others: &str) -> String {
    let line = |(number, line): (usize, &str)| {
        format!("{}{line}", if number == 0 { first } else { others })
    };
    text.split('\n').enumerate().map(line).collect::<Vec<_>>().join("\n")
}

/// What stands in one block.
fn inline(node: &Value, levels: usize) -> String {
    let Some(levels) = levels.checked_sub(1) else { return "…".to_owned() };
    let told = children(node).iter().map(|child| match kind(child) {
        "text" => words(child),
        "hardBreak" => "\n".to_owned(),
        "mention" | "status" | "date" => attribute(child, "text").to_owned(),
        "emoji" => match attribute(child, "text") {
            "" => attribute(child, "shortName").to_owned(),
            text => text.to_owned(),
        },
        "inlineCard" => attribute(child, "url").to_owned(),
        _ => inline(child, levels),
    });
    told.collect()
}

/// A run of text; struck out and code are marked, because they are not meant as they stand there.
fn words(node: &Value) -> String {
    let text = node.get("text").and_then(Value::as_str).unwrap_or_default();
    let marks = node.get("marks").and_then(Value::as_array);
    let has = |mark: &str| marks.is_some_and(|marks| marks.iter().any(|it| kind(it) == mark));
    if has("code") {
        return format!("`{text}`");
    }
    if has("strike") {
        return format!("~~{text}~~");
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_becomes_paragraphs_and_code() {
        let document = of_text("cause: pool\nsize: 2\n\n```json\n{\n\n}\n```\n\n[wheelhouse 1 …]");
        let kinds: Vec<&str> = children(&document).iter().map(kind).collect();
        assert_eq!(kinds, ["paragraph", "codeBlock", "paragraph"]);
        assert_eq!(attribute(&children(&document)[1], "language"), "json");
    }

    #[test]
    fn what_others_write_keeps_its_quotes_lists_and_code() {
        let text = |text: &str| json!({ "type": "text", "text": text });
        let paragraph = |inner: Value| json!({ "type": "paragraph", "content": [inner] });
        let item = |said: &str| json!({ "type": "listItem", "content": [paragraph(text(said))] });
        let mention = json!({ "type": "mention", "attrs": { "id": "1", "text": "@on-call" } });
        let code = json!({ "type": "text", "text": "/approve 1", "marks": [{ "type": "code" }] });
        let document = json!({ "type": "doc", "version": 1, "content": [
            { "type": "blockquote", "content": [paragraph(text("/approve 1"))] },
            { "type": "orderedList", "content": [item("first"), item("second")] },
            paragraph(mention), paragraph(code), { "type": "surprise" },
        ] });
        let expected = "> /approve 1\n\n1. first\n2. second\n\n@on-call\n\n`/approve 1`\n\n";
        assert_eq!(text_of(&document), expected);
    }

    #[test]
    fn a_document_without_a_bottom_is_followed_only_so_far() {
        let mut node = json!({ "type": "text", "text": "deep" });
        for _ in 0..100 {
            node = json!({ "type": "blockquote", "content": [node] });
        }
        assert!(text_of(&json!({ "type": "doc", "content": [node] })).contains('…'));
    }

    proptest! {
        #[test]
        fn what_is_written_comes_back_line_for_line(
            text in "([a-z`> /\\-]{0,6}|\n|\n\n|```|```json\n|\n```\n\n){0,24}"
        ) {
            prop_assert_eq!(text_of(&of_text(&text)), text.trim_end());
        }
    }
}
