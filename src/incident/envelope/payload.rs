//! Payloads: what an entry says for machines, written so that people can read it too.
//!
//! Where Markdown survives it is a fenced block of JSON, elsewhere one line for each value:
//!
//! ```text
//! wheelhouse evidence:
//! source: log
//! reference: checkout.log:1042
//! series.0.value: 0.21
//! ```
//!
//! It is a claim of whoever wrote the text, like everything else in an envelope.

use serde_json::{Map, Value};

use super::blocks::lines;
use crate::incident::Untrusted;

/// How a fenced payload begins, before its name.
const FENCE: &str = "```json wheelhouse:";
/// How a payload of lines begins, before its name.
const HEAD: &str = "wheelhouse ";
/// Most levels of a payload that are read.
const MOST_LEVELS: usize = 64;

/// What a tracker makes of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// It shows Markdown, and gives it back as it was written.
    Markdown,
    /// It shows the text as it is.
    Plain,
}

/// Puts a payload behind a text; its name is one word of ours.
pub fn with_payload(text: &Untrusted, name: &str, value: &Value, page: Page) -> Untrusted {
    let block = match page {
        Page::Markdown => format!("{FENCE}{name}\n{value:#}\n```"),
        Page::Plain => {
            let mut found = vec![format!("{HEAD}{name}:")];
            flatten(&mut String::new(), value, &mut found);
            found.join("\n")
        }
    };
    match text.for_storage() {
        "" => block.into(),
        words => format!("{words}\n\n{block}").into(),
    }
}

/// Reads the payload at the end of a text that was taken out of its envelope: its name and what it says.
pub fn payload(text: &Untrusted) -> Option<(String, Value)> {
    let found: Vec<&str> = lines(text.for_storage().trim_end()).collect();
    let named = |line: &&str| name_of(line).is_some();
    let (head, body) = found.get(found.iter().rposition(named)?..)?.split_first()?;
    let name = name_of(head)?.to_owned();
    if head.starts_with(FENCE) {
        let (last, json) = body.split_last()?;
        let value = serde_json::from_str(&json.join("\n")).ok()?;
        return (*last == "```").then_some((name, value));
    }
    let mut value = Value::Null;
    for line in body {
        let (path, said) = read_path(line)?;
        put(&mut value, &path, read_value(said))?;
    }
    Some((name, value))
}

fn name_of(line: &str) -> Option<&str> {
    let plain = line.strip_prefix(HEAD).and_then(|rest| rest.strip_suffix(':'));
    let name = line.strip_prefix(FENCE).or(plain)?;
    let fits = |b: u8| b.is_ascii_lowercase() || b == b'-';
    (!name.is_empty() && name.bytes().all(fits)).then_some(name)
}

/// Writes one line for each value that holds no other.
fn flatten(path: &mut String, value: &Value, into: &mut Vec<String>) {
    let before = path.len();
    let mut within = |path: &mut String, step: String, value: &Value| {
        if before > 0 {
            path.push('.');
        }
        path.push_str(&step);
        flatten(path, value, into);
        path.truncate(before);
    };
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().for_each(|(key, value)| within(path, key_step(key), value));
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(at, value)| within(path, at.to_string(), value));
        }
        Value::String(text) => into.push(format!("{path}: {}", words(text))),
        _ => into.push(format!("{path}: {value}")),
    }
}

fn key_step(key: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let is_plain = key.bytes().all(plain) && !key.bytes().all(|b| b.is_ascii_digit());
    if is_plain { key.to_owned() } else { Value::from(key).to_string() }
}

/// A text as it is, unless it would be read as something else.
fn words(text: &str) -> String {
    let one_line = !text.chars().any(char::is_control) && text.trim() == text;
    let is_bare = one_line && !text.is_empty() && serde_json::from_str::<Value>(text).is_err();
    if is_bare { text.to_owned() } else { Value::from(text).to_string() }
}

fn read_value(said: &str) -> Value {
    serde_json::from_str(said).unwrap_or_else(|_| Value::from(said))
}

/// One step into a value.
enum Step {
    Key(String),
    At(usize),
}

/// The path at the beginning of a line, and what follows it.
fn read_path(line: &str) -> Option<(Vec<Step>, &str)> {
    let (mut path, mut rest) = (Vec::new(), line);
    loop {
        let step;
        (step, rest) = read_step(rest)?;
        path.push(step);
        if let Some(value) = rest.strip_prefix(": ") {
            return (path.len() <= MOST_LEVELS).then_some((path, value));
        }
        rest = rest.strip_prefix('.')?;
    }
}

fn read_step(rest: &str) -> Option<(Step, &str)> {
    if rest.starts_with('"') {
        let mut quoted = serde_json::Deserializer::from_str(rest).into_iter::<String>();
        let key = quoted.next()?.ok()?;
        return Some((Step::Key(key), rest.get(quoted.byte_offset()..)?));
    }
    let (step, after) = rest.split_at_checked(rest.find(['.', ':'])?)?;
    let at = step.parse().ok().map(Step::At);
    Some((at.unwrap_or_else(|| Step::Key(step.to_owned())), after))
}

/// Puts a value where its path leads; `None` if something else stands there.
fn put(root: &mut Value, path: &[Step], value: Value) -> Option<()> {
    let Some((step, path)) = path.split_first() else {
        return root.is_null().then(|| *root = value);
    };
    let inner = match step {
        Step::Key(key) => {
            if root.is_null() {
                *root = Value::Object(Map::new());
            }
            root.as_object_mut()?.entry(key.clone()).or_insert(Value::Null)
        }
        Step::At(at) => {
            if root.is_null() {
                *root = Value::Array(Vec::new());
            }
            let items = root.as_array_mut()?;
            if *at == items.len() {
                items.push(Value::Null);
            }
            items.get_mut(*at)?
        }
    };
    put(inner, path, value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn both(text: &str, value: &Value) -> [Option<(String, Value)>; 2] {
        [Page::Markdown, Page::Plain]
            .map(|page| payload(&with_payload(&text.into(), "evidence", value, page)))
    }

    #[test]
    fn people_read_it_line_by_line() {
        let value = json!({ "source": "log", "count": 3, "of": ["a", "true"], "none": {} });
        let text = with_payload(&"Errors.".into(), "evidence", &value, Page::Plain);
        let expected = "Errors.\n\nwheelhouse evidence:\ncount: 3\nnone: {}\nof.0: a\n\
                        of.1: \"true\"\nsource: log";
        assert_eq!(text, Untrusted::from(expected));
    }

    #[test]
    fn a_text_without_a_payload_at_its_end_has_none() {
        for text in
            ["", "wheelhouse :", "wheelhouse evidence:\nno value", "```json wheelhouse:a\n{"]
        {
            assert_eq!(payload(&text.into()), None, "{text}");
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let text = prop_oneof!["[a-z ]{0,6}", "\\PC{0,6}", "[0-9\"{}:.\n]{0,6}"];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            text.prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            let key = prop_oneof!["[a-z_-]{0,4}", "[0-9.:\" ]{0,4}"];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(key, inner, 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_back(value in value(), text in "[a-z`\n:]{0,20}") {
            let value = json!({ "it": value });
            let expected = Some(("evidence".to_owned(), value.clone()));
            prop_assert_eq!(both(&text, &value), [expected.clone(), expected]);
        }
    }
}
