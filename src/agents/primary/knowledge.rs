//! What the agent knows so far: answers by name, values kept from them, and texts filled in with both.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::runbook::Keep;
use crate::incident::{CallId, EntryId};

/// One answer: of a check, a partner, or a handoff.
#[derive(Debug, Clone, PartialEq)]
pub struct Learned {
    /// The answer in words.
    pub text: String,
    /// The structured answer; `Null` when there is none.
    pub value: Value,
    /// The entry that records it.
    pub entry: Option<EntryId>,
    /// The call that brought it.
    pub call: Option<CallId>,
}

/// What is known.
#[derive(Debug, Clone, Default)]
pub struct Knowledge {
    answers: BTreeMap<String, Learned>,
    values: BTreeMap<String, String>,
}

impl Knowledge {
    /// Begins with values that the deployment gives: addresses, folders.
    pub fn new(values: BTreeMap<String, String>) -> Self {
        Self { answers: BTreeMap::new(), values }
    }

    /// Sets a value that texts can name; a moment `at` is also known as `at_clock`, as people write it.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        if let Ok(at) = value.parse::<Timestamp>() {
            let clock = at.strftime("%H:%M:%S UTC").to_string();
            self.values.insert(format!("{name}_clock"), clock);
        }
        self.values.insert(name.to_owned(), value);
    }

    /// Adds an answer, and the values to be kept of it.
    pub fn learn(&mut self, name: &str, learned: Learned, keep: &[Keep]) {
        self.answers.insert(name.to_owned(), learned);
        for kept in keep {
            let found = self.part(name, &kept.at).map(|(text, _)| text);
            let found = match &kept.find {
                Some(pattern) => found.and_then(|text| pattern.first_in(&text)),
                None => found,
            };
            if let Some(value) = found {
                self.set(&kept.name, value);
            }
        }
    }

    /// One answer.
    pub fn answer(&self, name: &str) -> Option<&Learned> {
        self.answers.get(name)
    }

    /// The part of an answer that a pointer names: as text, and as a number if it is one.
    pub fn part(&self, name: &str, pointer: &str) -> Option<(String, Option<f64>)> {
        let learned = self.answers.get(name)?;
        if pointer.is_empty() {
            return Some((learned.text.clone(), None));
        }
        let found = learned.value.pointer(pointer)?;
        Some((plain(found), found.as_f64()))
    }

    /// Fills the `{names}` in a text; a name that nobody knows is an error that names it. Braces around
    /// anything else, as in a selector of metrics, stand for themselves.
    pub fn fill(&self, text: &str) -> Result<String, UnknownName> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            match after.split_once('}') {
                Some((name, after)) if is_name(name) => {
                    let value = self.values.get(name);
                    filled.push_str(value.ok_or_else(|| UnknownName(name.to_owned()))?);
                    rest = after;
                }
                _ => {
                    filled.push('{');
                    rest = after;
                }
            }
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// Fills the texts within a JSON value; a text that is one name alone takes its number.
    pub fn fill_value(&self, value: &Value) -> Result<Value, UnknownName> {
        Ok(match value {
            Value::String(text) => {
                let filled = self.fill(text)?;
                let alone = text.starts_with('{') && text.ends_with('}');
                match filled.parse::<i64>() {
                    Ok(number) if alone => Value::from(number),
                    _ => Value::String(filled),
                }
            }
            Value::Array(items) => Value::Array(
                items.iter().map(|item| self.fill_value(item)).collect::<Result<_, _>>()?,
            ),
            Value::Object(fields) => {
                let filled = fields
                    .iter()
                    .map(|(name, value)| self.fill_value(value).map(|value| (name.clone(), value)));
                Value::Object(filled.collect::<Result<_, _>>()?)
            }
            other => other.clone(),
        })
    }

    /// Fills a table of arguments.
    pub fn fill_table(&self, table: &BTreeMap<String, Value>) -> Result<Value, UnknownName> {
        let fields = table.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        self.fill_value(&Value::Object(fields))
    }

    /// The entries that record the answers, oldest first.
    pub fn entries(&self) -> Vec<EntryId> {
        let mut entries: Vec<EntryId> = self.answers.values().filter_map(|it| it.entry).collect();
        entries.sort_unstable();
        entries
    }
}

/// A text names a value that is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing is known as `{0}` yet")]
pub struct UnknownName(pub String);

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Knowledge {
        let mut known = Knowledge::new(BTreeMap::from([("pool".to_owned(), "20".to_owned())]));
        let value = serde_json::json!({ "changes": [{ "revision": "r42" }], "score": 0.5 });
        let learned = Learned { text: "r42 came".to_owned(), value, entry: None, call: None };
        let keep = ["/changes/0/revision", ""].map(|at| Keep {
            name: if at.is_empty() { "verb" } else { "revision" }.to_owned(),
            at: at.to_owned(),
            find: None,
        });
        known.learn("changes", learned, &keep);
        known
    }

    #[test]
    fn texts_are_filled_with_what_was_learned() {
        assert_eq!(known().fill("to {revision}: {verb}!").unwrap(), "to r42: r42 came!");
        let selector = r#"http{status=~"5.."}"#;
        assert_eq!(known().fill(selector).unwrap(), selector);
        let args = serde_json::json!({ "pool_max": "{pool}", "why": "{pool} is enough" });
        let filled = serde_json::json!({ "pool_max": 20, "why": "20 is enough" });
        assert_eq!(known().fill_value(&args).unwrap(), filled);
    }

    #[test]
    fn a_moment_is_also_known_as_people_write_it() {
        let mut known = known();
        known.set("onset", "2026-11-20T14:01:05.123Z");
        assert_eq!(known.fill("at {onset_clock}").unwrap(), "at 14:01:05 UTC");
        assert_eq!(known.fill("{onset}").unwrap(), "2026-11-20T14:01:05.123Z");
    }

    #[test]
    fn what_is_not_known_is_named() {
        assert_eq!(known().fill("{nobody}"), Err(UnknownName("nobody".to_owned())));
    }

    #[test]
    fn a_part_of_an_answer_is_text_and_number() {
        assert_eq!(known().part("changes", "/score"), Some(("0.5".to_owned(), Some(0.5))));
        assert_eq!(known().part("changes", ""), Some(("r42 came".to_owned(), None)));
        assert_eq!(known().part("changes", "/nothing"), None);
    }
}
