//! What exactly is asked of a person: every byte that a verdict would bind to, in readable order.

use serde_json::Value;

use super::difference::{compared, counted, diff};
use super::edited::heading;
use super::face::Face;
use super::flow::{flow, hang};
use super::ink::{Row, exact, ours};
use super::json::json;
use super::moment::span;
use super::sheet::Sheet;
use crate::cockpit::theme::Role;
use crate::incident::{
    Ask, Canonical, Decision, Effects, HandoffContext, Manner, Preview, Remedy, Untrusted,
    Verification,
};

/// Puts what is asked onto a sheet, with the arguments that a person put in place of those proposed.
pub(super) fn ask(sheet: &mut Sheet, decision: &Decision, edited: Option<&Canonical>) {
    match &decision.proposal.ask {
        Ask::Action(remedy) => action(sheet, remedy, edited, heading(&decision.state)),
        Ask::Handoff { to, context, .. } => handoff(sheet, to, context),
        Ask::Question { question } => {
            sheet.part(Role::Title, "Question", Row::new());
            text(sheet, question);
        }
        Ask::Close { summary } => {
            sheet.part(Role::Title, "Close the incident with this note", Row::new());
            text(sheet, summary);
        }
    }
}

fn text(sheet: &mut Sheet, text: &Untrusted) {
    let room = sheet.room();
    sheet.as_is(barred(Role::Pending, flow(Role::Text, text.show(&Manner::EXACT), room)));
}

/// Rows behind a bar: what runs, as opposed to what is said about it.
fn barred(role: Role, rows: Vec<Row>) -> Vec<Row> {
    let bar = Row::of(role, "┃ ");
    hang(rows, &bar, &bar)
}

fn action(sheet: &mut Sheet, remedy: &Remedy, edited: Option<&Canonical>, heading: &'static str) {
    let note = match edited {
        Some(_) => Row::of(Role::Human, "with a person's arguments"),
        None => Row::new(),
    };
    sheet.part(Role::Title, heading, note);
    let width = sheet.room().saturating_sub(2);
    let target = &remedy.target;
    let head =
        Row::of(Role::Title, exact(&remedy.verb)).gap(2).put(Role::Code, exact(&target.resource));
    let place = Row::of(Role::Muted, "in ")
        .put(Role::Text, exact(&target.environment))
        .put(Role::Muted, " through ")
        .put(Role::Text, exact(&target.system));
    let mut rows = super::flow::wrap(head, width);
    rows.extend(super::flow::wrap(place, width));
    rows.extend(arguments(edited.unwrap_or(&remedy.args), width));
    sheet.as_is(barred(Role::Pending, rows));
    sheet.blank();
    if let Some(args) = edited {
        let note = Row::of(Role::Removed, "- taken out").gap(2).put(Role::Added, "+ put in");
        sheet.part(Role::Title, "Was proposed", note);
        sheet.as_is(compared(&remedy.args, args, width));
        sheet.blank();
    }
    preview(sheet, &remedy.preview, edited);
    sheet.blank();
    effects(sheet, &remedy.effects);
    match &remedy.rollback {
        Some(rollback) => sheet.field("Undo", Row::of(Role::Text, rollback.show(&Manner::EXACT))),
        None => sheet.field("Undo", Row::of(Role::Warn, "no way back was given")),
    }
    verification(sheet, &remedy.verify);
}

/// The arguments by name; anything that is not an object as the bytes that would be sent.
fn arguments(args: &Canonical, width: usize) -> Vec<Row> {
    let bytes = args.as_str();
    let Ok(Value::Object(fields)) = serde_json::from_str(bytes) else {
        return flow(Role::Code, exact(bytes), width);
    };
    if fields.is_empty() {
        return vec![Row::of(Role::Muted, "no arguments")];
    }
    let names = fields.keys().map(|name| super::ink::columns(&exact(name))).max().unwrap_or(0);
    let column = names.clamp(4, 18) + 2;
    let mut rows = Vec::new();
    for (name, value) in &fields {
        let value = json(value, width.saturating_sub(column), usize::MAX);
        let first = Row::of(Role::Muted, exact(name)).gap(2).to(column);
        rows.extend(hang(value, &first, &Row::new().gap(column)));
    }
    rows
}

fn preview(sheet: &mut Sheet, preview: &Preview, edited: Option<&Canonical>) {
    let room = sheet.room();
    let of_other = edited.map(|_| {
        let what = "of what was proposed, not of these arguments";
        Row::of(Role::Warn, "! ").put(Role::Warn, what)
    });
    let of_other = of_other.into_iter().flat_map(|row| super::flow::wrap(row, room));
    let (word, rows) = match preview {
        Preview::Diff { text } => {
            let mut rows: Vec<Row> = of_other.chain([counted(text)]).collect();
            rows.extend(diff(text, room));
            ("Preview", rows)
        }
        Preview::DryRun { text } => {
            let note = Row::of(Role::Muted, "rehearsed; nothing was changed");
            let mut rows: Vec<Row> = of_other.chain([note]).collect();
            rows.extend(diff(text, room));
            ("Rehearsal", rows)
        }
        Preview::Query { text } => {
            let mut rows = vec![Row::of(Role::Muted, "as it is now")];
            rows.extend(flow(Role::Code, text.show(&Manner::EXACT), room));
            ("Now", rows)
        }
        Preview::Unavailable { reason } => {
            let row = Row::of(Role::Warn, "none: ").put(Role::Text, reason.block());
            ("Preview", super::flow::wrap(row, room))
        }
    };
    sheet.block(word, rows);
}

fn effects(sheet: &mut Sheet, effects: &Effects) {
    let way_back = if effects.reversible {
        Face { glyph: "✓", word: "reversible", role: Role::Text }
    } else {
        Face { glyph: "✗", word: "cannot be undone", role: Role::Failed }
    };
    let downtime = match effects.downtime_s {
        0 => Row::of(Role::Text, "no downtime"),
        seconds => {
            let length = span(jiff::SignedDuration::from_secs(seconds.into()));
            Row::of(Role::Warn, ours(format!("{length} down")))
        }
    };
    let row = way_back.row().put(Role::Muted, " · ").join(downtime).put(Role::Muted, " · ");
    sheet.field("Effects", row.put(Role::Text, effects.blast_radius.show(&Manner::EXACT)));
}

fn verification(sheet: &mut Sheet, verify: &Verification) {
    let seconds = |length: u32| span(jiff::SignedDuration::from_secs(length.into()));
    let times =
        format!(" · {} after, held for {}", seconds(verify.after_s), seconds(verify.hold_s));
    let row = Row::of(Role::Code, exact(&verify.query))
        .put(Role::Text, ours(format!(" {}", verify.expect)))
        .put(Role::Muted, ours(times));
    sheet.field("Measured", row);
}

fn handoff(sheet: &mut Sheet, to: &str, context: &HandoffContext) {
    sheet.part(Role::Title, "Will be handed over, exactly", Row::new());
    let width = sheet.room().saturating_sub(2);
    let head = Row::of(Role::Muted, "to ").put(Role::Partner, exact(to));
    let mut rows = super::flow::wrap(head, width);
    rows.extend(flow(Role::Text, context.question.show(&Manner::EXACT), width));
    sheet.as_is(barred(Role::Pending, rows));
    sheet.blank();
    sheet.field("Summary", Row::of(Role::Text, context.summary.show(&Manner::EXACT)));
    for (label, texts) in [
        ("Concerns", &context.resources),
        ("Tried", &context.tried),
        ("Unknown", &context.open_questions),
        ("Limits", &context.constraints),
    ] {
        list(sheet, label, texts);
    }
    let room = sheet.room();
    let mut links = Vec::new();
    for link in &context.evidence {
        links.extend(bulleted(&link.excerpt, room));
    }
    if !links.is_empty() {
        sheet.block("Evidence", links);
    }
    let path = context.path.iter().map(|hop| exact(hop));
    let path = crate::incident::Safe::join(path, " → ");
    sheet.field("Path", Row::of(Role::Muted, path));
    sheet.field("Back to", Row::of(Role::Muted, exact(&context.return_to)));
}

fn list(sheet: &mut Sheet, label: &'static str, texts: &[Untrusted]) {
    let room = sheet.room();
    let rows: Vec<Row> = texts.iter().flat_map(|text| bulleted(text, room)).collect();
    if !rows.is_empty() {
        sheet.block(label, rows);
    }
}

fn bulleted(text: &Untrusted, width: usize) -> Vec<Row> {
    let rows = flow(Role::Text, text.show(&Manner::EXACT), width.saturating_sub(2));
    hang(rows, &Row::of(Role::Muted, "· "), &Row::new().gap(2))
}
