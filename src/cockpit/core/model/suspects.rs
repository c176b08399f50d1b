//! The hypotheses of an incident, folded from its findings: where each stands, and how it came there.

use std::collections::BTreeMap;

use super::watched::Watched;
use crate::incident::{Body, EntryId, Standing, Untrusted};

/// One possible cause.
#[derive(Debug, Clone, PartialEq)]
pub struct Suspect {
    /// Its short name.
    pub name: String,
    /// What it claims.
    pub claim: Untrusted,
    /// Where it stands.
    pub standing: Standing,
    /// How sure its author is, in percent.
    pub percent: Option<u8>,
    /// The findings about it, oldest first.
    pub findings: Vec<EntryId>,
    /// How sure its author was with each finding, in percent.
    pub course: Vec<u8>,
}

/// The hypotheses: confirmed ones first, then the likelier ones, those ruled out last.
pub fn suspects(watched: &Watched) -> Vec<Suspect> {
    let mut known: BTreeMap<String, Suspect> = BTreeMap::new();
    let findings = watched.links.findings().iter().filter_map(|id| watched.timeline.get(*id));
    for entry in findings {
        let Body::Finding(finding) = &entry.body else { continue };
        let Some(hypothesis) = &finding.hypothesis else { continue };
        let suspect = known.entry(hypothesis.name.clone()).or_insert_with(|| Suspect {
            name: hypothesis.name.clone(),
            claim: hypothesis.claim.clone(),
            standing: hypothesis.standing,
            percent: None,
            findings: Vec::new(),
            course: Vec::new(),
        });
        suspect.standing = hypothesis.standing;
        suspect.percent = finding.confidence_percent.or(suspect.percent);
        suspect.findings.push(entry.id);
        suspect.course.extend(finding.confidence_percent);
    }
    let mut suspects: Vec<Suspect> = known.into_values().collect();
    suspects.sort_by_key(|suspect| (rank(suspect.standing), std::cmp::Reverse(suspect.percent)));
    suspects
}

fn rank(standing: Standing) -> u8 {
    match standing {
        Standing::Confirmed => 0,
        Standing::Strengthened => 1,
        Standing::Open => 2,
        Standing::Weakened => 3,
        Standing::RuledOut => 4,
    }
}
