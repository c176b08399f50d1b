//! A transport that hands every progress notification to the call it belongs to, in order.
//!
//! The protocol library runs each notification in a task of its own, so a late step could overtake
//! an earlier one, or arrive after the answer. Reading them where they come off the wire keeps the
//! order and loses none silently.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use rmcp::RoleClient;
use rmcp::model::{JsonRpcMessage, NumberOrString, ServerNotification};
use rmcp::model::{ProgressNotificationParam, ProgressToken, ServerJsonRpcMessage};
use rmcp::service::TxJsonRpcMessage;
use rmcp::transport::Transport;
use tokio::sync::mpsc;

/// How many steps of one call may wait to be looked at.
const WAITING: usize = 256;

/// How long the words of one step may be, and the name of a call that is not ours, in bytes. Steps are kept for
/// a while, and only an answer may be large.
const LONGEST_MESSAGE: usize = 16 * 1024;
const LONGEST_TOKEN: usize = 256;

/// Who waits for the progress of which call.
#[derive(Debug, Clone, Default)]
pub(super) struct Listeners(Arc<Mutex<Routes>>);

#[derive(Debug, Default)]
struct Routes {
    open: HashMap<ProgressToken, Route>,
    /// Steps that came before their call could say that it listens.
    early: VecDeque<ProgressNotificationParam>,
}

#[derive(Debug)]
struct Route {
    to: mpsc::Sender<ProgressNotificationParam>,
    lost: u64,
}

/// The receiving end of one call's progress; closing it stops listening.
#[derive(Debug)]
pub(super) struct Hearing {
    token: ProgressToken,
    listeners: Listeners,
    steps: mpsc::Receiver<ProgressNotificationParam>,
}

impl Listeners {
    /// Begins to listen for the steps of one call, with those that already came.
    pub(super) fn listen(&self, token: ProgressToken) -> Hearing {
        let (to, steps) = mpsc::channel(WAITING);
        let mut routes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut route = Route { to, lost: 0 };
        let early = std::mem::take(&mut routes.early);
        for step in early {
            if step.progress_token == token {
                route.pass(step);
            } else {
                routes.early.push_back(step);
            }
        }
        drop(routes.open.insert(token.clone(), route));
        drop(routes);
        Hearing { token, listeners: self.clone(), steps }
    }

    fn hear(&self, told: &ProgressNotificationParam) {
        let Some(step) = bounded(told) else { return };
        let mut routes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(route) = routes.open.get_mut(&step.progress_token) {
            route.pass(step);
            return;
        }
        if routes.early.len() >= WAITING {
            drop(routes.early.pop_front());
        }
        routes.early.push_back(step);
    }
}

/// Whether the words of a step may have been cut, at the beginning of a character.
pub(super) fn may_be_cut(message: &str) -> bool {
    message.len() + char::MAX.len_utf8() > LONGEST_MESSAGE
}

/// A step without what would be too much to keep; nothing if its name alone is.
fn bounded(told: &ProgressNotificationParam) -> Option<ProgressNotificationParam> {
    let token = &told.progress_token;
    if matches!(&token.0, NumberOrString::String(name) if name.len() > LONGEST_TOKEN) {
        return None;
    }
    let mut step = ProgressNotificationParam::new(token.clone(), told.progress);
    step.total = told.total;
    step.message = told.message.as_ref().map(|message| {
        let end = message.floor_char_boundary(LONGEST_MESSAGE);
        message.get(..end).unwrap_or_default().to_owned()
    });
    Some(step)
}

impl Route {
    fn pass(&mut self, step: ProgressNotificationParam) {
        if self.to.try_send(step).is_err() {
            self.lost += 1;
        }
    }
}

impl Hearing {
    /// The next step.
    pub(super) async fn next(&mut self) -> Option<ProgressNotificationParam> {
        self.steps.recv().await
    }

    /// A step that already waits.
    pub(super) fn waiting(&mut self) -> Option<ProgressNotificationParam> {
        self.steps.try_recv().ok()
    }

    /// How many steps came faster than they were looked at, and are gone.
    pub(super) fn lost(&self) -> u64 {
        let routes = self.listeners.0.lock().unwrap_or_else(PoisonError::into_inner);
        routes.open.get(&self.token).map_or(0, |route| route.lost)
    }
}

impl Drop for Hearing {
    fn drop(&mut self) {
        let mut routes = self.listeners.0.lock().unwrap_or_else(PoisonError::into_inner);
        drop(routes.open.remove(&self.token));
    }
}

/// A transport whose progress notifications are overheard on their way in.
pub(super) struct Overheard<T> {
    pub(super) inner: T,
    pub(super) listeners: Listeners,
}

impl<T: Transport<RoleClient>> Transport<RoleClient> for Overheard<T> {
    type Error = T::Error;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleClient>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        self.inner.send(item)
    }

    async fn receive(&mut self) -> Option<ServerJsonRpcMessage> {
        let message = self.inner.receive().await?;
        if let JsonRpcMessage::Notification(note) = &message
            && let ServerNotification::ProgressNotification(progress) = &note.notification
        {
            self.listeners.hear(&progress.params);
        }
        Some(message)
    }

    fn close(&mut self) -> impl Future<Output = Result<(), Self::Error>> + Send {
        self.inner.close()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(token: i64, at: f64) -> ProgressNotificationParam {
        ProgressNotificationParam::new(ProgressToken(NumberOrString::Number(token)), at)
    }

    #[test]
    fn steps_that_come_before_the_listener_are_kept_in_order() {
        let listeners = Listeners::default();
        for (token, at) in [(1, 0.0), (2, 5.0), (1, 1.0)] {
            listeners.hear(&step(token, at));
        }
        let mut hearing = listeners.listen(ProgressToken(NumberOrString::Number(1)));
        listeners.hear(&step(1, 2.0));
        let heard: Vec<f64> =
            std::iter::from_fn(|| hearing.waiting()).map(|step| step.progress).collect();
        assert_eq!(heard, [0.0, 1.0, 2.0]);
    }

    #[test]
    fn of_a_step_no_more_is_kept_than_can_be_shown() {
        let listeners = Listeners::default();
        let mut long = step(1, 0.0);
        long.message = Some("é".repeat(LONGEST_MESSAGE));
        listeners.hear(&long);
        let name = ProgressToken(NumberOrString::String("x".repeat(LONGEST_TOKEN + 1).into()));
        listeners.hear(&ProgressNotificationParam::new(name.clone(), 0.0));
        let message = |step: ProgressNotificationParam| step.message.unwrap();
        let heard = listeners.listen(long.progress_token).waiting().map(message);
        assert_eq!(heard.unwrap(), "é".repeat(LONGEST_MESSAGE / 2));
        assert_eq!(listeners.listen(name).waiting(), None);
    }

    #[test]
    fn what_comes_faster_than_it_is_looked_at_is_counted() {
        let listeners = Listeners::default();
        let hearing = listeners.listen(ProgressToken(NumberOrString::Number(1)));
        for at in 0..300 {
            listeners.hear(&step(1, f64::from(at)));
        }
        assert_eq!(hearing.lost(), 300 - 256);
    }
}
