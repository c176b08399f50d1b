//! The exchange: the live conversation between the primary agent and its partners.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Actor, CallId, IncidentId, Untrusted};

/// Something that happened on the direct channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExchangeEvent {
    /// The incident that the exchange is about.
    pub incident: IncidentId,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub what: Exchanged,
}

/// What can happen on the direct channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Exchanged {
    /// An agent said what it is about to do or thinks; not addressed to a partner.
    Said {
        /// Who.
        by: Actor,
        /// What.
        text: Untrusted,
    },
    /// An agent goes on with what it said last: a text that is streamed.
    SaidOn {
        /// Who.
        by: Actor,
        /// What follows.
        text: Untrusted,
    },
    /// A call was sent.
    CallStarted {
        /// The logical call; retries and polls keep it.
        call: CallId,
        /// Who calls.
        from: Actor,
        /// The partner called.
        to: String,
        /// How it travels, such as `mcp stdio` or `mcp http`.
        channel: String,
        /// The tool, with what is asked in words if the caller says so.
        tool: Untrusted,
        /// The question behind the call, in the caller's words.
        question: Untrusted,
        /// The arguments, capped.
        arguments: Value,
    },
    /// The partner reported progress.
    CallProgressed {
        /// The call.
        call: CallId,
        /// How far it is, from 0 to 1, if the partner says.
        fraction: Option<f64>,
        /// What it is doing.
        message: Untrusted,
    },
    /// The partner works on the call as a task, and was asked whether it is done.
    CallPolled {
        /// The call.
        call: CallId,
    },
    /// The call was sent again after a failure.
    CallRetried {
        /// The call.
        call: CallId,
        /// Why.
        reason: Untrusted,
    },
    /// The call ended.
    CallEnded {
        /// The call.
        call: CallId,
        /// How.
        outcome: Outcome,
    },
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// The partner answered.
    Answered {
        /// The answer in words.
        text: Untrusted,
        /// The structured answer, capped.
        structured: Value,
    },
    /// The partner said that it failed.
    Failed {
        /// Why.
        reason: Untrusted,
    },
    /// There was no answer.
    Lost {
        /// Why.
        reason: Untrusted,
    },
}

/// One logical call, folded from events.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Its id.
    pub id: CallId,
    /// Who calls.
    pub from: Actor,
    /// The partner called.
    pub to: String,
    /// How it travels.
    pub channel: String,
    /// The tool.
    pub tool: Untrusted,
    /// The question behind it.
    pub question: Untrusted,
    /// The arguments.
    pub arguments: Value,
    /// When it was sent.
    pub started: Timestamp,
    /// When it last gave a sign of life.
    pub heard: Timestamp,
    /// How far it is, from 0 to 1.
    pub fraction: Option<f64>,
    /// What the partner reported, oldest first.
    pub progress: Vec<(Timestamp, Untrusted)>,
    /// How often the partner was asked whether its task is done.
    pub polls: u32,
    /// How often it was sent again.
    pub retries: u32,
    /// Why it was sent again the last time.
    pub retried_for: Option<Untrusted>,
    /// How it ended, and when.
    pub ended: Option<(Timestamp, Outcome)>,
}

impl Call {
    /// How long it took, or has taken until `now`.
    pub fn took(&self, now: Timestamp) -> jiff::SignedDuration {
        let until = self.ended.as_ref().map_or(now, |(at, _)| *at);
        until.duration_since(self.started)
    }
}

/// One turn of the conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum Turn {
    /// An agent said something.
    Said {
        /// When.
        at: Timestamp,
        /// Who.
        by: Actor,
        /// What.
        text: Untrusted,
    },
    /// A call; look it up with [`Exchange::call`].
    Called(CallId),
}

/// Most progress reports kept for one call; older ones are counted, not kept.
pub const MOST_PROGRESS: usize = 64;

/// From this length on, in bytes, a text that is streamed goes on in a turn of its own.
const MOST_SAID: usize = 64 * 1024;

/// The conversation of one incident, folded from events.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Exchange {
    turns: Vec<Turn>,
    calls: BTreeMap<CallId, Call>,
    missed: u64,
}

impl Exchange {
    /// Folds one more event; events about a call that is not known are counted as missed.
    pub fn apply(&mut self, event: &ExchangeEvent) {
        let at = event.at;
        match &event.what {
            Exchanged::Said { by, text } => {
                self.turns.push(Turn::Said { at, by: by.clone(), text: text.clone() });
            }
            Exchanged::SaidOn { by, text } => self.go_on(at, by, text),
            Exchanged::CallStarted { call, .. } => {
                if let Some(started) = Call::started_by(event) {
                    self.turns.push(Turn::Called(*call));
                    self.calls.insert(*call, started);
                }
            }
            Exchanged::CallProgressed { call, fraction, message } => {
                self.on(*call, |known| known.progressed(at, *fraction, message));
            }
            Exchanged::CallPolled { call } => self.on(*call, |known| {
                known.polls += 1;
                known.heard = at;
            }),
            Exchanged::CallRetried { call, reason } => self.on(*call, |known| {
                known.retries += 1;
                known.retried_for = Some(reason.clone());
                known.heard = at;
            }),
            Exchanged::CallEnded { call, outcome } => self.on(*call, |known| {
                // The first end counts: a late answer to a call given up does not rewrite history.
                known.ended.get_or_insert_with(|| (at, outcome.clone()));
            }),
        }
    }

    /// Appends to the latest turn of an agent; if that is no saying, a new one begins.
    fn go_on(&mut self, at: Timestamp, by: &Actor, more: &Untrusted) {
        let latest = self.turns.iter_mut().rev().find(|turn| match turn {
            Turn::Said { by: other, .. } => other == by,
            Turn::Called(call) => self.calls.get(call).is_some_and(|call| call.from == *by),
        });
        match latest {
            Some(Turn::Said { text, .. }) if text.for_storage().len() < MOST_SAID => {
                *text = format!("{}{}", text.for_storage(), more.for_storage()).into();
            }
            _ => self.turns.push(Turn::Said { at, by: by.clone(), text: more.clone() }),
        }
    }

    fn on(&mut self, call: CallId, change: impl FnOnce(&mut Call)) {
        match self.calls.get_mut(&call) {
            Some(known) => change(known),
            None => self.missed += 1,
        }
    }

    /// The turns, oldest first.
    pub fn turns(&self) -> &[Turn] {
        &self.turns
    }

    /// One call.
    pub fn call(&self, id: CallId) -> Option<&Call> {
        self.calls.get(&id)
    }

    /// The calls that have not ended, oldest first.
    pub fn in_flight(&self) -> impl Iterator<Item = &Call> {
        self.calls.values().filter(|call| call.ended.is_none())
    }

    /// How many events were about calls whose start was never seen.
    pub fn missed(&self) -> u64 {
        self.missed
    }
}

impl Call {
    fn started_by(event: &ExchangeEvent) -> Option<Self> {
        let Exchanged::CallStarted { call, from, to, channel, tool, question, arguments } =
            &event.what
        else {
            return None;
        };
        Some(Self {
            id: *call,
            from: from.clone(),
            to: to.clone(),
            channel: channel.clone(),
            tool: tool.clone(),
            question: question.clone(),
            arguments: arguments.clone(),
            started: event.at,
            heard: event.at,
            fraction: None,
            progress: Vec::new(),
            polls: 0,
            retries: 0,
            retried_for: None,
            ended: None,
        })
    }

    fn progressed(&mut self, at: Timestamp, fraction: Option<f64>, message: &Untrusted) {
        self.heard = at;
        self.fraction = fraction.or(self.fraction);
        if self.progress.len() == MOST_PROGRESS {
            self.progress.remove(0);
        }
        self.progress.push((at, message.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(on: bool, by: &str, text: &str) -> ExchangeEvent {
        let (by, text) = (by.parse().unwrap(), text.into());
        let what = if on { Exchanged::SaidOn { by, text } } else { Exchanged::Said { by, text } };
        let incident = IncidentId::from_parts(Timestamp::UNIX_EPOCH, 1);
        ExchangeEvent { incident, at: Timestamp::UNIX_EPOCH, what }
    }

    #[test]
    fn retries_and_polls_are_folded_into_one_call() {
        let call = CallId::from_parts(Timestamp::UNIX_EPOCH, 2);
        let started = Exchanged::CallStarted {
            call,
            from: "agent:primary@eu1".parse().unwrap(),
            to: "telemetry".to_owned(),
            channel: "mcp http".to_owned(),
            tool: "analyse_spans".into(),
            question: "Which operation is slow?".into(),
            arguments: Value::Null,
        };
        let retried = Exchanged::CallRetried { call, reason: "connection reset".into() };
        let polled = || Exchanged::CallPolled { call };
        let mut exchange = Exchange::default();
        for (second, what) in
            [started, retried, polled(), polled(), polled()].into_iter().enumerate()
        {
            let at = Timestamp::from_second(i64::try_from(second).unwrap()).unwrap();
            exchange.apply(&ExchangeEvent { at, what, ..said(false, "agent:primary@eu1", "") });
        }
        assert_eq!(exchange.turns(), [Turn::Called(call)]);
        let folded = exchange.call(call).unwrap();
        assert_eq!((folded.retries, folded.polls, folded.heard.as_second()), (1, 3, 4));
    }

    #[test]
    fn a_streamed_text_grows_in_its_own_turn() {
        let mut exchange = Exchange::default();
        for event in [
            said(false, "agent:primary@eu1", "The pool"),
            said(false, "agent:telemetry@eu1", "I look."),
            said(true, "agent:primary@eu1", " is full."),
            said(true, "agent:changes@eu1", "Mine."),
        ] {
            exchange.apply(&event);
        }
        let texts = exchange.turns().iter().filter_map(|turn| match turn {
            Turn::Said { text, .. } => Some(text.for_storage().to_owned()),
            Turn::Called(_) => None,
        });
        assert_eq!(texts.collect::<Vec<_>>(), ["The pool is full.", "I look.", "Mine."]);
    }
}
