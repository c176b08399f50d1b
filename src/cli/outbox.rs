//! `wheelhouse outbox`: what trackers are still owed, and what a person does about it.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::cell::{Cell, Ink};
use super::exit::Exit;
use super::output::{Form, Format, Listed};
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
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        row: Option<String>,

        /// Everything that is parked, once what stood in its way is put right: an expired token, say
        #[arg(long)]
        all: bool,

        /// Of everything, only what this tracker is owed
        #[arg(long, requires = "all", conflicts_with = "row", value_name = "NAME")]
        tracker: Option<String>,
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

/// What was done about a row.
#[derive(Serialize)]
struct Acted {
    entry: EntryId,
    tracker: String,
    #[serde(rename = "done")]
    word: &'static str,
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
            | DeliveryStage::Sending { .. }
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
    let form = args.format.form();
    let of = |row: &Row| (row.entry, row.tracker.clone());
    let commands = match args.act {
        None | Some(Act::List) => {
            let nothing = "nothing is owed: every entry stands in every tracker";
            session.output.list(form, &rows, nothing);
            return Ok(Exit::Done);
        }
        Some(Act::Retry { row: Some(row), .. }) => {
            let (entry, tracker) = of(&named(&row, rows)?);
            vec![Command::Redeliver { entry, tracker }]
        }
        Some(Act::Retry { row: None, tracker, .. }) => {
            let parked = parked(&rows, tracker.as_deref())?;
            let again = |(entry, tracker)| Command::Redeliver { entry, tracker };
            parked.map(of).map(again).collect()
        }
        Some(Act::Drop { row, reason }) => {
            let (entry, tracker) = of(&named(&row, rows)?);
            vec![Command::GiveUp { entry, tracker, reason: reason.into() }]
        }
    };
    act(commands, form, session).await?;
    Ok(Exit::Done)
}

/// Asks the hub for one act after the other. What fails stops none of the others: somebody may have been
/// faster with it.
async fn act(commands: Vec<Command>, form: Form, session: &mut Session) -> Result<(), Notice> {
    if commands.is_empty() {
        session.output.message([Cell::from("nothing is parked").ink(Ink::Muted)]);
        return Ok(());
    }
    let reached = reach::hub(session).await?;
    let is_running = reached.is_running();
    let mut failed = None;
    for command in commands {
        let (Command::Redeliver { entry, tracker } | Command::GiveUp { entry, tracker, .. }) =
            &command
        else {
            continue;
        };
        let (entry, tracker) = (*entry, tracker.clone());
        let gives_up = matches!(command, Command::GiveUp { .. });
        let word = match reached.link.ask(command).await {
            Ok(Reply::Recorded { .. }) if gives_up => "given up",
            Ok(Reply::Seen) if is_running => "tried again",
            Ok(Reply::Seen) => "tried again by the next hub that runs",
            Ok(_) => {
                let what = "the hub answered something else";
                failed = failed.or(Some(Notice::new(Trouble::Failed, what)));
                continue;
            }
            Err(notice) => {
                // The first is told at the end, as that of a single act is.
                if failed.is_some() {
                    session.output.notice(&notice);
                }
                failed = failed.or(Some(notice));
                continue;
            }
        };
        match form {
            Form::Json => session.output.record("acted", &Acted { entry, tracker, word }),
            Form::People => {
                let done = Cell::of(format!("✓ {word}")).ink(Ink::Good);
                let place = Cell::of(format!("to {tracker}"));
                session.output.line([done, Cell::of(entry), place]);
            }
        }
    }
    reached.leave().await;
    failed.map_or(Ok(()), Err)
}

/// What is parked, everywhere or in one tracker.
fn parked<'a>(
    rows: &'a [Row],
    tracker: Option<&'a str>,
) -> Result<impl Iterator<Item = &'a Row>, Notice> {
    let is_there = move |row: &&Row| tracker.is_none_or(|name| row.tracker == name);
    if let Some(name) = tracker
        && !rows.iter().any(|row| is_there(&row))
    {
        return Err(Notice::new(Trouble::NotFound, format!("nothing is owed to {name:?}"))
            .hint("list what is owed with `wheelhouse outbox`"));
    }
    let is_parked = |row: &&Row| matches!(row.stage, DeliveryStage::Parked { .. });
    Ok(rows.iter().filter(is_there).filter(is_parked))
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
