//! Fetching a secret from where it is kept: bounded in time and length, and from nowhere that others reach.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::AsyncReadExt;

use super::Environment;
use super::private::{Reach, exposed};
use crate::incident::{Notice, Trouble};

/// The longest secret, in bytes.
const LONGEST: u64 = 64 * 1024;

/// How long a program may take to tell a secret.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) fn of_variable(name: &str, environment: &Environment) -> Result<String, Notice> {
    let value = environment.variable(name).and_then(|value| value.to_str());
    value.map(str::to_owned).ok_or_else(|| {
        let what = format!("the variable {} is not set", name.escape_debug());
        Notice::new(Trouble::NotAllowed, what).hint("export it before starting wheelhouse")
    })
}

pub(super) fn of_file(path: &Path) -> Result<String, Notice> {
    let unreadable = |error: std::io::Error| {
        Notice::new(Trouble::NotAllowed, format!("the secret in {} cannot be read", path.display()))
            .detail(error.to_string())
            .hint("name the file itself, readable for you alone: no link leads to a secret")
    };
    let file = open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    let is_file = metadata.is_file();
    if let Some(why) = exposed(&metadata, Reach::Read).or((!is_file).then_some("is no file")) {
        let what = format!("the secret in {} {why}", path.display());
        let hint = "make the file yours alone: chown to your account, chmod 600";
        return Err(Notice::new(Trouble::NotAllowed, what).hint(hint));
    }
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text).map_err(unreadable)?;
    Ok(text)
}

/// Opens a file, but nothing that a link leads to: whoever may move the link chooses the secret.
#[cfg(unix)]
fn open(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    let no_link = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let flags = i32::try_from(no_link.bits()).map_err(std::io::Error::other)?;
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

pub(super) async fn of_program(argv: &[String]) -> Result<String, Notice> {
    let (program, arguments) =
        argv.split_first().map_or(("", [].as_slice()), |(program, rest)| (program.as_str(), rest));
    let mute = |detail: String| {
        Notice::new(Trouble::NotAllowed, format!("{program:?} does not tell the secret"))
            .detail(detail)
            .hint("run the command by hand and see what it says")
    };
    let told = tokio::time::timeout(PATIENCE, told(program, arguments)).await;
    let told = told.map_err(|_| mute(format!("no answer within {PATIENCE:?}")))?;
    let (text, status) = told.map_err(|error| mute(error.to_string()))?;
    match status {
        Some(status) if status.success() => {
            String::from_utf8(text).map_err(|_| mute("it is not UTF-8".to_owned()))
        }
        Some(status) => Err(mute(status.to_string())),
        None => Err(mute(format!("it says more than {LONGEST} bytes"))),
    }
}

/// What a program says, and how it ended; one that says too much is not waited for.
async fn told(
    program: &str,
    arguments: &[String],
) -> std::io::Result<(Vec<u8>, Option<ExitStatus>)> {
    let mut child = tokio::process::Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let mut text = Vec::new();
    if let Some(said) = child.stdout.take() {
        said.take(LONGEST + 1).read_to_end(&mut text).await?;
    }
    if text.len() as u64 > LONGEST {
        return Ok((text, None));
    }
    Ok((text, Some(child.wait().await?)))
}

/// The system's own program that tells what its keyring holds: no library of ours speaks to a keyring.
///
/// The attributes are those that other programs store under, too (`keyring` of Python and of Rust).
pub(super) fn keyring(service: &str, user: &str) -> Vec<String> {
    let argv: &[&str] = if cfg!(target_os = "macos") {
        &["security", "find-generic-password", "-w", "-s", service, "-a", user]
    } else {
        &["secret-tool", "lookup", "service", service, "username", user]
    };
    argv.iter().map(|&word| word.to_owned()).collect()
}

/// What to do about a keyring that does not tell.
pub(super) fn locked(notice: Notice, service: &str, user: &str) -> Notice {
    let how = if cfg!(target_os = "macos") {
        format!("security add-generic-password -w -s {service} -a {user}")
    } else {
        format!("secret-tool store --label wheelhouse service {service} username {user}")
    };
    notice.hint(format!("unlock the keyring, or store the secret: {how}; file: and env: work too"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[tokio::test]
    async fn a_program_tells_a_secret_or_fails_without_telling_its_arguments() {
        let fetch = async |argv: &[&str]| {
            let argv: Vec<String> = argv.iter().map(|text| (*text).to_owned()).collect();
            of_program(&argv).await
        };
        assert_eq!(fetch(&["printf", "s3cret"]).await.unwrap(), "s3cret");
        let notice = fetch(&["false", "hunter2"]).await.unwrap_err();
        assert!(!format!("{notice:?}").contains("hunter2"));
        let notice = fetch(&["yes", "hunter2"]).await.unwrap_err();
        assert!(notice.detail.unwrap().contains("more than"), "it says a secret without end");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_reach_is_refused() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        std::fs::write(&path, "s3cret\n").unwrap();
        let mode = |mode| std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        mode(0o644);
        assert!(of_file(&path).unwrap_err().hint.unwrap().contains("chmod 600"));
        mode(0o600);
        assert_eq!(of_file(&path).unwrap().trim(), "s3cret");
        let link = dir.path().join("link");
        symlink(&path, &link).unwrap();
        assert!(of_file(&link).unwrap_err().hint.unwrap().contains("no link"));
        assert!(of_file(dir.path()).is_err());
        // Only the system's own account can give a file away.
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(&path, Some(12_345), None).unwrap();
            assert!(of_file(&path).unwrap_err().what.contains("somebody else"));
        }
    }

    #[test]
    fn a_keyring_is_asked_by_the_systems_own_program() {
        let argv = keyring("wheelhouse", "github");
        assert!(argv.contains(&"wheelhouse".to_owned()) && argv.contains(&"github".to_owned()));
        let silent = Notice::new(Trouble::NotAllowed, "it does not tell");
        assert!(locked(silent, "a", "b").hint.unwrap().contains("unlock"));
    }
}
