//! The text of a decision card: our own words about the stored bytes, the agent's words set apart.

use super::act::is_answered_in_words;
use super::ask::ask;
use super::decisions::takes;
use super::edited::edited;
use super::entry::settlement;
use super::face::{self, who};
use super::flow::{at_most, flow, hang};
use super::ink::{Row, named, ours};
use super::memo::Name;
use super::pen::Pen;
use super::precedents::last_time;
use super::sheet::Sheet;
use crate::cockpit::core::{Card, Model, Watched};
use crate::cockpit::theme::Role;
use crate::incident::{
    Answer, Body, Decision, DecisionState, Entry, EntryId, Manner, Required, Safe, Status,
    Untrusted,
};

/// What is known around a proposal.
pub(super) struct Known<'a> {
    pub(super) model: &'a Model,
    pub(super) pen: Pen<'a>,
    pub(super) width: usize,
}

/// Writes the card.
pub(super) fn sheet(decision: &Decision, card: &Card, known: &Known<'_>) -> Vec<Row> {
    let mut sheet = Sheet::new(known.width);
    asks(&mut sheet, decision, known);
    stands(&mut sheet, decision, known);
    changed(&mut sheet, decision, known);
    sheet.blank();
    ask(&mut sheet, decision, edited(decision, card, known.model));
    sheet.blank();
    decides(&mut sheet, decision, known);
    evidence(&mut sheet, decision, known);
    last_time(&mut sheet, &card.before, &known.pen);
    sheet.blank();
    says(&mut sheet, decision, known);
    sheet.blank();
    binds(&mut sheet, decision);
    sheet.rows()
}

fn asks(sheet: &mut Sheet, decision: &Decision, known: &Known<'_>) {
    let pen = &known.pen;
    let ago = format!(" asks, {} ago", pen.ago(decision.opened));
    sheet.across(pen.actor(&decision.proposer).put(Role::Muted, ours(ago)));
    sheet.across(Row::of(Role::Title, decision.proposal.title.show(&ONE_LINE)));
}

/// One line with every blank visible, for what is decided upon.
const ONE_LINE: Manner =
    Manner { lines: crate::incident::Lines::One, ..Manner::EXACT }.capped(1024);

/// Where the decision stands, once it is no longer open, and what was said so far.
fn stands(sheet: &mut Sheet, decision: &Decision, known: &Known<'_>) {
    let pen = &known.pen;
    if !decision.state.is_open() {
        let face = face::decision(&decision.state);
        let since = Row::of(Role::Muted, " since ").put(Role::Muted, pen.clock(decision.since));
        sheet.blank();
        sheet.field("Now", face.row().join(since));
        if let DecisionState::Denied { reason } = &decision.state {
            sheet.field("Because", Row::of(Role::Text, reason.block()));
        }
        if let Some(how) = settled(decision, known) {
            sheet.field("Settled", how);
        }
    }
    for given in &decision.verdicts {
        let is_remark = matches!(given.verdict.answer, Answer::Respond { .. })
            && !is_answered_in_words(decision);
        let (label, word) = match &given.verdict.answer {
            _ if is_remark => ("Remark", "decides nothing"),
            answer => ("Answered", answer.word()),
        };
        let row = Row::of(Role::Human, ours(format!("● {}", who_text(&given.by))))
            .put(Role::Muted, ours(format!(" {word} ")))
            .put(Role::Muted, pen.clock(given.at));
        let row = match reason(&given.verdict.answer) {
            Some(reason) => row.put(Role::Muted, ": ").put(Role::Text, reason.block()),
            None => row,
        };
        sheet.field(label, row);
    }
    if let Some(until) = decision.deferred_until.filter(|until| *until > pen.now) {
        let row = Row::of(Role::Muted, "put off until ").put(Role::Text, pen.clock(until));
        sheet.field("Later", row);
    }
}

/// What a person said with an answer.
fn reason(answer: &Answer) -> Option<Untrusted> {
    match answer {
        Answer::Deny { reason } | Answer::BreakGlass { reason } => Some(reason.clone()),
        Answer::Respond { text } => Some(text.clone()),
        Answer::Redirect { redirect } => Some(redirect.words()),
        Answer::Approve | Answer::EditAndApprove { .. } | Answer::Defer { .. } => None,
    }
}

fn who_text(actor: &crate::incident::Actor) -> Safe {
    named(&actor.handle())
}

/// The arbiter's own entry about a decision.
pub(super) fn arbiters_word<'a>(decision: &Decision, model: &'a Model) -> Option<&'a Entry> {
    let watched = model.incidents.get(&decision.incident)?;
    watched.timeline.entries().rev().find(|entry| match &entry.body {
        Body::Status(Status::Decision { proposal, .. }) => *proposal == decision.id,
        _ => false,
    })
}

fn settled(decision: &Decision, known: &Known<'_>) -> Option<Row> {
    let entry = arbiters_word(decision, known.model)?;
    let Body::Status(Status::Decision { to, .. }) = &entry.body else { return None };
    let at = Row::of(Role::Muted, " at ").put(Role::Muted, known.pen.clock(entry.at));
    Some(settlement(to).join(at))
}

/// What arrived since, and what was denied before: the reasons to read twice.
fn changed(sheet: &mut Sheet, decision: &Decision, known: &Known<'_>) {
    let watched = known.model.incidents.get(&decision.incident);
    if !decision.stale_by.is_empty() {
        sheet.blank();
        let note = Row::of(Role::Muted, "approving asks again");
        sheet.part(Role::Warn, "! Arrived since it was asked", note);
        for id in &decision.stale_by {
            let rows = quoted(watched, *id, known, known.width);
            sheet.as_is(rows);
        }
    }
    for id in &decision.denied_before {
        let row = Row::of(Role::Refused, "✗ the same was denied");
        let row = match known.model.decisions.get(*id) {
            Some(Decision { state: DecisionState::Denied { reason }, since, .. }) => row
                .put(Role::Muted, " at ")
                .put(Role::Muted, known.pen.clock(*since))
                .put(Role::Muted, ": ")
                .put(Role::Text, reason.block()),
            _ => row,
        };
        sheet.blank();
        sheet.field("Before", row);
    }
}

/// An entry in two rows: when, who, what kind, and how it begins.
fn quoted(watched: Option<&Watched>, id: EntryId, known: &Known<'_>, width: usize) -> Vec<Row> {
    let pen = &known.pen;
    let Some(entry) = watched.and_then(|watched| watched.timeline.get(id)) else {
        let row = Row::of(Role::Warn, "? not seen here: ").put(Role::Muted, ours(id.to_string()));
        return vec![row.fit(width)];
    };
    let head = pen
        .time(entry.at)
        .join(pen.actor(&entry.actor))
        .put(Role::Muted, ours(format!(" {}", entry.body.kind().word())));
    let text = at_most(flow(Role::Text, entry.text.block(), width.saturating_sub(2)), 2, width);
    let indent = Row::new().gap(2);
    [vec![head.fit(width)], hang(text, &indent, &indent)].concat()
}

fn decides(sheet: &mut Sheet, decision: &Decision, known: &Known<'_>) {
    let proposal = &decision.proposal;
    sheet.field("Decides", required(&proposal.required));
    let given = decision.approvers();
    if !given.is_empty() {
        let mut row = Row::of(Role::Approved, "✓");
        for person in &given {
            row = row.gap(1).put(Role::Human, who(person));
        }
        let missing = usize::from(proposal.required.approvers).saturating_sub(given.len());
        if missing > 0 {
            row = row.put(Role::Pending, ours(format!(" · {missing} more must approve")));
        }
        sheet.field("Approved", row);
    }
    let others: Vec<_> = known.model.gates.people.iter().map(who_text).collect();
    if decision.state.is_open() && !others.is_empty() {
        let row = Row::of(Role::Human, Safe::join(others, ", "));
        sheet.field("Reachable", row.put(Role::Muted, " could answer now"));
    }
    if proposal.claimed_risk != proposal.risk {
        let claim = format!(" by policy · the agent says {}", proposal.claimed_risk.word());
        let risk = face::risk(proposal.risk).row().put(Role::Muted, ours(claim));
        sheet.field("Risk", risk);
    }
    let rule = Row::of(Role::Text, named(&proposal.basis.text));
    let rule = rule.put(Role::Muted, " · rule ").put(Role::Code, named(&proposal.basis.rule));
    sheet.field("Policy", rule);
    let times = Row::of(Role::Text, known.pen.clock(proposal.expires))
        .put(Role::Muted, ", then it expires · others are called at ")
        .put(Role::Muted, known.pen.clock(proposal.respond_by));
    sheet.field("Until", times);
}

fn required(required: &Required) -> Row {
    let mut row = Row::of(Role::Text, ours(takes(required)));
    if !required.roles.is_empty() {
        let roles = Safe::join(required.roles.iter().map(|role| named(role)), ", ");
        row = row.put(Role::Muted, " · role ").put(Role::Text, roles);
    }
    if !required.not.is_empty() {
        let not = Safe::join(required.not.iter().map(who_text), ", ");
        row = row.put(Role::Muted, " · not ").put(Role::Muted, not);
    }
    if required.break_glass {
        row = row.put(Role::Muted, " · one may force it with a reason, loudly");
    }
    row
}

fn evidence(sheet: &mut Sheet, decision: &Decision, known: &Known<'_>) {
    let watched = known.model.incidents.get(&decision.incident);
    let room = sheet.room();
    let mut rows = Vec::new();
    for id in &decision.proposal.evidence {
        rows.extend(quoted(watched, *id, known, room));
    }
    if rows.is_empty() {
        rows.push(Row::of(Role::Warn, "none was given"));
    }
    sheet.block("Evidence", rows);
}

/// The agent's words, apart from ours and marked as what they are.
fn says(sheet: &mut Sheet, decision: &Decision, known: &Known<'_>) {
    let by = Row::of(Role::Muted, "unverified, not part of what is approved");
    sheet.part(Role::Primary, "The agent says", by);
    let bar = Row::of(Role::Primary, "┊ ");
    let room = sheet.room();
    let (name, rationale) = (Name::Rationale(decision.id), &decision.proposal.rationale);
    let text = known.pen.memo.markdown(name, rationale, Role::Muted, room);
    sheet.as_is(hang(text, &bar, &bar));
}

/// What a verdict binds to, in full.
fn binds(sheet: &mut Sheet, decision: &Decision) {
    sheet.field("Binds", Row::of(Role::Muted, ours(decision.proposal.digest.to_string())));
    sheet.field("Id", Row::of(Role::Muted, ours(decision.id.to_string())));
}
