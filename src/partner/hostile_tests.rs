//! Partners that answer with more than can be held, and callers that no tool may hear.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use futures_util::stream::{self, StreamExt};
use reqwest::RequestBuilder;
use rmcp::{ServerHandler, tool, tool_handler, tool_router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::misleading::{CANARY, lead_astray};
use super::packed::bomb;
use super::*;

/// A partner that shakes hands as the old ones did; which tool is called says what it answers.
struct Hostile(String);

impl Hostile {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/mcp", listener.local_addr().unwrap());
        let app = Router::new().route("/mcp", post(answer));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self(url)
    }

    /// Calls a tool; what a partner may take is bounded by time as well.
    async fn call(&self, tool: &str) -> Result<Answer, PartnerError> {
        let endpoint = Endpoint::Http { url: self.0.clone(), token: None };
        let partner = Partner::connect(&endpoint).await.unwrap();
        partner.call(tool, json!({}), Limits::default(), |_step| {}).await
    }
}

async fn answer(Json(asked): Json<Value>) -> Response {
    let said = |said: Value| {
        Json(json!({ "jsonrpc": "2.0", "id": asked["id"], "result": said })).into_response()
    };
    match asked["method"].as_str().unwrap() {
        "server/discover" => {
            let error = json!({ "code": -32601, "message": "unknown" });
            Json(json!({ "jsonrpc": "2.0", "id": asked["id"], "error": error })).into_response()
        }
        "initialize" => said(json!({
            "protocolVersion": "2025-06-18", "capabilities": { "tools": {} },
            "serverInfo": { "name": "hostile", "version": "1" },
        })),
        "tools/call" => act(asked["params"]["name"].as_str().unwrap(), &asked["id"]),
        _ => StatusCode::ACCEPTED.into_response(),
    }
}

/// Lists within lists.
fn nested(depth: usize) -> String {
    format!("{}1{}", "[".repeat(depth), "]".repeat(depth))
}

fn act(tool: &str, id: &Value) -> Response {
    let result = |structured: &str| {
        let result = format!(r#"{{"content":[],"structuredContent":{{"a":{structured}}}}}"#);
        format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#)
    };
    let list = result(&format!("[{}0]", "0,".repeat(3_900_000)));
    let (json, events) = ("application/json", "text/event-stream");
    let plain = |kind: &'static str, body: Body| ([(header::CONTENT_TYPE, kind)], body);
    let packed = |kind: &'static str| {
        let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_ENCODING, "gzip")];
        (headers, bomb(64 * 1024 * 1024)).into_response()
    };
    let endless = |begun: &'static str, more: String| {
        let more = stream::repeat(more).map(Ok::<_, Infallible>);
        let begun = stream::iter([Ok::<_, Infallible>(begun.to_owned())]);
        plain(events, Body::from_stream(begun.chain(more))).into_response()
    };
    match tool {
        "a page" => plain(json, result("[1]").into()).into_response(),
        "an event" => plain(events, format!("data: {}\n\n", result("[1]")).into()).into_response(),
        "a line" => endless("data: ", "x".repeat(4096)),
        "lines" => endless("", format!("data: {}\r\n", "x".repeat(4096))),
        "a remark" => endless(": ", "x".repeat(4096)),
        "a bomb" => packed(json),
        "a bomb of events" => packed(events),
        "a list" => plain(json, list.into()).into_response(),
        "a list as an event" => plain(events, format!("data: {list}\n\n").into()).into_response(),
        "a hole" => plain(json, result(&nested(1_000)).into()).into_response(),
        "a deep hole" => plain(json, result(&nested(200_000)).into()).into_response(),
        "no number" => plain(json, result("NaN").into()).into_response(),
        "half a letter" => plain(json, result(r#""\ud800""#).into()).into_response(),
        "twice" => plain(json, result(r#"{"a":1,"a":2}"#).into()).into_response(),
        "a huge number" => plain(json, result("12345678901234567890123").into()).into_response(),
        other => panic!("{other}"),
    }
}

/// The control of everything below: what is neither long nor heavy is an answer.
#[tokio::test]
async fn what_a_partner_says_in_bounds_is_its_answer() {
    let hostile = Hostile::start().await;
    for tool in ["a page", "an event"] {
        assert_eq!(hostile.call(tool).await.unwrap().structured, json!({ "a": [1] }), "{tool}");
    }
}

/// 76: it never ends, and it is cut as soon as it is longer than any answer may be.
#[tokio::test]
async fn a_line_of_events_without_end_is_cut() {
    let hostile = Hostile::start().await;
    for tool in ["a line", "lines", "a remark"] {
        let cut = hostile.call(tool).await;
        assert!(matches!(cut, Err(PartnerError::TooLarge { .. })), "{tool}: {:?}", cut.err());
    }
}

/// 75: whichever way it comes.
#[tokio::test]
async fn a_bomb_from_a_partner_is_cut() {
    let hostile = Hostile::start().await;
    for tool in ["a bomb", "a bomb of events"] {
        let cut = hostile.call(tool).await;
        assert!(matches!(cut, Err(PartnerError::TooLarge { .. })), "{tool}: {:?}", cut.err());
    }
}

/// 75 and 77: it could be taken, but not read.
#[tokio::test]
async fn a_list_that_would_take_too_much_memory_is_cut() {
    let hostile = Hostile::start().await;
    for tool in ["a list", "a list as an event", "a deep hole"] {
        let cut = hostile.call(tool).await;
        assert!(matches!(cut, Err(PartnerError::TooLarge { .. })), "{tool}: {:?}", cut.err());
    }
}

/// 77: what is no message breaks the channel; of two fields of one name the last counts, and a number that fits
/// nowhere is rounded.
#[tokio::test]
async fn a_partner_with_hostile_json_is_an_error_and_no_crash() {
    let hostile = Hostile::start().await;
    for tool in ["a hole", "no number", "half a letter"] {
        let broken = hostile.call(tool).await;
        assert!(matches!(broken, Err(PartnerError::Unreachable { .. })), "{tool}: {broken:?}");
    }
    let twice = hostile.call("twice").await.unwrap();
    assert_eq!(twice.structured, json!({ "a": { "a": 2 } }));
    let huge = hostile.call("a huge number").await.unwrap();
    assert_eq!(huge.structured, json!({ "a": 1.234_567_890_123_456_8e22 }));
}

/// 74: neither the client that everybody here uses nor a partner's own goes where a redirect leads.
#[tokio::test]
async fn a_redirect_of_a_partner_leads_nowhere() {
    let client = http_client(Reach::Here).unwrap();
    lead_astray(async |url: &str| {
        let request = client.post(url).bearer_auth(CANARY).header("x-canary", CANARY).body(CANARY);
        assert!(request.send().await.unwrap().status().is_redirection());
    })
    .await;
    lead_astray(async |url: &str| {
        let endpoint = Endpoint::Http { url: url.to_owned(), token: Token::new(CANARY) };
        let met = Partner::connect(&endpoint).await;
        assert!(matches!(met, Err(PartnerError::Unreachable { .. })), "{met:?}");
    })
    .await;
}

/// A server that counts how often its only tool was called.
#[derive(Clone, Default)]
struct Counting(Arc<AtomicUsize>);

#[tool_router]
impl Counting {
    #[tool(description = "Counts.")]
    async fn touch(&self) -> String {
        self.0.fetch_add(1, SeqCst);
        "touched".to_owned()
    }
}

#[tool_handler]
impl ServerHandler for Counting {}

/// A call as our own client makes it, but for its token and the form of its body.
fn touching(url: &str, method: reqwest::Method) -> RequestBuilder {
    let client = http_client(Reach::Here).unwrap();
    let request =
        client.request(method, url).header("accept", "application/json, text/event-stream");
    let said = [("mcp-method", "tools/call"), ("mcp-name", "touch")];
    let request =
        said.into_iter().fold(request, |request, (name, value)| request.header(name, value));
    request.header("mcp-protocol-version", "2026-07-28")
}

fn touch() -> String {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let params = json!({ "name": "touch", "arguments": {}, "_meta": meta });
    json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }).to_string()
}

/// 73: from a web page, under another name, without the token or with it in the wrong place, in another form.
#[tokio::test]
async fn no_web_page_and_no_odd_request_reaches_a_tool() {
    let counting = Counting::default();
    let given = counting.clone();
    let door = Doorway::on(0, Access::Bearer(Token::new("right").unwrap()));
    let serving = serve_http(move || given.clone(), door).await.unwrap();
    let calling = |url: &str| touching(url, reqwest::Method::POST);
    let json = |request: RequestBuilder| request.header("content-type", "application/json");
    let right = || json(calling(&serving.url()).bearer_auth("right"));
    let status = async |request: RequestBuilder| request.send().await.unwrap().status().as_u16();
    let origin = |origin: &str| right().header("origin", origin).body(touch());
    assert_eq!(status(origin("null")).await, 403);
    assert_eq!(status(origin("https://evil.test")).await, 403);
    assert_eq!(status(origin("http://localhost.evil.test:80")).await, 403);
    assert_eq!(status(right().header("host", "evil.test").body(touch())).await, 403);
    assert_eq!(status(json(calling(&serving.url())).body(touch())).await, 401);
    let wrong = json(calling(&serving.url()).bearer_auth("righ")).body(touch());
    assert_eq!(status(wrong).await, 401);
    for name in ["token", "access_token", "bearer"] {
        let url = format!("{}?{name}=right", serving.url());
        assert_eq!(status(json(calling(&url)).body(touch())).await, 401, "{name}");
    }
    let plain = calling(&serving.url()).bearer_auth("right").header("content-type", "text/plain");
    assert_eq!(status(plain.body(touch())).await, 415);
    let form = "application/x-www-form-urlencoded";
    let form = calling(&serving.url()).bearer_auth("right").header("content-type", form);
    assert_eq!(status(form.body(touch())).await, 415);
    assert_eq!(status(calling(&serving.url()).bearer_auth("right").body(touch())).await, 415);
    for method in [reqwest::Method::GET, reqwest::Method::PUT, reqwest::Method::PATCH] {
        let odd = json(touching(&serving.url(), method.clone()).bearer_auth("right"));
        assert_eq!(status(odd.body(touch())).await, 405, "{method}");
        assert_eq!(status(touching(&serving.url(), method.clone())).await, 401, "{method}");
    }
    assert_eq!(counting.0.load(SeqCst), 0);
    assert_eq!(status(right().body(touch())).await, 200);
    assert_eq!(counting.0.load(SeqCst), 1, "what was refused above is a call but for one thing");
}

/// 77: a message that cannot be read is refused, and so is one whose values would take too much memory.
#[tokio::test]
async fn no_hostile_json_reaches_a_tool() {
    let counting = Counting::default();
    let given = counting.clone();
    let serving = serve_http(move || given.clone(), Doorway::on(0, Access::Open)).await.unwrap();
    let said = async |arguments: &str| {
        let body = touch().replace("\"arguments\":{}", &format!("\"arguments\":{arguments}"));
        let request = touching(&serving.url(), reqwest::Method::POST);
        let request = request.header("content-type", "application/json").body(body);
        request.timeout(Duration::from_mins(1)).send().await.unwrap().status().as_u16()
    };
    let (deep, deepest) =
        [1_000, 200_000].map(|depth| format!("{{\"a\":{}}}", nested(depth))).into();
    assert_eq!(said(&deepest).await, 413);
    for text in [&deep, "{\"a\":NaN}", "{\"a\":1e999}", "{\"a\":\"\\ud800\"}"] {
        assert_eq!(said(text).await, 415, "{text:.20}");
    }
    assert_eq!(said(&format!("{{\"a\":[{}0]}}", "0,".repeat(1_000_000))).await, 413);
    assert_eq!(said(&format!("{{\"a\":[{}{{}}]}}", "{\"\":0},".repeat(200_000))).await, 413);
    assert_eq!(said(&format!("{{\"a\":\"{}\"}}", "x".repeat(4 * 1024 * 1024))).await, 413);
    assert_eq!(counting.0.load(SeqCst), 0);
    assert_eq!(said(r#"{"a":1,"a":12345678901234567890123}"#).await, 200, "nobody asked for it");
    assert_eq!(counting.0.load(SeqCst), 1);
}
