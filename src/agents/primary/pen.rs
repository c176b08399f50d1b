//! The pen of an agent: it writes entries through its link, and never waits for a tracker.

use crate::incident::{
    Actor, Body, CallId, EntryId, Evidence, EvidenceSource, ExchangeEvent, Exchanged, Finding,
    Hypothesis, IncidentId, IncidentStatus, Resolution, Sample, Status, Untrusted,
};
use crate::settings::Clock;
use crate::wire::{Command, Draft, Link, Reply};

use super::error::PrimaryError;

/// Most values of one series that are kept with a piece of evidence.
const MOST_SAMPLES: usize = 120;

/// Writes about one incident.
#[derive(Debug, Clone)]
pub struct Pen {
    /// The agent's connection to its hub.
    pub link: Link,
    /// What time it is.
    pub clock: Clock,
    /// What is written about.
    pub incident: IncidentId,
}

impl Pen {
    /// Who writes.
    pub fn actor(&self) -> Actor {
        self.link.principal().actor.clone()
    }

    /// Asks the hub.
    pub async fn ask(&self, command: Command) -> Result<Reply, PrimaryError> {
        Ok(self.link.ask(command).await?)
    }

    /// Records an entry.
    pub async fn post(
        &self,
        body: Body,
        text: impl Into<Untrusted>,
        refs: Vec<EntryId>,
    ) -> Result<EntryId, PrimaryError> {
        let (incident, text) = (self.incident, text.into());
        let draft = Draft { incident, body, text, refs, key: None };
        match self.ask(Command::Post { draft }).await? {
            Reply::Recorded { entry } => Ok(entry),
            _ => Err(PrimaryError::OddReply("a post")),
        }
    }

    /// Records where the incident stands.
    pub async fn status(&self, to: IncidentStatus, text: &str) -> Result<EntryId, PrimaryError> {
        self.post(Body::Status(Status::Incident { to }), text, Vec::new()).await
    }

    /// Records what something rests on.
    pub async fn evidence(&self, seen: Seen, text: &str) -> Result<EntryId, PrimaryError> {
        let Seen { source, reference, call, measures, mut series } = seen;
        let reference = reference.into();
        let measures = measures.map(Untrusted::from);
        series.truncate(MOST_SAMPLES);
        let evidence = Evidence { source, reference, call, measures, series };
        self.post(Body::Evidence(evidence), text, Vec::new()).await
    }

    /// Records what was found out, and what it rests on.
    pub async fn finding(
        &self,
        hypothesis: Option<Hypothesis>,
        percent: Option<u8>,
        text: String,
        refs: Vec<EntryId>,
    ) -> Result<EntryId, PrimaryError> {
        let finding = Finding { hypothesis, confidence_percent: percent };
        self.post(Body::Finding(finding), text, refs).await
    }

    /// Records how the incident ended.
    pub async fn resolution(
        &self,
        resolution: Resolution,
        text: String,
    ) -> Result<EntryId, PrimaryError> {
        self.post(Body::Resolution(resolution), text, Vec::new()).await
    }

    /// Says something on the direct channel, for whoever is watching.
    pub fn say(&self, text: impl Into<Untrusted>) {
        self.observe(Exchanged::Said { by: self.actor(), text: text.into() });
    }

    /// Tells what happened on the direct channel; if the hub is too busy it is left out, and said so.
    pub fn observe(&self, what: Exchanged) {
        let event = ExchangeEvent { incident: self.incident, at: self.clock.now(), what };
        if !self.link.tell(Command::Observe { event: Box::new(event) }) {
            tracing::warn!("the hub was too busy to observe the exchange");
        }
    }
}

/// Where a piece of evidence comes from.
#[derive(Debug, Clone)]
pub struct Seen {
    /// What it points into.
    pub source: EvidenceSource,
    /// Where exactly.
    pub reference: String,
    /// The call that brought it.
    pub call: Option<CallId>,
    /// What the series measures.
    pub measures: Option<String>,
    /// A measured series.
    pub series: Vec<Sample>,
}
