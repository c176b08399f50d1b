//! A page for people who follow a link into the sandbox: what it is, and what stands in it.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::ask::Asked;
use super::item::Item;
use super::jira;
use super::store::Memory;
use super::vendor::Vendor;

/// Answers somebody who looks with a browser.
pub(super) fn page(memory: &Memory, asked: &Asked, base: &str) -> Response {
    let wanted = asked.path.rsplit('/').next().unwrap_or_default().to_owned();
    let text = memory.with(|store| {
        let items: Vec<&Item> = store.items(asked.vendor).collect();
        let named = items.iter().filter(|item| names(item).contains(&wanted));
        let shown: Vec<&&Item> = named.collect();
        let shown = if shown.is_empty() { items.iter().collect() } else { shown };
        told(asked.vendor, &shown, base)
    });
    let mut response = (StatusCode::OK, text).into_response();
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// What an address may call an item.
fn names(item: &Item) -> Vec<String> {
    vec![item.number.to_string(), item.name()]
}

/// Plain text, which no browser runs.
fn told(vendor: Vendor, items: &[&&Item], base: &str) -> String {
    let title = vendor.title();
    let mut lines =
        vec![format!("SANDBOX: a look-alike of {title} at {base}. None of this is real.")];
    for item in items {
        let (name, state, author) = (item.name(), &item.state, item.author.name);
        lines.push(format!("\n{name} {} [{state}] by {author}", item.title));
        for note in &item.notes {
            let said = match note.body.as_str() {
                Some(said) => said.to_owned(),
                None => jira::text_of(&note.body),
            };
            lines.push(format!("\n--- {} {}\n{said}", note.created, note.author.name));
        }
    }
    lines.join("\n")
}
