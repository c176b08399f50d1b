//! What the GitHub connector asks by GraphQL, and what its look-alike answers, by GitHub's published schema.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use wheelhouse::partner::{Reach, http_client};
use wheelhouse::sandbox::lookalikes::Vendor;
use wheelhouse::trackers::{Cursor, NativeKind};

use crate::support::GITHUB_SCHEMA;
use crate::trackers::Stage;

/// What is wrong with each case, by the reference implementation; `None` if it is not installed.
async fn judged(cases: &[Value]) -> Option<Vec<Vec<String>>> {
    let schema = GITHUB_SCHEMA.program()?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/judge_graphql.mjs");
    let mut node = Command::new("node");
    let node = node.arg(script).arg(schema).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = node.kill_on_drop(true).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(json!(cases).to_string().as_bytes()).await.unwrap();
    drop(input);
    let output = child.wait_with_output().await.unwrap();
    assert!(output.status.success(), "the judge failed");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// Everything that the connector asks by GraphQL: who we are, and how comments of every kind came about.
async fn asked() -> Vec<Value> {
    let stage = Stage::of(Vendor::Github).await;
    stage.tracker.probe().await.unwrap();
    let (item, name) = (stage.item().await, stage.name());
    stage.write(&item, 1, "found it").await;
    let by = ("commander", "/approve x");
    let note = stage.sandbox.comment(stage.vendor, &name, by).await.unwrap();
    stage.sandbox.edit(note, ("on-call", "/deny x")).await.unwrap();
    stage.sandbox.mail(stage.vendor, &name, by).await.unwrap();
    let (found, _) = stage.read(&item, &Cursor::default()).await;
    for native in found.iter().filter(|native| native.kind == NativeKind::Text) {
        stage.tracker.vouch(native).await.unwrap();
    }
    let asked = stage.sandbox.asked(stage.vendor).into_iter();
    let token = stage.sandbox.token(stage.vendor, "wheelhouse").unwrap();
    let url = format!("{}/graphql", stage.sandbox.base(stage.vendor));
    let (client, mut cases) = (http_client(Reach::Here).unwrap(), Vec::new());
    for mut case in asked.filter(|asked| asked.path == "/graphql").map(|asked| asked.body) {
        let question = client.post(&url).bearer_auth(&token).json(&case);
        case["answer"] = question.send().await.unwrap().json().await.unwrap();
        cases.push(case);
    }
    cases
}

#[tokio::test]
async fn github_would_understand_every_question_and_could_give_every_answer() {
    let cases = asked().await;
    assert_eq!(cases.len(), 4);
    let Some(wrong) = judged(&cases).await else { return };
    assert_eq!(wrong, vec![Vec::<String>::new(); 4], "{cases:#?}");
}

#[tokio::test]
async fn the_judge_finds_what_github_would_not_take() {
    let good = asked().await.pop().unwrap();
    let query = good["query"].as_str().unwrap();
    let asking = |from: &str, to: &str| {
        assert!(query.contains(from), "{query}");
        json!({ "query": query.replace(from, to), "variables": good["variables"], "answer": good["answer"] })
    };
    let answering = |place: &str, value: Value| {
        let mut case = good.clone();
        *case.pointer_mut(place).unwrap() = value;
        case
    };
    let change =
        "mutation($id: ID!) { deleteIssueComment(input: { id: $id }) { clientMutationId } }";
    let cases = [
        asking("createdViaEmail", "createdByEmail"),
        asking("editor { login }", "editor"),
        asking("$id: ID!", "$id: Int!"),
        asking(query, change),
        answering("/variables", json!({})),
        answering("/answer/data/node/createdViaEmail", json!("no")),
        answering("/answer/data/node", json!({ "__typename": "IssueComment", "editor": null })),
    ];
    let Some(wrong) = judged(&cases).await else { return };
    for (case, wrong) in cases.iter().zip(&wrong) {
        assert!(!wrong.is_empty(), "it took {case:#}");
    }
    assert!(wrong[0][0].contains("createdByEmail"), "{wrong:?}");
    assert_eq!(wrong[3], ["it is a mutation"]);
}
