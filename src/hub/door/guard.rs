//! The guard at the door: no web page, no other host, no endless body.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Names of this machine under which the door is found.
const HERE: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Refuses what a browser sent, and what was meant for somebody else.
///
/// A web page can make a browser call this machine, also under a name that it points here: both show in
/// the headers, which a page cannot change. A proxy that keeps the name it was called by is known by the
/// names that the settings give.
pub(super) async fn guard(
    State(hosts): State<Arc<[String]>>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    if headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site") {
        return (StatusCode::FORBIDDEN, "a web page is not heard here\n").into_response();
    }
    if !is_meant(headers, &hosts) {
        return (StatusCode::MISDIRECTED_REQUEST, "this is another host\n").into_response();
    }
    next.run(request).await
}

fn is_meant(headers: &HeaderMap, hosts: &[String]) -> bool {
    let Some(host) = text(headers, header::HOST.as_str()) else { return false };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let mut names = HERE.into_iter().chain(hosts.iter().map(String::as_str));
    names.any(|known| name.eq_ignore_ascii_case(known))
}

/// The value of a header that stands there once; one that stands there twice is none.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// Whether the body says that it is JSON.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let kind = text(headers, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

/// The token that a caller shows.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, shown) = text(headers, header::AUTHORIZATION.as_str())?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| shown.trim())
}
