//! `wheelhouse incidents`: every incident at a glance, the latest last.

use jiff::Timestamp;
use serde::Serialize;

use super::cell::{Cell, Ink};
use super::exit::Exit;
use super::output::{Format, Listed};
use super::session::Session;
use crate::incident::{Incident, IncidentId, IncidentStatus, Notice, Severity, Untrusted};

/// Lists the incidents
#[derive(Debug, clap::Args)]
pub struct IncidentsArgs {
    /// Only those that are not over
    #[arg(long)]
    open: bool,

    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Row {
    id: IncidentId,
    title: Untrusted,
    service: Untrusted,
    severity: Severity,
    status: IncidentStatus,
    opened: Timestamp,
    latest: Timestamp,
    firing: bool,
    verified: bool,
    entries: usize,
}

impl From<Incident> for Row {
    fn from(incident: Incident) -> Self {
        let Incident {
            id,
            title,
            service,
            severity,
            status,
            opened,
            latest,
            firing,
            verified,
            entries,
        } = incident;
        Self { id, title, service, severity, status, opened, latest, firing, verified, entries }
    }
}

impl Listed for Row {
    const TYPE: &'static str = "incident";
    const HEADS: &'static [&'static str] =
        &["INCIDENT", "SEVERITY", "STATUS", "OPENED", "ENTRIES", "SERVICE", "TITLE"];

    fn cells(&self) -> Vec<Cell> {
        let ink = match (self.status, self.verified) {
            (IncidentStatus::Resolved, true) => Ink::Good,
            (IncidentStatus::NeedsPerson, _) => Ink::Pending,
            _ => Ink::Plain,
        };
        let status = match (self.status, self.verified) {
            (IncidentStatus::Resolved, false) => "resolved, not measured",
            (status, _) => status.word(),
        };
        vec![
            Cell::of(self.id),
            Cell::severity(self.severity),
            Cell::from(status).ink(ink),
            Cell::time(self.opened),
            Cell::of(self.entries),
            self.service.line().into(),
            self.title.line().into(),
        ]
    }
}

/// Lists the incidents.
pub(super) fn run(args: &IncidentsArgs, session: &mut Session) -> Result<Exit, Notice> {
    let incidents = session.history()?.incidents()?;
    let wanted = |incident: &Incident| !args.open || !incident.status.is_over();
    let rows: Vec<Row> = incidents.into_iter().filter(wanted).map(Row::from).collect();
    let nothing = "no incidents; `wheelhouse demo` makes one";
    session.output.list(args.format.form(), &rows, nothing);
    Ok(Exit::Done)
}
