//! Tests of the look-alikes over real connections.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::post;
use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::hooks::{Hook, client};
use super::{
    Fault, FaultLine, Porch, PorchKey, Sandbox, SandboxAct, SandboxDone, SandboxError, SandboxPlan,
    Vendor,
};
use crate::partner::misleading::{CANARY, lead_astray};
use crate::settings::Clock;

fn held() -> Clock {
    Clock::held_at("2026-11-20T11:00:00Z".parse::<Timestamp>().unwrap())
}

async fn sandbox() -> Sandbox {
    Sandbox::start(SandboxPlan::new(1, held())).await.unwrap()
}

/// A request of an account, with what its vendor asks every request for.
fn asking(
    sandbox: &Sandbox,
    vendor: Vendor,
    login: &str,
    (method, path): (Method, &str),
) -> RequestBuilder {
    let token = sandbox.token(vendor, login).unwrap();
    let url = format!("{}{path}", sandbox.base(vendor));
    let request = client().unwrap().request(method, url).header("accept", "application/json");
    match vendor {
        Vendor::Github => request.bearer_auth(token),
        Vendor::Pagerduty => request
            .header("authorization", format!("Token token={token}"))
            .header("from", format!("{login}@sandbox.invalid")),
        Vendor::Servicenow => request.basic_auth(login, Some(token)),
        Vendor::Jira => request.basic_auth(format!("{login}@sandbox.invalid"), Some(token)),
    }
}

async fn read(sandbox: &Sandbox, vendor: Vendor, path: &str) -> Value {
    let answer = asking(sandbox, vendor, "on-call", (Method::GET, path)).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

async fn write(sandbox: &Sandbox, vendor: Vendor, path: &str, body: Value) -> (u16, Value) {
    let request = asking(sandbox, vendor, "wheelhouse", (Method::POST, path)).json(&body);
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

const ISSUES: &str = "/repos/wheelhouse/sandbox/issues";
const COMMENTS: &str = "/repos/wheelhouse/sandbox/issues/1/comments";

/// A sandbox whose GitHub has one issue.
async fn with_issue() -> Sandbox {
    let sandbox = sandbox().await;
    let (status, _) = write(&sandbox, Vendor::Github, ISSUES, json!({ "title": "t" })).await;
    assert_eq!(status, 201);
    sandbox
}

fn comment(text: &str) -> Value {
    json!({ "body": text })
}

#[tokio::test]
async fn github_pages_to_the_end_and_tells_bots_from_people() {
    let sandbox = with_issue().await;
    for n in 0..5 {
        write(&sandbox, Vendor::Github, COMMENTS, comment(&format!("{n}"))).await;
    }
    sandbox.comment(Vendor::Github, "1", ("on-call", "by hand")).await.unwrap();
    let (mut found, mut path) = (Vec::new(), Some(format!("{COMMENTS}?per_page=4")));
    while let Some(next) = path {
        let answer = asking(&sandbox, Vendor::Github, "on-call", (Method::GET, &next));
        let answer = answer.send().await.unwrap();
        let link = answer.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
        path = link.filter(|link| link.contains("rel=\"next\"")).map(|link| {
            let next = link.split(", ").find(|part| part.contains("next")).unwrap();
            let url = next.split('>').next().unwrap().trim_start_matches('<').to_owned();
            url.strip_prefix(sandbox.base(Vendor::Github)).unwrap().to_owned()
        });
        found.extend(answer.json::<Vec<Value>>().await.unwrap());
    }
    let kinds: Vec<&str> = found.iter().map(|it| it["user"]["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["Bot", "Bot", "Bot", "Bot", "Bot", "User"]);
}

#[tokio::test]
async fn github_answers_a_known_tag_with_nothing_and_refuses_what_is_too_long() {
    let sandbox = with_issue().await;
    let get = || asking(&sandbox, Vendor::Github, "on-call", (Method::GET, COMMENTS));
    let first = get().send().await.unwrap();
    let tag = first.headers()["etag"].clone();
    assert!(first.headers().contains_key("x-ratelimit-remaining"));
    let again = get().header("if-none-match", &tag).send().await.unwrap();
    assert_eq!(again.status(), 304);
    let long = "x".repeat(65_537);
    let (status, why) = write(&sandbox, Vendor::Github, COMMENTS, comment(&long)).await;
    assert_eq!((status, &why["message"]), (422, &json!("Validation Failed")));
    write(&sandbox, Vendor::Github, COMMENTS, comment("new")).await;
    let changed = get().header("if-none-match", &tag).send().await.unwrap();
    assert_eq!(changed.status(), 200);
}

#[tokio::test]
async fn a_connection_breaks_before_or_after_the_deed() {
    let sandbox = with_issue().await;
    let send = async |text: &str| {
        let request = asking(&sandbox, Vendor::Github, "wheelhouse", (Method::POST, COMMENTS));
        request.json(&comment(text)).send().await
    };
    sandbox.fault(Vendor::Github, FaultLine::of_writes(Fault::DropBefore).times(1));
    sandbox.fault(Vendor::Github, FaultLine::of_writes(Fault::DropAfter).times(1));
    sandbox.fault(Vendor::Github, FaultLine::of_writes(Fault::ErrorAfter(502)).times(1));
    sandbox.fault(Vendor::Github, FaultLine::of_writes(Fault::ErrorBefore(503)).times(1));
    assert!(send("dropped before").await.is_err());
    assert!(send("dropped after").await.is_err());
    let status = |answer: Result<Response, _>| answer.unwrap().status().as_u16();
    assert_eq!(status(send("broken after").await), 502);
    assert_eq!(status(send("broken before").await), 503);
    assert_eq!(status(send("at last").await), 201);
    let texts: Vec<_> =
        sandbox.items(Vendor::Github)[0].notes.iter().map(|note| note.text.clone()).collect();
    assert_eq!(texts, ["dropped after", "broken after", "at last"]);
}

#[tokio::test]
async fn what_comes_late_comes_all_the_same() {
    let sandbox = with_issue().await;
    let line = FaultLine::of_writes(Fault::Late(Duration::ZERO)).times(1);
    sandbox.fault(Vendor::Github, line);
    let request = asking(&sandbox, Vendor::Github, "wheelhouse", (Method::POST, COMMENTS));
    assert!(request.json(&comment("late")).send().await.is_err());
    while sandbox.items(Vendor::Github)[0].notes.is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn each_vendor_says_too_many_requests_in_its_own_words() {
    let sandbox = with_issue().await;
    let limited = async |vendor, path: &str, wait| {
        sandbox.fault(vendor, FaultLine::from(Fault::Limit(wait)).times(1));
        asking(&sandbox, vendor, "on-call", (Method::GET, path)).send().await.unwrap()
    };
    let header = |answer: &Response, name: &str| {
        answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
    };
    let wait = Some(Duration::from_secs(30));
    let answer = limited(Vendor::Github, "/user", wait).await;
    assert_eq!(
        (answer.status().as_u16(), header(&answer, "retry-after")),
        (403, Some("30".into()))
    );
    let answer = limited(Vendor::Github, "/user", None).await;
    assert_eq!(header(&answer, "x-ratelimit-remaining").as_deref(), Some("0"));
    let answer = limited(Vendor::Pagerduty, "/incidents", wait).await;
    assert_eq!(header(&answer, "ratelimit-reset").as_deref(), Some("30"));
    let answer = limited(Vendor::Servicenow, "/api/now/table/incident", wait).await;
    assert_eq!(header(&answer, "retry-after").as_deref(), Some("30"));
    let answer = limited(Vendor::Jira, "/rest/api/3/myself", None).await;
    assert_eq!(header(&answer, "ratelimit-reason").as_deref(), Some("jira-per-issue-on-write"));
    assert_eq!(header(&answer, "retry-after"), None);
}

#[tokio::test]
async fn pagerduty_wants_to_know_from_whom_and_lists_the_youngest_first() {
    let sandbox = sandbox().await;
    let service = json!({ "id": "PSVC", "type": "service_reference" });
    let incident = json!({ "type": "incident", "title": "checkout", "service": service });
    let (status, made) =
        write(&sandbox, Vendor::Pagerduty, "/incidents", json!({ "incident": incident })).await;
    assert_eq!(status, 201);
    let path = format!("/incidents/{}/notes", made["incident"]["id"].as_str().unwrap());
    for text in ["first", "second"] {
        let (status, _) =
            write(&sandbox, Vendor::Pagerduty, &path, json!({ "note": { "content": text } })).await;
        assert_eq!(status, 200);
    }
    let notes = read(&sandbox, Vendor::Pagerduty, &path).await;
    assert_eq!(notes["notes"][0]["content"], "second");
    assert_eq!(notes["notes"][0]["user"]["type"], "bot_user_reference");
    let token = sandbox.token(Vendor::Pagerduty, "wheelhouse").unwrap();
    let nameless = client()
        .unwrap()
        .post(format!("{}{path}", sandbox.base(Vendor::Pagerduty)))
        .header("authorization", format!("Token token={token}"))
        .json(&json!({ "note": { "content": "whose?" } }));
    assert_eq!(nameless.send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn servicenow_ignores_what_it_does_not_understand_and_says_nothing_of_what_it_hides() {
    let sandbox = sandbox().await;
    let table = "/api/now/table/incident";
    let (status, made) =
        write(&sandbox, Vendor::Servicenow, table, json!({ "short_description": "slow" })).await;
    assert_eq!(status, 201);
    let id = made["result"]["sys_id"].as_str().unwrap();
    let path = format!("{table}/{id}");
    let patch = async |body: Value| {
        let request = asking(&sandbox, Vendor::Servicenow, "wheelhouse", (Method::PATCH, &path));
        request.json(&body).send().await.unwrap().json::<Value>().await.unwrap()
    };
    let written = patch(json!({ "work_notes": "found it" })).await;
    assert_eq!(written["result"]["work_notes"], "");
    let journal = "/api/now/table/sys_journal_field?sysparm_query=";
    let found = read(&sandbox, Vendor::Servicenow, &format!("{journal}element_id={id}")).await;
    assert_eq!(found["result"][0]["value"], "found it");
    let mistyped = read(&sandbox, Vendor::Servicenow, &format!("{journal}elment_id=none")).await;
    assert_eq!(mistyped["result"].as_array().unwrap().len(), 1);
    sandbox.fault(Vendor::Servicenow, FaultLine::of_reads(Fault::SilentEmpty).times(1));
    let hidden = read(&sandbox, Vendor::Servicenow, &format!("{journal}element_id={id}")).await;
    assert_eq!(hidden["result"], json!([]));
    assert_eq!(patch(json!({ "state": "3" })).await["result"]["sys_mod_count"], "2");
    let woken = patch(json!({ "work_notes": "on hold?" })).await;
    let (state, count) = (&woken["result"]["state"], &woken["result"]["sys_mod_count"]);
    assert_eq!((state, count), (&json!("2"), &json!("3")));
    let url = format!("{}{table}", sandbox.base(Vendor::Servicenow));
    let token = sandbox.token(Vendor::Servicenow, "on-call").unwrap();
    let bare = client().unwrap().get(url).basic_auth("on-call", Some(token));
    assert_eq!(bare.send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn jira_takes_documents_and_shows_them_to_customers_unless_told_otherwise() {
    let sandbox = sandbox().await;
    let fields = json!({ "project": { "key": "OPS" }, "issuetype": { "name": "Task" },
        "summary": "checkout fails" });
    let (status, made) =
        write(&sandbox, Vendor::Jira, "/rest/api/3/issue", json!({ "fields": fields })).await;
    assert_eq!((status, &made["key"]), (201, &json!("OPS-1")));
    let path = "/rest/api/3/issue/OPS-1/comment";
    let (status, _) = write(&sandbox, Vendor::Jira, path, json!({ "body": "plain" })).await;
    assert_eq!(status, 400);
    let body = super::jira::of_text("found\nit");
    let (_, public) = write(&sandbox, Vendor::Jira, path, json!({ "body": body })).await;
    assert_eq!(public["jsdPublic"], true);
    let property = json!({ "key": "sd.public.comment", "value": { "internal": true } });
    let internal = json!({ "body": body, "properties": [property] });
    let (_, internal) = write(&sandbox, Vendor::Jira, path, internal).await;
    assert_eq!(internal["jsdPublic"], false);
    let search = "/rest/api/3/search/jql";
    let (status, _) = write(&sandbox, Vendor::Jira, search, json!({ "jql": "ORDER BY key" })).await;
    assert_eq!(status, 400);
    let asked = json!({ "jql": "project = OPS ORDER BY created ASC" });
    let (_, bare) = write(&sandbox, Vendor::Jira, search, asked).await;
    assert_eq!(bare["issues"][0]["fields"], json!({}));
    let asked = json!({ "jql": "project = OPS AND updated >= \"2026-11-20 10:59\"",
        "fields": ["summary"] });
    let (_, found) = write(&sandbox, Vendor::Jira, search, asked).await;
    assert_eq!(found["issues"][0]["fields"], json!({ "summary": "checkout fails" }));
}

#[tokio::test]
async fn lists_lag_and_clocks_go_wrong_when_the_script_says_so() {
    let clock = held();
    let sandbox = Sandbox::start(SandboxPlan::new(1, clock.clone())).await.unwrap();
    write(&sandbox, Vendor::Github, ISSUES, json!({ "title": "t" })).await;
    write(&sandbox, Vendor::Github, COMMENTS, comment("young")).await;
    let lag = Duration::from_secs(10);
    sandbox.fault(Vendor::Github, FaultLine::of_reads(Fault::Lag(lag)));
    assert_eq!(read(&sandbox, Vendor::Github, COMMENTS).await, json!([]));
    clock.advance(lag);
    assert_eq!(read(&sandbox, Vendor::Github, COMMENTS).await.as_array().unwrap().len(), 1);
    sandbox.mend(Vendor::Github);
    sandbox.fault(Vendor::Github, Fault::Skew(SignedDuration::from_secs(-90)).into());
    let answer = asking(&sandbox, Vendor::Github, "on-call", (Method::GET, "/user"));
    let answer = answer.send().await.unwrap();
    assert_eq!(answer.headers()["date"], "Fri, 20 Nov 2026 10:58:40 GMT");
    assert_eq!(answer.headers()["x-wheelhouse"], "sandbox");
}

#[tokio::test]
async fn what_people_do_is_told_to_the_webhooks_with_a_signature() {
    let (heard, mut hearing) = mpsc::channel(8);
    let receive = move |headers: HeaderMap, body: String| async move {
        heard.send((headers, body)).await.unwrap();
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/webhooks/github", listener.local_addr().unwrap());
    let server = axum::serve(listener, Router::new().route("/webhooks/github", post(receive)));
    let _receiver = tokio::spawn(async move { server.await.unwrap() });
    let hook = Hook { url, secret: "between us".to_owned() };
    let hooks = BTreeMap::from([(Vendor::Github, hook)]);
    let plan = SandboxPlan { hooks, ..SandboxPlan::new(1, held()) };
    let sandbox = Sandbox::start(plan).await.unwrap();
    write(&sandbox, Vendor::Github, ISSUES, json!({ "title": "t" })).await;
    let note = sandbox.comment(Vendor::Github, "1", ("commander", "/approve x")).await.unwrap();
    sandbox.edit(note, ("commander", "/deny x")).await.unwrap();
    sandbox.remove(note, "commander").await.unwrap();
    let mut actions = Vec::new();
    for _ in 0..4 {
        let (headers, body) = hearing.recv().await.unwrap();
        assert!(headers["x-hub-signature-256"].to_str().unwrap().starts_with("sha256="));
        assert!(headers.contains_key("x-github-delivery"));
        let body: Value = serde_json::from_str(&body).unwrap();
        actions.push(format!("{} {}", headers["x-github-event"].to_str().unwrap(), body["action"]));
    }
    let expected = ["issues \"opened\"", "issue_comment \"created\"", "issue_comment \"edited\""];
    assert_eq!(actions[..3], expected);
    assert_eq!(actions[3], "issue_comment \"deleted\"");
    assert!(sandbox.items(Vendor::Github)[0].notes.is_empty());
}

#[tokio::test]
async fn two_sandboxes_of_one_plan_answer_alike_and_share_no_token() {
    let (one, other) = (with_issue().await, with_issue().await);
    let (first, second) =
        (read(&one, Vendor::Github, ISSUES).await, read(&other, Vendor::Github, ISSUES).await);
    assert_eq!(first[0]["id"], second[0]["id"]);
    assert_eq!(first[0]["created_at"], second[0]["created_at"]);
    let token = |sandbox: &Sandbox| sandbox.token(Vendor::Github, "on-call").unwrap();
    assert_ne!(token(&one), token(&other));
}

#[tokio::test]
async fn whoever_looks_with_a_browser_is_told_that_it_is_a_sandbox() {
    let sandbox = with_issue().await;
    let url = format!("{}{ISSUES}/1", sandbox.base(Vendor::Github));
    let looked = client().unwrap().get(url).header("accept", "text/html,*/*").send().await.unwrap();
    assert!(looked.text().await.unwrap().starts_with("SANDBOX: a look-alike of GitHub"));
}

#[tokio::test]
async fn people_act_through_a_door_that_takes_its_own_key_alone() {
    let sandbox = Arc::new(with_issue().await);
    let porch = Porch::open(Arc::clone(&sandbox)).await.unwrap();
    let vendor = Vendor::Github;
    let (item, login) = ("1".to_owned(), "on-call".to_owned());
    let said = SandboxAct::Comment { vendor, item, login, text: "/approve x".to_owned() };
    let written = porch.key().ask(&said).await.unwrap();
    assert!(matches!(written, SandboxDone::Written { note: 1 }), "{written:?}");
    let (item, login) = ("1".to_owned(), "on-call".to_owned());
    let mailed = SandboxAct::Mail { vendor, item, login, text: "/deny x".to_owned() };
    let written = porch.key().ask(&mailed).await.unwrap();
    assert!(matches!(written, SandboxDone::Written { note: 2 }), "{written:?}");
    let line = FaultLine::of_writes(Fault::DropAfter).times(1);
    porch.key().ask(&SandboxAct::Fault { vendor, line }).await.unwrap();
    assert_eq!(sandbox.faults(vendor), [line]);
    let nobody = SandboxAct::Remove { note: 1, login: "somebody".to_owned() };
    let refused = porch.key().ask(&nobody).await;
    assert!(matches!(refused, Err(SandboxError::Missing(_))), "{refused:?}");
    let stranger = PorchKey { token: "0".repeat(32), ..porch.key().clone() };
    assert!(stranger.ask(&SandboxAct::Items { vendor }).await.is_err());
    let SandboxDone::Items { items } =
        porch.key().ask(&SandboxAct::Items { vendor }).await.unwrap()
    else {
        panic!("no items")
    };
    assert_eq!(items[0].notes[0].text, "/approve x");
}

/// 74: the token of the door for people, and what is told to a webhook.
#[tokio::test]
async fn a_redirect_leads_no_act_and_no_webhook_elsewhere() {
    lead_astray(async |url: &str| {
        let key = PorchKey { url: url.to_owned(), token: CANARY.to_owned() };
        let item = SandboxAct::Items { vendor: Vendor::Github };
        let asked = key.ask(&item).await;
        assert!(matches!(asked, Err(SandboxError::Away(_))), "{asked:?}");
        let sent = client().unwrap().post(url).header("x-canary", CANARY).body(CANARY).send().await;
        assert!(sent.unwrap().status().is_redirection());
    })
    .await;
}
