//! Programs that others wrote and tests talk to: where they are, and what happens when they are not.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread;

/// A peer that `tests/run` installs.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    /// Where its program lies below the peers' directory.
    program: &'static str,
}

/// A Python with the reference MCP library.
pub(crate) const MCP_CLIENT: Peer =
    Peer { name: "the Python MCP client", program: "python/bin/python" };

/// The metrics server.
pub(crate) const PROMETHEUS: Peer =
    Peer { name: "Prometheus", program: "prometheus/usr/bin/prometheus" };

/// What sends alerts on.
pub(crate) const ALERTMANAGER: Peer =
    Peer { name: "Alertmanager", program: "alertmanager/usr/bin/prometheus-alertmanager" };

/// A GitHub that others imitate; Node runs it.
pub(crate) const EMULATE: Peer =
    Peer { name: "emulate", program: "emulate/node_modules/emulate/dist/index.js" };

/// GitHub's published GraphQL schema; beside it lies what reads it, which Node runs.
pub(crate) const GITHUB_SCHEMA: Peer = Peer {
    name: "GitHub's GraphQL schema",
    program: "schema/node_modules/@octokit/graphql-schema/schema.graphql",
};

/// A Python with the Roundup issue tracker.
pub(crate) const ROUNDUP: Peer = Peer { name: "Roundup", program: "roundup/bin/python" };

impl Peer {
    /// The peer's program. Without it the calling test has nothing to do: it says so on the terminal and
    /// returns, or fails where `WHEELHOUSE_REQUIRE_PEERS=1`.
    pub(crate) fn program(&self) -> Option<PathBuf> {
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers");
        let folder = variable("WHEELHOUSE_PEERS").map_or(kept, PathBuf::from);
        let is_required = variable("WHEELHOUSE_REQUIRE_PEERS").is_some_and(|value| value == "1");
        match self.sought(&folder, is_required) {
            Ok(found) => found,
            Err(missing) => panic!("{missing}"),
        }
    }

    fn sought(&self, folder: &Path, is_required: bool) -> Result<Option<PathBuf>, String> {
        let program = folder.join(self.program);
        if program.exists() {
            return Ok(Some(program));
        }
        let hint = format!("tests/run installs {}", self.name);
        if is_required {
            return Err(format!("{} is missing\nhint: {hint}", program.display()));
        }
        let test = thread::current().name().unwrap_or("a peer test").to_owned();
        // The print macros are captured while a test passes; a write to the stream itself is not.
        writeln!(std::io::stderr().lock(), "not run: {test} ({hint})")
            .map_err(|error| error.to_string())?;
        Ok(None)
    }
}

fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "switches for the person who runs the tests")]
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_peer_fails_where_peers_are_required() {
        let empty = tempfile::tempdir().unwrap();
        let error = PROMETHEUS.sought(empty.path(), true).unwrap_err();
        assert!(error.contains("hint: tests/run installs Prometheus"), "{error}");
    }

    #[test]
    fn an_installed_peer_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join(PROMETHEUS.program);
        std::fs::create_dir_all(program.parent().unwrap()).unwrap();
        std::fs::write(&program, "").unwrap();
        assert_eq!(PROMETHEUS.sought(folder.path(), true).unwrap(), Some(program));
    }
}
