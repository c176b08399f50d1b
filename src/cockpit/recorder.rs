//! The recorder: what the hub tells, as JSON Lines, written beside the cockpit and never in its way.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use jiff::Timestamp;

use crate::wire::{Frame, header_line};

/// Most frames that wait to be written; more are lost and counted.
const MOST_WAITING: usize = 8192;

/// Writes frames to a file from a thread of its own.
#[derive(Debug)]
pub(super) struct Recorder {
    frames: Option<SyncSender<Arc<Frame>>>,
    writer: Option<JoinHandle<io::Result<()>>>,
    lost: u64,
}

impl Recorder {
    /// Begins a recording in a new file, which only its owner can read.
    ///
    /// # Errors
    /// The file is there already or cannot be written.
    pub(super) fn begin(path: &Path, began: Timestamp) -> io::Result<Self> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut out = BufWriter::new(create(path)?);
        writeln!(out, "{}", header_line(began)?)?;
        out.flush()?;
        let (frames, waiting) = sync_channel(MOST_WAITING);
        let write = move || write_all(&waiting, &mut out);
        let writer = thread::Builder::new().name("recorder".to_owned()).spawn(write)?;
        Ok(Self { frames: Some(frames), writer: Some(writer), lost: 0 })
    }

    /// Records a frame if there is room; never waits.
    pub(super) fn record(&mut self, frame: &Arc<Frame>) {
        let Some(frames) = &self.frames else { return };
        match frames.try_send(Arc::clone(frame)) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => self.lost += 1,
        }
    }

    /// How many frames are missing in the recording.
    pub(super) fn lost(&self) -> u64 {
        self.lost
    }

    /// Waits until everything is written.
    ///
    /// # Errors
    /// Something could not be written.
    pub(super) fn finish(mut self) -> io::Result<()> {
        drop(self.frames.take());
        match self.writer.take().map(JoinHandle::join) {
            None => Ok(()),
            Some(Ok(written)) => written,
            Some(Err(_)) => Err(io::Error::other("the recorder panicked")),
        }
    }
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes until nobody records any more; what has come is on its way to the disk before it waits.
fn write_all(waiting: &Receiver<Arc<Frame>>, out: &mut impl Write) -> io::Result<()> {
    loop {
        let frame = if let Ok(frame) = waiting.try_recv() {
            frame
        } else {
            out.flush()?;
            let Ok(frame) = waiting.recv() else { return Ok(()) };
            frame
        };
        serde_json::to_writer(&mut *out, &*frame)?;
        out.write_all(b"\n")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{FeedEvent, read_recording};

    fn frame(seq: u64) -> Arc<Frame> {
        let event = FeedEvent::FramesMissed { count: 1 };
        Arc::new(Frame { run: None, seq, at: Timestamp::UNIX_EPOCH, event })
    }

    #[test]
    fn what_is_recorded_can_be_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("recordings/one.jsonl");
        let mut recorder = Recorder::begin(&path, Timestamp::UNIX_EPOCH).unwrap();
        (1..=3).for_each(|seq| recorder.record(&frame(seq)));
        assert_eq!(recorder.lost(), 0);
        recorder.finish().unwrap();
        let (header, frames) = read_recording(&fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(header.began, Timestamp::UNIX_EPOCH);
        assert_eq!(frames.len(), 3);
    }

    #[test]
    fn a_recording_is_never_written_over() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(Recorder::begin(file.path(), Timestamp::UNIX_EPOCH).is_err());
    }

    #[test]
    fn what_finds_no_room_is_counted_and_nobody_waits() {
        let (frames, waiting) = sync_channel(2);
        let mut recorder = Recorder { frames: Some(frames), writer: None, lost: 0 };
        (1..=5).for_each(|seq| recorder.record(&frame(seq)));
        assert_eq!(recorder.lost(), 3);
        drop(waiting);
        recorder.record(&frame(6));
        assert_eq!(recorder.lost(), 4);
    }
}
