//! Attacks 79 and 80: a secret shows nowhere, and nothing that others can reach is believed.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use super::home::{Ended, Home};

/// Whoever finds it anywhere has found a leak.
const CANARY: &str = "ghp_s3cretCanary0123456789";

/// The settings of one tracker that nobody answers for.
fn tracker(token: &str) -> String {
    format!(
        "[trackers.issues]\nkind = \"github\"\nurl = \"http://127.0.0.1:1\"\n\
         repository = \"octocat/incidents\"\ntoken = {token:?}\n"
    )
}

/// Every file below a directory.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// 79: whatever is said, logged, or written, a secret is not in it.
#[test]
fn a_secret_shows_in_no_output_no_log_and_no_file() {
    let home = Home::with_journal();
    let kept = home.path().join("token");
    fs::write(&kept, CANARY).unwrap();
    fs::set_permissions(&kept, PermissionsExt::from_mode(0o600)).unwrap();
    for place in ["env:TOKEN".to_owned(), format!("file:{}", kept.display())] {
        home.settings(&tracker(&place));
        for arguments in [
            &["doctor"] as &[&str],
            &["doctor", "--json"],
            &["config", "show"],
            &["config", "check"],
            &["outbox"],
            &["timeline"],
            &["incidents", "--json"],
            &["logs"],
            &["paths"],
            &["--help"],
        ] {
            let mut command = home.command(arguments);
            command.env("TOKEN", CANARY).env("WHEELHOUSE_LOG", "trace");
            let Ended { results, messages, .. } = Ended::from(command.output().unwrap());
            assert!(!results.contains(CANARY), "{arguments:?}: {results}");
            assert!(!messages.contains(CANARY), "{arguments:?}: {messages}");
        }
    }
    for file in files(home.path()).iter().filter(|file| **file != kept) {
        let bytes = fs::read(file).unwrap();
        let has = bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes());
        assert!(!has, "{}", file.display());
    }
}

/// 80: settings that others can write, secrets that others can read, links, and secrets in the open.
#[test]
fn what_others_reach_is_refused_with_the_way_to_mend_it() {
    let home = Home::new();
    let dir = home.path().join("config/wheelhouse");
    let said = |arguments: &[&str]| {
        let Ended { code, results, messages } = home.run(arguments);
        (code, format!("{results}{messages}"))
    };
    home.settings("");
    let file = dir.join("config.toml");
    fs::set_permissions(&file, PermissionsExt::from_mode(0o666)).unwrap();
    let (code, told) = said(&["config", "check"]);
    assert!(code != Some(0) && told.contains("chmod o-w"), "{told}");
    fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    assert_eq!(said(&["config", "check"]).0, Some(0));

    let secret = home.path().join("token");
    fs::write(&secret, CANARY).unwrap();
    let link = home.path().join("link");
    symlink(&secret, &link).unwrap();
    for (path, mode, way) in [(&secret, 0o644, "chmod 600"), (&link, 0o600, "no link")] {
        fs::set_permissions(&secret, PermissionsExt::from_mode(mode)).unwrap();
        home.settings(&tracker(&format!("file:{}", path.display())));
        let (_, told) = said(&["doctor"]);
        assert!(told.contains(way), "{told}");
        assert!(!told.contains(CANARY), "{told}");
    }
    home.settings(&tracker(CANARY));
    let (code, told) = said(&["config", "check"]);
    assert!(code != Some(0) && told.contains("env:NAME"), "{told}");
    assert!(!told.contains(CANARY), "{told}");
}
