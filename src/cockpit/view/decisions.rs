//! The decisions pane: an inbox of what waits for people, then what was settled and how it went.
//!
//! ```text
//! ◆ Roll the configuration of checkout back to r41
//!   ▆ high risk                                           12:04
//!   one person, types the target
//! ✗ Restart checkout
//!   did not help                                          14:03
//! ```

use super::act::leaves_open;
use super::face;
use super::flow::{at_most, flow, hang};
use super::ink::{Row, ours};
use super::lens::{Lens, Surround};
use super::list::Lines;
use super::listing::{Listing, hears, titled};
use super::moment::countdown;
use super::pen::Pen;
use crate::cockpit::core::{ActStage, Flow, LineId, Model, Pane};
use crate::cockpit::theme::Role;
use crate::incident::{Decision, Required};

/// The decisions as lines of a list.
pub(super) struct Inbox<'a> {
    model: &'a Model,
    pen: Pen<'a>,
    listed: Vec<&'a Decision>,
    width: usize,
}

impl Lines for Inbox<'_> {
    fn after(&self, position: usize) -> Option<usize> {
        (position + 1 < self.listed.len()).then_some(position + 1)
    }

    fn before(&self, position: usize) -> Option<usize> {
        position.checked_sub(1)
    }

    fn id(&self, position: usize) -> Option<LineId> {
        self.listed.get(position).map(|decision| LineId::Decision(decision.id))
    }

    fn rows(&self, position: usize) -> Vec<Row> {
        let Some(decision) = self.listed.get(position) else { return Vec::new() };
        if decision.state.is_open() { self.open(decision) } else { self.over(decision) }
    }
}

impl Inbox<'_> {
    fn open(&self, decision: &Decision) -> Vec<Row> {
        let proposal = &decision.proposal;
        let (end, role) = if decision.is_past(self.pen.now) {
            (Row::of(Role::Refused, "expired"), Role::Muted)
        } else {
            (deadline(decision, &self.pen), Role::Title)
        };
        let room = self.width.saturating_sub(2);
        let title = at_most(flow(role, proposal.title.line(), room), 3, room);
        let mut rows = hang(title, &face::WAITS.shape().gap(1), &Row::new().gap(2));
        let risk = Row::new().gap(2).join(face::risk(proposal.risk).row());
        rows.push(risk.with_end(end, self.width));
        rows.push(Row::new().gap(2).join(self.progress(decision)).fit(self.width));
        if !decision.stale_by.is_empty() {
            let word = format!("  ! {} new since it was asked", decision.stale_by.len());
            rows.push(Row::of(Role::Warn, ours(word)).fit(self.width));
        }
        rows
    }

    /// What this person did about it, or whom it takes.
    fn progress(&self, decision: &Decision) -> Row {
        let mine = self.model.sent_about(decision.id).filter(|act| !leaves_open(act, decision));
        match mine.map(|act| &act.stage) {
            Some(ActStage::Held { .. }) => Row::of(Role::Owed, "you answered, not sent yet"),
            Some(ActStage::Sent { .. }) => Row::of(Role::Owed, "you answered, sent"),
            Some(ActStage::Refused(_)) => Row::of(Role::Failed, "✗ your answer was refused"),
            _ => {
                let given = decision.approvers().len();
                let needs = takes(&decision.proposal.required);
                match given {
                    0 => Row::of(Role::Muted, ours(needs)),
                    given => Row::of(Role::Approved, ours(format!("✓ {given} approved")))
                        .put(Role::Muted, ours(format!(" · {needs}"))),
                }
            }
        }
    }

    fn over(&self, decision: &Decision) -> Vec<Row> {
        let face = face::decision(&decision.state);
        let title = face.shape().gap(1).put(Role::Muted, decision.proposal.title.line());
        let at = ours(super::moment::minute(decision.since, self.pen.zone));
        let below = Row::new().gap(2).put(face.role, face.word);
        vec![title.fit(self.width), below.with_end(Row::of(Role::Muted, at), self.width)]
    }
}

/// What it takes, in words: `two people`, `one person, types the target`.
pub(super) fn takes(required: &Required) -> String {
    let people = match required.approvers {
        0 | 1 => "one person".to_owned(),
        2 => "two people".to_owned(),
        more => format!("{more} people"),
    };
    if required.typed_target { format!("{people}, types the target") } else { people }
}

/// The time that is left; urgent once a second person is called.
pub(super) fn deadline(decision: &Decision, pen: &Pen<'_>) -> Row {
    let left = decision.proposal.expires.duration_since(pen.now);
    let urgent = pen.now >= decision.proposal.respond_by;
    let role = if urgent { Role::Warn } else { Role::Muted };
    Row::of(role, ours(countdown(left))).put(role, if urgent { " !" } else { " left" })
}

/// What the pane shows.
pub(super) fn listing<'a>(
    model: &'a Model,
    lens: &Lens<'a>,
    width: usize,
) -> Option<Listing<Inbox<'a>>> {
    let listed = model.listed_decisions();
    let place = &model.at_decision;
    let position = |id| listed.iter().position(|decision| decision.id == id);
    let at = place.anchor.and_then(|anchor| Some((position(anchor.id)?, anchor.above)));
    let at = at.or_else(|| (!listed.is_empty()).then_some((0, 0)));
    let last = listed.len().checked_sub(1)?;
    let lines = Inbox { model, pen: lens.pen(model), listed, width };
    // What waits stands above: this list never follows its end.
    Some(Listing::new(lines, at, Some(last), &Flow::Still))
}

/// The frame of the pane: how many wait, and which key opens the first.
pub(super) fn surround(model: &Model, lens: &Lens<'_>) -> Surround {
    let end = match model.waiting() {
        0 => Row::of(Role::Muted, "none waits"),
        count => Row::of(Role::Badge, ours(format!(" ◆ {count} "))),
    };
    Surround::new(titled(lens, model, Pane::Decisions), hears(model, Pane::Decisions)).end(end)
}
