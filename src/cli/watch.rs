//! `wheelhouse` alone and `wheelhouse watch`: the cockpit, on the hub that runs or on its own.

use tokio::sync::broadcast::error::RecvError;

use super::exit::{Exit, interruptible};
use super::house::House;
use super::look::{self, Surface, look};
use super::output::{Form, Format};
use super::plain::{Plain, PlainSource, stdin};
use super::screen::{Source, show};
use super::session::Session;
use super::telling::tell;
use crate::hub::attach;
use crate::incident::{Notice, Trouble};
use crate::settings::{Clock, Settings};
use crate::wire::Link;

/// Opens the cockpit, or the same in lines
#[derive(Debug, Clone, Default, clap::Args)]
pub struct WatchArgs {
    /// In lines that are only ever added, with numbered answers: for screen readers and pipes
    #[arg(long)]
    plain: bool,

    /// With lines, go on when nothing more can be typed
    #[arg(long)]
    follow: bool,

    #[command(flatten)]
    format: Format,
}

impl WatchArgs {
    /// Whether it shall not be drawn.
    pub(super) fn wishes_lines(&self) -> bool {
        self.plain || self.format.form() == Form::Json
    }
}

/// Opens the cockpit.
pub(super) async fn run(args: &WatchArgs, session: &mut Session) -> Result<Exit, Notice> {
    let settings = session.settings()?;
    session.log_in_files()?;
    match attach(&session.paths()?.socket()).await {
        Ok(link) => watch(args, link, &settings, session).await,
        Err(notice) if notice.trouble == Trouble::Unreachable => {
            let house = House::open(session, &settings, "cockpit").await?;
            let ended = watch(args, house.link.clone(), &settings, session).await;
            house.close().await;
            ended
        }
        Err(notice) => Err(notice),
    }
}

async fn watch(
    args: &WatchArgs,
    link: Link,
    settings: &Settings,
    session: &mut Session,
) -> Result<Exit, Notice> {
    if args.format.form() == Form::Json {
        return interruptible(stream(link, session)).await;
    }
    match look::surface(args.plain, session) {
        Surface::Screen => {
            let look = look(session, settings)?;
            Ok(look::exit(show(Source::Hub(link), look).await?))
        }
        Surface::Lines => {
            let clock = session.clock.clone();
            interruptible(lines(PlainSource::Hub(link), args.follow, clock, session)).await
        }
    }
}

/// The cockpit in lines, on the standard streams.
pub(super) async fn lines(
    source: PlainSource,
    goes_on: bool,
    clock: Clock,
    session: &mut Session,
) -> Result<Exit, Notice> {
    let wall = Clock::real();
    let typed = stdin(wall.clone());
    Plain { source, typed, goes_on, wall, clock }.run(&mut session.output).await;
    Ok(Exit::Done)
}

/// Every frame as a JSON line, until the hub ends or nobody reads.
async fn stream(link: Link, session: &mut Session) -> Result<Exit, Notice> {
    let mut feed = link.follow().await?;
    for frame in std::mem::take(&mut feed.backlog) {
        tell(&mut session.output, Form::Json, &frame);
    }
    while !session.output.is_closed() {
        match feed.live.recv().await {
            Ok(frame) => tell(&mut session.output, Form::Json, &frame),
            Err(RecvError::Lagged(count)) => {
                return Err(Notice::new(Trouble::Failed, "whoever reads is too slow")
                    .detail(format!("{count} frames were missed")));
            }
            Err(RecvError::Closed) => break,
        }
    }
    Ok(Exit::Done)
}
