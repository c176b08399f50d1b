//! What reaches a sandbox: its tokens in files, settings that name them, and the key of its door.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::incident::{Notice, Trouble};
use crate::sandbox::lookalikes::{Being, PorchKey, Sandbox, Vendor};

/// Whose tokens the settings name.
const OWN: &str = "wheelhouse";

/// The files that reach a sandbox. The key of its door goes when this is dropped.
#[derive(Debug)]
pub(super) struct Outfit {
    dir: PathBuf,
}

impl Outfit {
    /// Writes everything that reaches a sandbox into a directory, for its owner alone.
    ///
    /// # Errors
    /// The directory cannot be written to.
    pub(super) fn lay_out(sandbox: &Sandbox, key: &PorchKey, dir: &Path) -> Result<Self, Notice> {
        make(dir).map_err(|error| unwritable(dir, &error))?;
        for vendor in Vendor::ALL {
            for account in Sandbox::accounts() {
                let token = sandbox.token(vendor, account.login)?;
                keep(&token_file(dir, vendor, account.login), &token)?;
            }
        }
        keep(&settings_file(dir), &settings(sandbox, dir))?;
        let key = serde_json::to_string(key).map_err(|error| {
            Notice::new(Trouble::Failed, "the key of the sandbox cannot be written")
                .detail(error.to_string())
        })?;
        keep(&key_file(dir), &key)?;
        Ok(Self { dir: dir.to_owned() })
    }

    /// The file that the settings stand in.
    pub(super) fn settings_file(&self) -> PathBuf {
        settings_file(&self.dir)
    }

    /// The file that a token stands in.
    pub(super) fn token_file(&self, vendor: Vendor, login: &str) -> PathBuf {
        token_file(&self.dir, vendor, login)
    }
}

impl Drop for Outfit {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(key_file(&self.dir)) {
            tracing::debug!(%error, "the key of the sandbox was gone already");
        }
    }
}

/// The key of the sandbox that runs with a directory.
///
/// # Errors
/// None runs there.
pub(super) fn key(dir: &Path) -> Result<PorchKey, Notice> {
    let absent = |detail: String| {
        let what = format!("no sandbox runs with {}", dir.display());
        Notice::new(Trouble::NotFound, what)
            .detail(detail)
            .hint("start one: wheelhouse sandbox; or name its --data-dir")
    };
    let text = std::fs::read_to_string(key_file(dir)).map_err(|error| absent(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| absent(error.to_string()))
}

fn settings_file(dir: &Path) -> PathBuf {
    dir.join("trackers.toml")
}

fn key_file(dir: &Path) -> PathBuf {
    dir.join("door.json")
}

fn token_file(dir: &Path, vendor: Vendor, login: &str) -> PathBuf {
    dir.join(format!("{vendor}-{login}.token"))
}

/// The name that the settings give a look-alike, which says on every screen what it is.
pub(super) fn name(vendor: Vendor) -> String {
    format!("{vendor}-sandbox")
}

/// The tables of all look-alikes, ready for a settings file.
fn settings(sandbox: &Sandbox, dir: &Path) -> String {
    let mut text =
        "# A sandbox: look-alikes on this machine. Nothing in them is real.\n".to_owned();
    for vendor in Vendor::ALL {
        let url = sandbox.base(vendor);
        let secret = format!("file:{}", token_file(dir, vendor, OWN).display());
        let address = format!("{OWN}@sandbox.invalid");
        let own = match vendor {
            Vendor::Github => {
                format!("repository = \"wheelhouse/sandbox\"\ntoken = {secret:?}\nverdicts = true")
            }
            Vendor::Pagerduty => {
                format!("service = \"PSANDBOX\"\nfrom = {address:?}\ntoken = {secret:?}")
            }
            Vendor::Servicenow => {
                let code = "close_code = \"Solved (Permanently)\"";
                format!("user = {OWN:?}\ntoken = {secret:?}\n{code}")
            }
            Vendor::Jira => format!(
                "project = \"OPS\"\nemail = {address:?}\ntoken = {secret:?}\nverdicts = true"
            ),
        };
        let people = accounts(vendor, Being::Person).join(", ");
        let agents = accounts(vendor, Being::Bot).join(", ");
        let logins = Sandbox::accounts().iter().filter(|account| account.being == Being::Person);
        let approvers: Vec<String> = logins.map(|account| format!("{:?}", account.login)).collect();
        let table = format!(
            "\n[trackers.{}]\nkind = \"{vendor}\"\nurl = {url:?}\n{own}\npeople = {{ {people} }}\n\
             agents = {{ {agents} }}\napprovers = [{}]\n",
            name(vendor),
            approvers.join(", ")
        );
        text.push_str(&table);
    }
    text
}

/// The accounts of a kind, as names and ids.
fn accounts(vendor: Vendor, being: Being) -> Vec<String> {
    let all = Sandbox::accounts().iter().filter(|account| account.being == being);
    all.map(|account| format!("{} = {:?}", account.login, account.id(vendor))).collect()
}

fn make(dir: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

fn keep(file: &Path, text: &str) -> Result<(), Notice> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(file).and_then(|mut file| writeln!(file, "{}", text.trim_end()));
    written.map_err(|error| unwritable(file, &error))
}

fn unwritable(path: &Path, error: &io::Error) -> Notice {
    Notice::new(Trouble::Failed, format!("{} cannot be written", path.display()))
        .detail(error.to_string())
        .hint("make the data directory writable")
}
