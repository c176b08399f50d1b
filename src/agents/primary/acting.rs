//! Acting: rehearse a remedy, ask people, claim what they approved, run exactly that, and measure.

use std::time::Duration;

use super::case::Case;
use super::error::PrimaryError;
use super::pen::Seen;
use super::plainly::plainly;
use super::runbook::{Cause, Cure};
use super::web::failed;
use crate::incident::{
    Ask, Canonical, Digest, EvidenceSource, Helped, Preview, ProposalId, Remedy, Sample,
    Settlement, Stage, Verification,
};
use crate::wire::{Command, Reply, Request};

/// How proposing a remedy ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ended {
    /// It ran and was measured.
    Measured {
        /// The decision that allowed it.
        by: ProposalId,
        /// Whether it helped.
        helped: Helped,
    },
    /// It did not run.
    NotRun(Settlement),
}

impl Case {
    /// Proposes the remedy of a cause and, if people approve it, carries it out and measures it.
    pub(super) async fn try_remedy(
        &mut self,
        cause: &Cause,
        cure: &Cure,
    ) -> Result<Ended, PrimaryError> {
        let remedy = self.rehearse(cure).await?;
        let (proposal, settlement) = self.propose(cause, cure, remedy).await?;
        let Settlement::Approved { digest, .. } = settlement else {
            return Ok(Ended::NotRun(settlement));
        };
        self.pen.say("Approved. Claiming it before anything runs.".to_owned());
        let Reply::Claimed { remedy } = self.pen.ask(Command::Claim { proposal, digest }).await?
        else {
            return Err(PrimaryError::OddReply("a claim"));
        };
        let ran = self.carry_out(cure, &remedy).await;
        let (ok, output) = match &ran {
            Ok(output) => (true, output.clone()),
            Err(error) => (false, error.to_string()),
        };
        let text = format!("Ran {} {}: {output}", remedy.verb, remedy.target.resource);
        let stage = Stage::Executed { ok, output: output.into() };
        self.report(proposal, stage, text).await?;
        let helped = self.verify(proposal, cure).await?;
        Ok(Ended::Measured { by: proposal, helped })
    }

    /// The remedy with everything known about it beforehand.
    async fn rehearse(&self, cure: &Cure) -> Result<Remedy, PrimaryError> {
        let args = self.known.fill_table(&cure.args)?;
        let args = Canonical::from_value(&args).map_err(|error| failed("the arguments", error))?;
        let preview = match self.send(cure, args.as_str(), "?dry_run=true").await {
            Ok(text) => Preview::DryRun { text: text.into() },
            Err(error) => Preview::Unavailable { reason: error.to_string().into() },
        };
        let verify = &cure.verify;
        let measure = self.book.measures.get(&verify.measure);
        let measure = measure.ok_or(PrimaryError::OddReply("a verification"))?;
        Ok(Remedy {
            verb: cure.verb.clone(),
            target: cure.target.clone(),
            args,
            tool_schema: Digest::of("tool", &[cure.verb.as_bytes(), cure.url.as_bytes()]),
            preview,
            effects: cure.effects.clone(),
            rollback: cure.rollback.as_deref().map(Into::into),
            verify: Verification {
                query: format!("{} / {} over {} s", measure.part, measure.whole, measure.window_s),
                expect: verify.expect,
                after_s: verify.after_s,
                hold_s: verify.hold_s,
            },
        })
    }

    async fn propose(
        &self,
        cause: &Cause,
        cure: &Cure,
        remedy: Remedy,
    ) -> Result<(ProposalId, Settlement), PrimaryError> {
        let rationale = self.rationale(cause);
        self.pen.say(format!("Proposing: {}. {rationale}", cure.title));
        let request = Request {
            incident: self.pen.incident,
            ask: Ask::Action(Box::new(remedy)),
            title: cure.title.as_str().into(),
            rationale: rationale.into(),
            evidence: self.known.entries(),
            claimed_risk: cure.risk,
            supersedes: None,
        };
        let request = Box::new(request);
        let reply = self.pen.ask(Command::Propose { request }).await?;
        let (Reply::Proposed { proposal, .. } | Reply::Allowed { proposal, .. }) = reply else {
            return Err(PrimaryError::OddReply("a proposal"));
        };
        Ok((proposal, self.settled(proposal).await?))
    }

    /// Waits until people have settled a decision; silence ends in its expiry.
    pub(super) async fn settled(&self, proposal: ProposalId) -> Result<Settlement, PrimaryError> {
        match self.pen.ask(Command::AwaitDecision { proposal }).await? {
            Reply::Settled { settlement } => Ok(settlement),
            _ => Err(PrimaryError::OddReply("waiting for a decision")),
        }
    }

    /// Runs exactly the claimed bytes.
    async fn carry_out(&self, cure: &Cure, remedy: &Remedy) -> Result<String, PrimaryError> {
        self.send(cure, remedy.args.as_str(), "").await
    }

    async fn send(&self, cure: &Cure, args: &str, suffix: &str) -> Result<String, PrimaryError> {
        let url = self.known.fill(&cure.url)?;
        let token = self.tool_token.as_deref();
        let page = self.web.post(&format!("{url}{suffix}"), args, token).await?;
        let said = serde_json::from_str(&page.text).map_or(page.text, |value| plainly(&value));
        let ok = (200..300).contains(&page.status);
        if ok { Ok(said) } else { Err(failed(format!("HTTP {}", page.status), said)) }
    }

    /// Measures until the value held for long enough, or did not hold three windows in a row.
    async fn verify(&self, proposal: ProposalId, cure: &Cure) -> Result<Helped, PrimaryError> {
        let verify = &cure.verify;
        let measure = self.book.measures.get(&verify.measure);
        let measure = measure.ok_or(PrimaryError::OddReply("a verification"))?;
        self.pen.clock.sleep(Duration::from_secs(u64::from(verify.after_s))).await;
        let needed = verify.hold_s.div_ceil(measure.window_s.max(1)).max(1);
        let (mut good, mut bad, mut samples) = (0, 0, Vec::new());
        while good < needed && bad < 3 {
            match self.eyes.measure(measure, &self.known).await {
                Ok((value, at)) => {
                    samples.push(Sample { at, value });
                    let holds = verify.expect.holds(value);
                    (good, bad) = if holds { (good + 1, 0) } else { (0, bad + 1) };
                }
                Err(error) => {
                    tracing::warn!(%error, "a verification could not be measured");
                    bad += 1;
                }
            }
        }
        let helped = match (good >= needed, samples.is_empty()) {
            (true, _) => Helped::Yes,
            (false, true) => Helped::Unknown,
            (false, false) => Helped::No,
        };
        let values: Vec<String> = samples.iter().map(|it| format!("{:.3}", it.value)).collect();
        let measured = format!(
            "The {} was {}; expected {} for {} s.",
            measure.text,
            values.join(", "),
            verify.expect,
            verify.hold_s
        );
        self.keep_samples(&verify.measure, samples).await?;
        let text = match helped {
            Helped::Yes => format!("It helped. {measured}"),
            Helped::No => format!("It did not help. {measured}"),
            Helped::Unknown => format!("It could not be measured. {measured}"),
        };
        self.report(proposal, Stage::Verified { helped, measured: measured.into() }, text).await?;
        Ok(helped)
    }

    /// Keeps what was measured after an action, so that people see the curve go on.
    async fn keep_samples(&self, measure: &str, series: Vec<Sample>) -> Result<(), PrimaryError> {
        if series.is_empty() {
            return Ok(());
        }
        let seen = Seen {
            source: EvidenceSource::Metric,
            reference: measure.to_owned(),
            call: None,
            measures: Some(measure.to_owned()),
            series,
        };
        self.pen.evidence(seen, &format!("{measure} after the action")).await.map(drop)
    }

    async fn report(
        &self,
        proposal: ProposalId,
        stage: Stage,
        text: String,
    ) -> Result<(), PrimaryError> {
        let text = text.into();
        self.pen.ask(Command::Report { proposal, stage, text }).await.map(drop)
    }
}
