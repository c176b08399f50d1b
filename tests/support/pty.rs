//! The real binary in a pseudo-terminal: keys in, screens out, and what it leaves behind.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use portable_pty::{
    ChildKiller, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system,
};
use regex::bytes::Regex;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// How long a test waits for what should happen at once; only a failing test ever waits it out.
const DEADLINE: Duration = Duration::from_mins(1);

/// The private modes that change how a terminal behaves, and whether they are set when it is at rest.
const MODES: [(&str, &str, bool); 8] = [
    ("1049", "alternate screen", false),
    ("25", "visible cursor", true),
    ("2004", "bracketed paste", false),
    ("1000", "mouse clicks", false),
    ("1002", "mouse drags", false),
    ("1003", "mouse motion", false),
    ("1006", "mouse in SGR form", false),
    ("1004", "focus reports", false),
];

/// A program that runs in its own terminal, with its own home and nothing of the tester's environment.
pub(crate) struct Pty {
    shared: Arc<Shared>,
    master: Box<dyn MasterPty + Send>,
    killer: Box<dyn ChildKiller + Send + Sync>,
    process: u32,
    tty: PathBuf,
    at_rest: String,
    home: TempDir,
}

#[derive(Default)]
struct Shared {
    seen: Mutex<Seen>,
    changed: Condvar,
}

struct Seen {
    parser: vt100::Parser<Queries>,
    raw: Vec<u8>,
    has_ended: bool,
    exit: Option<ExitStatus>,
}

impl Default for Seen {
    fn default() -> Self {
        let parser = vt100::Parser::new_with_callbacks(rows(24), rows(80), 0, Queries::default());
        Self { parser, raw: Vec::new(), has_ended: false, exit: None }
    }
}

impl Pty {
    /// Runs `wheelhouse` with these arguments on a terminal of 80 columns and 24 rows.
    pub(crate) fn wheelhouse(arguments: &[&str]) -> Self {
        Self::spawn(env!("CARGO_BIN_EXE_wheelhouse"), arguments, (80, 24), &[])
    }

    /// Runs a program on a terminal of `size` columns and rows, with `environment` added.
    pub(crate) fn spawn(
        program: &str,
        arguments: &[&str],
        (columns, rows): (u16, u16),
        environment: &[(&str, &str)],
    ) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let home = tempfile::tempdir().unwrap();
        let tty = pair.master.tty_name().unwrap();
        let at_rest = settings(&tty);
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.cwd(home.path());
        for (name, value) in its_environment(&home) {
            command.env(name, value);
        }
        for (name, value) in environment {
            command.env(name, value);
        }
        let mut child = pair.slave.spawn_command(command).unwrap();
        // While this side holds the slave open, the master never reports that the program is gone.
        drop(pair.slave);

        let shared = Arc::new(Shared::default());
        let (reader, writer) =
            (pair.master.try_clone_reader().unwrap(), pair.master.take_writer().unwrap());
        shared.with(|seen| {
            seen.parser.screen_mut().set_size(self::rows(rows), self::rows(columns));
            seen.parser.callbacks_mut().writer = Some(writer);
        });
        let (killer, process) = (child.clone_killer(), child.process_id().unwrap());
        let (reading, waiting) = (Arc::clone(&shared), Arc::clone(&shared));
        thread::spawn(move || reading.read(reader));
        thread::spawn(move || {
            let exit = child.wait().unwrap();
            waiting.with(|seen| seen.exit = Some(exit));
        });
        Self { shared, master: pair.master, killer, process, tty, at_rest, home }
    }

    /// The program's own home directory; its XDG directories lie below it.
    pub(crate) fn home(&self) -> &std::path::Path {
        self.home.path()
    }

    /// Types `keys`, as the bytes that a terminal would send.
    pub(crate) fn send(&self, keys: &str) {
        self.shared.with(|seen| seen.parser.callbacks_mut().answer(keys));
    }

    /// Types bytes that are no text.
    pub(crate) fn send_bytes(&self, bytes: &[u8]) {
        self.shared.with(|seen| seen.parser.callbacks_mut().type_in(bytes));
    }

    /// Waits until the screen is as `condition` wants it, and returns its text.
    pub(crate) fn wait_for(
        &self,
        what: &str,
        condition: impl Fn(&vt100::Screen) -> bool,
    ) -> String {
        self.wait(what, |seen| {
            condition(seen.parser.screen()).then(|| seen.parser.screen().contents())
        })
    }

    /// Waits until `text` stands on the screen.
    pub(crate) fn wait_for_text(&self, text: &str) -> String {
        self.wait_for(text, |screen| screen.contents().contains(text))
    }

    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.shared.with(|seen| {
            seen.parser.screen_mut().set_size(self::rows(rows), self::rows(columns));
            self.master.resize(size).unwrap();
        });
    }

    /// The process that was started on it.
    pub(crate) fn process(&self) -> u32 {
        self.process
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let process = Pid::from_raw(i32::try_from(self.process).unwrap()).unwrap();
        kill_process(process, signal).unwrap();
    }

    /// Sends a signal to the program that the program itself has started.
    #[cfg(target_os = "linux")]
    pub(crate) fn signal_child(&self, signal: Signal) {
        let listed = format!("/proc/{0}/task/{0}/children", self.process);
        let children = std::fs::read_to_string(listed).unwrap();
        let child = children.split_whitespace().next().expect("it has started something");
        kill_process(Pid::from_raw(child.parse().unwrap()).unwrap(), signal).unwrap();
    }

    /// Waits until the program has ended and everything it wrote has been read.
    pub(crate) fn exit(&self) -> ExitStatus {
        self.wait("the end of the program", |seen| seen.exit.clone().filter(|_| seen.has_ended))
    }

    /// Everything the program wrote so far, byte for byte.
    pub(crate) fn raw(&self) -> Vec<u8> {
        self.shared.with(|seen| seen.raw.clone())
    }

    /// Fails unless the terminal is as it was before the program started: its settings and its modes.
    pub(crate) fn must_be_given_back(&self) {
        assert_eq!(settings(&self.tty), self.at_rest, "the terminal's settings were left changed");
        let left = left_on(&self.raw());
        assert!(left.is_empty(), "the terminal was left with {left:?}");
    }

    fn wait<T>(&self, what: &str, find: impl Fn(&Seen) -> Option<T>) -> T {
        let seen = self.shared.seen.lock().unwrap();
        let is_missing = |seen: &mut Seen| find(seen).is_none();
        let (seen, _) = self.shared.changed.wait_timeout_while(seen, DEADLINE, is_missing).unwrap();
        find(&seen).unwrap_or_else(|| {
            let screen = seen.parser.screen().contents();
            panic!("waited in vain for {what}; exit {:?}; the screen:\n{screen}", seen.exit)
        })
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        if self.shared.with(|seen| seen.exit.is_none())
            && let Err(error) = self.killer.kill()
            && !thread::panicking()
        {
            // A program that ends of itself in between cannot be killed any more, but its end comes.
            let what = format!("the end of a program that cannot be killed: {error}");
            self.wait(&what, |seen| seen.exit.clone());
        }
    }
}

impl Shared {
    fn with<T>(&self, act: impl FnOnce(&mut Seen) -> T) -> T {
        // A wait that fails does so with the lock held; what it has to say must not be lost in the next panic.
        let done = act(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
        done
    }

    /// Reads until the last program on the terminal is gone; Linux then reports an error, not an end.
    fn read(&self, mut reader: Box<dyn Read + Send>) {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = reader.read(&mut buffer) {
            self.with(|seen| {
                seen.raw.extend_from_slice(&buffer[..length]);
                seen.parser.process(&buffer[..length]);
            });
        }
        self.with(|seen| seen.has_ended = true);
    }
}

/// Answers what programs ask a terminal, as xterm would.
#[derive(Default)]
struct Queries {
    writer: Option<Box<dyn Write + Send>>,
}

impl Queries {
    fn answer(&mut self, bytes: &str) {
        self.type_in(bytes.as_bytes());
    }

    fn type_in(&mut self, bytes: &[u8]) {
        let writer = self.writer.as_mut().unwrap();
        writer.write_all(bytes).and_then(|()| writer.flush()).unwrap();
    }
}

impl vt100::Callbacks for Queries {
    fn unhandled_csi(
        &mut self,
        screen: &mut vt100::Screen,
        first: Option<u8>,
        _second: Option<u8>,
        params: &[&[u16]],
        last: char,
    ) {
        match (first, params, last) {
            (None, _, 'c') => self.answer("\u{1b}[?62;22c"),
            (None, [[5]], 'n') => self.answer("\u{1b}[0n"),
            (None, [[6]], 'n') => {
                let (row, column) = screen.cursor_position();
                self.answer(&format!("\u{1b}[{};{}R", row + 1, column + 1));
            }
            _ => {}
        }
    }

    fn unhandled_osc(&mut self, _: &mut vt100::Screen, params: &[&[u8]]) {
        match params {
            [b"10", b"?"] => self.answer("\u{1b}]10;rgb:d8d8/dede/e9e9\u{1b}\\"),
            [b"11", b"?"] => self.answer("\u{1b}]11;rgb:1414/1616/1b1b\u{1b}\\"),
            _ => {}
        }
    }
}

/// The modes that these bytes leave a terminal in, if it was at rest before.
pub(crate) fn left_on(bytes: &[u8]) -> Vec<&'static str> {
    let modes = Regex::new(r"\x1b\[(?:\?([0-9;]+)([hl])|([<>])[0-9;]*u)").unwrap();
    let mut left: Vec<&'static str> = Vec::new();
    let mut pushed = 0_u32;
    for found in modes.captures_iter(bytes) {
        let part = |index| {
            found.get(index).map_or("", |part| std::str::from_utf8(part.as_bytes()).unwrap())
        };
        match part(3) {
            ">" => pushed += 1,
            "<" => pushed = pushed.saturating_sub(1),
            _ => {}
        }
        for (_, name, at_rest) in
            MODES.iter().filter(|(code, _, _)| part(1).split(';').any(|set| set == *code))
        {
            left.retain(|known| known != name);
            if (part(2) == "h") != *at_rest {
                left.push(name);
            }
        }
    }
    if pushed > 0 {
        left.push("keyboard enhancement");
    }
    left
}

fn its_environment(home: &TempDir) -> Vec<(&'static str, String)> {
    let below = |folder: &str| home.path().join(folder).display().to_string();
    #[expect(clippy::disallowed_methods, reason = "a shell in a test needs to find its tools")]
    let path = std::env::var("PATH").unwrap();
    vec![
        ("PATH", path),
        ("HOME", below("")),
        ("XDG_CONFIG_HOME", below("config")),
        ("XDG_DATA_HOME", below("data")),
        ("XDG_STATE_HOME", below("state")),
        ("XDG_CACHE_HOME", below("cache")),
        ("XDG_RUNTIME_DIR", below("")),
        ("TERM", "xterm-256color".to_owned()),
        ("LANG", "C.UTF-8".to_owned()),
        ("RUST_BACKTRACE", "0".to_owned()),
    ]
}

/// The line discipline of a terminal, as text that can be compared.
fn settings(tty: &PathBuf) -> String {
    use std::os::unix::fs::OpenOptionsExt;
    let no_control = i32::try_from(rustix::fs::OFlags::NOCTTY.bits()).unwrap();
    let slave =
        OpenOptions::new().read(true).write(true).custom_flags(no_control).open(tty).unwrap();
    let now = rustix::termios::tcgetattr(&slave).unwrap();
    format!(
        "{:?} {:?} {:?} {:?} {:?}",
        now.input_modes, now.output_modes, now.control_modes, now.local_modes, now.special_codes
    )
}

fn rows(count: u16) -> std::num::NonZeroU16 {
    count.try_into().unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Pty {
        Pty::spawn("/bin/sh", &["-c", script], (40, 10), &[("GREETING", "ahoy")])
    }

    #[test]
    fn keys_go_in_and_screens_come_out() {
        let pty = shell("echo $GREETING; read line; echo \"<$line>\"; stty size; exit 7");
        pty.wait_for_text("ahoy");
        pty.send("over there\r");
        assert_eq!(pty.exit().exit_code(), 7);
        let screen = pty.wait_for_text("<over there>");
        assert!(screen.contains("10 40"), "{screen}");
        assert!(pty.raw().starts_with(b"ahoy\r\n"));
        pty.must_be_given_back();
    }

    #[test]
    fn the_binary_runs_in_a_terminal_and_gives_it_back() {
        let pty = Pty::wheelhouse(&["--version"]);
        assert!(pty.exit().success());
        pty.must_be_given_back();
    }

    #[test]
    fn a_program_has_a_home_of_its_own() {
        let pty = shell("echo stays > $HOME/file; echo \"USER=$USER.\"");
        pty.exit();
        pty.wait_for_text("USER=.");
        assert!(pty.home().join("file").exists());
    }

    #[test]
    fn a_resize_and_a_signal_reach_the_program() {
        let pty = shell("trap 'stty size' WINCH; echo ready; while :; do read line; done");
        pty.wait_for_text("ready");
        pty.resize(30, 8);
        pty.wait_for_text("8 30");
        pty.signal(Signal::KILL);
        assert!(pty.exit().signal().is_some());
    }

    #[test]
    fn queries_are_answered_as_by_a_terminal() {
        for (query, length, answer) in [
            ("\\033[c", 9, "033   [   ?   6   2   ;   2   2   c"),
            ("ab\\033[6n", 6, "033   [   1   ;   3   R"),
            ("\\033]11;?\\033\\\\", 25, "033   ]   1   1   ;   r   g   b   :   1   4   1   4"),
        ] {
            let script =
                format!("stty raw -echo; printf '{query}'; head -c {length} | od -c -An -w99");
            let pty = Pty::spawn("/bin/sh", &["-c", &script], (120, 10), &[]);
            pty.wait_for_text(answer);
        }
    }

    #[test]
    #[should_panic(expected = "settings were left changed")]
    fn a_terminal_left_raw_is_noticed() {
        let pty = shell("stty raw -echo");
        pty.exit();
        pty.must_be_given_back();
    }

    #[test]
    #[should_panic(expected = "left with [\"alternate screen\", \"visible cursor\"]")]
    fn a_terminal_left_in_a_mode_is_noticed() {
        let pty = shell("printf '\\033[?1049h\\033[?25l'");
        pty.exit();
        pty.must_be_given_back();
    }

    #[test]
    fn modes_count_as_left_on_until_they_are_taken_back() {
        let all = b"\x1b[?1049h\x1b[?1000;1006h\x1b[?2004h\x1b[?1004h\x1b[>5u\x1b[?25l";
        assert_eq!(left_on(all).len(), 7);
        let back = b"\x1b[<u\x1b[?1004l\x1b[?2004l\x1b[?1006;1000l\x1b[?1049l\x1b[?25h";
        assert!(left_on(&[&all[..], back].concat()).is_empty());
        assert!(left_on(b"plain \x1b[1;31mred\x1b[0m").is_empty());
    }
}
