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
    Access, Appended, Cursor, GithubSetup, GithubTracker, ItemStatus, Native, NativeKind, NewItem,
    Opened, Tracker, TrackerError,
};

use super::{Schema, Seen};

/// The answers, and what was asked.
struct Published {
    schema: Schema,
    seen: Mutex<Vec<Seen>>,
    /// Whether the world sees the repository.
    is_public: AtomicBool,
    /// Whether the repository has suggestions.
    suggests: AtomicBool,
}

/// The repository that everything is about; how a repository is described is not among the examples.
const REPOSITORY: &str = "/repos/octocat/incidents";

/// An issue that stands in another repository now.
const TRANSFERRED: &str = "78";

/// An issue to which itself 120 people reacted.
const LOVED: &str = "80";

/// One of the pages of so many rows like the first of an example.
fn pages(example: &Value, query: &str, all: u64) -> Value {
    let number = query.split('&').find_map(|part| part.strip_prefix("page=")).unwrap_or("1");
    let first = (number.parse::<u64>().unwrap() - 1) * 100;
    let row = |id: u64| {
        let mut row = example[0].clone();
        row["id"] = json!(id);
        row
    };
    (first..all.min(first + 100)).map(|id| row(id + 1)).collect()
}

/// An issue with 80 comments, somebody having reacted to each.
const REACTED: &str = "79";

async fn answer(State(published): State<Arc<Published>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let (method, path) = (head.method, head.uri.path().to_owned());
    let query = head.uri.query().unwrap_or_default().to_owned();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let seen = Seen { method: method.clone(), path: path.clone(), query: query.clone(), body };
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
    if method == Method::GET && path.ends_with("/suggestions") {
        if !published.suggests.load(Relaxed) {
            return (StatusCode::NOT_FOUND, r#"{"message":"Not Found"}"#).into_response();
        }
        example = pages(&example, &query, 120);
    }
    if path == format!("{REPOSITORY}/issues/{LOVED}/reactions") {
        example = pages(&example, &query, 120);
    }
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
    entering(clock, "the-token").await
}

async fn entering(clock: Clock, token: &str) -> (GithubTracker, Arc<Published>) {
    let schema = Schema::github();
    let published = Arc::new(Published {
        schema,
        seen: Mutex::default(),
        is_public: AtomicBool::new(false),
        suggests: AtomicBool::new(true),
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let app = Router::new().fallback(answer).with_state(Arc::clone(&published));
    tokio::spawn(axum::serve(listener, app).into_future());
    let environment = Environment::of([("TOKEN", token.to_owned())]);
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
    assert_eq!(page.unread, ["reaction:"], "the others may be there all the same");
}

#[tokio::test]
async fn what_a_fine_grained_token_may_do_with_issues_is_not_claimed() {
    let (tracker, _) = entering(Clock::at_speed(100.0), "github_pat_11AAAAAAA0").await;
    assert_eq!(tracker.probe().await.unwrap().access, Access::Unknown);
}

/// Everything of an issue, and what of it was not all asked for.
async fn whole(tracker: &GithubTracker, item: &str) -> (Vec<Native>, Vec<&'static str>) {
    let (mut found, mut unread, mut from) = (Vec::new(), Vec::new(), Cursor::default());
    loop {
        let page = tracker.entries(&item.to_owned().into(), &from).await.unwrap();
        (from, found) = (page.next, [found, page.found].concat());
        unread.extend(page.unread);
        if page.complete {
            return (found, unread);
        }
    }
}

#[tokio::test]
async fn signs_and_suggestions_are_read_to_their_last_page() {
    let (tracker, _) = connector(Clock::at_speed(100.0)).await;
    let (found, unread) = whole(&tracker, LOVED).await;
    let signs = found.iter().filter(|it| it.kind == NativeKind::Reaction { to: None });
    let suggestions = found.iter().filter(|it| it.kind == NativeKind::Suggestion);
    assert_eq!((signs.count(), suggestions.count(), unread), (120, 120, Vec::new()));
}

#[tokio::test]
async fn suggestions_that_may_not_be_read_now_are_not_missing_and_asked_for_later() {
    let clock = Clock::held_at("2026-11-20T11:00:00Z".parse().unwrap());
    let (tracker, published) = connector(clock.clone()).await;
    let suggested = async || {
        let (found, unread) = whole(&tracker, LOVED).await;
        (found.iter().filter(|it| it.kind == NativeKind::Suggestion).count(), unread)
    };
    assert_eq!(suggested().await, (120, Vec::new()));
    published.suggests.store(false, Relaxed);
    assert_eq!(suggested().await, (0, vec!["suggestion:"]));
    published.suggests.store(true, Relaxed);
    assert_eq!(suggested().await, (0, vec!["suggestion:"]), "nobody asks again at once");
    clock.advance(Duration::from_hours(1));
    assert_eq!(suggested().await, (120, Vec::new()));
}
