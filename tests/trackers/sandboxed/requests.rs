//! Every request of every connector: valid by its vendor's schema, and none that changes an entry.

use std::time::Duration;

use serde_json::{Value, json};

use wheelhouse::sandbox::lookalikes::{Asked, Vendor};
use wheelhouse::trackers::{Cursor, ItemStatus, NativeKind};

use super::stage::{Stage, VENDORS};
use crate::trackers::Schema;

/// Does everything that a connector can do, and gives back what it asked for.
async fn everything(vendor: Vendor) -> Vec<Asked> {
    let stage = Stage::of(vendor).await;
    // A connector that leaves time between two writes finds that it has passed.
    let rest = || stage.clock.advance(Duration::from_secs(1));
    let item = stage.item().await;
    let text = "cause: pool\n\n```json\n{\"size\": 2}\n```\n\n> quoted\n- one\n- two";
    for number in 1..4 {
        rest();
        stage.write(&item, number, text).await;
    }
    let (found, from) = stage.read(&item, &Cursor::default()).await;
    stage.read(&item, &from).await;
    let text = found.iter().find(|native| native.kind == NativeKind::Text).unwrap();
    stage.tracker.vouch(text).await.unwrap();
    let (_, from) = stage.items(&Cursor::default()).await;
    stage.items(&from).await;
    stage.tracker.probe().await.unwrap();
    if stage.tracker.capabilities().links {
        for long in [1, 300] {
            rest();
            let url = format!("https://partner.example/{}", "7".repeat(long));
            stage.tracker.relate(&item, "elsewhere", &url).await.unwrap();
        }
    }
    rest();
    stage.tracker.set_status(&item, ItemStatus::Closed).await.unwrap();
    rest();
    let opened_again = stage.tracker.set_status(&item, ItemStatus::Open).await;
    assert_eq!(opened_again.is_err(), vendor == Vendor::Pagerduty, "{opened_again:?}");
    stage.tracker.find(&item, "pool").await.unwrap();
    assert_eq!(stage.tracker.find_item(&stage.new_item(0)).await.unwrap().len(), 1);
    stage.tracker.find_item(&stage.new_item(9)).await.unwrap();
    stage.sandbox.asked(vendor)
}

/// Whether something that is sent to GraphQL only asks: an operation there is a question, and there is no
/// other one beside it.
fn only_asks(body: &Value) -> bool {
    let text = body["query"].as_str().unwrap_or_default();
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let mut words = words.filter(|word| !word.is_empty());
    let is_other = |word: &str| ["query", "mutation", "subscription"].contains(&word);
    text.starts_with("query") && words.next() == Some("query") && !words.any(is_other)
}

#[tokio::test]
async fn whatever_is_asked_is_what_the_vendor_describes() {
    for (vendor, schema) in [
        (Vendor::Github, Schema::github()),
        (Vendor::Pagerduty, Schema::pagerduty()),
        (Vendor::Servicenow, Schema::servicenow()),
        (Vendor::Jira, Schema::jira()),
    ] {
        let asked = everything(vendor).await;
        asked.iter().for_each(|asked| schema.check(asked));
        let bodies = asked.iter().filter(|asked| !asked.body.is_null()).count();
        assert!(bodies >= 5, "{vendor}: only {bodies} bodies");
    }
}

#[tokio::test]
async fn what_jira_is_sent_are_documents_by_the_schema_of_documents() {
    let schema: Value =
        serde_json::from_str(include_str!("../../schemas/atlassian-adf.json")).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let mut judged = 0;
    for asked in everything(Vendor::Jira).await {
        for place in ["/body", "/fields/description"] {
            if let Some(document) = asked.body.pointer(place) {
                let mistakes: Vec<String> =
                    schema.iter_errors(document).map(|mistake| mistake.to_string()).collect();
                assert!(mistakes.is_empty(), "{mistakes:#?}\n{document:#}");
                judged += 1;
            }
        }
    }
    assert_eq!(judged, 4);
    let plain = json!({ "type": "doc", "version": 1, "content": [{ "type": "text" }] });
    assert!(!schema.is_valid(&plain));
}

#[tokio::test]
async fn no_request_changes_or_deletes_what_somebody_wrote() {
    for vendor in VENDORS {
        for Asked { method, path, body, .. } in everything(vendor).await {
            let of_entry = ["/notes/", "/comment/", "/comments/", "sys_journal_field/"];
            let is_harmless = match method.as_str() {
                "GET" => true,
                "POST" if path.ends_with("/graphql") => only_asks(&body),
                "POST" => {
                    !of_entry.iter().any(|part| path.contains(part)) || path.ends_with("/list")
                }
                // One says where an item stands, the other adds a line to its journal.
                "PUT" => vendor == Vendor::Pagerduty && body.pointer("/incident/status").is_some(),
                "PATCH" => {
                    let fields = body.as_object().unwrap();
                    let allowed: &[&str] = match vendor {
                        Vendor::Github => &["state", "state_reason"],
                        Vendor::Servicenow => &["work_notes", "state", "close_code", "close_notes"],
                        Vendor::Pagerduty | Vendor::Jira => &[],
                    };
                    fields.keys().all(|it| allowed.contains(&&**it))
                }
                _ => false,
            };
            assert!(is_harmless, "{vendor}: {method} {path} {body}");
        }
    }
}

#[test]
fn what_graphql_is_asked_is_told_from_what_it_is_told_to_do() {
    let is = |text: &str| only_asks(&json!({ "query": text }));
    assert!(is("query($id: ID!) { node(id: $id) { id } }") && is("query { viewer { login } }"));
    for text in [
        "mutation { updateIssueComment(input: {}) { clientMutationId } }",
        "query { viewer { login } } mutation { deleteIssueComment(input: {}) { id } }",
        "# query\nmutation { deleteIssueComment(input: {}) { id } }",
        "{ viewer { login } }",
        "",
    ] {
        assert!(!is(text), "{text}");
    }
    assert!(!only_asks(&json!([{ "query": "query { viewer { login } }" }])), "several at once");
}
