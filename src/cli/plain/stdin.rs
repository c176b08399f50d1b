//! What a person types, line by line, with the moment at which it came.

use std::io::{BufRead as _, Read as _};

use jiff::Timestamp;
use tokio::sync::mpsc;

use crate::settings::Clock;

/// The longest line, in bytes; the rest of a longer one is another line.
const LONGEST: u64 = 64 * 1024;

/// Lines that may wait to be heard.
const MOST_WAITING: usize = 16;

/// A line that a person typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Typed {
    /// When it came, on the wall clock.
    pub(super) at: Timestamp,
    /// The line, without its end.
    pub(super) line: String,
}

/// Reads the standard input until it ends.
pub(in crate::cli) fn stdin(wall: Clock) -> mpsc::Receiver<Typed> {
    let (heard, typed) = mpsc::channel(MOST_WAITING);
    // A read cannot be given up: it must not hold up the end of the process.
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        loop {
            let mut bytes = Vec::new();
            match (&mut input).take(LONGEST).read_until(b'\n', &mut bytes) {
                Ok(1..) => {}
                Ok(0) | Err(_) => return,
            }
            let line = String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned();
            if heard.blocking_send(Typed { at: wall.now(), line }).is_err() {
                return;
            }
        }
    });
    typed
}
