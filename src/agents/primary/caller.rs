//! Calling partners: every call is told to the hub as it happens, and none waits for the hub.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Mutex;

use super::pen::Pen;
use crate::incident::{CallId, Exchanged, Outcome, Untrusted};
use crate::partner::{Answer, Endpoint, Limits, Partner, PartnerError, Step};

/// Where a partner is, and the open channel to it.
struct Line {
    endpoint: Endpoint,
    channel: &'static str,
    open: Mutex<Option<Partner>>,
}

/// The partners of one agent, each called over its own channel.
pub struct Switchboard {
    lines: BTreeMap<String, Line>,
    random: std::sync::Mutex<fastrand::Rng>,
}

/// What to ask of whom.
#[derive(Debug, Clone)]
pub struct Call {
    /// The partner.
    pub to: String,
    /// The tool.
    pub tool: String,
    /// The question in words.
    pub question: String,
    /// The arguments.
    pub arguments: Value,
}

/// Most characters of an answer that are told to whoever is watching; the agent reads all of it.
const MOST_TOLD: usize = 64 * 1024;

impl Switchboard {
    /// Knows the partners; nobody is called yet.
    pub fn new(partners: BTreeMap<String, Endpoint>, seed: Option<u64>) -> Self {
        let lines = partners.into_iter().map(|(name, endpoint)| {
            let channel = match &endpoint {
                Endpoint::Command { .. } => "mcp stdio",
                Endpoint::Http { .. } => "mcp http",
            };
            (name, Line { endpoint, channel, open: Mutex::new(None) })
        });
        let random = seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
        Self { lines: lines.collect(), random: random.into() }
    }

    /// The names of the partners.
    pub fn names(&self) -> Vec<String> {
        self.lines.keys().cloned().collect()
    }

    /// Calls a partner once; a channel that broke is opened anew, but a call is never sent twice,
    /// because the first may have happened.
    pub async fn call(&self, pen: &Pen, call: Call) -> (CallId, Result<Answer, PartnerError>) {
        let id = self.call_id(pen);
        let channel = self.lines.get(&call.to).map_or("unknown", |line| line.channel);
        pen.observe(Exchanged::CallStarted {
            call: id,
            from: pen.actor(),
            to: call.to.clone(),
            channel: channel.to_owned(),
            tool: call.tool.as_str().into(),
            question: call.question.as_str().into(),
            arguments: call.arguments.clone(),
        });
        // Dropping the call, as a redirection does, must not leave it in flight on the screens.
        let mut ending = Ending { pen, call: id, outcome: None };
        let answer = self.reach(pen, id, &call).await;
        ending.outcome = Some(outcome(&answer));
        (id, answer)
    }

    async fn reach(&self, pen: &Pen, id: CallId, call: &Call) -> Result<Answer, PartnerError> {
        let line = self.lines.get(&call.to).ok_or_else(|| PartnerError::Misconfigured {
            what: format!("no partner is called {}", call.to),
        })?;
        let partner = line.partner().await?;
        let on_step = |step: Step| {
            pen.observe(match step {
                Step::Progressed(progress) => Exchanged::CallProgressed {
                    call: id,
                    fraction: progress.total.map(|total| (progress.done / total).clamp(0.0, 1.0)),
                    message: progress.message.as_str().into(),
                },
                Step::Polled => Exchanged::CallPolled { call: id },
            });
        };
        let limits = Limits { silence: Duration::from_secs(30), total: Duration::from_mins(5) };
        partner.call(&call.tool, call.arguments.clone(), limits, on_step).await
    }

    fn call_id(&self, pen: &Pen) -> CallId {
        let mut random = self.random.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        CallId::from_parts(pen.clock.now(), random.u128(..) >> 48)
    }
}

impl Line {
    async fn partner(&self) -> Result<Partner, PartnerError> {
        let mut open = self.open.lock().await;
        if let Some(partner) = open.as_ref().filter(|partner| partner.is_open()) {
            return Ok(partner.clone());
        }
        let partner = Partner::connect(&self.endpoint).await?;
        *open = Some(partner.clone());
        Ok(partner)
    }
}

/// Tells the end of a call, however it ends.
struct Ending<'a> {
    pen: &'a Pen,
    call: CallId,
    outcome: Option<Outcome>,
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        let broken_off = || Outcome::Lost { reason: "broken off by the caller".into() };
        let outcome = self.outcome.take().unwrap_or_else(broken_off);
        self.pen.observe(Exchanged::CallEnded { call: self.call, outcome });
    }
}

fn outcome(answer: &Result<Answer, PartnerError>) -> Outcome {
    match answer {
        Ok(answer) => {
            let text: String = answer.text.chars().take(MOST_TOLD).collect();
            let fits = answer.structured.to_string().len() <= MOST_TOLD;
            let structured = if fits { answer.structured.clone() } else { Value::Null };
            Outcome::Answered { text: text.into(), structured }
        }
        Err(PartnerError::ToolFailed { text }) => {
            Outcome::Failed { reason: Untrusted::from(text.clone()) }
        }
        Err(error) => Outcome::Lost { reason: error.to_string().into() },
    }
}
