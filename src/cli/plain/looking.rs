//! Looking closer in lines: the calls of the agents with their raw JSON, the possible causes, and what
//! trackers are still owed.

use serde_json::Value;

use super::super::output::Output;
use super::desk::{Act, Desk};
use super::lines::{self, say};
use super::talk::Next;
use crate::cockpit::core::{Watched, suspects};
use crate::incident::{Call, Outcome, Turn, Untrusted};
use crate::wire::{Command, DeliveryStage};

impl Desk {
    fn watched(&self) -> Option<&Watched> {
        self.current.and_then(|id| self.model.incidents.get(&id))
    }

    /// The calls of this incident, or one of them in full.
    pub(super) fn calls(&self, which: &str, output: &mut Output) {
        let Some(watched) = self.watched() else {
            return say(output, "no incident, so no exchange");
        };
        let turns = watched.exchange.turns().iter();
        let calls: Vec<&Call> = turns
            .filter_map(|turn| match turn {
                Turn::Called(id) => watched.exchange.call(*id),
                Turn::Said { .. } => None,
            })
            .collect();
        if which.is_empty() {
            if calls.is_empty() {
                say(output, "the agents have not asked each other anything yet");
            }
            for (place, call) in calls.iter().enumerate() {
                say(output, format!("call {}: {}", place + 1, self.call(call)));
            }
            return;
        }
        let place = which.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        match place.and_then(|place| calls.get(place)) {
            Some(call) => self.call_in_full(call, output),
            None => say(output, format!("there is no call {which}; type x for the list")),
        }
    }

    fn call(&self, call: &Call) -> String {
        let how = match &call.ended {
            None => "not answered yet",
            Some((_, Outcome::Answered { .. })) => "answered",
            Some((_, Outcome::Failed { .. })) => "failed",
            Some((_, Outcome::Lost { .. })) => "lost",
        };
        let took = call.took(self.model.now).as_secs_f64();
        let (time, tool) = (lines::clock(self, call.started), call.tool.line());
        let (to, question) = (Untrusted::from(call.to.as_str()), lines::text(&call.question));
        format!(
            "{time} {} asks {} with {tool}: {question}; {how} after {took:.1} s",
            call.from,
            to.line()
        )
    }

    fn call_in_full(&self, call: &Call, output: &mut Output) {
        say(output, self.call(call));
        output.block(&call.question.block(), 2);
        say(output, "it was asked with:");
        json(&call.arguments, output);
        match &call.ended {
            None => say(output, "no answer yet"),
            Some((_, Outcome::Answered { text, structured })) => {
                say(output, "the answer:");
                output.block(&text.block(), 2);
                json(structured, output);
            }
            Some((_, Outcome::Failed { reason } | Outcome::Lost { reason })) => {
                say(output, "it failed:");
                output.block(&reason.block(), 2);
            }
        }
    }

    /// What may be the cause, the likeliest first.
    pub(super) fn suspects(&self, output: &mut Output) {
        let suspects = self.watched().map(suspects).unwrap_or_default();
        if suspects.is_empty() {
            say(output, "no hypothesis yet");
        }
        for suspect in suspects {
            let name = Untrusted::from(suspect.name.as_str());
            let percent = suspect.percent.map(|it| format!(", {it} %")).unwrap_or_default();
            let (standing, claim) = (suspect.standing.word(), lines::text(&suspect.claim));
            say(output, format!("{}: {standing}{percent}: {claim}", name.line()));
        }
    }

    /// What trackers are still owed, or what shall be done about one of it.
    pub(super) fn owed(&mut self, what: &str, output: &mut Output) -> Next {
        if what.is_empty() {
            self.list_debts(output);
            return Next::Stay;
        }
        let (number, rest) = what.split_once(' ').unwrap_or((what, ""));
        let place = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let debt = place.and_then(|place| self.debts.get(place)).cloned();
        let (word, reason) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
        match (debt, word, reason.trim()) {
            (Some((entry, tracker)), "retry", _) => {
                Next::Ask(Box::new(Command::Redeliver { entry, tracker }))
            }
            (Some(_), "drop", "") => {
                say(output, "say why after the word drop; the record keeps the reason");
                Next::Stay
            }
            (Some((entry, tracker)), "drop", reason) => {
                let reason = reason.to_owned();
                self.confirm(Act::GiveUp { entry, tracker, reason }, output)
            }
            _ => {
                say(output, "type w for the list, then w 1 retry, or w 1 drop and the reason");
                Next::Stay
            }
        }
    }

    fn list_debts(&mut self, output: &mut Output) {
        let unpaid = self.model.deliveries.unpaid();
        if unpaid.is_empty() {
            say(output, "nothing is owed: every entry stands in every tracker");
        }
        for (place, one) in unpaid.iter().enumerate() {
            let why = match one.stage {
                DeliveryStage::Owed { why: Some(why), .. }
                | DeliveryStage::Parked { why }
                | DeliveryStage::Dropped { why } => format!(": {why}"),
                _ => String::new(),
            };
            let (number, since) = (place + 1, lines::clock(self, one.since));
            let (tracker, word, id) = (one.tracker, one.stage.word(), one.entry.short());
            say(
                output,
                format!("owed {number}: entry {id} to {tracker} since {since}, {word}{why}"),
            );
        }
        self.debts = unpaid.iter().map(|one| (one.entry, one.tracker.to_owned())).collect();
    }
}

/// Raw JSON, every hidden character in it made visible.
fn json(value: &Value, output: &mut Output) {
    if *value != Value::Null {
        let text = serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string());
        output.block(&Untrusted::from(text).block(), 2);
    }
}
