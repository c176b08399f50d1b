//! The recording: what a child did to the files of a directory, in the order in which it did it.

use std::path::Path;
use std::process::{Command, Stdio};

/// What is preloaded into the child.
const LIBRARY: &str = include_str!("record.c");

/// One change of a file, or of the directory when its name is `.`.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) file: String,
    pub(super) deed: Deed,
}

/// What was done.
#[derive(Debug, Clone)]
pub(super) enum Deed {
    /// Bytes were written from there on.
    Written { at: usize, bytes: Vec<u8> },
    /// It was cut, or lengthened, to this length.
    Cut { length: usize },
    /// Everything before is on the disk.
    Synced,
    /// Its name was removed.
    Removed,
}

/// Runs a test of this binary as a child under the recorder, until it ends by itself.
pub(super) fn record(child: &str, (name, told): (&str, &str), dir: &Path) -> Vec<Event> {
    let work = tempfile::tempdir().unwrap();
    let library = compiled(work.path());
    let notes = work.path().join("notes");
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", child])
        .env(name, told)
        .env("LD_PRELOAD", library)
        .env("RECORD_DIR", dir)
        .env("RECORD_TO", &notes)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "the child failed: {status}");
    read(&std::fs::read(notes).unwrap())
}

fn compiled(work: &Path) -> std::path::PathBuf {
    let (source, library) = (work.join("record.c"), work.join("record.so"));
    std::fs::write(&source, LIBRARY).unwrap();
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(&source);
    let status =
        compiler.status().expect("the C compiler that the build needs is not found as `cc`");
    assert!(status.success(), "the recorder does not compile: {status}");
    library
}

fn read(mut notes: &[u8]) -> Vec<Event> {
    let mut events = Vec::new();
    while !notes.is_empty() {
        let end = notes.iter().position(|byte| *byte == b'\n').unwrap();
        let head = std::str::from_utf8(&notes[..end]).unwrap();
        let mut words = head.rsplitn(3, ' ');
        let mut number = || words.next().unwrap().parse::<usize>().unwrap();
        let (length, at) = (number(), number());
        let (what, file) = words.next().unwrap().split_once(' ').unwrap();
        let bytes = notes[end + 1..end + 1 + length].to_vec();
        notes = &notes[end + 1 + length..];
        let deed = match what {
            "write" => Deed::Written { at, bytes },
            "cut" => Deed::Cut { length: at },
            "sync" => Deed::Synced,
            "remove" => Deed::Removed,
            other => panic!("{other:?} is no deed"),
        };
        // What other processes share in memory says nothing after a restart.
        if !file.ends_with("-shm") {
            events.push(Event { file: file.to_owned(), deed });
        }
    }
    events
}
