//! Attacks 79 and 80: a secret shows nowhere, and nothing that others can reach is believed.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

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

/// The account of those who show one together with the secret.
const USER: &str = "wheelhouse@example.com";

/// How this account and the secret stand in a header.
const PAIR: &str = "d2hlZWxob3VzZUBleGFtcGxlLmNvbTpnaHBfczNjcmV0Q2FuYXJ5MDEyMzQ1Njc4OQ";

/// Every way in which a tracker is shown a secret.
const SHOWN: [&str; 9] = [
    "kind = \"github\"\nrepository = \"octocat/incidents\"\ntoken = \"env:TOKEN\"",
    "kind = \"pagerduty\"\nservice = \"P1\"\nfrom = \"USER\"\ntoken = \"env:TOKEN\"",
    "kind = \"pagerduty\"\nservice = \"P1\"\nfrom = \"USER\"\ntoken = \"env:TOKEN\"\nscheme = \"bearer\"",
    "kind = \"servicenow\"\nuser = \"USER\"\ntoken = \"env:TOKEN\"",
    "kind = \"servicenow\"\nuser = \"USER\"\ntoken = \"env:TOKEN\"\nscheme = \"bearer\"",
    "kind = \"servicenow\"\nuser = \"USER\"\ntoken = \"env:TOKEN\"\nscheme = \"api-key\"",
    "kind = \"jira\"\nproject = \"OPS\"\nemail = \"USER\"\ntoken = \"env:TOKEN\"",
    "kind = \"jira\"\nproject = \"OPS\"\ntoken = \"env:TOKEN\"",
    "kind = \"roundup\"\nuser = \"USER\"\npassword = \"env:TOKEN\"",
];

/// A server that refuses everything, and says back all that it was sent behind so many characters.
fn echoing(status: &'static str, depth: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|n| n > 0) {
                head.push(byte[0]);
            }
            let head = String::from_utf8_lossy(&head);
            // What shows who asks comes first, so that no other header hides it.
            let shows = |line: &&str| {
                let line = line.to_lowercase();
                line.starts_with("authorization") || line.starts_with("x-sn-apikey")
            };
            let lines: Vec<&str> = head.lines().filter(shows).chain(head.lines()).collect();
            let message = format!("{}{}", "x".repeat(depth), lines.join("; "));
            let body = serde_json::json!({ "message": message }).to_string();
            let length = body.len();
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n");
            // Whoever asked may have gone.
            drop(write!(stream, "{head}connection: close\r\n\r\n{body}"));
        }
    });
    url
}

/// Whether any of it, or a good part of it, can be read.
fn is_told(text: &[u8]) -> bool {
    let parts = [CANARY, PAIR].map(str::as_bytes);
    let pieces = parts.iter().flat_map(|whole| whole.windows(8));
    let (mut first, text) = ([false; 256], text.to_ascii_lowercase());
    let pieces: Vec<Vec<u8>> = pieces.map(<[u8]>::to_ascii_lowercase).collect();
    pieces.iter().for_each(|piece| first[usize::from(piece[0])] = true);
    text.windows(8)
        .any(|window| first[usize::from(window[0])] && pieces.iter().any(|piece| piece == window))
}

/// 79: not even a server that says back what it was sent makes anybody tell it.
#[test]
fn a_tracker_that_echoes_what_it_was_sent_is_not_repeated() {
    for shown in SHOWN {
        let home = Home::with_journal();
        for (status, depth) in [("401 No", 0), ("500 No", 270), ("403 No", 280)] {
            let (url, shown) = (echoing(status, depth), shown.replace("USER", USER));
            // What is recorded is owed to the tracker of this name.
            home.settings(&format!("[trackers.local]\nurl = {url:?}\n{shown}\n"));
            for arguments in [&["doctor"] as &[&str], &["doctor", "--json"]] {
                let mut command = home.command(arguments);
                command.env("TOKEN", CANARY).env("WHEELHOUSE_LOG", "trace");
                let Ended { results, messages, .. } = Ended::from(command.output().unwrap());
                assert!(results.contains("local"), "{shown}: {results}{messages}");
                let told = format!("{results}{messages}");
                assert!(!is_told(told.as_bytes()), "{shown}: {told}");
            }
        }
        parked(&home);
        for file in files(home.path()) {
            assert!(!is_told(&fs::read(&file).unwrap()), "{shown}: {}", file.display());
        }
    }
}

/// Lets a hub deliver until the tracker has refused what it was owed, and looks at what is said of it.
fn parked(home: &Home) {
    let mut watching = home.command(&["watch", "--plain"]);
    watching.env("TOKEN", CANARY).env("WHEELHOUSE_LOG", "trace");
    watching.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut watching = watching.spawn().unwrap();
    let owed = (0..600).find_map(|_| {
        std::thread::sleep(Duration::from_millis(100));
        let Ended { results, .. } = home.run(&["outbox"]);
        results.contains("parked").then_some(results)
    });
    drop(watching.stdin.take());
    let Ended { results, messages, .. } = Ended::from(watching.wait_with_output().unwrap());
    let owed = owed.unwrap_or_else(|| panic!("{results}{messages}"));
    let told = format!("{owed}{results}{messages}");
    assert!(!is_told(told.as_bytes()), "{told}");
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
