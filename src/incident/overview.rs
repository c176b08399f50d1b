//! The incident at a glance, folded from its entries.

use jiff::Timestamp;

use super::{Body, Entry, IncidentId, IncidentStatus, Severity, Status, Untrusted};

/// One thing that went wrong, as far as a list shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// Its id: that of the alert that opened it.
    pub id: IncidentId,
    /// What is wrong, in one line.
    pub title: Untrusted,
    /// What it is wrong with.
    pub service: Untrusted,
    /// How bad it is.
    pub severity: Severity,
    /// Where it stands.
    pub status: IncidentStatus,
    /// When it was opened.
    pub opened: Timestamp,
    /// When its latest entry was written.
    pub latest: Timestamp,
    /// Whether its alert is firing.
    pub firing: bool,
    /// Whether its recovery was measured.
    pub verified: bool,
    /// How many entries it has.
    pub entries: usize,
}

impl Incident {
    /// Begins with the alert that opens it; any other entry is `None`.
    pub fn opened_by(entry: &Entry) -> Option<Self> {
        let Body::Alert(alert) = &entry.body else { return None };
        (IncidentId::from(entry.id) == entry.incident).then(|| Self {
            id: entry.incident,
            title: alert.title.clone(),
            service: alert.service.clone(),
            severity: alert.severity,
            status: IncidentStatus::Investigating,
            opened: entry.at,
            latest: entry.at,
            firing: alert.firing,
            verified: false,
            entries: 1,
        })
    }

    /// Folds a further entry of this incident.
    pub fn apply(&mut self, entry: &Entry) {
        self.entries += 1;
        self.latest = self.latest.max(entry.at);
        match &entry.body {
            Body::Alert(alert) => {
                self.firing = alert.firing;
                self.severity = self.severity.min(alert.severity);
            }
            Body::Status(Status::Incident { to }) => self.status = *to,
            Body::Resolution(resolution) => {
                self.status = IncidentStatus::Resolved;
                self.verified = resolution.verified;
            }
            _ => {}
        }
    }
}
