//! Calling a partner: its tools, one call with its limits, and every step it reports meanwhile.

use std::sync::Arc;
use std::time::Duration;

use rmcp::RoleClient;
use rmcp::model::{
    CallToolRequest, CallToolRequestParams, CallToolResult, CancelledNotificationParam,
    ClientCapabilities, ClientConfig, ClientRequest, Implementation, ProgressNotificationParam,
    ProtocolVersion, RequestId, ServerResult,
};
use rmcp::service::{
    ClientInitializeError, ClientLifecycleMode, PeerRequestOptions, RequestHandle, RunningService,
    serve_client_with_lifecycle,
};
use rmcp::transport::{IntoTransport, Transport};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};

use super::bounded::{ANSWER_MAX, is_too_large};
use super::call::{Limits, Progress, Step};
use super::overhear::{Hearing, Listeners, Overheard, may_be_cut};
use super::{Endpoint, PartnerError, Token, endpoint, task};
use crate::settings::Unsaid;

/// How long connecting may take; the library waits up to 10 s of it for the modern probe.
const CONNECT: Duration = Duration::from_secs(20);

/// An open channel to one partner; cheap to clone. The channel ends with the last clone.
#[derive(Clone)]
pub struct Partner {
    running: Arc<RunningService<RoleClient, ClientConfig>>,
    listeners: Listeners,
    /// What a partner that echoes what it was given must not make us repeat.
    unsaid: Unsaid,
}

/// Who answered, in its own words: untrusted, and no identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Name of the partner's implementation.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The protocol revision that was agreed, e.g. `2026-07-28`.
    pub protocol: String,
}

/// A tool that a partner offers; every text in it is the partner's.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    /// Name to call it by.
    pub name: String,
    /// What the partner says it does.
    pub description: String,
    /// JSON schema of its arguments.
    pub arguments: Value,
}

/// What a tool answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The text blocks, joined by line ends.
    pub text: String,
    /// The structured result, `Null` when there is none.
    pub structured: Value,
    /// Steps that came faster than the caller looked at them.
    pub steps_lost: u64,
}

impl Partner {
    /// Opens the channel: stateless when the partner speaks the current protocol, else a session.
    pub async fn connect(endpoint: &Endpoint) -> Result<Self, PartnerError> {
        match endpoint {
            Endpoint::Command { argv, env } => {
                Self::open(endpoint::start(argv, env)?, Unsaid::default()).await
            }
            Endpoint::Http { url, token } => {
                let unsaid = token.as_ref().map(Token::unsaid).unwrap_or_default();
                Self::open(endpoint::dial(url, token.as_ref())?, unsaid).await
            }
        }
    }

    /// Opens the channel over a pair of streams, for a partner in the same process.
    pub async fn over<R, W>(read: R, write: W) -> Result<Self, PartnerError>
    where
        R: AsyncRead + Send + Unpin + 'static,
        W: AsyncWrite + Send + Unpin + 'static,
    {
        let transport = IntoTransport::<RoleClient, _, _>::into_transport((read, write));
        Self::open(transport, Unsaid::default()).await
    }

    async fn open<T>(transport: T, unsaid: Unsaid) -> Result<Self, PartnerError>
    where
        T: Transport<RoleClient> + 'static,
    {
        let listeners = Listeners::default();
        let transport = Overheard { inner: transport, listeners: listeners.clone() };
        let who = Implementation::new("wheelhouse", env!("CARGO_PKG_VERSION"));
        let config = ClientConfig::new(ClientCapabilities::builder().enable_tasks().build(), who);
        let mode = ClientLifecycleMode::Auto {
            preferred_versions: vec![ProtocolVersion::LATEST],
            legacy_version: Some(ProtocolVersion::LATEST_WITH_INITIALIZE),
        };
        let opening = serve_client_with_lifecycle(config, transport, mode);
        match tokio::time::timeout(CONNECT, opening).await {
            Ok(Ok(running)) => Ok(Self { running: Arc::new(running), listeners, unsaid }),
            Ok(Err(error)) => Err(not_opened(&error).without(&unsaid)),
            Err(_) => Err(PartnerError::TimedOut { after: CONNECT }),
        }
    }

    /// Who answered.
    pub fn peer(&self) -> Peer {
        let info = self.running.peer().peer_info();
        let who = info.as_ref().and_then(|info| info.server_info.as_ref());
        Peer {
            name: who.map(|who| self.unsaid.hide(&who.name)).unwrap_or_default(),
            version: who.map(|who| self.unsaid.hide(&who.version)).unwrap_or_default(),
            protocol: info
                .as_ref()
                .map(|info| info.protocol_version.to_string())
                .unwrap_or_default(),
        }
    }

    /// Whether the channel is still there; a partner that stopped needs a new [`Partner::connect`].
    pub fn is_open(&self) -> bool {
        !self.running.is_closed() && !self.running.peer().is_transport_closed()
    }

    /// Asks which tools the partner offers.
    pub async fn tools(&self) -> Result<Vec<Tool>, PartnerError> {
        let limits = Limits::default();
        let listing = self.running.peer().list_all_tools();
        let tools = tokio::time::timeout(limits.silence, listing)
            .await
            .map_err(|_elapsed| PartnerError::TimedOut { after: limits.silence })?
            .map_err(|error| PartnerError::from(error).without(&self.unsaid))?;
        let unsaid = &self.unsaid;
        let tools = tools.into_iter().map(|tool| Tool {
            name: unsaid.hide(&tool.name),
            description: unsaid.hide(tool.description.as_deref().unwrap_or_default()),
            arguments: unsaid.hide_in(Value::Object(tool.input_schema.as_ref().clone())),
        });
        Ok(tools.collect())
    }

    /// Calls a tool and waits for its answer; `on_step` sees every step, in order, before that. A partner
    /// that makes a task of the call is asked for the task until it is done.
    ///
    /// Dropping the future cancels the call. A tool that reports a failure is an error here
    /// ([`PartnerError::ToolFailed`]), so that no caller mistakes it for a finding. Of our own token,
    /// nothing that the partner says is handed on.
    pub async fn call(
        &self,
        tool: &str,
        arguments: Value,
        limits: Limits,
        mut on_step: impl FnMut(Step) + Send,
    ) -> Result<Answer, PartnerError> {
        let on_step = |step| on_step(without(step, &self.unsaid));
        let answer = self.call_in_full(tool, arguments, limits, on_step).await;
        let Answer { text, structured, steps_lost } =
            answer.map_err(|error| error.without(&self.unsaid))?;
        let (text, structured) = (self.unsaid.hide(&text), self.unsaid.hide_in(structured));
        Ok(Answer { text, structured, steps_lost })
    }

    async fn call_in_full(
        &self,
        tool: &str,
        arguments: Value,
        limits: Limits,
        mut on_step: impl FnMut(Step) + Send,
    ) -> Result<Answer, PartnerError> {
        let Value::Object(arguments) = arguments else {
            return Err(PartnerError::Unsupported { what: "arguments that are no JSON object" });
        };
        let params = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
        let request = ClientRequest::CallToolRequest(CallToolRequest::new(params));
        let options = PeerRequestOptions::with_timeout(limits.silence)
            .reset_timeout_on_progress()
            .with_max_total_timeout(limits.total);
        let began = tokio::time::Instant::now();
        let peer = self.running.peer();
        let handle = peer.send_request_with_option(request, options).await?;
        let mut hearing = self.listeners.listen(handle.progress_token.clone());
        let result = wait(handle, &mut hearing, &mut on_step).await;
        while let Some(step) = hearing.waiting() {
            on_step(progress(step));
        }
        let result = match result? {
            ServerResult::CreateTaskResult(created) => {
                let limits =
                    Limits { total: limits.total.saturating_sub(began.elapsed()), ..limits };
                task::result(peer, created.task, limits, &mut on_step).await?
            }
            other => tool_result(other)?,
        };
        answer(result, hearing.lost())
    }

    /// Ends the channel, and a child process with it.
    pub async fn close(self) -> Result<(), PartnerError> {
        match Arc::try_unwrap(self.running) {
            Ok(running) => match running.cancel().await {
                Ok(_reason) => Ok(()),
                Err(error) => Err(PartnerError::Unreachable { what: error.to_string() }),
            },
            // Another clone still calls; the channel ends with it.
            Err(_shared) => Ok(()),
        }
    }
}

impl std::fmt::Debug for Partner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Partner").field(&self.peer()).finish()
    }
}

/// A call that is under way; tells the partner to stop when it is dropped armed.
struct Underway {
    peer: rmcp::service::Peer<RoleClient>,
    call: Option<RequestId>,
}

impl Drop for Underway {
    fn drop(&mut self) {
        let (Some(call), Ok(runtime)) = (self.call.take(), tokio::runtime::Handle::try_current())
        else {
            return;
        };
        let peer = self.peer.clone();
        runtime.spawn(async move {
            let reason = Some("the caller no longer waits".to_owned());
            let params = CancelledNotificationParam::new(Some(call), reason);
            if let Err(error) = peer.notify_cancelled(params).await {
                tracing::debug!(%error, "an abandoned call could not be cancelled");
            }
        });
    }
}

async fn wait(
    handle: RequestHandle<RoleClient>,
    hearing: &mut Hearing,
    on_step: &mut (impl FnMut(Step) + Send),
) -> Result<ServerResult, PartnerError> {
    let mut underway = Underway { peer: handle.peer.clone(), call: Some(handle.id.clone()) };
    let response = handle.await_response();
    tokio::pin!(response);
    let result = loop {
        tokio::select! {
            biased;
            Some(step) = hearing.next() => on_step(progress(step)),
            result = &mut response => break result,
        }
    };
    underway.call = None;
    result.map_err(PartnerError::from)
}

fn progress(step: ProgressNotificationParam) -> Step {
    let (done, message) = (step.progress, step.message.unwrap_or_default());
    Step::Progressed(Progress { done, total: step.total, message })
}

/// What is heard of a call, without what must not be said.
fn without(step: Step, unsaid: &Unsaid) -> Step {
    match step {
        Step::Progressed(progress) => {
            let message = &progress.message;
            let message =
                if may_be_cut(message) { unsaid.hide_cut(message) } else { unsaid.hide(message) };
            Step::Progressed(Progress { message, ..progress })
        }
        Step::Polled => Step::Polled,
    }
}

fn tool_result(result: ServerResult) -> Result<CallToolResult, PartnerError> {
    match result {
        ServerResult::CallToolResult(result) => Ok(result),
        ServerResult::InputRequiredResult(_) => {
            Err(PartnerError::Unsupported { what: "a request for input" })
        }
        _ => Err(PartnerError::Unsupported { what: "an answer to another question" }),
    }
}

fn answer(result: CallToolResult, steps_lost: u64) -> Result<Answer, PartnerError> {
    if weight(&result) > ANSWER_MAX {
        return Err(PartnerError::TooLarge { limit: ANSWER_MAX });
    }
    let text = text(&result);
    if result.is_error.unwrap_or(false) {
        return Err(PartnerError::ToolFailed { text });
    }
    Ok(Answer { text, structured: result.structured_content.unwrap_or(Value::Null), steps_lost })
}

fn text(result: &CallToolResult) -> String {
    let blocks = result.content.iter().filter_map(|block| block.as_text());
    blocks.map(|block| block.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// Bytes of JSON, counted without keeping a second copy.
fn weight(result: &CallToolResult) -> usize {
    struct Count(usize);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    match serde_json::to_writer(&mut count, result) {
        Ok(()) => count.0,
        Err(_unwritable) => usize::MAX,
    }
}

fn not_opened(error: &ClientInitializeError) -> PartnerError {
    let what = error.to_string();
    if error.is_authorization_required() {
        return PartnerError::Unauthorised { what };
    }
    match error {
        ClientInitializeError::JsonRpcError(error) if is_too_large(error) => {
            PartnerError::TooLarge { limit: ANSWER_MAX }
        }
        ClientInitializeError::LegacyFallbackFailed { fallback, .. } => not_opened(fallback),
        ClientInitializeError::JsonRpcError(error) => {
            PartnerError::Refused { code: error.code.0, message: error.message.to_string() }
        }
        ClientInitializeError::NoCompatibleProtocolVersion { .. } => {
            PartnerError::Unsupported { what: "a protocol revision that we do not share" }
        }
        _ => PartnerError::Unreachable { what },
    }
}
