//! The nouns of an incident, pure: no input or output, no clock, no randomness.
//!
//! An [`Entry`] is the one thing that is ever stored; everything else is folded from entries:
//! [`Timeline`], [`Decisions`], [`handoffs`], [`Incident`]. The nouns derive serde and schemars and are
//! the published contract: a change of shape is a new version with a reader for the old.
//!
//! Text that anybody else wrote is [`Untrusted`] and cannot be drawn; [`Untrusted::show`] makes it
//! [`Safe`]. Every verdict passes [`decide()`].

mod actor;
mod as_text;
mod canonical;
mod decide;
#[cfg(test)]
mod decide_tests;
mod decision;
mod entry;
mod envelope;
mod exchange;
mod handoff;
mod handoff_fold;
mod id;
mod notice;
mod overview;
mod policy;
mod precedent;
mod proposal;
mod query;
#[cfg(test)]
pub(crate) mod samples;
mod severity;
mod text;
mod timeline;
mod verdict;

pub use actor::{Actor, ActorError, ActorKind, Principal, Proof};
pub use canonical::{Canonical, CanonicalError, Digest, DigestError};
pub use decide::{Refusal, Ruling, decide};
pub use decision::{Decision, DecisionState, Decisions, Given};
pub use entry::{
    Action, Alert, Body, Change, Correction, Entry, Evidence, EvidenceSource, Finding, Handed,
    Hypothesis, ItemLink, Kind, Origin, Resolution, Sample, Standing, Status,
};
pub use envelope::{
    ClaimedActor, Decoded, Details, Doubt, Miss, NearMiss, Page, Part, Trailer, TypedCommand,
    decode, encode, encode_with, from_pieces, into_pieces, neutralise, payload, typed_command,
    with_payload,
};
pub use exchange::{Call, Exchange, ExchangeEvent, Exchanged, MOST_PROGRESS, Outcome, Turn};
pub use handoff::{
    EvidenceLink, HandoffContext, HandoffResult, HandoffState, HandoffStep, HopError, MOST_HOPS,
    PAYLOAD_VERSION,
};
pub use handoff_fold::{Handoff, apply_handoff, handoffs};
pub use id::{CallId, EntryId, HandoffId, IdError, IncidentId, ProposalId, RunId};
pub use notice::{Notice, Trouble};
pub use overview::Incident;
pub use policy::{Asking, Effect, Gate, Mode, Policy, Rule, Tier};
pub use precedent::{Alike, Precedent};
pub use proposal::{
    Ask, Basis, Effects, Expectation, Preview, Proposal, Remedy, Required, Risk, Target,
    Verification,
};
pub use query::{Hit, Query};
pub use severity::{IncidentStatus, Severity};
pub use text::{Blanks, Lines, Manner, Safe, Uninspectable, Untrusted, inspectable};
pub use timeline::{Arrival, Cursor, Timeline};
pub use verdict::{Answer, Helped, Redirect, Settlement, Stage, Verdict};
