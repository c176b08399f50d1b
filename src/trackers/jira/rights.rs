//! The rights of an account in a project of Jira, as Jira itself says.

use serde_json::Value;

use crate::incident::{Notice, Trouble};
use crate::trackers::Access;
use crate::trackers::transport::Request;

/// What is done there, by the names that Jira gives to the rights for it.
const NAMES: [&str; 4] = ["BROWSE_PROJECTS", "ADD_COMMENTS", "CREATE_ISSUES", "TRANSITION_ISSUES"];

/// Asks for the rights in a project.
pub(super) fn asking(project: &str) -> Request {
    Request::get(&["mypermissions"])
        .query("projectKey", project)
        .query("permissions", NAMES.join(","))
}

/// What an account may do, and what of it would surprise people later.
pub(super) fn read(json: &Value) -> (Access, Vec<Notice>) {
    let [browse, comment, create, moves] = NAMES.map(|name| {
        json.pointer(&format!("/permissions/{name}/havePermission")).and_then(Value::as_bool)
    });
    let access = match comment {
        Some(false) => Access::Read,
        Some(true) => Access::Write,
        None => Access::Unknown,
    };
    let may_write = access != Access::Read;
    let all = [
        (
            browse == Some(false),
            "this account may not see the issues of the project",
            "give it the right to browse the project",
        ),
        (
            may_write && create == Some(false),
            "this account may comment and not create issues: no incident can be opened there",
            "give it the right to create issues, or let the tracker be read-only",
        ),
        (
            may_write && moves == Some(false),
            "this account may not move issues: what is over stays open there",
            "give it the right to transition issues",
        ),
    ];
    let is_so = |(is_so, what, hint): (bool, &str, &str)| {
        is_so.then(|| Notice::new(Trouble::NotAllowed, what).hint(hint))
    };
    (access, all.into_iter().filter_map(is_so).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_an_account_may_do_is_what_jira_says() {
        let told = |missing: &[&str]| {
            let one = |name: &str| {
                let has = !missing.contains(&name);
                (name.to_owned(), json!({ "key": name, "havePermission": has }))
            };
            let all: serde_json::Map<_, _> = NAMES.iter().map(|name| one(name)).collect();
            let (access, traps) = read(&json!({ "permissions": all }));
            (access, traps.len())
        };
        assert_eq!(told(&[]), (Access::Write, 0));
        assert_eq!(told(&["TRANSITION_ISSUES", "CREATE_ISSUES"]), (Access::Write, 2));
        let only_reads = ["ADD_COMMENTS", "CREATE_ISSUES", "TRANSITION_ISSUES"];
        assert_eq!(told(&only_reads), (Access::Read, 0), "which may be what is meant");
        assert_eq!(told(&NAMES), (Access::Read, 1));
        assert_eq!(read(&json!({})), (Access::Unknown, Vec::new()));
    }
}
