//! Handing a part of the investigation to another deployment, and taking its result back.

use serde_json::{Value, json};

use super::caller::Call;
use super::case::Case;
use super::error::PrimaryError;
use super::knowledge::Learned;
use super::runbook::Part;
use super::watching::Watch;
use crate::incident::{
    Digest, EvidenceLink, Handoff, HandoffContext, HandoffId, HandoffResult, HandoffState,
    HandoffStep, PAYLOAD_VERSION, Settlement, Trouble, Untrusted,
};
use crate::partner::{Answer, PartnerError};
use crate::wire::{Command, Reply};

/// How a handoff ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Handed {
    /// The result is known.
    Returned,
    /// A person sent it to another receiver, who found nothing.
    Elsewhere,
    /// There is none, and the investigation goes on without.
    Nothing,
    /// A person took the investigation over.
    TakenOver,
}

impl Case {
    /// Offers a part of the investigation and, if people let it go ahead, follows it to its end.
    pub(super) async fn hand_off(&mut self, part: &Part) -> Result<Handed, PrimaryError> {
        let context = self.context(part)?;
        let to = part.to.clone();
        self.pen.say(format!("Handing a part to {to}: {}", context.question.for_storage()));
        let offer = Command::OfferHandoff {
            incident: self.pen.incident,
            to: to.clone(),
            context: Box::new(context),
        };
        let offered = match self.pen.ask(offer).await {
            // It would go round in a circle, or a rule forbids it: the rest goes on without.
            Err(PrimaryError::Hub(notice))
                if matches!(notice.trouble, Trouble::Conflict | Trouble::NotAllowed) =>
            {
                self.pen.say(format!("Not handing it to {to}: {}", notice.what));
                return Ok(Handed::Nothing);
            }
            other => other?,
        };
        let Reply::Offered { handoff, proposal } = offered else {
            return Err(PrimaryError::OddReply("a handoff"));
        };
        if let Some(proposal) = proposal {
            match self.settled(proposal).await? {
                // What it means for who gets what is a step of the handoff, recorded with it.
                Settlement::Approved { .. } | Settlement::Redirected { .. } => {}
                other => {
                    self.heard_no(&other);
                    return Ok(Handed::Nothing);
                }
            }
        }
        let watch = Watch::over(&self.pen, handoff).await?;
        self.follow(part, handoff, watch).await
    }

    /// Takes turns at a handoff until it is over. What the receiver gets is what the hub recorded, which
    /// is what people see and what they let go ahead.
    async fn follow(
        &mut self,
        part: &Part,
        handoff: HandoffId,
        mut watch: Watch,
    ) -> Result<Handed, PrimaryError> {
        let mut called = None;
        loop {
            watch.catch_up().await;
            match self.turn(part, handoff, &mut watch, &mut called).await {
                Ok(Some(handed)) => return Ok(handed),
                Ok(None) => {}
                // Somebody was faster: what they did is told, and what to do now follows from that.
                Err(PrimaryError::Hub(notice)) if notice.trouble == Trouble::Conflict => {
                    watch.moves().await.map_err(|_unheard| PrimaryError::Hub(notice))?;
                }
                Err(other) => return Err(other),
            }
        }
    }

    /// Does what follows from where a handoff stands; `None` if it shall be looked at again.
    async fn turn(
        &mut self,
        part: &Part,
        handoff: HandoffId,
        watch: &mut Watch,
        called: &mut Option<String>,
    ) -> Result<Option<Handed>, PrimaryError> {
        let Handoff { state, to, context, .. } = watch.standing()?.clone();
        match state {
            HandoffState::TakenOver => return Ok(Some(Handed::TakenOver)),
            state if state.is_over() => return Ok(Some(Handed::Nothing)),
            HandoffState::Offered => return watch.moves().await.map(|()| None),
            _ => {}
        }
        // Whoever was called before this turn has not brought it to its end, and shall not any more.
        if let Some(from) = called.take() {
            let text = format!("Taken back from {from}");
            self.step(handoff, HandoffStep::Withdrawn { from }, text).await?;
        }
        if matches!(state, HandoffState::Approved | HandoffState::Redirected) {
            self.step(handoff, HandoffStep::Accepted, format!("{to} takes it")).await?;
        }
        *called = Some(to.clone());
        let answer = tokio::select! {
            // An answer to what is not asked any more is none, however close it came.
            biased;
            () = watch.is_redirected() => return Ok(None),
            answer = self.investigate(&to, &context) => answer,
        };
        match answer {
            Ok(answer) => self.returned(part, handoff, &to, answer).await.map(Some),
            Err(error) => {
                let reason: Untrusted = error.to_string().into();
                let text = format!("{to} broke off: {error}");
                self.step(handoff, HandoffStep::Failed { reason }, text).await?;
                Ok(Some(Handed::Nothing))
            }
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
        let found = result.confidence_percent > 0 || !result.findings.is_empty();
        let step = HandoffStep::Returned { result: Box::new(result) };
        let entry = self.step(handoff, step, format!("{from} answers: {conclusion}")).await?;
        if !found && from != part.to {
            // That somebody who was not meant sees nothing says nothing about any cause.
            self.pen.say(format!("{from} found nothing; it was meant for {}.", part.to));
            return Ok(Handed::Elsewhere);
        }
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
