//! `wheelhouse decide`: a person's answer to a proposal.

use serde::Serialize;

use super::cell::{Cell, Ink};
use super::exit::Exit;
use super::output::{Form, Format, Output};
use super::session::Session;
use super::verdict::AnswerArgs;
use super::{card, naming, reach, records, typed};
use crate::incident::{
    Answer, Decision, Digest, EntryId, Notice, ProposalId, Refusal, Settlement, Trouble, Verdict,
};
use crate::journal::History;
use crate::wire::{Command, Reply};

/// Answers a proposal: shows exactly what would follow, asks once more, and sends the answer
#[derive(Debug, clap::Args)]
pub struct DecideArgs {
    /// The decision, by its full id
    decision: String,

    /// Send the answer without asking once more
    #[arg(long, global = true)]
    yes: bool,

    /// The name of the target, typed to show that the card was read
    #[arg(long, global = true, value_name = "NAME")]
    type_target: Option<String>,

    /// An entry that arrived after the proposal and was read, by its full id; may be repeated
    #[arg(long, global = true, value_name = "ENTRY")]
    acknowledge: Vec<EntryId>,

    #[command(subcommand)]
    answer: AnswerArgs,

    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Decided {
    proposal: ProposalId,
    digest: Digest,
    answer: &'static str,
    entry: EntryId,
    settled: Option<Settlement>,
    missing: usize,
}

/// Answers a proposal.
pub(super) async fn run(args: DecideArgs, session: &mut Session) -> Result<Exit, Notice> {
    let id = naming::proposal(&args.decision)?;
    let decision = read(&session.history()?, id)?;
    let answer = args.answer.clone().read(session.clock.now()).await?;
    if !decision.state.is_open() {
        let who = decision.settlement.as_ref().map(card::settled);
        let who = who.map_or(String::new(), |who| format!(": {who}"));
        return Err(Refusal::Settled { state: decision.state.word(), who }.into());
    }
    if !args.yes && !typed::can_ask() {
        return Err(Notice::new(Trouble::Usage, "nobody can be asked whether to send the answer")
            .hint("read the card with `wheelhouse decisions ID`, then add --yes"));
    }
    if args.format.form() == Form::People {
        present(&decision, &answer, session);
    }
    let Some(verdict) = verdict(&args, &decision, answer, session).await? else {
        session.output.message(["nothing was sent".into()]);
        return Ok(Exit::Failed);
    };
    let word = verdict.answer.word();
    let reached = reach::hub(session).await?;
    let reply = reached.link.ask(Command::Decide { verdict }).await;
    let is_running = reached.is_running();
    reached.leave().await;
    let Reply::Decided { entry, settled, missing } = reply? else {
        return Err(Notice::new(Trouble::Failed, "the hub answered something else"));
    };
    let digest = decision.proposal.digest;
    let decided = Decided { proposal: id, digest, answer: word, entry, settled, missing };
    match args.format.form() {
        Form::Json => session.output.record("decided", &decided),
        Form::People => tell(&decided, is_running, session),
    }
    Ok(Exit::Done)
}

fn read(history: &History, id: ProposalId) -> Result<Decision, Notice> {
    let unknown = || {
        Notice::new(Trouble::NotFound, format!("there is no decision {id}"))
            .hint("list them with `wheelhouse decisions`")
    };
    let incident = records::incident_of(history, id)?.ok_or_else(unknown)?;
    let decisions = records::decisions(history, Some(incident))?;
    decisions.get(id).cloned().ok_or_else(unknown)
}

/// Shows what is decided upon and what follows, before anything is asked or sent.
fn present(decision: &Decision, answer: &Answer, session: &mut Session) {
    let now = session.clock.now();
    card::show(decision, now, &mut session.output);
    present_answer(decision, answer, &mut session.output);
}

/// Shows what is answered and what follows.
pub(super) fn present_answer(decision: &Decision, answer: &Answer, output: &mut Output) {
    let mut shown = |label: &'static str, cell: Cell| {
        output.line([Cell::of(format!("  {label:<12}")).ink(Ink::Strong), cell]);
    };
    shown("you answer", Cell::from(answer.word()).ink(Ink::Strong));
    match answer {
        Answer::EditAndApprove { args } => shown("arguments", args.show().into()),
        Answer::Deny { reason } | Answer::BreakGlass { reason } => {
            shown("reason", reason.line().into());
        }
        Answer::Respond { text } => shown("text", text.line().into()),
        Answer::Redirect { redirect } => shown("how", card::redirected(redirect).into()),
        Answer::Approve | Answer::Defer { .. } => {}
    }
    shown("then", Cell::of(card::follows(decision, answer)));
}

/// The verdict, once the person has confirmed it; `None` if they did not.
async fn verdict(
    args: &DecideArgs,
    decision: &Decision,
    answer: Answer,
    session: &mut Session,
) -> Result<Option<Verdict>, Notice> {
    let mut acknowledged = args.acknowledge.clone();
    let mut typed_target = args.type_target.clone();
    if !args.yes {
        let asks_name = decision.proposal.required.typed_target && answer.lets_run();
        if asks_name && typed_target.is_none() {
            typed::forget_typed_ahead();
            session.output.ask(["Type the name of the target:".into()]);
            typed_target = Some(typed::line().await?);
        }
        let word = answer.word();
        typed::forget_typed_ahead();
        session
            .output
            .ask([Cell::of(format!("Type `{word}` to send it, anything else to leave it:"))]);
        if typed::line().await? != word {
            return Ok(None);
        }
        // The card that was just confirmed names them.
        acknowledged.extend(decision.stale_by.iter().copied());
    }
    let (proposal, digest) = (decision.id, decision.proposal.digest);
    Ok(Some(Verdict { proposal, digest, answer, acknowledged, typed_target }))
}

fn tell(decided: &Decided, is_running: bool, session: &mut Session) {
    let done = Cell::from("✓ recorded").ink(Ink::Good);
    session.output.line([done, decided.answer.into(), "as".into(), Cell::of(decided.entry)]);
    let next = match (&decided.settled, decided.missing) {
        (Some(settlement), _) => card::settled(settlement).into(),
        (None, 0) => Cell::from("the decision stays open"),
        (None, missing) => {
            Cell::of(format!("{missing} more approval(s) by other people are needed"))
        }
    };
    session.output.line([next]);
    if !is_running {
        let later = "no hub runs here: agents hear of it when one does";
        session.output.message([Cell::from(later).ink(Ink::Muted)]);
    }
}
