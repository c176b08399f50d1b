//! The policy: which acts need whom.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Actor, Ask, Basis, Required, Risk};

/// How much an agent may do without a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Nothing that changes anything runs, approved or not.
    ReadOnly,
    /// Everything that changes anything is asked.
    Review,
    /// What policy allows runs without asking.
    #[default]
    Autonomous,
}

/// What one level of risk takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// How many different people; 0 runs without asking.
    pub approvers: u8,
    /// A role that every approver must have; empty means any person.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Whether approvers type the target's name.
    #[serde(default)]
    pub typed_target: bool,
    /// Whether one person may force it with a reason.
    #[serde(default)]
    pub break_glass: bool,
    /// When a second person is called, in seconds after asking.
    pub escalate_s: u64,
    /// How long it can be approved, in seconds after asking.
    pub valid_s: u64,
}

/// What a rule does with what it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// It never runs.
    Deny,
    /// A person is asked, at least as for this level of risk.
    Ask(Risk),
    /// It counts as this level of risk, if the agent does not claim a higher one.
    Allow(Risk),
}

impl Effect {
    /// The least risk that what it matches has; what never runs is as bad as anything.
    fn risk(self) -> Risk {
        match self {
            Self::Deny => Risk::Critical,
            Self::Ask(least) | Self::Allow(least) => least,
        }
    }

    /// Orders effects, stricter ones later: deny over ask over allow, then by risk.
    fn strictness(self) -> (u8, Risk) {
        let rank = match self {
            Self::Deny => 2,
            Self::Ask(_) => 1,
            Self::Allow(_) => 0,
        };
        (rank, self.risk())
    }
}

/// A rule about certain actions; an absent field matches everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name, shown to whoever is asked because of it.
    pub name: String,
    /// Why it exists, shown likewise.
    pub text: String,
    /// The verb that it is about.
    #[serde(default)]
    pub verb: Option<String>,
    /// The resource that it is about; a trailing `*` matches any ending.
    #[serde(default)]
    pub resource: Option<String>,
    /// The environment that it is about.
    #[serde(default)]
    pub environment: Option<String>,
    /// What it does.
    pub effect: Effect,
}

impl Rule {
    fn matches(&self, ask: &Ask) -> bool {
        let Ask::Action(remedy) = ask else { return false };
        let is = |wanted: &Option<String>, found: &str| match wanted.as_deref() {
            None => true,
            Some(wanted) => match wanted.strip_suffix('*') {
                Some(beginning) => found.starts_with(beginning),
                None => found == wanted,
            },
        };
        is(&self.verb, &remedy.verb)
            && is(&self.resource, &remedy.target.resource)
            && is(&self.environment, &remedy.target.environment)
    }
}

/// The risk of whatever no rule speaks of: without a rule that says so, nothing runs without a person.
const LEAST_RISK: Risk = Risk::Medium;

/// Which acts need whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// How much agents may do without a person.
    #[serde(default)]
    pub mode: Mode,
    /// The highest risk that ever runs without a person, whatever the mode.
    pub ceiling: Risk,
    /// What each level of risk takes.
    pub tiers: BTreeMap<Risk, Tier>,
    /// Rules about certain actions.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

/// What has to happen before something runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gate {
    /// It runs without asking.
    Run(Box<Asking>),
    /// People are asked.
    Ask(Box<Asking>),
    /// It does not run.
    Refuse(Basis),
}

/// What a proposal must carry before people are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// The higher of the claimed risk and that of the policy.
    pub risk: Risk,
    /// Why people are asked.
    pub basis: Basis,
    /// What it takes.
    pub required: Required,
    /// When a second person is called.
    pub respond_by: Timestamp,
    /// From when it can no longer be approved.
    pub expires: Timestamp,
}

impl Default for Policy {
    fn default() -> Self {
        let tier = |approvers, typed_target, escalate_s, valid_s| Tier {
            approvers,
            roles: Vec::new(),
            typed_target,
            break_glass: approvers > 1,
            escalate_s,
            valid_s,
        };
        Self {
            mode: Mode::Autonomous,
            ceiling: Risk::Low,
            tiers: BTreeMap::from([
                (Risk::Read, tier(0, false, 300, 1800)),
                (Risk::Low, tier(0, false, 300, 1800)),
                (Risk::Medium, tier(1, false, 300, 1800)),
                (Risk::High, tier(1, true, 300, 900)),
                (Risk::Critical, tier(2, true, 300, 600)),
            ]),
            rules: Vec::new(),
        }
    }
}

impl Policy {
    /// What has to happen before `ask` runs: deny over ask over allow, and no mode overrides a deny.
    ///
    /// Of several rules that match, the strictest counts, with the highest risk of all of them. An agent's
    /// word can make a risk higher, never lower.
    pub fn gate(&self, ask: &Ask, claimed: Risk, proposer: &Actor, now: Timestamp) -> Gate {
        let matching = || self.rules.iter().filter(|rule| rule.matches(ask));
        let rule = matching().max_by_key(|rule| rule.effect.strictness());
        let least = matching().map(|rule| rule.effect.risk()).max();
        let basis = |risk: Risk| match rule {
            Some(rule) => Basis { rule: rule.name.clone(), text: rule.text.clone() },
            None => Basis { rule: format!("risk-{}", risk.word()), text: self.tier_text(risk) },
        };
        let risk = claimed.max(least.unwrap_or(LEAST_RISK));
        let asks = match rule.map(|rule| rule.effect) {
            Some(Effect::Deny) => return Gate::Refuse(basis(risk)),
            Some(Effect::Ask(_)) => true,
            Some(Effect::Allow(_)) | None => false,
        };
        let tier = self.tier(risk);
        let asking = |least: u8| {
            Box::new(Asking {
                risk,
                basis: basis(risk),
                required: required(&tier, least, proposer),
                respond_by: after(now, tier.escalate_s),
                expires: after(now, tier.valid_s),
            })
        };
        if risk == Risk::Read && !asks {
            return Gate::Run(asking(0));
        }
        if self.mode == Mode::ReadOnly && matches!(ask, Ask::Action(_)) {
            return Gate::Refuse(Basis {
                rule: "mode-read-only".to_owned(),
                text: "the plan is read-only: nothing that changes anything runs".to_owned(),
            });
        }
        let free = self.mode == Mode::Autonomous && risk <= self.ceiling && !asks;
        if free && tier.approvers == 0 { Gate::Run(asking(0)) } else { Gate::Ask(asking(1)) }
    }

    /// What a level of risk takes.
    pub fn tier(&self, risk: Risk) -> Tier {
        let exact = self.tiers.get(&risk).cloned();
        // A level that the settings forgot is treated as the most dangerous one.
        exact.unwrap_or_else(|| Tier {
            approvers: 2,
            roles: Vec::new(),
            typed_target: true,
            break_glass: false,
            escalate_s: 300,
            valid_s: 600,
        })
    }

    fn tier_text(&self, risk: Risk) -> String {
        let tier = self.tier(risk);
        let people = match tier.approvers {
            0 => "runs without asking".to_owned(),
            1 => "needs one person".to_owned(),
            n => format!("needs {n} different people"),
        };
        let typed = if tier.typed_target { "; the target's name is typed" } else { "" };
        format!("{} risk {people}{typed}", risk.word())
    }
}

fn required(tier: &Tier, least: u8, proposer: &Actor) -> Required {
    Required {
        approvers: tier.approvers.max(least),
        roles: tier.roles.clone(),
        not: vec![proposer.clone()],
        typed_target: tier.typed_target,
        break_glass: tier.break_glass,
    }
}

fn after(now: Timestamp, seconds: u64) -> Timestamp {
    now.checked_add(Duration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}
