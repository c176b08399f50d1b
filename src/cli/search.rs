//! `wheelhouse search`: one question to the entries of all incidents, as agents ask it.

use jiff::Timestamp;
use serde::Serialize;

use super::cell::{Cell, Ink};
use super::exit::Exit;
use super::moment;
use super::naming;
use super::output::{Format, Listed};
use super::session::Session;
use crate::incident::{ActorKind, Hit, Kind, Notice, Query};

/// Searches the entries of all incidents
#[derive(Debug, clap::Args)]
pub struct SearchArgs {
    /// Words that must all occur; an ending `*` matches any ending, `"…"` an exact phrase
    query: String,

    /// Only entries of this kind; may be repeated
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Vec<Kind>,

    /// Only entries by this kind of actor: human, agent, system
    #[arg(long, value_name = "ACTOR", value_parser = actor)]
    actor: Option<ActorKind>,

    /// Only entries of this incident
    #[arg(long, value_name = "INCIDENT")]
    incident: Option<String>,

    /// Only entries since a moment (2026-11-20T14:00:00Z) or for a time (90m, 7 days)
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,

    /// At most this many, newest first
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,

    #[command(flatten)]
    format: Format,
}

/// Reads the word for a kind of entry.
pub(super) fn kind(word: &str) -> Result<Kind, String> {
    Kind::from_word(word).ok_or_else(|| {
        let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.word()).collect();
        format!("there are: {}", known.join(", "))
    })
}

fn actor(word: &str) -> Result<ActorKind, String> {
    let known = [ActorKind::Human, ActorKind::Agent, ActorKind::System];
    let found = known.into_iter().find(|kind| kind.word() == word);
    found.ok_or_else(|| "there are: human, agent, system".to_owned())
}

#[derive(Serialize)]
struct Row(Hit);

impl Listed for Row {
    const TYPE: &'static str = "hit";
    const HEADS: &'static [&'static str] =
        &["WRITTEN", "INCIDENT", "ENTRY", "ACTOR", "KIND", "TEXT"];

    fn cells(&self) -> Vec<Cell> {
        let entry = &self.0.entry;
        vec![
            Cell::time(entry.at),
            Cell::of(entry.incident.short()),
            Cell::of(entry.id.short()).ink(Ink::Muted),
            Cell::of(&entry.actor),
            entry.body.kind().word().into(),
            entry.text.line().into(),
        ]
    }
}

/// Searches.
pub(super) fn run(args: &SearchArgs, session: &mut Session) -> Result<Exit, Notice> {
    let history = session.history()?;
    let now = session.clock.now();
    let since: Option<Timestamp> =
        args.since.as_deref().map(|text| moment::before(text, now)).transpose()?;
    let incident = args.incident.as_deref().map(|name| naming::incident(&history, name));
    let query = Query {
        text: args.query.clone(),
        kinds: args.kind.clone(),
        actor: args.actor,
        incident: incident.transpose()?.map(|incident| incident.id),
        since,
        limit: args.limit,
    };
    let rows: Vec<Row> = history.search(&query)?.into_iter().map(Row).collect();
    let nothing = "nothing found; fewer words, or an ending `*`, find more";
    session.output.list(args.format.form(), &rows, nothing);
    Ok(Exit::Done)
}
