//! The shape of the settings file, for editors and for people: JSON schema, and the annotated default.

use schemars::{Schema, schema_for};

use super::layer::Layer;

/// The annotated settings file that says what holds without one.
pub const DEFAULT_FILE: &str = include_str!("default.toml");

/// The JSON schema of the settings file.
pub fn schema() -> Schema {
    schema_for!(Layer)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use serde_json::json;

    use super::*;
    use crate::settings::{Environment, Settings};

    const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/settings/config.schema.json");

    #[test]
    fn the_committed_schema_is_that_of_the_settings() {
        let mut wanted = serde_json::to_string_pretty(&schema()).unwrap();
        wanted.push('\n');
        if Environment::read().variable("SCHEMA").is_some_and(|wish| wish == "update") {
            fs::write(COMMITTED, &wanted).unwrap();
        }
        let found = fs::read_to_string(COMMITTED).unwrap();
        assert!(found == wanted, "the schema is stale: run `SCHEMA=update cargo test schema`");
    }

    #[test]
    fn the_annotated_file_says_what_holds_without_a_file() {
        let loaded = Settings::parse(Path::new("default.toml"), DEFAULT_FILE).unwrap();
        assert!(loaded.warnings.list().is_empty(), "{}", loaded.warnings);
        let mut settings = loaded.settings;
        let said = [&settings.ui.theme, &settings.ui.theme_dark, &settings.ui.theme_light];
        assert_eq!(
            said.map(|name| name.as_deref()),
            [
                Some("auto"),
                Some(crate::cockpit::theme::DEFAULT),
                Some(crate::cockpit::theme::DEFAULT_LIGHT),
            ]
        );
        assert_eq!(settings.ui.keymap.as_deref(), Some(crate::cockpit::keymap::DEFAULT));
        settings.ui = Settings::default().ui;
        assert_eq!(settings, Settings::default());
    }

    #[test]
    fn every_example_in_the_annotated_file_is_right() {
        let lines = DEFAULT_FILE.lines().map(|line| {
            let code = line.strip_prefix("# ").filter(|code| {
                code.starts_with('[') || code.split_once(" = ").is_some_and(|(key, _)| is_key(key))
            });
            code.unwrap_or(line)
        });
        let text: Vec<&str> = lines.collect();
        let text = text.join("\n");
        let loaded = Settings::parse(Path::new("default.toml"), &text).unwrap();
        assert!(loaded.warnings.list().is_empty(), "{}", loaded.warnings);
        assert_eq!(loaded.settings.people.me.as_deref(), Some("ada"));
        assert_eq!((loaded.settings.policy.rules.len(), loaded.settings.partners.len()), (1, 2));
        assert_eq!(loaded.settings.trackers.len(), 2);
        let value: serde_json::Value = toml::from_str(&text).unwrap();
        let schema = serde_json::to_value(schema()).unwrap();
        jsonschema::validate(&schema, &value).unwrap();
    }

    fn is_key(text: &str) -> bool {
        text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    }

    #[test]
    fn the_schema_refuses_what_the_reader_refuses() {
        let schema = serde_json::to_value(schema()).unwrap();
        let is_valid = |value: serde_json::Value| jsonschema::is_valid(&schema, &value);
        assert!(is_valid(json!({ "ui": { "mouse": false } })));
        assert!(!is_valid(json!({ "ui": { "mouse": "no" } })));
        assert!(!is_valid(json!({ "policy": { "mode": "loud" } })));
        assert!(!is_valid(json!({ "partners": { "far": { "token": "s3cret" } } })));
        assert!(is_valid(json!({ "partners": { "far": { "token": "env:TOKEN" } } })));
    }
}
