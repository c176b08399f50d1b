//! A call of which the partner made a task: it is asked for the task until that is done (MCP SEP-2663).

use std::time::Duration;

use rmcp::RoleClient;
use rmcp::model::{CallToolResult, CancelTaskParams, GetTaskParams, Task, TaskPayload};
use rmcp::service::Peer;
use serde_json::Value;

use super::PartnerError;
use super::call::{Limits, Progress, Step};

/// How long to wait between two polls: what the partner suggests, within these bounds.
const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// The pause of a partner that suggests none.
const PAUSE: Duration = Duration::from_secs(1);

/// Polls a task until it is over; one that is given up is cancelled.
pub(super) async fn result(
    peer: &Peer<RoleClient>,
    task: Task,
    limits: Limits,
    on_step: &mut (impl FnMut(Step) + Send),
) -> Result<CallToolResult, PartnerError> {
    let mut underway = Underway { peer: peer.clone(), task: Some(task.task_id.clone()) };
    let payload = tokio::time::timeout(limits.total, polled(peer, task, limits, on_step))
        .await
        .map_err(|_elapsed| PartnerError::TimedOut { after: limits.total })??;
    if !matches!(payload, TaskPayload::InputRequired { .. }) {
        underway.task = None;
    }
    match payload {
        TaskPayload::Completed { result } => {
            serde_json::from_value(Value::Object(result)).map_err(|_other| {
                PartnerError::Unsupported { what: "a task that ends with no result of a tool" }
            })
        }
        TaskPayload::Failed { error } => {
            let said = error.get("message").and_then(Value::as_str).unwrap_or("its task failed");
            Err(PartnerError::ToolFailed { text: said.to_owned() })
        }
        TaskPayload::Cancelled => {
            Err(PartnerError::ToolFailed { text: "the partner cancelled its task".to_owned() })
        }
        _ => Err(PartnerError::Unsupported { what: "a request for input" }),
    }
}

/// Asks again and again, as often as the partner suggests, until there is something else than work.
async fn polled(
    peer: &Peer<RoleClient>,
    mut task: Task,
    limits: Limits,
    on_step: &mut (impl FnMut(Step) + Send),
) -> Result<TaskPayload, PartnerError> {
    let mut told = None;
    for polls in 0_u32.. {
        if told != task.status_message {
            told.clone_from(&task.status_message);
            let message = told.clone().unwrap_or_default();
            on_step(Step::Progressed(Progress { done: polls.into(), total: None, message }));
        }
        let suggested = task.poll_interval_ms.map_or(PAUSE, Duration::from_millis);
        tokio::time::sleep(suggested.clamp(PAUSE_MIN, PAUSE_MAX)).await;
        let asked = peer.get_task(GetTaskParams::new(task.task_id.clone()));
        let found = tokio::time::timeout(limits.silence, asked)
            .await
            .map_err(|_elapsed| PartnerError::TimedOut { after: limits.silence })??;
        on_step(Step::Polled);
        match found.task.payload {
            TaskPayload::Working => task = found.task.task,
            over => return Ok(over),
        }
    }
    Err(PartnerError::TimedOut { after: limits.total })
}

/// A task that nobody may wait for any more; tells the partner so when it is dropped unfinished.
struct Underway {
    peer: Peer<RoleClient>,
    task: Option<String>,
}

impl Drop for Underway {
    fn drop(&mut self) {
        let (Some(task), Ok(runtime)) = (self.task.take(), tokio::runtime::Handle::try_current())
        else {
            return;
        };
        let peer = self.peer.clone();
        runtime.spawn(async move {
            if let Err(error) = peer.cancel_task(CancelTaskParams::new(task)).await {
                tracing::debug!(%error, "an abandoned task could not be cancelled");
            }
        });
    }
}
