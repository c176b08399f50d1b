//! Running one command: its session, its end, and the exit code.

use std::time::Duration;

use clap::CommandFactory;

use super::args::{Arguments, Command};
use super::exit::{Exit, interruptible};
use super::look::Surface;
use super::output;
use super::session::Session;
use super::watch::WatchArgs;
use super::{
    agent, comment, completions, config, decide, decisions, demo, doctor, exchange, incidents,
    init, keys, logs, look, man, outbox, paths, replay, sandbox, search, themes, timeline, watch,
};
use crate::incident::{Notice, Trouble};
use crate::settings::Environment;

/// How long tasks that wait for the system may hold up the end.
const FAREWELL: Duration = Duration::from_millis(200);

/// Runs a command and says how it ended.
pub fn run(arguments: Arguments) -> Exit {
    let Arguments { everywhere, command } = arguments;
    let mut session = Session::begin(Environment::read(), everywhere);
    let result = conduct(command, &mut session);
    let exit = output::ended(result, &mut session.output);
    session.end(exit)
}

/// Runs what only reads at once, where an interruption simply ends the process, and what waits for
/// others in a runtime.
fn conduct(command: Option<Command>, session: &mut Session) -> Result<Exit, Notice> {
    match command {
        None => conduct(Some(Command::Watch(WatchArgs::default())), session),
        Some(Command::Watch(args)) => {
            let surface = look::surface(args.wishes_lines(), session);
            awaited(watched(surface, session, async |session| watch::run(&args, session).await))
        }
        Some(Command::Init(args)) => init::run(&args, session),
        Some(Command::Config(args)) => config::run(&args, session),
        Some(Command::Logs(args)) => awaited(interruptible(logs::run(&args, session))),
        Some(Command::Demo(args)) if !args.is_headless() => {
            let surface = look::surface(args.wishes_lines(), session);
            awaited(watched(surface, session, async |session| demo::run(args, session).await))
        }
        Some(Command::Demo(args)) => awaited(interruptible(demo::run(args, session))),
        Some(Command::Replay(args)) if args.is_shown() => {
            let surface = look::surface(args.wishes_lines(), session);
            awaited(watched(surface, session, async |session| replay::run(&args, session).await))
        }
        Some(Command::Replay(args)) => awaited(replay::run(&args, session)),
        Some(Command::Decide(args)) => awaited(interruptible(decide::run(args, session))),
        Some(Command::Comment(args)) => awaited(interruptible(comment::run(args, session))),
        Some(Command::Agent(args)) => awaited(interruptible(agent::run(args, session))),
        Some(Command::Sandbox(args)) => awaited(interruptible(sandbox::run(args, session))),
        Some(Command::Outbox(args)) => awaited(interruptible(outbox::run(args, session))),
        Some(Command::Doctor(args)) => awaited(interruptible(doctor::run(&args, session))),
        Some(Command::Incidents(args)) => incidents::run(&args, session),
        Some(Command::Timeline(args)) => timeline::run(&args, session),
        Some(Command::Exchange(args)) => exchange::run(&args, session),
        Some(Command::Decisions(args)) => decisions::run(&args, session),
        Some(Command::Search(args)) => search::run(&args, session),
        Some(Command::Keys(args)) => keys::run(&args, session),
        Some(Command::Themes(args)) => themes::run(&args, session),
        Some(Command::Paths(args)) => paths::run(&args, session),
        Some(Command::Completions(args)) => {
            Ok(completions::run(&args, Arguments::command(), session))
        }
        Some(Command::Man(args)) => man::run(&args, Arguments::command(), session),
    }
}

/// Runs what takes the terminal under a guard, where there can be one.
async fn watched(
    surface: Surface,
    session: &mut Session,
    command: impl AsyncFnOnce(&mut Session) -> Result<Exit, Notice>,
) -> Result<Exit, Notice> {
    #[cfg(unix)]
    if surface == Surface::Screen
        && let Some(result) = super::guarded::guarded(session).await
    {
        return result;
    }
    command(session).await
}

fn awaited(command: impl Future<Output = Result<Exit, Notice>>) -> Result<Exit, Notice> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| {
        Notice::new(Trouble::Failed, "this process cannot begin").detail(error.to_string())
    })?;
    let result = runtime.block_on(command);
    // A reader of the standard input cannot be ended from here.
    runtime.shutdown_timeout(FAREWELL);
    result
}
