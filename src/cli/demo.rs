//! `wheelhouse demo`: the main job, end to end, on one machine.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::oneshot;

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
use crate::journal::{History, Journal, Owed};
use crate::settings::{Clock, Environment, Settings};
use crate::wire::{DeliveryStage, Feed, FeedEvent, Frame};

/// How long the last entries may take to reach their trackers before the demonstration ends.
const LAST_DELIVERIES: Duration = Duration::from_secs(20);

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
    if exit.is_ok() {
        let kept = Cell::of(format!("kept in {}", dir.display())).ink(Ink::Muted);
        session.output.message([kept]);
    }
    exit
}

/// The wished directory, or one of its own: an incident that an earlier demonstration left open would
/// take in the alert of this one.
fn directory(session: &Session) -> Result<PathBuf, Notice> {
    let paths = session.paths()?;
    if session.has_wished_data_dir() {
        must_be_over(&paths.data)?;
        return Ok(paths.data);
    }
    let began = session.clock.now().strftime("%Y%m%dT%H%M%S").to_string();
    Ok(paths.data.join("demo").join(began))
}

/// Refuses a directory that holds an incident that is not over.
fn must_be_over(data: &Path) -> Result<(), Notice> {
    // Where nothing was recorded yet there is nothing to read; whatever else is wrong shows when it is opened.
    let Ok(history) = Journal::open_readonly(data) else { return Ok(()) };
    let open = history.incidents()?.into_iter().find(|incident| !incident.status.is_over());
    let Some(open) = open else { return Ok(()) };
    let what = format!("an incident in {} is not over: {}", data.display(), open.title.gist());
    Err(Notice::new(Trouble::Conflict, what)
        .detail("it would take in the alert of the demonstration, and no agent would begin")
        .hint("name another directory with --data-dir"))
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
    let (patience, dir) = (stage.clock.wall(LAST_DELIVERIES), stage.dir.clone());
    let mut story = Story::begin(stage).await?;
    let door = open_door(&dir, &story, output).await;
    let mut feed = story.link.follow().await?;
    let answering = tokio::spawn(StandIn::new(story.link.clone(), manner).answer_all());
    let mut told = Told::new(output, form, Journal::open_readonly(&dir)?);
    for frame in std::mem::take(&mut feed.backlog) {
        told.tell(&frame);
    }
    let ended = told.follow(&mut feed, &mut story.outcome).await;
    if ended.is_some() {
        told.settle(&mut feed, patience).await;
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

/// What was told, and what trackers are owed of it.
struct Told<'a> {
    output: &'a mut Output,
    form: Form,
    history: History,
    /// The copies that have not reached their tracker yet.
    owed: BTreeSet<(EntryId, String)>,
    /// What was told already: an entry comes again when a further copy of it is seen.
    seen: BTreeSet<EntryId>,
}

impl<'a> Told<'a> {
    fn new(output: &'a mut Output, form: Form, history: History) -> Self {
        Self { output, form, history, owed: BTreeSet::new(), seen: BTreeSet::new() }
    }

    /// Tells what comes until the story has ended; `None` if nobody reads, or nothing comes, before.
    async fn follow(
        &mut self,
        feed: &mut Feed,
        outcome: &mut oneshot::Receiver<Result<Outcome, Notice>>,
    ) -> Option<Result<Outcome, Notice>> {
        while !self.output.is_closed() {
            tokio::select! {
                goes_on = self.tell_next(feed) => if !goes_on { return None },
                outcome = &mut *outcome => {
                    return Some(outcome.unwrap_or_else(|_| Err(broken_off())));
                }
            }
        }
        None
    }

    /// Tells what comes until no tracker is owed anything, nobody reads, or `patience` is over.
    async fn settle(&mut self, feed: &mut Feed, patience: Duration) {
        let paid = async {
            // What was recorded before the story ended was told before, and may wait to be read.
            while !feed.live.is_empty() && self.tell_next(feed).await {}
            while !self.owed.is_empty() && !self.output.is_closed() && self.tell_next(feed).await {}
        };
        // One deadline for all of it: whatever else is told meanwhile puts nothing off.
        let in_time = tokio::time::timeout(patience, paid).await;
        if in_time.is_err() {
            tracing::warn!(owed = self.owed.len(), "trackers were still owed at the end");
        }
    }

    /// Tells the next frame; `false` if none comes any more.
    async fn tell_next(&mut self, feed: &mut Feed) -> bool {
        match feed.live.recv().await {
            Ok(frame) => self.tell(&frame),
            Err(RecvError::Lagged(count)) => {
                tracing::warn!(count, "lines were left out");
                // Which deliveries moved meanwhile is not known from the feed any more.
                match self.history.owed() {
                    Ok(owed) => self.owed = owed.into_iter().map(key_of).collect(),
                    Err(error) => tracing::warn!(%error, "failed to read what is owed"),
                }
            }
            Err(RecvError::Closed) => return false,
        }
        true
    }

    fn tell(&mut self, frame: &Frame) {
        match &frame.event {
            FeedEvent::EntryArrived { entry } if self.seen.insert(entry.id) => {
                // Not every entry is owed to every tracker: what came from one is not owed there.
                match self.history.deliveries(entry.id) {
                    Ok(all) => self.owed.extend(all.into_iter().filter(is_under_way).map(key_of)),
                    Err(error) => tracing::warn!(%error, "failed to read what is owed"),
                }
            }
            // A further copy of it was seen: no news to people, who would take it for a second one.
            FeedEvent::EntryArrived { .. } if self.form == Form::People => return,
            FeedEvent::DeliveryMoved { delivery } => {
                let key = (delivery.entry, delivery.tracker.clone());
                if rests(&delivery.stage) {
                    self.owed.remove(&key);
                } else {
                    self.owed.insert(key);
                }
            }
            _ => {}
        }
        tell(self.output, self.form, frame);
    }
}

/// Whether a delivery needs no more time: it is there, given up, or waits for a person.
fn rests(stage: &DeliveryStage) -> bool {
    stage.is_over() || matches!(stage, DeliveryStage::Parked { .. })
}

fn is_under_way(owed: &Owed) -> bool {
    !rests(&owed.delivery.stage)
}

fn key_of(owed: Owed) -> (EntryId, String) {
    (owed.delivery.entry, owed.delivery.tracker)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::broadcast;

    use super::super::output::Side;
    use super::*;
    use crate::incident::{Actor, Body, Entry, IncidentId};
    use crate::journal::Record;
    use crate::wire::Delivery;

    fn entry(at: u128) -> Entry {
        let moment = jiff::Timestamp::UNIX_EPOCH;
        Entry {
            id: EntryId::from_parts(moment, at),
            incident: IncidentId::from_parts(moment, 1),
            actor: Actor::wheelhouse(),
            at: moment,
            first_seen: moment,
            body: Body::Comment,
            text: "x".into(),
            refs: Vec::new(),
            origins: Vec::new(),
        }
    }

    fn frame(event: FeedEvent) -> Arc<Frame> {
        Arc::new(Frame { run: None, seq: 1, at: jiff::Timestamp::UNIX_EPOCH, event })
    }

    fn arrived(entry: &Entry) -> Arc<Frame> {
        frame(FeedEvent::EntryArrived { entry: Box::new(entry.clone()) })
    }

    fn moved(entry: &Entry, tracker: &str, stage: DeliveryStage) -> Arc<Frame> {
        let delivery = Delivery { entry: entry.id, tracker: tracker.to_owned(), stage };
        frame(FeedEvent::DeliveryMoved { delivery })
    }

    #[tokio::test]
    async fn each_copy_is_owed_once_to_the_trackers_that_shall_have_it() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path()).unwrap();
        let (everywhere, elsewhere, nowhere) = (entry(1), entry(2), entry(3));
        let owed = |entry: &Entry, to: &[&str]| {
            Record::owed(entry.clone(), &to.iter().map(|&name| name.to_owned()).collect::<Vec<_>>())
        };
        let records =
            vec![owed(&everywhere, &["a", "b"]), owed(&elsewhere, &["b"]), owed(&nowhere, &[])];
        journal.append(records).await.unwrap();
        let mut output = Output::new(Side::plain(std::io::sink()), Side::plain(std::io::sink()));
        let mut told = Told::new(&mut output, Form::People, journal.history().clone());
        for entry in [&everywhere, &elsewhere, &nowhere, &everywhere] {
            told.tell(&arrived(entry));
        }
        assert_eq!(told.owed.len(), 3);
        let why = || "a person gave it up".to_owned();
        told.tell(&moved(&everywhere, "a", DeliveryStage::Written { remote: "1".to_owned() }));
        told.tell(&moved(&everywhere, "b", DeliveryStage::Dropped { why: why() }));
        told.tell(&moved(&elsewhere, "b", DeliveryStage::Parked { why: why() }));
        assert!(told.owed.is_empty(), "{:?}", told.owed);
        told.tell(&moved(&elsewhere, "b", DeliveryStage::Owed { retry_at: None, why: None }));
        assert_eq!(told.owed.len(), 1, "it is tried again");
    }

    #[tokio::test]
    async fn an_entry_whose_copy_is_found_is_told_to_people_once() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path()).unwrap();
        let paper = tempfile::NamedTempFile::new().unwrap();
        let results = Side::plain(paper.reopen().unwrap());
        let mut output = Output::new(results, Side::plain(std::io::sink()));
        let mut told = Told::new(&mut output, Form::People, journal.history().clone());
        for entry in [entry(1), entry(2), entry(1)] {
            told.tell(&arrived(&entry));
        }
        assert_eq!(std::fs::read_to_string(paper.path()).unwrap().lines().count(), 2);
    }

    #[tokio::test]
    async fn frames_that_keep_coming_put_the_end_off_no_further() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path()).unwrap();
        let stuck = entry(1);
        journal.append(vec![Record::owed(stuck.clone(), &["a".to_owned()])]).await.unwrap();
        let mut output = Output::new(Side::plain(std::io::sink()), Side::plain(std::io::sink()));
        let mut told = Told::new(&mut output, Form::People, journal.history().clone());
        let (live, receiver) = broadcast::channel(64);
        let mut feed = Feed { backlog: Vec::new(), live: receiver };
        live.send(arrived(&stuck)).unwrap();
        let noise = tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_millis(20)).await;
                if live.send(frame(FeedEvent::FramesMissed { count: 0 })).is_err() {
                    return;
                }
            }
        });
        let patience = Duration::from_millis(200);
        let ended = told.settle(&mut feed, patience);
        tokio::time::timeout(Duration::from_secs(10), ended).await.unwrap();
        assert_eq!(told.owed.len(), 1, "what is owed is still known");
        noise.abort();
    }
}
