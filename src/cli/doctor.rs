//! `wheelhouse doctor`: what is wrong with this installation, if anything.

use std::io::IsTerminal;
use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::cell::{Cell, Ink};
use super::exit::Exit;
use super::output::{Format, Listed};
use super::session::Session;
use super::{look, partners, tracking};
use crate::cockpit::keymap::{self, Keymap};
use crate::cockpit::terminal::{self, Surroundings};
use crate::cockpit::theme::{Depth, Theme};
use crate::hub::attach;
use crate::incident::{Notice, Trouble};
use crate::journal::{Journal, JournalError};
use crate::partner::Partner;
use crate::settings::{Mistakes, PartnerPlace, Paths, Settings, TrackerKind, TrackerPlace};
use crate::trackers::{Probe, TrackerError};

/// By how much clocks may differ.
const MOST_SKEW: SignedDuration = SignedDuration::from_mins(1);

/// Looks for what is wrong with this installation
#[derive(Debug, clap::Args)]
pub struct DoctorArgs {
    /// How long a partner or a tracker may take to answer, in seconds
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    patience: u64,

    #[command(flatten)]
    format: Format,
}

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Health {
    Good,
    Absent,
    Bad,
}

#[derive(Serialize)]
struct Check {
    check: String,
    health: Health,
    says: String,
    hint: Option<String>,
    #[serde(skip)]
    trouble: Option<Trouble>,
}

impl Check {
    fn good(check: &str, says: impl Into<String>) -> Self {
        Self {
            check: check.to_owned(),
            health: Health::Good,
            says: says.into(),
            hint: None,
            trouble: None,
        }
    }

    fn absent(check: &str, notice: Notice) -> Self {
        Self { health: Health::Absent, ..Self::bad(check, notice) }
    }

    fn bad(check: &str, notice: Notice) -> Self {
        let Notice { what, hint, detail, trouble } = notice;
        let says = detail.map_or(what.clone(), |detail| format!("{what}: {detail}"));
        let (check, trouble) = (check.to_owned(), Some(trouble));
        Self { check, health: Health::Bad, says, hint, trouble }
    }
}

impl Listed for Check {
    const TYPE: &'static str = "check";
    const HEADS: &'static [&'static str] = &["CHECK", "HEALTH", "SAYS"];

    fn cells(&self) -> Vec<Cell> {
        let health = match self.health {
            Health::Good => Cell::from("✓ good").ink(Ink::Good),
            Health::Absent => Cell::from("· absent").ink(Ink::Muted),
            Health::Bad => Cell::from("✗ bad").ink(Ink::Bad),
        };
        let hint = self.hint.as_ref().map_or(String::new(), |hint| format!("; {hint}"));
        vec![
            Cell::of(&self.check).ink(Ink::Strong),
            health,
            Cell::of(format!("{}{hint}", self.says)),
        ]
    }
}

/// Checks everything.
pub(super) async fn run(args: &DoctorArgs, session: &mut Session) -> Result<Exit, Notice> {
    let mut checks = vec![Check::good("version", env!("CARGO_PKG_VERSION")), screen(session)];
    let settings = Settings::load(&session.paths()?);
    checks.push(match &settings {
        Ok(loaded) => understood(&session.paths()?, &loaded.warnings),
        Err(notice) => Check::bad("settings", notice.clone()),
    });
    let settings = settings.map(|loaded| loaded.settings).unwrap_or_default();
    checks.push(look(session, &settings));
    let paths = session.paths()?;
    checks.extend(directories(&paths));
    checks.push(hub(&paths).await);
    checks.push(journal(&paths));
    checks.push(clock(&paths, session.clock.now()));
    let patience = Duration::from_secs(args.patience);
    for (name, place) in &settings.partners {
        checks.push(partner(name, place, session, patience).await);
    }
    for (name, place) in &settings.trackers {
        checks.extend(tracker(name, place, session, patience).await);
    }
    let nothing = "nothing was checked";
    session.output.list(args.format.form(), &checks, nothing);
    Ok(ending(&checks))
}

/// The code of what is wrong; several kinds of wrong are simply a failure.
fn ending(checks: &[Check]) -> Exit {
    let mut bad = checks.iter().filter(|check| check.health == Health::Bad);
    let exit = |check: &Check| check.trouble.map_or(Exit::Failed, Exit::from);
    match bad.next().map(exit) {
        None => Exit::Done,
        Some(first) if bad.all(|check| exit(check) == first) => first,
        Some(_) => Exit::Failed,
    }
}

fn understood(paths: &Paths, warnings: &Mistakes) -> Check {
    let file = paths.config.display();
    match warnings.list() {
        [] if !paths.config.exists() => {
            let notice = Notice::new(Trouble::NotFound, format!("there is no {file}"));
            Check::absent("settings", notice.hint("`wheelhouse init` writes one"))
        }
        [] => Check::good("settings", format!("read {file}")),
        strange => {
            let told = format!("read {file}; {} keys mean nothing", strange.len());
            let hint = Some("`wheelhouse config check` names them".to_owned());
            Check { hint, ..Check::good("settings", told) }
        }
    }
}

/// The theme and the keymap that a cockpit would take here.
fn look(session: &Session, settings: &Settings) -> Check {
    let named = || -> Result<String, Notice> {
        let paths = session.paths()?;
        let theme = look::theme_known(session, &settings.ui)?;
        Theme::load(&theme, Some(&paths.themes()), Depth::Full)?;
        let keymap = settings.ui.keymap.as_deref().unwrap_or(keymap::DEFAULT);
        Keymap::load(keymap, Some(&paths.keymaps()))?;
        Ok(format!("theme {theme}, keymap {keymap}"))
    };
    match named() {
        Ok(says) => Check::good("look", says),
        Err(notice) => Check::bad("look", notice),
    }
}

/// Whether what must be kept can be written.
fn directories(paths: &Paths) -> Vec<Check> {
    let kept = [("data", &paths.data), ("state", &paths.state), ("cache", &paths.cache)];
    kept.map(|(name, dir)| directory(name, dir)).into()
}

fn directory(name: &str, dir: &Path) -> Check {
    let check = format!("directory {name}");
    if !dir.exists() {
        return Check::good(&check, format!("{} is made when it is needed", dir.display()));
    }
    match tempfile::tempfile_in(dir) {
        Ok(_) => Check::good(&check, format!("{} can be written", dir.display())),
        Err(error) => {
            let what = format!("{} cannot be written", dir.display());
            let notice = Notice::new(Trouble::Failed, what).detail(error.to_string());
            Check::bad(&check, notice.hint("make it yours, or name another with --data-dir"))
        }
    }
}

/// Whether this clock agrees with those that wrote the journal: nothing was written in the future.
fn clock(paths: &Paths, now: Timestamp) -> Check {
    let newest = Journal::open_readonly(&paths.data).and_then(|history| {
        let incidents = history.incidents()?;
        Ok(incidents.iter().map(|incident| incident.latest).max())
    });
    let ahead = newest.ok().flatten().map(|newest| newest.duration_since(now));
    match ahead.filter(|ahead| *ahead > MOST_SKEW) {
        Some(ahead) => {
            let what = format!("an entry was written {} s in the future", ahead.as_secs());
            let notice = Notice::new(Trouble::Failed, what);
            Check::bad("clock", notice.hint("set this clock, or find out whose clock is wrong"))
        }
        None => Check::good("clock", now.to_string()),
    }
}

fn screen(session: &Session) -> Check {
    let surroundings = Surroundings {
        term: session.environment.terminal(),
        stdin_is_terminal: std::io::stdin().is_terminal(),
        stdout_is_terminal: std::io::stdout().is_terminal(),
    };
    let colours = match supports_color::on(supports_color::Stream::Stdout) {
        None => "no colours",
        Some(level) if level.has_16m => "16 million colours",
        Some(level) if level.has_256 => "256 colours",
        Some(_) => "16 colours",
    };
    match terminal::check(&surroundings) {
        Ok(()) => {
            let term = session.environment.terminal().unwrap_or("a terminal");
            let size = crossterm::terminal::size()
                .map_or_else(|_| String::new(), |(columns, rows)| format!(", {columns}×{rows}"));
            Check::good("terminal", format!("{term}, {colours}{size}"))
        }
        // In a pipe or a job there is none, and that is no illness.
        Err(error) => {
            let notice = Notice::new(Trouble::Failed, "no cockpit can be drawn here");
            Check::absent("terminal", notice.detail(error.to_string()))
        }
    }
}

async fn hub(paths: &Paths) -> Check {
    match attach(&paths.socket()).await {
        Ok(link) => {
            Check::good("hub", format!("runs here and knows you as {}", link.principal().actor))
        }
        Err(notice) if notice.trouble == Trouble::Unreachable => Check::absent("hub", notice),
        Err(notice) => Check::bad("hub", notice),
    }
}

fn journal(paths: &Paths) -> Check {
    let checked = Journal::open_readonly(&paths.data).and_then(|history| {
        history.check()?;
        Ok((history.incidents()?.len(), history.owed()?.len()))
    });
    match checked {
        Ok((incidents, owed)) => Check::good(
            "journal",
            format!("whole, with {incidents} incidents; {owed} entries are owed to trackers"),
        ),
        Err(error @ JournalError::Missing { .. }) => Check::absent("journal", error.into()),
        Err(error) => Check::bad("journal", error.into()),
    }
}

async fn partner(name: &str, place: &PartnerPlace, session: &Session, patience: Duration) -> Check {
    let check = format!("partner {name}");
    let lost = |what: String| {
        Notice::new(Trouble::Unreachable, "the partner does not answer").detail(what)
    };
    let asked = async {
        let endpoint = partners::endpoint(place, &session.environment).await?;
        let failed = |error: crate::partner::PartnerError| lost(format!("failed to {error}"));
        let partner = Partner::connect(&endpoint).await.map_err(failed)?;
        let (peer, tools) = (partner.peer(), partner.tools().await.map_err(failed)?);
        partner.close().await.map_err(failed)?;
        let says =
            format!("{} {}, MCP {}, {} tools", peer.name, peer.version, peer.protocol, tools.len());
        Ok(says)
    };
    match tokio::time::timeout(patience, asked).await {
        Ok(Ok(says)) => Check::good(&check, says),
        Ok(Err(notice)) => Check::bad(&check, notice),
        Err(_) => Check::bad(&check, lost(format!("no answer within {patience:?}"))),
    }
}

/// The tracker itself, and what would surprise people about it later.
async fn tracker(
    name: &str,
    place: &TrackerPlace,
    session: &Session,
    patience: Duration,
) -> Vec<Check> {
    let check = format!("tracker {name}");
    let asked = async {
        if place.kind == TrackerKind::Local && !session.paths()?.data.join(tracking::STORE).exists()
        {
            return Ok(None);
        }
        let tracker = tracking::connect(name, place, session, &session.clock).await?;
        let began = session.clock.now();
        let probe = tracker.probe().await.map_err(Notice::from)?;
        Ok(Some((probe, session.clock.now().duration_since(began))))
    };
    match tokio::time::timeout(patience, asked).await {
        Ok(Ok(Some((probe, took)))) => probed(&check, probe, took),
        Ok(Ok(None)) => {
            let notice = Notice::new(Trouble::NotFound, "nothing was written there yet");
            vec![Check::absent(&check, notice)]
        }
        Ok(Err(notice)) => vec![Check::bad(&check, notice)],
        Err(_) => {
            let why = format!("no answer within {patience:?}");
            vec![Check::bad(&check, TrackerError::Unreachable { why }.into())]
        }
    }
}

fn probed(check: &str, probe: Probe, took: SignedDuration) -> Vec<Check> {
    let Probe { account, access, reads, skew, traps, is_empty, is_sandbox } = probe;
    let (who, may, millis) = (account.name.line(), access.words(), took.as_millis());
    let kind = account.kind.word();
    let says = format!("knows us as {who} ({kind} {}), who {may}; {millis} ms", account.id);
    let reads = reads.map(|reads| format!("; {} is read there", reads.line()));
    let sandbox = if is_sandbox { "; it is a sandbox, nothing in it is real" } else { "" };
    let says = says + &reads.unwrap_or_default() + sandbox;
    let clock = skew.map(|skew| format!("; its clock is {} s from ours", skew.as_secs()));
    let empty = if is_empty { "; nothing is readable there yet" } else { "" };
    let mut checks = vec![Check::good(check, says + &clock.unwrap_or_default() + empty)];
    if let Some(skew) = skew.filter(|skew| skew.abs() > MOST_SKEW) {
        let what = format!("its clock is {} s from ours", skew.as_secs());
        let notice = Notice::new(Trouble::Failed, what);
        checks.push(Check::bad(check, notice.hint("set the clock of this machine")));
    }
    checks.extend(traps.into_iter().map(|trap| Check::bad(check, trap)));
    checks
}
