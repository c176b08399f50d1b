//! The real binary on a pseudo-terminal, watched from outside: what it paints, when, and what that costs.

use std::io::{Read, Write};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;

/// The end of a frame: the end of a synchronized update.
const FRAME: &[u8] = b"\x1b[?2026l";

/// How long anything may take before the measurement is given up.
const DEADLINE: Duration = Duration::from_mins(1);

/// What was seen so far.
pub(crate) struct Seen {
    pub(crate) parser: vt100::Parser,
    pub(crate) bytes: usize,
    pub(crate) frames: usize,
    /// When the latest frame ended.
    pub(crate) painted: Instant,
    tail: Vec<u8>,
}

/// A program on its own terminal and with its own home.
pub(crate) struct Running {
    shared: Arc<(Mutex<Seen>, Condvar)>,
    writer: Arc<Mutex<Box<dyn Write + Send>>>,
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
    _home: TempDir,
    pub(crate) began: Instant,
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures the real time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

impl Running {
    /// Starts `wheelhouse` on a terminal of 200 columns and 60 rows.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let size = PtySize { rows: 60, cols: 200, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let home = tempfile::tempdir().unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_wheelhouse"));
        command.args(arguments);
        command.env_clear();
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("USER", "ada")] {
            command.env(name, value);
        }
        command.env("HOME", home.path());
        let reader = pair.master.try_clone_reader().unwrap();
        let writer = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let began = now();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let seen = Seen {
            parser: vt100::Parser::new(lines(60), lines(200), 0),
            bytes: 0,
            frames: 0,
            painted: began,
            tail: Vec::new(),
        };
        let shared = Arc::new((Mutex::new(seen), Condvar::new()));
        let (sees, answers) = (Arc::clone(&shared), Arc::clone(&writer));
        std::thread::spawn(move || see(reader, &sees, &answers));
        Self { shared, writer, child, _master: pair.master, _home: home, began }
    }

    /// Types keys.
    pub(crate) fn types(&self, keys: &str) {
        let mut writer = self.writer.lock().unwrap();
        writer.write_all(keys.as_bytes()).and_then(|()| writer.flush()).unwrap();
    }

    /// Waits until what is seen is as wanted, and gives what was found.
    pub(crate) fn until<T>(&self, what: &str, find: impl Fn(&Seen) -> Option<T>) -> T {
        let (seen, changed) = &*self.shared;
        let seen = seen.lock().unwrap();
        let missing = |seen: &mut Seen| find(seen).is_none();
        let (seen, _) = changed.wait_timeout_while(seen, DEADLINE, missing).unwrap();
        find(&seen).unwrap_or_else(|| {
            panic!("waited in vain for {what}; the screen:\n{}", seen.parser.screen().contents())
        })
    }

    /// What was seen so far.
    pub(crate) fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.shared.0.lock().unwrap())
    }

    /// The time that the processor has spent on it, in seconds.
    pub(crate) fn cpu_s(&self) -> f64 {
        let stat = std::fs::read_to_string(self.file("stat")).unwrap();
        let (_, rest) = stat.rsplit_once(") ").unwrap();
        let fields: Vec<&str> = rest.split(' ').collect();
        let ticks: f64 = [11, 12].map(|at: usize| fields[at].parse::<f64>().unwrap()).iter().sum();
        ticks / 100.0
    }

    /// The most memory that it ever had, in MiB.
    pub(crate) fn peak_mib(&self) -> f64 {
        let status = std::fs::read_to_string(self.file("status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
    }

    /// The guard is what was started; the cockpit is its only child.
    fn file(&self, name: &str) -> String {
        let started = self.child.process_id().unwrap();
        let children = format!("/proc/{started}/task/{started}/children");
        let children = std::fs::read_to_string(children).unwrap();
        let cockpit = children.split_whitespace().next().map(str::to_owned);
        format!("/proc/{}/{name}", cockpit.unwrap_or_else(|| started.to_string()))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended of itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn see(
    mut reader: Box<dyn Read + Send>,
    shared: &(Mutex<Seen>, Condvar),
    writer: &Mutex<Box<dyn Write + Send>>,
) {
    let mut buffer = [0; 16384];
    while let Ok(length @ 1..) = reader.read(&mut buffer) {
        let read = &buffer[..length];
        let at = now();
        let mut answer = Vec::new();
        {
            let mut seen = shared.0.lock().unwrap();
            seen.bytes += length;
            seen.parser.process(read);
            let mut whole = std::mem::take(&mut seen.tail);
            whole.extend_from_slice(read);
            let frames = whole.windows(FRAME.len()).filter(|window| *window == FRAME).count();
            if frames > 0 {
                seen.frames += frames;
                seen.painted = at;
            }
            for (question, reply) in [
                (&b"\x1b]10;?"[..], &b"\x1b]10;rgb:dddd/dddd/dddd\x1b\\"[..]),
                (b"\x1b]11;?", b"\x1b]11;rgb:1111/1111/1111\x1b\\"),
                (b"\x1b[c", b"\x1b[?62;22c"),
            ] {
                if read.windows(question.len()).any(|window| window == question) {
                    answer.extend_from_slice(reply);
                }
            }
            let keep = whole.len().saturating_sub(FRAME.len() - 1);
            seen.tail = whole.split_off(keep);
        }
        shared.1.notify_all();
        if !answer.is_empty() {
            let mut writer = writer.lock().unwrap();
            writer.write_all(&answer).and_then(|()| writer.flush()).unwrap();
        }
    }
}

fn lines(count: u16) -> std::num::NonZeroU16 {
    count.try_into().unwrap()
}
