//! Attacks 79 and 80: a secret shows nowhere, and nothing that others can reach is believed.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
#[cfg(target_os = "linux")]
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use ratatui::widgets::{Paragraph, Wrap};
use wheelhouse::cockpit::terminal::{Pointer, Screen, watch_panics};
use wheelhouse::partner::{Endpoint, Token};
use wheelhouse::settings::{Clock, Environment, Log, Secret, Visibility};
use wheelhouse::trackers::{GithubSetup, GithubTracker};

use super::home::{Ended, Home};
use crate::support::pty::Pty;

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
            &["doctor", "--help"],
            &["agent", "primary", "--help"],
            &["agent", "partner", "--help"],
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

/// 79: what the hub tells is what a recording keeps, and what whoever follows it gets.
#[test]
fn frames_hold_no_secret_that_a_tracker_echoed() {
    let home = Home::with_journal();
    let shown = SHOWN[0].replace("USER", USER);
    home.settings(&format!("[trackers.local]\nurl = {:?}\n{shown}\n", echoing("403 No", 0)));
    let mut following = home.command(&["watch", "--json"]);
    following.env("TOKEN", CANARY).stdout(Stdio::piped());
    let mut following = following.spawn().unwrap();
    let frames = BufReader::new(following.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut told = Vec::new();
    for frame in frames {
        let is_last = frame.contains("parked");
        told.push(frame);
        if is_last {
            break;
        }
    }
    following.kill().unwrap();
    following.wait().unwrap();
    let told = told.join("\n");
    assert!(told.contains("parked") && told.contains(r"Bearer \u2026"), "{told}");
    assert!(!is_told(told.as_bytes()), "{told}");
}

/// The arguments of a process and of all that it started, as everybody on the machine can read them.
#[cfg(target_os = "linux")]
fn arguments_of(process: u32) -> Vec<String> {
    let mut parents: Vec<(u32, u32)> = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Ok(id) = entry.file_name().to_string_lossy().parse() else { continue };
        // One that ended meanwhile has none.
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        let after_name = stat.rsplit_once(") ").unwrap().1;
        parents.push((id, after_name.split(' ').nth(1).unwrap().parse().unwrap()));
    }
    let mut family = vec![process];
    let mut seen = 0;
    while seen < family.len() {
        let children = parents.iter().filter(|(_, parent)| *parent == family[seen]);
        family.extend(children.map(|(id, _)| *id).collect::<Vec<_>>());
        seen += 1;
    }
    let arguments = family.iter().filter_map(|id| fs::read(format!("/proc/{id}/cmdline")).ok());
    arguments.map(|bytes| String::from_utf8_lossy(&bytes).replace('\0', " ")).collect()
}

/// Waits until somebody reads from a pipe; whoever does goes on once it is dropped.
#[cfg(target_os = "linux")]
fn reader_of(pipe: &Path) -> fs::File {
    let at_once = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap();
    let opened = (0..600).find_map(|_| {
        let opened = fs::OpenOptions::new().write(true).custom_flags(at_once).open(pipe);
        opened.inspect_err(|_| std::thread::sleep(Duration::from_millis(100))).ok()
    });
    opened.expect("nobody reads the pipe")
}

/// 79: while secrets are fetched, by whatever way, and while the cockpit runs under its guard.
#[cfg(target_os = "linux")]
#[test]
fn a_secret_is_not_in_the_arguments_of_any_process() {
    let home = Home::with_journal();
    let [kept, pipe] = ["token", "pipe"].map(|name| home.path().join(name));
    fs::write(&kept, CANARY).unwrap();
    fs::set_permissions(&kept, PermissionsExt::from_mode(0o600)).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let script = format!("cat {}; cat {}", kept.display(), pipe.display());
    let program = format!("cmd:{}", serde_json::json!(["sh", "-c", script]));
    let places = ["env:TOKEN".to_owned(), format!("file:{}", kept.display()), program];
    // They are fetched in the order of their names: when the program runs, the others are known.
    let trackers = ["a", "b", "c"].into_iter().zip(&places);
    let trackers = trackers.map(|(name, place)| tracker(place).replace("issues", name));
    home.settings(&trackers.collect::<Vec<_>>().join("\n"));
    let mut watching = home.command(&["watch", "--plain"]);
    watching.env("TOKEN", CANARY).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut watching = watching.spawn().unwrap();
    let reading = reader_of(&pipe);
    let arguments = arguments_of(watching.id());
    assert!(arguments.iter().any(|one| one.contains("watch --plain")), "{arguments:?}");
    assert!(arguments.iter().any(|one| one.starts_with("sh -c cat")), "{arguments:?}");
    assert!(!is_told(arguments.join("\n").as_bytes()), "{arguments:?}");
    drop(reading);
    drop(watching.stdin.take());
    let Ended { results, messages, .. } = Ended::from(watching.wait_with_output().unwrap());
    assert!(!is_told(format!("{results}{messages}").as_bytes()), "{results}{messages}");

    home.settings(&tracker("env:TOKEN"));
    let config = home.path().join("config/wheelhouse/config.toml").display().to_string();
    let environment = [("WHEELHOUSE_CONFIG", config.as_str()), ("TOKEN", CANARY)];
    let pty = Pty::spawn(env!("CARGO_BIN_EXE_wheelhouse"), &["watch"], (80, 24), &environment);
    pty.wait_for_text("No incident.");
    let arguments = arguments_of(pty.process());
    assert!(arguments.len() > 1, "the guard and what it guards: {arguments:?}");
    assert!(!is_told(arguments.join("\n").as_bytes()), "{arguments:?}");
    pty.send("q");
    assert_eq!(pty.exit().exit_code(), 0);
    assert!(!is_told(&pty.raw()));
}

/// Where the child of a test panics; without it, the child has nothing to do.
const PANICS_IN: &str = "WHEELHOUSE_TEST_PANICS_WITH_SECRETS_IN";

#[test]
fn the_child_that_panics_with_secrets() {
    let environment = Environment::read();
    let Some(place) = environment.variable(PANICS_IN) else { return };
    let logs = Path::new(environment.variable("HOME").unwrap()).join("logs");
    let _log = Log::in_files(&logs, "trace").unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let (secret, token) = (Secret::new(CANARY), Token::new(CANARY).unwrap());
        let setup = GithubSetup {
            url: "http://127.0.0.1:1".to_owned(),
            repository: ("octocat".to_owned(), "incidents".to_owned()),
            labels: Vec::new(),
            visibility: Visibility::Internal,
            token: secret.clone(),
            clock: Clock::real(),
        };
        let tracker = GithubTracker::new("issues", setup).unwrap();
        let partner = Endpoint::Http { url: "http://127.0.0.1:1".to_owned(), token: Some(token) };
        tracing::trace!(?secret, ?partner, ?tracker, "about to break");
        let said = format!("broke {secret:?} {partner:?} {tracker:?}");
        let mut panics = watch_panics();
        let mut screen = Screen::take(Pointer::Cockpit).unwrap();
        assert!(place != "the owner", "{said}");
        assert!(tokio::spawn(async move { panic!("{said}") }).await.is_err());
        let said = panics.recv().await.unwrap().to_string();
        let said = Paragraph::new(said).wrap(Wrap { trim: true });
        screen.draw(|frame| frame.render_widget(&said, frame.area())).unwrap();
    });
}

/// 79: on the screen, after it, and in a log that leaves nothing out.
#[test]
fn a_panic_tells_no_secret() {
    let program = Environment::program().unwrap();
    let arguments = ["--exact", "cli::secrets::the_child_that_panics_with_secrets", "--nocapture"];
    for (place, is_well) in [("the owner", false), ("a task", true)] {
        let environment = [(PANICS_IN, place)];
        let pty = Pty::spawn(program.to_str().unwrap(), &arguments, (80, 24), &environment);
        let (exit, raw) = (pty.exit(), pty.raw());
        assert_eq!(exit.exit_code() == 0, is_well, "{place}: {}", String::from_utf8_lossy(&raw));
        // Where a screen is blank already, nothing is written: words stand apart.
        for shown in ["Secret(…)", "Token(…)", "GithubTracker"] {
            let raw = String::from_utf8_lossy(&raw);
            assert!(raw.contains(shown), "{shown} of {place}: {raw}");
        }
        assert!(!is_told(&raw), "{place}");
        let logged: Vec<u8> = files(&pty.home().join("logs"))
            .iter()
            .flat_map(|file| fs::read(file).unwrap())
            .collect();
        let told = String::from_utf8_lossy(&logged);
        // Of the tracker, whose whole is too long for a screen, the log has all.
        for shown in ["about to break", "panicked", "Transport"] {
            assert!(told.contains(shown), "{shown} of {place}: {told}");
        }
        assert!(!is_told(&logged), "{told}");
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
    // It holds no secret, so that others may read it; what they could write, they would decide.
    for (mode, is_taken) in [
        (0o644, true),
        (0o444, true),
        (0o664, false),
        (0o646, false),
        (0o666, false),
        (0o600, true),
    ] {
        fs::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();
        let (code, told) = said(&["config", "check"]);
        assert_eq!(code == Some(0), is_taken, "{mode:o}: {told}");
        assert_eq!(told.contains("chmod go-w"), !is_taken, "{mode:o}: {told}");
    }
    let elsewhere = home.path().join("elsewhere.toml");
    fs::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    assert_eq!(said(&["config", "check"]).0, Some(0), "a link to a file of one's own");
    // Only the system's own account can give a file away.
    if rustix::process::geteuid().is_root() {
        chown(&elsewhere, Some(12_345), None).unwrap();
        let (code, told) = said(&["config", "check"]);
        assert!(code != Some(0) && told.contains("it belongs to somebody else: own it"), "{told}");
        fs::remove_file(&file).unwrap();
        fs::rename(&elsewhere, &file).unwrap();
        let (code, told) = said(&["config", "check"]);
        assert!(code != Some(0) && told.contains("it belongs to somebody else: own it"), "{told}");
    }
    fs::remove_file(&file).unwrap();

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

/// 49: a tracker whose secret is empty could be played by anybody, so it may not call at all.
#[test]
fn a_caller_whose_secret_is_an_empty_variable_is_not_let_call() {
    let home = Home::with_journal();
    let door = "[door]\nlisten = \"127.0.0.1:0\"\nwebhooks = { issues = \"env:HOOK\" }\n";
    home.settings(&format!("{door}{}", tracker("env:TOKEN")));
    let watch = |secret: Option<&str>| {
        let mut command = home.command(&["watch", "--plain"]);
        command.env("TOKEN", CANARY);
        if let Some(secret) = secret {
            command.env("HOOK", secret);
        }
        Ended::from(command.output().unwrap())
    };
    for secret in [None, Some(""), Some(" \t")] {
        let Ended { code, results, messages } = watch(secret);
        assert!(code != Some(0) && messages.contains("HOOK"), "{secret:?}: {results}{messages}");
    }
    let Ended { code, results, messages } = watch(Some("between us"));
    assert_eq!(code, Some(0), "{results}{messages}");
}
