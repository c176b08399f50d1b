//! What the settings mean: who is told what where, and who may decide there.

use serde::Serialize;

use crate::cli::cell::{Cell, Ink};
use crate::cli::output::{Form, Output};
use crate::settings::{DoorPlace, PartnerPlace, Settings, TrackerPlace, TrackerRole, Visibility};

/// A tracker, as the settings describe it.
#[derive(Serialize)]
struct Tracker<'a> {
    name: &'a str,
    kind: &'static str,
    roles: Vec<&'static str>,
    visibility: &'static str,
    verdicts: bool,
    /// Those whose verdicts count if they write them there.
    deciders: Vec<&'a str>,
    #[serde(skip)]
    nobody: &'static str,
}

#[derive(Serialize)]
struct Partner<'a> {
    name: &'a str,
    /// The program alone: its arguments may say more than they should.
    program: Option<&'a str>,
    url: Option<&'a str>,
    token: bool,
}

#[derive(Serialize)]
struct Door<'a> {
    listen: String,
    hosts: &'a [String],
    alerts: bool,
    webhooks: Vec<&'a str>,
}

/// Tells what settings without a mistake mean: to people beside the results, which are mistakes; to programs
/// as lines of their own.
pub(super) fn tell(settings: &Settings, form: Form, output: &mut Output) {
    for (name, place) in &settings.trackers {
        let tracker = Tracker::of(name, place);
        match form {
            Form::Json => output.record("tracker", &tracker),
            Form::People => said(output, name, &tracker.words(place)),
        }
    }
    for (name, place) in &settings.partners {
        let partner = Partner::of(name, place);
        match form {
            Form::Json => output.record("partner", &partner),
            Form::People => said(output, name, &partner.words()),
        }
    }
    if let Some(door) = Door::of(&settings.door) {
        match form {
            Form::Json => output.record("door", &door),
            Form::People => said(output, "door", &door.words()),
        }
    }
}

fn said(output: &mut Output, name: &str, words: &str) {
    output.message([Cell::of(name).ink(Ink::Strong), Cell::of(words).ink(Ink::Muted)]);
}

impl<'a> Tracker<'a> {
    fn of(name: &'a str, place: &'a TrackerPlace) -> Self {
        let role = |role: &TrackerRole| match role {
            TrackerRole::Alerts => "alerts",
            TrackerRole::Record => "record",
            TrackerRole::ReadOnly => "read-only",
        };
        let accounts = &place.accounts;
        let named = accounts.approvers.iter().filter_map(|id| accounts.people.get(id));
        let mut deciders: Vec<&str> = named.map(String::as_str).collect();
        let doubt = place.kind.doubt();
        let nobody = match (doubt, place.verdicts, deciders.is_empty()) {
            (Some(doubt), ..) => doubt,
            (None, false, true) => "verdicts is not true",
            (None, false, false) => "approvers are named, and verdicts is not true",
            (None, true, _) => "no approvers are named",
        };
        if !place.verdicts || doubt.is_some() {
            deciders.clear();
        }
        Self {
            name,
            kind: place.kind.word(),
            roles: place.roles.iter().map(role).collect(),
            visibility: place.visibility.word(),
            verdicts: place.verdicts,
            deciders,
            nobody,
        }
    }

    fn words(&self, place: &TrackerPlace) -> String {
        let mut words = vec![format!("is a tracker ({})", self.kind)];
        words.extend(place.roles.iter().map(|role| {
            match (role, place.visibility) {
                (TrackerRole::Alerts, _) => "what is opened there becomes an incident",
                (TrackerRole::ReadOnly, _) => {
                    "nothing is written there; what people or agents of yours open there belongs to the incident \
                     whose item it names"
                }
                (TrackerRole::Record, Visibility::Internal) => {
                    "entries are written there for the team alone (internal)"
                }
                (TrackerRole::Record, Visibility::Public) => {
                    "entries are written there for everybody (public)"
                }
            }
            .to_owned()
        }));
        words.push(match self.deciders.as_slice() {
            [] => format!("nobody can decide there: {}", self.nobody),
            deciders => {
                let proviso = place.kind.proviso().map(|it| format!(", if {it}"));
                let proviso = proviso.unwrap_or_default();
                format!("what {} types there decides{proviso}", deciders.join(" or "))
            }
        });
        words.join("; ")
    }
}

impl<'a> Partner<'a> {
    fn of(name: &'a str, place: &'a PartnerPlace) -> Self {
        match place {
            PartnerPlace::Command { argv, .. } => {
                let program = argv.first().map(String::as_str);
                Self { name, program, url: None, token: false }
            }
            PartnerPlace::Url { url, token } => {
                Self { name, program: None, url: Some(url), token: token.is_some() }
            }
        }
    }

    fn words(&self) -> String {
        let place = match (self.program, self.url) {
            (Some(program), _) => format!("{program} is started for it"),
            (None, url) => format!("it is called at {}", url.unwrap_or_default()),
        };
        let shown = if self.token { ", with a token" } else { "" };
        format!("is a partner; {place}{shown}")
    }
}

impl<'a> Door<'a> {
    fn of(place: &'a DoorPlace) -> Option<Self> {
        let webhooks = place.webhooks.keys().map(String::as_str).collect();
        let listen = place.listen?.to_string();
        Some(Self { listen, hosts: &place.hosts, alerts: place.token.is_some(), webhooks })
    }

    fn words(&self) -> String {
        let mut words = vec![format!("is open at {}", self.listen)];
        if !self.hosts.is_empty() {
            words.push(format!("a proxy is called {}", self.hosts.join(", ")));
        }
        let alerts = if self.alerts { "alerts come in with a token" } else { "no alerts come in" };
        words.push(alerts.to_owned());
        if !self.webhooks.is_empty() {
            words.push(format!("signed webhooks come in from {}", self.webhooks.join(", ")));
        }
        words.join("; ")
    }
}
