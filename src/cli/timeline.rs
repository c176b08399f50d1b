//! `wheelhouse timeline`: everything that was recorded on one incident, in order.

use serde::Serialize;

use super::cell::{Cell, Ink};
use super::exit::Exit;
use super::output::{Form, Format, Listed};
use super::session::Session;
use super::{naming, records};
use crate::incident::{ActorKind, Entry, Kind, Notice, Untrusted};
use crate::journal::History;
use crate::wire::{Delivery, DeliveryStage};

/// How late an entry is seen before that is worth a word, in seconds.
const LATE_S: i64 = 60;

/// Shows everything that was recorded on an incident
#[derive(Debug, clap::Args)]
pub struct TimelineArgs {
    /// The incident: its id, or as much of its beginning or end as is unique
    incident: String,

    /// Show whole texts, where they stand, and how late they were seen
    #[arg(long)]
    full: bool,

    /// Only entries of this kind; may be repeated
    #[arg(long, value_name = "KIND", value_parser = super::search::kind)]
    kind: Vec<Kind>,

    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    entry: Entry,
    deliveries: Vec<Delivery>,
}

impl Row {
    fn read(history: &History, entry: Entry) -> Result<Self, Notice> {
        let deliveries = history.deliveries(entry.id)?.into_iter().map(|owed| owed.delivery);
        Ok(Self { deliveries: deliveries.collect(), entry })
    }

    fn marks(&self) -> Vec<Cell> {
        let mut marks: Vec<Cell> = self.entry.origins.iter().map(origin).collect();
        marks.extend(self.entry.doubled().into_iter().map(doubled));
        marks.extend(self.deliveries.iter().map(delivery));
        let late = self.entry.first_seen.duration_since(self.entry.at).as_secs();
        if late >= LATE_S {
            marks.push(Cell::of(format!("seen {late} s later")).ink(Ink::Muted));
        }
        marks
    }
}

fn origin(origin: &crate::incident::Origin) -> Cell {
    Cell::of(format!("{} {}#{}", origin.tracker, origin.item, origin.remote)).ink(Ink::Muted)
}

fn doubled((tracker, copies): (&str, usize)) -> Cell {
    Cell::of(format!("{tracker} ×{copies}")).ink(Ink::Pending)
}

fn delivery(delivery: &Delivery) -> Cell {
    let (tracker, word) = (&delivery.tracker, delivery.stage.word());
    let (text, ink) = match &delivery.stage {
        DeliveryStage::Owed { why: Some(why), .. }
        | DeliveryStage::Parked { why }
        | DeliveryStage::Dropped { why } => (format!("{tracker}: {word}: {why}"), Ink::Pending),
        DeliveryStage::Written { remote } => (format!("{tracker}: {word} #{remote}"), Ink::Good),
        DeliveryStage::Owed { .. }
        | DeliveryStage::Sending { .. }
        | DeliveryStage::Ambiguous { .. } => (format!("{tracker}: {word}"), Ink::Muted),
    };
    Cell::of(text).ink(ink)
}

impl Listed for Row {
    const TYPE: &'static str = "entry";
    const HEADS: &'static [&'static str] = &["WRITTEN", "ACTOR", "KIND", "ENTRY", "TEXT"];

    fn cells(&self) -> Vec<Cell> {
        let Entry { at, actor, body, id, text, .. } = &self.entry;
        let ink = match actor.kind() {
            ActorKind::Human => Ink::Strong,
            ActorKind::Agent => Ink::Plain,
            ActorKind::System => Ink::Muted,
        };
        vec![
            Cell::time(*at),
            Cell::of(actor).ink(ink),
            body.kind().word().into(),
            Cell::of(id.short()).ink(Ink::Muted),
            first_line(text).line().into(),
        ]
    }
}

/// The first line with something on it; the others follow with `--full`.
fn first_line(text: &Untrusted) -> Untrusted {
    let line = text.for_storage().lines().find(|line| !line.trim().is_empty());
    line.unwrap_or_default().trim().into()
}

/// Shows a timeline.
pub(super) fn run(args: &TimelineArgs, session: &mut Session) -> Result<Exit, Notice> {
    let history = session.history()?;
    let incident = naming::incident(&history, &args.incident)?;
    let mut entries = Vec::new();
    records::entries(&history, Some(incident.id), |entry| {
        if args.kind.is_empty() || args.kind.contains(&entry.body.kind()) {
            entries.push(entry);
        }
    })?;
    let rows = entries.into_iter().map(|entry| Row::read(&history, entry));
    let rows: Vec<Row> = rows.collect::<Result<_, _>>()?;
    match args.format.form() {
        Form::People if args.full => rows.iter().for_each(|row| whole(row, session)),
        form => session.output.list(form, &rows, "no entries of this kind"),
    }
    Ok(Exit::Done)
}

fn whole(row: &Row, session: &mut Session) {
    let Entry { id, at, actor, body, text, .. } = &row.entry;
    let kind = Cell::from(body.kind().word()).ink(Ink::Strong);
    let head = [Cell::time(*at), Cell::of(actor), kind, Cell::of(id).ink(Ink::Muted)];
    session.output.line(head);
    session.output.block(&text.block(), 2);
    let marks = row.marks();
    if !marks.is_empty() {
        session.output.line([Cell::from(" ")].into_iter().chain(marks));
    }
    session.output.line([]);
}
