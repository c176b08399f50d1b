//! A request for the tests of every room.

use super::Request;
use crate::incident::samples::remedy;
use crate::incident::{Ask, IncidentId, Risk};

/// Asks whether the configuration may be rolled back.
pub(crate) fn request(incident: IncidentId, risk: Risk) -> Request {
    Request {
        incident,
        ask: Ask::Action(Box::new(remedy())),
        title: "Roll back".into(),
        rationale: "because".into(),
        evidence: Vec::new(),
        claimed_risk: risk,
        supersedes: None,
    }
}
