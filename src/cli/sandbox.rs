//! `wheelhouse sandbox`: look-alikes of four trackers on this machine, and what people do in them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use clap::Subcommand;
use serde::Serialize;

use super::cell::{Cell, Ink};
use super::exit::Exit;
use super::outfit::{self, Outfit};
use super::output::{Form, Format, Listed};
use super::session::Session;
use super::typed;
use crate::incident::{Notice, Trouble};
use crate::sandbox::lookalikes::{
    Fault, FaultLine, Hook, Meets, Porch, Sandbox, SandboxAct, SandboxDone, SandboxItem,
    SandboxPlan, Vendor,
};
use crate::settings::SecretPlace;

/// Starts look-alikes of GitHub, PagerDuty, ServiceNow and Jira on this machine, or acts in them
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct SandboxArgs {
    #[command(subcommand)]
    act: Option<Act>,

    /// The seed of what goes wrong only sometimes
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// The port of the first look-alike; the next three follow
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1024..65000))]
    port: Option<u16>,

    /// What goes wrong from the beginning, such as github=drop-after or jira=429:30s
    #[arg(long, value_name = "TRACKER=FAULT", value_parser = fault)]
    fault: Vec<(Vendor, Fault)>,

    /// Where a look-alike tells what happens, such as github=http://127.0.0.1:7000/webhooks/github
    #[arg(long, value_name = "TRACKER=URL", value_parser = hook, requires = "hook_secret")]
    hook: Vec<(Vendor, String)>,

    /// Where the secret is kept that webhooks are signed with: env:NAME, or `file:/path`
    #[arg(long, value_name = "PLACE", value_parser = place)]
    hook_secret: Option<SecretPlace>,

    #[command(flatten)]
    format: Format,
}

/// What people do in a sandbox that runs.
#[derive(Debug, Clone, Subcommand)]
enum Act {
    /// List what the look-alikes hold
    Items,
    /// Write a comment, as somebody types it into the tracker's own page
    Comment {
        /// The tracker
        vendor: Vendor,
        /// The item, as its tracker calls it
        item: String,
        /// The comment; `-` reads it from the standard input
        text: String,
        /// Who writes it
        #[arg(long = "as", value_name = "LOGIN", default_value = "on-call")]
        login: String,
    },
    /// Write a comment, as somebody answers the mail that told of the item
    Mail {
        /// The tracker; only github tells that it came by mail
        vendor: Vendor,
        /// The item, as its tracker calls it
        item: String,
        /// The answer; `-` reads it from the standard input
        text: String,
        /// Whose mail it is
        #[arg(long = "as", value_name = "LOGIN", default_value = "on-call")]
        login: String,
    },
    /// Change a comment, as somebody with enough rights can
    Edit {
        /// The number of the comment
        note: u64,
        /// What it says from now on; `-` reads it from the standard input
        text: String,
        /// Who changes it
        #[arg(long = "as", value_name = "LOGIN", default_value = "commander")]
        login: String,
    },
    /// Remove a comment, as somebody with enough rights can
    Remove {
        /// The number of the comment
        note: u64,
        /// Who removes it
        #[arg(long = "as", value_name = "LOGIN", default_value = "commander")]
        login: String,
    },
    /// Move an item to a state, in the tracker's own word for it
    Move {
        /// The tracker
        vendor: Vendor,
        /// The item, as its tracker calls it
        item: String,
        /// The state
        state: String,
        /// Who moves it
        #[arg(long = "as", value_name = "LOGIN", default_value = "on-call")]
        login: String,
    },
    /// Let something go wrong
    Fault(FaultArgs),
    /// Let nothing go wrong any more
    Mend {
        /// The tracker
        vendor: Vendor,
    },
}

/// What shall go wrong.
#[derive(Debug, Clone, clap::Args)]
struct FaultArgs {
    /// The tracker
    vendor: Vendor,
    /// What: drop-before, drop-after, late:5s, 429, 429:30s, 503, 502-after, slow:2s, lag:10s,
    /// silent-empty, skew:-90s, edit, or delete
    fault: Fault,
    /// With which requests
    #[arg(long, value_name = "REQUESTS", default_value = "all", value_parser = meets)]
    on: Meets,
    /// How many requests it meets; all of them if absent
    #[arg(long, value_name = "N")]
    times: Option<u32>,
    /// How many such requests pass before it begins
    #[arg(long, value_name = "N", default_value_t = 0)]
    after: u32,
    /// How likely it meets one, 0 to 1
    #[arg(long, value_name = "P", default_value_t = 1.0, value_parser = chance)]
    chance: f64,
}

fn fault(text: &str) -> Result<(Vendor, Fault), String> {
    let (vendor, fault) = pair(text)?;
    Ok((vendor, fault.parse().map_err(|error| format!("{error}"))?))
}

fn hook(text: &str) -> Result<(Vendor, String), String> {
    pair(text).map(|(vendor, url)| (vendor, url.to_owned()))
}

fn pair(text: &str) -> Result<(Vendor, &str), String> {
    let (vendor, rest) = text.split_once('=').ok_or("write tracker=…")?;
    Ok((vendor.parse().map_err(|error| format!("{error}"))?, rest))
}

fn place(text: &str) -> Result<SecretPlace, String> {
    text.parse().map_err(|error| format!("{error}"))
}

fn meets(text: &str) -> Result<Meets, String> {
    match text {
        "all" => Ok(Meets::All),
        "reads" => Ok(Meets::Reads),
        "writes" => Ok(Meets::Writes),
        _ => Err("one of all, reads, writes is expected".to_owned()),
    }
}

fn chance(text: &str) -> Result<f64, String> {
    let chance = text.parse::<f64>().ok().filter(|chance| (0.0..=1.0).contains(chance));
    chance.ok_or_else(|| "a number from 0 to 1 is expected".to_owned())
}

#[derive(Serialize)]
struct Server {
    tracker: String,
    looks_like: &'static str,
    url: String,
    token: String,
}

impl Listed for Server {
    const TYPE: &'static str = "sandbox";
    const HEADS: &'static [&'static str] = &["TRACKER", "LOOKS LIKE", "URL", "TOKEN"];

    fn cells(&self) -> Vec<Cell> {
        let name = Cell::of(&self.tracker).ink(Ink::Strong);
        vec![name, self.looks_like.into(), Cell::of(&self.url), Cell::of(&self.token)]
    }
}

#[derive(Serialize)]
struct Line {
    #[serde(flatten)]
    item: SandboxItem,
}

impl Listed for Line {
    const TYPE: &'static str = "sandbox-item";
    const HEADS: &'static [&'static str] = &["TRACKER", "ITEM", "STATE", "NOTES", "TITLE"];

    fn cells(&self) -> Vec<Cell> {
        let SandboxItem { vendor, name, title, state, notes } = &self.item;
        let name = Cell::of(name).ink(Ink::Strong);
        let (state, count, title) = (Cell::of(state), Cell::of(notes.len()), Cell::of(title));
        vec![Cell::of(vendor), name, state, count, title]
    }
}

/// Starts a sandbox, or acts in one.
pub(super) async fn run(args: SandboxArgs, session: &mut Session) -> Result<Exit, Notice> {
    let dir = session.paths()?.data.join("sandbox");
    match args.act.clone() {
        Some(act) => perform(act, &args, &dir, session).await,
        None => serve(args, &dir, session).await,
    }
}

/// Runs until it is interrupted.
async fn serve(args: SandboxArgs, dir: &Path, session: &mut Session) -> Result<Exit, Notice> {
    let SandboxArgs { seed, port, fault, hook, hook_secret, format, act: _ } = args;
    let mut hooks = BTreeMap::new();
    if let Some(place) = hook_secret {
        let secret = place.fetch(&session.environment).await?;
        for (vendor, url) in hook {
            hooks.insert(vendor, Hook { url, secret: secret.reveal().to_owned() });
        }
    }
    let faults = fault.into_iter().map(|(vendor, fault)| (vendor, fault.into())).collect();
    let plan = SandboxPlan { port, faults, hooks, ..SandboxPlan::new(seed, session.clock.clone()) };
    let sandbox = Arc::new(Sandbox::start(plan).await?);
    let porch = Porch::open(Arc::clone(&sandbox)).await?;
    let outfit = Outfit::lay_out(&sandbox, porch.key(), dir)?;
    let server = |vendor: Vendor| Server {
        tracker: outfit::name(vendor),
        looks_like: vendor.title(),
        url: sandbox.base(vendor).to_owned(),
        token: format!("file:{}", outfit.token_file(vendor, "wheelhouse").display()),
    };
    session.output.list(format.form(), &Vendor::ALL.map(server), "no look-alikes");
    if format.form() == Form::People {
        let said = "SANDBOX: these look like the real ones, and nothing in them is real.";
        session.output.message([Cell::from(said).ink(Ink::Pending)]);
        let file = outfit.settings_file();
        let use_it = format!("wheelhouse --config {}", file.display());
        session.output.message(["use it:".into(), Cell::of(use_it).ink(Ink::Strong)]);
        session.output.message(["act in it: wheelhouse sandbox items, comment, fault…".into()]);
    }
    session.output.flush();
    // Whoever started it ends it, with a signal.
    std::future::pending().await
}

async fn perform(
    act: Act,
    args: &SandboxArgs,
    dir: &Path,
    session: &mut Session,
) -> Result<Exit, Notice> {
    let (key, form) = (outfit::key(dir)?, args.format.form());
    if matches!(act, Act::Items) {
        let mut rows = Vec::new();
        for vendor in Vendor::ALL {
            if let SandboxDone::Items { items } = key.ask(&SandboxAct::Items { vendor }).await? {
                rows.extend(items.into_iter().map(|item| Line { item }));
            }
        }
        session.output.list(form, &rows, "the sandbox holds nothing yet");
        return Ok(Exit::Done);
    }
    let done = key.ask(&said(act).await?).await?;
    match (form, &done) {
        (Form::Json, _) => session.output.record("sandbox-done", &done),
        (Form::People, SandboxDone::Written { note }) => {
            let told = format!("✓ written as comment {note} of the sandbox");
            session.output.line([Cell::of(told).ink(Ink::Good)]);
        }
        (Form::People, _) => session.output.line([Cell::from("✓ done").ink(Ink::Good)]),
    }
    Ok(Exit::Done)
}

/// The act in the words of the sandbox.
async fn said(act: Act) -> Result<SandboxAct, Notice> {
    Ok(match act {
        Act::Items => {
            return Err(Notice::new(Trouble::Usage, "listing is done for each tracker"));
        }
        Act::Comment { vendor, item, text, login } => {
            SandboxAct::Comment { vendor, item, login, text: typed::text(text).await? }
        }
        Act::Mail { vendor, item, text, login } => {
            SandboxAct::Mail { vendor, item, login, text: typed::text(text).await? }
        }
        Act::Edit { note, text, login } => {
            SandboxAct::Edit { note, login, text: typed::text(text).await? }
        }
        Act::Remove { note, login } => SandboxAct::Remove { note, login },
        Act::Move { vendor, item, state, login } => SandboxAct::Move { vendor, item, login, state },
        Act::Fault(FaultArgs { vendor, fault, on, times, after, chance }) => {
            let line = FaultLine { fault, meets: on, after, times, chance };
            SandboxAct::Fault { vendor, line }
        }
        Act::Mend { vendor } => SandboxAct::Mend { vendor },
    })
}
