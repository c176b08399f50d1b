//! What a hub tells the agent: every frame from the first on, also when it was too slow to hear them all.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::error::PrimaryError;
use super::pen::Pen;
use crate::wire::Frame;

/// The feed as the agent hears it. After frames were missed it begins again, so that what was heard before
/// may come twice and nothing is left out.
pub(super) struct Told {
    pen: Pen,
    live: broadcast::Receiver<Arc<Frame>>,
    waiting: VecDeque<Arc<Frame>>,
}

impl Told {
    pub(super) async fn to(pen: &Pen) -> Result<Self, PrimaryError> {
        let feed = pen.link.follow().await?;
        Ok(Self { pen: pen.clone(), live: feed.live, waiting: feed.backlog.into() })
    }

    /// The next frame; `None` once nothing more is told. May be dropped and asked again.
    pub(super) async fn next(&mut self) -> Option<Arc<Frame>> {
        loop {
            if let Some(frame) = self.waiting.pop_front() {
                return Some(frame);
            }
            match self.live.recv().await {
                Ok(frame) => return Some(frame),
                Err(RecvError::Lagged(_)) if self.begin_again().await => {}
                Err(_) => return None,
            }
        }
    }

    /// The next frame, if one was told already.
    pub(super) async fn ready(&mut self) -> Option<Arc<Frame>> {
        loop {
            if let Some(frame) = self.waiting.pop_front() {
                return Some(frame);
            }
            match self.live.try_recv() {
                Ok(frame) => return Some(frame),
                Err(TryRecvError::Lagged(_)) if self.begin_again().await => {}
                Err(_) => return None,
            }
        }
    }

    async fn begin_again(&mut self) -> bool {
        let Ok(feed) = self.pen.link.follow().await else { return false };
        (self.live, self.waiting) = (feed.live, feed.backlog.into());
        true
    }
}
