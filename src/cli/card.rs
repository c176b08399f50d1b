//! The card of a decision: exactly what would run, drawn by us from what is recorded.

use jiff::Timestamp;

use super::cell::{Cell, Ink};
use super::output::Output;
use crate::incident::{
    Answer, Ask, Canonical, Decision, DecisionState, HandoffContext, Helped, Manner, Preview,
    Redirect, Remedy, Risk, Safe, Settlement, Untrusted,
};

/// Columns of the labels.
const LABEL: usize = 12;

/// Writes the card of a decision.
pub(super) fn show(decision: &Decision, now: Timestamp, output: &mut Output) {
    let proposal = &decision.proposal;
    output.line([
        Cell::of(decision.id).ink(Ink::Strong),
        state(decision, now),
        risk(proposal.risk),
        Cell::from(proposal.ask.word()),
    ]);
    let mut card = Card { output };
    match &proposal.ask {
        Ask::Action(remedy) => card.action(remedy, edited(decision)),
        Ask::Handoff { to, context, .. } => card.handoff(to, context),
        Ask::Question { question } => card.text("question", &question.show(&Manner::EXACT)),
        Ask::Close { summary } => card.text("would say", &summary.show(&Manner::EXACT)),
    }
    card.row("digest", Cell::of(proposal.digest));
    card.row("because", Cell::of(format!("{} ({})", proposal.basis.text, proposal.basis.rule)));
    card.required(decision);
    card.row("asked", Cell::time(decision.opened));
    card.row("valid until", Cell::time(proposal.expires));
    card.said_by_the_agent(decision);
    card.history(decision);
}

/// The arguments that a person put in place of those proposed, if somebody did.
fn edited(decision: &Decision) -> Option<&Canonical> {
    match &decision.settlement {
        Some(Settlement::Approved { args, .. }) => args.as_ref(),
        _ => None,
    }
}

/// Where a decision stands, with the word that only a clock can add.
pub(super) fn state(decision: &Decision, now: Timestamp) -> Cell {
    let word = decision.state.word();
    match &decision.state {
        DecisionState::Open if decision.is_past(now) => {
            Cell::from("◇ past its time").ink(Ink::Muted)
        }
        DecisionState::Open if decision.deferred_until.is_some_and(|until| until > now) => {
            Cell::from("◇ deferred").ink(Ink::Pending)
        }
        DecisionState::Open => Cell::from("◆ open").ink(Ink::Pending),
        DecisionState::Verified { helped: Helped::Yes } => {
            Cell::of(format!("✓ {word}")).ink(Ink::Good)
        }
        DecisionState::Denied { .. }
        | DecisionState::Executed { ok: false }
        | DecisionState::Unknown
        | DecisionState::Verified { helped: Helped::No } => {
            Cell::of(format!("✗ {word}")).ink(Ink::Bad)
        }
        _ => Cell::of(format!("· {word}")),
    }
}

/// A risk as shape and word.
pub(super) fn risk(risk: Risk) -> Cell {
    match risk {
        Risk::Critical | Risk::High => Cell::of(format!("▲ {} risk", risk.word())).ink(Ink::Bad),
        Risk::Medium => Cell::from("△ medium risk").ink(Ink::Pending),
        Risk::Low | Risk::Read => Cell::of(format!("△ {} risk", risk.word())),
    }
}

/// A card being written: labels to the left, what they label to the right.
struct Card<'a> {
    output: &'a mut Output,
}

impl Card<'_> {
    fn row(&mut self, label: &'static str, cell: Cell) {
        let label = Cell::of(format!("  {label:<LABEL$}")).ink(Ink::Muted);
        self.output.line([label, cell]);
    }

    /// A text of many lines; one line stands beside its label.
    fn text(&mut self, label: &'static str, text: &Safe) {
        if text.lines().count() <= 1 {
            self.row(label, text.clone().into());
        } else {
            self.row(label, Cell::default());
            self.output.block(text, LABEL + 3);
        }
        if text.cut() > 0 {
            let cut = format!("{} more bytes are not shown", text.cut());
            self.row("", Cell::of(cut).ink(Ink::Bad));
        }
    }

    fn action(&mut self, remedy: &Remedy, edited: Option<&Canonical>) {
        let target = &remedy.target;
        self.row("would run", Cell::of(&remedy.verb).ink(Ink::Strong));
        self.row("on", Cell::of(&target.resource).ink(Ink::Strong));
        let place = format!("{} in {}", target.system, target.environment);
        self.row("through", Cell::of(place));
        self.text("arguments", &edited.unwrap_or(&remedy.args).show());
        if edited.is_some() {
            let note = "a person put them in place of those proposed; what follows is about those:";
            self.row("", Cell::from(note).ink(Ink::Pending));
            self.text("proposed", &remedy.args.show());
        }
        let (label, text) = match &remedy.preview {
            Preview::Diff { text } => ("would change", text),
            Preview::DryRun { text } => ("rehearsed", text),
            Preview::Query { text } => ("is now", text),
            Preview::Unavailable { reason } => ("no preview", reason),
        };
        self.text(label, &text.show(&Manner::EXACT));
        let effects = &remedy.effects;
        let way_back = if effects.reversible { "can be undone" } else { "cannot be undone" };
        self.row(
            "effects",
            Cell::of(format!("{way_back}; {} s without service", effects.downtime_s)),
        );
        self.text("felt by", &effects.blast_radius.block());
        if let Some(rollback) = &remedy.rollback {
            self.text("undone by", &rollback.block());
        }
        let verify = &remedy.verify;
        let measured = format!(
            "{} must be {} for {} s, measured {} s after",
            verify.query, verify.expect, verify.hold_s, verify.after_s
        );
        self.row("verified by", Cell::of(measured));
    }

    fn handoff(&mut self, to: &str, context: &HandoffContext) {
        self.row("would go to", Cell::of(to).ink(Ink::Strong));
        self.text("asks", &context.question.show(&Manner::EXACT));
        for constraint in &context.constraints {
            self.text("only if", &constraint.show(&Manner::EXACT));
        }
        self.text("summary", &context.summary.block());
        for resource in &context.resources {
            self.row("about", resource.line().into());
        }
        self.row("evidence", Cell::of(format!("{} entries", context.evidence.len())));
        self.row("way so far", Cell::of(context.path.join(" → ")));
    }

    fn required(&mut self, decision: &Decision) {
        let required = &decision.proposal.required;
        let (people, type_it) = match required.approvers {
            0 | 1 => ("one person".to_owned(), "types"),
            people => (format!("{people} different people"), "type"),
        };
        let typing = if required.typed_target {
            format!(" who {type_it} the target's name")
        } else {
            String::new()
        };
        let mut words = vec![format!("{people}{typing}")];
        if !required.roles.is_empty() {
            words.push(format!("as {}", required.roles.join(" or ")));
        }
        let not: Vec<String> = required.not.iter().map(ToString::to_string).collect();
        if !not.is_empty() {
            words.push(format!("but not {}", not.join(", ")));
        }
        self.row("takes", Cell::of(words.join(", ")));
        for person in decision.approvers() {
            self.row("approved by", Cell::of(person).ink(Ink::Good));
        }
    }

    /// Apart from what would run, because it is the agent's word alone.
    fn said_by_the_agent(&mut self, decision: &Decision) {
        let proposal = &decision.proposal;
        let who = format!("{} says, unverified:", decision.proposer);
        self.output.line([Cell::of(format!("  {who}")).ink(Ink::Muted)]);
        self.text("title", &proposal.title.line());
        self.text("why", &proposal.rationale.block());
        if proposal.claimed_risk < proposal.risk {
            let claimed = format!("{}, which policy raised", proposal.claimed_risk.word());
            self.row("risk", Cell::of(claimed));
        }
        let evidence: Vec<String> = proposal.evidence.iter().map(|id| id.short()).collect();
        self.row("evidence", Cell::of(evidence.join(" ")));
    }

    fn history(&mut self, decision: &Decision) {
        for denied in &decision.denied_before {
            self.row("denied in", Cell::of(denied).ink(Ink::Bad));
        }
        for given in &decision.verdicts {
            let said = format!("{} {}", given.by, given.verdict.answer.word());
            self.output.line([
                Cell::of(format!("  {:<LABEL$}", "verdict")),
                Cell::time(given.at),
                Cell::of(said),
            ]);
        }
        if let Some(settlement) = &decision.settlement {
            self.text("settled", &settled(settlement));
        }
        for entry in &decision.stale_by {
            self.row("since then", Cell::of(entry).ink(Ink::Pending));
        }
    }
}

/// How it was settled, in words.
pub(super) fn settled(settlement: &Settlement) -> Safe {
    let of = |text: String| Untrusted::from(text).line();
    match settlement {
        Settlement::Approved { by, .. } if by.is_empty() => Safe::constant("allowed by policy"),
        Settlement::Approved { by, args, .. } => {
            let names: Vec<String> = by.iter().map(ToString::to_string).collect();
            let edited = if args.is_some() { ", with edited arguments" } else { "" };
            of(format!("approved by {}{edited}", names.join(" and ")))
        }
        Settlement::Denied { by, reason } => {
            Safe::join([of(format!("denied by {by}")), reason.line()], ": ")
        }
        Settlement::Redirected { by, redirect } => {
            Safe::join([of(format!("redirected by {by}")), redirected(redirect)], ": ")
        }
        Settlement::Answered { by, text } => {
            Safe::join([of(format!("answered by {by}")), text.line()], ": ")
        }
        Settlement::Expired => Safe::constant("expired: nobody answered; this is not a denial"),
        Settlement::Withdrawn { reason } => {
            Safe::join([Safe::constant("withdrawn"), reason.line()], ": ")
        }
        Settlement::Superseded { why, .. } => {
            Safe::join([Safe::constant("superseded"), why.line()], ": ")
        }
    }
}

/// How it shall be done differently, in words.
pub(super) fn redirected(redirect: &Redirect) -> Safe {
    match redirect {
        Redirect::Partner { to } => Untrusted::from(format!("to {to}")).line(),
        Redirect::Narrow { question } => {
            Safe::join([Safe::constant("narrower"), question.line()], ": ")
        }
        Redirect::Constrain { constraint } => {
            Safe::join([Safe::constant("only if"), constraint.line()], " ")
        }
        Redirect::TakeOver => Safe::constant("a person takes it over"),
    }
}

/// How it goes on after a redirect: what is handed over is asked at once, an action is proposed anew.
fn goes_on(decision: &Decision, redirect: &Redirect) -> String {
    let proposer = &decision.proposer;
    match (redirect, &decision.proposal.ask) {
        (Redirect::TakeOver, _) => format!(
            "{proposer} stops here; the incident is yours from then on, and cannot be given back"
        ),
        (Redirect::Partner { to }, _) => format!("{to} is asked the same at once, instead"),
        (Redirect::Narrow { .. }, Ask::Handoff { to, .. }) => {
            format!("{to} is asked this at once, in place of the question")
        }
        (Redirect::Constrain { .. }, Ask::Handoff { to, .. }) => {
            format!("{to} is asked the same at once, within this limit")
        }
        (Redirect::Narrow { .. } | Redirect::Constrain { .. }, _) => {
            format!("it does not run as proposed; {proposer} is told how instead")
        }
    }
}

/// What follows if this answer is recorded.
pub(super) fn follows(decision: &Decision, answer: &Answer) -> String {
    let proposer = &decision.proposer;
    let approvers = usize::from(decision.proposal.required.approvers.max(1));
    let missing = approvers.saturating_sub(decision.approvers().len() + 1);
    match answer {
        Answer::Approve | Answer::EditAndApprove { .. } if missing > 0 => {
            format!("it waits for {missing} more approval(s) by other people")
        }
        Answer::Approve => format!("{proposer} may carry it out once, exactly as shown"),
        Answer::BreakGlass { .. } => {
            format!("{proposer} may carry it out once, without the other approvals; this is loud")
        }
        Answer::EditAndApprove { .. } => {
            format!("{proposer} may carry it out once, with your arguments instead")
        }
        Answer::Deny { .. } => format!("it does not run; {proposer} reads your reason and goes on"),
        Answer::Respond { .. } if matches!(decision.proposal.ask, Ask::Question { .. }) => {
            format!("{proposer} gets your answer")
        }
        Answer::Respond { .. } => {
            "it is kept as a remark and decides nothing; the decision stays open".to_owned()
        }
        Answer::Redirect { redirect } => goes_on(decision, redirect),
        Answer::Defer { until } => format!(
            "it stays open and is asked again at {until}; it still expires at {}",
            decision.proposal.expires
        ),
    }
}
