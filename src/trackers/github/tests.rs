//! What GitHub's own examples and payloads say, understood.

use serde_json::{Value, json};

use super::place::EntriesPlace;
use super::read;
use super::repository::Repository;
use crate::settings::Visibility;
use crate::trackers::{Access, AccountKind, ItemStatus, Native, NativeKind};

/// A file that GitHub published.
fn published(name: &str) -> Value {
    let path = format!("{}/tests/schemas/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The successful examples of an operation, as lists.
fn examples(operation: &str) -> Vec<Value> {
    let file = published("github-issues.jsonschema.json");
    let examples = file["operations"][operation]["examples"].as_object().unwrap();
    let good = examples.iter().filter(|(status, _)| status.starts_with('2'));
    let lists = good.flat_map(|(_, list)| list.as_array().unwrap().clone());
    lists.flat_map(|one| one.as_array().cloned().unwrap_or_else(|| vec![one])).collect()
}

const INTERNAL: Visibility = Visibility::Internal;

#[test]
fn every_official_example_is_understood() {
    let issue = "/repos/{owner}/{repo}/issues/{issue_number}";
    let all = |operation: &str, read: &dyn Fn(&Value) -> bool| {
        let examples = examples(operation);
        assert!(!examples.is_empty(), "{operation} has no example");
        examples.iter().for_each(|raw| assert!(read(raw), "{operation}: {raw}"));
    };
    let is_item = |raw: &Value| read::item(raw).is_some() || raw.get("pull_request").is_some();
    all("GET /repos/{owner}/{repo}/issues", &is_item);
    all("POST /repos/{owner}/{repo}/issues", &is_item);
    // A reference that nobody resolved: it breaks its own schema, and is no item rather than a panic.
    let unresolved = examples(&format!("GET {issue}"));
    assert!(unresolved.iter().all(|raw| raw.get("$ref").is_some() && read::item(raw).is_none()));
    let is_comment = |raw: &Value| read::comment(raw, INTERNAL).is_some();
    all(&format!("GET {issue}/comments"), &is_comment);
    all(&format!("POST {issue}/comments"), &is_comment);
    let is_event =
        |raw: &Value| read::event(raw, INTERNAL).is_some() || raw["event"] == "commented";
    all(&format!("GET {issue}/timeline"), &is_event);
    all(&format!("GET {issue}/suggestions"), &|raw| read::suggestion(raw, INTERNAL).is_some());
    all("GET /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions", &|raw| {
        read::reaction(raw, Some("1"), INTERNAL).is_some()
    });
}

#[test]
fn the_payloads_of_webhooks_are_understood() {
    let events = &published("github-webhook-examples.json")["events"];
    for (action, payload) in events["issue_comment"].as_object().unwrap() {
        let comment = read::comment(&payload["comment"], INTERNAL).unwrap();
        assert_eq!(comment.author.kind, AccountKind::Human, "{action}");
        assert!(read::item(&payload["issue"]).is_some(), "{action}");
    }
    for (action, payload) in events["issues"].as_object().unwrap() {
        assert!(read::item(&payload["issue"]).is_some(), "{action}");
    }
}

#[test]
fn people_apps_and_nobody_are_told_apart() {
    let kind = |raw: Value| read::author(&raw, "user").kind;
    assert_eq!(kind(json!({ "user": { "id": 1, "type": "User" } })), AccountKind::Human);
    assert_eq!(kind(json!({ "user": { "id": 2, "type": "Bot" } })), AccountKind::Bot);
    let for_somebody = json!({
        "user": { "id": 1, "type": "User" }, "performed_via_github_app": { "id": 9 },
    });
    assert_eq!(kind(for_somebody), AccountKind::Bot);
    assert_eq!(kind(json!({ "user": null })), AccountKind::Unknown);
    assert_eq!(read::author(&json!({}), "user").id, "");
}

/// 41: an account is an id that the settings name or do not; what GitHub says it is in the repository is not
/// even read.
#[test]
fn standing_in_a_repository_makes_nobody_an_approver() {
    let author = |association: Value| {
        let raw = json!({
            "id": 41, "body": "/approve", "created_at": "2027-01-15T08:00:00Z",
            "user": { "id": 9, "login": "octocat", "type": "User", "site_admin": association == "OWNER" },
            "author_association": association,
        });
        read::comment(&raw, INTERNAL).unwrap().author
    };
    let nobody = author(Value::Null);
    assert_eq!((nobody.id.as_str(), nobody.kind), ("9", AccountKind::Human));
    for association in ["OWNER", "MEMBER", "COLLABORATOR", "CONTRIBUTOR", "NONE"] {
        assert_eq!(author(json!(association)), nobody, "{association}");
    }
}

#[test]
fn an_edited_comment_says_when_and_a_pull_request_is_no_incident() {
    let raw = json!({
        "id": 41, "body": "/approve", "user": { "id": 1, "type": "User" },
        "created_at": "2027-01-15T08:00:00Z", "updated_at": "2027-01-15T08:09:00Z",
    });
    let comment = read::comment(&raw, INTERNAL).unwrap();
    assert_eq!(comment.updated.unwrap().to_string(), "2027-01-15T08:09:00Z");
    let pull = json!({
        "number": 7, "state": "open", "created_at": "2027-01-15T08:00:00Z", "pull_request": {},
    });
    assert!(read::item(&pull).is_none());
}

#[test]
fn what_happened_is_told_in_a_few_words() {
    let told = |raw: Value| -> Native { read::event(&raw, INTERNAL).unwrap() };
    let at = "2027-01-15T08:00:00Z";
    let closed =
        told(json!({ "event": "closed", "id": 5, "created_at": at, "state_reason": "completed" }));
    assert_eq!(closed.kind, NativeKind::Status(ItemStatus::Closed));
    assert_eq!((closed.remote.as_str(), closed.text), ("event:5", "closed: completed".into()));
    let removed = told(json!({ "event": "comment_deleted", "id": 6, "created_at": at }));
    assert_eq!(removed.kind, NativeKind::Removal);
    let mention = told(json!({
        "event": "cross-referenced", "created_at": at,
        "source": { "issue": { "html_url": "https://host.example/o/r/issues/9" } },
    }));
    assert_eq!(mention.remote, format!("event:cross-referenced:{at}"));
    assert_eq!(mention.text, "cross referenced: https://host.example/o/r/issues/9".into());
}

#[test]
fn the_next_reading_overlaps_the_last_one() {
    let at = |second: i64| jiff::Timestamp::from_second(second).ok();
    let next = |began, newest| {
        let place = EntriesPlace { began, newest, full_pages: 3, ..EntriesPlace::default() };
        let next = place.next_reading();
        assert!(!next.past_comments && next.comment_pages == 0 && next.full_pages == 3);
        next.since
    };
    assert_eq!(next(at(100), at(90)), at(88), "what is newest was read");
    assert_eq!(next(at(100), at(130)), at(98), "a change during the reading is read again");
    assert_eq!(next(at(100), None), None, "nothing was there, so everything will be new");
}

#[test]
fn an_entry_meant_for_the_team_is_not_written_for_the_world() {
    let public = Repository::read(&json!({ "private": false, "permissions": { "pull": true } }));
    assert!(public.refuses(Visibility::Internal).is_some());
    assert_eq!(public.refuses(Visibility::Public), None);
    assert_eq!(public.traps(Visibility::Internal, &[]).len(), 1);
    let unsaid = Repository::read(&json!({}));
    assert!(unsaid.refuses(Visibility::Internal).is_some(), "silence is not privacy");
    let house = Repository::read(&json!({ "visibility": "internal", "private": true }));
    assert_eq!(house.refuses(Visibility::Internal), None);
    let archived = Repository::read(&json!({ "private": true, "archived": true }));
    assert_eq!((archived.access, archived.traps(INTERNAL, &[]).len()), (Access::Read, 1));
    let labels = ["incident".to_owned()];
    let pull = Repository::read(
        &json!({ "private": true, "permissions": { "pull": true, "push": false } }),
    );
    assert_eq!(pull.traps(INTERNAL, &labels).len(), 1);
}

#[test]
fn what_we_may_do_is_only_said_where_github_says_it() {
    let access = |permissions: Value| {
        Repository::read(&json!({ "private": true, "permissions": permissions })).access
    };
    for right in ["push", "triage", "maintain", "admin"] {
        assert_eq!(access(json!({ "pull": true, right: true })), Access::Write, "{right}");
    }
    // The token of an app has none of these rights, and may or may not write issues.
    let none = json!({ "pull": false, "push": false, "triage": false, "admin": false });
    assert_eq!(access(none), Access::Unknown);
    assert_eq!(access(json!({ "pull": true, "push": false })), Access::Unknown);
    assert_eq!(access(Value::Null), Access::Unknown);
}
