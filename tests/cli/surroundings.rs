//! Everything around the incidents: help, settings, keys, themes, paths, partners, and the doctor.

use std::fs;
use std::process::Stdio;

use serde_json::Value;

use super::home::{Ended, Home};
use super::recorded::PROPOSAL;

#[test]
fn the_help_documents_commands_and_exit_codes() {
    Home::new().assert("help", &["--help"]);
}

#[test]
fn the_version_is_that_of_the_package() {
    let ended = Home::new().run(&["--version"]);
    assert_eq!(ended.results, concat!("wheelhouse ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn a_wrong_command_line_ends_with_2_and_prints_no_result() {
    let home = Home::new();
    for arguments in [
        &["frobnicate"][..],
        &["timeline"],
        &["demo", "--speed", "0"],
        &["decide", PROPOSAL, "deny"],
        &["decide", PROPOSAL, "redirect"],
        &["search", "x", "--kind", "gossip"],
    ] {
        let ended = home.run(arguments);
        assert_eq!((ended.code, ended.results.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(ended.messages.starts_with("error: "), "{}", ended.messages);
    }
}

#[test]
fn paths_follow_the_directories_of_the_system() {
    Home::new().assert("paths", &["paths"]);
}

#[test]
fn a_wished_data_directory_holds_everything_that_is_recorded() {
    Home::new().assert("paths-with-data-dir", &["paths", "--data-dir", "here"]);
}

#[test]
fn keys_and_themes_are_listed() {
    let home = Home::new();
    home.assert("themes", &["themes"]);
    let keys = home.run(&["keys", "--json"]);
    let quit = keys.results.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    assert!(quit.into_iter().any(|key| key["action"] == "quit" && key["context"] == "anywhere"));
    assert_ne!(home.run(&["keys"]).results, home.run(&["keys", "--keymap", "vim"]).results);
}

#[test]
fn an_unknown_keymap_says_which_there_are() {
    let ended = Home::new().run(&["keys", "--keymap", "vimm"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.messages.contains("did you mean \"vim\"?"), "{}", ended.messages);
}

#[test]
fn without_a_terminal_the_cockpit_is_told_in_lines() {
    Home::new().assert("no-terminal", &[]);
    let home = Home::with_journal();
    home.assert("plain", &["watch", "--plain"]);
    let frames = home.run(&["watch", "--plain", "--config", "none.toml"]);
    assert_eq!(frames.code, Some(3), "{}", frames.messages);
}

#[test]
fn strange_settings_warn_and_dangerous_ones_refuse() {
    let home = Home::new();
    home.settings("[ui]\nthme = \"night\"\n");
    home.assert("settings-warning", &["themes"]);
    home.settings("[partners.far]\nurl = \"https://partner.example/mcp\"\ntoken = \"s3cret\"\n");
    home.assert("settings-refused", &["themes"]);
    for reading in ["themes", "incidents"] {
        let missing = home.run(&[reading, "--config", "none.toml"]);
        assert_eq!(missing.code, Some(3), "{}", missing.messages);
        assert!(missing.messages.contains("none.toml"), "{}", missing.messages);
    }
}

#[test]
fn a_demonstration_begins_nowhere_where_an_incident_is_open() {
    let home = Home::with_journal();
    let dir = home.journal_dir();
    let refused = home.run(&["demo", "--headless", "--data-dir", dir.to_str().unwrap()]);
    assert_eq!(refused.code, Some(6), "{}", refused.messages);
    assert!(refused.messages.contains("--data-dir"), "{}", refused.messages);
    assert!(!refused.messages.contains("kept in"), "{}", refused.messages);
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let home = Home::new();
    let mut child = home
        .command(&["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ended = Ended::from(child.wait_with_output().unwrap());
    assert_eq!((ended.code, ended.messages.as_str()), (Some(0), ""));
}

#[test]
fn completions_and_the_manual_cover_every_command() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(home.run(&["completions", shell]).results.contains("timeline"), "{shell}");
    }
    let page = home.run(&["man"]).results;
    assert!(page.starts_with(".ie") && page.contains("Exit codes"), "{page}");
    assert_eq!(home.run(&["man", "--dir", "pages"]).code, Some(0));
    assert!(home.path().join("pages/wheelhouse-decide-approve.1").is_file());
}

#[test]
fn the_doctor_names_a_partner_that_is_not_there() {
    let home = Home::with_journal();
    home.settings("[partners.gone]\ncommand = [\"/nonexistent/partner\"]\n");
    let ended = home.doctor(&["--json"]);
    assert_eq!(ended.code, Some(5), "{}", ended.messages);
    let checks = ended.results.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let checks: Vec<Value> = checks.collect();
    let health = |name: &str| {
        let found = checks.iter().find(|check| check["check"] == name);
        found.unwrap()["health"].as_str().unwrap().to_owned()
    };
    assert_eq!((health("journal").as_str(), health("hub").as_str()), ("good", "absent"));
    assert_eq!(health("partner gone"), "bad");
}

#[test]
fn the_doctor_looks_at_every_tracker() {
    let home = Home::new();
    fs::write(home.path().join("token"), "s3cret-canary").unwrap();
    let token = home.path().join("token");
    home.settings(&format!(
        "[trackers.issues]\nkind = \"github\"\nurl = \"http://127.0.0.1:1/\"\nrepository = \"a/b\"\n\
         token = 'cmd:[\"cat\", {token:?}]'\n[trackers.own]\nkind = \"local\"\n"
    ));
    let ended = home.doctor(&["--json"]);
    assert_eq!(ended.code, Some(5), "{}", ended.messages);
    let told = |name: &str| {
        let line = ended.results.lines().find(|line| line.contains(name)).unwrap();
        serde_json::from_str::<Value>(line).unwrap()
    };
    let issues = told("tracker issues");
    assert_eq!(issues["health"], "bad", "{issues}");
    assert!(issues["says"].as_str().unwrap().contains("does not answer"), "{issues}");
    assert_eq!(told("tracker own")["health"], "absent");
    assert!(!ended.results.contains("canary") && !ended.messages.contains("canary"));
}

#[test]
fn the_doctor_reaches_a_partner_that_is_there() {
    let home = Home::new();
    let program = env!("CARGO_BIN_EXE_wheelhouse");
    let telemetry = home.path().display();
    home.settings(&format!(
        "[partners.own]\ncommand = [{program:?}, \"agent\", \"partner\", \"--data\", \"{telemetry}\"]\n"
    ));
    let ended = home.doctor(&[]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.results, ended.messages);
    assert!(ended.results.contains("wheelhouse-telemetry"), "{}", ended.results);
}

#[test]
fn the_primary_agent_refuses_what_is_no_alert() {
    let home = Home::new();
    fs::write(home.path().join("alert.json"), "{\"version\":\"4\",\"groupKey\":\"k\"}").unwrap();
    let ended = home.run(&["agent", "primary", "--alert", "alert.json"]);
    assert_eq!(ended.code, Some(2), "{}", ended.messages);
    assert!(ended.messages.contains("no alert in it is firing"), "{}", ended.messages);
}
