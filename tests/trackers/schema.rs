//! What a vendor says a request must look like, as JSON Schema carried in `tests/schemas`.

use axum::http::Method;
use serde_json::{Value, json};

use super::Seen;

/// The operations of one vendor.
pub(crate) struct Schema(Value);

impl Schema {
    /// Reads a file of `tests/schemas`.
    pub(crate) fn read(name: &str) -> Self {
        let path = format!("{}/tests/schemas/{name}", env!("CARGO_MANIFEST_DIR"));
        Self(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
    }

    /// Checks that a request is one that the vendor describes, below a base path.
    pub(crate) fn check(&self, seen: &Seen, base: &str) {
        let path = seen.path.strip_prefix(base).unwrap_or_else(|| panic!("{seen:?}"));
        let (name, operation) = self
            .operation(&seen.method, path)
            .unwrap_or_else(|| panic!("the vendor has no {} {path}", seen.method));
        let request = &operation["request"];
        if request.is_null() {
            assert!(seen.body.is_null(), "{name} takes nothing: {}", seen.body);
            return;
        }
        let whole = json!({ "$defs": self.0["$defs"], "allOf": [request] });
        let validator = jsonschema::validator_for(&whole).unwrap();
        let mistakes: Vec<String> =
            validator.iter_errors(&seen.body).map(|mistake| mistake.to_string()).collect();
        assert!(mistakes.is_empty(), "{name}: {mistakes:#?}");
    }

    /// What the vendor's own example answers to a request, and with which status.
    pub(crate) fn example(&self, method: &Method, path: &str) -> Option<(u16, Value)> {
        let (_, operation) = self.operation(method, path)?;
        let examples = operation["examples"].as_object()?.iter();
        let mut good = examples.filter(|(status, _)| status.starts_with('2'));
        good.find_map(|(status, all)| Some((status.parse().unwrap(), all.get(0)?.clone())))
    }

    fn operation(&self, method: &Method, path: &str) -> Option<(&String, &Value)> {
        let operations = self.0["operations"].as_object().unwrap().iter();
        let is_it = |(name, _): &(&String, &Value)| {
            let (known, template) = name.split_once(' ').unwrap();
            known == method.as_str() && fits(template, path)
        };
        // A path with a word in it is meant before one with anything in that place.
        operations.filter(is_it).min_by_key(|(name, _)| name.matches('{').count())
    }
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
    use super::*;

    fn seen(method: Method, path: &str, body: Value) -> Seen {
        Seen { method, path: path.to_owned(), query: String::new(), body }
    }

    #[test]
    fn a_good_request_passes() {
        let body = json!({ "body": "found it" });
        let schema = Schema::read("github-issues.jsonschema.json");
        schema.check(&seen(Method::POST, "/api/repos/o/r/issues/7/comments", body), "/api");
    }

    #[test]
    #[should_panic(expected = "is a required property")]
    fn a_request_with_a_wrong_field_does_not() {
        let body = json!({ "bdy": "found it" });
        let schema = Schema::read("github-issues.jsonschema.json");
        schema.check(&seen(Method::POST, "/repos/o/r/issues/7/comments", body), "");
    }

    #[test]
    #[should_panic(expected = "the vendor has no DELETE")]
    fn a_request_that_nobody_described_does_not() {
        let schema = Schema::read("github-issues.jsonschema.json");
        schema.check(&seen(Method::DELETE, "/repos/o/r/issues/comments/7", Value::Null), "");
    }
}
