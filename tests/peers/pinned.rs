//! The peers are the ones that were pinned, so that a test that talks to one means something.

use std::process::Command;

use crate::support::{ALERTMANAGER, EMULATE, MCP_CLIENT, PROMETHEUS, Peer, ROUNDUP};

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

#[test]
fn emulate_is_the_pinned_one() {
    let Some(program) = EMULATE.program() else { return };
    let package = program.ancestors().nth(2).unwrap().join("package.json");
    let package: serde_json::Value =
        serde_json::from_slice(&std::fs::read(package).unwrap()).unwrap();
    assert_eq!(package["version"], "0.11.2");
}
