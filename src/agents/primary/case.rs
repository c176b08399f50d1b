//! The case: everything one investigation knows and works with.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::beliefs::{Belief, beliefs, percent};
use super::caller::Switchboard;
use super::error::PrimaryError;
use super::knowledge::Knowledge;
use super::look::Eyes;
use super::pen::Pen;
use super::runbook::{Cause, Runbook};
use super::web::Web;
use crate::incident::{Alert, Redirect, Settlement, Untrusted};
use crate::settings::Unsaid;

/// What an investigation works with.
pub struct Means {
    /// How it writes.
    pub pen: Pen,
    /// What it knows about this kind of alert.
    pub book: Arc<Runbook>,
    /// What it is about.
    pub alert: Alert,
    /// What texts of the runbook can name.
    pub values: BTreeMap<String, String>,
    /// Whom it can call.
    pub switchboard: Arc<Switchboard>,
    /// The bearer token of the tool that carries out remedies.
    pub tool_token: Option<String>,
}

/// What is known about one incident, and what it is worked on with.
pub(super) struct Case {
    pub(super) pen: Pen,
    pub(super) book: Arc<Runbook>,
    pub(super) alert: Alert,
    pub(super) known: Knowledge,
    pub(super) eyes: Eyes,
    pub(super) web: Web,
    pub(super) switchboard: Arc<Switchboard>,
    /// The bearer token of the tool that carries out remedies.
    pub(super) tool_token: Option<String>,
    /// What was tried, with its outcome, in words.
    pub(super) tried: Vec<String>,
    /// What people want to be kept to.
    pub(super) constraints: Vec<Untrusted>,
    /// Causes whose remedy was measured not to help.
    pub(super) failed: Vec<String>,
}

impl Case {
    pub(super) fn new(means: Means) -> Result<Self, PrimaryError> {
        let Means { pen, book, alert, values, switchboard, tool_token } = means;
        let web = Web::new(Unsaid::of(tool_token.clone()))?;
        let eyes = Eyes::new(web.clone(), pen.clock.clone());
        Ok(Self {
            pen,
            book,
            alert,
            known: Knowledge::new(values),
            eyes,
            web,
            switchboard,
            tool_token,
            tried: Vec::new(),
            constraints: Vec::new(),
            failed: Vec::new(),
        })
    }

    /// What is believed now, most likely first.
    pub(super) fn beliefs(&self) -> Vec<Belief> {
        beliefs(&self.book, &self.known, &self.failed)
    }

    /// One cause of the runbook.
    pub(super) fn cause(&self, name: &str) -> Option<Cause> {
        self.book.hypotheses.iter().find(|cause| cause.name == name).cloned()
    }

    /// Takes a person's no to heart: the reason and every constraint go with what follows.
    pub(super) fn heard_no(&mut self, settlement: &Settlement) {
        let words = match settlement {
            Settlement::Denied { reason, .. } => reason.clone(),
            Settlement::Redirected { redirect: Redirect::Narrow { question }, .. } => {
                question.clone()
            }
            Settlement::Redirected { redirect: Redirect::Constrain { constraint }, .. } => {
                constraint.clone()
            }
            _ => return,
        };
        self.heard(words);
    }

    /// Takes in what a person says: it goes with what follows.
    pub(super) fn heard(&mut self, words: Untrusted) {
        self.pen.say(format!("Understood: {}", words.for_storage()));
        self.constraints.push(words);
    }

    /// What is known so far, in words.
    pub(super) fn summary(&self) -> String {
        let beliefs = self.beliefs();
        let words = beliefs.iter().filter_map(|belief| {
            let claim = self.cause(&belief.name)?.claim;
            Some(format!("{claim}: {} ({} %)", belief.standing.word(), percent(belief.likelihood)))
        });
        let mut words: Vec<String> = words.collect();
        words.extend(self.tried.iter().map(|tried| format!("tried {tried}")));
        words.join("; ")
    }

    /// Why a cause is believed.
    pub(super) fn rationale(&self, cause: &Cause) -> String {
        let belief = self.beliefs().into_iter().find(|belief| belief.name == cause.name);
        belief.map_or_else(String::new, |belief| {
            let because = belief.reasons();
            format!("{} ({} %).{because}", cause.claim, percent(belief.likelihood))
        })
    }
}
