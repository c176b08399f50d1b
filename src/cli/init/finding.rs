//! What is on this machine that could be connected: named, and never shown.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::settings::Environment;

/// How long something on this machine may take to accept a connection.
const PATIENCE: Duration = Duration::from_millis(200);

/// The longest file of another program that is read, in bytes.
const MOST_BYTES: u64 = 1 << 20;

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// What it is.
    pub what: &'static str,
    /// Its name.
    pub name: String,
    /// What can be done with it.
    pub says: String,
    /// Where it belongs in the settings, if anywhere.
    pub place: Option<Place>,
    /// The lines for there, switched off.
    pub snippet: String,
}

/// A part of the settings file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The partners.
    Partners,
    /// The trackers.
    Trackers,
}

/// Variables in which people keep tokens, with the tracker that takes them.
const TOKENS: [(&str, &str); 9] = [
    ("GITHUB_TOKEN", "github"),
    ("GH_TOKEN", "github"),
    ("PAGERDUTY_TOKEN", "pagerduty"),
    ("PAGERDUTY_API_KEY", "pagerduty"),
    ("SERVICENOW_TOKEN", "servicenow"),
    ("SERVICENOW_PASSWORD", "servicenow"),
    ("JIRA_API_TOKEN", "jira"),
    ("JIRA_TOKEN", "jira"),
    ("ATLASSIAN_API_TOKEN", "jira"),
];

/// Variables in which people keep the address of a tracker, and the name of their account there.
const ADDRESSES: [(&str, &[&str], &[&str]); 2] = [
    (
        "servicenow",
        &["SERVICENOW_URL", "SERVICENOW_INSTANCE_URL", "SERVICENOW_INSTANCE"],
        &["SERVICENOW_USERNAME", "SERVICENOW_USER"],
    ),
    (
        "jira",
        &["JIRA_URL", "JIRA_SERVER", "JIRA_BASE_URL"],
        &["JIRA_EMAIL", "JIRA_LOGIN", "JIRA_USER", "ATLASSIAN_EMAIL"],
    ),
];

/// Where programs that call MCP servers keep their list of them, below the home or here.
const MCP_FILES: [&str; 7] = [
    ".mcp.json",
    ".cursor/mcp.json",
    ".vscode/mcp.json",
    ".claude.json",
    ".gemini/settings.json",
    ".config/Claude/claude_desktop_config.json",
    "Library/Application Support/Claude/claude_desktop_config.json",
];

/// Servers that people run beside what they watch.
const SERVERS: [(&str, u16); 2] = [("prometheus", 9090), ("alertmanager", 9093)];

/// Looks everywhere.
pub(super) fn find(environment: &Environment) -> Vec<Found> {
    let mut found = Vec::new();
    found.extend(gh(environment));
    found.extend(jira(environment));
    found.extend(TOKENS.iter().filter_map(|(name, tracker)| token(name, tracker, environment)));
    found.extend(SERVERS.iter().filter_map(|(name, port)| server(name, *port, environment)));
    let roots = [environment.home(), Some(PathBuf::from("."))];
    for root in roots.into_iter().flatten() {
        for file in MCP_FILES.map(|file| root.join(file)) {
            found.extend(mcp(&file));
        }
    }
    found.dedup_by(|one, other| one.name == other.name && one.what == other.what);
    found
}

/// The GitHub CLI, if somebody is logged in with it; nothing is asked over the network.
fn gh(environment: &Environment) -> Option<Found> {
    let home = environment.config_home().or_else(|| Some(environment.home()?.join(".config")))?;
    let hosts = fs::read_to_string(home.join("gh/hosts.yml")).ok()?;
    let host = hosts.lines().find_map(|line| line.strip_suffix(':'))?.trim().to_owned();
    Some(Found {
        what: "login",
        says: "the GitHub CLI is logged in there, and can tell its token when it is needed".into(),
        place: Some(Place::Trackers),
        snippet: tracker("github", "cmd:[\"gh\", \"auth\", \"token\"]", &Known::default()),
        name: host,
    })
}

fn token(name: &str, tracker_kind: &str, environment: &Environment) -> Option<Found> {
    environment.variable(name)?;
    Some(Found {
        what: "token",
        name: name.to_owned(),
        says: format!("the variable {name} is set, and may let you into {tracker_kind}"),
        place: Some(Place::Trackers),
        snippet: tracker(tracker_kind, &format!("env:{name}"), &known(tracker_kind, environment)),
    })
}

/// What is known of an account in a tracker besides its secret.
#[derive(Default)]
struct Known {
    url: Option<String>,
    login: Option<String>,
}

/// What the environment says of a tracker; an address that holds a secret is none.
fn known(kind: &str, environment: &Environment) -> Known {
    let Some((_, addresses, logins)) = ADDRESSES.iter().find(|(known, ..)| *known == kind) else {
        return Known::default();
    };
    let text = |names: &[&str]| {
        let found = names.iter().find_map(|name| environment.variable(name)?.to_str());
        found.map(str::to_owned)
    };
    let url =
        text(addresses).map(|url| if url.contains("://") { url } else { format!("https://{url}") });
    Known { url: url.filter(|url| !url.contains(['@', '?'])), login: text(logins) }
}

/// The command line of Jira by ankitpokhrel, if it was set up; it keeps no token in its file.
fn jira(environment: &Environment) -> Option<Found> {
    let home = environment.config_home().or_else(|| Some(environment.home()?.join(".config")))?;
    let file = fs::read_to_string(home.join(".jira/.config.yml")).ok()?;
    let value = |key: &str| {
        let line = file.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
        let value = line.trim().trim_matches(['"', '\'']);
        (!value.is_empty() && !value.contains('?')).then(|| value.to_owned())
    };
    let url = value("server").filter(|url| !url.contains('@'))?;
    let known = Known { url: Some(url.clone()), login: value("login") };
    Some(Found {
        what: "login",
        says: "the Jira command line knows this server; its token is in JIRA_API_TOKEN".into(),
        place: Some(Place::Trackers),
        snippet: tracker("jira", "env:JIRA_API_TOKEN", &known),
        name: url,
    })
}

/// The table of a tracker, with what has to be filled in as an example.
fn tracker(kind: &str, token: &str, known: &Known) -> String {
    let or = |known: &Option<String>, example: &str| toml_text(known.as_deref().unwrap_or(example));
    let own = match kind {
        "pagerduty" => {
            vec!["service = \"PXXXXXX\"".to_owned(), "from = \"you@example.com\"".to_owned()]
        }
        "servicenow" => vec![
            format!("url = {}", or(&known.url, "https://example.service-now.com")),
            format!("user = {}", or(&known.login, "wheelhouse")),
        ],
        "jira" => vec![
            format!("url = {}", or(&known.url, "https://example.atlassian.net")),
            "project = \"OPS\"".to_owned(),
            format!("email = {}", or(&known.login, "you@example.com")),
        ],
        _ => vec!["repository = \"owner/name\"".to_owned()],
    };
    let mut lines = vec![format!("kind = {}", toml_text(kind))];
    lines.extend(own);
    lines.push(format!("token = {}", toml_text(token)));
    format!("# [trackers.{kind}]\n# {}", lines.join("\n# "))
}

fn server(name: &'static str, port: u16, environment: &Environment) -> Option<Found> {
    let variable = format!("{}_URL", name.to_ascii_uppercase());
    let is_set = environment.variable(&variable).is_some();
    let here = SocketAddr::from(([127, 0, 0, 1], port));
    let answers = !is_set && TcpStream::connect_timeout(&here, PATIENCE).is_ok();
    let says = match (is_set, answers) {
        (true, _) => format!("the variable {variable} is set"),
        (false, true) => format!("something listens on {here}, where {name} usually does"),
        (false, false) => return None,
    };
    Some(Found { what: "server", name: name.to_owned(), says, place: None, snippet: String::new() })
}

/// The servers that another program calls over MCP.
fn mcp(file: &Path) -> Vec<Found> {
    let is_small = fs::metadata(file).is_ok_and(|found| found.len() <= MOST_BYTES);
    let text = if is_small { fs::read_to_string(file).ok() } else { None };
    let read = text.and_then(|text| serde_json::from_str::<Value>(&text).ok());
    let Some(read) = read else { return Vec::new() };
    let servers = ["mcpServers", "servers"].into_iter().find_map(|key| read.get(key)?.as_object());
    let servers = servers.into_iter().flatten();
    servers.filter_map(|(name, server)| partner(name, server, file)).collect()
}

fn partner(name: &str, server: &Value, file: &Path) -> Option<Found> {
    let text = |key: &str| server.get(key).and_then(Value::as_str);
    let mut lines = vec![format!("# [partners.{}]", toml_key(name))];
    if let Some(program) = text("command") {
        let arguments = server.get("args").and_then(Value::as_array).into_iter().flatten();
        let argv: Vec<String> = std::iter::once(program)
            .chain(arguments.filter_map(Value::as_str).map(harmless))
            .map(toml_text)
            .collect();
        lines.push(format!("# command = [{}]", argv.join(", ")));
        let names = server.get("env").and_then(Value::as_object).into_iter().flatten();
        let names: Vec<String> = names.map(|(name, _)| toml_text(name)).collect();
        if !names.is_empty() {
            lines.push(format!("# pass = [{}]", names.join(", ")));
        }
    } else {
        // An address may carry a token behind its question mark.
        let url = text("url").or_else(|| text("serverUrl"))?;
        let url = url.split(['?', '#']).next().unwrap_or_default();
        let url = if url.contains('@') { "https://…" } else { url };
        lines.push(format!("# url = {}", toml_text(url)));
    }
    Some(Found {
        what: "partner",
        name: name.to_owned(),
        says: format!("an MCP server in {}", file.display()),
        place: Some(Place::Partners),
        snippet: lines.join("\n"),
    })
}

/// An argument, unless it may be a secret.
fn harmless(argument: &str) -> &str {
    let lower = argument.to_ascii_lowercase();
    let names_one = ["token", "secret", "key", "password", "bearer", "auth"];
    let is_word = argument.len() >= 20
        && argument.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_=+.".contains(&byte))
        && argument.bytes().any(|byte| byte.is_ascii_digit());
    let is_suspect = (names_one.iter().any(|name| lower.contains(name))
        && lower.contains(['=', ' ', ':']))
        || argument.contains('@') && argument.contains("://")
        || (is_word && !argument.starts_with("--"));
    if is_suspect { "…" } else { argument }
}

fn toml_text(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn toml_key(name: &str) -> String {
    let bare = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if bare && !name.is_empty() { name.to_owned() } else { toml_text(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_is_named_and_no_secret_is_copied() {
        let home = tempfile::tempdir().unwrap();
        let write = |file: &str, text: &str| {
            let path = home.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write(".config/gh/hosts.yml", "github.com:\n    oauth_token: gho_hunter2\n");
        write(
            ".cursor/mcp.json",
            r#"{"mcpServers": {
                "logs": {"command": "npx", "args": ["-y", "logs-mcp", "--api-key=hunter2",
                    "abcdefghij0123456789hunter2"], "env": {"LOGS_KEY": "hunter2"}},
                "far away": {"url": "https://partner.example/mcp?token=hunter2"},
                "in": {"url": "https://ada:hunter2@partner.example/mcp"}}}"#,
        );
        let environment = Environment::of([
            ("HOME", home.path().as_os_str().to_owned()),
            ("GITHUB_TOKEN", "hunter2".into()),
        ]);
        let found = find(&environment);
        let names: Vec<&str> = found
            .iter()
            .filter(|found| found.what != "server")
            .map(|found| found.name.as_str())
            .collect();
        assert_eq!(names, ["github.com", "GITHUB_TOKEN", "far away", "in", "logs"]);
        let told = format!("{found:?}");
        assert!(!told.contains("hunter2"), "{told}");
        assert!(told.contains("logs-mcp") && told.contains("LOGS_KEY"), "{told}");
    }

    #[test]
    fn every_tracker_is_suggested_where_its_usual_variables_are_set() {
        let environment = Environment::of([
            ("PAGERDUTY_API_KEY", "hunter2"),
            ("SERVICENOW_PASSWORD", "hunter2"),
            ("SERVICENOW_INSTANCE", "ops.service-now.com"),
            ("JIRA_API_TOKEN", "hunter2"),
            ("JIRA_URL", "https://ada:hunter2@ops.atlassian.net"),
            ("JIRA_EMAIL", "ada@example.com"),
        ]);
        let found = find(&environment);
        let of = |kind: &str| {
            let head = format!("# [trackers.{kind}]");
            let found = found.iter().find(|found| found.snippet.starts_with(&head));
            found.map(|found| found.snippet.clone()).unwrap_or_default()
        };
        assert!(of("pagerduty").contains("token = \"env:PAGERDUTY_API_KEY\""));
        assert!(of("servicenow").contains("url = \"https://ops.service-now.com\""));
        let jira = of("jira");
        assert!(jira.contains("email = \"ada@example.com\"") && jira.contains("example.atlassian"));
        assert!(!format!("{found:?}").contains("hunter2"));
        for kind in ["pagerduty", "servicenow", "jira"] {
            let switched_on = of(kind).replace("# ", "");
            let settings = loaded(&switched_on);
            assert!(settings.is_ok(), "{kind}: {:?}", settings.err());
        }
    }

    fn loaded(text: &str) -> Result<crate::settings::Loaded, crate::incident::Notice> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        fs::write(&file, text).unwrap();
        let wished =
            crate::settings::Wished { config: Some(file), data_dir: Some(dir.path().to_owned()) };
        let paths = crate::settings::Paths::find(&Environment::default(), &wished).unwrap();
        crate::settings::Settings::load(&paths)
    }

    #[test]
    fn an_argument_that_may_be_a_secret_is_left_out() {
        for kept in ["-y", "@scope/server", "--stdio", "/usr/bin/partner", "--log-level=debug"] {
            assert_eq!(harmless(kept), kept);
        }
        for left_out in
            ["--token=x", "Authorization: Bearer x", "sk0123456789abcdefghij", "https://a:b@c"]
        {
            assert_eq!(harmless(left_out), "…", "{left_out}");
        }
    }
}
