//! GitHub's pages: `per_page`, `page`, `Link`, and the `ETag` of what is on them.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::sandbox::lookalikes::ask::{Answered, Ask};
use crate::sandbox::lookalikes::ids::hex;

/// One page of a list, with the addresses of its neighbours.
pub(super) fn page(ask: &Ask, all: &[Value]) -> Answered {
    let size = ask.number("per_page", 30).clamp(1, 100);
    let page = ask.number("page", 1).max(1);
    let last = all.len().div_ceil(size).max(1);
    let found: Vec<Value> = all.iter().skip((page - 1) * size).take(size).cloned().collect();
    let link = |rel: &str, to: usize| format!("<{}>; rel=\"{rel}\"", address(ask, to));
    let mut links = Vec::new();
    if page > 1 {
        links.extend([link("prev", page - 1), link("first", 1)]);
    }
    if page < last {
        links.extend([link("next", page + 1), link("last", last)]);
    }
    let answer = tagged(ask, Value::Array(found));
    if links.is_empty() { answer } else { answer.header("link", links.join(", ")) }
}

/// An answer with its tag, or nothing but the tag if the asker has the same already.
pub(super) fn tagged(ask: &Ask, body: Value) -> Answered {
    let digest = Sha256::digest(body.to_string().as_bytes());
    let tag = format!("W/\"{}\"", hex(&digest));
    if ask.header("if-none-match") == Some(&tag) {
        return Answered { status: 304, headers: Vec::new(), body: None }.header("etag", tag);
    }
    Answered::of(200, body).header("etag", tag)
}

fn address(ask: &Ask, page: usize) -> String {
    let others = ask.asked.query.iter().filter(|(name, _)| name != "page");
    let others = others.map(|(name, value)| format!("{}={}&", escaped(name), escaped(value)));
    format!("{}{}?{}page={page}", ask.base, ask.asked.path, others.collect::<String>())
}

/// A name or value of a query, with everything escaped that could mean something else.
fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~,".contains(&byte);
    let one = |byte: u8| {
        if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(one).collect()
}
