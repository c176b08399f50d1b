//! The one function through which every verdict passes, whoever gives it and wherever it came from.

use jiff::Timestamp;

use super::{
    Answer, Ask, Canonical, Decision, DecisionState, Digest, HopError, Notice, Principal, Redirect,
    Settlement, Trouble, Verdict,
};

/// What follows from a verdict that is valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// The decision is settled.
    Settle(Settlement),
    /// The verdict counts, and more people are needed.
    Wait {
        /// How many more.
        missing: usize,
    },
    /// The verdict counts, and the decision stays open.
    StaysOpen,
}

/// Why a verdict does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant says it in its message")]
pub enum Refusal {
    #[error("only people decide, and {by} is not known to be one")]
    NotHuman { by: String },
    #[error("{by} may not decide this: {why}")]
    NotAllowed { by: String, why: String },
    #[error("the decision is {state} already{who}")]
    Settled { state: &'static str, who: String },
    #[error("the proposal expired at {at}; nobody approved or denied it")]
    Expired { at: Timestamp },
    #[error("what was seen is not what is proposed: {seen} instead of {proposed}")]
    Changed { seen: Digest, proposed: Digest },
    #[error("{count} entries arrived since the proposal that the person has not seen")]
    Stale { count: usize },
    #[error("a reason is required")]
    ReasonMissing,
    #[error("the name of the target, `{expected}`, must be typed")]
    TargetNotTyped { expected: String },
    #[error("`{answer}` is not possible here: what is asked is of the kind {ask}")]
    NotApplicable { answer: &'static str, ask: &'static str },
    #[error("{by} approved already, and another person is needed")]
    AlreadyApproved { by: String },
    #[error("{0}")]
    Hop(HopError),
    #[error("it cannot be put off to {until}: it expires at {expires}")]
    PutOffTooLong { until: Timestamp, expires: Timestamp },
}

impl From<Refusal> for Notice {
    fn from(refusal: Refusal) -> Self {
        use Refusal as R;
        let (trouble, hint) = match &refusal {
            R::NotHuman { .. } => (Trouble::NotAllowed, "have a person answer it in the cockpit"),
            R::NotAllowed { .. } => {
                (Trouble::NotAllowed, "ask somebody else who is named in the policy")
            }
            R::Settled { .. } => (Trouble::Conflict, "read the timeline for who decided, and when"),
            R::Expired { .. } => (Trouble::Conflict, "wait for the agent to ask again"),
            R::Changed { .. } => (Trouble::Conflict, "open the card again and read what changed"),
            R::Stale { .. } => (Trouble::Conflict, "read the new entries, then answer again"),
            R::ReasonMissing => (Trouble::Usage, "say why in a few words; the agent reads it"),
            R::TargetNotTyped { .. } => {
                (Trouble::Usage, "type the name exactly as the card shows it")
            }
            R::NotApplicable { .. } => (Trouble::Usage, "choose one of the answers on the card"),
            R::AlreadyApproved { .. } => (Trouble::Conflict, "ask a second person to approve it"),
            R::PutOffTooLong { .. } => (Trouble::Usage, "name an earlier moment, or answer it"),
            R::Hop(_) => (Trouble::Conflict, "name another partner, or take it over"),
        };
        Self::new(trouble, refusal.to_string()).hint(hint)
    }
}

/// Rules on a verdict: who gives it, whether it still binds, and what follows.
///
/// Identity is the `by` that the hub established; nothing in the verdict's text can change it. Nothing
/// is written here: the hub writes the verdict and the ruling as entries.
pub fn decide(
    decision: &Decision,
    verdict: &Verdict,
    by: &Principal,
    now: Timestamp,
) -> Result<Ruling, Refusal> {
    may_answer(decision, by)?;
    still_open(decision, now)?;
    if verdict.digest != decision.proposal.digest {
        let proposed = decision.proposal.digest;
        return Err(Refusal::Changed { seen: verdict.digest, proposed });
    }
    if verdict.answer.lets_run() {
        as_seen(decision, verdict)?;
    }
    let by = &by.actor;
    match &verdict.answer {
        Answer::Approve => approve(decision, by, None),
        Answer::EditAndApprove { args } => approve(decision, by, Some(args)),
        Answer::BreakGlass { reason } => {
            if !decision.proposal.required.break_glass {
                return Err(not_applicable(decision, &verdict.answer));
            }
            has_reason(reason)?;
            Ok(Ruling::Settle(approved(decision, vec![by.clone()], None)?))
        }
        Answer::Deny { reason } => {
            has_reason(reason)?;
            let reason = reason.clone();
            Ok(Ruling::Settle(Settlement::Denied { by: by.clone(), reason }))
        }
        Answer::Respond { text } => {
            has_reason(text)?;
            let question = matches!(decision.proposal.ask, Ask::Question { .. });
            let answered = Settlement::Answered { by: by.clone(), text: text.clone() };
            Ok(if question { Ruling::Settle(answered) } else { Ruling::StaysOpen })
        }
        Answer::Redirect { redirect } => {
            if let Redirect::Partner { to } = redirect {
                match &decision.proposal.ask {
                    Ask::Handoff { context, .. } => context.may_go(to).map_err(Refusal::Hop)?,
                    _ => return Err(not_applicable(decision, &verdict.answer)),
                }
            }
            let redirect = redirect.clone();
            Ok(Ruling::Settle(Settlement::Redirected { by: by.clone(), redirect }))
        }
        Answer::Defer { until } if *until <= now => Err(not_applicable(decision, &verdict.answer)),
        Answer::Defer { until } if decision.is_past(*until) => {
            Err(Refusal::PutOffTooLong { until: *until, expires: decision.proposal.expires })
        }
        Answer::Defer { .. } => Ok(Ruling::StaysOpen),
    }
}

fn may_answer(decision: &Decision, by: &Principal) -> Result<(), Refusal> {
    if !by.is_human() {
        return Err(Refusal::NotHuman { by: by.actor.to_string() });
    }
    let required = &decision.proposal.required;
    let refuse = |why: &str| Refusal::NotAllowed { by: by.actor.to_string(), why: why.to_owned() };
    if by.actor == decision.proposer || required.not.contains(&by.actor) {
        return Err(refuse("whoever proposed or redirected it does not approve it"));
    }
    if !required.roles.is_empty() && !required.roles.iter().any(|role| by.roles.contains(role)) {
        return Err(refuse(&format!("it takes one of the roles {}", required.roles.join(", "))));
    }
    Ok(())
}

fn still_open(decision: &Decision, now: Timestamp) -> Result<(), Refusal> {
    if !decision.state.is_open() {
        let who = decision.verdicts.last().map(|last| format!(" by {} at {}", last.by, last.at));
        let state = decision.state.word();
        return match decision.state {
            DecisionState::Expired => Err(Refusal::Expired { at: decision.proposal.expires }),
            _ => Err(Refusal::Settled { state, who: who.unwrap_or_default() }),
        };
    }
    if decision.is_past(now) {
        return Err(Refusal::Expired { at: decision.proposal.expires });
    }
    Ok(())
}

/// What a person must have seen and typed before something runs because of them.
fn as_seen(decision: &Decision, verdict: &Verdict) -> Result<(), Refusal> {
    let unseen = |entry: &&super::EntryId| !verdict.acknowledged.contains(entry);
    let count = decision.stale_by.iter().filter(unseen).count();
    if count > 0 {
        return Err(Refusal::Stale { count });
    }
    let expected = decision.proposal.ask.target_name();
    match expected.filter(|_| decision.proposal.required.typed_target) {
        Some(expected) if verdict.typed_target.as_deref() != Some(expected) => {
            Err(Refusal::TargetNotTyped { expected: expected.to_owned() })
        }
        _ => Ok(()),
    }
}

fn approve(
    decision: &Decision,
    by: &super::Actor,
    args: Option<&Canonical>,
) -> Result<Ruling, Refusal> {
    if matches!(decision.proposal.ask, Ask::Question { .. }) {
        return Err(Refusal::NotApplicable { answer: "approve", ask: "question" });
    }
    let mut people = decision.approvers();
    if people.contains(by) {
        return Err(Refusal::AlreadyApproved { by: by.to_string() });
    }
    people.push(by.clone());
    // Two people must have approved the same thing: an edit stands alone.
    let needed = usize::from(decision.proposal.required.approvers);
    if args.is_some() && needed > 1 {
        return Err(Refusal::NotApplicable {
            answer: "edit-and-approve",
            ask: "two-person action",
        });
    }
    if people.len() < needed {
        return Ok(Ruling::Wait { missing: needed - people.len() });
    }
    Ok(Ruling::Settle(approved(decision, people, args)?))
}

fn approved(
    decision: &Decision,
    by: Vec<super::Actor>,
    args: Option<&Canonical>,
) -> Result<Settlement, Refusal> {
    let digest = match (args, &decision.proposal.ask) {
        (None, _) => decision.proposal.digest,
        (Some(args), Ask::Action(remedy)) => {
            super::Remedy { args: args.clone(), ..(**remedy).clone() }.digest()
        }
        (Some(_), ask) => {
            return Err(Refusal::NotApplicable { answer: "edit-and-approve", ask: ask.word() });
        }
    };
    Ok(Settlement::Approved { by, digest, args: args.cloned() })
}

fn has_reason(text: &super::Untrusted) -> Result<(), Refusal> {
    if text.for_storage().trim().is_empty() { Err(Refusal::ReasonMissing) } else { Ok(()) }
}

fn not_applicable(decision: &Decision, answer: &Answer) -> Refusal {
    Refusal::NotApplicable { answer: answer.word(), ask: decision.proposal.ask.word() }
}
