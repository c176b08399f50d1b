//! Acting: rehearse a remedy, ask people, claim what they approved, run exactly that, and measure.

use std::pin::pin;
use std::time::Duration;

use reqwest::Url;

use super::case::Case;
use super::error::PrimaryError;
use super::pen::Seen;
use super::plainly::plainly;
use super::remarks::Remarks;
use super::runbook::{Cause, Cure};
use super::tally::{Tally, Window};
use super::web::{Sent, address, failed};
use crate::incident::{
    Ask, Canonical, Digest, EvidenceSource, Helped, Preview, ProposalId, Remedy, Sample,
    Settlement, Stage, Trouble, Verification,
};
use crate::wire::{Command, Reply, Request};

/// How proposing a remedy ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ended {
    /// It was carried out as far as can be known, and measured.
    Measured {
        /// The decision that allowed it.
        by: ProposalId,
        /// What ran: the title of the remedy, or the action itself if a person changed it.
        what: String,
        /// How far it came.
        came: Came,
        /// Whether it helped.
        helped: Helped,
    },
    /// It was approved, and its request never left.
    NeverRan,
    /// It was approved, and something changed before it was claimed: people are to be asked anew.
    Outdated,
    /// Policy refuses it.
    Refused,
    /// It did not run, because of what people said or did not say.
    NotRun(Settlement),
}

/// How far an approved remedy came, as far as can be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// The executor says that it worked.
    Through,
    /// The executor says that it did not.
    Back,
    /// No answer came: nobody knows whether it ran.
    OutOfSight,
}

/// How long what was approved is left alone while nobody can see whether it still is.
const UNSEEN: Duration = Duration::from_secs(10);

/// The field of an address that asks for a rehearsal.
const REHEARSAL: &str = "dry_run";

impl Case {
    /// Proposes the remedy of a cause and, if people approve it, carries it out and measures it.
    pub(super) async fn try_remedy(
        &mut self,
        cause: &Cause,
        cure: &Cure,
    ) -> Result<Ended, PrimaryError> {
        let remedy = self.rehearse(cure).await?;
        let proposed = remedy.args.clone();
        let (proposal, settlement) = match self.propose(cause, cure, remedy).await {
            Err(error) => return self.not_let(error),
            Ok(proposed) => proposed,
        };
        let Settlement::Approved { digest, .. } = settlement else {
            return Ok(Ended::NotRun(settlement));
        };
        self.pen.say("Approved. Claiming it before anything runs.".to_owned());
        let remedy = match self.claim(proposal, digest).await {
            Err(error) => return self.not_let(error),
            Ok(remedy) => remedy,
        };
        let sent = self.send(cure, remedy.args.as_str(), Run::Real).await;
        let (came, stage, text) = told(&remedy, sent);
        self.report(proposal, stage, text).await?;
        let Some(came) = came else { return Ok(Ended::NeverRan) };
        let helped = self.verify(proposal, cure, came).await?;
        let what = if remedy.args == proposed {
            cure.title.clone()
        } else {
            let Remedy { verb, target, args, .. } = remedy;
            format!("{verb} {} with {}, as a person changed it", target.resource, args.as_str())
        };
        Ok(Ended::Measured { by: proposal, what, came, helped })
    }

    /// Claims what was approved. While nobody can see whether it still is, it does not run, and is claimed
    /// again: in the end the hub says that its time is over.
    async fn claim(&self, proposal: ProposalId, digest: Digest) -> Result<Remedy, PrimaryError> {
        let mut waits = false;
        loop {
            match self.pen.ask(Command::Claim { proposal, digest }).await {
                Ok(Reply::Claimed { remedy }) => return Ok(*remedy),
                Ok(_) => return Err(PrimaryError::OddReply("a claim")),
                Err(PrimaryError::Hub(notice)) if notice.trouble == Trouble::TimedOut => {
                    if !std::mem::replace(&mut waits, true) {
                        self.pen.say(format!("It does not run yet: {}.", notice.what));
                    }
                    self.pen.clock.sleep(UNSEEN).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// What a hub that does not let a remedy run means for it; any other error ends the investigation.
    fn not_let(&self, error: PrimaryError) -> Result<Ended, PrimaryError> {
        let PrimaryError::Hub(notice) = error else { return Err(error) };
        let ended = match notice.trouble {
            Trouble::Conflict => Ended::Outdated,
            Trouble::NotAllowed => Ended::Refused,
            _ => return Err(notice.into()),
        };
        self.pen.say(format!("It does not run: {}.", notice.what));
        Ok(ended)
    }

    /// The remedy with everything known about it beforehand.
    async fn rehearse(&self, cure: &Cure) -> Result<Remedy, PrimaryError> {
        let args = self.known.fill_table(&cure.args)?;
        let args = Canonical::from_value(&args).map_err(|error| failed("the arguments", error))?;
        let preview = match self.send(cure, args.as_str(), Run::Rehearsal).await {
            Sent::Answered(page) if page.is_success() => {
                Preview::DryRun { text: said(page.text).into() }
            }
            Sent::Answered(page) => {
                Preview::Unavailable { reason: refused(page.status, page.text).into() }
            }
            Sent::Never(error) | Sent::Lost(error) => {
                Preview::Unavailable { reason: error.to_string().into() }
            }
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
        &mut self,
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

    /// Waits until people have settled a decision, and hears what they say of it meanwhile; silence ends in
    /// its expiry.
    pub(super) async fn settled(
        &mut self,
        proposal: ProposalId,
    ) -> Result<Settlement, PrimaryError> {
        let mut remarks = Remarks::on(&self.pen, proposal).await?;
        let pen = self.pen.clone();
        let mut settled = pin!(pen.ask(Command::AwaitDecision { proposal }));
        loop {
            tokio::select! {
                // What was said before the answer counts for what follows from it.
                biased;
                remark = remarks.next() => self.heard(remark),
                reply = &mut settled => return match reply? {
                    Reply::Settled { settlement } => Ok(settlement),
                    _ => Err(PrimaryError::OddReply("waiting for a decision")),
                },
            }
        }
    }

    /// Sends exactly these bytes to where the remedy is carried out, or only rehearsed.
    async fn send(&self, cure: &Cure, args: &str, run: Run) -> Sent {
        let url = self.known.fill(&cure.url).map_err(PrimaryError::from);
        match url.and_then(|url| address(&url)).and_then(|url| run.at(url)) {
            Ok(url) => self.web.post(url, args, self.tool_token.as_deref()).await,
            Err(error) => Sent::Never(error),
        }
    }

    /// Measures until the value held for long enough, or did not hold three windows in a row.
    async fn verify(
        &self,
        proposal: ProposalId,
        cure: &Cure,
        came: Came,
    ) -> Result<Helped, PrimaryError> {
        let verify = &cure.verify;
        let measure = self.book.measures.get(&verify.measure);
        let measure = measure.ok_or(PrimaryError::OddReply("a verification"))?;
        self.pen.clock.sleep(Duration::from_secs(u64::from(verify.after_s))).await;
        let mut tally = Tally::of(verify.hold_s.div_ceil(measure.window_s.max(1)));
        let mut samples = Vec::new();
        let helped = loop {
            if let Some(helped) = tally.says() {
                break helped;
            }
            tally.count(match self.eyes.measure(measure, &self.known).await {
                Ok((value, at)) => {
                    samples.push(Sample { at, value });
                    if verify.expect.holds(value) { Window::Held } else { Window::Missed }
                }
                Err(error) => {
                    tracing::warn!(%error, "a verification could not be measured");
                    // Without an answer there was no wait either: the next try shall see another
                    // moment.
                    self.pen.clock.sleep(Duration::from_secs(u64::from(measure.window_s))).await;
                    Window::Blind
                }
            });
        };
        let values: Vec<String> = samples.iter().map(|it| format!("{:.3}", it.value)).collect();
        let values =
            if values.is_empty() { "never measured".to_owned() } else { values.join(", ") };
        let measured = format!(
            "The {} was {values}; expected {} for {} s.",
            measure.text, verify.expect, verify.hold_s
        );
        self.keep_samples(&verify.measure, samples).await?;
        let text = match helped {
            // What was not seen to run is not thanked.
            Helped::Yes if came != Came::Through => format!("It got better. {measured}"),
            Helped::Yes => format!("It helped. {measured}"),
            Helped::No => format!("It did not help. {measured}"),
            Helped::Unknown => format!("Whether it helped could not be measured. {measured}"),
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

/// What a request is sent for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Run {
    /// To say what it would do.
    Rehearsal,
    /// To do it.
    Real,
}

impl Run {
    /// Where the request goes.
    fn at(self, mut url: Url) -> Result<Url, PrimaryError> {
        if self == Self::Rehearsal {
            // Of two fields with one name a tool may read either: nothing is called by chance.
            if url.query_pairs().any(|(name, _)| name == REHEARSAL) {
                let cause = format!("the address of the remedy says `{REHEARSAL}` itself");
                return Err(failed("a rehearsal", cause));
            }
            url.query_pairs_mut().append_pair(REHEARSAL, "true");
        }
        Ok(url)
    }
}

/// How far a remedy came, `None` if its request never left, with what is recorded of it.
fn told(remedy: &Remedy, sent: Sent) -> (Option<Came>, Stage, String) {
    let what = format!("{} {}", remedy.verb, remedy.target.resource);
    match sent {
        Sent::Answered(page) => {
            let ok = page.is_success();
            let (came, text, output) = if ok {
                let output = said(page.text);
                (Came::Through, format!("Ran {what}: {output}"), output)
            } else {
                let output = refused(page.status, page.text);
                (Came::Back, format!("Failed to run {what}: {output}"), output)
            };
            (Some(came), Stage::Executed { ok, output: output.into() }, text)
        }
        Sent::Never(error) => {
            let output = format!("it never ran: {error}");
            let text = format!("Did not run {what}: {error}");
            (None, Stage::Executed { ok: false, output: output.into() }, text)
        }
        Sent::Lost(error) => {
            let detail = error.to_string().into();
            let text =
                format!("Whether {what} ran is not known, and it is not sent again: {error}");
            (Some(Came::OutOfSight), Stage::Lost { detail }, text)
        }
    }
}

/// What a tool answered, as people read it.
fn said(text: String) -> String {
    serde_json::from_str(&text).map_or(text, |value| plainly(&value))
}

fn refused(status: u16, text: String) -> String {
    format!("HTTP {status}: {}", said(text))
}
