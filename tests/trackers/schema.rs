//! What a vendor says a request must look like, as JSON Schema carried in `tests/schemas`.

use serde_json::{Map, Value, json};

use wheelhouse::sandbox::lookalikes::Asked;

use super::Seen;

/// The operations of one vendor: those that are published, and those described beside them.
pub(crate) struct Schema {
    operations: Map<String, Value>,
    defs: Value,
}

/// A request, as far as a schema judges it.
#[derive(Debug)]
pub(crate) struct Sent<'a> {
    method: &'a str,
    path: &'a str,
    query: Vec<(String, String)>,
    body: &'a Value,
}

impl<'a> From<&'a Asked> for Sent<'a> {
    fn from(asked: &'a Asked) -> Self {
        let Asked { method, path, query, body, .. } = asked;
        Self { method, path, query: query.clone(), body }
    }
}

impl<'a> From<&'a Seen> for Sent<'a> {
    fn from(seen: &'a Seen) -> Self {
        let address = format!("http://server/?{}", seen.query);
        let address = address.parse::<reqwest::Url>().unwrap();
        let query = address.query_pairs().into_owned().collect();
        Self { method: seen.method.as_str(), path: &seen.path, query, body: &seen.body }
    }
}

impl Schema {
    pub(crate) fn github() -> Self {
        Self::of(&["github-issues.jsonschema.json", "github-described.json"])
    }

    pub(crate) fn pagerduty() -> Self {
        Self::of(&["pagerduty-notes.json", "pagerduty-described.json"])
    }

    pub(crate) fn servicenow() -> Self {
        Self::of(&["servicenow-table.json", "servicenow-described.json"])
    }

    pub(crate) fn jira() -> Self {
        Self::of(&["jira-described.json"])
    }

    pub(crate) fn roundup() -> Self {
        Self::of(&["roundup-described.json"])
    }

    /// Puts together what several files say of each operation.
    fn of(names: &[&str]) -> Self {
        let (mut operations, mut defs) = (Map::new(), json!({}));
        for name in names {
            let path = format!("{}/tests/schemas/{name}", env!("CARGO_MANIFEST_DIR"));
            let mut file: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
            if let Some(known) = file.get_mut("$defs") {
                defs = known.take();
            }
            for (operation, says) in file["operations"].as_object().unwrap() {
                let known = operations.entry(operation.clone()).or_insert_with(|| json!({}));
                known.as_object_mut().unwrap().extend(says.as_object().unwrap().clone());
            }
        }
        Self { operations, defs }
    }

    /// Checks that a request is one that the vendor describes: its path, its question, and its body.
    pub(crate) fn check<'a>(&self, sent: impl Into<Sent<'a>>) {
        let sent = sent.into();
        let (name, operation) = self
            .operation(sent.method, sent.path)
            .unwrap_or_else(|| panic!("the vendor has no {} {}", sent.method, sent.path));
        let mut query = operation["query"].clone();
        query["additionalProperties"] = json!(false);
        self.must_fit(&query, &asked(&query, &sent.query), &format!("the question of {name}"));
        match operation.get("request").expect("the file says what is sent") {
            Value::Null => assert!(sent.body.is_null(), "{name} takes nothing: {}", sent.body),
            request => self.must_fit(request, sent.body, name),
        }
    }

    fn must_fit(&self, schema: &Value, value: &Value, what: &str) {
        let whole = json!({ "$defs": self.defs, "allOf": [schema] });
        let options = jsonschema::options().should_validate_formats(true);
        let validator = options.build(&whole).unwrap();
        let mistakes: Vec<String> =
            validator.iter_errors(value).map(|mistake| mistake.to_string()).collect();
        assert!(mistakes.is_empty(), "{what}: {mistakes:#?}\n{value:#}");
    }

    /// What the vendor's own example answers to a request, and with which status.
    pub(crate) fn example(&self, method: &str, path: &str) -> Option<(u16, Value)> {
        let (_, operation) = self.operation(method, path)?;
        let examples = operation["examples"].as_object()?.iter();
        let mut good = examples.filter(|(status, _)| status.starts_with('2'));
        good.find_map(|(status, all)| Some((status.parse().unwrap(), all.get(0)?.clone())))
    }

    fn operation(&self, method: &str, path: &str) -> Option<(&String, &Value)> {
        let is_it = |(name, _): &(&String, &Value)| {
            let (known, template) = name.split_once(' ').unwrap();
            known == method && fits(template, path)
        };
        // A path with a word in it is meant before one with anything in that place.
        self.operations.iter().filter(is_it).min_by_key(|(name, _)| name.matches('{').count())
    }
}

/// A question as its schema sees it: what is repeated is a list, and digits are a number where one belongs.
fn asked(schema: &Value, query: &[(String, String)]) -> Value {
    let mut asked = Map::new();
    for (name, _) in query {
        let all = query.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str());
        let kind = schema["properties"][name]["type"].as_str();
        let typed = |value: &str| match kind {
            Some("integer") => value.parse::<i64>().map_or(json!(value), Value::from),
            Some("boolean") => value.parse::<bool>().map_or(json!(value), Value::from),
            _ => json!(value),
        };
        let mut all: Vec<Value> = all.map(typed).collect();
        let is_list = kind == Some("array") || all.len() > 1;
        asked.insert(name.clone(), if is_list { Value::Array(all) } else { all.remove(0) });
    }
    Value::Object(asked)
}

fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted == given => {}
            (Some(wanted), Some(given)) if wanted.starts_with('{') && !given.is_empty() => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Method;

    use super::*;

    fn check(method: Method, path: &str, query: &str, body: Value) {
        let seen = Seen { method, path: path.to_owned(), query: query.to_owned(), body };
        Schema::github().check(&seen);
    }

    const COMMENTS: &str = "/repos/o/r/issues/7/comments";

    #[test]
    fn a_good_request_passes() {
        check(Method::POST, COMMENTS, "", json!({ "body": "found it" }));
        check(Method::GET, COMMENTS, "per_page=100&since=2026-11-20T11:00:00Z", Value::Null);
    }

    #[test]
    #[should_panic(expected = "is a required property")]
    fn a_request_with_a_wrong_field_does_not() {
        check(Method::POST, COMMENTS, "", json!({ "bdy": "found it" }));
    }

    #[test]
    #[should_panic(expected = "the vendor has no DELETE")]
    fn a_request_that_nobody_described_does_not() {
        check(Method::DELETE, "/repos/o/r/issues/comments/7", "", Value::Null);
    }

    #[test]
    #[should_panic(expected = "is not one of")]
    fn a_question_with_a_wrong_value_does_not() {
        check(Method::GET, "/repos/o/r/issues", "state=bogus", Value::Null);
    }

    #[test]
    #[should_panic(expected = "'pages' was unexpected")]
    fn a_question_that_nobody_described_does_not() {
        check(Method::GET, COMMENTS, "pages=2", Value::Null);
    }

    #[test]
    #[should_panic(expected = "is greater than the maximum of 100")]
    fn a_page_that_is_too_long_does_not() {
        check(Method::GET, COMMENTS, "per_page=250", Value::Null);
    }

    #[test]
    #[should_panic(expected = "date-time")]
    fn a_time_in_words_does_not() {
        check(Method::GET, COMMENTS, "since=yesterday", Value::Null);
    }
}
