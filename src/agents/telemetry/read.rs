//! Reading the files of a telemetry folder line by line, whatever they contain.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::TelemetryError;
use super::finding::Coverage;

/// Most bytes that one analysis reads.
const READ_MAX: u64 = 512 * 1024 * 1024;

/// Most files of one folder.
const FILES_MAX: usize = 256;

/// A step is reported each time this many bytes were read.
const STEP: u64 = 8 * 1024 * 1024;

/// Where a line stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Path below the telemetry folder.
    pub(super) file: Arc<str>,
    /// Line number, from 1.
    pub(super) line: u64,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Tells the caller how far an analysis is, and learns whether it is still wanted.
#[derive(Debug, Clone)]
pub(super) struct Steps {
    tell: mpsc::Sender<String>,
    stop: CancellationToken,
}

impl Steps {
    /// Steps that go to `tell`, until `stop`.
    pub(super) fn new(tell: mpsc::Sender<String>, stop: CancellationToken) -> Self {
        Self { tell, stop }
    }

    /// Reports one step; a caller that cannot keep up misses it, the analysis never waits.
    pub(super) fn say(&self, what: impl Into<String>) {
        if self.tell.try_send(what.into()).is_err() {
            tracing::trace!("a step was not reported");
        }
    }

    /// Fails once the call is withdrawn.
    pub(super) fn go_on(&self) -> Result<(), TelemetryError> {
        if self.stop.is_cancelled() { Err(TelemetryError::Cancelled) } else { Ok(()) }
    }

    /// Completes when the call is withdrawn.
    pub(super) async fn stopped(&self) {
        self.stop.cancelled().await;
    }
}

/// What is read: the files of one kind below a folder.
#[derive(Debug)]
pub(super) struct Shelf<'a> {
    /// The telemetry folder.
    pub(super) root: &'a Path,
    /// Folder below it, or a file right in it.
    pub(super) name: &'a str,
    /// Endings of file names that belong.
    pub(super) endings: &'a [&'a str],
    /// Longest line that is looked at, in bytes.
    pub(super) line_max: usize,
}

impl Shelf<'_> {
    /// The files, by name.
    pub(super) fn files(&self) -> Result<Vec<PathBuf>, TelemetryError> {
        let path = self.root.join(self.name);
        if path.is_file() {
            return Ok(vec![path]);
        }
        let unreadable = |source| TelemetryError::Unreadable { path: path.clone(), source };
        if !path.is_dir() {
            return Err(TelemetryError::missing(format!("{} there", path.display())));
        }
        let mut files = Vec::new();
        for item in fs::read_dir(&path).map_err(unreadable)? {
            let file = item.map_err(unreadable)?.path();
            let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            if file.is_file() && self.endings.contains(&ending) {
                files.push(file);
            }
        }
        files.sort();
        files.truncate(FILES_MAX);
        Ok(files)
    }

    /// Gives every line to `each`, which says whether it could use it.
    pub(super) fn read(
        &self,
        steps: &Steps,
        mut each: impl FnMut(Place, &str) -> Used,
    ) -> Result<Coverage, TelemetryError> {
        let mut coverage = Coverage::default();
        for path in self.files()? {
            let unreadable = |source| TelemetryError::Unreadable { path: path.clone(), source };
            let shown = path.strip_prefix(self.root).unwrap_or(&path);
            let file: Arc<str> = shown.to_string_lossy().into();
            let mut reader = BufReader::new(File::open(&path).map_err(unreadable)?);
            let mut line = 0;
            let mut text = Vec::new();
            loop {
                let before = coverage.bytes;
                let taken = take_line(&mut reader, &mut text, self.line_max).map_err(unreadable)?;
                let Some(taken) = taken else { break };
                line += 1;
                coverage.lines += 1;
                coverage.bytes += taken;
                if coverage.bytes / STEP > before / STEP {
                    steps.go_on()?;
                    steps.say(format!("read {} MiB of {}", coverage.bytes >> 20, self.name));
                }
                let place = Place { file: Arc::clone(&file), line };
                note(&mut coverage, &text, taken, &mut each, place);
                if coverage.bytes >= READ_MAX {
                    coverage.cut = true;
                    return Ok(coverage);
                }
            }
        }
        Ok(coverage)
    }
}

/// Whether a line was a record of the kind that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Used {
    /// It was.
    Yes,
    /// It was not.
    No,
}

fn note(
    coverage: &mut Coverage,
    text: &[u8],
    taken: u64,
    each: &mut impl FnMut(Place, &str) -> Used,
    place: Place,
) {
    if text.is_empty() {
        // An empty line takes one or two bytes; more means that it was thrown away.
        coverage.too_long += u64::from(taken > 2);
        return;
    }
    if each(place, &String::from_utf8_lossy(text)) == Used::No {
        coverage.unusable += 1;
    }
}

/// Reads one line without its end; a longer one than `max` is passed over and left empty.
///
/// Returns how many bytes were consumed, or `None` at the end of the file.
fn take_line(
    reader: &mut impl BufRead,
    line: &mut Vec<u8>,
    max: usize,
) -> std::io::Result<Option<u64>> {
    line.clear();
    let (mut taken, mut too_long) = (0_u64, false);
    loop {
        let available = reader.fill_buf()?;
        if available.is_empty() {
            return Ok((taken > 0).then_some(taken));
        }
        let end = available.iter().position(|byte| *byte == b'\n');
        let (part, used) = match end {
            Some(end) => (available.get(..end).unwrap_or_default(), end + 1),
            None => (available, available.len()),
        };
        if too_long || line.len() + part.len() > max {
            too_long = true;
            line.clear();
        } else {
            line.extend_from_slice(part);
        }
        reader.consume(used);
        taken += used as u64;
        if end.is_some() {
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            return Ok(Some(taken));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps() -> Steps {
        Steps::new(mpsc::channel(64).0, CancellationToken::new())
    }

    fn shelf(root: &Path) -> Shelf<'_> {
        Shelf { root, name: "logs", endings: &["ndjson"], line_max: 64 }
    }

    #[test]
    fn lines_come_with_their_place_whatever_they_contain() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("logs")).unwrap();
        let mut bytes = b"one\r\n\ntwo\n".to_vec();
        bytes.extend(vec![b'x'; 10 * 1024 * 1024]);
        bytes.extend(b"\n\xff\xfe three\nlast");
        fs::write(folder.path().join("logs/b.ndjson"), bytes).unwrap();
        fs::write(folder.path().join("logs/a.ndjson"), "zero\n").unwrap();
        fs::write(folder.path().join("logs/c.txt"), "not this\n").unwrap();
        let mut seen = Vec::new();
        let coverage = shelf(folder.path()).read(&steps(), |place, text| {
            seen.push(format!("{place} {text}"));
            if text == "two" { Used::No } else { Used::Yes }
        });
        let coverage = coverage.unwrap();
        assert_eq!(
            seen,
            [
                "logs/a.ndjson:1 zero",
                "logs/b.ndjson:1 one",
                "logs/b.ndjson:3 two",
                "logs/b.ndjson:5 \u{fffd}\u{fffd} three",
                "logs/b.ndjson:6 last",
            ]
        );
        assert_eq!((coverage.lines, coverage.too_long, coverage.unusable), (7, 1, 1));
    }

    #[test]
    fn a_missing_folder_says_where_it_was_looked_for() {
        let folder = tempfile::tempdir().unwrap();
        let error = shelf(folder.path()).read(&steps(), |_, _| Used::Yes).unwrap_err();
        assert!(error.to_string().contains("logs there"), "{error}");
    }
}
