//! `wheelhouse replay`: a recorded run, once more.

use std::path::{Path, PathBuf};

use super::exit::{Exit, interruptible};
use super::look::{self, Surface, look};
use super::output::{Form, Format};
use super::plain::PlainSource;
use super::screen::{Source, show};
use super::session::Session;
use super::watch::lines;
use crate::incident::{Notice, Trouble};
use crate::wire::{Frame, RecordingHeader, read_recording};

/// Plays a recording in the cockpit, or writes its frames
#[derive(Debug, clap::Args)]
pub struct ReplayArgs {
    /// The recording: a file, or its name in the directory of recordings
    recording: PathBuf,

    /// In lines that are only ever added: for screen readers and pipes
    #[arg(long)]
    plain: bool,

    #[command(flatten)]
    format: Format,
}

impl ReplayArgs {
    /// Whether it takes the terminal.
    pub(super) fn is_shown(&self) -> bool {
        self.format.form() != Form::Json
    }

    /// Whether it shall be told in lines.
    pub(super) fn wishes_lines(&self) -> bool {
        self.plain
    }
}

/// Plays or writes a recording.
pub(super) async fn run(args: &ReplayArgs, session: &mut Session) -> Result<Exit, Notice> {
    let path = found(&args.recording, &session.paths()?.recordings())?;
    let (header, frames) = read(&path)?;
    if args.format.form() == Form::Json {
        for frame in &frames {
            session.output.record("frame", frame);
        }
        return Ok(Exit::Done);
    }
    let settings = session.settings()?;
    match look::surface(args.plain, session) {
        Surface::Screen => {
            let look = look(session, &settings)?;
            Ok(look::exit(show(Source::Recording(header, frames), look).await?))
        }
        Surface::Lines => {
            let (source, clock) = (PlainSource::Recording(header, frames), session.clock.clone());
            interruptible(lines(source, false, clock, session)).await
        }
    }
}

/// A file by its path, or by its name among the recordings.
fn found(named: &Path, recordings: &Path) -> Result<PathBuf, Notice> {
    let candidates =
        [named.to_owned(), recordings.join(named), recordings.join(named).with_extension("jsonl")];
    candidates.into_iter().find(|path| path.is_file()).ok_or_else(|| {
        Notice::new(Trouble::NotFound, format!("there is no recording {}", named.display()))
            .hint(format!("recordings are kept in {}", recordings.display()))
    })
}

fn read(path: &Path) -> Result<(RecordingHeader, Vec<Frame>), Notice> {
    let unreadable = |cause: String| {
        Notice::new(Trouble::Failed, format!("the recording {} cannot be read", path.display()))
            .detail(cause)
    };
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    read_recording(&text).map_err(|error| unreadable(error.to_string()))
}
