//! Trackers as the settings name them: where they are, what they are for, and who writes there.

use std::collections::{BTreeMap, BTreeSet};

use toml::Table;

use super::keys::{Flaw, Keys};
use super::mistake::did_you_mean;
use super::secret::SecretPlace;
use super::visibility::Visibility;

/// A tracker, and what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackerPlace {
    /// Which connector speaks to it, and where it is.
    pub kind: TrackerKind,
    /// What it is for.
    pub roles: BTreeSet<TrackerRole>,
    /// Whether what people write there can decide.
    pub verdicts: bool,
    /// Who may see what we write there.
    pub visibility: Visibility,
    /// Who stands behind the accounts there.
    pub accounts: Accounts,
}

/// Which connector speaks to a tracker, and what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrackerKind {
    /// The tracker that comes with the product, in the data directory.
    Local,
    /// Issues of a repository on GitHub.
    Github {
        /// The address of its API.
        url: String,
        /// The repository, as `owner` and `name`.
        repository: (String, String),
        /// What marks an issue as an incident; empty if all are.
        labels: Vec<String>,
        /// What shows who we are.
        token: SecretPlace,
    },
    /// Incidents of a service on PagerDuty.
    Pagerduty {
        /// The address of its API.
        url: String,
        /// The id of the service.
        service: String,
        /// The address of the user as whom everything is written.
        from: String,
        /// How the secret is shown.
        scheme: PagerdutyScheme,
        /// What shows who we are.
        token: SecretPlace,
    },
    /// Incidents of a ServiceNow instance.
    Servicenow {
        /// The address of the instance.
        url: String,
        /// The name of our user.
        user: String,
        /// How the secret is shown.
        scheme: ServicenowScheme,
        /// What shows who we are.
        token: SecretPlace,
        /// Which incidents are read, as an encoded query.
        filter: Option<String>,
        /// The value of `state` that closes an incident.
        closed_state: String,
        /// The value of `close_code` with which an incident ends; most instances want one.
        close_code: Option<String>,
    },
    /// Issues of a project in Jira Cloud.
    Jira {
        /// The address of the site.
        url: String,
        /// The address of our account, whose own token it is; a token of OAuth has none.
        email: Option<String>,
        /// What shows who we are.
        token: SecretPlace,
        /// The key of the project.
        project: String,
        /// The type of the issues that are opened.
        issue_type: String,
        /// Which issues of the project are read, in JQL.
        filter: Option<String>,
    },
    /// Issues of a Roundup instance.
    Roundup {
        /// The address of the instance.
        url: String,
        /// The name of our account.
        user: String,
        /// Its password.
        password: SecretPlace,
    },
}

/// How a secret is shown to PagerDuty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PagerdutyScheme {
    /// As a key of the REST API.
    #[default]
    ApiKey,
    /// As a token of OAuth.
    Bearer,
}

/// How a secret is shown to ServiceNow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ServicenowScheme {
    /// As the password of the user.
    #[default]
    Password,
    /// As a token of OAuth.
    Bearer,
    /// As a key of the REST API.
    ApiKey,
}

/// What a tracker is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrackerRole {
    /// What is opened there becomes an incident.
    Alerts,
    /// What happens in an incident is written there.
    Record,
    /// It is only read: an item there belongs to the incident that it names an item of, by its address.
    ReadOnly,
}

/// Who stands behind the accounts of a tracker, by the tracker's immutable ids: a name or a login can
/// be taken by somebody else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accounts {
    /// The names of people, by the ids of their accounts.
    pub people: BTreeMap<String, String>,
    /// The names of agents, by the ids of their accounts.
    pub agents: BTreeMap<String, String>,
    /// The ids of the people who may decide here.
    pub approvers: BTreeSet<String>,
}

/// Ids of accounts by the names of whom they belong to.
type Names = BTreeMap<String, String>;

impl TrackerPlace {
    /// The tracker that comes with the product, for whoever names no other.
    pub fn local() -> Self {
        Self {
            kind: TrackerKind::Local,
            roles: BTreeSet::from([TrackerRole::Record]),
            verdicts: false,
            visibility: Visibility::Internal,
            accounts: Accounts::default(),
        }
    }

    /// Whether entries are written there.
    pub fn is_record(&self) -> bool {
        self.roles.contains(&TrackerRole::Record)
    }

    /// Reads the table of one tracker; everything that is wrong with it is told at once.
    pub(super) fn read(table: &Table) -> Result<Self, Vec<Flaw>> {
        let mut keys = Keys::of(table);
        let kind = match kind(&mut keys) {
            Ok(kind) => kind,
            Err(flaw) => return Err(vec![flaw]),
        };
        let roles = roles(&mut keys);
        let verdicts = keys.flag("verdicts");
        let visibility = visibility(&mut keys);
        let accounts = accounts(&mut keys, kind.as_ref());
        if verdicts && roles.contains(&TrackerRole::ReadOnly) {
            let what = "nobody decides where nothing is written: proposals do not stand there";
            keys.flaw("verdicts", what, "take out verdicts, or add the role \"record\"");
        }
        let place = kind.map(|kind| Self { kind, roles, verdicts, visibility, accounts });
        keys.end(place)
    }
}

/// The kinds, in the order in which they are told.
const KINDS: [&str; 6] = ["local", "github", "pagerduty", "servicenow", "jira", "roundup"];

/// Which kind it is; `None` if a part of it is wrong, which is noted.
fn kind(keys: &mut Keys<'_>) -> Result<Option<TrackerKind>, Flaw> {
    let hint = format!("there are: {}", KINDS.join(", "));
    let Some(kind) = keys.text("kind") else {
        return Err(Flaw::new("", "a tracker needs a kind", format!("write kind = \"…\"; {hint}")));
    };
    Ok(match kind.as_str() {
        "local" => Some(TrackerKind::Local),
        "github" => github(keys),
        "pagerduty" => pagerduty(keys),
        "servicenow" => servicenow(keys),
        "jira" => jira(keys),
        "roundup" => roundup(keys),
        other => {
            let what = format!("unknown kind of tracker {other:?}");
            return Err(Flaw::new("kind", what, did_you_mean(other, KINDS).unwrap_or(hint)));
        }
    })
}

fn github(keys: &mut Keys<'_>) -> Option<TrackerKind> {
    let url = keys.url("url").or_else(|| Some("https://api.github.com".to_owned()));
    let repository = keys.needed("repository", "write repository = \"owner/name\"");
    let repository = repository.and_then(|text| {
        let parts = text.split_once('/').filter(|(owner, name)| {
            let sound = |part: &str| {
                let known = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
                !part.is_empty() && part.chars().all(known) && !part.starts_with('.')
            };
            sound(owner) && sound(name)
        });
        if parts.is_none() {
            keys.flaw("repository", "this is no repository", "write repository = \"owner/name\"");
        }
        parts.map(|(owner, name)| (owner.to_owned(), name.to_owned()))
    });
    let (labels, token) = (keys.list("labels"), keys.secret("token"));
    Some(TrackerKind::Github { url: url?, repository: repository?, labels, token: token? })
}

fn pagerduty(keys: &mut Keys<'_>) -> Option<TrackerKind> {
    let url = keys.url("url").or_else(|| Some("https://api.pagerduty.com".to_owned()));
    let service = keys.needed("service", "name the service by its id: service = \"PABC123\"");
    let hint = "name the user as whom everything is written: from = \"wheelhouse@example.com\"";
    let from = keys.needed("from", hint);
    let scheme = match keys.text("scheme").as_deref() {
        None | Some("api-key") => PagerdutyScheme::ApiKey,
        Some("bearer") => PagerdutyScheme::Bearer,
        Some(other) => {
            let what = format!("unknown scheme {other:?}");
            keys.flaw("scheme", what, "there are: api-key, bearer");
            PagerdutyScheme::ApiKey
        }
    };
    let token = keys.secret("token");
    let (url, service, from, token) = (url?, service?, from?, token?);
    Some(TrackerKind::Pagerduty { url, service, from, scheme, token })
}

fn servicenow(keys: &mut Keys<'_>) -> Option<TrackerKind> {
    let url = needed_url(keys, "write url = \"https://instance.service-now.com\"");
    let user = keys.needed("user", "name the user: user = \"wheelhouse\"");
    let scheme = match keys.text("scheme").as_deref() {
        None | Some("password") => ServicenowScheme::Password,
        Some("bearer") => ServicenowScheme::Bearer,
        Some("api-key") => ServicenowScheme::ApiKey,
        Some(other) => {
            let what = format!("unknown scheme {other:?}");
            keys.flaw("scheme", what, "there are: password, bearer, api-key");
            ServicenowScheme::Password
        }
    };
    let token = keys.secret("token");
    let filter = keys.text("filter");
    // Resolved, unless an instance calls it something else.
    let closed_state = keys.text("closed_state").unwrap_or_else(|| "6".to_owned());
    let close_code = keys.text("close_code");
    let (url, user, token) = (url?, user?, token?);
    Some(TrackerKind::Servicenow { url, user, scheme, token, filter, closed_state, close_code })
}

fn jira(keys: &mut Keys<'_>) -> Option<TrackerKind> {
    let url = needed_url(keys, "write url = \"https://site.atlassian.net\"");
    let project = keys.needed("project", "name the project by its key: project = \"OPS\"");
    let (email, token) = (keys.text("email"), keys.secret("token"));
    let issue_type = keys.text("issue_type").unwrap_or_else(|| "Task".to_owned());
    let filter = keys.text("filter");
    let (url, token, project) = (url?, token?, project?);
    Some(TrackerKind::Jira { url, email, token, project, issue_type, filter })
}

/// An address that must be there, because every team has its own.
fn needed_url(keys: &mut Keys<'_>, hint: &str) -> Option<String> {
    keys.needed("url", hint)?;
    keys.url("url")
}

fn roundup(keys: &mut Keys<'_>) -> Option<TrackerKind> {
    let url = keys.url("url");
    if url.is_none() {
        keys.needed("url", "write url = \"https://tracker.example/name/\"");
    }
    let user = keys.needed("user", "name the account: user = \"wheelhouse\"");
    let password = keys.secret("password");
    Some(TrackerKind::Roundup { url: url?, user: user?, password: password? })
}

fn roles(keys: &mut Keys<'_>) -> BTreeSet<TrackerRole> {
    const WORDS: [&str; 3] = ["alerts", "record", "read-only"];
    let mut roles = BTreeSet::new();
    for word in keys.list("roles") {
        match word.as_str() {
            "alerts" => drop(roles.insert(TrackerRole::Alerts)),
            "record" => drop(roles.insert(TrackerRole::Record)),
            "read-only" => drop(roles.insert(TrackerRole::ReadOnly)),
            other => {
                let hint = did_you_mean(other, WORDS);
                let hint = hint.unwrap_or_else(|| format!("there are: {}", WORDS.join(", ")));
                keys.flaw("roles", format!("unknown role {other:?}"), hint);
            }
        }
    }
    if roles.contains(&TrackerRole::Record) && roles.contains(&TrackerRole::ReadOnly) {
        keys.flaw("roles", "a record is written to, so it is not read-only", "remove one of them");
    }
    if roles.is_empty() { BTreeSet::from([TrackerRole::Record]) } else { roles }
}

fn visibility(keys: &mut Keys<'_>) -> Visibility {
    match keys.text("visibility").as_deref() {
        None | Some("internal") => Visibility::Internal,
        Some("public") => Visibility::Public,
        Some(other) => {
            let what = format!("unknown visibility {other:?}");
            keys.flaw("visibility", what, "there are: internal, public");
            Visibility::Internal
        }
    }
}

/// Tells of each account whose id cannot be one: nobody would ever be found under it.
fn strange(keys: &mut Keys<'_>, kind: &TrackerKind, (key, named): (&'static str, &Names)) {
    for (name, id) in named {
        if let Some((looks, found)) = kind.strange_account(id) {
            let what = format!("the account of {name} is {id:?}, and an id there is {looks}");
            keys.flaw(key, what, format!("a login is no id: {found}"));
        }
    }
}

fn accounts(keys: &mut Keys<'_>, kind: Option<&TrackerKind>) -> Accounts {
    let mut accounts = Accounts::default();
    let (people, agents) = (keys.names("people"), keys.names("agents"));
    for named in [("people", &people), ("agents", &agents)] {
        if let Some(kind) = kind {
            strange(keys, kind, named);
        }
    }
    for (name, id) in &people {
        if accounts.people.insert(id.clone(), name.clone()).is_some() {
            keys.flaw(
                "people",
                format!("two people have the account {id:?}"),
                "give each their own",
            );
        }
    }
    for (name, id) in &agents {
        if accounts.people.contains_key(id) {
            let what = format!("the account {id:?} belongs to a person and to an agent");
            keys.flaw("agents", what, "an agent needs an account of its own");
        }
        accounts.agents.insert(id.clone(), name.clone());
    }
    for name in keys.list("approvers") {
        if let Some(id) = people.get(&name) {
            accounts.approvers.insert(id.clone());
            continue;
        }
        let known = people.keys().map(String::as_str);
        let hint = did_you_mean(&name, known).unwrap_or_else(|| {
            "give the person's account under `people`: ada = \"583231\"".to_owned()
        });
        keys.flaw("approvers", format!("nobody is called {name:?} among its people"), hint);
    }
    accounts
}
