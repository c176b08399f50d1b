//! The thread that waits for what a person does, and says when it came.

use std::io::{self, PipeReader, PipeWriter, pipe, stdin};
use std::os::fd::AsFd;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use jiff::Timestamp;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, read};
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::decoder::Decoder;
use crate::cockpit::core::{Input, Timed};
use crate::settings::Clock;

/// Most inputs that wait for the loop; what a terminal sends beyond that waits in the system.
const MOST_WAITING: usize = 1024;

/// What was heard, or why nothing more will be.
type Heard = io::Result<Timed>;

/// Inputs as they come, until this is dropped: then nothing reads any more.
#[derive(Debug)]
pub(in crate::cockpit) struct Listening {
    heard: Receiver<Heard>,
    /// Closing it ends the thread.
    until: Option<PipeWriter>,
    thread: Option<JoinHandle<()>>,
}

impl Listening {
    /// Listens to the standard input.
    ///
    /// # Errors
    /// The system gives no pipe or no thread.
    pub(in crate::cockpit) fn begin(clock: Clock) -> io::Result<Self> {
        Self::to(stdin(), clock)
    }

    fn to(source: impl AsFd + Send + 'static, clock: Clock) -> io::Result<Self> {
        let (ended, until) = pipe()?;
        let (tell, heard) = mpsc::channel(MOST_WAITING);
        let ear = Ear { source, ended, last: clock.now(), clock, tell };
        let thread = thread::Builder::new().name("keyboard".to_owned());
        let thread = thread.spawn(move || ear.listen())?;
        Ok(Self { heard, until: Some(until), thread: Some(thread) })
    }

    /// The next input; none once the terminal is gone. Waiting may be given up at any time.
    pub(in crate::cockpit) async fn next(&mut self) -> Option<Heard> {
        self.heard.recv().await
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        // A thread that waits for a place in the queue goes on when there is no queue any more.
        self.heard.close();
        drop(self.until.take());
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::warn!("the thread of the keyboard failed");
        }
    }
}

/// What the thread has.
struct Ear<S> {
    source: S,
    ended: PipeReader,
    /// The moment of the last bytes.
    last: Timestamp,
    clock: Clock,
    tell: Sender<Heard>,
}

/// What waiting brought.
enum Came {
    /// Bytes that were there before the wait began: nobody knows since when.
    Unseen,
    /// Bytes that came during the wait.
    Now,
    Nothing,
    End,
}

impl<S: AsFd> Ear<S> {
    fn listen(mut self) {
        let mut decoder = Decoder::default();
        let mut heard = Vec::new();
        loop {
            match self.hear(&mut decoder, &mut heard) {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    // Nobody listens any more if nobody takes it.
                    let _unheard = self.tell.blocking_send(Err(error)).is_err();
                    return;
                }
            }
            for input in heard.drain(..) {
                if self.tell.blocking_send(Ok(Timed { at: self.last, input })).is_err() {
                    return;
                }
            }
        }
    }

    /// Waits for bytes and decodes them; false if there will be no more.
    fn hear(&mut self, decoder: &mut Decoder, heard: &mut Vec<Input>) -> io::Result<bool> {
        let mut bytes = [0; 4096];
        match self.wait(decoder.patience())? {
            Came::End => return Ok(false),
            Came::Nothing => {
                decoder.pause(heard);
                return Ok(true);
            }
            // What came while this thread was held up belongs to what came before it: taken for late,
            // the keys of one burst would look like those of a person.
            Came::Unseen => {}
            Came::Now => self.last = self.clock.now(),
        }
        let length = match read(&self.source, &mut bytes) {
            Err(Errno::INTR) => return Ok(true),
            length => length?,
        };
        decoder.take(bytes.get(..length).unwrap_or_default(), heard);
        Ok(length > 0)
    }

    fn wait(&self, patience: Option<Duration>) -> io::Result<Came> {
        let before = self.look(Some(Duration::ZERO))?;
        if matches!(before, Came::Now) {
            return Ok(Came::Unseen);
        }
        if matches!(before, Came::End) { Ok(before) } else { self.look(patience) }
    }

    /// Waits for bytes no longer than this, or until they come.
    fn look(&self, most: Option<Duration>) -> io::Result<Came> {
        let most = most.and_then(|most| Timespec::try_from(most).ok());
        let (source, ended) = (self.source.as_fd(), self.ended.as_fd());
        let mut watched = [&source, &ended].map(|fd| PollFd::new(fd, PollFlags::IN));
        loop {
            match poll(&mut watched, most.as_ref()) {
                Err(Errno::INTR) => {}
                result => break result.map(drop)?,
            }
        }
        let [source, ended] = watched.map(|fd| !fd.revents().is_empty());
        Ok(match (ended, source) {
            (true, _) => Came::End,
            (false, true) => Came::Now,
            (false, false) => Came::Nothing,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::cockpit::core::{Key, KeyStroke};

    fn listening() -> (PipeWriter, Listening, Clock) {
        let (source, keys) = pipe().unwrap();
        let clock = Clock::held_at(Timestamp::UNIX_EPOCH);
        (keys, Listening::to(source, clock.clone()).unwrap(), clock)
    }

    async fn heard(listening: &mut Listening) -> (char, i64) {
        let Timed { at, input } = listening.next().await.unwrap().unwrap();
        let Input::Key(stroke) = input else { panic!("{input:?}") };
        (stroke.printable().unwrap(), at.as_millisecond())
    }

    #[tokio::test]
    async fn what_comes_together_has_one_moment_however_late_it_is_taken() {
        let (mut keys, mut listening, clock) = listening();
        keys.write_all(b"ay").unwrap();
        assert_eq!(heard(&mut listening).await, ('a', 0));
        // A frame is drawn, slowly.
        clock.advance(Duration::from_millis(200));
        assert_eq!(heard(&mut listening).await, ('y', 0));
    }

    #[tokio::test]
    async fn what_comes_while_nobody_takes_anything_belongs_to_the_burst() {
        let (mut keys, mut listening, clock) = listening();
        // The thread waits for a place in the queue, and cannot see when the rest comes.
        let burst = vec![b'a'; 4096 + MOST_WAITING];
        keys.write_all(&burst).unwrap();
        assert_eq!(heard(&mut listening).await, ('a', 0));
        clock.advance(Duration::from_millis(200));
        keys.write_all(b"y").unwrap();
        for _ in 1..burst.len() {
            assert_eq!(heard(&mut listening).await, ('a', 0));
        }
        assert_eq!(heard(&mut listening).await, ('y', 0));
    }

    #[tokio::test]
    async fn whoever_stops_listening_leaves_the_rest_to_others() {
        let (source, mut keys) = pipe().unwrap();
        let clock = Clock::held_at(Timestamp::UNIX_EPOCH);
        let mut listening = Listening::to(source.try_clone().unwrap(), clock).unwrap();
        keys.write_all(b"q").unwrap();
        assert_eq!(heard(&mut listening).await.0, 'q');
        drop(listening);
        keys.write_all(b"for the editor").unwrap();
        drop(keys);
        assert_eq!(io::read_to_string(source).unwrap(), "for the editor");
    }

    #[tokio::test]
    async fn in_the_middle_of_a_paste_or_a_sequence_nobody_reads_on_either() {
        for begun in [&b"x\x1b[200~half a paste"[..], b"x\x1b[1;", b"x\x1b]11;rgb:"] {
            let (source, mut keys) = pipe().unwrap();
            let clock = Clock::held_at(Timestamp::UNIX_EPOCH);
            let mut listening = Listening::to(source.try_clone().unwrap(), clock).unwrap();
            keys.write_all(begun).unwrap();
            assert_eq!(heard(&mut listening).await.0, 'x');
            drop(listening);
            keys.write_all(b"mine").unwrap();
            drop(keys);
            assert_eq!(io::read_to_string(source).unwrap(), "mine");
        }
    }

    #[tokio::test]
    async fn a_terminal_that_is_gone_ends_it() {
        let (keys, mut listening, _) = listening();
        drop(keys);
        assert!(listening.next().await.is_none());
    }

    #[tokio::test]
    async fn an_escape_that_nothing_follows_is_the_key() {
        let (mut keys, mut listening, _) = listening();
        keys.write_all(b"\x1b").unwrap();
        let input = listening.next().await.unwrap().unwrap().input;
        assert_eq!(input, Input::Key(KeyStroke::plain(Key::Esc)));
    }
}
