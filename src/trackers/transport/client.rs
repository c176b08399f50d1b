//! The transport: sends requests of one connector under one account.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use serde_json::Value;

use super::auth::Auth;
use super::gate::Gate;
use super::kept::{Former, Kept};
use super::limit::{self, Scope};
use super::login::{Login, Shown};
use super::reply::{self, Reply, Written};
use super::request::Request;
use super::said::said;
use crate::settings::Clock;
use crate::trackers::TrackerError;

/// What every answer of a look-alike carries.
const SANDBOX: &str = "x-wheelhouse";

/// What a transport may take and use.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// How long a connection may take to open.
    pub(crate) connect: Duration,
    /// How long a request may take from its beginning to the last byte of its answer.
    pub(crate) total: Duration,
    /// How long an answer may be once it is decoded, in bytes.
    pub(crate) most_bytes: usize,
    /// How long to wait between two writes.
    pub(crate) write_gap: Duration,
    /// How long to wait before each repetition of a read that found nobody.
    pub(crate) repeat: Vec<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(20),
            most_bytes: 8 * 1024 * 1024,
            write_gap: Duration::ZERO,
            repeat: vec![Duration::from_millis(300)],
        }
    }
}

/// What a transport is made of.
#[derive(Debug)]
pub(crate) struct Setup {
    /// The address that every path is below.
    pub(crate) base: String,
    /// How to show who we are.
    pub(crate) auth: Auth,
    /// What every request says.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// What it may take.
    pub(crate) limits: Limits,
    /// What time it is.
    pub(crate) clock: Clock,
}

/// Sends requests to one tracker under one account.
pub(crate) struct Transport {
    client: Client,
    base: Url,
    login: Login,
    limits: Limits,
    clock: Clock,
    gate: Gate,
    kept: Kept,
    /// Whether an answer said that it comes from a look-alike.
    sandbox: AtomicBool,
}

impl Transport {
    /// Makes a transport; nothing is sent yet.
    ///
    /// # Errors
    /// The address or a header makes no sense.
    pub(crate) fn new(setup: Setup) -> Result<Self, TrackerError> {
        let Setup { base, auth, headers, limits, clock } = setup;
        let senseless = |why: String| TrackerError::Refused { why };
        // The parser's message is not told: the address may hold more than it should.
        let base: Url = base.parse().map_err(|_| senseless("its address is none".to_owned()))?;
        if !["http", "https"].contains(&base.scheme()) || !base.username().is_empty() {
            return Err(senseless("its address must be https://host/path".to_owned()));
        }
        // The provider may stand already; which of several equal ones stands makes no difference.
        drop(rustls::crypto::ring::default_provider().install_default());
        let builder = Client::builder()
            // A redirect would carry body and headers to a host that nobody configured.
            .redirect(Policy::none())
            .connect_timeout(limits.connect)
            .timeout(limits.total)
            .pool_idle_timeout(Duration::from_secs(10))
            .user_agent(concat!("wheelhouse/", env!("CARGO_PKG_VERSION")))
            .default_headers(fixed(headers)?);
        let builder = if is_here(&base) { builder.no_proxy() } else { builder };
        // Reading the system's certificates takes longer than everything else here together.
        let builder = match base.scheme() {
            "http" => builder.tls_backend_preconfigured(without_roots().map_err(senseless)?),
            _ => builder,
        };
        let client = builder.build().map_err(|error| senseless(reply::cause(&error)))?;
        let (gate, kept) = (Gate::default(), Kept::default());
        let login = Login::new(auth, client.get(base.clone()));
        let sandbox = AtomicBool::new(false);
        Ok(Self { client, base, login, limits, clock, gate, kept, sandbox })
    }

    /// Reads, again if nobody was found at first.
    pub(crate) async fn read(&self, request: &Request) -> Result<Reply, TrackerError> {
        let mut repeat = self.limits.repeat.iter();
        loop {
            let read = self.read_known(request).await;
            let (Err(TrackerError::Unreachable { .. }), Some(wait)) = (&read, repeat.next()) else {
                return read;
            };
            self.clock.sleep(*wait).await;
        }
    }

    async fn read_known(&self, request: &Request) -> Result<Reply, TrackerError> {
        let shown = self.login.now();
        let read = self.read_once(request, &shown).await;
        match self.renewed(&read, &shown).await {
            Some(shown) => self.read_once(request, &shown).await,
            None => read,
        }
    }

    /// Another login, if it is for want of one that nothing was done.
    async fn renewed<T>(
        &self,
        done: &Result<T, TrackerError>,
        shown: &Arc<Shown>,
    ) -> Option<Arc<Shown>> {
        let Err(TrackerError::Unauthorized { .. }) = done else { return None };
        let request = self.client.get(self.base.clone());
        let renewed = self.login.renew(shown, request, self.clock.now()).await;
        renewed.then(|| self.login.now())
    }

    async fn read_once(&self, request: &Request, shown: &Shown) -> Result<Reply, TrackerError> {
        self.gate.pass(self.clock.now())?;
        let url = request.url(&self.base)?;
        // What a question in a body was answered is no answer to another question at the same address.
        let is_kept = request.body.is_none();
        let former = is_kept.then(|| self.kept.find(url.as_str())).flatten();
        let mut sending = self.sending(request, &url, shown)?;
        if let Some(Former { etag, last_modified, .. }) = &former {
            let conditions = [(IF_NONE_MATCH, etag), (IF_MODIFIED_SINCE, last_modified)];
            for (name, value) in conditions {
                if let Some(value) = value {
                    sending = sending.header(name, value);
                }
            }
        }
        let mut answer = sending.send().await.map_err(|error| reply::lost(&error))?;
        if let (StatusCode::NOT_MODIFIED, Some(former)) = (answer.status(), former) {
            self.heed(answer.headers(), shown);
            return Ok(Reply { date: reply::date(answer.headers()), ..former.reply });
        }
        let read = self.take(&mut answer).await;
        if answer.status().is_success() {
            self.heed(answer.headers(), shown);
            let read = read?;
            if is_kept {
                self.kept.keep(url.as_str(), answer.headers(), &read);
            }
            return Ok(read);
        }
        Err(match (self.refused(request, &answer, read.ok(), shown), answer.status().as_u16()) {
            // It was there and is no more. To a write it says more, which a person must read.
            (TrackerError::Refused { .. }, 410) => TrackerError::NotFound { what: request.words() },
            (TrackerError::Refused { .. }, 301) if request.of_one_thing => {
                TrackerError::NotFound { what: request.words() }
            }
            (error, _) => error,
        })
    }

    /// Writes, once; again only what was refused for want of another secret. An error means that nothing
    /// arrived.
    ///
    /// Nobody else writes to the same item meanwhile; what is no item yet has a name of its own.
    pub(crate) async fn write(
        &self,
        item: &str,
        request: &Request,
    ) -> Result<Written, TrackerError> {
        let _turn = self.gate.turn(item).await;
        let shown = self.login.now();
        let written = self.write_once(request, &shown).await;
        match self.renewed(&written, &shown).await {
            Some(shown) => self.write_once(request, &shown).await,
            None => written,
        }
    }

    async fn write_once(&self, request: &Request, shown: &Shown) -> Result<Written, TrackerError> {
        self.gate.pass(self.clock.now())?;
        let url = request.url(&self.base)?;
        let sending = self.sending(request, &url, shown)?;
        self.clock.sleep(self.gate.reserve(self.clock.now(), self.limits.write_gap)).await;
        let mut answer = match sending.send().await {
            Ok(answer) => answer,
            // No connection, or no request to send: not a byte of it left.
            Err(error) if error.is_connect() || error.is_builder() => {
                return Err(reply::lost(&error));
            }
            Err(error) => return Ok(Written::Unknown { why: reply::cause(&error) }),
        };
        let read = self.take(&mut answer).await;
        let status = answer.status();
        if status.is_success() {
            self.heed(answer.headers(), shown);
            // It stands there, whatever became of the answer.
            let unread = || Reply::new(answer.headers(), b"");
            return Ok(Written::Stored(read.or_else(|_| unread())?));
        }
        // 408 comes from whoever stands in between, too, long after it passed everything on.
        if status.is_server_error() || [302, 303, 408].contains(&status.as_u16()) {
            return Ok(Written::Unknown { why: format!("it answered {}", status.as_u16()) });
        }
        match self.refused(request, &answer, read.ok(), shown) {
            TrackerError::Refused { why } if status.is_client_error() && status != 403 => {
                Ok(Written::Rejected { status: status.as_u16(), why })
            }
            error => Err(error),
        }
    }

    /// Why an answer is a refusal whose status does not tell, in words that repeat no secret.
    pub(crate) fn words(&self, json: &Value) -> String {
        said(json, &self.login.now().unsaid)
    }

    fn sending(
        &self,
        request: &Request,
        url: &Url,
        shown: &Shown,
    ) -> Result<RequestBuilder, TrackerError> {
        let sending = self.client.request(request.method.clone(), url.clone());
        let headers = request.headers.iter();
        let sending = headers.fold(sending, |sending, (name, value)| sending.header(*name, value));
        let sending = match &request.body {
            Some(body) => sending.json(body),
            None => sending,
        };
        shown.auth.show(sending)
    }

    async fn take(&self, answer: &mut Response) -> Result<Reply, TrackerError> {
        let body = reply::body(answer, self.limits.most_bytes).await?;
        Reply::new(answer.headers(), &body)
    }

    /// How often another secret took the place of the one before.
    pub(crate) fn logins(&self) -> u64 {
        self.login.now().number
    }

    /// Whether what answers says of itself that it is a look-alike.
    pub(crate) fn is_sandbox(&self) -> bool {
        self.sandbox.load(Ordering::Relaxed)
    }

    /// Closes the gate when this was the last answer for now, and takes note of who answers, and that what
    /// was shown is taken.
    fn heed(&self, headers: &HeaderMap, shown: &Shown) {
        shown.prove();
        if headers.contains_key(SANDBOX) {
            self.sandbox.store(true, Ordering::Relaxed);
        }
        let now = self.clock.now();
        if let Some(wait) = limit::of_answer(headers, now) {
            self.gate.close(now, wait);
        }
    }

    /// What an answer means that is no success.
    fn refused(
        &self,
        request: &Request,
        answer: &Response,
        read: Option<Reply>,
        shown: &Shown,
    ) -> TrackerError {
        let (status, now) = (answer.status(), self.clock.now());
        let said = read.map(|reply| said(&reply.json, &shown.unsaid)).unwrap_or_default();
        if let Some((wait, scope)) = limit::of_refusal(status, answer.headers(), &said, now) {
            if scope == Scope::Account {
                self.gate.close(now, wait);
            }
            return TrackerError::Throttled { retry_after: Some(wait) };
        }
        let code = status.as_u16();
        let why = if said.is_empty() { format!("it answered {code}") } else { said };
        match code {
            401 => TrackerError::Unauthorized { why },
            404 => TrackerError::NotFound { what: request.words() },
            500.. => TrackerError::Unreachable { why },
            300..=399 => {
                let why = "it has moved: put its new address into the settings".to_owned();
                TrackerError::Refused { why }
            }
            _ => TrackerError::Refused { why },
        }
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

/// Encryption that trusts nobody, for addresses that never use it.
fn without_roots() -> Result<rustls::ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    Ok(versions.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
}

fn fixed(headers: Vec<(&'static str, String)>) -> Result<HeaderMap, TrackerError> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let value = HeaderValue::try_from(value).map_err(|_| {
            let why = format!("what the settings say cannot stand in the header {name}");
            TrackerError::Refused { why }
        })?;
        map.insert(HeaderName::from_static(name), value);
    }
    Ok(map)
}

/// Whether an address lies on this machine, where no proxy belongs in between.
fn is_here(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
