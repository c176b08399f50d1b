//! The HTTP client below the protocol: takes no more of an answer than was agreed, and says which one was more.
//!
//! The library's own takes a body of twice the length, does not ask how much memory its values need, and tells
//! a caller only that the connection ended.

use std::collections::HashMap;
use std::future::ready;
use std::sync::Arc;

use futures_util::stream::{BoxStream, StreamExt};
use reqwest::header::{
    ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use reqwest::{Client, Response, StatusCode};
use rmcp::model::{
    ClientJsonRpcMessage, ClientRequest, ErrorCode, ErrorData, RequestId, ServerJsonRpcMessage,
};
use rmcp::transport::common::http_header::{
    EVENT_STREAM_MIME_TYPE, HEADER_SESSION_ID, JSON_MIME_TYPE,
};
use rmcp::transport::streamable_http_client::{
    AuthRequiredError, HttpStatusError, SseError, StreamableHttpClient, StreamableHttpError,
    StreamableHttpPostResponse,
};
use sse_stream::{Sse, SseStream};

use crate::settings::{Unsaid, burden};

/// The largest answer that is accepted, in bytes of JSON.
pub(super) const ANSWER_MAX: usize = 8 * 1024 * 1024;

/// How much memory the values of an answer may take, in bytes. The library reads a message twice, the first time
/// to see which kind it is.
const HELD_MAX: usize = 20 * 1024 * 1024;

/// How much of a refusal is read, in bytes.
const REFUSAL_MAX: usize = 64 * 1024;

/// How much of a refusal is told, in characters.
const TOLD_MAX: usize = 300;

/// What we put in place of an answer that is too large; outside the numbers that the protocol keeps for itself. A
/// partner that says it is believed.
const TOO_LARGE: i32 = -31_413;

type Fault = StreamableHttpError<reqwest::Error>;
type Events = BoxStream<'static, Result<Sse, SseError>>;

/// Whether an error is the one that stands in place of an answer that was too large.
pub(super) fn is_too_large(error: &ErrorData) -> bool {
    error.code.0 == TOO_LARGE
}

/// A client that takes no more of an answer than was agreed.
#[derive(Debug, Clone)]
pub(super) struct Bounded {
    client: Client,
    /// What is taken out of the words of a refusal before they are cut.
    unsaid: Unsaid,
}

/// Why the events of a stream end early.
#[derive(Debug, thiserror::Error)]
enum Cut {
    /// The connection broke.
    #[error(transparent)]
    Broken(reqwest::Error),
    /// One of them is longer than was agreed, or would take too much memory.
    #[error("an event of the partner is too large")]
    TooLarge,
}

/// What is known of a message that is sent.
struct Asked {
    /// Its number, if it waits for an answer.
    id: Option<RequestId>,
    /// Whether it asks which protocol is spoken, which old servers refuse in their own ways.
    is_discovery: bool,
    is_in_session: bool,
}

impl Bounded {
    /// Bounds the answers that a client takes, and of what it shows nothing is told.
    pub(super) fn of(client: Client, unsaid: Unsaid) -> Self {
        Self { client, unsaid }
    }
}

impl StreamableHttpClient for Bounded {
    type Error = reqwest::Error;

    async fn post_message(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session: Option<Arc<str>>,
        token: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> Result<StreamableHttpPostResponse, Fault> {
        let most = ANSWER_MAX;
        self.post_message_with_max_sse_event_size(uri, message, session, token, headers, most).await
    }

    async fn post_message_with_max_sse_event_size(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session: Option<Arc<str>>,
        token: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
        most: usize,
    ) -> Result<StreamableHttpPostResponse, Fault> {
        let asked = Asked::of(&message, session.is_some());
        let accept = format!("{EVENT_STREAM_MIME_TYPE}, {JSON_MIME_TYPE}");
        let mut request = self.client.post(uri.as_ref()).header(ACCEPT, accept);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(session) = session {
            request = request.header(HEADER_SESSION_ID, session.as_ref());
        }
        request =
            headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        let response = request.json(&message).send().await?;
        if response.status().is_success() {
            answered(response, asked, most).await
        } else {
            refused(response, asked, &self.unsaid).await
        }
    }

    async fn delete_session(
        &self,
        uri: Arc<str>,
        session: Arc<str>,
        token: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> Result<(), Fault> {
        self.client.delete_session(uri, session, token, headers).await
    }

    async fn get_stream(
        &self,
        uri: Arc<str>,
        session: Option<Arc<str>>,
        last_event: Option<String>,
        token: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> Result<Events, Fault> {
        let most = ANSWER_MAX;
        self.get_stream_with_max_sse_event_size(uri, session, last_event, token, headers, most)
            .await
    }

    async fn get_stream_with_max_sse_event_size(
        &self,
        uri: Arc<str>,
        session: Option<Arc<str>>,
        last_event: Option<String>,
        token: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
        most: usize,
    ) -> Result<Events, Fault> {
        let events = self
            .client
            .get_stream_with_max_sse_event_size(uri, session, last_event, token, headers, most)
            .await?;
        Ok(events.map(|said| weighed(said, None)).boxed())
    }
}

impl Asked {
    fn of(message: &ClientJsonRpcMessage, is_in_session: bool) -> Self {
        let ClientJsonRpcMessage::Request(request) = message else {
            return Self { id: None, is_discovery: false, is_in_session };
        };
        let is_discovery = matches!(request.request, ClientRequest::DiscoverRequest(_));
        Self { id: Some(request.id.clone()), is_discovery, is_in_session }
    }
}

/// Takes an answer in, as far as it is asked for.
async fn answered(
    mut response: Response,
    asked: Asked,
    most: usize,
) -> Result<StreamableHttpPostResponse, Fault> {
    let is_taken = [StatusCode::ACCEPTED, StatusCode::NO_CONTENT].contains(&response.status());
    // Nobody waits for an answer to anything else than a request.
    let Some(id) = asked.id.filter(|_| !is_taken) else {
        return Ok(StreamableHttpPostResponse::Accepted);
    };
    let session = text(response.headers(), HEADER_SESSION_ID);
    let kind = text(response.headers(), CONTENT_TYPE.as_str());
    let is = |wanted: &str| kind.as_deref().is_some_and(|kind| kind.starts_with(wanted));
    if is(EVENT_STREAM_MIME_TYPE) {
        return Ok(StreamableHttpPostResponse::Sse(events(response, id, most), session));
    }
    if !is(JSON_MIME_TYPE) {
        return Err(StreamableHttpError::UnexpectedContentType(kind));
    }
    let body = body(&mut response, most).await?.filter(|body| burden(body) <= HELD_MAX);
    let Some(body) = body else {
        return Ok(StreamableHttpPostResponse::Json(too_large(id), session));
    };
    match serde_json::from_slice(&body) {
        Ok(message) => Ok(StreamableHttpPostResponse::Json(message, session)),
        Err(error) => Err(unexpected(format!("no message of the protocol: {error}"))),
    }
}

/// What a refusal means: a message of the protocol all the same, or a failure of the connection.
async fn refused(
    mut response: Response,
    asked: Asked,
    unsaid: &Unsaid,
) -> Result<StreamableHttpPostResponse, Fault> {
    let (status, headers) = (response.status(), response.headers());
    if status == StatusCode::UNAUTHORIZED
        && let Some(challenge) = text(headers, WWW_AUTHENTICATE.as_str())
    {
        return Err(StreamableHttpError::AuthRequired(AuthRequiredError::new(challenge)));
    }
    if status == StatusCode::NOT_FOUND && asked.is_in_session {
        return Err(StreamableHttpError::SessionExpired);
    }
    let is_passing = status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error();
    let passing = || HttpStatusError::new(status.as_u16(), text(headers, RETRY_AFTER.as_str()));
    let passing = is_passing.then(passing);
    let session = text(headers, HEADER_SESSION_ID);
    let body = body(&mut response, REFUSAL_MAX).await.ok().flatten().unwrap_or_default();
    let said = match serde_json::from_slice(&body) {
        Ok(ServerJsonRpcMessage::Error(error)) => Some(error),
        _ => None,
    };
    let is_of_access = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&status);
    let words = || {
        let body = unsaid.hide(&String::from_utf8_lossy(&body));
        let body: String = body.chars().take(TOLD_MAX).collect();
        format!("HTTP {status}: {body}")
    };
    if status.is_client_error() && asked.is_discovery && !is_of_access && !asked.is_in_session {
        let error = said.map(|said| said.error);
        let error = error.unwrap_or_else(|| ErrorData::invalid_request(words(), None));
        let message = ServerJsonRpcMessage::error(error, asked.id);
        return Ok(StreamableHttpPostResponse::Json(message, None));
    }
    match (said, passing) {
        (Some(error), _) if !is_of_access => {
            Ok(StreamableHttpPostResponse::Json(ServerJsonRpcMessage::Error(error), session))
        }
        (_, Some(passing)) => Err(passing.into()),
        _ => Err(unexpected(words())),
    }
}

/// The body, if it is no longer than this once it is decoded.
async fn body(response: &mut Response, most: usize) -> Result<Option<Vec<u8>>, Fault> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > most {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

/// The events of an answer; in place of one that is too large there is an error with the number of the request.
fn events(response: Response, id: RequestId, most: usize) -> Events {
    let counted = response.bytes_stream().scan(Some(Event::default()), move |event, chunk| {
        let Some(begun) = event else { return ready(None) };
        let chunk = match chunk {
            Ok(chunk) if begun.lasts(&chunk) <= most => Ok(chunk),
            Ok(_) => Err(Cut::TooLarge),
            Err(error) => Err(Cut::Broken(error)),
        };
        if chunk.is_err() {
            *event = None;
        }
        ready(Some(chunk))
    });
    SseStream::from_bytes_stream(counted.boxed()).map(move |said| weighed(said, Some(&id))).boxed()
}

/// How long an event is that has begun.
#[derive(Debug, Default)]
struct Event {
    bytes: usize,
    is_at_line: bool,
}

impl Event {
    /// Goes on with some bytes, and says how long the longest event was meanwhile.
    fn lasts(&mut self, chunk: &[u8]) -> usize {
        let mut longest = self.bytes;
        for byte in chunk {
            match byte {
                // An empty line ends it.
                b'\n' if self.is_at_line => self.bytes = 0,
                b'\n' => self.is_at_line = true,
                // It may stand before the end of a line, and is none.
                b'\r' => {}
                _ => self.is_at_line = false,
            }
            self.bytes += 1;
            longest = longest.max(self.bytes);
        }
        longest
    }
}

/// Puts an error in the place of an event that is too large, if anybody waits for it.
fn weighed(said: Result<Sse, SseError>, id: Option<&RequestId>) -> Result<Sse, SseError> {
    let is_too_large = match &said {
        Ok(event) => event.data.as_ref().is_some_and(|data| burden(data.as_bytes()) > HELD_MAX),
        Err(SseError::Body(cause)) => matches!(cause.downcast_ref(), Some(Cut::TooLarge)),
        Err(_) => false,
    };
    if !is_too_large {
        return said;
    }
    let cut = || SseError::Body(Box::new(Cut::TooLarge));
    let message = too_large(id.cloned().ok_or_else(cut)?);
    Ok(Sse::default().data(serde_json::to_string(&message).map_err(|_unwritable| cut())?))
}

fn too_large(id: RequestId) -> ServerJsonRpcMessage {
    let error = ErrorData::new(ErrorCode(TOO_LARGE), "the answer is too large", None);
    ServerJsonRpcMessage::error(error, Some(id))
}

fn unexpected(what: String) -> Fault {
    StreamableHttpError::UnexpectedServerResponse(what.into())
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_ends_at_an_empty_line_however_lines_end() {
        for end in ["\n", "\r\n"] {
            let mut event = Event::default();
            let first = format!("data: 1{end}data: 2{end}");
            let length = first.len();
            assert_eq!(event.lasts(first.as_bytes()), length);
            assert_eq!(event.lasts(end.as_bytes()).max(length), length + end.len() - 1);
            assert!(event.lasts(b"data: 3") <= length, "a new one has begun");
        }
        let mut endless = Event::default();
        assert_eq!(endless.lasts(&b"data: 1\rdata: 2\r".repeat(9)), 9 * 16);
    }
}
