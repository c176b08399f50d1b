//! Handing a part of the investigation to another deployment, and taking its result back.

use serde_json::{Value, json};

use super::caller::Call;
use super::case::Case;
use super::error::PrimaryError;
use super::knowledge::Learned;
use super::runbook::Part;
use crate::incident::{
    Body, Digest, EvidenceLink, HandoffContext, HandoffId, HandoffResult, HandoffStep,
    PAYLOAD_VERSION, Redirect, Settlement, Untrusted,
};
use crate::partner::{Answer, PartnerError};
use crate::wire::{Command, Feed, FeedEvent, Reply};

/// How a handoff ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Handed {
    /// The result is known.
    Returned,
    /// There is none, and the investigation goes on without.
    Nothing,
    /// A person took the investigation over.
    TakenOver,
}

/// What a person changed while the receiver was working.
enum Redirected {
    To(String, Box<HandoffContext>),
    TakenOver,
}

impl Case {
    /// Offers a part of the investigation and, if people let it go ahead, follows it to its end.
    pub(super) async fn hand_off(&mut self, part: &Part) -> Result<Handed, PrimaryError> {
        let mut context = self.context(part)?;
        let mut to = part.to.clone();
        let feed = self.pen.link.follow().await?;
        self.pen.say(format!("Handing a part to {to}: {}", context.question.for_storage()));
        let offer = Command::OfferHandoff {
            incident: self.pen.incident,
            to: to.clone(),
            context: Box::new(context.clone()),
        };
        let Reply::Offered { handoff, proposal } = self.pen.ask(offer).await? else {
            return Err(PrimaryError::OddReply("a handoff"));
        };
        if let Some(proposal) = proposal {
            match self.settled(proposal).await? {
                Settlement::Approved { .. } => {}
                Settlement::Redirected { redirect: Redirect::TakeOver, .. } => {
                    return Ok(Handed::TakenOver);
                }
                Settlement::Redirected { redirect, .. } => {
                    redirected(&redirect, &mut to, &mut context);
                }
                other => {
                    self.heard_no(&other);
                    return Ok(Handed::Nothing);
                }
            }
        }
        self.follow(part, handoff, (to, context), feed).await
    }

    /// Calls the receiver, and calls another one when a person redirects meanwhile.
    async fn follow(
        &mut self,
        part: &Part,
        handoff: HandoffId,
        (mut to, mut context): (String, HandoffContext),
        mut feed: Feed,
    ) -> Result<Handed, PrimaryError> {
        loop {
            self.step(handoff, HandoffStep::Accepted, format!("{to} takes it")).await?;
            let answer = tokio::select! {
                answer = self.investigate(&to, &context) => answer,
                redirected = redirection(&mut feed, handoff) => match redirected {
                    Redirected::TakenOver => return Ok(Handed::TakenOver),
                    Redirected::To(next, changed) => {
                        let step = HandoffStep::Withdrawn { from: to.clone() };
                        self.step(handoff, step, format!("Taken back from {to}")).await?;
                        (to, context) = (next, *changed);
                        continue;
                    }
                },
            };
            return match answer {
                Ok(answer) => self.returned(part, handoff, &to, answer).await,
                Err(error) => {
                    let reason: Untrusted = error.to_string().into();
                    let text = format!("{to} broke off: {error}");
                    self.step(handoff, HandoffStep::Failed { reason }, text).await?;
                    Ok(Handed::Nothing)
                }
            };
        }
    }

    async fn investigate(
        &self,
        to: &str,
        context: &HandoffContext,
    ) -> Result<Answer, PartnerError> {
        let constraints: Vec<&str> =
            context.constraints.iter().map(Untrusted::for_storage).collect();
        let mut payload = serde_json::to_value(context)
            .map_err(|error| PartnerError::Misconfigured { what: error.to_string() })?;
        // When it began is what a receiver needs most, and it is a moment, not prose.
        if let (Ok(onset), Some(fields)) = (self.known.fill("{onset}"), payload.as_object_mut()) {
            fields.insert("onset".to_owned(), Value::String(onset));
        }
        let arguments = json!({
            "question": context.question.for_storage(),
            "constraints": constraints,
            "from": self.known.fill("{from}").unwrap_or_default(),
            "to": self.pen.clock.now().to_string(),
            "context": payload,
        });
        let call = Call {
            to: to.to_owned(),
            tool: "investigate".to_owned(),
            question: context.question.for_storage().to_owned(),
            arguments,
        };
        self.switchboard.call(&self.pen, call).await.1
    }

    async fn returned(
        &mut self,
        part: &Part,
        handoff: HandoffId,
        from: &str,
        answer: Answer,
    ) -> Result<Handed, PrimaryError> {
        let result = result_of(&answer);
        let conclusion = result.conclusion.for_storage().to_owned();
        let step = HandoffStep::Returned { result: Box::new(result) };
        let entry = self.step(handoff, step, format!("{from} answers: {conclusion}")).await?;
        let learned =
            Learned { text: answer.text, value: answer.structured, entry: Some(entry), call: None };
        self.known.learn(&part.name, learned, &part.keep);
        Ok(Handed::Returned)
    }

    async fn step(
        &self,
        handoff: HandoffId,
        step: HandoffStep,
        text: String,
    ) -> Result<crate::incident::EntryId, PrimaryError> {
        let text = text.into();
        match self.pen.ask(Command::StepHandoff { handoff, step, text }).await? {
            Reply::Recorded { entry } => Ok(entry),
            _ => Err(PrimaryError::OddReply("a step of a handoff")),
        }
    }

    fn context(&self, part: &Part) -> Result<HandoffContext, PrimaryError> {
        let question = self.known.fill(&part.question)?;
        let evidence = self.book.asks.iter().filter_map(|ask| {
            let learned = self.known.answer(&ask.name)?;
            Some(EvidenceLink {
                entry: learned.entry?,
                digest: Digest::of("entry", &[learned.text.as_bytes()]),
                excerpt: learned.text.chars().take(600).collect::<String>().into(),
                link: None,
            })
        });
        let constraints = part.constraints.iter().map(String::as_str).map(Untrusted::from);
        Ok(HandoffContext {
            version: PAYLOAD_VERSION,
            incident: self.pen.incident,
            title: self.alert.title.clone(),
            summary: self.summary().into(),
            severity: self.alert.severity,
            resources: vec![self.alert.service.clone()],
            evidence: evidence.collect(),
            tried: self.tried.iter().map(String::as_str).map(Untrusted::from).collect(),
            open_questions: vec![question.as_str().into()],
            question: question.into(),
            constraints: constraints.chain(self.constraints.iter().cloned()).collect(),
            path: Vec::new(),
            return_to: self.pen.actor().to_string(),
        })
    }
}

/// Waits until a person redirects a handoff that is under way.
async fn redirection(feed: &mut Feed, handoff: HandoffId) -> Redirected {
    loop {
        let Ok(frame) = feed.live.recv().await else {
            // A feed that ended or lagged cannot redirect anything; the call itself goes on.
            return std::future::pending().await;
        };
        let FeedEvent::EntryArrived { entry } = &frame.event else { continue };
        let Body::Handoff(handed) = &entry.body else { continue };
        let by_person = entry.actor.kind() == crate::incident::ActorKind::Human;
        match &handed.step {
            _ if handed.handoff != handoff || !by_person => {}
            HandoffStep::Redirected { to, context } => {
                return Redirected::To(to.clone(), context.clone());
            }
            HandoffStep::TakenOver => return Redirected::TakenOver,
            _ => {}
        }
    }
}

/// What a person's redirection means for who gets what.
fn redirected(redirect: &Redirect, receiver: &mut String, context: &mut HandoffContext) {
    match redirect {
        Redirect::Partner { to } => receiver.clone_from(to),
        Redirect::Narrow { question } => context.question = question.clone(),
        Redirect::Constrain { constraint } => context.constraints.push(constraint.clone()),
        Redirect::TakeOver => {}
    }
}

/// Reads the result out of an answer; what is missing is empty, never made up.
fn result_of(answer: &Answer) -> HandoffResult {
    let texts = |name: &str| -> Vec<Untrusted> {
        let found = answer.structured.get(name).and_then(Value::as_array);
        let items = found.into_iter().flatten();
        items
            .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
            .map(Untrusted::from)
            .collect()
    };
    let conclusion = answer.structured.get("conclusion").and_then(Value::as_str);
    let confidence = answer.structured.get("confidence").and_then(Value::as_f64).unwrap_or(0.0);
    HandoffResult {
        conclusion: conclusion.unwrap_or(&answer.text).into(),
        findings: texts("findings"),
        recommended: texts("recommended"),
        confidence_percent: super::beliefs::percent(confidence),
        link: None,
    }
}
