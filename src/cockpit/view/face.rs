//! Faces: every state as a shape, a word, and a role, so that no meaning hangs on colour alone.
//!
//! All shapes are one column wide and none has an emoji form.

use super::ink::{Row, Words, named, ours};
use crate::cockpit::theme::Role;
use crate::incident::{
    Actor, ActorKind, DecisionState, HandoffState, Helped, IncidentStatus, Risk, Severity, Standing,
};
use crate::wire::DeliveryStage;

/// A state as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Face {
    pub(super) glyph: &'static str,
    pub(super) word: &'static str,
    pub(super) role: Role,
}

/// Waits for a person.
pub(super) const WAITS: Face = Face { glyph: "◆", word: "waits for you", role: Role::Pending };

impl Face {
    fn new(glyph: &'static str, word: &'static str, role: Role) -> Self {
        Self { glyph, word, role }
    }

    /// Shape and word.
    pub(super) fn row(self) -> Row {
        Row::of(self.role, ours(format!("{} {}", self.glyph, self.word)))
    }

    /// The shape alone, for where the word stands beside it already.
    pub(super) fn shape(self) -> Row {
        Row::of(self.role, self.glyph)
    }
}

/// How bad it is: the fuller and higher the triangle, the worse.
pub(super) fn severity(severity: Severity) -> Face {
    let (glyph, role) = match severity {
        Severity::Sev1 => ("▲", Role::Severity1),
        Severity::Sev2 => ("▲", Role::Severity2),
        Severity::Sev3 => ("△", Role::Severity3),
        Severity::Sev4 => ("▽", Role::Severity4),
    };
    Face::new(glyph, severity.word(), role)
}

/// Where an incident stands: a disc that fills up until it is resolved.
pub(super) fn status(status: IncidentStatus) -> Face {
    let (glyph, role) = match status {
        IncidentStatus::Investigating => ("◔", Role::Text),
        IncidentStatus::Mitigating => ("◑", Role::Text),
        IncidentStatus::Verifying => ("◕", Role::Text),
        IncidentStatus::Resolved => ("✓", Role::Ok),
        IncidentStatus::NeedsPerson => ("◆", Role::Pending),
        IncidentStatus::TakenOver => ("●", Role::Human),
    };
    Face::new(glyph, status.word(), role)
}

/// Where a decision stands.
pub(super) fn decision(state: &DecisionState) -> Face {
    let (glyph, role) = match state {
        DecisionState::Open => return WAITS,
        DecisionState::Approved { .. } => ("✓", Role::Approved),
        DecisionState::Denied { .. } => ("✗", Role::Refused),
        DecisionState::Redirected { .. } => ("↷", Role::Human),
        DecisionState::Answered { .. } => ("✓", Role::Human),
        DecisionState::Expired => ("○", Role::Refused),
        DecisionState::Withdrawn | DecisionState::Superseded => ("○", Role::Muted),
        DecisionState::Dispatching | DecisionState::Executed { ok: true } => ("»", Role::Approved),
        DecisionState::Verified { helped: Helped::Yes } => ("✓", Role::Ok),
        DecisionState::Executed { ok: false } | DecisionState::Verified { helped: Helped::No } => {
            ("✗", Role::Failed)
        }
        DecisionState::Verified { helped: Helped::Unknown } | DecisionState::Unknown => {
            ("?", Role::Warn)
        }
    };
    Face::new(glyph, state.word(), role)
}

/// How dangerous it is: one bar for every level.
pub(super) fn risk(risk: Risk) -> Face {
    let (glyph, word, role) = match risk {
        Risk::Read => ("▁", "read only", Role::Muted),
        Risk::Low => ("▂", "low risk", Role::Muted),
        Risk::Medium => ("▄", "medium risk", Role::Text),
        Risk::High => ("▆", "high risk", Role::Warn),
        Risk::Critical => ("█", "critical risk", Role::Failed),
    };
    Face::new(glyph, word, role)
}

/// Where a handoff stands.
pub(super) fn handoff(state: HandoffState) -> Face {
    let (glyph, role) = match state {
        HandoffState::Offered => ("⇢", Role::Pending),
        HandoffState::Approved => ("✓", Role::Approved),
        HandoffState::Redirected => ("↷", Role::Human),
        HandoffState::TakenOver => ("●", Role::Human),
        HandoffState::Refused => ("✗", Role::Refused),
        HandoffState::Declined | HandoffState::Failed => ("✗", Role::Failed),
        HandoffState::Accepted | HandoffState::Working => ("⇢", Role::Partner),
        HandoffState::Returned => ("⇠", Role::Ok),
        HandoffState::Expired => ("○", Role::Refused),
    };
    Face::new(glyph, state.word(), role)
}

/// How far an entry is on its way to a tracker.
pub(super) fn delivery(stage: &DeliveryStage) -> Face {
    let (glyph, role) = match stage {
        DeliveryStage::Owed { .. } | DeliveryStage::Sending { .. } => ("↑", Role::Owed),
        DeliveryStage::Ambiguous { .. } => ("?", Role::Warn),
        DeliveryStage::Written { .. } => ("✓", Role::Muted),
        DeliveryStage::Parked { .. } => ("✗", Role::Failed),
        DeliveryStage::Dropped { .. } => ("–", Role::Muted),
    };
    Face::new(glyph, stage.word(), role)
}

/// Where a hypothesis stands.
pub(super) fn standing(standing: Standing) -> Face {
    let (glyph, role) = match standing {
        Standing::Open => ("○", Role::Muted),
        Standing::Strengthened => ("↗", Role::Text),
        Standing::Weakened => ("↘", Role::Warn),
        Standing::RuledOut => ("✗", Role::Muted),
        Standing::Confirmed => ("✓", Role::Ok),
    };
    Face::new(glyph, standing.word(), role)
}

/// Who an actor is to this incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Human,
    Primary,
    Partner,
    System,
}

impl Part {
    /// Partners are the agents that the hub says can be called; every other agent owns its incident.
    pub(super) fn of(actor: &Actor, partners: &[String]) -> Self {
        match actor.kind() {
            ActorKind::Human => Self::Human,
            ActorKind::System => Self::System,
            ActorKind::Agent if is_partner(actor, partners) => Self::Partner,
            ActorKind::Agent => Self::Primary,
        }
    }

    /// Agents face each other; a person is a full disc.
    pub(super) fn glyph(self) -> &'static str {
        match self {
            Self::Human => "●",
            Self::Primary => "▸",
            Self::Partner => "◂",
            Self::System => "·",
        }
    }

    /// How what it does looks.
    pub(super) fn role(self) -> Role {
        match self {
            Self::Human => Role::Human,
            Self::Primary => Role::Primary,
            Self::Partner => Role::Partner,
            Self::System => Role::System,
        }
    }
}

fn is_partner(actor: &Actor, partners: &[String]) -> bool {
    partners.iter().any(|partner| *partner == actor.name() || *partner == actor.handle())
}

/// An actor's name; names are checked when they are made, and shown like all text from outside.
pub(super) fn who(actor: &Actor) -> Words {
    named(&actor.handle()).into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cockpit::core::fixture::{ms, remedy};
    use crate::cockpit::view::ink::columns;
    use crate::incident::Redirect;

    #[test]
    fn every_shape_is_one_column_wide_and_no_emoji() {
        let faces = [
            [Severity::Sev1, Severity::Sev2, Severity::Sev3, Severity::Sev4].map(severity),
            [Risk::Low, Risk::Medium, Risk::High, Risk::Critical].map(risk),
        ];
        for face in faces.iter().flatten() {
            assert_eq!(columns(face.glyph), 1, "{face:?}");
            assert_eq!(face.glyph.chars().count(), 1, "{face:?}");
        }
    }

    #[test]
    fn no_two_states_of_a_thing_are_told_apart_by_colour_alone() {
        use {HandoffState as H, IncidentStatus as I, Severity as S, Standing as T};
        let done = |ok| DecisionState::Executed { ok };
        let measured = |helped| DecisionState::Verified { helped };
        let redirect = Redirect::Partner { to: "changes".to_owned() };
        let decisions = [
            DecisionState::Open,
            DecisionState::Approved { digest: remedy().digest(), args: None },
            DecisionState::Denied { reason: "no".into() },
            DecisionState::Redirected { redirect },
            DecisionState::Answered { text: "yes".into() },
            DecisionState::Expired,
            DecisionState::Withdrawn,
            DecisionState::Superseded,
            DecisionState::Dispatching,
            done(true),
            done(false),
            measured(Helped::Yes),
            measured(Helped::No),
            measured(Helped::Unknown),
            DecisionState::Unknown,
        ];
        let why = String::new();
        let stages = [
            DeliveryStage::Owed { retry_at: None, why: None },
            DeliveryStage::Sending { text: None },
            DeliveryStage::Ambiguous { settle_at: ms(0) },
            DeliveryStage::Written { remote: why.clone() },
            DeliveryStage::Parked { why: why.clone() },
            DeliveryStage::Dropped { why },
        ];
        for faces in [
            decisions.iter().map(decision).collect::<Vec<_>>(),
            stages.iter().map(delivery).collect(),
            [S::Sev1, S::Sev2, S::Sev3, S::Sev4].map(severity).to_vec(),
            [Risk::Read, Risk::Low, Risk::Medium, Risk::High, Risk::Critical].map(risk).to_vec(),
            [I::Investigating, I::Mitigating, I::Verifying, I::Resolved, I::NeedsPerson]
                .map(status)
                .to_vec(),
            [T::Open, T::Strengthened, T::Weakened, T::RuledOut, T::Confirmed]
                .map(standing)
                .to_vec(),
            [H::Offered, H::Approved, H::Redirected, H::TakenOver, H::Refused, H::Accepted]
                .into_iter()
                .chain([H::Declined, H::Working, H::Returned, H::Failed, H::Expired])
                .map(handoff)
                .collect(),
        ] {
            let words: BTreeSet<_> = faces.iter().map(|face| face.word).collect();
            assert_eq!(words.len(), faces.len(), "{faces:?}");
        }
    }

    #[test]
    fn a_partner_is_an_agent_that_can_be_called() {
        let partners = ["telemetry".to_owned()];
        let part = |text: &str| Part::of(&text.parse().unwrap(), &partners);
        assert_eq!(part("agent:telemetry@eu1"), Part::Partner);
        assert_eq!(part("agent:primary@eu1"), Part::Primary);
        assert_eq!(part("human:on-call"), Part::Human);
    }
}
