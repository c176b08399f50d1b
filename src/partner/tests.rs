//! Client and server of this room against each other, over HTTP and over streams.

use std::sync::Arc;
use std::time::Duration;

use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{
    CallToolResponse, CallToolResult, CancelTaskParams, ContentBlock, CreateTaskResult, ErrorData,
    GetTaskParams, GetTaskResult, ProgressNotificationParam, ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::task_manager::{TaskExit, TaskManager, TaskOptions};
use rmcp::{RoleServer, ServerHandler, tool, tool_handler, tool_router};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::*;

/// A server whose tools do what the tests need of a partner.
#[derive(Clone)]
struct Odd {
    /// When the tool that hangs was begun.
    begun: watch::Sender<Option<Instant>>,
    cancelled: Arc<tokio::sync::Notify>,
    tasks: TaskManager,
    /// Holds as many permits as a task was asked for.
    polled: Arc<tokio::sync::Semaphore>,
}

impl Default for Odd {
    fn default() -> Self {
        let polled = Arc::new(tokio::sync::Semaphore::new(0));
        let (begun, _) = watch::channel(None);
        Self { begun, cancelled: Arc::default(), tasks: TaskManager::new(), polled }
    }
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Amount {
    amount: u32,
}

#[tool_router]
impl Odd {
    #[tool(description = "Reports its steps, then answers.")]
    async fn count(
        &self,
        Parameters(Amount { amount }): Parameters<Amount>,
        context: RequestContext<RoleServer>,
    ) -> CallToolResult {
        let token = context.meta.get_progress_token().unwrap();
        for step in 0..amount {
            let step = ProgressNotificationParam::new(token.clone(), f64::from(step));
            context.peer.notify_progress(step).await.unwrap();
        }
        CallToolResult::structured(json!({ "counted": amount }))
    }

    #[tool(description = "Says nothing and never answers.")]
    async fn hang(&self, context: RequestContext<RoleServer>) -> String {
        self.begun.send_replace(Some(Instant::now()));
        context.ct.cancelled().await;
        self.cancelled.notify_one();
        String::new()
    }

    #[tool(description = "Reports step after step and never answers.")]
    async fn dawdle(&self, context: RequestContext<RoleServer>) -> String {
        let token = context.meta.get_progress_token().unwrap();
        for step in 0.. {
            let step = ProgressNotificationParam::new(token.clone(), f64::from(step));
            if context.ct.is_cancelled() || context.peer.notify_progress(step).await.is_err() {
                break;
            }
        }
        String::new()
    }

    #[tool(description = "Answers with many bytes.")]
    async fn shout(&self, Parameters(Amount { amount }): Parameters<Amount>) -> String {
        "x".repeat(amount as usize)
    }

    #[tool(description = "Makes a task of it, which is done once it was asked for three times.")]
    async fn errand(&self) -> CallToolResponse {
        let polled = Arc::clone(&self.polled);
        let options = TaskOptions::new().with_poll_interval_ms(1).with_status_message("reading");
        let task = self.tasks.spawn(options, move |_context| {
            Box::pin(async move {
                let _enough = polled.acquire_many(3).await;
                Ok(CallToolResult::structured(json!({ "read": 3 })))
            })
        });
        CallToolResponse::Task(CreateTaskResult::new(task))
    }

    #[tool(description = "Makes a task of it, which ends only when it is cancelled.")]
    async fn odyssey(&self) -> CallToolResponse {
        let cancelled = Arc::clone(&self.cancelled);
        let task = self.tasks.spawn(TaskOptions::new().with_poll_interval_ms(1), |context| {
            Box::pin(async move {
                context.cancelled().await;
                cancelled.notify_one();
                Err(TaskExit::Cancelled)
            })
        });
        CallToolResponse::Task(CreateTaskResult::new(task))
    }

    #[tool(description = "Reports a failure.")]
    async fn fail(&self) -> CallToolResult {
        CallToolResult::error(vec![ContentBlock::text("no such folder; try another")])
    }
}

#[tool_handler]
impl ServerHandler for Odd {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().enable_tasks().build())
    }

    async fn get_task(
        &self,
        asked: GetTaskParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, ErrorData> {
        self.polled.add_permits(1);
        self.tasks.get_task(&asked.task_id).map(GetTaskResult::new)
    }

    async fn cancel_task(
        &self,
        asked: CancelTaskParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.tasks.cancel_task(&asked.task_id)
    }
}

fn token(text: &str) -> Token {
    Token::new(text).unwrap()
}

async fn served(access: Access) -> (Serving, Odd) {
    let odd = Odd::default();
    let given = odd.clone();
    (serve_http(move || given.clone(), Doorway::on(0, access)).await.unwrap(), odd)
}

async fn over_http() -> (Serving, Odd, Partner) {
    let (serving, odd) = served(Access::Bearer(token("right"))).await;
    let endpoint = Endpoint::Http { url: serving.url(), token: Some(token("right")) };
    let partner = Partner::connect(&endpoint).await.unwrap();
    (serving, odd, partner)
}

/// Limits for a call that is tried again until it had begun within them: on a busy machine it may be given
/// up before anybody heard of it, and then nobody can be told to stop.
fn longer_and_longer(from: Duration) -> impl Iterator<Item = Duration> {
    std::iter::successors(Some(from), |limit| Some(*limit * 2))
}

async fn over_streams() -> Partner {
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let (read, write) = tokio::io::split(theirs);
    tokio::spawn(serve_io(Odd::default(), read, write, CancellationToken::new()));
    let (read, write) = tokio::io::split(ours);
    Partner::over(read, write).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_is_asked_for_until_it_is_done() {
    let (_serving, _odd, http) = over_http().await;
    for partner in [http, over_streams().await] {
        let (mut polls, mut said) = (0, Vec::new());
        let call = partner.call("errand", json!({}), Limits::default(), |step| match step {
            Step::Polled => polls += 1,
            Step::Progressed(progress) => said.push(progress.message),
        });
        assert_eq!(call.await.unwrap().structured, json!({ "read": 3 }));
        assert!(polls >= 3, "{polls}");
        assert_eq!(said, ["reading"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_that_is_given_up_is_cancelled() {
    for total in longer_and_longer(Duration::from_millis(200)) {
        let (_serving, odd, partner) = over_http().await;
        let limits = Limits { total, ..Limits::default() };
        let mut polls = 0;
        let count = |step| polls += u32::from(step == Step::Polled);
        let result = partner.call("odyssey", json!({}), limits, count).await;
        assert!(matches!(result, Err(PartnerError::TimedOut { .. })), "{result:?}");
        if polls > 0 {
            return odd.cancelled.notified().await;
        }
    }
}

async fn every_step_arrives(partner: &Partner) {
    let mut steps = Vec::new();
    let arguments = json!({ "amount": 200 });
    let answer = partner.call("count", arguments, Limits::default(), |step| match step {
        Step::Progressed(progress) => steps.push(progress.done),
        Step::Polled => panic!("no task was made of it"),
    });
    let answer = answer.await.unwrap();
    assert_eq!(answer.structured, json!({ "counted": 200 }));
    assert_eq!(answer.steps_lost, 0);
    assert_eq!(steps, (0..200).map(f64::from).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_step_arrives_in_order_over_http() {
    let (serving, _odd, partner) = over_http().await;
    assert_eq!(partner.peer().protocol, "2026-07-28");
    every_step_arrives(&partner).await;
    partner.close().await.unwrap();
    serving.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_step_arrives_in_order_over_streams() {
    let partner = over_streams().await;
    every_step_arrives(&partner).await;
}

#[tokio::test]
async fn tools_are_listed_with_their_schema() {
    let partner = over_streams().await;
    let tools = partner.tools().await.unwrap();
    let count = tools.iter().find(|tool| tool.name == "count").unwrap();
    assert_eq!(count.description, "Reports its steps, then answers.");
    assert_eq!(count.arguments["required"], json!(["amount"]));
}

#[tokio::test]
async fn a_silent_tool_times_out_and_is_told_to_stop() {
    for silence in longer_and_longer(Duration::from_millis(50)) {
        let (_serving, odd, partner) = over_http().await;
        let limits = Limits { silence, total: Duration::from_mins(1) };
        let earliest_end = Instant::now() + silence;
        let result = partner.call("hang", json!({}), limits, |_step| {}).await;
        assert!(matches!(result, Err(PartnerError::TimedOut { after }) if after == silence));
        if odd.begun.borrow().is_some_and(|begun| begun < earliest_end) {
            return odd.cancelled.notified().await;
        }
    }
}

#[tokio::test]
async fn steps_put_off_the_time_out_but_not_for_ever() {
    let (_serving, _odd, partner) = over_http().await;
    for total in longer_and_longer(Duration::from_millis(300)) {
        let limits = Limits { silence: Duration::from_mins(1), total };
        let mut steps = 0;
        let result = partner.call("dawdle", json!({}), limits, |_step| steps += 1).await;
        assert!(matches!(result, Err(PartnerError::TimedOut { after }) if after == total));
        if steps > 0 {
            return;
        }
    }
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_is_told_to_stop() {
    let (_serving, odd, partner) = over_http().await;
    let mut begun = odd.begun.subscribe();
    let call = partner.call("hang", json!({}), Limits::default(), |_step| {});
    tokio::select! {
        result = call => panic!("{result:?}"),
        begun = begun.wait_for(Option::is_some) => assert!(begun.is_ok()),
    }
    odd.cancelled.notified().await;
}

#[tokio::test]
async fn a_failed_tool_is_an_error_with_its_words() {
    let partner = over_streams().await;
    let result = partner.call("fail", json!({}), Limits::default(), |_step| {}).await;
    let Err(PartnerError::ToolFailed { text }) = result else { panic!("{result:?}") };
    assert_eq!(text, "no such folder; try another");
}

#[tokio::test]
async fn an_unknown_tool_is_refused_and_wrong_arguments_fail_in_words() {
    let partner = over_streams().await;
    let result = partner.call("nothing", json!({}), Limits::default(), |_step| {}).await;
    assert!(matches!(result, Err(PartnerError::Refused { .. })), "{result:?}");
    let arguments = json!({ "amount": "many" });
    let result = partner.call("count", arguments, Limits::default(), |_step| {}).await;
    let Err(PartnerError::ToolFailed { text }) = result else { panic!("{result:?}") };
    assert!(text.contains("expected u32"), "{text}");
    let result = partner.call("count", Value::Null, Limits::default(), |_step| {}).await;
    assert!(matches!(result, Err(PartnerError::Unsupported { .. })));
}

#[tokio::test]
async fn an_answer_beyond_the_cap_is_too_large() {
    let (_serving, _odd, partner) = over_http().await;
    let result =
        partner.call("shout", json!({ "amount": 9 << 20 }), Limits::default(), |_step| {}).await;
    assert!(matches!(result, Err(PartnerError::TooLarge { .. })), "{:?}", result.is_ok());
    let result =
        partner.call("shout", json!({ "amount": 1 << 20 }), Limits::default(), |_step| {}).await;
    assert_eq!(result.unwrap().text.len(), 1 << 20);
}

#[tokio::test]
async fn a_wrong_token_is_not_let_in() {
    let (serving, _odd) = served(Access::Bearer(token("right"))).await;
    for shown in [None, Some(token("wrong")), Some(token("righ"))] {
        let result = Partner::connect(&Endpoint::Http { url: serving.url(), token: shown }).await;
        assert!(matches!(result, Err(PartnerError::Unauthorised { .. })), "{result:?}");
    }
}

#[tokio::test]
async fn a_foreign_origin_and_a_foreign_host_are_forbidden() {
    let (serving, _odd) = served(Access::Open).await;
    let client = http_client(Reach::Here).unwrap();
    let ask = |name: &str, value: &str| {
        client
            .post(serving.url())
            .header(name, value)
            .header("accept", "application/json, text/event-stream")
            .json(&json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }))
            .send()
    };
    assert_eq!(ask("origin", "https://evil.example").await.unwrap().status(), 403);
    assert_eq!(ask("host", "evil.example").await.unwrap().status(), 403);
    assert_ne!(ask("origin", "http://localhost:5173").await.unwrap().status(), 403);
}

#[tokio::test]
async fn only_loopback_is_listened_on() {
    let door = Doorway { address: ([0, 0, 0, 0], 0).into(), ..Doorway::on(0, Access::Open) };
    let result = serve_http(Odd::default, door).await;
    assert!(matches!(result, Err(PartnerError::Misconfigured { .. })));
}

#[tokio::test]
async fn a_partner_that_stopped_is_unreachable() {
    let (serving, _odd, partner) = over_http().await;
    let endpoint = Endpoint::Http { url: serving.url(), token: Some(token("right")) };
    serving.stop().await.unwrap();
    let result = partner.call("count", json!({ "amount": 1 }), Limits::default(), |_| {}).await;
    assert!(matches!(&result, Err(error) if error.may_pass()), "{result:?}");
    let result = Partner::connect(&endpoint).await;
    assert!(matches!(result, Err(PartnerError::Unreachable { .. })), "{result:?}");
}

#[tokio::test]
async fn a_command_that_does_not_start_or_does_not_speak_is_unreachable() {
    for argv in [["/nonexistent/partner", ""], ["/bin/cat", "/dev/null"]] {
        let argv = argv.map(str::to_owned).into();
        let endpoint = Endpoint::Command { argv, env: std::collections::BTreeMap::new() };
        let result = Partner::connect(&endpoint).await;
        assert!(matches!(result, Err(PartnerError::Unreachable { .. })), "{result:?}");
    }
    let empty = Endpoint::Command { argv: vec![], env: std::collections::BTreeMap::new() };
    let result = Partner::connect(&empty).await;
    assert!(matches!(result, Err(PartnerError::Misconfigured { .. })));
}

/// A server of the old protocol, in a shell: knows no discovery, shakes hands, has one tool.
#[cfg(unix)]
const OLD: &str = r#"
echo "pid $$" >"$PID_FILE"
echo "ready" >&2
while read -r line; do
  id=$(printf '%s' "$line" | sed 's/.*"id":\([0-9]*\).*/\1/')
  case "$line" in
    *'"server/discover"'*) echo '{"jsonrpc":"2.0","id":'"$id"',"error":{"code":-32601,"message":"unknown"}}' ;;
    *'"initialize"'*) echo '{"jsonrpc":"2.0","id":'"$id"',"result":{"protocolVersion":"2025-03-26","capabilities":{"tools":{}},"serverInfo":{"name":"old","version":"1"}}}' ;;
    *'"tools/list"'*) echo '{"jsonrpc":"2.0","id":'"$id"',"result":{"tools":[{"name":"env","inputSchema":{"type":"object"}}]}}' ;;
    *'"tools/call"'*) echo '{"jsonrpc":"2.0","id":'"$id"',"result":{"content":[{"type":"text","text":"'"$(env | cut -d= -f1 | sort | tr '\n' ' ')"'"}]}}' ;;
  esac
done
"#;

#[cfg(unix)]
#[tokio::test]
async fn a_child_of_the_old_protocol_is_met_inherits_nothing_and_dies_with_the_client() {
    let folder = tempfile::tempdir().unwrap();
    let pid_file = folder.path().join("pid");
    let argv = ["/bin/sh", "-c", OLD].map(str::to_owned).into();
    let env = [
        ("PATH".to_owned(), "/usr/bin:/bin".to_owned()),
        ("PID_FILE".to_owned(), pid_file.to_str().unwrap().to_owned()),
    ];
    let partner = Partner::connect(&Endpoint::Command { argv, env: env.into() }).await.unwrap();
    let peer = partner.peer();
    assert_eq!((peer.name.as_str(), peer.protocol.as_str()), ("old", "2025-03-26"));
    assert_eq!(partner.tools().await.unwrap()[0].name, "env");
    let answer = partner.call("env", json!({}), Limits::default(), |_step| {}).await.unwrap();
    let names: Vec<&str> = answer.text.split_whitespace().collect();
    assert!(!names.contains(&"HOME") && !names.iter().any(|name| name.starts_with("CARGO")));
    let pid = std::fs::read_to_string(pid_file).unwrap().replace("pid ", "");
    let pid = rustix::process::Pid::from_raw(pid.trim().parse().unwrap()).unwrap();
    assert!(rustix::process::test_kill_process(pid).is_ok());
    partner.close().await.unwrap();
    assert!(rustix::process::test_kill_process(pid).is_err());
}
