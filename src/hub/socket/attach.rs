//! The other end of the socket: a link to a hub that runs in another process.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::line::{Asking, LONGEST_ASKED, LONGEST_SAID, Lines, Said, VERSION, line_of};
use super::listen::is_ours;
use crate::incident::{Notice, Principal, Trouble};
use crate::wire::{Asked, Feed, Frame, Link, MOST_LAGGING, MOST_WAITING, Reply};

/// How long a hub may take to greet.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where an answer goes.
type Answering = oneshot::Sender<Result<Reply, Notice>>;

/// Connects to the hub that listens at `path`, as the principal that this hub takes us for.
///
/// # Errors
/// No hub listens there (`Unreachable`), it belongs to somebody else, or it speaks another version.
pub async fn attach(path: &Path) -> Result<Link, Notice> {
    let (you, lines, write) = connect(path).await?;
    let (asks, asked) = mpsc::channel(MOST_WAITING);
    let pending = Pending::default();
    let end = CancellationToken::new();
    tokio::spawn(hear(lines, pending.clone(), end.clone()));
    let speaking = Speaking { path: path.to_owned(), write, pending };
    tokio::spawn(speaking.speak(asked, end));
    Ok(Link::new(you, asks))
}

type Greeted = (Principal, Lines<OwnedReadHalf>, OwnedWriteHalf);

async fn connect(path: &Path) -> Result<Greeted, Notice> {
    let stream = UnixStream::connect(path).await.map_err(|error| absent(path, &error))?;
    if !is_ours(&stream) {
        let what = format!("the hub at {} runs under another account", path.display());
        return Err(Notice::new(Trouble::NotAllowed, what).hint("name your own --data-dir"));
    }
    let (read, write) = stream.into_split();
    let mut lines = Lines::new(read, LONGEST_SAID);
    let greeting = tokio::time::timeout(PATIENCE, lines.next()).await;
    let silent = || {
        Notice::new(Trouble::Unreachable, format!("the hub at {} does not greet", path.display()))
            .hint("end it and start it again; everything that was recorded is kept")
    };
    let line =
        greeting.map_err(|_| silent())?.map_err(|error| silent().detail(error.to_string()))?;
    match line.as_deref().map(serde_json::from_slice) {
        Some(Ok(Said::Greeting { v: VERSION, you })) => Ok((you, lines, write)),
        Some(Ok(Said::Greeting { v, .. })) => {
            let what = format!("the hub speaks version {v}, this program {VERSION}");
            Err(Notice::new(Trouble::Conflict, what).hint("use the same wheelhouse on both sides"))
        }
        _ => Err(silent()),
    }
}

fn absent(path: &Path, error: &io::Error) -> Notice {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
            let dir = path.parent().unwrap_or(path).display();
            Notice::new(Trouble::Unreachable, format!("no hub runs in {dir}"))
                .hint("start one with `wheelhouse` or `wheelhouse demo`")
        }
        _ => Notice::new(Trouble::Failed, format!("the hub at {} is out of reach", path.display()))
            .detail(error.to_string()),
    }
}

/// The asks that wait for answers; `None` once no answer can come any more.
#[derive(Clone)]
struct Pending(Arc<Mutex<Option<HashMap<u64, Answering>>>>);

impl Default for Pending {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Some(HashMap::new()))))
    }
}

impl Pending {
    fn add(&self, ask: u64, reply: Answering) {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pending) = pending.as_mut() {
            pending.insert(ask, reply);
        }
    }

    fn answer(&self, ask: u64, answer: Result<Reply, Notice>) {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let reply = pending.as_mut().and_then(|pending| pending.remove(&ask));
        // Whoever asked may have given up waiting.
        let _gone = reply.is_some_and(|reply| reply.send(answer).is_err());
    }

    /// Lets everybody who waits know that the hub has ended.
    fn end(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// Hears answers until the hub ends or nobody asks any more.
async fn hear(mut lines: Lines<OwnedReadHalf>, pending: Pending, end: CancellationToken) {
    loop {
        let next = tokio::select! {
            () = end.cancelled() => break,
            next = lines.next() => next,
        };
        let Ok(Some(line)) = next else { break };
        match serde_json::from_slice(&line) {
            Ok(Said::Reply { ask, reply }) => pending.answer(ask, Ok(reply)),
            Ok(Said::Notice { ask: Some(ask), notice }) => pending.answer(ask, Err(notice)),
            Ok(other) => tracing::warn!(?other, "the hub said something unexpected"),
            Err(error) => {
                tracing::error!(%error, "the hub is not understood");
                break;
            }
        }
    }
    pending.end();
    end.cancel();
}

struct Speaking {
    path: PathBuf,
    write: OwnedWriteHalf,
    pending: Pending,
}

impl Speaking {
    /// Passes asks on until the last link is dropped or the hub has ended.
    async fn speak(mut self, mut asked: mpsc::Receiver<Asked>, end: CancellationToken) {
        let mut ask = 0;
        loop {
            let next = tokio::select! {
                () = end.cancelled() => break,
                next = asked.recv() => next,
            };
            match next {
                None => break,
                Some(Asked::Follow { reply }) => {
                    drop(tokio::spawn(follow(self.path.clone(), reply)));
                }
                Some(Asked::Command { command, reply, .. }) => {
                    ask += 1;
                    let asking = Asking::Command { ask, command: &command };
                    let Some(line) = line_of(&asking, LONGEST_ASKED) else {
                        let _gone = reply.send(Err(too_long())).is_err();
                        continue;
                    };
                    self.pending.add(ask, reply);
                    if let Err(error) = self.write.write_all(&line).await {
                        tracing::debug!(%error, "the hub ended");
                        break;
                    }
                }
            }
        }
        end.cancel();
    }
}

fn too_long() -> Notice {
    Notice::new(Trouble::Usage, format!("it is longer than {LONGEST_ASKED} bytes"))
        .hint("put it where people can open it, and write where that is")
}

/// Follows on a connection of its own, so that a long past does not hold up any answer.
async fn follow(path: PathBuf, reply: oneshot::Sender<Feed>) {
    let followed = async {
        let (_, mut lines, mut write) = connect(&path).await.ok()?;
        let line = line_of(&Asking::Follow { follow: true }, LONGEST_ASKED)?;
        write.write_all(&line).await.ok()?;
        let mut backlog = Vec::new();
        while let Some(frame) = frame(&mut lines).await? {
            backlog.push(frame);
        }
        Some((backlog, lines, write))
    };
    // Without a feed the reply is dropped, and whoever asked hears that the hub has ended.
    let Some((backlog, mut lines, _open)) = followed.await else { return };
    let (tell, live) = broadcast::channel(MOST_LAGGING);
    if reply.send(Feed { backlog, live }).is_err() {
        return;
    }
    loop {
        let next = tokio::select! {
            next = frame(&mut lines) => next,
            () = tell.closed() => return,
        };
        let Some(Some(frame)) = next else { return };
        let _nobody = tell.send(frame).is_err();
    }
}

/// The next frame; `Some(None)` where what there was ends, `None` when nothing comes any more.
async fn frame(lines: &mut Lines<OwnedReadHalf>) -> Option<Option<Arc<Frame>>> {
    let line = lines.next().await.ok()??;
    match serde_json::from_slice(&line) {
        Ok(Said::Frame { frame }) => Some(Some(Arc::from(frame))),
        Ok(Said::Live { .. }) => Some(None),
        Ok(other) => {
            tracing::warn!(?other, "the hub said something unexpected");
            None
        }
        Err(error) => {
            tracing::error!(%error, "the hub is not understood");
            None
        }
    }
}
