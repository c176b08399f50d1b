//! Following a hub: what it tells becomes messages, in order, and a broken feed is taken up again.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc::Sender;

use super::core::Message;
use crate::incident::{Notice, Trouble};
use crate::settings::Clock;
use crate::wire::{Feed, Frame, Link};

/// The first and the longest wait before a broken feed is taken up again.
const PATIENCE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(5));

/// Follows a hub until nobody listens any more.
pub async fn follow(link: Link, wall: Clock, out: Sender<Message>) {
    let mut patience = PATIENCE.0;
    loop {
        let why = match link.follow().await {
            Ok(feed) => {
                patience = PATIENCE.0;
                match pass_on(&link, feed, &out).await {
                    Ok(why) => why,
                    Err(Unheard) => return,
                }
            }
            Err(why) => why,
        };
        let retry_at = wall.now().saturating_add(patience).ok();
        if out.send(Message::LinkLost { why, retry_at }).await.is_err() {
            return;
        }
        wall.sleep(patience).await;
        patience = (patience * 2).min(PATIENCE.1);
    }
}

/// Nobody listens any more.
struct Unheard;

/// Passes a feed on until it breaks; returns why it broke.
async fn pass_on(link: &Link, feed: Feed, out: &Sender<Message>) -> Result<Notice, Unheard> {
    send(out, Message::LinkUp).await?;
    let mut live = catch_up(feed, out).await?;
    send(out, Message::CaughtUp).await?;
    loop {
        match live.recv().await {
            Ok(frame) => send(out, Message::Framed(frame)).await?,
            // The screen was too slow for the ring. It is the same run of the hub, which tells
            // everything once more; what was folded is passed over by its number.
            Err(RecvError::Lagged(frames)) => {
                tracing::warn!(frames, "the cockpit lags; it takes the feed up again");
                match link.follow().await {
                    Ok(again) => live = catch_up(again, out).await?,
                    Err(why) => return Ok(why),
                }
            }
            Err(RecvError::Closed) => return Ok(ended()),
        }
    }
}

/// Passes on what there was.
async fn catch_up(
    feed: Feed,
    out: &Sender<Message>,
) -> Result<tokio::sync::broadcast::Receiver<Arc<Frame>>, Unheard> {
    for frame in feed.backlog {
        send(out, Message::Framed(frame)).await?;
    }
    Ok(feed.live)
}

async fn send(out: &Sender<Message>, message: Message) -> Result<(), Unheard> {
    out.send(message).await.map_err(|_| Unheard)
}

fn ended() -> Notice {
    Notice::new(Trouble::Unreachable, "the hub has ended the feed")
        .hint("what is on the screen may be old; everything that was recorded is kept")
}
