//! A request, before it is known where the tracker is.

use reqwest::{Method, Url};
use serde_json::Value;

use crate::trackers::TrackerError;

/// What is asked of a tracker, relative to its base address.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(super) method: Method,
    /// Below the base address, segment by segment.
    path: Vec<String>,
    query: Vec<(&'static str, String)>,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<Value>,
    /// Whether it asks for one thing, whose move takes it away from where we look.
    pub(super) of_one_thing: bool,
}

impl Request {
    /// Reads a path, given as its segments, which are escaped one by one.
    pub(crate) fn get(path: &[&str]) -> Self {
        Self::new(Method::GET, path, None)
    }

    /// Adds something.
    pub(crate) fn post(path: &[&str], body: Value) -> Self {
        Self::new(Method::POST, path, Some(body))
    }

    /// Changes a part; never a part that holds what somebody wrote.
    pub(crate) fn patch(path: &[&str], body: Value) -> Self {
        Self::new(Method::PATCH, path, Some(body))
    }

    /// Says where an item stands, to trackers that want it said like this.
    pub(crate) fn put(path: &[&str], body: Value) -> Self {
        Self::new(Method::PUT, path, Some(body))
    }

    /// Adds a question.
    pub(crate) fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Says that it asks for one thing in a place that is known to be there: a redirect means that the thing
    /// has gone elsewhere, and not that the tracker has.
    pub(crate) fn of_one_thing(self) -> Self {
        Self { of_one_thing: true, ..self }
    }

    fn new(method: Method, path: &[&str], body: Option<Value>) -> Self {
        let path = path.iter().map(|&segment| segment.to_owned()).collect();
        let (query, headers) = (Vec::new(), Vec::new());
        Self { method, path, query, headers, body, of_one_thing: false }
    }

    /// The address, which is always below the base.
    pub(super) fn url(&self, base: &Url) -> Result<Url, TrackerError> {
        let mut url = base.clone();
        let strange = |segment: &String| ["", ".", ".."].contains(&segment.as_str());
        if self.path.iter().any(strange) {
            return Err(TrackerError::NotFound { what: "such id".to_owned() });
        }
        url.path_segments_mut().map_err(|()| no_base())?.pop_if_empty().extend(&self.path);
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Ok(url)
    }

    /// The method and the path, for people.
    pub(super) fn words(&self) -> String {
        let path: String = self.path.join("/").escape_debug().take(120).collect();
        format!("{} {path}", self.method)
    }
}

fn no_base() -> TrackerError {
    TrackerError::Broken { why: "its address has no path".to_owned() }
}
