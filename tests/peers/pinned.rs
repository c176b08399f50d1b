//! The peers are the ones that were pinned, so that a test that talks to one means something.

use std::path::Path;
use std::process::Command;

use crate::support::{ALERTMANAGER, EMULATE, GITHUB_SCHEMA, MCP_CLIENT, PROMETHEUS, Peer, ROUNDUP};

fn says(peer: &Peer, arguments: &[&str]) -> Option<String> {
    let output = Command::new(peer.program()?).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}: {}", peer.name, String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_python_client_is_the_pinned_one() {
    let ask = "import mcp, importlib.metadata as m; print(m.version('mcp'))";
    if let Some(version) = says(&MCP_CLIENT, &["-c", ask]) {
        assert_eq!(version.trim(), "2.3.0");
    }
}

#[test]
fn prometheus_is_the_pinned_one() {
    if let Some(version) = says(&PROMETHEUS, &["--version"]) {
        assert!(version.starts_with("prometheus, version 2.42."), "{version}");
    }
}

#[test]
fn alertmanager_is_the_pinned_one() {
    if let Some(version) = says(&ALERTMANAGER, &["--version"]) {
        assert!(version.starts_with("alertmanager, version 0.25."), "{version}");
    }
}

#[test]
fn roundup_is_the_pinned_one() {
    let ask = "import importlib.metadata as m; print(m.version('roundup'))";
    if let Some(version) = says(&ROUNDUP, &["-c", ask]) {
        assert_eq!(version.trim(), "2.6.0");
    }
}

fn version(package: &Path) -> String {
    let package = std::fs::read(package.join("package.json")).unwrap();
    let package: serde_json::Value = serde_json::from_slice(&package).unwrap();
    package["version"].as_str().unwrap().to_owned()
}

#[test]
fn emulate_is_the_pinned_one() {
    let Some(program) = EMULATE.program() else { return };
    assert_eq!(version(program.ancestors().nth(2).unwrap()), "0.11.2");
}

#[test]
fn the_schema_of_github_and_what_reads_it_are_the_pinned_ones() {
    let Some(schema) = GITHUB_SCHEMA.program() else { return };
    assert_eq!(version(schema.parent().unwrap()), "15.26.1");
    let modules = schema.ancestors().nth(3).unwrap();
    assert_eq!(version(&modules.join("graphql")), "16.15.0");
}
