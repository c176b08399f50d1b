//! The lines of the socket: their shapes, and reading them without trusting their length.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

use crate::incident::{Notice, Principal, Trouble};
use crate::wire::{Command, Frame, Reply};

/// The version of this protocol.
pub(super) const VERSION: u32 = 1;

/// The longest line that a hub takes, in bytes.
pub(super) const LONGEST_ASKED: usize = 1024 * 1024;

/// The longest line that a hub says, in bytes.
pub(super) const LONGEST_SAID: usize = 16 * 1024 * 1024;

/// What a hub says on one line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Said {
    /// Whom it takes the other end for.
    Greeting { v: u32, you: Principal },
    /// The answer to an ask.
    Reply { ask: u64, reply: Reply },
    /// Why there is no answer; without a number if the line could not be read.
    Notice { ask: Option<u64>, notice: Notice },
    /// What a follower is told.
    Frame { frame: Box<Frame> },
    /// From here on it is told as it happens.
    Live { live: bool },
}

/// What a client says on one line.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Asking<'a> {
    /// A command with the number that its answer shall carry.
    Command { ask: u64, command: &'a Command },
    /// A wish to follow the feed.
    Follow { follow: bool },
}

/// What a client said, as far as it could be understood.
#[derive(Debug)]
pub(super) enum Heard {
    /// A command with its number.
    Command(u64, Box<Command>),
    /// A wish to follow.
    Follow,
    /// Nothing that a hub knows.
    Nonsense(Option<u64>, Notice),
}

impl Heard {
    /// Reads a line of a client, which may hold anything.
    pub(super) fn read(line: &[u8]) -> Self {
        let strange = |ask, cause: String| {
            let notice = Notice::new(Trouble::Usage, "the hub does not understand this line");
            let hint = "ask {\"ask\": NUMBER, \"command\": {…}} or {\"follow\": true}";
            Self::Nonsense(ask, notice.detail(cause).hint(hint))
        };
        let value: Value = match serde_json::from_slice(line) {
            Ok(value) => value,
            Err(error) => return strange(None, error.to_string()),
        };
        if value.get("follow") == Some(&Value::Bool(true)) {
            return Self::Follow;
        }
        let Some(ask) = value.get("ask").and_then(Value::as_u64) else {
            return strange(None, "it has no number".to_owned());
        };
        let command = value.get("command").cloned().unwrap_or_default();
        match serde_json::from_value(command) {
            Ok(command) => Self::Command(ask, command),
            Err(error) => strange(Some(ask), error.to_string()),
        }
    }
}

/// Why no further line comes.
#[derive(Debug, thiserror::Error)]
pub(super) enum LineError {
    /// The line is longer than we are ready to hold.
    #[error("a line of more than {most} bytes")]
    TooLong { most: usize },
    /// The channel broke.
    #[error(transparent)]
    Broken(#[from] std::io::Error),
}

/// Lines of bounded length.
pub(super) struct Lines<R> {
    from: BufReader<R>,
    most: usize,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(super) fn new(from: R, most: usize) -> Self {
        Self { from: BufReader::new(from), most }
    }

    /// The next line without its end; `None` when no more come. A last line without an end was cut off,
    /// and does not count.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>, LineError> {
        let mut line = Vec::new();
        loop {
            let read = self.from.fill_buf().await?;
            if read.is_empty() {
                return Ok(None);
            }
            let end = read.iter().position(|byte| *byte == b'\n');
            let taken = end.unwrap_or(read.len());
            if line.len() + taken > self.most {
                return Err(LineError::TooLong { most: self.most });
            }
            line.extend(read.iter().take(taken));
            self.from.consume(taken + usize::from(end.is_some()));
            if end.is_some() {
                return Ok(Some(line));
            }
        }
    }
}

/// A value as one line with its end; `None` if it is longer than a reader takes.
pub(super) fn line_of(value: &impl Serialize, most: usize) -> Option<Vec<u8>> {
    let mut line = serde_json::to_vec(value).ok().filter(|line| line.len() <= most)?;
    line.push(b'\n');
    Some(line)
}
