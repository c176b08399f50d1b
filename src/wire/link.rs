//! The link: one principal's connection to a hub, in the same process or beyond a socket.

use std::sync::Arc;

use tokio::sync::{broadcast, mpsc, oneshot};

use super::{Command, Frame, Reply};
use crate::incident::{Notice, Principal, Trouble};

/// How many commands may wait for a hub before askers wait themselves.
pub const MOST_WAITING: usize = 256;

/// How many frames a follower may lag behind before it misses some.
pub const MOST_LAGGING: usize = 4096;

/// Something that arrives at a hub, with who sent it.
#[derive(Debug)]
pub enum Asked {
    /// A command.
    Command {
        /// Who asks, as the hub that made the link established it.
        by: Arc<Principal>,
        /// What.
        command: Box<Command>,
        /// Where the answer goes.
        reply: oneshot::Sender<Result<Reply, Notice>>,
    },
    /// A wish to follow the feed.
    Follow {
        /// Where the feed goes.
        reply: oneshot::Sender<Feed>,
    },
}

/// The feed from one moment on: what there was, then what comes, without a gap.
#[derive(Debug)]
pub struct Feed {
    /// What there was, oldest first.
    pub backlog: Vec<Arc<Frame>>,
    /// What comes.
    pub live: broadcast::Receiver<Arc<Frame>>,
}

/// One principal's connection to a hub; cheap to clone.
#[derive(Debug, Clone)]
pub struct Link {
    by: Arc<Principal>,
    asks: mpsc::Sender<Asked>,
}

impl Link {
    /// Connects a principal; hubs and their sockets make links, nobody else.
    pub fn new(by: Principal, asks: mpsc::Sender<Asked>) -> Self {
        Self { by: Arc::new(by), asks }
    }

    /// Whose connection it is.
    pub fn principal(&self) -> &Principal {
        &self.by
    }

    /// Asks the hub and waits for its answer.
    pub async fn ask(&self, command: Command) -> Result<Reply, Notice> {
        let (reply, answer) = oneshot::channel();
        let by = Arc::clone(&self.by);
        let asked = Asked::Command { by, command: Box::new(command), reply };
        self.asks.send(asked).await.map_err(|_| gone())?;
        answer.await.map_err(|_| unanswered())?
    }

    /// Tells the hub without waiting for anything; `false` if it could not be taken.
    pub fn tell(&self, command: Command) -> bool {
        let (reply, _) = oneshot::channel();
        let by = Arc::clone(&self.by);
        self.asks.try_send(Asked::Command { by, command: Box::new(command), reply }).is_ok()
    }

    /// Follows the feed from its beginning.
    pub async fn follow(&self) -> Result<Feed, Notice> {
        let (reply, feed) = oneshot::channel();
        self.asks.send(Asked::Follow { reply }).await.map_err(|_| gone())?;
        feed.await.map_err(|_| gone())
    }
}

/// The hub took it and ended: what it did of it is not known, and nobody may take it for refused.
fn unanswered() -> Notice {
    Notice::new(Trouble::Unreachable, "the hub ended before it said whether that was recorded")
        .hint("read the timeline before you send it again")
}

fn gone() -> Notice {
    Notice::new(Trouble::Unreachable, "the hub has ended")
        .hint("start it again; everything that was recorded is kept")
}
