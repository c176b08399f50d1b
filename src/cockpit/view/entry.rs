//! One entry of the timeline as rows: when, who, what kind, where its copies stand, and its text.
//!
//! ```text
//! 14:02:31 ▸ primary@eu1  finding  ↗ strengthened 70 %                    ✓ local  ↑ mirror owed
//!          │ Requests wait for a connection: the pool of 4 is exhausted.
//!          │ written 14:02:31 · seen 14:09:02
//! ```

use super::act::is_answered_in_words;
use super::badges::{badges, troubles};
use super::changes;
use super::face::{self, Face};
use super::flow::{Length, at_most, flow, hang, wrap};
use super::ink::{Row, named, ours};
use super::memo::Name;
use super::pen::{CLOCK, Pen};
use super::spark::spark;
use crate::cockpit::core::{Deliveries, Watched};
use crate::cockpit::theme::Role;
use crate::incident::{
    Action, Answer, Body, Change, Decisions, Entry, Evidence, Finding, HandoffStep, Helped,
    Redirect, Safe, Settlement, Stage, Status,
};

/// Entries of one actor that are written within so many seconds stand together.
const TOGETHER_S: i64 = 60;

/// Most rows of the text of an entry that is not opened.
const SHORT_ROWS: usize = 4;

/// What an entry is shown beside.
pub(super) struct Beside<'a> {
    pub(super) pen: Pen<'a>,
    pub(super) decisions: &'a Decisions,
    pub(super) deliveries: &'a Deliveries,
    /// The incident that it belongs to.
    pub(super) watched: &'a Watched,
    /// The entry shown before it, for grouping.
    pub(super) before: Option<&'a Entry>,
    /// Whether all of its text is shown.
    pub(super) whole: Length,
    pub(super) width: usize,
}

/// Writes one entry.
pub(super) fn entry(entry: &Entry, beside: &Beside<'_>) -> Vec<Row> {
    let pen = &beside.pen;
    let part = pen.part(&entry.actor);
    let time = pen.time(entry.at);
    let follows = beside.before.is_some_and(|before| {
        before.actor == entry.actor && entry.at.duration_since(before.at).as_secs() < TOGETHER_S
    });
    let head = if follows {
        time.put(part.role(), "│").gap(1)
    } else {
        time.join(pen.actor(&entry.actor)).gap(2)
    };
    let whole = head.clone().join(summary(entry, beside.decisions, pen));
    // The shortest badge is three columns wide; a bearing that leaves it no room stands below.
    let below = match &entry.body {
        Body::Finding(finding) if whole.width() + 4 > beside.width => Some(bearing(finding)),
        _ => None,
    };
    let head = match below {
        Some(_) => head.put(Role::Muted, entry.body.kind().word()),
        None => whole,
    };
    let room = beside.width.saturating_sub(head.width() + 2);
    let badges = badges(entry, beside.deliveries, pen, room);
    let mut rows = vec![head.with_end(badges, beside.width)];
    let rail = Row::new().gap(CLOCK).put(part.role(), "│").gap(1);
    let room = beside.width.saturating_sub(rail.width());
    let bearing = below.map(|row| row.fit(room));
    let text = bearing.into_iter().chain(text(entry, beside, room)).collect();
    rows.extend(hang(text, &rail, &rail));
    rows
}

fn text(entry: &Entry, beside: &Beside<'_>, width: usize) -> Vec<Row> {
    let pen = &beside.pen;
    let mut rows = match &entry.body {
        // What programs write is no markdown: a star there is a star.
        Body::Evidence(_) | Body::Alert(_) | Body::Action(_) | Body::Status(_) => {
            flow(Role::Text, entry.text.block(), width)
        }
        _ => pen.markdown(Name::Entry(entry.id), &entry.text, width),
    };
    if beside.whole == Length::Short {
        let most = short(entry, &rows);
        rows = at_most(rows, most, width);
    }
    if let Body::Evidence(evidence) = &entry.body {
        let spark = spark(&evidence.series, width);
        rows.extend((!spark.runs.is_empty()).then_some(spark));
        rows.extend(reference(evidence, beside.whole, width));
    }
    rows.extend(changes::changes(entry, beside.watched, pen).into_iter().map(|it| it.fit(width)));
    let troubles = troubles(entry, beside.deliveries, pen, beside.whole);
    rows.extend(troubles.into_iter().map(|row| row.fit(width)));
    rows
}

/// How many rows of a text are shown of an entry that is not opened.
fn short(entry: &Entry, rows: &[Row]) -> usize {
    match &entry.body {
        // What it binds to stands in a paragraph of its own; who decided what is above it.
        Body::Verdict(_) | Body::Status(Status::Decision { .. }) => {
            let first = rows.iter().position(|row| row.width() == 0).unwrap_or(SHORT_ROWS);
            first.clamp(1, SHORT_ROWS)
        }
        _ => SHORT_ROWS,
    }
}

fn reference(evidence: &Evidence, length: Length, width: usize) -> Vec<Row> {
    let row = Row::of(Role::Muted, ours(format!("{} ", evidence.source.word())));
    let row = row.put(Role::Code, evidence.reference.line());
    match length {
        Length::Short => vec![row.fit(width)],
        Length::Whole => wrap(row, width),
    }
}

/// The kind of an entry and what matters most about it, on one row.
fn summary(entry: &Entry, decisions: &Decisions, pen: &Pen<'_>) -> Row {
    let kind = Row::of(Role::Muted, entry.body.kind().word()).gap(1);
    match &entry.body {
        Body::Alert(alert) => {
            let severity = face::severity(alert.severity).row();
            let word = if alert.firing { " firing" } else { " right again" };
            kind.join(severity).put(if alert.firing { Role::Text } else { Role::Ok }, word)
        }
        Body::Finding(finding) => kind.join(bearing(finding)),
        Body::Proposal(_) => {
            let decision = decisions.get(entry.id.into());
            let face = decision.map(|decision| face::decision(&decision.state).row());
            kind.join(face.unwrap_or_else(|| Row::of(Role::Failed, "? digest does not match")))
        }
        Body::Verdict(verdict) => {
            let decision = decisions.get(verdict.proposal);
            kind.join(match &verdict.answer {
                Answer::Respond { .. } if decision.is_some_and(|it| !is_answered_in_words(it)) => {
                    Face { glyph: "○", word: "remark", role: Role::Human }.row()
                }
                known => answer(known),
            })
        }
        Body::Action(action) => kind.join(step(action)),
        Body::Handoff(handed) => kind.join(handed_over(&handed.step)),
        Body::Status(status) => status_row(kind, status, pen),
        Body::Resolution(resolution) => {
            let word = if resolution.verified { "✓ recovery measured" } else { "? not measured" };
            kind.put(if resolution.verified { Role::Ok } else { Role::Warn }, word)
        }
        Body::Correction(correction) => kind.put(
            Role::Warn,
            match correction.change {
                Change::EditedUpstream { .. } => "edited upstream",
                Change::RemovedUpstream { .. } => "removed upstream",
                Change::Amended => "put right",
            },
        ),
        Body::Evidence(_) | Body::Comment => kind,
    }
}

/// What a finding says of its hypothesis.
pub(super) fn bearing(finding: &Finding) -> Row {
    let mut row = Row::new();
    if let Some(hypothesis) = &finding.hypothesis {
        let standing = face::standing(hypothesis.standing);
        row = row.put(Role::Code, named(&hypothesis.name)).gap(1).join(standing.row());
    }
    match finding.confidence_percent {
        Some(percent) => row.put(Role::Muted, ours(format!(" {percent} %"))),
        None => row,
    }
}

fn answer(answer: &Answer) -> Row {
    let (glyph, role) = match answer {
        Answer::Approve | Answer::EditAndApprove { .. } => ("✓", Role::Approved),
        Answer::BreakGlass { .. } => ("!", Role::Failed),
        Answer::Deny { .. } => ("✗", Role::Refused),
        Answer::Respond { .. } | Answer::Redirect { .. } => ("↷", Role::Human),
        Answer::Defer { .. } => ("○", Role::Muted),
    };
    Face { glyph, word: answer.word(), role }.row()
}

fn step(action: &Action) -> Row {
    let face = |glyph, word, role| Face { glyph, word, role }.row();
    match &action.stage {
        Stage::Claimed { .. } => face("»", "claimed", Role::Approved),
        Stage::Executed { ok: true, .. } => face("»", "executed", Role::Approved),
        Stage::Executed { ok: false, .. } => face("✗", "failed", Role::Failed),
        Stage::Lost { .. } => face("?", "lost, not tried again", Role::Warn),
        Stage::Verified { helped: Helped::Yes, .. } => face("✓", "verified", Role::Ok),
        Stage::Verified { helped: Helped::No, .. } => face("✗", "did not help", Role::Failed),
        Stage::Verified { helped: Helped::Unknown, .. } => face("?", "not measured", Role::Warn),
    }
}

fn handed_over(step: &HandoffStep) -> Row {
    let face = |glyph, word, role| Face { glyph, word, role }.row();
    let to = |row: Row, to: &str| row.put(Role::Muted, " to ").put(Role::Partner, named(to));
    match step {
        HandoffStep::Offered { to: name, .. } => to(face("⇢", "offered", Role::Pending), name),
        HandoffStep::Approved => face("✓", "approved", Role::Approved),
        HandoffStep::Redirected { to: name, .. } => to(face("↷", "redirected", Role::Human), name),
        HandoffStep::TakenOver => face("●", "taken over", Role::Human),
        HandoffStep::Refused { .. } => face("✗", "refused", Role::Refused),
        HandoffStep::Accepted => face("⇢", "accepted", Role::Partner),
        HandoffStep::Declined { .. } => face("✗", "declined", Role::Failed),
        HandoffStep::Working { .. } => face("⇢", "working", Role::Partner),
        HandoffStep::Returned { result } => face("⇠", "returned", Role::Ok)
            .put(Role::Muted, ours(format!(" {} % sure", result.confidence_percent))),
        HandoffStep::Failed { .. } => face("✗", "failed", Role::Failed),
        HandoffStep::Expired => face("○", "expired", Role::Refused),
        HandoffStep::Withdrawn { from } => {
            face("○", "withdrawn from ", Role::Muted).put(Role::Partner, named(from))
        }
    }
}

fn status_row(kind: Row, status: &Status, pen: &Pen<'_>) -> Row {
    match status {
        Status::Incident { to } => {
            let row = kind.put(Role::Muted, "→ ");
            row.join(face::status(*to).row())
        }
        Status::Decision { to, .. } => settlement(to),
        Status::Items { at } => {
            let names = Safe::join(at.iter().map(|link| pen.tracker(&link.tracker)), " ");
            kind.put(Role::Muted, "kept in ").put(Role::Muted, names)
        }
        Status::Dispatch { halted: true } => Row::of(Role::Failed, "■ everything is halted"),
        Status::Dispatch { halted: false } => Row::of(Role::Ok, "» released"),
    }
}

/// How a decision was settled and by whom.
pub(super) fn settlement(to: &Settlement) -> Row {
    let face = |glyph, word, role| Face { glyph, word, role }.row();
    let by = |row: Row, actor| row.put(Role::Muted, " by ").put(Role::Human, face::who(actor));
    match to {
        Settlement::Approved { by: people, args, .. } => {
            let word = if args.is_some() { "edited and approved" } else { "approved" };
            people.iter().fold(face("✓", word, Role::Approved), by)
        }
        Settlement::Denied { by: person, .. } => by(face("✗", "denied", Role::Refused), person),
        Settlement::Redirected { by: person, redirect } => {
            by(face("↷", redirected(redirect), Role::Human), person)
        }
        Settlement::Answered { by: person, .. } => by(face("✓", "answered", Role::Human), person),
        Settlement::Expired => face("○", "expired, not denied", Role::Refused),
        Settlement::Withdrawn { .. } => face("○", "withdrawn", Role::Muted),
        Settlement::Superseded { .. } => face("○", "superseded", Role::Muted),
    }
}

fn redirected(redirect: &Redirect) -> &'static str {
    match redirect {
        Redirect::Partner { .. } => "sent elsewhere",
        Redirect::Narrow { .. } => "narrowed",
        Redirect::Constrain { .. } => "constrained",
        Redirect::TakeOver => "taken over",
    }
}
