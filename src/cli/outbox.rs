//! `wheelhouse outbox`: what trackers are still owed, and what a person does about it.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::cell::{Cell, Ink};
use super::exit::Exit;
use super::output::{Format, Listed};
use super::session::Session;
use super::{naming, reach};
use crate::incident::{EntryId, IncidentId, Notice, Trouble, Untrusted};
use crate::journal::{History, Unpaid};
use crate::wire::{Command, DeliveryStage, Reply};

/// Lists what trackers are still owed, has it tried again, or gives it up
#[derive(Debug, clap::Args)]
pub struct OutboxArgs {
    /// What to do; `list` if absent.
    #[command(subcommand)]
    act: Option<Act>,

    #[command(flatten)]
    format: Format,
}

/// What can be done about what is owed.
#[derive(Debug, clap::Subcommand)]
enum Act {
    /// List what is owed where, since when, and why
    List,
    /// Try again what a tracker refused
    Retry {
        /// The row, or the entry: as much of its id as is unique
        row: String,
    },
    /// Give up what a tracker is owed; that you did is recorded
    Drop {
        /// The row, or the entry: as much of its id as is unique
        row: String,

        /// Why
        #[arg(long)]
        reason: String,
    },
}

#[derive(Serialize)]
struct Row {
    row: i64,
    entry: EntryId,
    incident: IncidentId,
    tracker: String,
    since: Timestamp,
    #[serde(flatten)]
    stage: DeliveryStage,
    #[serde(skip)]
    text: Untrusted,
    #[serde(skip)]
    age: SignedDuration,
}

impl Row {
    fn of(unpaid: Unpaid, history: &History, now: Timestamp) -> Result<Self, Notice> {
        let Unpaid { row, since, owed } = unpaid;
        let (incident, delivery) = (owed.incident, owed.delivery);
        let entry = history.entry(delivery.entry)?;
        let text = entry.map(|entry| entry.text).unwrap_or_default();
        let age = now.duration_since(since).max(SignedDuration::ZERO);
        let (entry, tracker, stage) = (delivery.entry, delivery.tracker, delivery.stage);
        Ok(Self { row, entry, incident, tracker, since, stage, text, age })
    }

    fn why(&self) -> Cell {
        match &self.stage {
            DeliveryStage::Owed { why: Some(why), .. }
            | DeliveryStage::Parked { why }
            | DeliveryStage::Dropped { why } => Cell::of(why),
            DeliveryStage::Ambiguous { .. } => "may have arrived; it is read back".into(),
            DeliveryStage::Owed { why: None, .. }
            | DeliveryStage::Sending
            | DeliveryStage::Written { .. } => Cell::default(),
        }
    }
}

impl Listed for Row {
    const TYPE: &'static str = "owed";
    const HEADS: &'static [&'static str] =
        &["ROW", "TRACKER", "STAGE", "FOR", "ENTRY", "WHY", "TEXT"];

    fn cells(&self) -> Vec<Cell> {
        let ink = match self.stage {
            DeliveryStage::Parked { .. } => Ink::Bad,
            _ => Ink::Pending,
        };
        vec![
            Cell::of(self.row).ink(Ink::Strong),
            Cell::of(&self.tracker),
            Cell::of(self.stage.word()).ink(ink),
            Cell::of(format!("{:#}", SignedDuration::from_secs(self.age.as_secs()))),
            Cell::of(self.entry).ink(Ink::Muted),
            self.why(),
            self.text.line().into(),
        ]
    }
}

/// Lists what is owed, or does something about it.
pub(super) async fn run(args: OutboxArgs, session: &mut Session) -> Result<Exit, Notice> {
    let (history, now) = (session.history()?, session.clock.now());
    let rows = history.unpaid()?.into_iter().map(|unpaid| Row::of(unpaid, &history, now));
    let rows: Vec<Row> = rows.collect::<Result<_, _>>()?;
    let (row, command) = match args.act {
        None | Some(Act::List) => {
            let nothing = "nothing is owed: every entry stands in every tracker";
            session.output.list(args.format.form(), &rows, nothing);
            return Ok(Exit::Done);
        }
        Some(Act::Retry { row }) => {
            let row = named(&row, rows)?;
            let (entry, tracker) = (row.entry, row.tracker.clone());
            (row, Command::Redeliver { entry, tracker })
        }
        Some(Act::Drop { row, reason }) => {
            let row = named(&row, rows)?;
            let (entry, tracker, reason) = (row.entry, row.tracker.clone(), reason.into());
            (row, Command::GiveUp { entry, tracker, reason })
        }
    };
    let gives_up = matches!(command, Command::GiveUp { .. });
    let reached = reach::hub(session).await?;
    let (is_running, reply) = (reached.is_running(), reached.link.ask(command).await);
    reached.leave().await;
    let word = match reply? {
        Reply::Recorded { .. } if gives_up => "✓ given up",
        Reply::Seen if is_running => "✓ tried again",
        Reply::Seen => "✓ tried again by the next hub that runs",
        _ => return Err(Notice::new(Trouble::Failed, "the hub answered something else")),
    };
    let place = Cell::of(format!("to {}", row.tracker));
    session.output.line([Cell::from(word).ink(Ink::Good), Cell::of(row.entry), place]);
    Ok(Exit::Done)
}

/// The row of that number, or the one whose entry has this id.
fn named(name: &str, rows: Vec<Row>) -> Result<Row, Notice> {
    if let Ok(number) = name.parse::<i64>() {
        let found = rows.into_iter().find(|row| row.row == number);
        return found.ok_or_else(|| {
            Notice::new(Trouble::NotFound, format!("nothing is owed in row {number}"))
                .hint("list what is owed with `wheelhouse outbox`")
        });
    }
    let told = |row: &Row| format!("{} to {}: row {}", row.entry, row.tracker, row.row);
    naming::one("entry", name, rows, |row| row.entry.to_string(), told)
        .map_err(|notice| notice.hint("name its row: list what is owed with `wheelhouse outbox`"))
}
