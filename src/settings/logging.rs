//! The log: JSON lines in a file of each day; nothing is written to a terminal that a cockpit draws on.

use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

use crate::incident::{Notice, Trouble};

/// How many days are kept.
const DAYS_KEPT: usize = 7;

/// A log that is being written; what is under way is written when it is dropped.
#[derive(Debug)]
pub struct Log {
    _writing: Option<WorkerGuard>,
}

impl Log {
    /// Logs into a file of each day in `dir`, of which the last seven are kept.
    ///
    /// # Errors
    /// The directory cannot be written, or `filter` is no filter.
    pub fn in_files(dir: &Path, filter: &str) -> Result<Self, Notice> {
        let filter = read(filter)?;
        make_private(dir).map_err(|error| unwritable(dir, &error))?;
        let files = RollingFileAppender::builder()
            .rotation(Rotation::DAILY)
            .max_log_files(DAYS_KEPT)
            .filename_prefix("wheelhouse")
            .filename_suffix("jsonl")
            .build(dir)
            .map_err(|error| unwritable(dir, &error))?;
        let (writer, guard) = tracing_appender::non_blocking(files);
        let begun =
            tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(writer).try_init();
        begun.map_err(|error| twice(error.as_ref()))?;
        Ok(Self { _writing: Some(guard) })
    }

    /// Logs to the standard error, for agents that another process started and listens to.
    ///
    /// # Errors
    /// `filter` is no filter.
    pub fn in_stderr(filter: &str) -> Result<Self, Notice> {
        let begun = tracing_subscriber::fmt()
            .json()
            .with_env_filter(read(filter)?)
            .with_writer(std::io::stderr)
            .try_init();
        begun.map_err(|error| twice(error.as_ref()))?;
        Ok(Self { _writing: None })
    }
}

fn read(filter: &str) -> Result<EnvFilter, Notice> {
    EnvFilter::try_new(filter).map_err(|error| {
        Notice::new(Trouble::Usage, format!("{filter:?} does not say what to log"))
            .detail(error.to_string())
            .hint("write WHEELHOUSE_LOG=debug or, by module, WHEELHOUSE_LOG=wheelhouse::hub=trace")
    })
}

fn unwritable(dir: &Path, error: &dyn std::error::Error) -> Notice {
    Notice::new(Trouble::Failed, format!("the log cannot be written to {}", dir.display()))
        .detail(error.to_string())
        .hint("make the directory writable, or name another with --data-dir")
}

fn twice(error: &dyn std::error::Error) -> Notice {
    Notice::new(Trouble::Failed, "the log was begun already").detail(error.to_string())
}

#[cfg(unix)]
fn make_private(dir: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(dir)
}

#[cfg(not(unix))]
fn make_private(dir: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_is_none_says_how_to_write_one() {
        let notice = read("wheelhouse=loud").unwrap_err();
        assert_eq!(notice.trouble, Trouble::Usage);
        assert!(notice.hint.unwrap().contains("WHEELHOUSE_LOG=debug"));
    }
}
