//! The two questions that are answered in GraphQL: who asks, and how a comment came about.

use serde_json::{Value, json};

use super::shapes::{moment, of_node_id, user};
use crate::sandbox::lookalikes::ask::{Answered, Ask};
use crate::sandbox::lookalikes::cast::Being;
use crate::sandbox::lookalikes::item::{Note, Way, Who};
use crate::sandbox::lookalikes::store::Store;
use crate::sandbox::lookalikes::vendor::Vendor;

/// Answers a question. Of its text nothing is read: whoever names an id asks for that comment.
pub(super) fn graphql(store: &Store, ask: &Ask, by: Who) -> Answered {
    let Some(id) = ask.asked.body.pointer("/variables/id").and_then(Value::as_str) else {
        let login = user(by).get("login").cloned();
        return Answered::of(200, json!({ "data": { "viewer": { "login": login } } }));
    };
    let note = of_node_id(id).and_then(|number| store.note_of(Vendor::Github, number));
    let answer = if let Some(note) = note {
        json!({ "data": { "node": comment(note) } })
    } else {
        let message = format!("Could not resolve to a node with the global id of '{id}'");
        let error = json!({ "type": "NOT_FOUND", "path": ["node"], "message": message });
        json!({ "data": { "node": null }, "errors": [error] })
    };
    Answered::of(200, answer)
}

/// What GraphQL tells of a comment that REST does not.
fn comment(note: &Note) -> Value {
    let editor = note.editor;
    json!({
        "__typename": "IssueComment",
        "createdViaEmail": note.way == Way::Mail,
        "lastEditedAt": editor.map(|_| moment(note.updated)),
        "includesCreatedEdit": editor.is_some(),
        "editor": editor.map(|who| json!({ "login": who.login })),
        "author": author(note.author),
    })
}

fn author(who: Who) -> Value {
    match who.being {
        Being::Bot => json!({ "__typename": "Bot" }),
        Being::Person => json!({ "__typename": "User", "databaseId": who.github_id() }),
    }
}
