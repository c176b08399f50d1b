//! What holds, key by key, and who says so: the file, at which line, or the product.

use std::fmt;
use std::path::Path;

use toml::{Table, Value};

use super::file::{line_of_key, text_of};
use super::schema::DEFAULT_FILE;
use super::{Environment, Paths, SecretPlace, Settings};
use crate::incident::Notice;

/// One key with its value, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The key with its tables: `ui.theme`.
    pub key: String,
    /// Its value as it would stand in the file; a secret's place tells no arguments.
    pub value: String,
    /// Who says so.
    pub by: SaidBy,
}

/// Who says what holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaidBy {
    /// Nobody chose it: it came with the product.
    Product,
    /// A line of the settings file.
    File {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The variable in which the file says the value is kept, and whether it is set.
        kept_in: Option<(String, bool)>,
    },
    /// A variable of the environment, since the file says nothing.
    Environment {
        /// Its name.
        variable: &'static str,
    },
}

impl fmt::Display for SaidBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Product => f.write_str("the product"),
            Self::Environment { variable } => write!(f, "${variable}"),
            Self::File { file, line, kept_in: None } => write!(f, "{file}:{line}"),
            Self::File { file, line, kept_in: Some((name, is_set)) } => {
                let is = if *is_set { "is set" } else { "is not set" };
                write!(f, "{file}:{line}; ${name} {is}")
            }
        }
    }
}

/// The key that the account answers if no file does.
const ME: &str = "people.me";

impl Settings {
    /// Everything that holds, in the order of the annotated file.
    ///
    /// # Errors
    /// The settings cannot be used.
    pub fn said(paths: &Paths, environment: &Environment) -> Result<Vec<Said>, Notice> {
        Self::load(paths)?;
        Ok(said(&paths.config, &text_of(paths)?, environment))
    }
}

fn said(file: &Path, text: &str, environment: &Environment) -> Vec<Said> {
    let of_file = |path: &[String], value: &Value| {
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        let kept_in = kept_in(value, environment);
        let (file, line) = (file.display().to_string(), line_of_key(text, &names));
        let by = SaidBy::File { file, line, kept_in };
        Said { key: key(path), value: shown(value), by }
    };
    let by_product = leaves(DEFAULT_FILE);
    let by_person = leaves(text);
    let mut all: Vec<Said> = Vec::new();
    for (path, value) in by_product {
        let chosen = by_person.iter().find(|(chosen, _)| *chosen == path);
        match chosen {
            Some((path, value)) => all.push(of_file(path, value)),
            None if is_replaced(&path, &by_person) => {}
            None => all.push(Said { key: key(&path), value: shown(&value), by: SaidBy::Product }),
        }
    }
    for (path, value) in &by_person {
        if !all.iter().any(|known| known.key == key(path)) {
            all.push(of_file(path, value));
        }
    }
    if let Some((variable, name)) = environment.account()
        && !all.iter().any(|known| known.key == ME)
    {
        let by = SaidBy::Environment { variable };
        let me = Said { key: ME.to_owned(), value: shown(&Value::String(name.to_owned())), by };
        let place = all.iter().position(|known| known.key.starts_with("people."));
        all.insert(place.unwrap_or(all.len()), me);
    }
    all
}

/// The variable that a value refers to, and whether it is set.
fn kept_in(value: &Value, environment: &Environment) -> Option<(String, bool)> {
    let name = value.as_str()?.strip_prefix("env:")?;
    Some((name.to_owned(), environment.variable(name).is_some()))
}

/// Whether the person's file replaces more than this key: the trackers are replaced as a whole.
fn is_replaced(path: &[String], by_person: &[(Vec<String>, Value)]) -> bool {
    let is_tracker = |path: &[String]| path.first().is_some_and(|name| name == "trackers");
    is_tracker(path) && by_person.iter().any(|(chosen, _)| is_tracker(chosen))
}

fn leaves(text: &str) -> Vec<(Vec<String>, Value)> {
    let mut found = Vec::new();
    // A file with mistakes has been refused before.
    if let Ok(table) = text.parse::<Table>() {
        collect(&table, &mut Vec::new(), &mut found);
    }
    found
}

fn collect(table: &Table, path: &mut Vec<String>, found: &mut Vec<(Vec<String>, Value)>) {
    for (name, value) in table {
        path.push(name.clone());
        match value {
            Value::Table(inner) => collect(inner, path, found),
            leaf => found.push((path.clone(), leaf.clone())),
        }
        path.pop();
    }
}

fn key(path: &[String]) -> String {
    let bare = |name: &String| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let quoted = |name: &String| {
        if bare(name) { name.clone() } else { Value::String(name.clone()).to_string() }
    };
    path.iter().map(quoted).collect::<Vec<_>>().join(".")
}

/// The value; of a program that tells a secret, the program alone: its arguments may say too much.
fn shown(value: &Value) -> String {
    let place = value.as_str().filter(|text| text.starts_with("cmd:"));
    match place.and_then(|text| text.parse::<SecretPlace>().ok()) {
        Some(place) => Value::String(place.to_string()).to_string(),
        None => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<Said> {
        said(Path::new("config.toml"), text, &Environment::default())
    }

    fn value<'a>(all: &'a [Said], key: &str) -> Option<(&'a str, Option<usize>)> {
        let found = all.iter().find(|said| said.key == key)?;
        let line = match &found.by {
            SaidBy::Product | SaidBy::Environment { .. } => None,
            SaidBy::File { line, .. } => Some(*line),
        };
        Some((&found.value, line))
    }

    #[test]
    fn every_key_says_who_says_it() {
        let all = of("[ui]\ntheme = \"nord\"\n[people]\nme = \"ada\"\n");
        assert_eq!(value(&all, "ui.theme"), Some(("\"nord\"", Some(2))));
        assert_eq!(value(&all, "ui.keymap"), Some(("\"default\"", None)));
        assert_eq!(value(&all, "people.me"), Some(("\"ada\"", Some(4))));
        assert_eq!(value(&all, "policy.tiers.high.typed_target"), Some(("true", None)));
    }

    #[test]
    fn what_the_environment_says_is_told_with_its_variable() {
        let environment = Environment::of([("USER", "ada"), ("TOKEN_A", "hunter2")]);
        let text = "[door]\ntoken = \"env:TOKEN_A\"\nwebhooks = { issues = \"env:TOKEN_B\" }";
        let all = said(Path::new("config.toml"), text, &environment);
        let by = |key: &str| all.iter().find(|said| said.key == key).unwrap().by.to_string();
        assert_eq!(by("people.me"), "$USER");
        assert_eq!(by("door.token"), "config.toml:2; $TOKEN_A is set");
        assert_eq!(by("door.webhooks.issues"), "config.toml:3; $TOKEN_B is not set");
        assert!(!format!("{all:?}").contains("hunter2"));
    }

    #[test]
    fn what_the_file_replaces_as_a_whole_is_not_mixed_with_what_it_replaces() {
        let all = of("[policy.tiers]\nhigh = { valid_s = 2 }");
        assert_eq!(value(&all, "policy.tiers.high.typed_target"), Some(("true", None)));
        assert_eq!(value(&all, "policy.tiers.high.valid_s"), Some(("2", Some(2))));
        let all = of("[trackers.mine]\nkind = \"local\"");
        assert_eq!(value(&all, "trackers.local.kind"), None);
    }

    #[test]
    fn the_arguments_of_a_program_that_tells_a_secret_are_not_shown() {
        let all = of("[partners.far]\nurl = \"https://x\"\ntoken = 'cmd:[\"pass\", \"hunter2\"]'");
        let (told, _) = value(&all, "partners.far.token").unwrap();
        assert!(told.contains("pass") && !told.contains("hunter2"), "{told}");
    }

    #[test]
    fn what_is_told_is_a_settings_file_again() {
        let text = "[[policy.rules]]\nname = \"a\"\ntext = \"b\"\neffect = \"deny\"\n[partners.\"a b\"]\nurl = \"x\"";
        let lines: Vec<String> =
            of(text).iter().map(|said| format!("{} = {}", said.key, said.value)).collect();
        let again = Settings::parse(Path::new("again.toml"), &lines.join("\n")).unwrap();
        assert_eq!(again.settings, {
            let mut first = Settings::parse(Path::new("first.toml"), text).unwrap().settings;
            first.ui = again.settings.ui.clone();
            first
        });
    }
}
