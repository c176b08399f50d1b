//! A jump of the clock, at the desk: what was approved before it may be older than it looks.

use jiff::SignedDuration;

use super::desk::Desk;
use crate::incident::{Decision, DecisionState, Entry, Notice, ProposalId, Settlement};

impl Desk {
    /// Voids what rests on time, if the clock jumped since this was last asked.
    ///
    /// What was approved is void after any jump: how old it is, nobody knows. What still waits for an answer
    /// is void after a jump back, because it would wait longer than people were told.
    pub(super) async fn mind_the_clock(&mut self) -> Result<(), Notice> {
        let slip = self.mint.slip();
        let jumped = slip - self.slip;
        if jumped.is_zero() {
            return Ok(());
        }
        let is_void = |decision: &&Decision| match decision.state {
            DecisionState::Approved { .. } => true,
            DecisionState::Open => jumped.is_negative(),
            _ => false,
        };
        let void: Vec<ProposalId> = self.decisions.iter().filter(is_void).map(|it| it.id).collect();
        let to = Settlement::Superseded { by: None, why: told(jumped).into() };
        tracing::warn!(?jumped, void = void.len(), "the clock of this machine jumped");
        for id in void {
            let entries: Vec<Entry> = self.settling(id, &to)?;
            self.record(entries).await?;
            self.answer_waiting(id, Some(&to));
        }
        // Only now: what could not be recorded is tried again.
        self.slip = slip;
        Ok(())
    }
}

fn told(jumped: SignedDuration) -> String {
    let (by, where_to) = (SignedDuration::from_secs(jumped.as_secs().abs()), jumped.is_negative());
    let where_to = if where_to { "back" } else { "ahead" };
    format!("the clock of this machine jumped {where_to} by {by:#}, or it slept: ask again")
}
