//! `wheelhouse decisions`: what waits for people, and the card of one decision.

use jiff::Timestamp;
use serde::Serialize;

use super::cell::{Cell, Ink};
use super::exit::Exit;
use super::output::{Form, Format, Listed};
use super::session::Session;
use super::{card, naming, records};
use crate::incident::{
    Actor, Decision, EntryId, IncidentId, Notice, Proposal, ProposalId, Settlement, Verdict,
};

/// Lists the decisions that wait for people, or shows one
#[derive(Debug, clap::Args)]
pub struct DecisionsArgs {
    /// Show this one: its id, or as much of its beginning or end as is unique
    decision: Option<String>,

    /// Also those that are settled
    #[arg(long)]
    all: bool,

    /// Only those of this incident
    #[arg(long, value_name = "INCIDENT")]
    incident: Option<String>,

    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Row {
    id: ProposalId,
    incident: IncidentId,
    state: &'static str,
    past_its_time: bool,
    since: Timestamp,
    proposer: Actor,
    opened: Timestamp,
    approvers: Vec<Actor>,
    deferred_until: Option<Timestamp>,
    stale_by: Vec<EntryId>,
    denied_before: Vec<ProposalId>,
    settlement: Option<Settlement>,
    verdicts: Vec<Given>,
    proposal: Proposal,
    #[serde(skip)]
    state_cell: Cell,
}

#[derive(Serialize)]
struct Given {
    entry: EntryId,
    by: Actor,
    at: Timestamp,
    verdict: Verdict,
}

impl Row {
    fn of(decision: &Decision, now: Timestamp) -> Self {
        let given = |given: &crate::incident::Given| Given {
            entry: given.entry,
            by: given.by.clone(),
            at: given.at,
            verdict: given.verdict.clone(),
        };
        Self {
            id: decision.id,
            incident: decision.incident,
            state: decision.state.word(),
            past_its_time: decision.state.is_open() && decision.is_past(now),
            since: decision.since,
            proposer: decision.proposer.clone(),
            opened: decision.opened,
            approvers: decision.approvers(),
            deferred_until: decision.deferred_until,
            stale_by: decision.stale_by.clone(),
            denied_before: decision.denied_before.clone(),
            settlement: decision.settlement.clone(),
            verdicts: decision.verdicts.iter().map(given).collect(),
            proposal: decision.proposal.clone(),
            state_cell: card::state(decision, now),
        }
    }
}

impl Listed for Row {
    const TYPE: &'static str = "decision";
    const HEADS: &'static [&'static str] =
        &["DECISION", "STATE", "RISK", "ASKS", "VALID UNTIL", "TARGET", "TITLE"];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::of(self.id).ink(Ink::Strong),
            self.state_cell.clone(),
            card::risk(self.proposal.risk),
            self.proposal.ask.word().into(),
            Cell::time(self.proposal.expires),
            Cell::of(self.proposal.ask.target_name().unwrap_or_default()),
            self.proposal.title.line().into(),
        ]
    }
}

/// Lists or shows decisions.
pub(super) fn run(args: &DecisionsArgs, session: &mut Session) -> Result<Exit, Notice> {
    let history = session.history()?;
    let of = args.incident.as_deref().map(|name| naming::incident(&history, name)).transpose()?;
    let decisions = records::decisions(&history, of.map(|incident| incident.id))?;
    let now = session.clock.now();
    let form = args.format.form();
    if let Some(name) = &args.decision {
        let id = |decision: &&Decision| decision.id.to_string();
        let told = |it: &&Decision| format!("{} {}", it.id, it.proposal.title.line());
        let decision = naming::one("decision", name, decisions.iter().collect(), id, told)?;
        match form {
            Form::Json => session.output.record(Row::TYPE, &Row::of(decision, now)),
            Form::People => card::show(decision, now, &mut session.output),
        }
        return Ok(Exit::Done);
    }
    let wanted = |decision: &&Decision| args.all || decision.state.is_open();
    let rows: Vec<Row> =
        decisions.iter().filter(wanted).map(|decision| Row::of(decision, now)).collect();
    session.output.list(form, &rows, "no decision waits; --all lists the settled ones");
    Ok(Exit::Done)
}
