//! Vouching: how a comment came about, which GitHub tells by GraphQL alone.

use serde_json::{Value, json};

use super::connector::GithubTracker;
use crate::trackers::lenient::{lacking, list, text};
use crate::trackers::transport::Request;
use crate::trackers::{Native, TrackerError, Vouched};

/// How a comment came about; nothing of it is changed by asking.
const QUESTION: &str = "query($id: ID!) { node(id: $id) { __typename ... on IssueComment { \
    createdViaEmail lastEditedAt includesCreatedEdit editor { login } \
    author { __typename ... on User { databaseId } } } } }";

impl GithubTracker {
    /// Asks how a comment came about. Everything that is not a clear word for it is one against it.
    pub(super) async fn vouched(&self, native: &Native) -> Result<Vouched, TrackerError> {
        let Some(id) = text(&native.raw, "/node_id") else {
            return Ok(unsaid("it gives the comment no id by which that could be asked"));
        };
        let question = json!({ "query": QUESTION, "variables": { "id": id } });
        let reply = match self.graph.read(&Request::post(&["graphql"], question)).await {
            // Every GitHub has it: this is another server, or something in between that lets only REST through.
            Err(TrackerError::NotFound { .. }) => {
                return Ok(unsaid("there is no GraphQL at its address, and REST does not tell"));
            }
            reply => reply?,
        };
        if let Some(error) = refusal(&reply.json, || self.graph.words(&reply.json)) {
            return Err(error);
        }
        read(&reply.json, &native.author.id)
    }
}

fn unsaid(why: &str) -> Vouched {
    Vouched::Unsaid { why: why.to_owned() }
}

/// Errors come with the status of a success.
fn refusal(json: &Value, words: impl FnOnce() -> String) -> Option<TrackerError> {
    let errors = list(json, "/errors");
    let is = |kind: &str| errors.iter().any(|error| text(error, "/type") == Some(kind));
    if errors.is_empty() {
        return None;
    }
    Some(if is("RATE_LIMITED") {
        TrackerError::Throttled { retry_after: None }
    } else if is("NOT_FOUND") {
        TrackerError::NotFound { what: "such comment".to_owned() }
    } else {
        TrackerError::Refused { why: words() }
    })
}

fn read(json: &Value, author: &str) -> Result<Vouched, TrackerError> {
    let comment = json.pointer("/data/node").ok_or_else(|| lacking("the comment"))?;
    if text(comment, "/__typename") != Some("IssueComment") {
        return Err(lacking("the comment"));
    }
    let flag = |name: &str| comment.get(name)?.as_bool();
    let mailed = flag("createdViaEmail").ok_or_else(|| lacking("whether it came by e-mail"))?;
    let revised = flag("includesCreatedEdit").ok_or_else(|| lacking("whether it was edited"))?;
    let edited = comment.get("lastEditedAt").ok_or_else(|| lacking("when it was edited"))?;
    let editor = comment.get("editor").ok_or_else(|| lacking("who edited it"))?;
    let by = comment.pointer("/author/databaseId").and_then(Value::as_u64);
    let is_person = text(comment, "/author/__typename") == Some("User");
    Ok(if revised || !edited.is_null() || !editor.is_null() {
        Vouched::Edited { by: text(editor, "/login").map(Into::into) }
    } else if mailed {
        Vouched::Mailed
    } else if !is_person || by.map(|id| id.to_string()).as_deref() != Some(author) {
        unsaid("it names another author when it is asked again")
    } else {
        Vouched::FirstHand
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A comment that nothing speaks against.
    fn comment() -> Value {
        json!({
            "__typename": "IssueComment", "createdViaEmail": false, "lastEditedAt": null,
            "includesCreatedEdit": false, "editor": null,
            "author": { "__typename": "User", "databaseId": 1 },
        })
    }

    fn told(name: &str, value: Value) -> Result<Vouched, TrackerError> {
        let mut comment = comment();
        comment[name] = value;
        read(&json!({ "data": { "node": comment } }), "1")
    }

    #[test]
    fn only_a_clear_word_vouches() {
        assert_eq!(read(&json!({ "data": { "node": comment() } }), "1"), Ok(Vouched::FirstHand));
        assert_eq!(told("createdViaEmail", json!(true)), Ok(Vouched::Mailed));
        for (name, value) in [
            ("lastEditedAt", json!("2027-01-15T08:00:00Z")),
            ("includesCreatedEdit", json!(true)),
            ("editor", json!({ "login": "mallory" })),
        ] {
            assert!(matches!(told(name, value), Ok(Vouched::Edited { .. })), "{name}");
        }
        for author in [
            json!(null),
            json!({ "__typename": "User", "databaseId": 2 }),
            json!({ "__typename": "Bot", "databaseId": 1 }),
            json!({ "__typename": "User" }),
        ] {
            assert!(matches!(told("author", author), Ok(Vouched::Unsaid { .. })));
        }
    }

    #[test]
    fn what_is_left_out_is_no_word() {
        for name in ["createdViaEmail", "lastEditedAt", "includesCreatedEdit", "editor"] {
            let mut comment = comment();
            comment.as_object_mut().unwrap().remove(name);
            let told = read(&json!({ "data": { "node": comment } }), "1");
            assert!(matches!(told, Err(TrackerError::Broken { .. })), "{name}: {told:?}");
        }
        for answer in [json!({}), json!([]), json!(null), json!({ "data": { "node": null } })] {
            assert!(matches!(read(&answer, "1"), Err(TrackerError::Broken { .. })), "{answer}");
        }
        assert!(told("__typename", json!("Issue")).is_err());
        assert!(told("createdViaEmail", json!("false")).is_err());
    }

    #[test]
    fn an_error_that_comes_as_a_success_is_one() {
        let of = |kind: &str| {
            let errors = json!({ "data": { "node": null }, "errors": [{ "type": kind }] });
            refusal(&errors, || "said".to_owned())
        };
        assert!(of("RATE_LIMITED").unwrap().is_passing());
        assert!(matches!(of("NOT_FOUND"), Some(TrackerError::NotFound { .. })));
        assert_eq!(of("FORBIDDEN"), Some(TrackerError::Refused { why: "said".to_owned() }));
        assert_eq!(refusal(&json!({ "data": {} }), String::new), None);
    }
}
