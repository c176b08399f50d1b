//! What was recorded is read: as tables, as JSON, and never as something that acts.

use serde_json::Value;
use wheelhouse::incident::Entry;

use super::home::Home;
use super::recorded::{FORGED, INCIDENT, PROPOSAL};

#[test]
fn without_a_journal_reading_says_what_to_do() {
    Home::new().assert("no-journal", &["incidents"]);
}

#[test]
fn what_was_recorded_is_read() {
    let home = Home::with_journal();
    home.assert("incidents", &["incidents"]);
    home.assert("timeline", &["timeline", INCIDENT]);
    home.assert("timeline-full", &["timeline", "0000A", "--full", "--kind", "finding"]);
    home.assert("exchange", &["exchange", INCIDENT, "--full"]);
    home.assert("decisions", &["decisions"]);
    home.assert("card", &["decisions", PROPOSAL]);
    home.assert("search", &["search", "pool exhaust*", "--actor", "agent"]);
}

#[test]
fn nothing_from_outside_acts_on_the_terminal() {
    let home = Home::with_journal();
    let commands = [
        &["timeline", INCIDENT, "--full"][..],
        &["exchange", INCIDENT, "--full"],
        &["decisions", PROPOSAL],
        &["search", "pool"],
    ];
    for arguments in commands {
        let json = [arguments, &["--json"]].concat();
        for arguments in [arguments, &json] {
            let ended = home.run(arguments);
            let acts = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!ended.results.contains(acts), "{arguments:?}");
            assert!(ended.results.contains("owned"), "{arguments:?} shows what was hidden");
        }
    }
}

#[test]
fn every_json_line_has_its_version_and_type() {
    let home = Home::with_journal();
    let reads: [(&[&str], &str); 9] = [
        (&["incidents"], "incident"),
        (&["timeline", INCIDENT], "entry"),
        (&["exchange", INCIDENT], "exchange"),
        (&["decisions"], "decision"),
        (&["search", "pool"], "hit"),
        (&["keys"], "key"),
        (&["themes"], "theme"),
        (&["paths"], "path"),
        (&["doctor"], "check"),
    ];
    for (arguments, what) in reads {
        let ended = home.run(&[arguments, &["--json"]].concat());
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.messages);
        assert!(!ended.results.is_empty(), "{arguments:?}");
        for line in ended.results.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            assert_eq!((&line["v"], line["type"].as_str()), (&Value::from(1), Some(what)));
        }
    }
}

#[test]
fn json_says_what_was_written_and_not_how_it_is_shown() {
    let home = Home::with_journal();
    let ended = home.run(&["timeline", INCIDENT, "--json", "--kind", "finding"]);
    let entry: Entry = serde_json::from_str(&ended.results).unwrap();
    assert!(entry.text.for_storage().contains(FORGED));
}
