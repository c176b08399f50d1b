//! `wheelhouse sandbox` as somebody starts it, and what the rest of the program makes of it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use serde_json::Value;

use super::home::{DOCTOR, Ended, Home};

/// A sandbox that runs as a process of its own; it ends with this.
struct Running {
    child: Child,
    config: String,
    /// What it says that it serves.
    servers: Vec<Value>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended of itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Running {
    fn start(home: &Home, arguments: &[&str]) -> Self {
        let arguments = [&["sandbox", "--json"], arguments].concat();
        let mut command = home.command(&arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let servers = lines.take(4).map(|line| serde_json::from_str(&line.unwrap()).unwrap());
        let servers = servers.collect();
        let config = home.journal_dir().join("sandbox/trackers.toml").display().to_string();
        Self { child, config, servers }
    }

    /// What `doctor` says of a tracker of this sandbox.
    fn health(&self, home: &Home, tracker: &str) -> (String, String) {
        let Ended { results, .. } = home.doctor(&["--config", &self.config, "--json"]);
        let checks = results.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let named = |check: &Value| check["check"].as_str().unwrap().contains(tracker);
        let check = checks.into_iter().find(named).unwrap_or_else(|| panic!("{results}"));
        let word = |name: &str| check[name].as_str().unwrap_or_default().to_owned();
        (word("health"), word("says"))
    }
}

#[test]
fn a_sandbox_that_is_started_serves_four_trackers_until_it_is_stopped() {
    let home = Home::new();
    let sandbox = Running::start(&home, &["--fault", "github=503"]);
    assert_eq!(sandbox.servers.len(), 4);
    for server in &sandbox.servers {
        assert!(server["tracker"].as_str().unwrap().ends_with("-sandbox"), "{server}");
        assert!(server["url"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{server}");
        assert!(server["token"].as_str().unwrap().starts_with("file:"), "{server}");
    }
    let act = |arguments: &[&str]| home.run(&[&["sandbox"], arguments].concat());
    assert_eq!(sandbox.health(&home, "github").0, "bad");
    assert_eq!(sandbox.health(&home, "jira").0, "good");
    assert_eq!(act(&["mend", "github"]).code, Some(0));
    assert_eq!(sandbox.health(&home, "github").0, "good");
    assert_eq!(act(&["fault", "jira", "skew:-300s"]).code, Some(0));
    let (health, says) = sandbox.health(&home, "jira");
    assert!(health == "bad" || says.contains("clock"), "{health}: {says}");
    let items = act(&["items"]);
    assert_eq!((items.code, items.results.as_str()), (Some(0), ""));
    let nowhere = act(&["comment", "github", "7", "hello"]);
    assert!(nowhere.messages.contains("item 7"), "{}", nowhere.messages);
    let wrong = act(&["fault", "jira", "sl0w:2s"]);
    assert!(wrong.messages.contains("slow:2s"), "{}", wrong.messages);
    drop(sandbox);
    assert_ne!(act(&["items"]).code, Some(0), "nobody answers any more");
}

#[test]
fn the_doctor_says_whose_token_it_is_if_it_is_not_that_of_the_user() {
    let home = Home::new();
    let mut sandbox = Running::start(&home, &[]);
    let settings = std::fs::read_to_string(&sandbox.config).unwrap();
    let other = "user = \"on-call\"\nscheme = \"bearer\"";
    let settings = settings.replace("user = \"wheelhouse\"", other);
    sandbox.config = home.path().join("other.toml").display().to_string();
    std::fs::write(&sandbox.config, settings).unwrap();
    let (health, says) = sandbox.health(&home, "servicenow");
    assert_eq!(health, "bad");
    assert!(says.contains("the token is that of \"wheelhouse\""), "{says}");
}

/// `keyring:` asks the system's own program; here one that plays it.
#[cfg(not(target_os = "macos"))]
#[test]
fn a_token_can_stay_in_the_keyring() {
    use std::os::unix::fs::PermissionsExt;

    let home = Home::new();
    let sandbox = Running::start(&home, &[]);
    let github = sandbox.servers.iter().find(|it| it["looks_like"] == "GitHub").unwrap();
    let file = github["token"].as_str().unwrap().strip_prefix("file:").unwrap();
    let programs = home.path().join("bin");
    std::fs::create_dir(&programs).unwrap();
    let tool = programs.join("secret-tool");
    let wanted = "lookup service wheelhouse username github";
    let script = format!("#!/bin/sh\n[ \"$*\" = \"{wanted}\" ] && exec /bin/cat {file}\nexit 1\n");
    std::fs::write(&tool, script).unwrap();
    std::fs::set_permissions(&tool, PermissionsExt::from_mode(0o700)).unwrap();
    for (name, code) in [("github", Some(0)), ("other", None)] {
        let url = github["url"].as_str().unwrap();
        home.settings(&format!(
            "[trackers.issues]\nkind = \"github\"\nurl = {url:?}\n\
             repository = \"wheelhouse/sandbox\"\ntoken = \"keyring:wheelhouse/{name}\"\n"
        ));
        let mut command = home.command(&[DOCTOR, &["--json"]].concat());
        let ended = Ended::from(command.env("PATH", &programs).output().unwrap());
        let checks = ended.results.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let check = checks.into_iter().find(|it| it["check"].as_str().unwrap().contains("issues"));
        let check = check.unwrap_or_else(|| panic!("{}", ended.results));
        assert_eq!(check["health"] == "good", code.is_some(), "{check}");
        if code.is_none() {
            assert!(check["hint"].as_str().unwrap().contains("secret-tool store"), "{check}");
        }
    }
}
