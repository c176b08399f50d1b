//! The tasks of one world: all of them end with it.

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Starts tasks and ends them; cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Tasks {
    tracker: TaskTracker,
    closing: CancellationToken,
}

impl Tasks {
    /// Runs `task` until it is done or the world ends, whichever comes first.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let closing = self.closing.clone();
        drop(self.tracker.spawn(async move {
            closing.run_until_cancelled_owned(task).await;
        }));
    }

    /// Runs `task` to its own end, which must follow from [`Tasks::closing`].
    pub(super) fn spawn_to_its_end(&self, task: impl Future<Output = ()> + Send + 'static) {
        drop(self.tracker.spawn(task));
    }

    /// Is cancelled when the world ends.
    pub(super) fn closing(&self) -> &CancellationToken {
        &self.closing
    }

    /// Asks every task to end.
    pub(super) fn close(&self) {
        self.closing.cancel();
        self.tracker.close();
    }

    /// Asks every task to end and waits until all have.
    pub(super) async fn closed(&self) {
        self.close();
        self.tracker.wait().await;
    }
}
