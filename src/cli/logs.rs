//! `wheelhouse logs`: what cockpits and hubs on this machine wrote into their log.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use super::cell::{Cell, Ink};
use super::exit::Exit;
use super::output::{Form, Format};
use super::session::Session;
use crate::incident::{Notice, Trouble};

/// How often a file is looked at while it is followed.
const EVERY: Duration = Duration::from_millis(250);

/// Shows the log
#[derive(Debug, clap::Args)]
pub struct LogsArgs {
    /// Go on with what is written from now on
    #[arg(short, long)]
    follow: bool,

    /// How many lines of the past
    #[arg(short = 'n', long, value_name = "N", default_value_t = 50)]
    lines: usize,

    /// Only lines of this level and graver ones: error, warn, info, debug, trace
    #[arg(long, value_name = "LEVEL")]
    level: Option<Level>,

    #[command(flatten)]
    format: Format,
}

/// How grave a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
enum Level {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl Level {
    fn of(line: &Value) -> Self {
        match line.get("level").and_then(Value::as_str) {
            Some("ERROR") => Self::Error,
            Some("WARN") => Self::Warn,
            Some("DEBUG") => Self::Debug,
            Some("TRACE") => Self::Trace,
            _ => Self::Info,
        }
    }

    fn ink(self) -> Ink {
        match self {
            Self::Error => Ink::Bad,
            Self::Warn => Ink::Pending,
            Self::Info => Ink::Plain,
            Self::Debug | Self::Trace => Ink::Muted,
        }
    }
}

/// Shows the log, and goes on if that is wished.
pub(super) async fn run(args: &LogsArgs, session: &mut Session) -> Result<Exit, Notice> {
    let dir = session.paths()?.logs();
    let unreadable = |error: io::Error| {
        Notice::new(Trouble::Failed, format!("the log in {} cannot be read", dir.display()))
            .detail(error.to_string())
    };
    let files = files(&dir).map_err(unreadable)?;
    if files.is_empty() && !args.follow {
        let told = format!("nothing was logged in {} yet", dir.display());
        session.output.message([Cell::of(told)]);
        return Ok(Exit::Done);
    }
    for line in past(&files, args).map_err(unreadable)? {
        show(&line, args.format.form(), session);
    }
    if !args.follow {
        return Ok(Exit::Done);
    }
    let newest = files.last().map(|file| Reading::at_the_end(file)).transpose();
    let mut reading = newest.map_err(unreadable)?;
    while !session.output.is_closed() {
        session.output.flush();
        tokio::time::sleep(EVERY).await;
        let newest = self::files(&dir).map_err(unreadable)?.pop();
        if let Some(current) = &mut reading {
            for line in current.news().map_err(unreadable)? {
                if let Some(line) = wanted(&line, args) {
                    show(&line, args.format.form(), session);
                }
            }
        }
        // A new day has a file of its own; the one before is read to its end first.
        if let Some(newest) = newest
            && reading.as_ref().is_none_or(|reading| reading.path != newest)
        {
            reading = Some(Reading::from_the_beginning(&newest).map_err(unreadable)?);
        }
    }
    Ok(Exit::Done)
}

/// A file that is being followed.
struct Reading {
    path: PathBuf,
    file: BufReader<File>,
    rest: String,
}

impl Reading {
    fn from_the_beginning(path: &Path) -> io::Result<Self> {
        let file = BufReader::new(File::open(path)?);
        Ok(Self { path: path.to_owned(), file, rest: String::new() })
    }

    fn at_the_end(path: &Path) -> io::Result<Self> {
        let mut reading = Self::from_the_beginning(path)?;
        reading.file.seek(SeekFrom::End(0))?;
        Ok(reading)
    }

    /// The whole lines that were written since; half a line waits for its other half.
    fn news(&mut self) -> io::Result<Vec<String>> {
        let mut lines = Vec::new();
        while self.file.read_line(&mut self.rest)? > 0 {
            if self.rest.ends_with('\n') {
                lines.push(std::mem::take(&mut self.rest));
            }
        }
        Ok(lines)
    }
}

/// The log files, the oldest first: their names are dates.
fn files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let listed = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        listed => listed?,
    };
    let mut files = Vec::new();
    for file in listed {
        let path = file?.path();
        if path.extension().is_some_and(|ending| ending == "jsonl") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The last lines of the past that are wanted, the oldest first.
fn past(files: &[PathBuf], args: &LogsArgs) -> io::Result<Vec<Value>> {
    let mut found: Vec<Value> = Vec::new();
    for file in files.iter().rev() {
        let text = fs::read_to_string(file)?;
        for line in text.lines().rev() {
            if found.len() >= args.lines {
                break;
            }
            found.extend(wanted(line, args));
        }
    }
    found.reverse();
    Ok(found)
}

fn wanted(line: &str, args: &LogsArgs) -> Option<Value> {
    let line: Value = serde_json::from_str(line).ok()?;
    args.level.is_none_or(|most| Level::of(&line) <= most).then_some(line)
}

fn show(line: &Value, form: Form, session: &mut Session) {
    if form == Form::Json {
        return session.output.record("log", line);
    }
    let text = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
    let fields = line.get("fields").and_then(Value::as_object);
    let message = fields.and_then(|fields| fields.get("message")).and_then(Value::as_str);
    let rest = fields.into_iter().flatten().filter(|(name, _)| *name != "message");
    let rest: Vec<String> = rest.map(|(name, value)| format!("{name}={value}")).collect();
    let level = Level::of(line);
    session.output.line([
        Cell::of(text("timestamp")).ink(Ink::Muted),
        Cell::of(format!("{:<5}", text("level"))).ink(level.ink()),
        Cell::of(text("target")).ink(Ink::Muted),
        Cell::of(message.unwrap_or_default()),
        Cell::of(rest.join(" ")).ink(Ink::Muted),
    ]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(lines: usize, level: Option<Level>) -> LogsArgs {
        LogsArgs { follow: false, lines, level, format: Format::default() }
    }

    fn line(level: &str, message: &str) -> String {
        format!("{{\"level\":\"{level}\",\"fields\":{{\"message\":\"{message}\"}}}}\n")
    }

    #[test]
    fn the_past_is_read_across_days_up_to_as_many_lines_as_wished() {
        let dir = tempfile::tempdir().unwrap();
        let day = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        day("wheelhouse.2026-11-19.jsonl", &(line("INFO", "one") + &line("WARN", "two")));
        day("wheelhouse.2026-11-20.jsonl", &(line("INFO", "three") + "broken\n"));
        day("notes.txt", "no");
        let files = files(dir.path()).unwrap();
        let read = |lines, level| -> Vec<String> {
            let past = past(&files, &args(lines, level)).unwrap();
            past.iter().map(|line| line["fields"]["message"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(read(50, None), ["one", "two", "three"]);
        assert_eq!(read(2, None), ["two", "three"]);
        assert_eq!(read(50, Some(Level::Warn)), ["two"]);
    }

    #[test]
    fn half_a_line_waits_for_its_other_half() {
        use std::io::Write as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("wheelhouse.2026-11-20.jsonl");
        let mut file = File::create(&path).unwrap();
        let mut reading = Reading::from_the_beginning(&path).unwrap();
        write!(file, "one\ntw").unwrap();
        assert_eq!(reading.news().unwrap(), ["one\n"]);
        writeln!(file, "o").unwrap();
        assert_eq!(reading.news().unwrap(), ["two\n"]);
    }
}
