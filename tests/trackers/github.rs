//! The GitHub connector on a server that answers with GitHub's own published examples.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use wheelhouse::settings::{Clock, Environment, SecretPlace, Visibility};
use wheelhouse::trackers::{
    Access, Appended, Cursor, GithubSetup, GithubTracker, ItemStatus, NativeKind, NewItem, Opened,
    Tracker, TrackerError,
};

use super::{Schema, Seen};

/// The answers, and what was asked.
struct Published {
    schema: Schema,
    seen: Mutex<Vec<Seen>>,
    /// Whether the world sees the repository.
    is_public: AtomicBool,
}

/// The repository that everything is about; how a repository is described is not among the examples.
const REPOSITORY: &str = "/repos/octocat/incidents";

/// An issue that stands in another repository now.
const TRANSFERRED: &str = "78";

/// An issue with 80 comments, somebody having reacted to each.
const REACTED: &str = "79";

async fn answer(State(published): State<Arc<Published>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let (method, path) = (head.method, head.uri.path().to_owned());
    let query = head.uri.query().unwrap_or_default().to_owned();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let seen = Seen { method: method.clone(), path: path.clone(), query, body };
    published.seen.lock().unwrap().push(seen);
    if path == REPOSITORY {
        let permissions = json!({ "pull": true, "triage": true, "push": true });
        let private = !published.is_public.load(Relaxed);
        return json!({ "private": private, "permissions": permissions })
            .to_string()
            .into_response();
    }
    let Some((status, mut example)) = published.schema.example(method.as_str(), &path) else {
        return (StatusCode::NOT_FOUND, r#"{"message":"Not Found"}"#).into_response();
    };
    if method == Method::GET && path.ends_with("/comments") {
        example[0]["reactions"] = json!({ "total_count": 1 });
    }
    if path == format!("{REPOSITORY}/issues/{TRANSFERRED}/comments") {
        let there = [("location", "/repositories/9/issues/1/comments")];
        return (StatusCode::MOVED_PERMANENTLY, there, "{}").into_response();
    }
    if path == format!("{REPOSITORY}/issues/{REACTED}/comments") {
        let all = (1..=80).map(|id| {
            let mut comment = example[0].clone();
            comment["id"] = json!(id);
            comment
        });
        example = all.collect();
    }
    (StatusCode::from_u16(status).unwrap(), example.to_string()).into_response()
}

async fn connector(clock: Clock) -> (GithubTracker, Arc<Published>) {
    let schema = Schema::github();
    let published =
        Arc::new(Published { schema, seen: Mutex::default(), is_public: AtomicBool::new(false) });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let app = Router::new().fallback(answer).with_state(Arc::clone(&published));
    tokio::spawn(axum::serve(listener, app).into_future());
    let environment = Environment::of([("TOKEN", "the-token")]);
    let token = SecretPlace::Variable("TOKEN".to_owned()).fetch(&environment).await.unwrap();
    let setup = GithubSetup {
        url,
        repository: ("octocat".to_owned(), "incidents".to_owned()),
        labels: vec!["incident".to_owned()],
        visibility: Visibility::Internal,
        token,
        clock,
    };
    (GithubTracker::new("github", setup).unwrap(), published)
}

#[tokio::test]
async fn published_answers_are_understood_and_every_request_is_a_published_one() {
    let (tracker, published) = connector(Clock::at_speed(100.0)).await;
    let probe = tracker.probe().await.unwrap();
    assert_eq!((probe.access, probe.traps), (Access::Write, Vec::new()));
    // What the example lists is a pull request.
    assert!(tracker.incidents(&Cursor::default()).await.unwrap().found.is_empty());
    let new = NewItem { title: "checkout 5xx".to_owned(), text: "it began".to_owned() };
    let Opened::Stored { item } = tracker.open(&new).await.unwrap() else { panic!() };
    let written = tracker.append(&item, "found it").await.unwrap();
    assert!(matches!(written, Appended::Stored { .. }), "{written:?}");
    for status in [ItemStatus::Closed, ItemStatus::Open] {
        tracker.set_status(&item, status).await.unwrap();
    }
    tracker.relate(&item, "the partner's `item`", "https://partner.example/7").await.unwrap();
    let (mut found, mut from) = (Vec::new(), Cursor::default());
    loop {
        let page = tracker.entries(&item, &from).await.unwrap();
        (from, found) = (page.next, [found, page.found].concat());
        if page.complete {
            break;
        }
    }
    let count =
        |is: fn(&NativeKind) -> bool| found.iter().filter(|native| is(&native.kind)).count();
    assert_eq!(count(|kind| *kind == NativeKind::Text), 1);
    assert_eq!(count(|kind| matches!(kind, NativeKind::Reaction { to: Some(_) })), 1);
    assert_eq!(count(|kind| matches!(kind, NativeKind::Reaction { to: None })), 1);
    assert!(count(|kind| *kind == NativeKind::Suggestion) >= 1);
    assert!(count(|kind| *kind == NativeKind::Other) >= 2, "{found:#?}");
    let seen = published.seen.lock().unwrap();
    for seen in seen.iter() {
        published.schema.check(seen);
    }
    let related = seen.iter().rfind(|seen| seen.method == Method::POST).unwrap();
    assert_eq!(related.body["body"], "Related: `the partner's  item ` https://partner.example/7");
    assert!(seen.iter().any(|seen| seen.query.contains("labels=incident")));
}

#[tokio::test]
async fn a_repository_that_is_shown_to_the_world_gets_no_more_entries() {
    let clock = Clock::held_at("2026-11-20T11:00:00Z".parse().unwrap());
    let (tracker, published) = connector(clock.clone()).await;
    let item = "7".to_owned().into();
    let write = async || tracker.append(&item, "found it").await.unwrap();
    assert!(matches!(write().await, Appended::Stored { .. }));
    published.is_public.store(true, Relaxed);
    // What was said of it is believed for a minute.
    clock.advance(Duration::from_mins(1));
    let Appended::Rejected { why } = write().await else { panic!("it was shown to the world") };
    assert!(why.contains("public"), "{why}");
}

#[tokio::test]
async fn an_issue_that_was_transferred_is_not_there_any_more() {
    let (tracker, _) = connector(Clock::at_speed(100.0)).await;
    let read = tracker.entries(&TRANSFERRED.to_owned().into(), &Cursor::default()).await;
    assert!(matches!(read, Err(TrackerError::NotFound { .. })), "{read:?}");
}

#[tokio::test]
async fn reactions_are_asked_for_now_and_then_and_never_to_find_a_text() {
    let (tracker, published) = connector(Clock::at_speed(100.0)).await;
    let asked = || {
        let seen = published.seen.lock().unwrap();
        seen.iter().filter(|seen| seen.path.ends_with("/reactions")).count()
    };
    let item = REACTED.to_owned().into();
    assert_eq!(tracker.find(&item, "no such words").await.unwrap(), []);
    assert_eq!(asked(), 0);
    let page = tracker.entries(&item, &Cursor::default()).await.unwrap();
    assert_eq!(page.found.iter().filter(|it| it.kind == NativeKind::Text).count(), 80);
    assert_eq!(asked(), 50);
}
