//! One incident, from its alert to its end: look, ask, weigh, hand off, propose, act, measure.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::acting::{Came, Ended};
use super::beliefs::{Belief, percent};
use super::caller::Call;
use super::case::{Case, Means};
use super::error::PrimaryError;
use super::handing::Handed;
use super::knowledge::Learned;
use super::look::Sight;
use super::pen::Seen;
use super::runbook::{Cause, Part, Question};
use crate::incident::{
    EvidenceSource, Helped, Hypothesis, IncidentStatus, ProposalId, Redirect, Resolution, Sample,
    Settlement, Standing,
};

/// How an investigation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Resolved, and the recovery was measured.
    Resolved,
    /// The last proposal expired: nobody answered.
    Unanswered,
    /// Nothing is left that the agent could try.
    NeedsPerson,
    /// A person took it over.
    TakenOver,
}

/// One incident under investigation.
pub struct Investigation {
    case: Case,
    /// Causes whose remedy is not proposed again, though nothing rules them out: people do not want it,
    /// it cannot be made exact, or what came of it is not known.
    spent: Vec<String>,
    /// Causes whose remedy was approved and outdated before it was claimed; each is asked anew once.
    outdated: Vec<String>,
    /// Handoffs that were made.
    handed: Vec<String>,
    /// Parts that people sent elsewhere, where nothing was found.
    elsewhere: Vec<String>,
    /// Where each cause stood, and how likely it was in percent, when it was last written down.
    written: BTreeMap<String, (Standing, u8)>,
}

/// How far a likelihood must have moved to be told again, in percentage points.
const TELLING_PERCENT: u8 = 15;

/// What to do next.
enum Next {
    Act(Box<Cause>),
    HandOff(Box<Part>),
    GiveUp,
}

impl Investigation {
    /// Prepares an investigation; nothing is looked at yet.
    pub fn new(means: Means) -> Result<Self, PrimaryError> {
        let case = Case::new(means)?;
        let (spent, outdated, handed, elsewhere) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Ok(Self { case, spent, outdated, handed, elsewhere, written: BTreeMap::new() })
    }

    /// Investigates to the end.
    pub async fn run(mut self) -> Result<Outcome, PrimaryError> {
        let now = self.case.pen.clock.now();
        let from = now.checked_sub(std::time::Duration::from_mins(2)).unwrap_or(now);
        self.case.known.set("from", from.to_string());
        // Until a measured change of level says better, it began when it was noticed.
        self.case.known.set("onset", now.to_string());
        self.case.known.set("service", self.case.alert.service.for_storage());
        self.triage().await?;
        self.ask_partners().await?;
        loop {
            self.write_beliefs().await?;
            match self.next() {
                Next::Act(cause) => {
                    if let Some(outcome) = self.act(&cause).await? {
                        return Ok(outcome);
                    }
                }
                Next::HandOff(part) => {
                    let again = self.handed.contains(&part.name);
                    self.handed.push(part.name.clone());
                    match self.case.hand_off(&part).await? {
                        Handed::TakenOver => return self.taken_over().await,
                        // Who was meant was never asked: people may want that now, and are asked once.
                        Handed::Elsewhere if !again => self.elsewhere.push(part.name.clone()),
                        Handed::Elsewhere | Handed::Returned | Handed::Nothing => {}
                    }
                }
                Next::GiveUp => return self.give_up().await,
            }
        }
    }

    /// Looks at what it can see itself.
    async fn triage(&mut self) -> Result<(), PrimaryError> {
        self.case.pen.say(format!("Taking the incident. Runbook: {}.", self.case.book.name));
        let book = Arc::clone(&self.case.book);
        for check in &book.checks {
            let sight = match self.case.eyes.look(&check.look, &book, &self.case.known).await {
                Ok(sight) => sight,
                Err(PrimaryError::Request { what, cause }) => {
                    self.case
                        .pen
                        .say(format!("{} could not be checked: {what}: {cause}", check.name));
                    continue;
                }
                Err(other) => return Err(other),
            };
            self.see(&check.name, sight).await?;
        }
        Ok(())
    }

    async fn see(&mut self, name: &str, sight: Sight) -> Result<(), PrimaryError> {
        let Sight { reference, source, mut learned, measures, series } = sight;
        let told: String = learned.text.chars().take(2000).collect();
        let text = format!("{name}: {told}");
        let seen = Seen { source, reference, call: None, measures, series };
        learned.entry = Some(self.case.pen.evidence(seen, &text).await?);
        self.case.known.learn(name, learned, &[]);
        Ok(())
    }

    /// Asks what only partners can see; a partner that fails is done without, and that is said.
    async fn ask_partners(&mut self) -> Result<(), PrimaryError> {
        let book = Arc::clone(&self.case.book);
        for question in &book.asks {
            self.ask_partner(question).await?;
        }
        Ok(())
    }

    async fn ask_partner(&mut self, question: &Question) -> Result<(), PrimaryError> {
        self.case.known.set("to", self.case.pen.clock.now().to_string());
        let arguments = self.case.known.fill_table(&question.arguments)?;
        let words = self.case.known.fill(&question.question)?;
        let (to, tool) = (question.partner.clone(), question.tool.clone());
        let reference = reference_of(&to, &tool, &arguments);
        let call = Call { to, tool, question: words, arguments };
        let (id, answer) = self.case.switchboard.call(&self.case.pen, call).await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                self.case.pen.say(format!("Going on without {}: {error}", question.name));
                return Ok(());
            }
        };
        let summary = answer.structured.get("summary").and_then(serde_json::Value::as_str);
        let text = summary.unwrap_or(&answer.text).to_owned();
        let source = source_of(&question.tool);
        let (measures, series) = (question.measures.clone(), points(&answer.structured));
        let seen = Seen { source, reference, call: Some(id), measures, series };
        let entry = Some(self.case.pen.evidence(seen, &text).await?);
        let learned = Learned { text, value: answer.structured, entry, call: Some(id) };
        self.case.known.learn(&question.name, learned, &question.keep);
        Ok(())
    }

    /// Writes a finding for each cause whose standing, or likelihood, changed enough to be told.
    async fn write_beliefs(&mut self) -> Result<(), PrimaryError> {
        for belief in self.case.beliefs() {
            let now = (belief.standing, percent(belief.likelihood));
            let before = self.written.get(&belief.name).copied();
            let told = before.is_some_and(|(standing, likely)| {
                standing == now.0 && likely.abs_diff(now.1) < TELLING_PERCENT
            });
            let Some(cause) = self.case.cause(&belief.name) else { continue };
            if told {
                continue;
            }
            self.written.insert(belief.name.clone(), now);
            let (standing, because) = (belief.standing.word(), belief.reasons());
            let text = format!("{}: {standing}, {} %.{because}", cause.claim, now.1);
            let hypothesis = hypothesis(&cause, belief.standing);
            self.case.pen.finding(Some(hypothesis), Some(now.1), text, belief.rests_on).await?;
        }
        let likely: Vec<String> = self.case.beliefs().iter().map(Belief::in_short).collect();
        self.case.pen.say(format!("Weighing: {}.", likely.join(", ")));
        Ok(())
    }

    /// The most likely cause with a remedy that is still worth trying, else what others could find out.
    fn next(&self) -> Next {
        let beliefs = self.case.beliefs().into_iter().filter(|belief| {
            let tried =
                self.spent.contains(&belief.name) || self.case.failed.contains(&belief.name);
            belief.likelihood >= self.case.book.act_at && !tried
        });
        let mut causes = beliefs.filter_map(|belief| self.case.cause(&belief.name));
        if let Some(cause) = causes.find(|cause| cause.remedy.is_some()) {
            return Next::Act(Box::new(cause));
        }
        let part = self.case.book.handoffs.iter().find(|part| {
            let asked = self.handed.iter().filter(|name| **name == part.name).count();
            let missed = self.elsewhere.contains(&part.name);
            asked <= usize::from(missed)
        });
        part.map_or(Next::GiveUp, |part| Next::HandOff(Box::new(part.clone())))
    }

    /// Tries the remedy of a cause; `Some` ends the investigation.
    async fn act(&mut self, cause: &Cause) -> Result<Option<Outcome>, PrimaryError> {
        let Some(mut cure) = cause.remedy.clone() else { return Ok(None) };
        let filled = self.case.known.fill(&cure.title);
        match filled.and_then(|title| self.case.known.fill_table(&cure.args).map(|_| title)) {
            Ok(title) => cure.title = title,
            Err(unknown) => {
                // A remedy that cannot be made exact is not proposed; the next cause may have one.
                self.case.pen.say(format!("No remedy for {}: {unknown}", cause.name));
                self.spent.push(cause.name.clone());
                return Ok(None);
            }
        }
        self.case
            .pen
            .status(IncidentStatus::Mitigating, &format!("Likely: {}", cause.claim))
            .await?;
        match self.case.try_remedy(cause, &cure).await? {
            Ended::Measured { by, what, came, helped: Helped::Yes } => {
                self.resolve(cause, &what, (by, came)).await.map(Some)
            }
            Ended::Measured { what, came, helped, .. } => {
                let outcome = outcome_word(came, helped);
                // Only the remedy itself, if it ran and was measured not to help, says something about its
                // cause.
                let ruled_out = came == Came::Through && helped == Helped::No && what == cure.title;
                let list = if ruled_out { &mut self.case.failed } else { &mut self.spent };
                list.push(cause.name.clone());
                self.look_further(&what, outcome).await
            }
            Ended::NeverRan => {
                self.spent.push(cause.name.clone());
                self.look_further(&cure.title, "it never ran, its request did not leave").await
            }
            Ended::Outdated if !self.outdated.contains(&cause.name) => {
                self.outdated.push(cause.name.clone());
                Ok(None)
            }
            Ended::Outdated | Ended::Refused => {
                self.spent.push(cause.name.clone());
                self.look_further(&cure.title, "not run").await
            }
            Ended::NotRun(Settlement::Expired) => {
                self.case
                    .pen
                    .status(IncidentStatus::NeedsPerson, "Nobody answered; nothing was run")
                    .await?;
                Ok(Some(Outcome::Unanswered))
            }
            Ended::NotRun(Settlement::Redirected { redirect: Redirect::TakeOver, .. }) => {
                self.taken_over().await.map(Some)
            }
            Ended::NotRun(settlement) => {
                self.case.heard_no(&settlement);
                self.case.tried.push(format!("{}: not run", cure.title));
                self.spent.push(cause.name.clone());
                Ok(None)
            }
        }
    }

    /// Ends the incident whose recovery was measured; that the remedy brought it is said only if it ran.
    async fn resolve(
        &self,
        cause: &Cause,
        what: &str,
        (by, came): (ProposalId, Came),
    ) -> Result<Outcome, PrimaryError> {
        let claim = &cause.claim;
        let text = if came == Came::Through {
            let text = format!("{claim}. Resolved by: {what}. Measured.");
            let proof = hypothesis(cause, Standing::Confirmed);
            let refs = self.case.known.entries();
            self.case.pen.finding(Some(proof), Some(99), text.clone(), refs).await?;
            text
        } else {
            let outcome = outcome_word(came, Helped::Yes);
            format!("Recovered, measured. {what}: {outcome}. Likely: {claim}")
        };
        // The decision is named because it is what the recovery was measured for.
        let cause = claim.as_str().into();
        let resolution = Resolution { cause, by: Some(by), verified: true };
        self.case.pen.resolution(resolution, text).await?;
        Ok(Outcome::Resolved)
    }

    /// Keeps what came of a remedy, and says that it was not the end.
    async fn look_further(
        &mut self,
        what: &str,
        outcome: &str,
    ) -> Result<Option<Outcome>, PrimaryError> {
        self.case.tried.push(format!("{what}: {outcome}"));
        let text = format!("{what}: {outcome}; looking further");
        self.case.pen.status(IncidentStatus::Investigating, &text).await?;
        Ok(None)
    }

    async fn give_up(&self) -> Result<Outcome, PrimaryError> {
        let text = format!("Nothing left to try. {}", self.case.summary());
        self.case.pen.say(text.as_str());
        self.case.pen.status(IncidentStatus::NeedsPerson, &text).await?;
        Ok(Outcome::NeedsPerson)
    }

    async fn taken_over(&self) -> Result<Outcome, PrimaryError> {
        self.case.pen.say("A person has it now; standing back.");
        self.case
            .pen
            .status(IncidentStatus::TakenOver, "A person took the investigation over")
            .await?;
        Ok(Outcome::TakenOver)
    }
}

fn hypothesis(cause: &Cause, standing: Standing) -> Hypothesis {
    Hypothesis { name: cause.name.clone(), claim: cause.claim.as_str().into(), standing }
}

/// What came of a remedy, in words that claim no more than is known.
fn outcome_word(came: Came, helped: Helped) -> &'static str {
    match (came, helped) {
        (Came::Through, Helped::Yes) => "helped",
        (Came::Through, Helped::No) => "did not help",
        (Came::Through, Helped::Unknown) => "whether it helped could not be measured",
        (Came::Back, Helped::Yes) => "failed to run, and it got better all the same",
        (Came::Back, Helped::No) => "failed to run",
        (Came::Back, Helped::Unknown) => "failed to run, and nothing could be measured",
        (Came::OutOfSight, Helped::Yes) => "whether it ran is not known, and it got better",
        (Came::OutOfSight, Helped::No) => "whether it ran is not known, and it did not get better",
        (Came::OutOfSight, Helped::Unknown) => {
            "whether it ran is not known, and nothing could be measured"
        }
    }
}

/// The values that an answer about a metric holds, if it holds any.
fn points(answer: &serde_json::Value) -> Vec<Sample> {
    let points = answer.get("points").and_then(serde_json::Value::as_array);
    let sample = |point: &serde_json::Value| {
        let at = point.get("at")?.as_str()?.parse().ok()?;
        Some(Sample { at, value: point.get("value")?.as_f64()? })
    };
    points.into_iter().flatten().filter_map(sample).collect()
}

/// Whom it asked, for what, and the query if the arguments have one.
fn reference_of(to: &str, tool: &str, arguments: &serde_json::Value) -> String {
    let query = ["query", "selector", "service"].iter().find_map(|name| arguments.get(*name));
    match query.and_then(serde_json::Value::as_str) {
        Some(query) => format!("{to} {tool} {query}"),
        None => format!("{to} {tool}"),
    }
}

fn source_of(tool: &str) -> EvidenceSource {
    match tool {
        "search_logs" => EvidenceSource::Log,
        "analyse_spans" => EvidenceSource::Trace,
        "query_metrics" => EvidenceSource::Metric,
        "find_changes" => EvidenceSource::Change,
        _ => EvidenceSource::Check,
    }
}
