//! A home with nothing of the tester's environment, and commands run in it.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use super::recorded::record;

/// The doctor, with more patience than people have.
pub(super) const DOCTOR: &[&str] = &["doctor", "--patience", "60"];

/// A home of its own, and nothing of the tester's environment.
pub(super) struct Home(TempDir);

/// What a command printed and how it ended.
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) results: String,
    pub(super) messages: String,
}

impl Home {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A home whose journal holds one incident, as a hub would have recorded it.
    pub(super) fn with_journal() -> Self {
        let home = Self::new();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(record(&home.journal_dir()));
        home
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn journal_dir(&self) -> std::path::PathBuf {
        self.path().join("share/wheelhouse")
    }

    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wheelhouse"));
        let at = |name: &str| OsString::from(self.path().join(name));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.path())
            .env("XDG_CONFIG_HOME", at("config"))
            .env("XDG_DATA_HOME", at("share"))
            .env("XDG_STATE_HOME", at("state"))
            .env("XDG_CACHE_HOME", at("cache"))
            .env("USER", "ada")
            .env("TZ", "UTC")
            .current_dir(self.path())
            .stdin(Stdio::null());
        command
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Ended {
        Ended::from(self.command(arguments).output().unwrap())
    }

    /// What the doctor finds; it waits for as long as a busy machine may need.
    pub(super) fn doctor(&self, more: &[&str]) -> Ended {
        self.run(&[DOCTOR, more].concat())
    }

    pub(super) fn settings(&self, text: &str) {
        let dir = self.path().join("config/wheelhouse");
        fs::create_dir_all(&dir).unwrap();
        let file = dir.join("config.toml");
        fs::write(&file, text).unwrap();
        // Whatever the tester's umask says.
        fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    }

    /// Compares what a command says with what it said when somebody last looked.
    pub(super) fn assert(&self, name: &str, arguments: &[&str]) {
        let Ended { code, results, messages } = self.run(arguments);
        let home = regex::escape(&self.path().display().to_string());
        // Whether a tracker was read before the input ended, and when, nobody knows.
        let read = r"(?m)^\d\d:\d\d:\d\d current +local\n";
        let filters = [(home.as_str(), "[HOME]"), (read, "")];
        insta::with_settings!({
            filters => filters, omit_expression => true, prepend_module_to_snapshot => false
        }, {
            let said = format!(
                "$ wheelhouse {}\n{results}--- messages ---\n{messages}--- exit code {} ---",
                arguments.join(" "),
                code.unwrap(),
            );
            insta::assert_snapshot!(name, said);
        });
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            results: String::from_utf8(output.stdout).unwrap(),
            messages: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
