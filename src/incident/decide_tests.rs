//! Pure tests of decisions: what is proposed, who answers, and what follows. No IO, no clock.

use std::time::Duration;

use jiff::Timestamp;

use crate::incident::{
    Action, Actor, Answer, Ask, Body, Canonical, Decision, DecisionState, Decisions, Digest,
    Effect, Entry, EntryId, Gate, Helped, IncidentId, Mode, Policy, Principal, Proof, Proposal,
    ProposalId, Redirect, Refusal, Remedy, Risk, Rule, Ruling, Settlement, Stage, Status,
    Untrusted, Verdict, decide, samples,
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn person(name: &str) -> Principal {
    let actor = format!("human:{name}").parse().unwrap();
    Principal { actor, proof: Proof::LocalUser, roles: Vec::new() }
}

fn agent() -> Principal {
    let actor = "agent:primary@demo".parse().unwrap();
    Principal { actor, proof: Proof::Token, roles: Vec::new() }
}

fn remedy(verb: &str) -> Remedy {
    Remedy { verb: verb.to_owned(), ..samples::remedy() }
}

/// One decision and the entries around it.
struct Case {
    decisions: Decisions,
    id: ProposalId,
    next: u128,
}

impl Case {
    fn of(ask: Ask, risk: Risk) -> Self {
        let proposer = agent().actor;
        let Gate::Ask(asking) = Policy::default().gate(&ask, risk, &proposer, at(0)) else {
            panic!("a person must be asked")
        };
        let digest = ask.digest();
        let proposal = Proposal {
            ask,
            title: "Roll back".into(),
            rationale: "because".into(),
            evidence: Vec::new(),
            digest,
            claimed_risk: risk,
            risk: asking.risk,
            basis: asking.basis,
            required: asking.required,
            respond_by: asking.respond_by,
            expires: asking.expires,
            supersedes: None,
        };
        let id = EntryId::from_parts(at(0), 1);
        let mut case = Self { decisions: Decisions::default(), id: id.into(), next: 1 };
        let body = Body::Proposal(Box::new(proposal));
        assert_eq!(case.take(&proposer, 0, body), Some(case.id));
        case
    }

    fn action(risk: Risk) -> Self {
        Self::of(Ask::Action(Box::new(remedy("rollback"))), risk)
    }

    fn take(&mut self, by: &Actor, second: i64, body: Body) -> Option<ProposalId> {
        let id = EntryId::from_parts(at(second), self.next);
        self.next += 1;
        self.decisions.apply(&Entry {
            id,
            incident: IncidentId::from(EntryId::from_parts(at(-60), 0)),
            actor: by.clone(),
            at: at(second),
            first_seen: at(second),
            body,
            text: Untrusted::default(),
            refs: Vec::new(),
            origins: Vec::new(),
        })
    }

    fn decision(&self) -> &Decision {
        self.decisions.get(self.id).unwrap()
    }

    fn verdict(&self, answer: Answer) -> Verdict {
        Verdict {
            proposal: self.id,
            digest: self.decision().proposal.digest,
            answer,
            acknowledged: Vec::new(),
            typed_target: Some("checkout-config".to_owned()),
        }
    }

    fn answer(&self, by: &Principal, answer: Answer) -> Result<Ruling, Refusal> {
        decide(self.decision(), &self.verdict(answer), by, at(10))
    }

    /// Takes a verdict with what follows from it, as a hub does.
    fn settle(&mut self, by: &Principal, answer: Answer) -> Ruling {
        let ruling = self.answer(by, answer.clone()).unwrap();
        let verdict = self.verdict(answer);
        self.take(&by.actor, 10, Body::Verdict(verdict));
        if let Ruling::Settle(to) = &ruling {
            let settled = Status::Decision { proposal: self.id, to: to.clone() };
            self.take(&Actor::wheelhouse(), 10, Body::Status(settled));
        }
        ruling
    }

    fn stage(&mut self, stage: Stage) -> Option<ProposalId> {
        let proposal = self.id;
        self.take(&agent().actor, 20, Body::Action(Action { proposal, stage }))
    }
}

#[test]
fn an_approved_action_is_claimed_executed_and_verified_in_this_order_alone() {
    let mut case = Case::action(Risk::High);
    let digest = case.decision().proposal.digest;
    let executed = Stage::Executed { ok: true, output: "done".into() };
    let verified = Stage::Verified { helped: Helped::Yes, measured: "0.0".into() };
    assert_eq!(case.stage(Stage::Claimed { digest }), None, "not approved yet");
    case.settle(&person("ada"), Answer::Approve);
    assert_eq!(case.stage(executed.clone()), None, "not claimed yet");
    assert_eq!(case.stage(Stage::Claimed { digest: Digest::of("other", &[]) }), None);
    assert!(case.stage(Stage::Claimed { digest }).is_some());
    assert_eq!(case.stage(Stage::Claimed { digest }), None, "claimed once");
    assert!(case.stage(executed).is_some());
    assert!(case.stage(verified).is_some());
    assert_eq!(case.decision().state, DecisionState::Verified { helped: Helped::Yes });
}

#[test]
fn agents_and_the_proposer_never_decide() {
    let case = Case::action(Risk::Medium);
    let refused = case.answer(&agent(), Answer::Approve);
    assert_eq!(refused, Err(Refusal::NotHuman { by: "agent:primary@demo".to_owned() }));
    let mut system = agent();
    system.actor = Actor::wheelhouse();
    assert!(matches!(case.answer(&system, Answer::Approve), Err(Refusal::NotHuman { .. })));
}

#[test]
fn a_verdict_binds_to_the_digest_that_was_seen() {
    let case = Case::action(Risk::Medium);
    let mut verdict = case.verdict(Answer::Approve);
    verdict.digest = Digest::of("proposal", &[b"something else"]);
    let refused = decide(case.decision(), &verdict, &person("ada"), at(10));
    assert!(matches!(refused, Err(Refusal::Changed { .. })));
}

#[test]
fn high_risk_wants_the_name_of_the_target_typed() {
    let case = Case::action(Risk::High);
    let mut verdict = case.verdict(Answer::Approve);
    for typed in [None, Some("checkout"), Some("Checkout-config")] {
        verdict.typed_target = typed.map(str::to_owned);
        let refused = decide(case.decision(), &verdict, &person("ada"), at(10));
        assert!(matches!(refused, Err(Refusal::TargetNotTyped { .. })), "{typed:?}");
    }
    // Refusing is never made harder.
    let mut denial = case.verdict(Answer::Deny { reason: "no".into() });
    denial.typed_target = None;
    assert!(decide(case.decision(), &denial, &person("ada"), at(10)).is_ok());
}

#[test]
fn critical_risk_takes_two_different_people() {
    let mut case = Case::action(Risk::Critical);
    assert_eq!(case.settle(&person("ada"), Answer::Approve), Ruling::Wait { missing: 1 });
    let twice = case.answer(&person("ada"), Answer::Approve);
    assert_eq!(twice, Err(Refusal::AlreadyApproved { by: "human:ada".to_owned() }));
    let Ruling::Settle(Settlement::Approved { by, .. }) =
        case.settle(&person("grace"), Answer::Approve)
    else {
        panic!("two people approved")
    };
    assert_eq!(by.len(), 2);
}

#[test]
fn one_person_may_break_the_glass_of_a_critical_action_with_a_reason() {
    let case = Case::action(Risk::Critical);
    let without = case.answer(&person("ada"), Answer::BreakGlass { reason: " ".into() });
    assert_eq!(without, Err(Refusal::ReasonMissing));
    let with = case.answer(&person("ada"), Answer::BreakGlass { reason: "data loss".into() });
    assert!(matches!(with, Ok(Ruling::Settle(Settlement::Approved { .. }))));
    let high = Case::action(Risk::High);
    let glass = high.answer(&person("ada"), Answer::BreakGlass { reason: "x".into() });
    assert!(matches!(glass, Err(Refusal::NotApplicable { .. })));
}

#[test]
fn a_denial_after_one_of_two_approvals_wins_and_needs_a_reason() {
    let mut case = Case::action(Risk::Critical);
    case.settle(&person("ada"), Answer::Approve);
    let silent = case.answer(&person("grace"), Answer::Deny { reason: "".into() });
    assert_eq!(silent, Err(Refusal::ReasonMissing));
    case.settle(&person("grace"), Answer::Deny { reason: "wrong region".into() });
    assert!(matches!(case.decision().state, DecisionState::Denied { .. }));
    let late = case.answer(&person("ada"), Answer::Approve);
    assert!(matches!(late, Err(Refusal::Settled { state: "denied", .. })));
}

#[test]
fn silence_never_approves_and_expired_is_not_denied() {
    let mut case = Case::action(Risk::High);
    let expires = case.decision().proposal.expires;
    let late = decide(case.decision(), &case.verdict(Answer::Approve), &person("ada"), expires);
    assert_eq!(late, Err(Refusal::Expired { at: expires }));
    let settled = Status::Decision { proposal: case.id, to: Settlement::Expired };
    case.take(&Actor::wheelhouse(), 900, Body::Status(settled));
    assert_eq!(case.decision().state, DecisionState::Expired);
}

#[test]
fn what_arrived_since_must_have_been_seen_before_something_runs() {
    let mut case = Case::action(Risk::Medium);
    case.take(&person("grace").actor, 5, Body::Comment);
    let stale = case.answer(&person("ada"), Answer::Approve);
    assert_eq!(stale, Err(Refusal::Stale { count: 1 }));
    let mut verdict = case.verdict(Answer::Approve);
    verdict.acknowledged = case.decision().stale_by.clone();
    assert!(decide(case.decision(), &verdict, &person("ada"), at(10)).is_ok());
    // An agent's own comment changes nothing.
    let mut quiet = Case::action(Risk::Medium);
    quiet.take(&agent().actor, 5, Body::Comment);
    assert!(quiet.answer(&person("ada"), Answer::Approve).is_ok());
}

#[test]
fn edited_arguments_are_another_digest_and_only_that_may_be_claimed() {
    let mut case = Case::action(Risk::High);
    let proposed = case.decision().proposal.digest;
    let args = Canonical::parse(r#"{"to":"r40"}"#).unwrap();
    case.settle(&person("ada"), Answer::EditAndApprove { args: args.clone() });
    let edited = Remedy { args, ..remedy("rollback") }.digest();
    assert_ne!(edited, proposed);
    assert_eq!(case.stage(Stage::Claimed { digest: proposed }), None);
    assert!(case.stage(Stage::Claimed { digest: edited }).is_some());
}

#[test]
fn a_reproposal_remembers_that_it_was_denied() {
    let mut case = Case::action(Risk::High);
    let again = case.decision().proposal.clone();
    case.settle(&person("ada"), Answer::Deny { reason: "no".into() });
    let second = case.take(&agent().actor, 30, Body::Proposal(Box::new(again))).unwrap();
    assert_eq!(case.decisions.get(second).unwrap().denied_before, [case.id]);
}

#[test]
fn a_proposal_whose_digest_is_not_its_own_is_no_proposal() {
    let mut case = Case::action(Risk::High);
    let mut forged = case.decision().proposal.clone();
    forged.digest = Digest::of("proposal", &[b"forged"]);
    assert_eq!(case.take(&agent().actor, 30, Body::Proposal(Box::new(forged))), None);
}

#[test]
fn a_redirection_to_a_partner_is_for_handoffs_alone() {
    let case = Case::action(Risk::Medium);
    let to = Redirect::Partner { to: "changes".to_owned() };
    let refused = case.answer(&person("ada"), Answer::Redirect { redirect: to });
    assert!(matches!(refused, Err(Refusal::NotApplicable { .. })));
    let over = case.answer(&person("ada"), Answer::Redirect { redirect: Redirect::TakeOver });
    assert!(matches!(over, Ok(Ruling::Settle(Settlement::Redirected { .. }))));
}

#[test]
fn deferring_keeps_it_open_and_a_question_is_answered_in_words() {
    let case = Case::action(Risk::Medium);
    let later = Answer::Defer { until: at(600) };
    assert_eq!(case.answer(&person("ada"), later), Ok(Ruling::StaysOpen));
    let question = Case::of(Ask::Question { question: "since when?".into() }, Risk::Medium);
    let told = question.answer(&person("ada"), Answer::Respond { text: "since noon".into() });
    assert!(matches!(told, Ok(Ruling::Settle(Settlement::Answered { .. }))));
    let approved = question.answer(&person("ada"), Answer::Approve);
    assert!(matches!(approved, Err(Refusal::NotApplicable { .. })));
}

#[test]
fn deny_wins_over_ask_and_ask_over_allow_and_no_mode_overrides_a_deny() {
    let rule = |name: &str, effect| Rule {
        name: name.to_owned(),
        text: name.to_owned(),
        verb: None,
        resource: Some("checkout-*".to_owned()),
        environment: None,
        effect,
    };
    let ask = Ask::Action(Box::new(remedy("rollback")));
    let gate = |rules: Vec<Rule>, mode| {
        let policy = Policy { mode, rules, ..Policy::default() };
        policy.gate(&ask, Risk::Low, &agent().actor, at(0))
    };
    let allow = rule("allowed", Effect::Allow(Risk::Low));
    let asked = rule("asked", Effect::Ask(Risk::Medium));
    let deny = rule("denied", Effect::Deny);
    assert!(matches!(gate(vec![allow.clone()], Mode::Autonomous), Gate::Run(_)));
    let Gate::Ask(asking) = gate(vec![allow.clone(), asked.clone()], Mode::Autonomous) else {
        panic!("ask wins over allow")
    };
    assert_eq!((asking.basis.rule.as_str(), asking.risk), ("asked", Risk::Medium));
    for mode in [Mode::Autonomous, Mode::Review, Mode::ReadOnly] {
        let all = vec![allow.clone(), asked.clone(), deny.clone()];
        assert!(matches!(gate(all, mode), Gate::Refuse(_)), "{mode:?}");
    }
    assert!(matches!(gate(vec![allow.clone()], Mode::Review), Gate::Ask(_)));
    assert!(matches!(gate(vec![allow.clone()], Mode::ReadOnly), Gate::Refuse(_)));
    // Of several, the strictest is named and the highest risk counts, in whatever order they stand.
    let critical = rule("critical", Effect::Ask(Risk::Critical));
    let grave = rule("grave", Effect::Allow(Risk::Critical));
    for rules in [vec![asked.clone(), critical.clone()], vec![critical, allow, asked.clone()]] {
        let Gate::Ask(asking) = gate(rules, Mode::Autonomous) else { panic!("ask wins") };
        assert_eq!((asking.basis.rule.as_str(), asking.risk), ("critical", Risk::Critical));
    }
    let Gate::Ask(asking) = gate(vec![grave, asked], Mode::Autonomous) else { panic!("ask wins") };
    assert_eq!((asking.basis.rule.as_str(), asking.risk), ("asked", Risk::Critical));
}

#[test]
fn no_agent_lets_itself_run_anything_by_calling_it_harmless() {
    let ask = Ask::Action(Box::new(remedy("rollback")));
    for mode in [Mode::Autonomous, Mode::Review] {
        let policy = Policy { mode, ..Policy::default() };
        for claimed in [Risk::Read, Risk::Low] {
            let gate = policy.gate(&ask, claimed, &agent().actor, at(0));
            assert!(matches!(gate, Gate::Ask(_)), "{mode:?} {claimed:?}: {gate:?}");
        }
    }
    let read_only = Policy { mode: Mode::ReadOnly, ..Policy::default() };
    let gate = read_only.gate(&ask, Risk::Read, &agent().actor, at(0));
    assert!(matches!(gate, Gate::Refuse(_)), "{gate:?}");
    let asked = Rule {
        name: "reads".to_owned(),
        text: "even reading is asked".to_owned(),
        verb: Some("rollback".to_owned()),
        resource: None,
        environment: None,
        effect: Effect::Ask(Risk::Read),
    };
    let policy = Policy { rules: vec![asked], ..Policy::default() };
    assert!(matches!(policy.gate(&ask, Risk::Read, &agent().actor, at(0)), Gate::Ask(_)));
}

#[test]
fn an_agent_cannot_talk_the_risk_down_and_high_is_never_free() {
    let ask = Ask::Action(Box::new(remedy("rollback")));
    let rule = Rule {
        name: "production".to_owned(),
        text: "production is high".to_owned(),
        verb: None,
        resource: None,
        environment: Some("production".to_owned()),
        effect: Effect::Allow(Risk::High),
    };
    let policy = Policy { rules: vec![rule], ..Policy::default() };
    let Gate::Ask(asking) = policy.gate(&ask, Risk::Read, &agent().actor, at(0)) else {
        panic!("high risk asks")
    };
    assert_eq!(asking.risk, Risk::High);
    let valid = asking.expires.duration_since(at(0));
    assert_eq!(Duration::try_from(valid).unwrap(), Duration::from_mins(15));
}

#[test]
fn entries_that_arrive_twice_change_nothing_the_second_time() {
    let mut case = Case::action(Risk::Critical);
    case.settle(&person("ada"), Answer::Approve);
    let before = case.decisions.clone();
    let verdict = case.verdict(Answer::Approve);
    let id = before.get(case.id).unwrap().verdicts[0].entry;
    let seen = Entry {
        id,
        incident: case.decision().incident,
        actor: person("ada").actor,
        at: at(10),
        first_seen: at(10),
        body: Body::Verdict(verdict),
        text: Untrusted::default(),
        refs: Vec::new(),
        origins: Vec::new(),
    };
    assert_eq!(case.decisions.apply(&seen), None);
    assert_eq!(case.decisions, before);
}
