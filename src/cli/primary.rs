//! `wheelhouse agent primary`: the agent that owns an incident, with a hub of its own.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::cell::{Cell, Ink};
use super::ending::ending;
use super::exit::Exit;
use super::house::House;
use super::partners;
use super::session::Session;
use super::typed;
use crate::agents::primary::{Investigation, Means, Pen, Runbook, Switchboard};
use crate::hub::from_alertmanager;
use crate::incident::{
    Actor, ActorKind, Alert, IncidentId, Notice, Principal, Proof, Trouble, Untrusted,
};
use crate::settings::{SecretPlace, Settings};
use crate::wire::{Command, Reply};

/// What the primary agent works on, and with what.
#[derive(Debug, clap::Args)]
pub(super) struct PrimaryArgs {
    /// The alert, as Alertmanager's webhook sends it: a file, or `-` for the standard input
    #[arg(long, value_name = "FILE")]
    alert: PathBuf,

    /// A runbook of your own, tried before those of the product; may be repeated
    #[arg(long, value_name = "FILE")]
    runbook: Vec<PathBuf>,

    /// What a name in a runbook stands for; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = value)]
    value: Vec<(String, String)>,

    /// Where the token of the tool that carries out remedies is kept, such as env:NAME
    #[arg(long, value_name = "PLACE")]
    tool_token: Option<SecretPlace>,

    /// Where this agent runs
    #[arg(long, value_name = "NAME", default_value = "local")]
    deployment: String,
}

fn value(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Investigates one alert to its end; people decide in a cockpit, or on the command line, meanwhile.
pub(super) async fn run(args: PrimaryArgs, session: &mut Session) -> Result<Exit, Notice> {
    let settings = session.settings()?;
    session.log_in_files()?;
    let (alert, text) = alert(&args).await?;
    let book = runbook(&args.runbook, &alert)?;
    let house = House::open(session, &settings, "primary").await?;
    let outcome = investigate(args, &settings, (alert, text, book), &house, session).await;
    house.close().await;
    outcome
}

async fn investigate(
    args: PrimaryArgs,
    settings: &Settings,
    (alert, text, book): (Alert, Untrusted, Runbook),
    house: &House,
    session: &mut Session,
) -> Result<Exit, Notice> {
    let monitor = house.link_of(principal(ActorKind::System, "alertmanager", None)?);
    let opened = monitor.ask(Command::OpenIncident { alert: alert.clone(), text }).await?;
    let Reply::Opened { incident, .. } = opened else {
        return Err(Notice::new(Trouble::Failed, "the hub answered something else"));
    };
    tell(incident, session);
    let agent = principal(ActorKind::Agent, "primary", Some(&args.deployment))?;
    let mut endpoints = BTreeMap::new();
    for (name, place) in &settings.partners {
        endpoints.insert(name.clone(), partners::endpoint(place, &session.environment).await?);
    }
    let tool_token = match &args.tool_token {
        Some(place) => Some(place.fetch(&session.environment).await?.reveal().to_owned()),
        None => None,
    };
    let means = Means {
        pen: Pen { link: house.link_of(agent), clock: session.clock.clone(), incident },
        book: Arc::new(book),
        alert,
        values: args.value.into_iter().collect(),
        switchboard: Arc::new(Switchboard::new(endpoints, None)),
        tool_token,
    };
    let broke = |error: crate::agents::primary::PrimaryError| {
        Notice::new(Trouble::Failed, "the investigation broke off").detail(error.to_string())
    };
    ending(Investigation::new(means).map_err(broke)?.run().await.map_err(broke)?)
}

fn tell(incident: IncidentId, session: &mut Session) {
    let on = Cell::of(format!("investigating {incident}")).ink(Ink::Strong);
    let how = "watch it with `wheelhouse`, answer there or with `wheelhouse decide`";
    session.output.message([on]);
    session.output.message([Cell::from(how).ink(Ink::Muted)]);
}

async fn alert(args: &PrimaryArgs) -> Result<(Alert, Untrusted), Notice> {
    let unreadable = |cause: String| {
        Notice::new(Trouble::Usage, format!("the alert in {} cannot be read", args.alert.display()))
            .detail(cause)
            .hint("send what Alertmanager's webhook sends, version 4")
    };
    let json = if args.alert.as_os_str() == "-" {
        typed::text("-".to_owned()).await?
    } else {
        std::fs::read_to_string(&args.alert).map_err(|error| unreadable(error.to_string()))?
    };
    let alerts = from_alertmanager(&json).map_err(|error| unreadable(error.to_string()))?;
    let firing = alerts.into_iter().find(|(alert, _)| alert.firing);
    firing.ok_or_else(|| unreadable("no alert in it is firing".to_owned()))
}

/// The first runbook that applies, the person's own before those of the product.
fn runbook(own: &[PathBuf], alert: &Alert) -> Result<Runbook, Notice> {
    let broken = |error: &dyn std::error::Error| {
        Notice::new(Trouble::Usage, "a runbook cannot be used").detail(error.to_string())
    };
    let mut books = Vec::new();
    for file in own {
        let text = std::fs::read_to_string(file).map_err(|error| broken(&error))?;
        let name = file.display().to_string();
        books.push(Runbook::read(&name, &text).map_err(|error| broken(&error))?);
    }
    books.extend(Runbook::embedded().map_err(|error| broken(&error))?);
    let label = |name: &str| alert.labels.get(name).map(|it| it.for_storage().to_owned());
    books.into_iter().find(|book| book.applies(label)).ok_or_else(|| {
        Notice::new(Trouble::NotFound, "no runbook applies to the alert").hint(
            "write one whose `match` fits the labels of the alert, and give it with --runbook",
        )
    })
}

/// Somebody who is known by a token, such as an agent of this process.
pub(super) fn principal(
    kind: ActorKind,
    name: &str,
    at: Option<&str>,
) -> Result<Principal, Notice> {
    let actor = Actor::new(kind, name, at)
        .map_err(|error| Notice::new(Trouble::Usage, error.to_string()))?;
    Ok(Principal { actor, proof: Proof::Token, roles: Vec::new() })
}
