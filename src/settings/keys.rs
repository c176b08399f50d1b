//! Keys: reads a table whose shape depends on what stands in it, and tells every flaw at once.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::mistake::did_you_mean;
use super::secret::{NotAPlace, SecretPlace};

/// Something wrong in a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flaw {
    /// Where it stands; empty for the table itself.
    pub(super) key: String,
    /// What is wrong, as a lowercase fragment.
    pub(super) what: String,
    /// What to do about it.
    pub(super) hint: String,
}

impl Flaw {
    pub(super) fn new(key: &str, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { key: key.to_owned(), what: what.into(), hint: hint.into() }
    }
}

/// A table that is being read; a key that nobody asked for is a flaw in the end.
pub(super) struct Keys<'a> {
    table: &'a Table,
    asked: Vec<&'static str>,
    flaws: Vec<Flaw>,
}

impl<'a> Keys<'a> {
    pub(super) fn of(table: &'a Table) -> Self {
        Self { table, asked: Vec::new(), flaws: Vec::new() }
    }

    /// Notes a flaw.
    pub(super) fn flaw(&mut self, key: &str, what: impl Into<String>, hint: impl Into<String>) {
        self.flaws.push(Flaw::new(key, what, hint));
    }

    /// A text.
    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        let text = self.ask(key)?.as_str().map(str::to_owned);
        if text.is_none() {
            self.flaw(key, format!("{key} is a text"), format!("write {key} = \"…\""));
        }
        text
    }

    /// A text that must be there.
    pub(super) fn needed(&mut self, key: &'static str, hint: &str) -> Option<String> {
        if !self.table.contains_key(key) {
            self.asked.push(key);
            self.flaw("", format!("it needs a {key}"), hint);
            return None;
        }
        self.text(key)
    }

    /// Yes or no; no if it is not there.
    pub(super) fn flag(&mut self, key: &'static str) -> bool {
        match self.ask(key) {
            None => false,
            Some(Value::Boolean(flag)) => *flag,
            Some(_) => {
                self.flaw(key, format!("{key} is true or false"), "write it without quotes");
                false
            }
        }
    }

    /// Texts.
    pub(super) fn list(&mut self, key: &'static str) -> Vec<String> {
        let Some(value) = self.ask(key) else { return Vec::new() };
        let texts = value.as_array().and_then(|list| {
            list.iter().map(|one| one.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        });
        texts.unwrap_or_else(|| {
            self.flaw(key, format!("{key} is a list of texts"), format!("write {key} = [\"…\"]"));
            Vec::new()
        })
    }

    /// Ids by name; an id may be written as a number.
    pub(super) fn names(&mut self, key: &'static str) -> BTreeMap<String, String> {
        let Some(value) = self.ask(key) else { return BTreeMap::new() };
        let id = |value: &Value| match value {
            Value::String(id) => Some(id.clone()).filter(|id| !id.is_empty()),
            Value::Integer(id) => Some(id.to_string()),
            _ => None,
        };
        let ids = value.as_table().and_then(|table| {
            table.iter().map(|(name, value)| Some((name.clone(), id(value)?))).collect()
        });
        ids.unwrap_or_else(|| {
            let hint = format!("write {key} = {{ ada = \"583231\" }}");
            self.flaw(key, format!("{key} gives the id of an account to each name"), hint);
            BTreeMap::new()
        })
    }

    /// An address that may carry a secret: encrypted, or on this machine.
    pub(super) fn url(&mut self, key: &'static str) -> Option<String> {
        let text = self.text(key)?;
        let rest = text.strip_prefix("http://").unwrap_or_default();
        let host = rest.split(['/', ':']).next().unwrap_or_default();
        let is_here = ["127.0.0.1", "localhost"].contains(&host) || rest.starts_with("[::1]");
        let is_plain = !text.contains(['@', '?', '#', ' ']);
        if is_plain && (is_here || text.len() > 8 && text.starts_with("https://")) {
            return Some(text);
        }
        let hint = "write https://host/path, without a name, a password or a question in it";
        self.flaw(key, "this address cannot be used", hint);
        None
    }

    /// Where a secret is kept; it must be there, and what stands there instead is never repeated.
    pub(super) fn secret(&mut self, key: &'static str) -> Option<SecretPlace> {
        let hint = format!(
            "put the secret into a file of your own (chmod 600) and write {key} = \"file:/path\""
        );
        let Some(value) = self.ask(key) else {
            self.flaw("", format!("it needs a {key}"), hint);
            return None;
        };
        let text = value.as_str().unwrap_or_default();
        let place = text.parse();
        if let Err(NotAPlace) = place {
            self.flaw(key, NotAPlace.to_string(), hint);
        }
        place.ok()
    }

    /// Ends the reading: everything that was wrong, or what was read.
    pub(super) fn end<T>(mut self, read: Option<T>) -> Result<T, Vec<Flaw>> {
        for key in self.table.keys() {
            if self.asked.contains(&key.as_str()) {
                continue;
            }
            let hint = did_you_mean(key, self.asked.iter().copied())
                .unwrap_or_else(|| format!("there are: {}", self.asked.join(", ")));
            self.flaws.push(Flaw::new(key, format!("unknown key {key:?}"), hint));
        }
        match read {
            Some(read) if self.flaws.is_empty() => Ok(read),
            _ => Err(self.flaws),
        }
    }

    fn ask(&mut self, key: &'static str) -> Option<&'a Value> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.table.get(key)
    }
}
