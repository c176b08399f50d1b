//! Telling a feed in lines: each event once, as it happens, for people or as JSON.

use jiff::Timestamp;

use super::output::{Form, Output};
use crate::incident::{Entry, ExchangeEvent, Exchanged, Outcome, Untrusted};
use crate::wire::{Delivery, FeedEvent, Frame};

/// Tells one event, at once.
pub(super) fn tell(output: &mut Output, form: Form, frame: &Frame) {
    match (form, line(frame)) {
        (Form::Json, _) => output.record("frame", frame),
        (Form::People, Some(line)) => {
            output.raw(format!("{} {line}\n", clock(frame.at)).as_bytes());
        }
        (Form::People, None) => {}
    }
    output.flush();
}

fn clock(at: Timestamp) -> String {
    at.strftime("%H:%M:%S").to_string()
}

pub(super) fn line(frame: &Frame) -> Option<String> {
    match &frame.event {
        FeedEvent::EntryArrived { entry } => Some(entry_line(entry)),
        FeedEvent::ExchangeMoved { event } => exchange_line(event, |text| text.line().to_string()),
        FeedEvent::DeliveryMoved { delivery } => Some(delivery_line(delivery)),
        FeedEvent::TrackerMoved { tracker } => {
            Some(format!("{:<10} {}", tracker.reach.word(), tracker.name))
        }
        FeedEvent::GatesChanged { gates } => {
            let people: Vec<String> = gates.people.iter().map(ToString::to_string).collect();
            let halted = if gates.halted { "HALTED" } else { "armed" };
            Some(format!("hub {} {halted}; can answer: {}", gates.hub, people.join(", ")))
        }
        FeedEvent::FramesMissed { count } => Some(format!("{count} events were missed")),
    }
}

fn entry_line(entry: &Entry) -> String {
    let kind = entry.body.kind().word();
    format!("{kind:<10} {:<22} {}", entry.actor.to_string(), entry.text.line())
}

/// The exchange in short, its texts as `shown`; progress is left to the cockpit.
pub(super) fn exchange_line(
    event: &ExchangeEvent,
    shown: impl Fn(&Untrusted) -> String,
) -> Option<String> {
    Some(match &event.what {
        Exchanged::Said { by, text } | Exchanged::SaidOn { by, text } => {
            format!("{:<10} {:<22} {}", "says", by.to_string(), shown(text))
        }
        Exchanged::CallStarted { from, to, tool, question, .. } => {
            format!(
                "{:<10} {:<22} → {to} {}: {}",
                "asks",
                from.to_string(),
                shown(tool),
                shown(question)
            )
        }
        Exchanged::CallProgressed { .. } | Exchanged::CallPolled { .. } => return None,
        Exchanged::CallRetried { call, reason } => {
            format!("{:<10} {} {}", "retries", call.short(), shown(reason))
        }
        Exchanged::CallEnded { call, outcome } => {
            let (word, text) = match outcome {
                Outcome::Answered { text, .. } => ("answered", text),
                Outcome::Failed { reason } => ("failed", reason),
                Outcome::Lost { reason } => ("no answer", reason),
            };
            format!("{word:<10} {:<22} {}", call.short(), shown(text))
        }
    })
}

fn delivery_line(delivery: &Delivery) -> String {
    let Delivery { entry, tracker, stage } = delivery;
    format!("{:<10} {tracker} {}", stage.word(), entry.short())
}
