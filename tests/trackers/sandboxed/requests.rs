//! Every request of every connector: valid by its vendor's schema, and none that changes an entry.

use serde_json::{Value, json};

use wheelhouse::sandbox::lookalikes::{Asked, Vendor};
use wheelhouse::trackers::{Cursor, ItemStatus};

use super::stage::{Stage, VENDORS};

/// Does everything that a connector can do, and gives back what it asked for.
async fn everything(vendor: Vendor) -> Vec<Asked> {
    let stage = Stage::of(vendor).await;
    let item = stage.item().await;
    let text = "cause: pool\n\n```json\n{\"size\": 2}\n```\n\n> quoted\n- one\n- two";
    for number in 1..4 {
        stage.write(&item, number, text).await;
    }
    let (_, from) = stage.read(&item, &Cursor::default()).await;
    stage.read(&item, &from).await;
    let (_, from) = stage.items(&Cursor::default()).await;
    stage.items(&from).await;
    stage.tracker.probe().await.unwrap();
    if stage.tracker.capabilities().links {
        stage.tracker.relate(&item, "elsewhere", "https://partner.example/7").await.unwrap();
    }
    stage.tracker.set_status(&item, ItemStatus::Closed).await.unwrap();
    stage.sandbox.asked(vendor)
}

/// The schema of a request, by the method and the path that it fits.
fn schema<'a>(operations: &'a Value, asked: &Asked) -> Option<&'a Value> {
    let fits = |pattern: &str| {
        let (method, path) = pattern.split_once(' ').unwrap();
        let (want, have) = (path.split('/'), asked.path.split('/'));
        let same = |(want, have): (&str, &str)| want == have || want.starts_with('{');
        method == asked.method
            && want.clone().count() == have.clone().count()
            && want.zip(have).all(same)
    };
    let operations = operations["operations"].as_object().unwrap();
    operations.iter().find(|(pattern, _)| fits(pattern)).map(|(_, operation)| &operation["request"])
}

fn must_fit(schema: &Value, body: &Value, what: &str) {
    let validator = jsonschema::validator_for(schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(body).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{what}: {errors:?}\n{body:#}");
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn what_pagerduty_and_servicenow_are_sent_fits_their_schemas() {
    for (vendor, schemas) in [
        (Vendor::Pagerduty, read(include_str!("../../schemas/pagerduty-notes.json"))),
        (Vendor::Servicenow, read(include_str!("../../schemas/servicenow-table.json"))),
    ] {
        let mut judged = 0;
        for asked in everything(vendor).await {
            let what = format!("{vendor}: {} {}", asked.method, asked.path);
            match schema(&schemas, &asked) {
                Some(Value::Null) => assert_eq!(asked.body, Value::Null, "{what}"),
                Some(schema) => {
                    must_fit(schema, &asked.body, &what);
                    judged += 1;
                }
                None => assert_eq!(asked.method, "GET", "{what} has no schema"),
            }
        }
        assert!(judged >= 5, "{vendor}: only {judged} bodies");
    }
}

#[tokio::test]
async fn what_jira_is_sent_are_documents_by_the_schema_of_documents() {
    let schema = read(include_str!("../../schemas/atlassian-adf.json"));
    let mut judged = 0;
    for asked in everything(Vendor::Jira).await {
        for place in ["/body", "/fields/description"] {
            if let Some(document) = asked.body.pointer(place) {
                must_fit(&schema, document, &asked.path);
                judged += 1;
            }
        }
    }
    assert_eq!(judged, 4);
    let plain = json!({ "type": "doc", "version": 1, "content": [{ "type": "text" }] });
    assert!(!jsonschema::validator_for(&schema).unwrap().is_valid(&plain));
}

#[tokio::test]
async fn no_request_changes_or_deletes_what_somebody_wrote() {
    for vendor in VENDORS {
        for Asked { method, path, body, .. } in everything(vendor).await {
            let of_entry = ["/notes/", "/comment/", "/comments/", "sys_journal_field/"];
            let is_harmless = match method.as_str() {
                "GET" => true,
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
