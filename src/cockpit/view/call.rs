//! One turn of the conversation as rows: who asks whom, what, how it is going, and the answer.
//!
//! ```text
//! 14:02:40 ▸ primary@eu1 asks telemetry                                               ⋯ 12 s
//!          │ Where do requests to POST /checkout spend their time?
//!          │ analyse_spans · mcp stdio
//!          ◂ ━━━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌ 60 %  read 14 000 of 23 000 spans
//! 14:02:33 ▸ primary@eu1 asks telemetry                                              ✓ 2.4 s
//!          │ Which errors dominate since 14:01?
//!          ◂ 212 × connection pool timed out after 2 s
//! ```

use jiff::SignedDuration;
use serde_json::Value;

use super::flow::{Length, at_most, flow, hang, wrap};
use super::ink::{Row, named, ours};
use super::json::{MOST_ROWS, json};
use super::memo::Name;
use super::moment::span;
use super::pen::{CLOCK, Pen};
use crate::cockpit::core::Watched;
use crate::cockpit::theme::Role;
use crate::incident::{Call, Outcome, Safe, Turn};

/// After this long without a sign of life a call counts as hung.
const HUNG: SignedDuration = SignedDuration::from_secs(15);

/// Most rows of a question, and of an answer, that is not opened.
const SHORT_ROWS: usize = 6;

/// Columns of the gauge of a call in flight: a quarter of the room, within these.
const GAUGE: std::ops::RangeInclusive<usize> = 8..=24;

/// How a turn is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner<'a> {
    pub(super) pen: Pen<'a>,
    pub(super) length: Length,
    pub(super) raw: Raw,
    pub(super) width: usize,
    /// The incident in which the turn is said.
    pub(super) watched: &'a Watched,
}

/// Whether the bytes are shown instead of the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Raw {
    Words,
    Json,
}

impl Manner<'_> {
    /// The columns beside the clock.
    pub(super) fn room(&self) -> usize {
        self.width.saturating_sub(CLOCK + 2)
    }

    fn short(&self, rows: Vec<Row>) -> Vec<Row> {
        match self.length {
            Length::Short => at_most(rows, SHORT_ROWS, self.room()),
            Length::Whole => rows,
        }
    }
}

/// Writes what an agent said of itself.
pub(super) fn said(turn: usize, said: &Turn, manner: &Manner<'_>) -> Vec<Row> {
    let Turn::Said { at, by, text } = said else { return Vec::new() };
    let (at, pen) = (*at, &manner.pen);
    let part = pen.part(by);
    let head = pen.time(at).join(pen.actor(by)).fit(manner.width);
    let rail = Row::new().gap(CLOCK).put(part.role(), "│").gap(1);
    let name = Name::Said(manner.watched.incident.id, turn);
    let rows = manner.short(pen.markdown(name, text, manner.room()));
    [vec![head], hang(rows, &rail, &rail)].concat()
}

/// Writes a call.
pub(super) fn call(call: &Call, manner: &Manner<'_>) -> Vec<Row> {
    let pen = &manner.pen;
    let head = pen.time(call.started).join(pen.actor(&call.from));
    let head = head.put(Role::Muted, " asks ").put(Role::Partner, named(&call.to));
    let mut rows = vec![head.with_end(clock(call, pen), manner.width)];
    let rail = Row::new().gap(CLOCK).put(pen.part(&call.from).role(), "│").gap(1);
    rows.extend(hang(question(call, manner), &rail, &rail));
    let first = Row::new().gap(CLOCK).put(Role::Partner, "◂").gap(1);
    let other = Row::new().gap(CLOCK).put(Role::Partner, "│").gap(1);
    rows.extend(hang(reply(call, manner), &first, &other));
    let brought = super::brought::brought(call, manner.watched, manner.room());
    rows.extend(hang(brought, &other, &other));
    rows
}

fn question(call: &Call, manner: &Manner<'_>) -> Vec<Row> {
    let room = manner.room();
    let mut rows = manner.short(flow(Role::Text, call.question.block(), room));
    let way = Row::of(Role::Code, call.tool.line());
    let way = way.put(Role::Muted, " · ").put(Role::Muted, named(&call.channel));
    rows.push(way.fit(room));
    if let Some(reason) = &call.retried_for {
        let row = Row::of(Role::Warn, "sent again: ").put(Role::Text, reason.gist());
        rows.push(row.fit(room));
    }
    if manner.raw == Raw::Json {
        rows.extend(json(&call.arguments, room, MOST_ROWS));
    }
    rows
}

/// How long the call took, or has taken, with its retries and polls folded into it.
fn clock(call: &Call, pen: &Pen<'_>) -> Row {
    let took = span(call.took(pen.now));
    let retries = match call.retries {
        0 => Row::new(),
        1 => Row::of(Role::Warn, "sent twice  "),
        more => Row::of(Role::Warn, ours(format!("sent {} times  ", more + 1))),
    };
    let polls = match call.polls {
        0 => Row::new(),
        polls => Row::of(Role::Muted, ours(format!("polled {polls}×  "))),
    };
    let row = match &call.ended {
        None if silence(call, pen) >= HUNG => Row::of(Role::Warn, ours(format!("? {took}"))),
        None => Row::of(Role::Partner, ours(format!("⋯ {took}"))),
        Some((_, Outcome::Answered { .. })) => Row::of(Role::Muted, ours(format!("✓ {took}"))),
        Some((_, Outcome::Failed { .. } | Outcome::Lost { .. })) => {
            Row::of(Role::Failed, ours(format!("✗ {took}")))
        }
    };
    retries.join(polls).join(row)
}

fn silence(call: &Call, pen: &Pen<'_>) -> SignedDuration {
    pen.now.duration_since(call.heard)
}

fn reply(call: &Call, manner: &Manner<'_>) -> Vec<Row> {
    match &call.ended {
        None => in_flight(call, manner),
        Some((_, Outcome::Answered { text, structured })) => {
            let mut rows = manner.short(findings(&text.block(), manner.room()));
            if manner.raw == Raw::Json && *structured != Value::Null {
                rows.extend(json(structured, manner.room(), MOST_ROWS));
            }
            rows
        }
        Some((_, Outcome::Failed { reason })) => {
            let row = Row::of(Role::Failed, "✗ failed: ").put(Role::Text, reason.block());
            manner.short(wrap(row, manner.room()))
        }
        Some((_, Outcome::Lost { reason })) => {
            let row = Row::of(Role::Failed, "✗ no answer: ").put(Role::Text, reason.block());
            manner.short(wrap(row, manner.room()))
        }
    }
}

/// An answer line by line; lines that begin like a list hang under their mark.
fn findings(answer: &Safe, width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for line in answer.lines() {
        let plain = line.trim_start();
        let listed = ["- ", "* ", "• "].iter().find_map(|mark| plain.strip_prefix(mark));
        match listed {
            Some(rest) => {
                let text = flow(Role::Text, ours(rest.to_owned()), width.saturating_sub(2));
                rows.extend(hang(text, &Row::of(Role::Partner, "· "), &Row::new().gap(2)));
            }
            None => rows.extend(flow(Role::Text, ours(line.to_owned()), width)),
        }
    }
    rows
}

fn in_flight(call: &Call, manner: &Manner<'_>) -> Vec<Row> {
    let pen = &manner.pen;
    let room = manner.room();
    let mut row = Row::new();
    if let Some(fraction) = call.fraction {
        let columns = (room / 4).clamp(*GAUGE.start(), *GAUGE.end());
        row = gauge(fraction, columns).gap(2);
    }
    let row = match call.progress.last() {
        Some((_, message)) => row.put(Role::Text, message.gist()),
        None => row.put(Role::Muted, "sent, nothing heard yet"),
    };
    let mut rows = vec![row.fit(room)];
    let silence = silence(call, pen);
    if silence >= HUNG {
        let word = format!("? hung: no sign of life for {}", span(silence));
        rows.push(Row::of(Role::Warn, ours(word)).fit(room));
    }
    rows
}

/// A gauge with its number, so that the shape alone is enough.
fn gauge(fraction: f64, columns: usize) -> Row {
    let fraction = if fraction.is_finite() { fraction.clamp(0.0, 1.0) } else { 0.0 };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 100 by the clamp above"
    )]
    let (full, percent) =
        ((fraction * columns as f64).round() as usize, (fraction * 100.0).round() as usize);
    Row::of(Role::Partner, ours("━".repeat(full)))
        .put(Role::Faint, ours("╌".repeat(columns - full.min(columns))))
        .put(Role::Muted, ours(format!(" {percent:>3} %")))
}
