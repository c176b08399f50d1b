//! The tables of an instance, as one user of ours reads and writes them.

use jiff::Timestamp;
use reqwest::header::HeaderName;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::authors::Authors;
use super::journal::lines;
use super::reading::{self, Seen, folded, is_sys_id};
use super::setup::{ServicenowAuth, ServicenowSetup};
use crate::trackers::lenient::{self, lacking};
use crate::trackers::transport::{Auth, Limits, Reply, Request, Setup, Transport, Written};
use crate::trackers::{Account, ItemId, Native, Page, TrackerError};

/// How many rows a page has.
const PAGE: usize = 200;
/// What is asked of an incident.
const FIELDS: &str = "sys_id,number,short_description,description,state,active,sys_created_by,\
                      sys_created_on,sys_updated_on,sys_mod_count,correlation_id";
/// What is asked of a user.
const USER_FIELDS: &str = "sys_id,user_name,name,sys_created_on,internal_integration_user,\
                           web_service_access_only";
/// What stands for whoever asks, in a query.
const WHOEVER_ASKS: &str = "sys_id=javascript:gs.getUserID()";

/// The tables under one user.
#[derive(Debug)]
pub(super) struct Tables {
    pub(super) setup: ServicenowSetup,
    transport: Transport,
    authors: Authors,
    /// For which login it is known that we are who the settings say.
    entered: Mutex<Option<u64>>,
}

impl Tables {
    /// Makes the way there; nothing is sent yet.
    ///
    /// # Errors
    /// The address makes no sense.
    pub(super) fn new(setup: ServicenowSetup) -> Result<Self, TrackerError> {
        let auth = match setup.auth.clone() {
            ServicenowAuth::Password(secret) => Auth::Basic { user: setup.user.clone(), secret },
            ServicenowAuth::Bearer(secret) => Auth::Bearer(secret),
            ServicenowAuth::Key(secret) => {
                Auth::Header { name: HeaderName::from_static("x-sn-apikey"), secret }
            }
        };
        let transport = Transport::new(Setup {
            base: format!("{}/api/now/table", setup.url.trim_end_matches('/')),
            auth,
            headers: vec![("accept", "application/json".to_owned())],
            limits: Limits::default(),
            clock: setup.clock.clone(),
        })?;
        Ok(Self { setup, transport, authors: Authors::default(), entered: Mutex::default() })
    }

    /// Asks for something as it is.
    pub(super) async fn read(&self, request: &Request) -> Result<Reply, TrackerError> {
        self.transport.read(request).await
    }

    /// Reads rows of a table, in an order, from a time on.
    pub(super) async fn rows(
        &self,
        (table, conditions): (&str, Vec<String>),
        (seen, order): (&Seen, &str),
    ) -> Result<Reply, TrackerError> {
        let mut query = conditions;
        if !seen.since.is_empty() {
            query.push(format!("{order}>={}", seen.since));
        }
        query.extend([format!("ORDERBY{order}"), "ORDERBYsys_id".to_owned()]);
        let mut request = Request::get(&[table])
            .query("sysparm_query", query.join("^"))
            .query("sysparm_limit", PAGE.to_string())
            .query("sysparm_offset", seen.offset.to_string())
            .query("sysparm_exclude_reference_link", "true");
        if table == "incident" {
            request = request.query("sysparm_fields", FIELDS);
        }
        self.transport.read(&request).await
    }

    /// Reads rows of the journal of an incident.
    pub(super) async fn journal(&self, item: &ItemId, seen: &Seen) -> Result<Reply, TrackerError> {
        must_be_id(item)?;
        let conditions = vec![
            format!("element_id={item}"),
            "name=incident".to_owned(),
            "elementINwork_notes,comments".to_owned(),
        ];
        self.rows(("sys_journal_field", conditions), (seen, "sys_created_on")).await
    }

    /// What the record itself shows of its journals, oldest first.
    pub(super) async fn shown(&self, item: &ItemId) -> Result<Vec<Native>, TrackerError> {
        let request = Request::get(&["incident", item.as_str()])
            .query("sysparm_fields", "work_notes,comments")
            .query("sysparm_display_value", "all");
        let reply = self.transport.read(&request).await?;
        let mut found = Vec::new();
        for element in ["work_notes", "comments"] {
            let place = format!("/result/{element}/display_value");
            let read = lines(lenient::text_or_empty(&reply.json, &place));
            found.extend(read.iter().filter_map(|line| reading::shown(line, element)));
        }
        found.sort_by_key(|native| native.created);
        Ok(found)
    }

    pub(super) async fn record(&self, item: &ItemId) -> Result<Value, TrackerError> {
        must_be_id(item)?;
        let request = Request::get(&["incident", item.as_str()]).query("sysparm_fields", FIELDS);
        let reply = self.transport.read(&request).await?;
        reply.json.pointer("/result").cloned().ok_or_else(|| lacking("the incident"))
    }

    /// Writes into an incident, once it is known that what is written is known again.
    pub(super) async fn write(&self, item: &ItemId, body: Value) -> Result<Written, TrackerError> {
        self.entered().await?;
        let request = Request::patch(&["incident", item.as_str()], body);
        self.transport.write(item.as_str(), &request.query("sysparm_fields", FIELDS)).await
    }

    /// Adds an incident, once it is known that it is known again.
    pub(super) async fn add(&self, body: Value) -> Result<Written, TrackerError> {
        self.entered().await?;
        let request = Request::post(&["incident"], body).query("sysparm_fields", FIELDS);
        self.transport.write("incident", &request).await
    }

    /// Asks who the instance thinks we are: what we wrote is known again by that, whatever the settings say.
    pub(super) async fn own(&self) -> Result<Account, TrackerError> {
        let request = users(WHOEVER_ASKS).query("sysparm_limit", "2");
        let rows = match self.transport.read(&request).await {
            Ok(reply) => lenient::list(&reply.json, "/result").to_vec(),
            // Many may read incidents and not users.
            Err(TrackerError::Refused { .. } | TrackerError::NotFound { .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        let login = self.logins();
        // More than one row answers another question: this one was ignored.
        let named = match rows.as_slice() {
            [one] => reading::account(one),
            _ => None,
        };
        let account = match (named, &self.setup.auth) {
            (Some((user, account)), _) if folded(&user) == folded(&self.setup.user) => {
                self.authors.learn(&rows, self.setup.clock.now());
                account
            }
            (Some((user, _)), _) => return Err(somebody_else(&user, &self.setup.user)),
            // The name is shown together with the password: nobody else enters like that.
            (None, ServicenowAuth::Password(_)) => self.by_name().await?,
            (None, ServicenowAuth::Bearer(_) | ServicenowAuth::Key(_)) => return Err(unnamed()),
        };
        *self.entered.lock().await = Some(login);
        Ok(account)
    }

    async fn entered(&self) -> Result<(), TrackerError> {
        if *self.entered.lock().await != Some(self.logins()) {
            self.own().await?;
        }
        Ok(())
    }

    /// How often another secret took the place of the one before.
    pub(super) fn logins(&self) -> u64 {
        self.transport.logins()
    }

    async fn by_name(&self) -> Result<Account, TrackerError> {
        let own = json!({ "sys_created_by": self.setup.user });
        self.meet(std::slice::from_ref(&own)).await?;
        Ok(self.author(&own))
    }

    /// Asks for the users behind the names of rows, unless that was asked for a moment ago; a name that
    /// nobody may look up stands for itself.
    pub(super) async fn meet(&self, rows: &[Value]) -> Result<(), TrackerError> {
        let unknown = self.authors.unknown(rows, self.setup.clock.now());
        if unknown.is_empty() {
            return Ok(());
        }
        let request = users(&format!("user_nameIN{}", unknown.join(",")));
        match self.transport.read(&request.query("sysparm_limit", PAGE.to_string())).await {
            Ok(reply) => {
                let now = self.setup.clock.now();
                self.authors.learn(lenient::list(&reply.json, "/result"), now);
                Ok(())
            }
            // Many may read incidents and not users.
            Err(TrackerError::Refused { .. } | TrackerError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(super) fn author(&self, row: &Value) -> Account {
        self.authors.of(row, self.setup.clock.now())
    }

    /// Whether what answers says of itself that it is a look-alike.
    pub(super) fn is_sandbox(&self) -> bool {
        self.transport.is_sandbox()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.setup.clock.now()
    }
}

/// A page and where to go on; whether there is more is never guessed from how many rows there are,
/// because those that may not be seen are taken out after they are counted.
pub(super) fn paged<T>(
    seen: &Seen,
    found: Vec<T>,
    (rows, field): (&[Value], &str),
    more: bool,
) -> Page<T> {
    let last = reading::last(rows, field);
    if more {
        let step = if rows.is_empty() { PAGE } else { rows.len() };
        return Page { found, next: seen.after(step, last), complete: false, unread: Vec::new() };
    }
    Page { found, next: seen.later(last), complete: true, unread: Vec::new() }
}

fn users(query: &str) -> Request {
    Request::get(&["sys_user"]).query("sysparm_query", query).query("sysparm_fields", USER_FIELDS)
}

fn must_be_id(item: &ItemId) -> Result<(), TrackerError> {
    if is_sys_id(item.as_str()) {
        return Ok(());
    }
    Err(TrackerError::NotFound { what: "incident with such an id".to_owned() })
}

fn somebody_else(user: &str, configured: &str) -> TrackerError {
    let why = format!(
        "the token is that of {user:?}, and the settings say user = {configured:?}: name the one \
         whose token it is"
    );
    TrackerError::Refused { why }
}

fn unnamed() -> TrackerError {
    let why = "it does not say whose token it is, and nothing that is written could be known \
               again: let the user read its own row of sys_user"
        .to_owned();
    TrackerError::Refused { why }
}
