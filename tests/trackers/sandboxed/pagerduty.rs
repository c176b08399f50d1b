//! What is peculiar to PagerDuty: lists that end, and keys that may do little.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::net::TcpListener;

use wheelhouse::sandbox::lookalikes::{Fault, FaultLine, SandboxPlan, Vendor};
use wheelhouse::settings::{Clock, Secret, Visibility};
use wheelhouse::trackers::{
    Access, Cursor, Item, PagerdutyAuth, PagerdutySetup, PagerdutyTracker, Tracker,
};

use super::stage::{Stage, entering, secret};

const DAY: Duration = Duration::from_hours(24);

/// How many rows a list of this PagerDuty tells.
const FEW: usize = 200;

/// A PagerDuty with more incidents than it lists, over years, and one long silence in between.
async fn long() -> Stage {
    let whose = (Vendor::Pagerduty, Visibility::Internal, "wheelhouse");
    let stage = Stage::planned(whose, |plan| SandboxPlan { most_rows: FEW, ..plan }).await;
    for number in 0..650 {
        stage.item_of(number).await;
        stage.clock.advance(if number == 300 { DAY * 400 } else { DAY });
    }
    stage
}

fn names(found: &[Item]) -> BTreeSet<String> {
    found.iter().map(|item| item.id.to_string()).collect()
}

#[tokio::test]
async fn every_incident_is_listed_however_many_there_are_and_whoever_goes_on() {
    let mut stage = long().await;
    let (mut found, mut from) = (Vec::new(), Cursor::default());
    loop {
        let page = stage.tracker.incidents(&from).await.unwrap();
        found.extend(page.found);
        assert_ne!(from, page.next);
        from = page.next;
        if page.complete {
            break;
        }
        stage = stage.restarted().await;
    }
    assert_eq!(names(&found).len(), 650);
    assert!(found.len() < 680, "{} were read", found.len());
}

#[tokio::test]
async fn a_kept_place_where_no_list_goes_is_left() {
    let stage = long().await;
    // As a version kept them that knew nothing of the end of a list.
    for row in [FEW, FEW + 100, 10_000] {
        let from = format!("|{}|{row}", stage.clock.now()).into();
        let (found, _) = stage.items(&from).await;
        let youngest = stage.sandbox.items(stage.vendor).pop().unwrap();
        assert!(names(&found).contains(&youngest.name), "{row}");
    }
}

#[tokio::test]
async fn every_change_is_listed_however_long_the_log_is_and_whoever_goes_on() {
    let mut stage = long().await;
    let (_, mut from) = stage.items(&Cursor::default()).await;
    let items = stage.sandbox.items(stage.vendor);
    let changed: Vec<String> = items.iter().rev().take(450).map(|it| it.name.clone()).collect();
    for name in &changed {
        stage.clock.advance(Duration::from_mins(1));
        stage.sandbox.comment(stage.vendor, name, ("on-call", "still")).await.unwrap();
    }
    let mut found = Vec::new();
    loop {
        let page = stage.tracker.incidents(&from).await.unwrap();
        found.extend(page.found);
        from = page.next;
        if page.complete {
            break;
        }
        stage = stage.restarted().await;
    }
    let found = names(&found);
    assert!(changed.iter().all(|name| found.contains(name)), "{} were found", found.len());
}

#[tokio::test]
async fn a_long_log_of_one_incident_is_read_to_its_beginning() {
    let whose = (Vendor::Pagerduty, Visibility::Internal, "wheelhouse");
    let stage = Stage::planned(whose, |plan| SandboxPlan { most_rows: FEW, ..plan }).await;
    let (item, name) = (stage.item().await, stage.name());
    for number in 0..450 {
        stage.clock.advance(Duration::from_mins(1));
        let state = if number % 2 == 0 { "acknowledged" } else { "triggered" };
        stage.sandbox.move_to(stage.vendor, &name, ("on-call", state)).await.unwrap();
    }
    stage.sandbox.comment(stage.vendor, &name, ("on-call", "said once")).await.unwrap();
    let (found, _) = stage.read(&item, &Cursor::default()).await;
    let remotes: BTreeSet<&str> = found.iter().map(|native| native.remote.as_str()).collect();
    assert_eq!(remotes.len(), 450 + 2);
    assert_eq!(found.iter().filter(|it| it.text.for_storage() == "said once").count(), 1);
}

/// A server, for as long as the test runs.
async fn serving(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

/// What was asked of a list that is longer than any list goes.
#[derive(Default)]
struct Counted {
    refused: usize,
    asked: usize,
}

/// How many incidents there are, one every hour.
const MANY: usize = 12_000;

async fn counted(
    State(counted): State<Arc<Mutex<Counted>>>,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    let given = |name: &str| {
        let found = query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone())
    };
    let number = |name: &str| given(name).unwrap().parse::<usize>().unwrap();
    let (offset, limit) = (number("offset"), number("limit"));
    counted.lock().unwrap().asked += 1;
    if offset + limit > 10_000 {
        counted.lock().unwrap().refused += 1;
        return (StatusCode::BAD_REQUEST, r#"{"error":{"code":2002}}"#).into_response();
    }
    let moment = |name| given(name).map(|text| text.parse::<Timestamp>().unwrap());
    let (since, until) = (moment("since"), moment("until"));
    let created = |row: usize| {
        let hours = SignedDuration::from_hours(i64::try_from(row).unwrap());
        "2025-01-01T00:00:00Z".parse::<Timestamp>().unwrap() + hours
    };
    let within = |row: &usize| {
        let at = created(*row);
        since.is_none_or(|since| at >= since) && until.is_none_or(|until| at < until)
    };
    let rows: Vec<usize> = (0..MANY).filter(within).collect();
    let told = rows.iter().skip(offset).take(limit).map(|row| {
        json!({ "id": format!("P{row}"), "title": "slow", "created_at": created(*row).to_string() })
    });
    let more = rows.len() > offset + limit;
    json!({ "incidents": told.collect::<Vec<_>>(), "more": more }).to_string().into_response()
}

/// The settings of a stage, under the key of a person.
async fn setup(stage: &Stage) -> PagerdutySetup {
    let token = secret(stage.sandbox.token(stage.vendor, "on-call").unwrap()).await;
    PagerdutySetup {
        url: stage.sandbox.base(stage.vendor).to_owned(),
        auth: PagerdutyAuth::Key(token),
        from: "on-call@sandbox.invalid".to_owned(),
        service: "PSANDBOX".to_owned(),
        is_record: true,
        clock: stage.clock.clone(),
    }
}

/// The connector, for a service of any id.
async fn of_service(stage: &Stage, service: &str) -> PagerdutyTracker {
    let setup = PagerdutySetup { service: service.to_owned(), ..setup(stage).await };
    PagerdutyTracker::new("pagerduty", setup).unwrap()
}

#[tokio::test]
async fn a_service_is_told_by_its_name_and_one_that_is_not_there_is_no_empty_one() {
    let stage = Stage::of(Vendor::Pagerduty).await;
    let probe = of_service(&stage, "PSANDBOX").await.probe().await.unwrap();
    assert_eq!(probe.reads.unwrap().for_storage(), "Sandbox");
    let mistyped = of_service(&stage, "PSANDBX").await;
    let refused = mistyped.probe().await.unwrap_err();
    assert!(refused.to_string().contains("`service`"), "{refused}");
    // The first request asks who we are.
    let hidden = FaultLine::of_reads(Fault::ErrorBefore(403)).after(1).times(1);
    stage.sandbox.fault(stage.vendor, hidden);
    let probe = mistyped.probe().await.unwrap();
    assert!(probe.reads.is_none() && probe.traps[0].what.contains("mistyped"), "{probe:?}");
}

#[tokio::test]
async fn nothing_is_asked_for_where_no_list_goes() {
    let state = Arc::new(Mutex::new(Counted::default()));
    let router = Router::new().fallback(counted).with_state(Arc::clone(&state));
    let url = serving(router).await;
    let clock = Clock::held_at("2026-11-20T11:00:00Z".parse().unwrap());
    let whose = (Vendor::Pagerduty, Visibility::Internal, "wheelhouse");
    let tracker: Arc<dyn Tracker> = entering((&url, "any"), &clock, whose).await;
    let (mut found, mut from) = (Vec::new(), Cursor::default());
    loop {
        let page = tracker.incidents(&from).await.unwrap();
        found.extend(page.found);
        from = page.next;
        if page.complete {
            break;
        }
    }
    assert_eq!(names(&found).len(), MANY);
    let counted = state.lock().unwrap();
    assert_eq!(counted.refused, 0, "of {}", counted.asked);
}

#[tokio::test]
async fn a_token_of_oauth_is_shown_as_one() {
    let shown = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&shown);
    let answer = move |headers: HeaderMap| {
        let shown = headers["authorization"].to_str().unwrap().to_owned();
        heard.lock().unwrap().push(shown);
        async { r#"{"incidents":[],"more":false}"# }
    };
    let url = serving(Router::new().fallback(answer)).await;
    let stage = Stage::of(Vendor::Pagerduty).await;
    for auth in [PagerdutyAuth::Key as fn(Secret) -> _, PagerdutyAuth::Bearer] {
        let auth = auth(secret("t0ken".to_owned()).await);
        let setup = PagerdutySetup { url: url.clone(), auth, ..setup(&stage).await };
        let tracker = PagerdutyTracker::new("pagerduty", setup).unwrap();
        tracker.incidents(&Cursor::default()).await.unwrap();
    }
    assert_eq!(*shown.lock().unwrap(), ["Token token=t0ken", "Bearer t0ken"]);
}

#[tokio::test]
async fn a_user_whose_role_keeps_it_from_writing_is_told_where_we_write() {
    let stage = Stage::of(Vendor::Pagerduty).await;
    let probed = async |role: &str, is_record: bool| {
        let user = json!({ "id": "P1", "type": "user", "name": "Wheelhouse", "role": role });
        let told = json!({ "user": user, "service": { "name": "Checkout" }, "incidents": [] });
        let url = serving(Router::new().fallback(|| async move { told.to_string() })).await;
        let setup = PagerdutySetup { url, is_record, ..setup(&stage).await };
        let probe = PagerdutyTracker::new("pagerduty", setup).unwrap().probe().await.unwrap();
        (probe.access, probe.traps.iter().any(|trap| trap.what.contains(role)))
    };
    for role in ["read_only_user", "read_only_limited_user"] {
        assert_eq!(probed(role, true).await, (Access::Read, true), "{role}");
        assert_eq!(probed(role, false).await, (Access::Read, false), "{role}");
    }
    for role in ["observer", "restricted_access"] {
        assert_eq!(probed(role, true).await, (Access::Unknown, true), "{role}");
        assert_eq!(probed(role, false).await, (Access::Unknown, false), "{role}");
    }
    assert_eq!(probed("limited_user", true).await, (Access::Unknown, false));
}
