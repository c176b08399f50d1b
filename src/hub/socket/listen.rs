//! The hub's end of the socket: who may come in, and what becomes of each line.

use std::future::poll_fn;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::unix::OwnedWriteHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::line::{Heard, LONGEST_ASKED, LONGEST_SAID, LineError, Lines, Said, VERSION, line_of};
use crate::hub::HubError;
use crate::incident::{Notice, Trouble};
use crate::wire::{FeedEvent, Frame, Link};

/// How many processes may be connected at once.
const MOST_CONNECTED: usize = 64;

/// How many asks of one connection may be under way at once.
const MOST_UNDER_WAY: usize = 128;

/// How many lines may wait to be written to one connection.
const MOST_UNSAID: usize = 256;

/// How long answers may still take after the other end stopped asking.
const FAREWELL: Duration = Duration::from_secs(5);

/// The open socket of a hub; it closes when dropped.
#[derive(Debug)]
pub struct Socket {
    end: CancellationToken,
    task: Option<JoinHandle<()>>,
    _dropped: DropGuard,
}

impl Socket {
    /// Opens the socket at `path`; everybody who comes in speaks as the principal of `link`.
    ///
    /// A file that a killed hub left behind is taken over.
    ///
    /// # Errors
    /// A hub listens there already, or the file cannot be made.
    pub async fn open(path: &Path, link: Link) -> Result<Self, HubError> {
        let refused = |cause| HubError::Listen { place: path.display().to_string(), cause };
        let listener = bind(path).await.map_err(refused)?;
        let end = CancellationToken::new();
        let file = Removed(path.to_owned());
        let task = tokio::spawn(accept(listener, link, end.clone(), file));
        Ok(Self { _dropped: end.clone().drop_guard(), end, task: Some(task) })
    }

    /// Closes the socket and waits until its file is gone.
    pub async fn close(mut self) {
        self.end.cancel();
        if let Some(task) = self.task.take()
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the socket ended badly");
        }
    }
}

/// The file of the socket, removed at the end.
struct Removed(PathBuf);

impl Drop for Removed {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            tracing::debug!(%error, "the file of the socket is gone already");
        }
    }
}

async fn bind(path: &Path) -> io::Result<UnixListener> {
    match UnixStream::connect(path).await {
        Ok(_) => return Err(io::Error::new(io::ErrorKind::AddrInUse, "a hub listens there")),
        // Nobody listens behind the file: a hub was killed.
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            std::fs::remove_file(path)?;
        }
        Err(_) => {}
    }
    let listener = UnixListener::bind(path)?;
    // The directory is the owner's alone already; this stands for those who widen it.
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(listener)
}

async fn accept(listener: UnixListener, link: Link, end: CancellationToken, _file: Removed) {
    let mut attending = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = end.cancelled() => break,
            Some(_) = attending.join_next() => continue,
            accepted = listener.accept(), if attending.len() < MOST_CONNECTED => accepted,
        };
        match accepted {
            Ok((stream, _)) if is_ours(&stream) => {
                attending.spawn(attend(stream, link.clone(), end.clone()));
            }
            Ok(_) => tracing::warn!("another account knocked at the socket"),
            Err(error) => {
                tracing::error!(%error, "nobody can come in");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
    while attending.join_next().await.is_some() {}
}

/// Whether the process at the other end belongs to our own account, as the system says.
pub(super) fn is_ours(stream: &UnixStream) -> bool {
    let ours = rustix::process::geteuid().as_raw();
    stream.peer_cred().is_ok_and(|peer| peer.uid() == ours)
}

/// One connection from its greeting to its end.
async fn attend(stream: UnixStream, link: Link, end: CancellationToken) {
    let (read, write) = stream.into_split();
    let (say, unsaid) = mpsc::channel(MOST_UNSAID);
    let mut writing = tokio::spawn(write_out(write, unsaid));
    let mut connection = Connection {
        link,
        say,
        under_way: JoinSet::new(),
        room: Arc::new(Semaphore::new(MOST_UNDER_WAY)),
    };
    tokio::select! {
        () = end.cancelled() => {}
        () = connection.converse(Lines::new(read, LONGEST_ASKED)) => {}
    }
    drop(connection);
    if tokio::time::timeout(FAREWELL, &mut writing).await.is_err() {
        writing.abort();
    }
}

async fn write_out(mut write: OwnedWriteHalf, mut unsaid: mpsc::Receiver<Vec<u8>>) {
    while let Some(line) = unsaid.recv().await {
        if let Err(error) = write.write_all(&line).await {
            tracing::debug!(%error, "the other end of the socket went away");
            return;
        }
    }
}

struct Connection {
    link: Link,
    say: mpsc::Sender<Vec<u8>>,
    under_way: JoinSet<()>,
    room: Arc<Semaphore>,
}

impl Connection {
    async fn converse(&mut self, mut lines: Lines<tokio::net::unix::OwnedReadHalf>) {
        let you = self.link.principal().clone();
        say(&self.say, &Said::Greeting { v: VERSION, you }).await;
        loop {
            match lines.next().await {
                Ok(Some(line)) => self.hear(&line).await,
                Ok(None) => break,
                Err(error) => return self.hang_up(&error).await,
            }
            while self.under_way.try_join_next().is_some() {}
        }
        let answers = async { while self.under_way.join_next().await.is_some() {} };
        tokio::select! {
            _late = tokio::time::timeout(FAREWELL, answers) => {}
            () = self.say.closed() => {}
        }
    }

    async fn hear(&mut self, line: &[u8]) {
        let (ask, command) = match Heard::read(line) {
            Heard::Command(ask, command) => (ask, command),
            Heard::Follow => {
                self.under_way.spawn(tell(self.link.clone(), self.say.clone()));
                return;
            }
            Heard::Nonsense(ask, notice) => {
                return say(&self.say, &Said::Notice { ask, notice }).await;
            }
        };
        let Ok(place) = Arc::clone(&self.room).try_acquire_owned() else {
            let notice = Notice::new(Trouble::Failed, "too many asks are under way")
                .hint("wait for answers before asking more");
            return say(&self.say, &Said::Notice { ask: Some(ask), notice }).await;
        };
        let (link, to) = (self.link.clone(), self.say.clone());
        let mut answering: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(async move {
            let said = match link.ask(*command).await {
                Ok(reply) => Said::Reply { ask, reply },
                Err(notice) => Said::Notice { ask: Some(ask), notice },
            };
            drop(place);
            say(&to, &said).await;
        });
        // Begun here, in the order of the lines, and awaited elsewhere: some answers take minutes.
        if poll_fn(|context| Poll::Ready(answering.as_mut().poll(context))).await.is_pending() {
            self.under_way.spawn(answering);
        }
    }

    async fn hang_up(&self, error: &LineError) {
        if matches!(error, LineError::TooLong { .. }) {
            let notice = Notice::new(Trouble::Usage, "the hub does not take this line")
                .detail(error.to_string());
            say(&self.say, &Said::Notice { ask: None, notice }).await;
        }
    }
}

async fn say(to: &mpsc::Sender<Vec<u8>>, said: &Said) {
    let line = line_of(said, LONGEST_SAID).or_else(|| {
        let Said::Reply { ask, .. } = said else { return None };
        let notice = Notice::new(Trouble::Failed, "the answer is too long for the socket")
            .hint("ask for less at once");
        line_of(&Said::Notice { ask: Some(*ask), notice }, LONGEST_SAID)
    });
    // Whoever does not read any more needs no answer.
    if let Some(line) = line {
        drop(to.send(line).await);
    }
}

/// Tells a follower what there was and what comes; what it is too slow for is counted and told.
async fn tell(link: Link, to: mpsc::Sender<Vec<u8>>) {
    let Ok(feed) = link.follow().await else { return };
    let mut last = None;
    for frame in &feed.backlog {
        show(&to, frame).await;
        last = Some(Arc::clone(frame));
    }
    say(&to, &Said::Live { live: true }).await;
    let mut live = feed.live;
    loop {
        let next = tokio::select! {
            next = live.recv() => next,
            () = to.closed() => return,
        };
        match next {
            Ok(frame) => {
                show(&to, &frame).await;
                last = Some(frame);
            }
            Err(RecvError::Lagged(count)) => {
                let Some(before) = &last else { continue };
                show(&to, &missed(before, count)).await;
            }
            Err(RecvError::Closed) => return,
        }
    }
}

/// A frame, or that there was one too long to be shown.
async fn show(to: &mpsc::Sender<Vec<u8>>, frame: &Frame) {
    let said = |frame: Frame| Said::Frame { frame: Box::new(frame) };
    let line = line_of(&said(frame.clone()), LONGEST_SAID).or_else(|| {
        let event = FeedEvent::FramesMissed { count: 1 };
        line_of(&said(Frame { event, ..frame.clone() }), LONGEST_SAID)
    });
    if let Some(line) = line {
        drop(to.send(line).await);
    }
}

fn missed(before: &Frame, count: u64) -> Frame {
    let event = FeedEvent::FramesMissed { count };
    Frame { run: before.run, seq: before.seq + count, at: before.at, event }
}
