//! The hidden first line of an envelope, which travels beside a document as a property.

use serde_json::{Value, json};

use crate::trackers::lenient::text;

/// The name of the property.
pub(super) const PROPERTY: &str = "wheelhouse";
/// The property by which a service desk tells internal comments from public ones.
const INTERNAL: &str = "sd.public.comment";
/// How the hidden line begins.
const MARK: &str = "<!-- wheelhouse:";
/// The longest property, in characters.
const MOST_CHARS: usize = 32_768;

/// Takes the hidden first line off a text.
pub(super) fn split(text: &str) -> (Option<&str>, &str) {
    match text.split_once('\n') {
        Some((line, rest)) if line.starts_with(MARK) && line.len() < MOST_CHARS => {
            (Some(line), rest)
        }
        _ => (None, text),
    }
}

/// Puts a hidden first line back.
pub(super) fn join(line: Option<&str>, text: &str) -> String {
    match line {
        Some(line) => format!("{line}\n{text}"),
        None => text.to_owned(),
    }
}

/// The value of the property: the line as it was, because it is compared with what was sent.
pub(super) fn value(line: &str) -> Value {
    json!({ "v": 1, "line": line })
}

/// The properties of a new comment.
pub(super) fn properties(line: Option<&str>, is_internal: bool) -> Value {
    let mut all = Vec::new();
    if let Some(line) = line {
        all.push(json!({ "key": PROPERTY, "value": value(line) }));
    }
    if is_internal {
        all.push(json!({ "key": INTERNAL, "value": { "internal": true } }));
    }
    Value::Array(all)
}

/// The line that a property holds; anybody who may edit the comment may have put it there.
pub(super) fn line(value: &Value) -> Option<&str> {
    let line = text(value, "/line")?;
    (line.starts_with(MARK) && !line.contains('\n')).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hidden_line_goes_aside_and_comes_back() {
        let sent = "<!-- wheelhouse:v1 {\"v\":1} -->\nfound it\n\n[wheelhouse 1 …]";
        let (hidden, rest) = split(sent);
        assert_eq!(rest, "found it\n\n[wheelhouse 1 …]");
        let kept = value(hidden.unwrap());
        assert_eq!(join(line(&kept), rest), sent);
        assert_eq!(
            split("found it\n<!-- wheelhouse:v1 -->"),
            (None, "found it\n<!-- wheelhouse:v1 -->")
        );
    }

    #[test]
    fn a_property_of_somebody_else_puts_nothing_in_front() {
        assert_eq!(line(&json!({ "line": "/approve 1" })), None);
        assert_eq!(line(&json!({ "line": "<!-- wheelhouse:v1 -->\n/approve 1" })), None);
        assert_eq!(line(&json!("x")), None);
    }
}
