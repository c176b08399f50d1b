//! Recordings: the feed of one run as JSON Lines, to replay, to test, and to take screenshots from.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Frame;

/// The version of the recording that this build writes.
pub const RECORDING_VERSION: u32 = 1;

/// The first line of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordingHeader {
    /// The version of the shape of the lines that follow.
    pub wheelhouse_recording: u32,
    /// When the recording began.
    pub began: Timestamp,
}

/// Why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// It does not begin like one.
    #[error("it does not begin as a recording does: {0}")]
    NotARecording(serde_json::Error),
    /// It is of a version that this build does not read.
    #[error("the recording has version {found}, this build reads {RECORDING_VERSION}")]
    OtherVersion {
        /// The version found.
        found: u32,
    },
    /// One line is broken.
    #[error("line {line} is not a frame: {cause}")]
    BrokenLine {
        /// Which, counted from 1.
        line: usize,
        /// Why.
        cause: serde_json::Error,
    },
}

/// Writes the header line of a recording.
pub fn header_line(began: Timestamp) -> Result<String, serde_json::Error> {
    serde_json::to_string(&RecordingHeader { wheelhouse_recording: RECORDING_VERSION, began })
}

/// Reads a whole recording; a last line cut off by a crash is left out.
pub fn read_recording(text: &str) -> Result<(RecordingHeader, Vec<Frame>), RecordingError> {
    let mut lines = text.lines().enumerate().peekable();
    let first = lines.next().map_or("", |(_, line)| line);
    let header: RecordingHeader =
        serde_json::from_str(first).map_err(RecordingError::NotARecording)?;
    if header.wheelhouse_recording != RECORDING_VERSION {
        return Err(RecordingError::OtherVersion { found: header.wheelhouse_recording });
    }
    let mut frames = Vec::new();
    while let Some((at, line)) = lines.next() {
        match serde_json::from_str(line) {
            Ok(frame) => frames.push(frame),
            Err(_) if lines.peek().is_none() && !text.ends_with('\n') => break,
            Err(cause) => return Err(RecordingError::BrokenLine { line: at + 1, cause }),
        }
    }
    Ok((header, frames))
}
