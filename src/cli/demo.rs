//! `wheelhouse demo`: the main job, end to end, on one machine.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;

use super::cell::{Cell, Ink};
use super::ending::ending;
use super::exit::{Exit, interruptible};
use super::look::{self, Surface, look};
use super::output::{Form, Format, Output};
use super::plain::PlainSource;
use super::props::{DemoTracker, Props};
use super::screen::{Source, show};
use super::session::Session;
use super::standin::{Manner, StandIn};
use super::story::{Stage, Story};
use super::telling::tell;
use super::watch::lines;
use crate::agents::primary::Outcome;
use crate::hub::Socket;
use crate::incident::{EntryId, Notice, Trouble};
use crate::settings::{Clock, Environment, Settings};
use crate::wire::{FeedEvent, Frame};

/// How long the last entries may take to reach their tracker before the demonstration ends, in seconds.
const LAST_DELIVERIES_S: u64 = 20;

/// What a person may look forward to while the service is still healthy.
const COMING: &str = "A small service takes real orders and is measured while it is healthy. \
    A bad rollout reaches it within half a minute; then an alert opens an incident.";

/// Shows the whole story on this machine
#[derive(Debug, Clone, clap::Args)]
pub struct DemoArgs {
    /// Play without a screen and print each event as it happens
    #[arg(long)]
    headless: bool,

    /// In lines that are only ever added, with numbered answers
    #[arg(long, conflicts_with = "headless")]
    plain: bool,

    /// The seed of the world, the agents, and the ids
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// How many times as fast as the wall clock
    #[arg(long, value_name = "X", default_value_t = 1.0, value_parser = speed)]
    speed: f64,

    /// What to answer to every proposal; without it, `wheelhouse decide` can answer meanwhile
    #[arg(long, value_name = "ANSWER", requires = "headless")]
    answer: Option<Manner>,

    /// The trackers that entries are written to
    #[arg(long, value_name = "TRACKER", value_delimiter = ',', default_value = "sandbox")]
    trackers: Vec<DemoTracker>,

    /// Record what the cockpit shows into this file, for `wheelhouse replay`
    #[arg(long, value_name = "FILE", conflicts_with = "headless")]
    record: Option<PathBuf>,

    #[command(flatten)]
    format: Format,
}

impl DemoArgs {
    /// Whether it plays without a screen.
    pub(super) fn is_headless(&self) -> bool {
        self.headless
    }

    /// Whether it shall be told in lines.
    pub(super) fn wishes_lines(&self) -> bool {
        self.plain
    }
}

fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse::<f64>().ok().filter(|speed| (0.1..=1000.0).contains(speed));
    speed.ok_or_else(|| "a number from 0.1 to 1000".to_owned())
}

/// Plays the demonstration.
pub(super) async fn run(args: DemoArgs, session: &mut Session) -> Result<Exit, Notice> {
    let settings = session.settings()?;
    let dir = directory(session)?;
    session.log_in_files()?;
    let clock = Clock::at_speed(args.speed);
    let person = session.person(&settings)?;
    let program = Environment::program()?;
    let props = Props::set(&args.trackers, (&dir, &clock, args.seed), session).await?;
    let stage = Stage { dir: dir.clone(), seed: args.seed, clock, person, program, props };
    let exit = if args.headless {
        play(stage, &args, session).await
    } else {
        perform(stage, &args, settings, session).await
    };
    let kept = Cell::of(format!("kept in {}", dir.display())).ink(Ink::Muted);
    session.output.message([kept]);
    exit
}

/// The wished directory, or one of its own: an incident that an earlier demonstration left open would
/// take in the alert of this one.
fn directory(session: &Session) -> Result<PathBuf, Notice> {
    let paths = session.paths()?;
    if session.has_wished_data_dir() {
        return Ok(paths.data);
    }
    let began = session.clock.now().strftime("%Y%m%dT%H%M%S").to_string();
    Ok(paths.data.join("demo").join(began))
}

/// Opens the hub of the story for `wheelhouse decide` and others; the story goes on without.
async fn open_door(dir: &Path, story: &Story, output: &mut Output) -> Option<Socket> {
    let opened = Socket::open(&dir.join("hub.sock"), story.link.clone()).await;
    opened.map_err(|error| output.warning(&Notice::from(error))).ok()
}

/// With a screen: it ends when the person leaves it.
async fn perform(
    stage: Stage,
    args: &DemoArgs,
    settings: Settings,
    session: &mut Session,
) -> Result<Exit, Notice> {
    let surface = look::surface(args.plain, session);
    if surface == Surface::Lines && args.record.is_some() {
        return Err(Notice::new(Trouble::Usage, "only the screen records")
            .hint("leave --record away, or run it in a terminal"));
    }
    let clock = stage.clock.clone();
    let dir = stage.dir.clone();
    let story = Story::begin(stage).await?;
    let door = open_door(&dir, &story, &mut session.output).await;
    let link = story.link.clone();
    let left = match surface {
        Surface::Screen => {
            let mut look = look(session, &settings)?;
            look.clock = clock;
            look.coming = Some(COMING);
            look.recording = args.record.clone();
            show(Source::Hub(link), look).await.map(look::exit)
        }
        Surface::Lines => interruptible(lines(PlainSource::Hub(link), false, clock, session)).await,
    };
    if let Some(door) = door {
        door.close().await;
    }
    story.end().await;
    left
}

/// Without a screen: it ends with the story, and tells how that ended.
async fn play(stage: Stage, args: &DemoArgs, session: &mut Session) -> Result<Exit, Notice> {
    let manner = args.answer.unwrap_or(Manner::None);
    let form = args.format.form();
    match headless(stage, manner, form, &mut session.output).await? {
        Some(outcome) => ending(outcome),
        // Nobody reads any more.
        None => Ok(Exit::Done),
    }
}

/// Plays the whole story without a screen and tells each event as it happens; `None` if nobody reads.
async fn headless(
    stage: Stage,
    manner: Manner,
    form: Form,
    output: &mut Output,
) -> Result<Option<Outcome>, Notice> {
    let (clock, dir, copies) = (stage.clock.clone(), stage.dir.clone(), stage.props.trackers.len());
    let mut story = Story::begin(stage).await?;
    let door = open_door(&dir, &story, output).await;
    let mut feed = story.link.follow().await?;
    let answering = tokio::spawn(StandIn::new(story.link.clone(), manner).answer_all());
    let mut told = Told { output, form, copies, owed: 0, seen: BTreeSet::new() };
    for frame in std::mem::take(&mut feed.backlog) {
        told.tell(&frame);
    }
    let mut ended = None;
    while (ended.is_none() || told.owed > 0) && !told.output.is_closed() {
        tokio::select! {
            frame = feed.live.recv() => match frame {
                Ok(frame) => told.tell(&frame),
                Err(RecvError::Lagged(count)) => tracing::warn!(count, "lines were left out"),
                Err(RecvError::Closed) => break,
            },
            outcome = &mut story.outcome, if ended.is_none() => {
                ended = Some(outcome.unwrap_or_else(|_| Err(broken_off())));
            }
            () = clock.sleep(Duration::from_secs(LAST_DELIVERIES_S)), if ended.is_some() => break,
        }
    }
    let is_closed = told.output.is_closed();
    answering.abort();
    if let Some(door) = door {
        door.close().await;
    }
    story.end().await;
    match ended {
        Some(outcome) => outcome.map(Some),
        None if is_closed => Ok(None),
        None => Err(broken_off()),
    }
}

fn broken_off() -> Notice {
    Notice::new(Trouble::Failed, "the story broke off before its end")
}

/// What was told, and how many copies have not reached their tracker yet.
struct Told<'a> {
    output: &'a mut Output,
    form: Form,
    /// How many trackers get each entry.
    copies: usize,
    owed: usize,
    /// What was told already: an entry comes again when a further copy of it is seen.
    seen: BTreeSet<EntryId>,
}

impl Told<'_> {
    fn tell(&mut self, frame: &Frame) {
        match &frame.event {
            FeedEvent::EntryArrived { entry } => {
                self.owed += if self.seen.insert(entry.id) { self.copies } else { 0 };
            }
            FeedEvent::DeliveryMoved { delivery } => {
                use crate::wire::DeliveryStage::{Parked, Written};
                let over = matches!(delivery.stage, Written { .. } | Parked { .. });
                self.owed = self.owed.saturating_sub(usize::from(over));
            }
            _ => {}
        }
        tell(self.output, self.form, frame);
    }
}
