//! A partner that says back what it was shown: nothing of the token is handed on.

use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{
    CallToolResult, ContentBlock, ErrorData, Implementation, ProgressNotificationParam,
    ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler, tool, tool_handler, tool_router};
use serde_json::{Value, json};

use super::*;

/// Whoever finds eight bytes of it anywhere has found a leak.
const CANARY: &str = "gh_s3cret/Canary+0123456789~x";

/// A server that was shown a token and tells it wherever a partner has something to tell.
#[derive(Clone)]
struct Parrot;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct How {
    how: String,
    /// How much it says before.
    #[serde(default)]
    before: usize,
}

#[tool_router]
impl Parrot {
    #[tool(description = "Knows gh_s3cret/Canary+0123456789~x")]
    async fn echo(
        &self,
        Parameters(How { how, before }): Parameters<How>,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResult, ErrorData> {
        let token = context.meta.get_progress_token().unwrap();
        let message = format!("{}got {CANARY}", "x".repeat(before));
        let step = ProgressNotificationParam::new(token, 1.0).with_message(message);
        context.peer.notify_progress(step).await.unwrap();
        let text = ContentBlock::text(format!("got {CANARY}"));
        match how.as_str() {
            "text" => Ok(CallToolResult::success(vec![text])),
            "structured" => Ok(CallToolResult::structured(json!({ CANARY: [{ "got": CANARY }] }))),
            "failure" => Ok(CallToolResult::error(vec![text])),
            _ => Err(ErrorData::invalid_params(format!("got {CANARY}"), None)),
        }
    }
}

#[tool_handler]
impl ServerHandler for Parrot {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new(CANARY, CANARY))
    }
}

fn assert_untold(told: &str) {
    for window in CANARY.as_bytes().windows(8) {
        let window = str::from_utf8(window).unwrap();
        assert!(!told.contains(window), "{window} in {told}");
    }
}

/// 79: a partner gets a bearer token of ours with every call, and what it says goes into every tracker.
#[tokio::test]
async fn a_partner_that_echoes_its_token_is_not_repeated() {
    let token = Token::new(CANARY).unwrap();
    let door = Doorway::on(0, Access::Bearer(token.clone()));
    let serving = serve_http(|| Parrot, door).await.unwrap();
    let endpoint = Endpoint::Http { url: serving.url(), token: Some(token) };
    let partner = Partner::connect(&endpoint).await.unwrap();
    let (peer, tools) = (partner.peer(), partner.tools().await.unwrap());
    assert_eq!((peer.name.as_str(), tools[0].description.as_str()), ("…", "Knows …"));
    assert_untold(&format!("{peer:?} {tools:?} {partner:?}"));
    for how in ["text", "structured", "failure", "refusal"] {
        let mut steps = Vec::new();
        let (limits, arguments) = (Limits::default(), json!({ "how": how }));
        let answer = partner.call("echo", arguments, limits, |step| steps.push(step)).await;
        let told = format!("{answer:?} {steps:?}");
        assert_untold(&told);
        assert_eq!(told.matches("got …").count(), 2 - usize::from(how == "structured"), "{told}");
        if let Ok(Answer { structured: Value::Object(told), .. }) = answer {
            assert_eq!(Value::Object(told), json!({ "…": [{ "got": "…" }] }));
        }
    }
    serving.stop().await.unwrap();
}

/// 79: what stands at the door may say it too.
#[tokio::test]
async fn a_door_that_echoes_its_token_is_not_repeated() {
    for status in [401_u16, 403, 500] {
        let status = axum::http::StatusCode::from_u16(status).unwrap();
        let app = axum::Router::new()
            .fallback(move || async move { (status, format!("Bearer {CANARY} is no good")) });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/mcp", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, app).into_future());
        let endpoint = Endpoint::Http { url, token: Token::new(CANARY) };
        let error = Partner::connect(&endpoint).await.unwrap_err();
        assert_untold(&format!("{error} {error:?}"));
    }
}

/// 79: of a step only the beginning is kept, and of a token at its end too little to be known again.
#[tokio::test]
async fn a_step_that_is_cut_within_the_token_tells_nothing_of_it() {
    let token = Token::new(CANARY).unwrap();
    let door = Doorway::on(0, Access::Bearer(token.clone()));
    let serving = serve_http(|| Parrot, door).await.unwrap();
    let endpoint = Endpoint::Http { url: serving.url(), token: Some(token) };
    let partner = Partner::connect(&endpoint).await.unwrap();
    for left in 1..=10 {
        let before = 16 * 1024 - "got ".len() - left;
        let (mut steps, arguments) = (Vec::new(), json!({ "how": "text", "before": before }));
        let step = |step| steps.push(step);
        drop(partner.call("echo", arguments, Limits::default(), step).await.unwrap());
        let [Step::Progressed(progress)] = steps.as_slice() else { panic!("{steps:?}") };
        let end = progress.message.trim_start_matches('x');
        assert_eq!((end, progress.message.len()), ("got …", before + "got …".len()), "{left}");
    }
    serving.stop().await.unwrap();
}

/// 79: and of what is said at the door.
#[tokio::test]
async fn a_refusal_that_is_cut_within_the_token_tells_nothing_of_it() {
    let cuts = [400_u16, 401, 403].map(|status| [1, 3, 7, 8].map(|left| (status, left)));
    for (status, left) in cuts.into_iter().flatten() {
        let status = axum::http::StatusCode::from_u16(status).unwrap();
        let said = format!("{}{CANARY} is no good", "x".repeat(300 - left));
        let app = axum::Router::new().fallback(move || async move { (status, said) });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/mcp", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, app).into_future());
        let endpoint = Endpoint::Http { url, token: Token::new(CANARY) };
        let error = Partner::connect(&endpoint).await.unwrap_err().to_string();
        assert!(error.contains("xx…") && !error.contains("xg"), "{status}, {left}: {error}");
    }
}
