//! The connector: one repository, under one account.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::sync::Mutex;

use super::read;
use super::repository::Repository;
use crate::settings::{Clock, Secret, Visibility};
use crate::trackers::lenient::{lacking, text};
use crate::trackers::transport::{Auth, Limits, Reply, Request, Setup, Transport};
use crate::trackers::{Access, Account, ItemId, TrackerError};

/// The version of the API that this is written against.
const VERSION: &str = "2022-11-28";

/// How long to wait between writes, as GitHub asks for.
const WRITE_GAP: Duration = Duration::from_secs(1);

/// How long GitHub's word about who sees the repository is believed.
const FRESH: SignedDuration = SignedDuration::from_mins(1);

/// How tokens begin to which rights are given one by one.
const FINE_GRAINED: &str = "github_pat_";

/// What the connector needs.
#[derive(Debug)]
pub struct GithubSetup {
    /// The address of the API.
    pub url: String,
    /// The repository, as owner and name.
    pub repository: (String, String),
    /// What marks an issue as an incident; empty if all are.
    pub labels: Vec<String>,
    /// Who may see what is written.
    pub visibility: Visibility,
    /// What shows who we are.
    pub token: Secret,
    /// What time it is.
    pub clock: Clock,
}

/// Issues of one repository.
#[derive(Debug)]
pub struct GithubTracker {
    pub(super) name: String,
    owner: String,
    repository: String,
    pub(super) labels: Vec<String>,
    pub(super) visibility: Visibility,
    pub(super) clock: Clock,
    pub(super) transport: Transport,
    /// GitHub's other API, at its own path.
    pub(super) graph: Transport,
    known: Mutex<Option<(Timestamp, Repository)>>,
    pub(super) url: String,
    /// Whether rights are given to our token one by one.
    is_fine_grained: bool,
    own: Mutex<Option<(u64, Account)>>,
    /// When it last had no suggestions, so that nobody asks again soon.
    pub(super) suggestions_refused: Mutex<Option<Timestamp>>,
}

impl GithubTracker {
    /// Makes the connector; nothing is asked yet.
    ///
    /// # Errors
    /// The address makes no sense.
    pub fn new(name: &str, setup: GithubSetup) -> Result<Self, TrackerError> {
        let GithubSetup { url, repository: (owner, repository), labels, .. } = setup;
        let (visibility, clock, token) = (setup.visibility, setup.clock, setup.token);
        let is_fine_grained = token.reveal().starts_with(FINE_GRAINED);
        let url = url.trim_end_matches('/').to_owned();
        let headers = vec![
            ("accept", "application/vnd.github+json".to_owned()),
            ("x-github-api-version", VERSION.to_owned()),
        ];
        let transport = Transport::new(Setup {
            base: url.clone(),
            auth: Auth::Bearer(token.clone()),
            headers,
            limits: Limits { write_gap: WRITE_GAP, ..Limits::default() },
            clock: clock.clone(),
        })?;
        let graph = Transport::new(Setup {
            // On a server of one's own the two APIs are neighbours: /api/v3 and /api/graphql.
            base: url.strip_suffix("/v3").unwrap_or(&url).to_owned(),
            auth: Auth::Bearer(token),
            headers: Vec::new(),
            limits: Limits::default(),
            clock: clock.clone(),
        })?;
        let (known, own) = (Mutex::default(), Mutex::default());
        let suggestions_refused = Mutex::default();
        let name = name.to_owned();
        Ok(Self {
            name,
            owner,
            repository,
            labels,
            visibility,
            clock,
            transport,
            graph,
            known,
            url,
            is_fine_grained,
            own,
            suggestions_refused,
        })
    }

    /// A path below the repository.
    pub(super) fn path<'a>(&'a self, rest: &[&'a str]) -> Vec<&'a str> {
        let mut path = vec!["repos", &self.owner, &self.repository];
        path.extend(rest);
        path
    }

    /// A path below an issue.
    pub(super) fn issue<'a>(
        &'a self,
        item: &'a ItemId,
        rest: &[&'a str],
    ) -> Result<Vec<&'a str>, TrackerError> {
        if item.as_str().is_empty() || !item.as_str().bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(TrackerError::NotFound { what: "issue of this id".to_owned() });
        }
        Ok(self.path(&[&["issues", item.as_str()], rest].concat()))
    }

    /// What GitHub says about the repository; asked again and again, because anybody with the right to can
    /// show it to the world at any time.
    pub(super) async fn known(&self) -> Result<Repository, TrackerError> {
        let (mut known, now) = (self.known.lock().await, self.clock.now());
        if let Some((at, repository)) = &*known
            && now.duration_since(*at).abs() < FRESH
        {
            return Ok(repository.clone());
        }
        let reply = self.transport.read(&Request::get(&self.path(&[]))).await?;
        let repository = Repository::read(&reply.json);
        *known = Some((now, repository.clone()));
        Ok(repository)
    }

    /// What we may do: what a fine-grained token may do with issues is not among the rights of its owner, which
    /// are all that GitHub tells of a repository.
    pub(super) fn access(&self, repository: &Repository) -> Access {
        match repository.access {
            Access::Write if self.is_fine_grained => Access::Unknown,
            access => access,
        }
    }

    /// Who we are, asked once for each login.
    pub(super) async fn own(&self) -> Result<Account, TrackerError> {
        let mut own = self.own.lock().await;
        if let Some((_, account)) = own.as_ref().filter(|(of, _)| *of == self.transport.logins()) {
            return Ok(account.clone());
        }
        let reply = match self.transport.read(&Request::get(&["user"])).await {
            // The token of an app is nobody's, and GitHub says who the app is elsewhere.
            Err(TrackerError::Refused { .. }) => self.app().await?,
            reply => reply?,
        };
        let account = read::author(&json!({ "user": reply.json }), "user");
        *own = Some((self.transport.logins(), account.clone()));
        Ok(account)
    }

    /// The account under which an app writes, by the token of its installation.
    async fn app(&self) -> Result<Reply, TrackerError> {
        let question = json!({ "query": "query { viewer { login } }" });
        let reply = self.graph.read(&Request::post(&["graphql"], question)).await?;
        let login =
            text(&reply.json, "/data/viewer/login").ok_or_else(|| lacking("our account"))?;
        self.transport.read(&Request::get(&["users", login])).await
    }
}
