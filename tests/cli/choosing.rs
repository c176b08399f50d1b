//! The settings from the command line: shown, checked, edited, and made on the first day.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use super::home::Home;

/// Everything wrong that a settings file can have at once.
const WRONG: &str = r#"[ui]
theme = "nigth"
keymap = 7
mous = true
[people]
roles = "on-call"
[policy]
mode = "loud"
sealing = "low"
[partners.far]
url = "https://partner.example/mcp"
token = "s3cret"
[partners.near]
comand = ["partner"]
[trackers.board]
kind = "chalk"
"#;

#[test]
fn every_mistake_is_told_at_once_with_its_line_and_what_may_have_been_meant() {
    let home = Home::new();
    home.settings(WRONG);
    home.assert("config-check", &["config", "check"]);
    let told = home.run(&["config", "check", "--json"]);
    assert_eq!(told.code, Some(2));
    assert!(!told.results.contains("s3cret") && !told.messages.contains("s3cret"));
    let rows = told.results.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let rows: Vec<Value> = rows.collect();
    let of = |line: u64| rows.iter().find(|row| row["line"] == line).unwrap().clone();
    assert_eq!((&of(4)["wrong"], &of(14)["wrong"]), (&Value::Bool(false), &Value::Bool(true)));
    assert!(of(2)["hint"].as_str().unwrap().contains("night"), "{}", of(2));
}

#[test]
fn settings_that_are_right_or_absent_are_nothing_to_mend() {
    let home = Home::new();
    assert_eq!(home.run(&["config", "check"]).code, Some(0));
    home.settings("[ui]\ntheme = \"nord\"\n");
    let right = home.run(&["config", "check"]);
    assert_eq!((right.code, right.results.as_str()), (Some(0), ""), "{}", right.messages);
    let dir = home.path().join("config/wheelhouse/themes");
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("mine.toml"), "[roles]\ntitel = \"red\"\n").unwrap();
    let own = home.run(&["config", "check"]);
    assert_eq!(own.code, Some(2));
    assert!(own.results.contains("did you mean \"title\"?"), "{}", own.results);
}

/// Settings of every sort, without a mistake.
const RIGHT: &str = r#"
[door]
listen = "127.0.0.1:7420"
token = "env:ALERT_TOKEN"
webhooks = { issues = "env:WEBHOOK_SECRET" }

[partners.near]
command = ["/usr/local/bin/partner", "--key=s3cret"]
[partners.far]
url = "https://partner.example/mcp"
token = "env:PARTNER_TOKEN"

[trackers.issues]
kind = "github"
repository = "octocat/incidents"
token = "env:GITHUB_TOKEN"
roles = ["alerts", "record"]
visibility = "public"
verdicts = true
people = { ada = "583231", ben = "583232" }
approvers = ["ada", "ben"]

[trackers.pager]
kind = "pagerduty"
service = "PABC123"
from = "wheelhouse@example.com"
token = "env:PAGER_TOKEN"
roles = ["read-only"]
people = { ada = "PADA123" }
approvers = ["ada"]

[trackers.tickets]
kind = "jira"
url = "https://site.atlassian.net"
project = "OPS"
token = "env:JIRA_TOKEN"
people = { ada = "5b10a2844c20165700ede21c" }
approvers = ["ada"]

[trackers.desk]
kind = "servicenow"
url = "https://site.service-now.com"
user = "wheelhouse"
token = "env:DESK_TOKEN"
verdicts = true
people = { ada = "62826bf03710200044e0bfc8bcbe5df1" }
approvers = ["ada"]

[trackers.bugs]
kind = "roundup"
url = "https://bugs.example/tracker"
user = "wheelhouse"
password = "env:BUGS_PASSWORD"
verdicts = true
people = { ada = "3" }
approvers = ["ada"]
"#;

#[test]
fn settings_that_are_right_say_what_they_mean() {
    let home = Home::new();
    home.settings(RIGHT);
    home.assert("config-meaning", &["config", "check"]);
    let told = home.run(&["config", "check", "--json"]);
    assert_eq!((told.code, told.results.contains("s3cret")), (Some(0), false));
    let rows = told.results.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let rows: Vec<Value> = rows.collect();
    let of = |name: &str| rows.iter().find(|row| row["name"] == name).unwrap().clone();
    let deciders = |name| of(name)["deciders"].as_array().unwrap().len();
    assert_eq!([deciders("issues"), deciders("pager"), deciders("tickets")], [2, 0, 0]);
    assert_eq!(
        (&of("issues")["type"], &of("issues")["visibility"]),
        (&"tracker".into(), &"public".into())
    );
    assert_eq!((&of("far")["type"], &of("far")["token"]), (&"partner".into(), &true.into()));
    let door = rows.iter().find(|row| row["type"] == "door").unwrap();
    assert_eq!((&door["alerts"], &door["webhooks"][0]), (&true.into(), &"issues".into()));
}

#[test]
fn what_holds_is_shown_with_who_says_so_and_reads_as_settings_again() {
    let home = Home::new();
    home.settings("[ui]\ntheme = \"nord\"\n[people]\nme = \"ada\"\n");
    let shown = home.run(&["config", "show"]).results;
    let line = |key: &str| shown.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
    assert!(line("ui.theme =").contains("config.toml:2"), "{shown}");
    assert!(line("ui.keymap =").ends_with("# the product"), "{shown}");
    home.settings(&home.run(&["config", "show"]).results);
    assert_eq!(home.run(&["config", "check"]).code, Some(0));
    let default = home.run(&["config", "default"]).results;
    home.settings(&default);
    assert_eq!(home.run(&["config", "check"]).code, Some(0));
    let schema: Value = serde_json::from_str(&home.run(&["config", "schema"]).results).unwrap();
    let value: Value = toml::from_str(&default).unwrap();
    jsonschema::validate(&schema, &value).unwrap();
}

#[test]
fn editing_opens_the_annotated_file_and_checks_what_was_written() {
    let home = Home::new();
    let edited = home
        .command(&["config", "edit"])
        .env("EDITOR", "sh -c 'echo \"theem = 1\" >> $0'")
        .env("PATH", "/usr/bin:/bin")
        .output()
        .unwrap();
    assert_eq!(edited.status.code(), Some(2), "{}", String::from_utf8_lossy(&edited.stderr));
    let file = home.path().join("config/wheelhouse/config.toml");
    assert!(fs::read_to_string(&file).unwrap().contains("# The settings of wheelhouse."));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(home.run(&["config", "edit"]).code, Some(2), "no editor is set");
    let path = home.run(&["config", "path"]);
    assert_eq!(path.results.trim(), file.display().to_string());
}

#[test]
fn the_first_day_finds_what_is_here_and_writes_it_down_once() {
    let home = Home::new();
    let cursor = home.path().join(".cursor");
    fs::create_dir_all(&cursor).unwrap();
    let servers = r#"{"mcpServers": {"logs": {"command": "logs-mcp", "args": ["--key=hunter2"],
        "env": {"LOGS_KEY": "hunter2"}}}}"#;
    fs::write(cursor.join("mcp.json"), servers).unwrap();
    let init = |arguments: &[&str]| {
        let told = home.command(arguments).env("GITHUB_TOKEN", "hunter2").output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (told.status.code(), text(&told.stdout), text(&told.stderr))
    };
    let (code, printed, _) = init(&["init", "--print"]);
    assert_eq!(code, Some(0));
    let file = home.path().join("config/wheelhouse/config.toml");
    assert!(!file.exists(), "printing writes nothing");
    let (code, told, messages) = init(&["init"]);
    assert_eq!(code, Some(0), "{messages}");
    let written = fs::read_to_string(&file).unwrap();
    for text in [&printed, &told, &messages, &written] {
        assert!(!text.contains("hunter2"), "{text}");
    }
    assert_eq!(printed, written);
    assert!(written.contains("# [partners.logs]") && written.contains("env:GITHUB_TOKEN"));
    assert_eq!(home.run(&["config", "check"]).code, Some(0));
    fs::write(&file, "# mine\n").unwrap();
    let (code, _, messages) = init(&["init"]);
    assert_eq!(code, Some(6), "{messages}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "# mine\n");
}

#[test]
fn the_log_is_shown_and_says_when_there_is_none() {
    let home = Home::new();
    let none = home.run(&["logs"]);
    assert_eq!((none.code, none.results.as_str()), (Some(0), ""));
    assert!(none.messages.contains("nothing was logged"), "{}", none.messages);
    let dir = home.path().join("state/wheelhouse/logs");
    fs::create_dir_all(&dir).unwrap();
    let line = r#"{"timestamp":"2026-11-20T14:00:00Z","level":"WARN","fields":{"message":"a \u001b[31m b","n":1},"target":"wheelhouse::hub"}"#;
    fs::write(dir.join("wheelhouse.2026-11-20.jsonl"), format!("{line}\n")).unwrap();
    let told = home.run(&["logs"]).results;
    assert!(told.contains("WARN") && told.contains("n=1") && !told.contains('\u{1b}'), "{told:?}");
    assert_eq!(home.run(&["logs", "--level", "error"]).results, "");
}
