//! `wheelhouse exchange`: the conversation between the agents of one incident.

use serde::Serialize;

use super::cell::{Cell, Ink};
use super::exit::Exit;
use super::naming;
use super::output::{Form, Format};
use super::session::Session;
use crate::incident::{Call, Exchange, ExchangeEvent, Notice, Outcome, Turn, Untrusted};
use crate::settings::Clock;

/// Shows the conversation between the agents of an incident
#[derive(Debug, clap::Args)]
pub struct ExchangeArgs {
    /// The incident: its id, or as much of its beginning or end as is unique
    incident: String,

    /// Show arguments, progress, and structured answers
    #[arg(long)]
    full: bool,

    #[command(flatten)]
    format: Format,
}

/// Shows an exchange.
pub(super) fn run(args: &ExchangeArgs, session: &mut Session) -> Result<Exit, Notice> {
    let history = session.history()?;
    let incident = naming::incident(&history, &args.incident)?;
    let events = history.exchange(incident.id)?;
    if args.format.form() == Form::Json {
        for event in &events {
            session.output.record("exchange", event);
        }
        return Ok(Exit::Done);
    }
    if events.is_empty() {
        session.output.message(["the agents of this incident have not spoken yet".into()]);
    }
    converse(&events, args.full, session);
    Ok(Exit::Done)
}

fn converse(events: &[ExchangeEvent], full: bool, session: &mut Session) {
    let mut exchange = Exchange::default();
    for event in events {
        exchange.apply(event);
    }
    for turn in exchange.turns() {
        match turn {
            Turn::Said { at, by, text } => {
                let who = Cell::of(by.handle()).ink(Ink::Strong);
                session.output.line([Cell::time(*at), who]);
                session.output.block(&text.block(), 2);
            }
            Turn::Called(id) => {
                if let Some(call) = exchange.call(*id) {
                    called(call, full, session);
                }
            }
        }
    }
    if exchange.missed() > 0 {
        let missed =
            format!("{} events about calls whose beginning was not seen", exchange.missed());
        session.output.message([Cell::of(missed)]);
    }
}

fn called(call: &Call, full: bool, session: &mut Session) {
    let (from, to) = (Cell::of(call.from.handle()), Cell::of(&call.to).ink(Ink::Strong));
    let channel = Cell::of(&call.channel).ink(Ink::Muted);
    let head = [Cell::time(call.started), from.ink(Ink::Strong), "→".into(), to];
    session.output.line(head.into_iter().chain([call.tool.line().into(), channel]));
    session.output.block(&call.question.block(), 2);
    if full {
        json("arguments", &call.arguments, session);
        for (at, message) in &call.progress {
            let said = Cell::from(message.line()).ink(Ink::Muted);
            session.output.line(["   ·".into(), Cell::time(*at), said]);
        }
    }
    ended(call, full, &session.clock.clone(), session);
}

fn ended(call: &Call, full: bool, clock: &Clock, session: &mut Session) {
    let took = format!("{:.1} s", call.took(clock.now()).as_secs_f64());
    let retried = match call.retries {
        0 => String::new(),
        retries => format!(", sent again {retries} times"),
    };
    let polled = match call.polls {
        0 => String::new(),
        polls => format!(", polled {polls} times"),
    };
    let took = Cell::of(format!("{took}{retried}{polled}")).ink(Ink::Muted);
    let Some((_, outcome)) = &call.ended else {
        let fraction = call.fraction.map_or(String::new(), |part| format!("{:.0} %", part * 100.0));
        let flying = Cell::from("◌ no answer yet").ink(Ink::Pending);
        session.output.line([" ".into(), flying, took, Cell::of(fraction)]);
        return;
    };
    let (word, ink, text) = match outcome {
        Outcome::Answered { text, .. } => ("✓ answered", Ink::Good, text),
        Outcome::Failed { reason } => ("✗ failed", Ink::Bad, reason),
        Outcome::Lost { reason } => ("✗ lost", Ink::Bad, reason),
    };
    session.output.line([" ".into(), Cell::from(word).ink(ink), took]);
    session.output.block(&text.block(), 4);
    if let (true, Outcome::Answered { structured, .. }) = (full, outcome)
        && !structured.is_null()
    {
        json("structured", structured, session);
    }
}

fn json(label: &'static str, value: &impl Serialize, session: &mut Session) {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    session.output.line(["   ·".into(), Cell::from(label).ink(Ink::Muted)]);
    session.output.block(&Untrusted::from(text).block(), 4);
}
