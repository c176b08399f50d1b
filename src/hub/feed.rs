//! The feed of one hub: numbered frames, a bounded memory of them, and everybody who follows.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::broadcast;

use crate::incident::RunId;
use crate::wire::{Feed, FeedEvent, Frame, MOST_LAGGING};

/// Most frames kept for those who begin to follow later.
pub(super) const MOST_KEPT: usize = 20_000;

/// Numbers frames, keeps the latest, and sends them to everybody who follows.
#[derive(Debug)]
pub(super) struct Stream {
    run: RunId,
    next: u64,
    kept: VecDeque<Arc<Frame>>,
    /// The latest word on which gates are armed: too grave to be forgotten with what is old.
    gates: Option<Arc<Frame>>,
    live: broadcast::Sender<Arc<Frame>>,
}

impl Stream {
    /// The stream of a run that begins.
    pub(super) fn new(run: RunId) -> Self {
        let live = broadcast::Sender::new(MOST_LAGGING);
        Self { run, next: 1, kept: VecDeque::new(), gates: None, live }
    }

    /// Sends a frame.
    pub(super) fn send(&mut self, at: Timestamp, event: FeedEvent) {
        let frame = Arc::new(Frame { run: Some(self.run), seq: self.next, at, event });
        self.next += 1;
        if matches!(frame.event, FeedEvent::GatesChanged { .. }) {
            self.gates = Some(Arc::clone(&frame));
        }
        if self.kept.len() == MOST_KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(Arc::clone(&frame));
        // Nobody following is no failure.
        let _nobody = self.live.send(frame).is_err();
    }

    /// Begins to follow: what is kept, then what comes, without a gap.
    pub(super) fn follow(&self) -> Feed {
        let live = self.live.subscribe();
        let mut backlog: Vec<Arc<Frame>> = self.kept.iter().cloned().collect();
        if let Some(first) = backlog.first().filter(|first| first.seq > 1) {
            let event = FeedEvent::FramesMissed { count: first.seq - 1 };
            let missed = Frame { run: first.run, seq: first.seq - 1, at: first.at, event };
            let forgotten = self.gates.iter().filter(|gates| gates.seq < first.seq).cloned();
            let before: Vec<_> = forgotten.chain([Arc::new(missed)]).collect();
            backlog.splice(0..0, before);
        }
        Feed { backlog, live }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream() -> Stream {
        Stream::new(RunId::from_parts(Timestamp::UNIX_EPOCH, 7))
    }

    fn send(stream: &mut Stream) {
        stream.send(Timestamp::UNIX_EPOCH, FeedEvent::FramesMissed { count: 0 });
    }

    #[test]
    fn a_follower_sees_what_was_and_what_comes_without_a_gap() {
        let mut stream = stream();
        send(&mut stream);
        let mut feed = stream.follow();
        send(&mut stream);
        assert_eq!(feed.backlog.len(), 1);
        assert_eq!(feed.live.try_recv().unwrap().seq, 2);
    }

    #[test]
    fn a_late_follower_is_told_what_it_missed() {
        let mut stream = stream();
        (0..MOST_KEPT + 3).for_each(|_| send(&mut stream));
        let feed = stream.follow();
        assert_eq!(feed.backlog[0].event, FeedEvent::FramesMissed { count: 3 });
    }

    #[test]
    fn a_late_follower_still_knows_which_gates_are_armed() {
        let mut stream = stream();
        let gates = FeedEvent::GatesChanged { gates: crate::wire::Gates::default() };
        stream.send(Timestamp::UNIX_EPOCH, gates.clone());
        (0..MOST_KEPT + 3).for_each(|_| send(&mut stream));
        let feed = stream.follow();
        assert_eq!(feed.backlog[0].event, gates);
        assert!(feed.backlog.is_sorted_by_key(|frame| frame.seq));
    }
}
