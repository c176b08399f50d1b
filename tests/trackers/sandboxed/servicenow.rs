//! What is peculiar to ServiceNow: who it thinks we are, what it ignores, and what it hides.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, Uri};
use serde_json::json;
use tokio::net::TcpListener;

use wheelhouse::sandbox::lookalikes::{Fault, FaultLine, Sandbox, Vendor};
use wheelhouse::settings::{Secret, Visibility};
use wheelhouse::trackers::{
    AccountKind, Appended, Cursor, ItemStatus, Native, NativeKind, Page, ServicenowAuth,
    ServicenowSetup, ServicenowTracker, Tracker, TrackerError,
};

use super::stage::{Stage, entering, mark, secret, trailer};

/// The settings of a stage, with the token of wheelhouse shown under a name.
async fn setup(
    stage: &Stage,
    (user, shown): (&str, fn(Secret) -> ServicenowAuth),
) -> ServicenowSetup {
    let token = secret(stage.sandbox.token(stage.vendor, "wheelhouse").unwrap()).await;
    ServicenowSetup {
        url: stage.sandbox.base(stage.vendor).to_owned(),
        user: user.to_owned(),
        auth: shown(token),
        visibility: Visibility::Internal,
        filter: None,
        closed_state: "6".to_owned(),
        close_code: Some("Solved (Permanently)".to_owned()),
        is_record: true,
        clock: stage.clock.clone(),
    }
}

fn tracker(setup: ServicenowSetup) -> ServicenowTracker {
    ServicenowTracker::new("servicenow", setup).unwrap()
}

fn own() -> String {
    let own = Sandbox::accounts().iter().find(|account| account.login == "wheelhouse").unwrap();
    own.id(Vendor::Servicenow)
}

fn writes(stage: &Stage) -> usize {
    let asked = stage.sandbox.asked(stage.vendor);
    asked.iter().filter(|asked| asked.method != "GET").count()
}

#[tokio::test]
async fn a_token_of_somebody_else_is_refused_before_anything_is_written() {
    let stage = Stage::of(Vendor::Servicenow).await;
    let item = stage.item().await;
    let before = writes(&stage);
    for shown in [ServicenowAuth::Bearer as fn(Secret) -> _, ServicenowAuth::Key] {
        let tracker = tracker(setup(&stage, ("on-call", shown)).await);
        let text = stage.entry(1, "found it");
        // Whoever writes need not have probed.
        let written = tracker.append(&item, &text).await;
        let opened = tracker.open(&stage.new_item(7)).await;
        for refused in
            [written.unwrap_err(), opened.unwrap_err(), tracker.probe().await.unwrap_err()]
        {
            let TrackerError::Refused { why } = refused else { panic!("{refused:?}") };
            assert!(why.contains("\"wheelhouse\"") && why.contains("\"on-call\""), "{why}");
        }
    }
    assert_eq!(writes(&stage), before);
}

#[tokio::test]
async fn we_are_whom_the_token_belongs_to_however_the_name_is_written() {
    let stage = Stage::of(Vendor::Servicenow).await;
    let item = stage.item().await;
    let ways: [fn(Secret) -> _; 2] = [ServicenowAuth::Bearer, ServicenowAuth::Key];
    for (number, shown) in (1..).zip(ways) {
        let tracker = tracker(setup(&stage, ("WheelHouse", shown)).await);
        let account = tracker.probe().await.unwrap().account;
        assert_eq!((account.id, account.kind), (own(), AccountKind::Bot));
        let written = tracker.append(&item, &stage.entry(number, "found it")).await.unwrap();
        assert_eq!(written, Appended::Accepted);
        let found = tracker.find(&item, &trailer(number).to_string()).await.unwrap();
        assert_eq!(found[0].author.id, own());
    }
}

#[tokio::test]
async fn a_token_of_which_nobody_says_whose_it_is_writes_nothing() {
    let stage = Stage::of(Vendor::Servicenow).await;
    let hidden = FaultLine::of_reads(Fault::ErrorBefore(403)).times(1);
    stage.sandbox.fault(stage.vendor, hidden);
    let bearer = tracker(setup(&stage, ("wheelhouse", ServicenowAuth::Bearer)).await);
    let opened = bearer.open(&stage.new_item(1)).await;
    assert!(matches!(opened, Err(TrackerError::Refused { .. })), "{opened:?}");
    assert_eq!(writes(&stage), 0);
    // A password is shown together with the name, and proves it.
    stage.sandbox.fault(stage.vendor, hidden);
    let password = tracker(setup(&stage, ("wheelhouse", ServicenowAuth::Password)).await);
    assert_eq!(password.probe().await.unwrap().account.id, own());
}

#[tokio::test]
async fn an_instance_that_ignores_who_is_asked_for_names_nobody() {
    let stage = Stage::of(Vendor::Servicenow).await;
    let users = json!({ "result": [
        { "sys_id": "0".repeat(32), "user_name": "wheelhouse" },
        { "sys_id": "1".repeat(32), "user_name": "on-call" },
    ] });
    let router = Router::new().fallback(|| async move { users.to_string() });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let setup = setup(&stage, ("wheelhouse", ServicenowAuth::Bearer)).await;
    let refused = tracker(ServicenowSetup { url, ..setup }).probe().await;
    let Err(TrackerError::Refused { why }) = refused else { panic!("{refused:?}") };
    assert!(why.contains("sys_user"), "{why}");
}

#[tokio::test]
async fn an_incident_is_not_resolved_without_a_code_and_the_probe_warns_of_it() {
    let stage = Stage::of(Vendor::Servicenow).await;
    let item = stage.item().await;
    let warns = async |setup: ServicenowSetup| {
        let traps = tracker(setup).probe().await.unwrap().traps;
        traps.iter().any(|trap| trap.what.contains("close_code"))
    };
    let whole = setup(&stage, ("wheelhouse", ServicenowAuth::Password)).await;
    let codeless = ServicenowSetup { close_code: None, ..whole.clone() };
    assert!(!warns(whole.clone()).await && warns(codeless.clone()).await);
    assert!(!warns(ServicenowSetup { is_record: false, ..codeless.clone() }).await);
    let refused = tracker(codeless).set_status(&item, ItemStatus::Closed).await;
    let Err(TrackerError::Refused { why }) = refused else { panic!("{refused:?}") };
    assert!(why.ends_with("close_code is mandatory"), "{why}");
    tracker(whole).set_status(&item, ItemStatus::Closed).await.unwrap();
    assert_eq!(stage.sandbox.items(stage.vendor)[0].state, "6");
}

#[tokio::test]
async fn a_piece_of_a_filter_that_leaves_nothing_out_is_told() {
    let stage = Stage::of(Vendor::Servicenow).await;
    let whole = setup(&stage, ("wheelhouse", ServicenowAuth::Password)).await;
    let told = async |filter: &str| {
        let filter = Some(filter.to_owned());
        let traps =
            tracker(ServicenowSetup { filter, ..whole.clone() }).probe().await.unwrap().traps;
        let what = traps.into_iter().map(|trap| trap.what);
        what.filter(|what| what.contains("filter")).collect::<Vec<_>>()
    };
    assert!(told("elemnt=none").await.is_empty(), "of nothing, nothing can be left out");
    for number in 0..3 {
        stage.item_of(number).await;
    }
    let first = format!("correlation_id={}", trailer(0).id);
    assert!(told(&format!("{first}^state=1")).await.len() == 1, "all of them are new");
    assert!(told(&format!("{first}^ORcorrelation_id=none")).await.is_empty());
    let [what] = told(&format!("{first}^asignment_group=ops")).await.try_into().unwrap();
    assert!(what.contains("asignment_group"), "{what}");
}

#[tokio::test]
async fn the_probe_looks_at_an_incident_that_has_a_journal() {
    let stage = Stage::of(Vendor::Servicenow).await;
    let told = async || stage.tracker.probe().await.unwrap().traps;
    assert!(told().await.is_empty(), "nothing is there");
    let item = stage.item_of(0).await;
    assert!(told().await[0].what.contains("not known"));
    stage.write(&item, 1, "found it").await;
    stage.clock.advance(Duration::from_mins(1));
    stage.item_of(50).await;
    assert!(told().await.is_empty());
    stage.sandbox.fault(stage.vendor, FaultLine::of_reads(Fault::SilentEmpty));
    assert!(told().await[0].what.contains("hides"), "although the newest has none");
}

#[tokio::test]
async fn a_long_journal_keeps_its_first_moves_and_a_long_audit_is_read_to_its_end() {
    let stage = Stage::of(Vendor::Servicenow).await;
    let (item, name) = (stage.item().await, stage.name());
    // The moves stand before everything that is written.
    for number in 0..450 {
        stage.clock.advance(Duration::from_secs(1));
        let state = if number % 2 == 0 { "6" } else { "2" };
        stage.sandbox.move_to(stage.vendor, &name, ("on-call", state)).await.unwrap();
    }
    for number in 0..450 {
        stage.clock.advance(Duration::from_mins(1));
        let text = format!("note {number}");
        stage.sandbox.comment(stage.vendor, &name, ("on-call", &text)).await.unwrap();
    }
    let (found, from) = stage.read(&item, &Cursor::default()).await;
    let count = |found: &[Native], is_meant: fn(&NativeKind) -> bool| {
        let meant = found.iter().filter(|native| is_meant(&native.kind));
        meant.map(|native| native.remote.clone()).collect::<BTreeSet<_>>().len()
    };
    let is_move = |kind: &NativeKind| matches!(kind, NativeKind::Status(_));
    assert_eq!(count(&found, is_move), 450);
    assert_eq!(count(&found, |kind| *kind == NativeKind::Text), 450);
    let (later, _) = stage.read(&item, &from).await;
    assert_eq!(count(&later, is_move), 0, "and later only what is new");
}

#[tokio::test]
async fn what_may_not_be_read_any_more_is_not_taken_for_removed() {
    let stage = Stage::of(Vendor::Servicenow).await;
    let (item, name) = (stage.item().await, stage.name());
    stage.write(&item, 1, "found it").await;
    stage.sandbox.move_to(stage.vendor, &name, ("on-call", "6")).await.unwrap();
    let remotes = |found: &[Native]| -> BTreeSet<String> {
        found.iter().map(|native| native.remote.clone()).collect()
    };
    let (found, _) = stage.read(&item, &Cursor::default()).await;
    let known = remotes(&found);
    assert_eq!(known.len(), 2);
    let stage = stage.restarted().await;
    let again = async |known| stage.tracker.entries_again(&item, &Cursor::default(), known).await;
    // After the journal, and before anybody is asked for.
    let closed = FaultLine::of_reads(Fault::ErrorBefore(403)).after(2).times(1);
    stage.sandbox.fault(stage.vendor, closed);
    let page = again(&known).await.unwrap();
    assert!(is_kept(&known, &page), "the audit is closed to us: {page:?}");
    let moves = page.found.iter().filter(|it| matches!(it.kind, NativeKind::Status(_)));
    assert_eq!(moves.count(), 0);
    stage.sandbox.fault(stage.vendor, FaultLine::of_reads(Fault::SilentEmpty));
    let refused = again(&known).await.unwrap_err();
    assert!(refused.to_string().contains("hides its journal"), "{refused}");
    // Where it was never readable, what the record shows is read, now and again.
    let nothing = BTreeSet::new();
    let shown = again(&nothing).await.unwrap().found;
    assert!(shown[0].text.for_storage().starts_with("found it"));
    let shown = remotes(&shown);
    assert_eq!(remotes(&again(&shown).await.unwrap().found), shown);
    stage.sandbox.mend(stage.vendor);
    let opened = again(&shown).await.unwrap();
    assert!(is_kept(&shown, &opened) && is_kept(&known, &opened), "{opened:?}");
    assert!(opened.found.iter().any(|native| known.contains(&native.remote)));
}

/// Whether nothing of what is known is missing from a page that is all there is.
fn is_kept(known: &BTreeSet<String>, page: &Page<Native>) -> bool {
    let is_unread = |remote: &str| page.unread.iter().any(|start| remote.starts_with(start));
    let is_found = |remote: &str| page.found.iter().any(|native| native.remote == remote);
    known.iter().all(|remote| is_found(remote) || is_unread(remote))
}

#[tokio::test]
async fn a_state_that_our_note_moved_is_put_back_by_whoever_finds_the_note() {
    for (then, expected) in [(None, "3"), (Some("1"), "1"), (Some("6"), "6")] {
        let stage = Stage::of(Vendor::Servicenow).await;
        let (item, name) = (stage.item().await, stage.name());
        let moved = async |to| {
            stage.sandbox.move_to(stage.vendor, &name, ("on-call", to)).await.unwrap();
        };
        moved("3").await;
        stage.clock.advance(Duration::from_secs(5));
        // The process ends before it hears an answer.
        stage.sandbox.fault(stage.vendor, FaultLine::of_writes(Fault::DropAfter).times(1));
        stage.tracker.append(&item, &stage.entry(1, "found it")).await.unwrap();
        assert_eq!(stage.sandbox.items(stage.vendor)[0].state, "2");
        if let Some(state) = then {
            moved(state).await;
        }
        let stage = stage.restarted().await;
        for _ in 0..2 {
            let found = stage.tracker.find(&item, &mark(1)).await.unwrap();
            assert_eq!(found.len(), 1);
        }
        assert_eq!(stage.sandbox.items(stage.vendor)[0].state, expected, "{then:?}");
        let before = writes(&stage);
        let stage = stage.restarted().await;
        stage.tracker.find(&item, &mark(1)).await.unwrap();
        assert_eq!(writes(&stage), before, "it is put back once");
    }
}

#[tokio::test]
async fn what_we_closed_ourselves_stays_closed_whoever_finds_the_note() {
    let stage = Stage::of(Vendor::Servicenow).await;
    let item = stage.item().await;
    stage.write(&item, 1, "found it").await;
    stage.tracker.set_status(&item, ItemStatus::Closed).await.unwrap();
    let stage = stage.restarted().await;
    stage.tracker.find(&item, &mark(1)).await.unwrap();
    assert_eq!(stage.sandbox.items(stage.vendor)[0].state, "6");
}

#[tokio::test]
async fn a_state_that_somebody_set_stays_when_what_we_wrote_never_came() {
    let stage = Stage::of(Vendor::Servicenow).await;
    let (item, name) = (stage.item().await, stage.name());
    stage.write(&item, 1, "found it").await;
    stage.sandbox.move_to(stage.vendor, &name, ("on-call", "3")).await.unwrap();
    stage.sandbox.fault(stage.vendor, FaultLine::of_writes(Fault::DropBefore).times(1));
    let ended = stage.tracker.append(&item, &stage.entry(2, "it is the pool")).await.unwrap();
    assert!(matches!(ended, Appended::Unknown { .. }), "{ended:?}");
    stage.sandbox.move_to(stage.vendor, &name, ("on-call", "1")).await.unwrap();
    let before = writes(&stage);
    // Whoever reads everything again, and delivery, which finds one of its entries and misses the other.
    for (words, copies) in [("", 1), (&*mark(1), 1), (&*mark(2), 0)] {
        assert_eq!(stage.tracker.find(&item, words).await.unwrap().len(), copies, "{words}");
        assert_eq!(stage.sandbox.items(stage.vendor)[0].state, "1", "{words}");
    }
    assert_eq!(writes(&stage), before);
}

#[tokio::test]
async fn a_note_that_only_names_what_we_wrote_is_not_what_we_wrote() {
    let stage = Stage::of(Vendor::Servicenow).await;
    let (item, name) = (stage.item().await, stage.name());
    stage.sandbox.move_to(stage.vendor, &name, ("on-call", "3")).await.unwrap();
    stage.sandbox.fault(stage.vendor, FaultLine::of_writes(Fault::DropBefore).times(1));
    stage.tracker.append(&item, &stage.entry(1, "found it")).await.unwrap();
    // Somebody under our account saves a note and the state together: another connector, which does not put
    // it back.
    let token = stage.sandbox.token(stage.vendor, "wheelhouse").unwrap();
    let whose = (stage.vendor, Visibility::Internal, "wheelhouse");
    let person = entering((stage.sandbox.base(stage.vendor), &token), &stage.clock, whose).await;
    let refused = FaultLine::of_writes(Fault::ErrorBefore(503)).after(1).times(1);
    stage.sandbox.fault(stage.vendor, refused);
    person.append(&item, &format!("where is {}?", mark(1))).await.unwrap();
    assert_eq!(stage.sandbox.items(stage.vendor)[0].state, "2");
    let before = writes(&stage);
    assert_eq!(stage.tracker.find(&item, &mark(1)).await.unwrap().len(), 1);
    assert_eq!((writes(&stage), &*stage.sandbox.items(stage.vendor)[0].state), (before, "2"));
}

#[tokio::test]
async fn what_a_person_saves_under_our_account_stays_whoever_looks_first() {
    for text in ["waiting for them".to_owned(), format!("waiting for them, see {}", mark(1))] {
        let stage = Stage::of(Vendor::Servicenow).await;
        let (item, name) = (stage.item().await, stage.name());
        let stage = stage.restarted().await;
        stage.sandbox.comment(stage.vendor, &name, ("wheelhouse", &text)).await.unwrap();
        stage.sandbox.move_to(stage.vendor, &name, ("wheelhouse", "3")).await.unwrap();
        let before = writes(&stage);
        for words in ["", "waiting", &mark(1)] {
            let found = stage.tracker.find(&item, words).await.unwrap().len();
            assert_eq!(found, usize::from(text.contains(words)));
        }
        assert_eq!((writes(&stage), &*stage.sandbox.items(stage.vendor)[0].state), (before, "3"));
    }
}

#[tokio::test]
async fn our_notes_are_known_again_however_our_name_is_written_and_with_no_user_to_be_read() {
    let stage = Stage::of(Vendor::Servicenow).await;
    let (id, text) = ("0a".repeat(16), stage.entry(1, "found it"));
    let note = json!({ "sys_id": "1".repeat(32), "element": "work_notes", "element_id": id,
        "value": text, "sys_created_by": "wheelhouse", "sys_created_on": "2026-11-20 11:00:00" });
    let incident = json!({ "sys_id": id, "state": "2", "sys_mod_count": "1" });
    let router = Router::new().fallback(move |uri: Uri| {
        let (status, result) = match uri.path().rsplit('/').next() {
            Some("sys_user") => (StatusCode::FORBIDDEN, json!([])),
            Some("sys_journal_field") => (StatusCode::OK, json!([note])),
            Some("incident") => (StatusCode::OK, json!([])),
            _ => (StatusCode::OK, incident.clone()),
        };
        async move { (status, json!({ "result": result }).to_string()) }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let setup = setup(&stage, ("WheelHouse", ServicenowAuth::Password)).await;
    let tracker = tracker(ServicenowSetup { url, ..setup });
    let own = tracker.probe().await.unwrap().account;
    assert_eq!(own.kind, AccountKind::Unknown);
    let item = id.into();
    assert_eq!(tracker.append(&item, &text).await.unwrap(), Appended::Accepted);
    let found = tracker.find(&item, &mark(1)).await.unwrap();
    assert_eq!(found.iter().map(|it| &*it.author.id).collect::<Vec<_>>(), [own.id]);
}

#[tokio::test]
async fn whoever_opens_again_at_once_what_we_closed_is_told_also_under_our_account() {
    let stage = Stage::of(Vendor::Servicenow).await;
    let (item, name) = (stage.item().await, stage.name());
    stage.sandbox.move_to(stage.vendor, &name, ("on-call", "2")).await.unwrap();
    for state in ["6", "2", "6"] {
        stage.clock.advance(Duration::from_secs(30));
        if state == "6" {
            stage.tracker.set_status(&item, ItemStatus::Closed).await.unwrap();
        } else {
            let by = ("wheelhouse", state);
            stage.sandbox.move_to(stage.vendor, &name, by).await.unwrap();
        }
    }
    let (found, _) = stage.read(&item, &Cursor::default()).await;
    let moves: Vec<&NativeKind> = found.iter().map(|native| &native.kind).collect();
    let [closed, open] = [ItemStatus::Closed, ItemStatus::Open].map(NativeKind::Status);
    assert_eq!(moves, [&NativeKind::Moved, &closed, &open, &closed]);
}
